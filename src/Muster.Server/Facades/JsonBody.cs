using System.Text.Json;
using Muster.Server.Api;

namespace Muster.Server.Facades;

/// <summary>A façade's JSON body, whole: at most <c>facade_body_bytes_max</c>, whatever its Content-Type says.</summary>
static class JsonBody
{
    const int DepthMax = 64;

    public static async Task<byte[]> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var whole = new MemoryStream();
        await request.Body.CopyToAsync(whole, cancellationToken);
        return whole.ToArray();
    }

    /// <summary>Null when it is no JSON.</summary>
    public static JsonDocument? TryParse(byte[] body)
    {
        try
        {
            return JsonDocument.Parse(body.AsMemory(body.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0), new() { MaxDepth = DepthMax });
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <exception cref="RefusedException">It is no JSON object.</exception>
    public static async Task<JsonDocument> ObjectAsync(HttpRequest request, CancellationToken cancellationToken) => Object(await ReadAsync(request, cancellationToken));

    /// <exception cref="RefusedException">It is no JSON object.</exception>
    public static JsonDocument Object(byte[] body)
    {
        if (TryParse(body) is { } document)
        {
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return document;
            document.Dispose();
        }
        throw new RefusedException(Refusal.Of(400, "malformed_json", "The body is not a JSON object."));
    }

    /// <summary>A member's text: a string as it is, a number or boolean as it is written, other JSON as its text; null when it is null or absent.</summary>
    public static string? Text(JsonElement item, string name) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var value) ? Text(value) : null;

    /// <summary>Members of contacts as a vendor spells them, for names that clients write in another case; a name that is there in the vendor's own spelling as well stays what it is.</summary>
    public static IEnumerable<string> Spelled(IReadOnlyList<string> names, IEnumerable<string> vendors)
    {
        var known = vendors.ToDictionary(v => v, StringComparer.OrdinalIgnoreCase);
        var taken = new HashSet<string>(names, StringComparer.Ordinal);
        foreach (var name in names)
            yield return known.TryGetValue(name, out var spelled) && (spelled == name || taken.Add(spelled)) ? spelled : name;
    }

    public static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        JsonValueKind.String => value.GetString(),
        _ => value.GetRawText(),
    };
}
