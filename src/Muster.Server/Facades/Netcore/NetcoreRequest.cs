using System.Text;

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
        return new(query, Parse(Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)body.Length)));
    }

    /// <summary>Takes a form apart, of a query or a body. Unknown names are left out.</summary>
    public static Dictionary<string, string> Parse(string text)
    {
        text = text.TrimStart('\uFEFF').Trim('\r', '\n', '\0');
        // A document alone, without a name.
        if (text.TrimStart() is ['{' or '<', ..] bare)
            return new(StringComparer.Ordinal) { ["data"] = bare };
        return Split(text, whole: true) ?? Split(text, whole: false)!; // without wholeness every text can be split
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
