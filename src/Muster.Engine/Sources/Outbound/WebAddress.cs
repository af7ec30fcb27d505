using System.Globalization;
using System.Text;

namespace Muster.Sources.Outbound;

/// <summary>An http or https URL, read as browsers do (WHATWG URL, basic parser for special schemes), so that there is one opinion on what its host is.</summary>
/// <param name="Scheme">http or https.</param>
/// <param name="Host">As <see cref="HostName.Parse"/> gives it.</param>
/// <param name="PathAndQuery">Begins with a slash; escaped as it was, and what may not stand bare on the wire escaped besides. No fragment.</param>
/// <param name="UserInfo">name:password, still escaped; null when there is none.</param>
public sealed record WebAddress(string Scheme, string Host, int Port, string PathAndQuery, string? UserInfo)
{
    const int LengthMax = 8 * 1024;

    public bool IsDefaultPort => Port == DefaultPort(Scheme);

    public string Origin => $"{Scheme}://{Host}{(IsDefaultPort ? "" : ":" + Port.ToString(CultureInfo.InvariantCulture))}";

    /// <summary>Without user, password and query: what may be shown, stored and logged.</summary>
    public string Shown => Origin + PathAndQuery.Split('?')[0];

    public string Path => PathAndQuery.Split('?')[0];

    /// <summary>Reads an absolute URL, or null when it is none or of another scheme.</summary>
    public static WebAddress? Parse(string? text) => Parse(text, null);

    /// <summary>Reads a URL that may be relative to this one: a Location header (RFC 9110 §10.2.2).</summary>
    public WebAddress? Resolve(string? location) => Parse(location, this);

    /// <summary>The address for the HTTP client: path and query go onto the wire exactly as they stand here. Null for a host that no name server could know.</summary>
    public Uri? ToUri() =>
        Uri.TryCreate(Origin + PathAndQuery, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }, out var uri)
        && uri.Port == Port && Bare(uri.IdnHost) == Bare(Host) && uri.UserInfo.Length == 0 ? uri : null;

    static string Bare(string host) => host.Trim('[', ']');

    static WebAddress? Parse(string? text, WebAddress? to)
    {
        if (text is null || text.Length > LengthMax)
            return null;
        text = text.Trim(C0OrSpace).Replace("\t", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal).Replace("\r", "", StringComparison.Ordinal);
        if (text.IndexOf('#', StringComparison.Ordinal) is >= 0 and var fragment)
            text = text[..fragment];

        string scheme;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0 && IsScheme(text.AsSpan(0, colon)))
        {
            scheme = text[..colon].ToLowerInvariant();
            if (scheme is not ("http" or "https"))
                return null;
            text = text[(colon + 1)..];
            // Of a base with the same scheme, "http:path" is relative; nobody sends that, and who does is refused.
            if (to is not null && text is not ['/' or '\\', '/' or '\\', ..])
                return null;
        }
        else if (to is null)
        {
            return null;
        }
        else if (text is ['/' or '\\', '/' or '\\', ..])
        {
            scheme = to.Scheme;
        }
        else
        {
            return to with { PathAndQuery = Escape(Relative(to.PathAndQuery, text)) };
        }

        text = text.TrimStart('/', '\\');
        var end = text.IndexOfAny(['/', '\\', '?']);
        var authority = end < 0 ? text : text[..end];
        var rest = end < 0 ? "" : text[end..];
        string? user = null;
        if (authority.LastIndexOf('@') is >= 0 and var at)
        {
            user = authority[..at] is { Length: > 0 } given and not ":" ? given : null;
            authority = authority[(at + 1)..];
        }
        var port = DefaultPort(scheme);
        if (authority.LastIndexOf(':') is >= 0 and var portAt && portAt > authority.LastIndexOf(']'))
        {
            var digits = authority[(portAt + 1)..];
            authority = authority[..portAt];
            if (digits.Length > 0 && (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out port) || port > ushort.MaxValue))
                return null;
        }
        return HostName.Parse(authority) is { } host ? new(scheme, host, port, Escape(rest), user) : null;
    }

    static readonly char[] C0OrSpace = [.. Enumerable.Range(0, ' ' + 1).Select(c => (char)c)];

    static bool IsScheme(ReadOnlySpan<char> text)
    {
        if (!char.IsAsciiLetter(text[0]))
            return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('+' or '-' or '.'))
                return false;
        }
        return true;
    }

    static int DefaultPort(string scheme) => scheme == "https" ? 443 : 80;

    static string Relative(string from, string reference)
    {
        var path = from.Split('?')[0];
        if (reference.Length == 0)
            return from;
        if (reference[0] is '/' or '\\')
            return reference;
        if (reference[0] == '?')
            return path + reference;
        // Dots are the server's to resolve; a client must not let them leave the host, and they cannot.
        return path[..(path.LastIndexOf('/') + 1)] + reference;
    }

    /// <summary>"Path state" and "query state": backslashes of the path are slashes; what may not stand bare is escaped; escapes stay as they are.</summary>
    static string Escape(string rest)
    {
        var query = rest.IndexOf('?', StringComparison.Ordinal);
        var escaped = new StringBuilder(rest.Length + 16);
        if (rest.Length == 0 || rest[0] is not ('/' or '\\'))
            escaped.Append('/');
        Span<byte> utf8 = stackalloc byte[4];
        var i = 0;
        foreach (var rune in rest.EnumerateRunes())
        {
            var inQuery = query >= 0 && i >= query;
            i += rune.Utf16SequenceLength;
            if (rune.Value == '\\' && !inQuery)
                escaped.Append('/');
            else if (rune.Value is > ' ' and < 0x7F && rune.Value is not ('"' or '<' or '>' or '`' or '{' or '}'))
                escaped.Append((char)rune.Value);
            else
            {
                foreach (var b in utf8[..rune.EncodeToUtf8(utf8)])
                    escaped.Append('%').Append(b.ToString("X2", CultureInfo.InvariantCulture));
            }
        }
        return escaped.ToString();
    }
}
