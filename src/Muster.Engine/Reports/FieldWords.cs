using System.Text.Json;
using Muster.Contacts;
using Muster.Merging;

namespace Muster.Reports;

/// <summary>How reports name the fields of a ledger, and show what they hold.</summary>
static class FieldWords
{
    /// <summary>email, phone, …, consent, or field:NAME; field:#7 for a custom field that is gone.</summary>
    /// <param name="field">As in <see cref="FieldChange"/>.</param>
    public static string NameOf(int field, IReadOnlyDictionary<int, string> names) => field switch
    {
        < RowBlock.BuiltInSlots => JsonNamingPolicy.SnakeCaseLower.ConvertName(((BuiltInField)field).ToString()),
        FieldChange.Consent => "consent",
        _ => "field:" + names.GetValueOrDefault(field - FieldChange.CustomFieldBase, $"#{field - FieldChange.CustomFieldBase}"),
    };

    /// <summary>A phone number with its plus, a custom text as it is, any other custom value as its JSON.</summary>
    /// <param name="stored">As a ledger holds it; null: the field is empty.</param>
    public static string? Shown(int field, string? stored)
    {
        if (stored is null)
            return null;
        if (field == (int)BuiltInField.Phone)
            return "+" + stored;
        return field >= FieldChange.CustomFieldBase && stored.StartsWith('"') ? JsonSerializer.Deserialize<string>(stored) : stored;
    }
}
