using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Muster.Client;
using Muster.Contacts;

namespace Muster.Server.Api;

/// <summary>Reads import options from JSON or from a query. A name that is no option is refused rather than ignored (in a query by <see cref="QueryNames"/>): a misspelt one would import the wrong way.</summary>
static class ImportOptionsReading
{
    public static IReadOnlyList<string> Names { get; } = [.. typeof(ImportOptionsResource).GetProperties().Select(NameOf)];

    public static string NameOf(PropertyInfo option) => JsonNamingPolicy.SnakeCaseLower.ConvertName(option.Name);

    public static ImportOptions OfJson(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 8 });
            using var document = JsonDocument.ParseValue(ref reader);
            if (reader.BytesConsumed != json.Length && reader.Read())
                throw Bad("options", "The options are more than one JSON value.");
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw Bad("options", "The options must be a JSON object, such as {\"lists\":[\"Customers\"]}.");
            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (!Names.Contains(member.Name, StringComparer.Ordinal))
                    throw Unknown(member.Name);
            }
            return Wire.Options(document.RootElement.Deserialize(MusterJson.Wire.ImportOptionsResource) ?? new());
        }
        catch (JsonException e)
        {
            var member = e.Path is { Length: > 2 } at ? at[2..].Split('.', '[')[0] : "";
            throw Bad(Names.Contains(member, StringComparer.Ordinal) ? member : "options", $"The options are not JSON that fits: {(e.Path is { Length: > 2 } path ? $"{path[2..]} has the wrong type" : $"malformed at byte {e.BytePositionInLine}")}. They are described at /docs.");
        }
    }

    /// <summary>Options as a query says them: <c>lists</c> and <c>tags</c> once a name, <c>list_ids</c> with commas or repeated, <c>mapping</c> and <c>policies</c> as JSON objects.</summary>
    /// <param name="others">Parameters of the route that are no options.</param>
    public static ImportOptions OfQuery(IQueryCollection query, params ReadOnlySpan<string> others)
    {
        var options = new ImportOptionsResource();
        foreach (var (name, values) in query)
        {
            if (others.Contains(name))
                continue;
            var value = values.Count == 1 ? values[0] ?? "" : null;
            options = name switch
            {
                "list_ids" => options with { ListIds = [.. values.SelectMany(v => (v ?? "").Split(',')).Select(v => Number(name, v))] },
                "lists" => options with { Lists = [.. values.Select(v => v ?? "")] },
                "tags" => options with { Tags = [.. values.Select(v => v ?? "")] },
                _ when value is null => throw Bad(name, $"The option {name} is given more than once."),
                "match" => options with { Match = value.StartsWith('[') ? string.Join(',', Words(name, value)) : value },
                "mode" => options with { Mode = value },
                "policy" => options with { Policy = value },
                "policies" => options with { Policies = Texts(name, value) },
                "blank" => options with { Blank = value },
                "clear_token" => options with { ClearToken = value },
                "on_duplicate_row" => options with { OnDuplicateRow = value },
                "on_list_member" => options with { OnListMember = value },
                "on_invalid_value" => options with { OnInvalidValue = value },
                "formula_escapes" => options with { FormulaEscapes = value },
                "unknown_columns" => options with { UnknownColumns = value },
                "mapping" => options with { Mapping = Mapping(name, value) },
                "profile" => options with { Profile = value },
                "region" => options with { Region = value },
                "phone_style" => options with { PhoneStyle = value },
                "delimiter" => options with { Delimiter = value },
                "header" => options with { Header = Boolean(name, value) },
                "preamble_rows" => options with { PreambleRows = Number(name, value) },
                "totals_rows" => options with { TotalsRows = Number(name, value) },
                "dry_run" => options with { DryRun = Boolean(name, value) },
                "date_order" => options with { DateOrder = value },
                "sheet" => options with { Sheet = value },
                "decimal_sign" => options with { DecimalSign = value },
                "region_column" => options with { RegionColumn = value },
                "webhook_url" => options with { WebhookUrl = value },
                "notify_email" => options with { NotifyEmail = value },
                "encoding" => options with { Encoding = value },
                "consent" => options with { Consent = Consent(name, value) },
                "allow_resubscribe" => options with { AllowResubscribe = Boolean(name, value) },
                "atomic" => options with { Atomic = Boolean(name, value) },
                "max_rejects" => options with { MaxRejects = Number(name, value) },
                "nested" => options with { Nested = value },
                "full_years" => options with { FullYears = Boolean(name, value) },
                "text_max" => options with { TextMax = Number(name, value) },
                "hold" => options with { Hold = Json(name, value) },
                _ => throw new InvalidOperationException($"The option {name} has no reading from a query."),
            };
        }
        return Wire.Options(options);
    }

    static int Number(string name, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Bad(name, $"The option {name} takes whole numbers.");

    static bool Boolean(string name, string text) => text switch
    {
        "true" or "1" => true,
        "false" or "0" => false,
        _ => throw Bad(name, $"The option {name} takes true or false."),
    };

    static MappingOption Mapping(string name, string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, MusterJson.Wire.MappingOption) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw Bad(name, $"The option {name} takes a JSON object of texts, such as {{\"Mail\":\"email\"}}, or a list of rules, such as [{{\"column\":\"Mail\",\"field\":\"email\"}}].");
        }
    }

    static Dictionary<string, string> Texts(string name, string json)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, string>>(json) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw Bad(name, $"In a query, the option {name} takes a JSON object of texts, such as {{\"Mail\":\"email\"}}.");
        }
    }

    static JsonElement Json(string name, string json)
    {
        try
        {
            return JsonDocument.Parse(json).RootElement;
        }
        catch (JsonException)
        {
            throw Bad(name, $"In a query, the option {name} takes JSON.");
        }
    }

    static ConsentInput Consent(string name, string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, MusterJson.Wire.ConsentInput) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw Bad(name, $"In a query, the option {name} takes a JSON object such as {{\"status\":\"opted_out\"}}.");
        }
    }

    static string[] Words(string name, string json)
    {
        try
        {
            return JsonSerializer.Deserialize<string[]>(json) ?? [];
        }
        catch (JsonException)
        {
            throw Bad(name, $"In a query, the option {name} takes words with commas between, or a JSON list of them.");
        }
    }

    static RefusedException Unknown(string name) => Bad(name.Length <= 64 ? name : null, $"There is no such import option. Known are {string.Join(", ", Names)}.", "unknown_option");

    static RefusedException Bad(string? option, string detail, string code = "invalid_option") => new(Refusal.Of(400, code, detail, option));
}
