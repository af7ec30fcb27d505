using Muster.Contacts;

namespace Muster.Merging;

/// <summary>Which rows may do what: create and update, only create, only update.</summary>
public enum ImportMode : byte { Upsert, CreateOnly, UpdateOnly }

/// <summary>What a value does to the one that is there.</summary>
public enum MergePolicy : byte
{
    /// <summary>Replaces it.</summary>
    Overwrite,

    /// <summary>Goes in only where there is none.</summary>
    FillEmpty,

    /// <summary>Is used for new contacts only.</summary>
    Keep,

    /// <summary>Adds to it, as to a set: see <see cref="ValueSet"/>. A cell that clears, clears.</summary>
    Append,
}

/// <summary>How the rows of one import meet the contacts that are there. Frozen with the import's options.</summary>
/// <param name="BuiltIn">Policy by <see cref="BuiltInField"/>.</param>
/// <param name="Custom">Policy by index into the block's custom fields.</param>
public sealed record MergeRules(KeyKind Match, ImportMode Mode, MergePolicy[] BuiltIn, MergePolicy[] Custom)
{
    /// <summary>All kinds of keys that rows are matched by, in order; <see cref="Match"/> is the first.</summary>
    public KeyKind[] Kinds { get; init; } = [Match];

    /// <summary>What rows may do to consent.</summary>
    public ConsentRules? Consent { get; init; }

    /// <summary>A row whose contact is in every list of the import already is a duplicate and changes nothing.</summary>
    public bool SkipsMembers { get; init; }

    public static MergeRules Overwriting(KeyKind match, int customFields) =>
        new(match, ImportMode.Upsert, new MergePolicy[RowBlock.BuiltInSlots], new MergePolicy[customFields]);
}
