using System.Globalization;
using System.Text;
using Muster.Contacts;
using Muster.Merging;

namespace Muster.Jobs;

/// <summary>What a field held after a row, from the row itself and the value before: the ledger keeps only the latter.</summary>
/// <remarks>A field that the ledger names as changed took the row's value, lost it, or united both; which of these, policy and cell decide alone.</remarks>
sealed class AfterValues(MergeRules rules)
{
    readonly ValueSet valueSet = new();
    readonly ConsentMerge? consent = rules.Consent is null ? null : new(rules.Consent);

    /// <summary>The value as a ledger would hold it; null: empty.</summary>
    /// <param name="rows">The row, read again, as the block's only one.</param>
    /// <param name="field">As in <see cref="FieldChange"/>.</param>
    public string? Of(RowBlock rows, int field, string? before) => field switch
    {
        (int)BuiltInField.Phone => rows.Phone[0] == 0 ? null : rows.Phone[0].ToString(CultureInfo.InvariantCulture),
        < RowBlock.BuiltInSlots => Text(rows, rows.Cell(0, (BuiltInField)field), rules.BuiltIn[field], before),
        FieldChange.Consent => Consent(rows, before),
        _ when Array.BinarySearch(rows.CustomFields, field - FieldChange.CustomFieldBase) is >= 0 and var index => Custom(rows, index, before),
        _ => null,
    };

    /// <summary>Fields that a contact begins with when the row makes it, in order.</summary>
    public IEnumerable<(int Field, string Value)> OfNew(RowBlock rows)
    {
        for (var field = 0; field < RowBlock.BuiltInSlots; field++)
        {
            if (Of(rows, field, null) is { } value)
                yield return (field, value);
        }
        if (Consent(rows, null) is { } said)
            yield return (FieldChange.Consent, said);
        foreach (var id in rows.CustomFields)
        {
            if (Of(rows, FieldChange.CustomFieldBase + id, null) is { } value)
                yield return (FieldChange.CustomFieldBase + id, value);
        }
    }

    string? Text(RowBlock rows, TextSpan cell, MergePolicy policy, string? before)
    {
        if (!cell.HasValue)
            return null;
        return policy == MergePolicy.Append && before is not null ? United(before, rows.Utf8(cell)) : Encoding.UTF8.GetString(rows.Utf8(cell));
    }

    string? Custom(RowBlock rows, int index, string? before)
    {
        var cell = rows.CustomCell(0, index);
        if (!cell.HasValue)
            return null;
        var value = rows.Utf8(cell);
        return rules.Custom[index] == MergePolicy.Append && before is ['"', .. var inner, '"']
            ? $"\"{United(inner, value[1..^1])}\"" : Encoding.UTF8.GetString(value);
    }

    string United(string before, ReadOnlySpan<byte> incoming)
    {
        _ = valueSet.TryUnite(Encoding.UTF8.GetBytes(before), incoming, out _);
        return Encoding.UTF8.GetString(valueSet.Union);
    }

    /// <summary>Who could be reached mattered only to whether anything changed, which the ledger has told.</summary>
    string? Consent(RowBlock rows, string? before) =>
        consent is not null && rows.Consent[0] != 0 && consent.TryMerge(rows.Consent[0], Encoding.UTF8.GetBytes(before ?? ""), ConsentJson.Reach(hasEmail: true, hasPhone: true), out _)
            ? Encoding.UTF8.GetString(consent.Merged) : null;
}
