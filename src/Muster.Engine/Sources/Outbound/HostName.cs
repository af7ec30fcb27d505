using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Muster.Sources.Outbound;

/// <summary>Reads the host of an http URL as browsers do (WHATWG URL, "host parsing"), so that every spelling of an address becomes that address.</summary>
/// <remarks>What may be connected to is not judged here, but where the connection is made: see <see cref="OutboundRules"/>.</remarks>
static class HostName
{
    static readonly IdnMapping Idn = new() { AllowUnassigned = false, UseStd3AsciiRules = false };

    /// <returns>The host in its one form: dotted IPv4, bracketed IPv6, or a lower-case ASCII name. Null: no host.</returns>
    public static string? Parse(string text)
    {
        if (text.Length == 0)
            return null;
        if (text[0] == '[')
            return text[^1] == ']' ? Six(text[1..^1]) : null;
        if (ToAscii(PercentDecode(text)) is not { Length: > 0 } name || name.Any(IsForbidden))
            return null;
        return EndsInNumber(name) ? Four(name) : name;
    }

    static string? Six(string text) =>
        text.All(c => char.IsAsciiHexDigit(c) || c is ':' or '.') && IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6
            ? $"[{address}]" : null;

    /// <summary>"Percent-decode" and "UTF-8 decode without BOM": a percent sign that begins no escape stays.</summary>
    static string PercentDecode(string text)
    {
        if (!text.Contains('%', StringComparison.Ordinal))
            return text;
        var bytes = new List<byte>(text.Length);
        var utf8 = Encoding.UTF8.GetBytes(text);
        for (var i = 0; i < utf8.Length; i++)
        {
            if (utf8[i] == '%' && i + 2 < utf8.Length && char.IsAsciiHexDigit((char)utf8[i + 1]) && char.IsAsciiHexDigit((char)utf8[i + 2]))
            {
                bytes.Add(byte.Parse([(char)utf8[i + 1], (char)utf8[i + 2]], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                i += 2;
            }
            else
            {
                bytes.Add(utf8[i]);
            }
        }
        return Encoding.UTF8.GetString([.. bytes]);
    }

    static string? ToAscii(string name)
    {
        if (name.All(char.IsAscii))
            return name.ToLowerInvariant();
        try
        {
            return Idn.GetAscii(name).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>"Forbidden domain code point".</summary>
    static bool IsForbidden(char c) => c <= ' ' || c >= '\x7F' || c is '#' or '/' or ':' or '<' or '>' or '?' or '@' or '[' or '\\' or ']' or '^' or '|' or '%';

    /// <summary>"Ends-in-a-number checker".</summary>
    static bool EndsInNumber(string name)
    {
        var parts = name.Split('.');
        var last = parts.Length - 1;
        if (parts[last].Length == 0)
        {
            if (parts.Length == 1)
                return false;
            last--;
        }
        return (parts[last].Length > 0 && parts[last].All(char.IsAsciiDigit)) || Number(parts[last]) is not null;
    }

    /// <summary>"IPv4 parser": one to four numbers, decimal, octal or hexadecimal; the last fills what is left.</summary>
    static string? Four(string name)
    {
        var parts = name.Split('.').ToList();
        if (parts[^1].Length == 0 && parts.Count > 1)
            parts.RemoveAt(parts.Count - 1);
        if (parts.Count > 4)
            return null;
        var numbers = parts.ConvertAll(Number);
        if (numbers.Any(n => n is null) || numbers.SkipLast(1).Any(n => n > 255) || numbers[^1] >= 1UL << (8 * (5 - numbers.Count)))
            return null;
        var address = numbers[^1]!.Value; // none is null
        for (var i = 0; i < numbers.Count - 1; i++)
            address += numbers[i]!.Value << (8 * (3 - i));
        return $"{address >> 24 & 255}.{address >> 16 & 255}.{address >> 8 & 255}.{address & 255}";
    }

    static ulong? Number(string part)
    {
        if (part.Length == 0)
            return null;
        var radix = 10u;
        if (part is ['0', 'x' or 'X', ..])
            (part, radix) = (part[2..], 16);
        else if (part.Length > 1 && part[0] == '0')
            (part, radix) = (part[1..], 8);
        var value = 0UL;
        foreach (var c in part)
        {
            var digit = char.IsAsciiDigit(c) ? (uint)(c - '0') : char.IsAsciiHexDigit(c) ? (uint)(c | 0x20) - 'a' + 10 : radix;
            if (digit >= radix)
                return null;
            // Too large is too large, however many digits follow.
            value = Math.Min(value * radix + digit, 1UL << 40);
        }
        return value;
    }
}
