using System.Collections.Frozen;
using Muster.Contacts;
using Muster.Mapping;
using Muster.Validation;

namespace Muster.Jobs;

/// <summary>Decides for each column, before the first batch, how its dates and numbers are read: as the import says, else as the column's values prove, else as the account says.</summary>
sealed class ColumnReadings(
    ImportOptions options, Account account, IReadOnlyList<FieldDefinition> fields, IReadOnlyDictionary<string, FieldType> declared, IReadOnlyList<ColumnEvidence> evidence)
{
    readonly FrozenDictionary<string, FieldType> types =
        declared.Concat(fields.Select(f => KeyValuePair.Create(f.Name, f.Type))).DistinctBy(f => f.Key, StringComparer.OrdinalIgnoreCase)
            .ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    public List<string> Warnings { get; } = [];

    readonly List<(string Column, string Message, IReadOnlyList<string> Examples)> ambiguous = [];

    /// <summary>The columns whose dates a person should decide on, when they are more than the import's rule allows.</summary>
    public IReadOnlyList<HoldFinding> Findings()
    {
        var limit = options.Hold?.GetValueOrDefault(HoldRules.AmbiguousDates) ?? 0;
        return ambiguous.Count <= limit
            ? []
            : [.. ambiguous.Select(a => new HoldFinding(
                HoldRules.AmbiguousDates, ambiguous.Count, limit, a.Message, [.. a.Examples.Select(e => new HoldExample(null, a.Column, Value: e))], a.Column))];
    }

    /// <summary>The column as the import keeps it.</summary>
    public ImportColumn Read(MappedColumn column)
    {
        var values = evidence[column.Index];
        var read = new ImportColumn(column.Index, column.Column, column.Rule ?? column.Target.ToString(), column.Confidence, column.Reason)
        {
            Type = values.Type, ByRule = column.Rule is not null, Separator = column.Separator, BlankText = column.BlankText,
            Declared = column.Target.Name is { } target && declared.TryGetValue(target, out var asked) ? MappingRules.Types.First(t => t.Value == asked).Key : null,
        };
        if (column.Target is not { Kind: TargetKind.Custom, Name: { } name } || !types.TryGetValue(name, out var type))
            return read;
        return type switch
        {
            FieldType.Date => WithDateOrder(read, values),
            FieldType.Number => WithDecimalSign(read, values),
            _ => read,
        };
    }

    ImportColumn WithDateOrder(ImportColumn column, ColumnEvidence values)
    {
        if (values.Serials > 0)
            Warnings.Add($"The column '{column.Column}' holds day numbers of a spreadsheet, such as 46053; they are read as dates (46053 is 2026-01-31).");
        if (options.DateOrder is { } asked)
            return column with { DateOrder = asked };
        var proven = values.ProvenDateOrder(out var proof);
        if (proven != DateOrder.Unknown)
            return column with { DateOrder = Word(proven), Reason = $"{column.Reason} {proof}" };
        if (values.HasMixedDates)
        {
            ambiguous.Add((column.Column,
                $"Some dates of the column '{column.Column}' can be read with the day first only, some with the month first only. Correct them, or set date_order: what it does not fit is rejected.", values.Examples));
            return column;
        }
        if (account.Settings.DateOrder is { } usual)
            return column with { DateOrder = usual, Reason = $"{column.Reason} Its dates are read as the account says." };
        if (values.HasAmbiguousDates)
        {
            ambiguous.Add((column.Column,
                $"The dates of the column '{column.Column}' can be read with the day or with the month first, and none proves which. Send the source again with date_order, or set the account's.", values.Examples));
        }
        return column;
    }

    ImportColumn WithDecimalSign(ImportColumn column, ColumnEvidence values)
    {
        if (options.DecimalSign is { } asked)
            return column with { DecimalSign = asked };
        if (values.ProvenDecimalSign is not DecimalSign.Unknown and var proven)
            return column with { DecimalSign = proven == DecimalSign.Comma ? "comma" : "point" };
        if (values.HasOpenNumbers)
            Warnings.Add($"Numbers such as 1,234 in the column '{column.Column}' can be read two ways: they are read as 1234, and 1.234 as a number with decimals. Set decimal_sign to read them otherwise.");
        return column;
    }

    static string Word(DateOrder order) => ImportChoices.DateOrders.First(w => w.Value == order).Key;
}
