namespace Muster.Contacts;

/// <summary>One rule of a mapping: where text comes from (a column, several, or nowhere) and which field, or fields, it goes to. docs/formats-mapping.md explains every form.</summary>
public sealed record MappingRule
{
    /// <summary>The column's name.</summary>
    public string? Column { get; init; }

    /// <summary>Several columns for one field: joined by <see cref="Separator"/>, or, without one, the first that is not blank.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>A text for every row, instead of a column.</summary>
    public string? Value { get; init; }

    /// <summary>The field: email, field:NAME, ignore, … ; or lists or tags, for a column of their names; lists:remove, tags:remove for one that takes away.</summary>
    public string? Field { get; init; }

    /// <summary>Several fields for one column: its parts by <see cref="Separator"/>; without one, first_name and last_name of a whole name.</summary>
    public IReadOnlyList<string>? Fields { get; init; }

    /// <summary>What stands between parts.</summary>
    public string? Separator { get; init; }

    /// <summary>text, number, date or boolean: what a custom field is made as when it is missing.</summary>
    public string? Type { get; init; }

    /// <summary>add (default) or remove: what a column of lists or tags does.</summary>
    public string? Action { get; init; }
}
