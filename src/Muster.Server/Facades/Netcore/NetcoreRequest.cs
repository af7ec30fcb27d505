using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Muster.Server.Facades.Netcore;

/// <summary>The parameters of a call: query and body together, whatever the body's Content-Type says.</summary>
/// <remarks>
/// Clients send raw JSON and XML, and presigned URLs, without escaping them in forms: such a value runs on over ampersands, and its plus signs and escapes are its own.
/// On conflict the query wins for what is called, and the body for what is sent.
/// </remarks>
sealed class NetcoreRequest
{
    static readonly string[] Names = ["apikey", "type", "activity", "data", "path", "listid", "notifyemail", "callback"];
    static readonly string[] QueryFirst = ["apikey", "type", "activity"];

    readonly Dictionary<string, string> parameters = new(StringComparer.Ordinal);

    NetcoreRequest(Dictionary<string, string> query, Dictionary<string, string> body)
    {
        foreach (var name in Names)
        {
            var (first, second) = QueryFirst.Contains(name) ? (query, body) : (body, query);
            if (first.TryGetValue(name, out var value) || second.TryGetValue(name, out value))
                parameters[name] = value;
        }
    }

    /// <summary>The text of a parameter without blanks around it; null when it is missing or blank.</summary>
    public string? this[string name] => parameters.GetValueOrDefault(name)?.Trim() is { Length: > 0 } text ? text : null;

    /// <summary>As sent: a path's blanks may belong to the file's name.</summary>
    public string? Raw(string name) => parameters.GetValueOrDefault(name);

    public bool IsXml => this["data"] is ['<', ..];

    public static async Task<NetcoreRequest> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);
        var query = Parse(request.QueryString.Value?.TrimStart('?') ?? "");
        if (request.HttpContext.Features.Get<QueryKey>() is { } key)
            query["apikey"] = key.Value;
        else
            query.Remove("apikey");
        var text = Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)body.Length);
        body.Position = 0;
        return new(query, BoundaryOf(request, text) is { } boundary ? await PartsAsync(body, boundary, cancellationToken) ?? Parse(text) : Parse(text));
    }

    /// <summary>The boundary that the Content-Type names, or else the first line of a body that begins as a multipart one.</summary>
    static string? BoundaryOf(HttpRequest request, string text)
    {
        var named = MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.MediaType.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase)
            ? HeaderUtilities.RemoveQuotes(type.Boundary).Value : null;
        var start = text.TrimStart('\uFEFF', '\r', '\n');
        return !string.IsNullOrEmpty(named) ? named
            : start.StartsWith("--", StringComparison.Ordinal) && start.IndexOf('\n', StringComparison.Ordinal) is > 2 and var end && start[2..end].Trim() is { Length: > 0 } line ? line
            : null;
    }

    /// <summary>A form's parts, as they stand; null when the body is no such form.</summary>
    static async Task<Dictionary<string, string>?> PartsAsync(MemoryStream body, string boundary, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        var reader = new MultipartReader(boundary, body, bufferSize: 4 << 10) { HeadersCountLimit = 16 };
        try
        {
            while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
            {
                if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)
                    || HeaderUtilities.RemoveQuotes(disposition.Name).Value?.Trim().ToLowerInvariant() is not { } name || !Names.Contains(name, StringComparer.Ordinal))
                    continue;
                using var value = new StreamReader(section.Body, Encoding.UTF8);
                found.TryAdd(name, await value.ReadToEndAsync(cancellationToken));
            }
            return found;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Takes a form apart, of a query or a body. Unknown names are left out.</summary>
    public static Dictionary<string, string> Parse(string text)
    {
        text = text.TrimStart('\uFEFF').Trim('\r', '\n', '\0');
        // A form within a JSON text, as a client sends one whose header says JSON.
        if (text is ['"', .., '"'] && TextIn(text) is { } inner)
            text = inner;
        if (text.TrimStart() is ['{', ..])
            return OfJson(text);
        // A document alone, without a name.
        if (text.TrimStart() is ['<', ..] bare)
            return new(StringComparer.Ordinal) { ["data"] = bare };
        return Split(text, whole: true) ?? Split(text, whole: false)!; // without wholeness every text can be split
    }

    /// <summary>The members of a JSON object that bear a parameter's name. A contact alone bears none: its data has no name, and is missing.</summary>
    static Dictionary<string, string> OfJson(string text)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        using var document = JsonBody.TryParse(Encoding.UTF8.GetBytes(text));
        if (document?.RootElement is not { ValueKind: JsonValueKind.Object } root)
            return found;
        foreach (var member in root.EnumerateObject())
        {
            if (Names.FirstOrDefault(n => n.Equals(member.Name.Trim(), StringComparison.OrdinalIgnoreCase)) is { } name && JsonBody.Text(member.Value) is { } value)
                found.TryAdd(name, value);
        }
        return found;
    }

    static string? TextIn(string text)
    {
        using var document = JsonBody.TryParse(Encoding.UTF8.GetBytes(text));
        return document?.RootElement.ValueKind == JsonValueKind.String ? document.RootElement.GetString() : null;
    }

    /// <param name="whole">A document runs to its end, over whatever stands in it; null when one has none.</param>
    static Dictionary<string, string>? Split(string text, bool whole)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        string? name = null;
        var value = new StringBuilder();
        foreach (var piece in text.Split('&'))
        {
            var at = piece.IndexOf('=', StringComparison.Ordinal);
            var pieceName = Uri.UnescapeDataString(at < 0 ? piece : piece[..at]).Trim().ToLowerInvariant();
            var known = at >= 0 && Names.Contains(pieceName, StringComparer.Ordinal);
            var soFar = value.ToString();
            if (name is not null && (whole && IsOpen(soFar) || (!known && RunsOn(soFar))))
            {
                value.Append('&').Append(piece);
                continue;
            }
            Take(name, soFar);
            (name, value) = (pieceName, new StringBuilder(at < 0 ? "" : piece[(at + 1)..]));
        }
        if (whole && IsOpen(value.ToString()))
            return null;
        Take(name, value.ToString());
        return found;

        void Take(string? taken, string raw)
        {
            // The first of several counts.
            if (taken is not null && Names.Contains(taken, StringComparer.Ordinal))
                found.TryAdd(taken, Decode(raw));
        }
    }

    static bool RunsOn(string raw) => raw.TrimStart() is ['{' or '<', ..] || IsBareUrl(raw);

    static bool IsBareUrl(string raw) =>
        raw.TrimStart() is var start
        && (start.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || start.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || start.StartsWith("s3://", StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a document has begun and not ended: JSON by its braces, XML by the end tag of its root.</summary>
    static bool IsOpen(string raw)
    {
        var start = raw.TrimStart();
        if (start is ['<', ..])
            return !start.Contains("</DATASET>", StringComparison.OrdinalIgnoreCase) && start.Contains("<DATASET", StringComparison.OrdinalIgnoreCase);
        if (start is not ['{', ..])
            return false;
        var (depth, quoted) = (0, false);
        for (var i = 0; i < start.Length; i++)
        {
            switch (start[i])
            {
                case '"': quoted = !quoted; break;
                case '\\' when quoted: i++; break;
                case '{' when !quoted: depth++; break;
                case '}' when !quoted && --depth == 0: return false;
            }
        }
        return true;
    }

    /// <summary>A value that came unescaped keeps its plus signs; an unescaped URL its escapes, too, which are its own.</summary>
    static string Decode(string raw)
    {
        if (IsBareUrl(raw))
            return raw.Replace('\r', ' ').Replace('\n', ' ');
        var escaped = raw.AsSpan().ContainsAny('{', '<', '"') ? raw : raw.Replace('+', ' ');
        return Uri.UnescapeDataString(escaped);
    }
}
