using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Muster.Contacts;
using Muster.Mapping;
using Muster.Server.Api;
using Muster.Server.Auth;
using Muster.Validation.Phones;

namespace Muster.Server.Facades.Cellcast;

/// <summary>How Cellcast writes answers, numbers, ids and the names of fields.</summary>
static class CellcastWire
{
    static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Members of a contact in <c>contact/bulk</c> that are fields every contact has.</summary>
    static readonly Dictionary<string, BuiltInField> BuiltIn = new(StringComparer.Ordinal)
    {
        ["phone_number"] = BuiltInField.Phone, ["first_name"] = BuiltInField.FirstName, ["last_name"] = BuiltInField.LastName, ["email"] = BuiltInField.Email, ["company"] = BuiltInField.Company,
    };

    /// <summary>Names that a contact of <c>contact/bulk</c> may bear, as the vendor spells them.</summary>
    public static IEnumerable<string> Members => BuiltIn.Keys.Concat(["tags", "list"]);

    /// <summary>The same fields under the names that API v2 has for them, in its order; Birthday is a custom field like the dynamic ones.</summary>
    public static readonly IReadOnlyList<(string Wire, string Field)> StaticFields =
        [("Number", "phone"), ("First Name", "first_name"), ("Last Name", "last_name"), ("Birthday", "field:birthday"), ("Email", "email")];

    /// <summary>Dynamic fields that v1 and v2 spell differently.</summary>
    static readonly (string Wire, string Field)[] Spelled = [("Birthday", "birthday"), ("Address", "address"), ("Postal Code", "postal_code"), ("Gender", "gender"), ("Purchase", "purchase")];

    public static Task WriteAsync(HttpContext context, int status, Action<Utf8JsonWriter> write)
    {
        var body = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(body, Plain))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        return Facade.WriteJsonAsync(context, status, body.WrittenMemory);
    }

    /// <summary>The national number without its 0 where the country is the façade's own; elsewhere the digits behind the plus.</summary>
    public static string? Number(long? phone, string region)
    {
        if (phone is not { } digits)
            return null;
        var text = digits.ToString(CultureInfo.InvariantCulture);
        return PhoneNumber.RegionOf(digits).Code.Equals(region, StringComparison.OrdinalIgnoreCase) && PhoneNumber.CallingCodeOf(digits) is { } code
            ? text[code.ToString(CultureInfo.InvariantCulture).Length..] : text;
    }

    /// <summary>Where a member of a v1 contact goes: unknown ones become fields of their names.</summary>
    public static FieldTarget TargetOf(string member)
    {
        if (BuiltIn.TryGetValue(member, out var field))
            return FieldTarget.To(field);
        if (!FieldTarget.TryParse("field:" + member, out var target) || target.Name is not { } name)
            return FieldTarget.Ignored;
        return FieldTarget.IsReserved(name) ? FieldTarget.ToCustom(name + "_2") : target;
    }

    /// <summary>The engine's name of what a v2 contact calls a member; v1's names are understood, too.</summary>
    public static string FieldOf(string member)
    {
        var known = StaticFields.FirstOrDefault(f => f.Wire.Equals(member, StringComparison.OrdinalIgnoreCase)).Field;
        var spelled = Spelled.FirstOrDefault(f => f.Wire.Equals(member, StringComparison.OrdinalIgnoreCase)).Field;
        return known ?? (spelled is null ? TargetOf(member).ToString() : "field:" + spelled);
    }

    /// <summary>How v2 writes a custom field's name.</summary>
    public static string NameOf(FieldDefinition field) => Spelled.FirstOrDefault(f => f.Field.Equals(field.Name, StringComparison.OrdinalIgnoreCase)).Wire ?? field.Name;

    /// <summary>Names as an array, a single text, or what stands for none: null, an empty text, or nothing at all.</summary>
    public static string[] Names(JsonElement body, string member)
    {
        if (!body.TryGetProperty(member, out var value))
            return [];
        var texts = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(JsonBody.Text) : [JsonBody.Text(value)];
        return [.. texts.Select(t => t?.Trim()).OfType<string>().Where(t => t.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase)];
    }

    public static int QueryNumber(IQueryCollection query, string name, int least, int most, int standard)
    {
        if (query[name].FirstOrDefault() is not { Length: > 0 } text)
            return standard;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number : throw new RefusedException(Refusal.Of(400, "invalid_parameter", most == int.MaxValue ? $"{name} must be a whole number from {least}" : $"{name} must be a whole number from {least} to {most}"));
    }

    public static void Place(Utf8JsonWriter json, string name, int? page)
    {
        json.WritePropertyName(name);
        if (page is { } number)
            json.WriteNumberValue(number);
        else
            json.WriteNullValue();
    }
}

/// <summary>Who asks: what every handler of the façade begins with.</summary>
sealed record CellcastCaller(Account Account)
{
    public static ValueTask<CellcastCaller> BindAsync(HttpContext context) => ValueTask.FromResult(
        new CellcastCaller(context.Features.Get<Caller>()?.Account ?? throw new InvalidOperationException("The route asks for no key.")));
}
