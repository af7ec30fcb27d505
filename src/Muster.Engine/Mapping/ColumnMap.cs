using Muster.Contacts;

namespace Muster.Mapping;

/// <summary>Where one column of the source goes.</summary>
/// <param name="Index">The column's place, the first being 0.</param>
/// <param name="Column">Its name in the source; <c>column_7</c> when it has none.</param>
/// <param name="Target">The field it goes to.</param>
/// <param name="Confidence">0 to 1: 1 for what the caller said and for a field's own name.</param>
/// <param name="Reason">One sentence for people.</param>
public sealed record MappedColumn(int Index, string Column, FieldTarget Target, double Confidence, string Reason)
{
    /// <summary>What mapping rules make of the column when it does not go to one field as it is: <c>first_name + last_name</c>. Null otherwise.</summary>
    public string? Rule { get; init; }

    /// <summary>What stands between the names in a cell of lists or tags, when a rule says it.</summary>
    public string? Separator { get; init; }

    /// <summary>A text that means nothing in the column, as <see cref="KnownExport.Blanks"/> has it.</summary>
    public string? BlankText { get; init; }
}

/// <summary>Where every column of a source goes, in the source's order. No field has two columns.</summary>
public sealed record ColumnMap(IReadOnlyList<MappedColumn> Columns)
{
    /// <summary>Fields that mapping rules make of several columns, of parts of one, or of none.</summary>
    public IReadOnlyList<DerivedField> Derived { get; init; } = [];

    /// <summary>The product whose export the source is, or null.</summary>
    public KnownExport? Export { get; init; }

    /// <summary>Custom field → what it is made as when it is missing; a field that is not named here is made as text. Names without case.</summary>
    public IReadOnlyDictionary<string, FieldType> Types { get; init; } = new Dictionary<string, FieldType>();

    /// <summary>The column of a built-in field, or −1.</summary>
    public int IndexOf(BuiltInField field)
    {
        foreach (var column in Columns)
        {
            if (column.Target == FieldTarget.To(field))
                return column.Index;
        }

        return -1;
    }

    /// <summary>Columns that go to custom fields as they are, known or new.</summary>
    public IEnumerable<MappedColumn> CustomColumns => Columns.Where(c => c.Target.Kind == TargetKind.Custom);

    public bool Has(BuiltInField field) => IndexOf(field) >= 0 || Derived.Any(d => d.Target == FieldTarget.To(field));
}

/// <summary>What happens to a column that no built-in field is known for.</summary>
public enum UnknownColumns
{
    /// <summary>It goes to the custom field of its name, which is created when it is missing.</summary>
    CreateField,

    /// <summary>It is left out, unless a custom field of its name exists.</summary>
    Ignore,

    /// <summary>The source is refused, unless a custom field of its name exists.</summary>
    Reject,
}

/// <summary>What became of mapping a source's columns.</summary>
public abstract record MappingResult
{
    MappingResult() { }

    public sealed record Mapped(ColumnMap Map) : MappingResult;

    /// <summary>The columns cannot be imported as asked.</summary>
    /// <param name="Code">Why.</param>
    /// <param name="Detail">One sentence that names the columns; never a contact's value.</param>
    /// <param name="Option">Name of the option at fault, or null when the source is.</param>
    /// <param name="Map">Where the columns would go all the same, when that can be said.</param>
    public sealed record Refused(ErrorCode Code, string Detail, string? Option = "mapping", ColumnMap? Map = null) : MappingResult;
}
