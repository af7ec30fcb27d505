using System.Text.Json;
using Muster.Client;
using Muster.Contacts;
using Muster.Jobs;

namespace Muster.Server.Api;

/// <summary>Reads a contact's JSON. Absent leaves a field alone; null, or an empty text, clears it.</summary>
static class ContactReading
{
    static readonly string[] BuiltIn = ["phone", "email", "external_id", "first_name", "last_name", "company"];

    public static async Task<ContactChange> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!request.HasJsonContentType())
            throw new RefusedException(Refusal.Of(415, "unsupported_media_type", "Send the contact as application/json."));
        try
        {
            using var document = await JsonDocument.ParseAsync(request.Body, new() { MaxDepth = 8 }, cancellationToken);
            return Contact(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new RefusedException(Refusal.Of(400, "malformed_json", $"The body is not JSON: malformed at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}."));
        }
    }

    static ContactChange Contact(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object)
            throw Bad("The body must be a JSON object.", null);
        var fields = new Dictionary<string, string?>();
        var consent = new Dictionary<ConsentChannel, ConsentRecord>();
        IReadOnlyList<string>? lists = null, tags = null;
        foreach (var member in body.EnumerateObject())
        {
            switch (member.Name)
            {
                case "lists": lists = Names(member); break;
                case "tags": tags = Names(member); break;
                case "fields": Custom(member.Value, fields); break;
                case "consent": Consent(member.Value, consent); break;
                case var name when BuiltIn.Contains(name, StringComparer.Ordinal): fields[name] = Text(name, member.Value); break;
                // What GET answers can be sent back as it is.
                case "id" or "status" or "created_at" or "updated_at": break;
                default: throw Bad("There is no such member. Known are phone, email, external_id, first_name, last_name, company, fields, lists and tags; custom fields go into fields, and what the contact agreed to into consent.", Short(member.Name));
            }
        }
        return new(fields, lists, tags) { Consent = consent };
    }

    /// <summary>By channel: a status, or an object with status, time, source, evidence and ip.</summary>
    static void Consent(JsonElement value, Dictionary<ConsentChannel, ConsentRecord> consent)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw Bad("consent must be a JSON object, such as {\"email\":\"opted_out\"}.", "consent");
        foreach (var member in value.EnumerateObject())
        {
            if (!Wire.TryWord<ConsentChannel>(member.Name, out var channel))
                throw Bad($"consent is told by channel: {Wire.WordsOf<ConsentChannel>()}.", "consent");
            ConsentInput? input = null;
            try
            {
                input = member.Value.ValueKind == JsonValueKind.String ? new(member.Value.GetString() ?? "") : member.Value.Deserialize(MusterJson.Wire.ConsentInput);
            }
            catch (JsonException)
            {
                // Told below, with every other shape that it cannot have.
            }
            if (input is not { Status: ConsentRecord.OptedIn or ConsentRecord.OptedOut, Channels: null } || !ConsentRecord.IsAddress(input.Ip)
                || new[] { input.Source, input.Evidence, input.Ip }.Any(t => t?.Length > ConsentCharsMax))
                throw Bad($"The consent of a channel is opted_in or opted_out, or an object with that as status and, where known, time (ISO 8601), source, evidence (each of at most {ConsentCharsMax} characters) and ip (an IP address).", "consent");
            consent[channel] = new(input.Status, input.Time, input.Source, input.Evidence, input.Ip);
        }
    }

    const int ConsentCharsMax = 2_000;

    static void Custom(JsonElement value, Dictionary<string, string?> fields)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw Bad("fields must be a JSON object: a custom field's name and its value.", "fields");
        foreach (var field in value.EnumerateObject())
            fields["field:" + field.Name] = Text("fields", field.Value);
    }

    static string? Text(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString() is { Length: > 0 } text ? text : null,
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => throw Bad("A field takes a text, a number, true, false or null.", name),
    };

    static string[] Names(JsonProperty member)
    {
        if (member.Value.ValueKind == JsonValueKind.Array && member.Value.EnumerateArray().All(n => n.ValueKind == JsonValueKind.String))
            return [.. member.Value.EnumerateArray().Select(n => Name.Checked(n.GetString(), member.Name))];
        throw Bad($"{member.Name} must be a JSON array of names.", member.Name);
    }

    static string? Short(string name) => name.Length <= 64 ? name : null;

    static RefusedException Bad(string detail, string? member) => new(Refusal.BadBody(detail, member));
}

/// <summary>Names that people give: lists, tags, fields.</summary>
static class Name
{
    public const int LengthMax = 200;

    public static string Checked(string? name, string member)
    {
        name = name?.Trim();
        if (name is not { Length: > 0 and <= LengthMax } || name.Any(char.IsControl))
            throw new RefusedException(Refusal.BadBody($"A name has 1 to {LengthMax} characters and no control character.", member));
        return name;
    }
}
