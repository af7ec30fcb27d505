using Muster.Contacts;

namespace Muster.Mapping;

/// <summary>How the text of a field is made when it is not simply a column's.</summary>
public enum DerivedKind
{
    /// <summary>The same text in every row.</summary>
    Constant,

    /// <summary>The first of several columns that is not blank.</summary>
    First,

    /// <summary>Several columns with a text between.</summary>
    Joined,

    /// <summary>A part of a column that a text parts.</summary>
    Part,

    /// <summary>The given name of a whole name.</summary>
    GivenName,

    /// <summary>The family name of a whole name.</summary>
    FamilyName,
}

/// <summary>A field whose text a mapping rule makes.</summary>
/// <param name="Columns">Indexes of the columns that it is made of; none for a constant.</param>
/// <param name="Text">The constant, or the separator.</param>
/// <param name="Part">Which part, from 0.</param>
/// <param name="IsLastPart">The last part takes what is left.</param>
/// <param name="Type">What a missing custom field is made as.</param>
public sealed record DerivedField(FieldTarget Target, DerivedKind Kind, IReadOnlyList<int> Columns, string? Text, int Part, bool IsLastPart, FieldType? Type);
