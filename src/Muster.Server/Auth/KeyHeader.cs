using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Text;

namespace Muster.Server.Auth;

/// <summary>Reads a key from an Authorization header in each manner that callers know: <c>Bearer &lt;token&gt;</c> (RFC 6750), <c>Basic &lt;id&gt;:&lt;secret&gt;</c> (RFC 7617), or the bare token.</summary>
static class KeyHeader
{
    /// <summary>A key is 81 characters; in Base64 with its scheme, less than this.</summary>
    const int LengthMax = 512;

    /// <summary>Reads the key of a request with one Authorization header.</summary>
    public static bool TryRead(HttpRequest request, out string id, out string secret)
    {
        id = secret = "";
        return request.Headers.Authorization is { Count: 1 } header && TryRead(header[0], out id, out secret);
    }

    public static bool TryRead(string? header, out string id, out string secret)
    {
        id = secret = "";
        if (header is null || header.Length > LengthMax)
            return false;
        var text = header.AsSpan().Trim();
        if (Scheme(ref text, "Bearer"))
            return KeyMint.TrySplit(text, out id, out secret);
        return Scheme(ref text, "Basic") ? TryReadBasic(text, out id, out secret) : KeyMint.TrySplit(text, out id, out secret);
    }

    static bool Scheme(ref ReadOnlySpan<char> text, string scheme)
    {
        if (text.Length <= scheme.Length || text[scheme.Length] != ' ' || !text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            return false;
        text = text[scheme.Length..].Trim();
        return true;
    }

    static bool TryReadBasic(ReadOnlySpan<char> credentials, out string id, out string secret)
    {
        id = secret = "";
        Span<byte> bytes = stackalloc byte[LengthMax];
        if (!Convert.TryFromBase64Chars(credentials, bytes, out var written))
            return false;
        var text = Encoding.UTF8.GetString(bytes[..written]);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
            return false;
        id = text[..colon];
        secret = text[(colon + 1)..];
        return true;
    }
}
