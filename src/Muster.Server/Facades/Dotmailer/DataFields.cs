using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Muster.Contacts;
using Muster.Mapping;

namespace Muster.Server.Facades.Dotmailer;

/// <summary>A data field of the vendor's, and the engine's field that holds it.</summary>
/// <param name="Target">As a mapping names it: first_name, field:CITY.</param>
sealed record DataField(string Name, FieldType Type, Visibility Visibility, string? DefaultValue, string Target, int Id = 0);

/// <summary>An account's data fields as this wire names them: those that every account of the vendor's has, then the account's custom fields.</summary>
sealed partial class DataFields
{
    public const string OptInType = "optInType";
    public const string EmailType = "emailType";
    public const int TextLengthMax = 255;
    const string Preference = "Preference:";

    static readonly DataField[] Reserved =
    [
        new("FIRSTNAME", FieldType.Text, Visibility.Public, null, "first_name"),
        new("LASTNAME", FieldType.Text, Visibility.Public, null, "last_name"),
        new("FULLNAME", FieldType.Text, Visibility.Public, null, "field:FULLNAME"),
        new("GENDER", FieldType.Text, Visibility.Public, null, "field:GENDER"),
        new("POSTCODE", FieldType.Text, Visibility.Public, null, "field:POSTCODE"),
        new("LASTSUBSCRIBED", FieldType.Date, Visibility.Private, null, "field:LASTSUBSCRIBED"),
    ];

    /// <summary>What stands beside data fields in a file: kept as custom fields, and told where the vendor tells it.</summary>
    static readonly string[] Beside = [OptInType, EmailType, "CONSENTTEXT", "CONSENTURL", "CONSENTDATETIME", "CONSENTIP", "CONSENTUSERAGENT"];

    readonly List<DataField> all;

    public DataFields(IReadOnlyList<FieldDefinition> custom)
    {
        all = [.. Reserved];
        foreach (var field in custom)
        {
            var at = all.FindIndex(f => f.Name.Equals(field.Name, StringComparison.OrdinalIgnoreCase));
            // A field called as one of Muster's own was declared here for that one: it has its values there.
            var target = FieldTarget.IsReserved(field.Name) ? field.Name.ToLowerInvariant() : "field:" + field.Name;
            if (at >= 0 && all[at].Id == 0)
                all[at] = all[at] with { Id = field.Id };
            else if (at < 0 && !IsBeside(field.Name) && target != "email")
                all.Add(new(field.Name, field.Type, field.Visibility, field.DefaultValue, target, field.Id));
        }
    }

    public IReadOnlyList<DataField> All => all;

    public static bool IsReserved(string name) => Array.Exists(Reserved, f => f.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    public static bool IsBeside(string name) => Array.Exists(Beside, n => n.Equals(name, StringComparison.OrdinalIgnoreCase)) || name.StartsWith(Preference, StringComparison.OrdinalIgnoreCase);

    public DataField? Find(string? name) => all.Find(f => f.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Where a column or key of that name goes; null when no field is known for it.</summary>
    public string? TargetOf(string name)
    {
        if (Find(name) is { } field)
            return field.Target;
        if (Array.Find(Beside, n => n.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } beside)
            return "field:" + beside;
        return name.StartsWith(Preference, StringComparison.OrdinalIgnoreCase) && name.Length > Preference.Length ? "field:" + name : null;
    }

    /// <summary>Every data field with the contact's value, or null.</summary>
    public List<ApiData> Of(Contact contact) => [.. all.Select(f => new ApiData(f.Name, ValueOf(contact, f)))];

    static JsonValue? ValueOf(Contact contact, DataField field) => field.Target switch
    {
        "first_name" => Text(contact.FirstName),
        "last_name" => Text(contact.LastName),
        "company" => Text(contact.Company),
        "external_id" => Text(contact.ExternalId),
        "phone" => contact.Phone is { } phone ? JsonValue.Create("+" + phone.ToString(CultureInfo.InvariantCulture)) : null,
        _ => contact.Fields.TryGetValue(field.Target["field:".Length..], out var value) ? Value(value) : null,
    };

    static JsonValue? Text(string? text) => text is null ? null : JsonValue.Create(text);

    static JsonValue? Value(object value) => value switch
    {
        bool flag => JsonValue.Create(flag),
        long number => JsonValue.Create(number),
        int number => JsonValue.Create(number),
        decimal number => JsonValue.Create(number),
        double number => JsonValue.Create(number),
        string text => JsonValue.Create(text),
        JsonElement element => JsonValue.Create(element),
        _ => JsonValue.Create(Convert.ToString(value, CultureInfo.InvariantCulture)),
    };

    /// <summary>A default as the wire shows it: a number or a boolean where the field has those.</summary>
    public static JsonNode? Default(DataField field) => field switch
    {
        { DefaultValue: null } => null,
        { Type: FieldType.Number } when decimal.TryParse(field.DefaultValue, NumberStyles.Number, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
        { Type: FieldType.Boolean } => JsonValue.Create(field.DefaultValue == "true"),
        _ => JsonValue.Create(field.DefaultValue),
    };

    public static string TypeWord(FieldType type) => type switch { FieldType.Number => "Numeric", FieldType.Date => "Date", FieldType.Boolean => "Boolean", _ => "String" };

    public static bool TryType(string? word, out FieldType type)
    {
        (var known, type) = word?.ToUpperInvariant() switch
        {
            "STRING" => (true, FieldType.Text),
            "NUMERIC" => (true, FieldType.Number),
            "DATE" => (true, FieldType.Date),
            "BOOLEAN" => (true, FieldType.Boolean),
            _ => (false, FieldType.Text),
        };
        return known;
    }

    public static bool IsName(string? name) => name is not null && NameForm().IsMatch(name);

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,20}\z")]
    private static partial Regex NameForm();
}
