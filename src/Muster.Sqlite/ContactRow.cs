using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Muster.Contacts;

namespace Muster.Sqlite;

/// <summary>A contact as a row of its table, before names are put to its fields, lists and tags.</summary>
sealed record ContactRow(
    int Id, long? Phone, string? Email, string? ExternalId, string? FirstName, string? LastName, string? Company, string? Fields,
    int Rev, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, string? Consent)
{
    /// <summary>Columns of the contact named <c>c</c>, in the order of <see cref="Read"/>.</summary>
    public const string Columns =
        "SELECT c.id & 4294967295, c.phone, c.email, c.external_id, c.first_name, c.last_name, c.company, c.fields, c.rev, c.created_at, c.updated_at, c.consent";

    public static ContactRow Read(SqliteDataReader r) => new(
        r.GetInt32(0), r.Number(1), r.Text(2), r.Text(3), r.Text(4), r.Text(5), r.Text(6), r.Text(7), r.GetInt32(8), r.Time(9), r.Time(10), r.Text(11));

    /// <summary>An account's contacts lie together: the account in the high half, the contact's number in the low one.</summary>
    public static long RowId(int accountId, int contactId) => (long)accountId << 32 | (uint)contactId;

    /// <param name="fieldNames">Names of the account's custom fields by id. A value whose field is gone is left out.</param>
    public Contact ToContact(IReadOnlyDictionary<int, string> fieldNames, IReadOnlyList<string> lists, IReadOnlyList<string> tags) => new(
        Id, Phone, Email, ExternalId, FirstName, LastName, Company, ReadFields(Fields, fieldNames), lists, tags, Rev, CreatedAt, UpdatedAt)
    {
        Consent = Merging.ConsentJson.Read(Consent),
    };

    static Dictionary<string, object> ReadFields(string? json, IReadOnlyDictionary<int, string> names)
    {
        var values = new Dictionary<string, object>(StringComparer.OrdinalIgnoreCase);
        if (json is null)
            return values;
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var id = int.Parse(reader.GetString()!, NumberStyles.None, CultureInfo.InvariantCulture); // a property has a name
            reader.Read();
            if (names.TryGetValue(id, out var name) && ReadValue(ref reader) is { } value)
                values[name] = value;
            else
                reader.TrySkip();
        }
        return values;
    }

    static object? ReadValue(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString(),
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        JsonTokenType.Number => ReadNumber(Encoding.UTF8.GetString(reader.ValueSpan)),
        _ => null,
    };

    /// <summary>Whole numbers as long, others as decimal; the text itself where neither would print as it was written.</summary>
    static object ReadNumber(string text)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) && whole.ToString(CultureInfo.InvariantCulture) == text)
            return whole;
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        if (decimal.TryParse(text, Style, CultureInfo.InvariantCulture, out var number) && number.ToString(CultureInfo.InvariantCulture) == text)
            return number;
        return text;
    }
}
