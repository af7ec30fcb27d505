using Muster.Contacts;

namespace Muster.Merging;

/// <summary>A contact's values as a store shows them; empty where it has none.</summary>
/// <param name="phone">E.164 digits, or 0.</param>
public readonly ref struct StoredValues(long phone)
{
    public long Phone { get; } = phone;
    public ReadOnlySpan<byte> Email { get; init; }
    public ReadOnlySpan<byte> ExternalId { get; init; }
    public ReadOnlySpan<byte> FirstName { get; init; }
    public ReadOnlySpan<byte> LastName { get; init; }
    public ReadOnlySpan<byte> Company { get; init; }

    /// <summary>As <see cref="MatchedContacts.Fields"/>.</summary>
    public ReadOnlySpan<byte> Fields { get; init; }

    public ReadOnlySpan<byte> Consent { get; init; }

    /// <summary>Whether a row says nothing but what the contact holds: whatever the rules, it leaves it as it is.</summary>
    public bool HoldAll(RowBlock rows, int row) =>
        Consent.IsEmpty && rows.Consent[row] == 0
        && (rows.Cell(row, BuiltInField.Phone).IsAbsent || rows.Phone[row] == Phone)
        && Holds(rows, row, BuiltInField.Email, Email) && Holds(rows, row, BuiltInField.ExternalId, ExternalId)
        && Holds(rows, row, BuiltInField.FirstName, FirstName) && Holds(rows, row, BuiltInField.LastName, LastName) && Holds(rows, row, BuiltInField.Company, Company)
        && (rows.CustomFields.Length == 0 || (rows.Utf8(rows.Fields[row]).SequenceEqual(Fields) && !rows.ClearsAnyCustom(row)));

    static bool Holds(RowBlock rows, int row, BuiltInField field, ReadOnlySpan<byte> value) =>
        rows.Cell(row, field) is var cell && (cell.IsAbsent || rows.Utf8(cell).SequenceEqual(value));
}
