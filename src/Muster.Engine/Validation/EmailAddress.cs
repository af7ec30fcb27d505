using System.Buffers;
using System.Text;

namespace Muster.Validation;

/// <summary>Which e-mail addresses mail can be sent to, and when two of them are one.</summary>
/// <remarks>
/// The syntax of RFC 5321 §4.1.2 with the international addresses of RFC 6531 §3.3, without what no mail provider hands out:
/// quoted local parts, comments, address literals, domains of one label. docs/formats-email.md gives every rule and choice.
/// It judges syntax only; whether the domain exists is not asked.
/// </remarks>
public static class EmailAddress
{
    /// <summary>Longest address in octets: a path of 256 (RFC 5321 §4.5.3.1.3) less its two angle brackets.</summary>
    public const int BytesMax = 254;

    /// <summary>Longest local part in octets of UTF-8 (RFC 5321 §4.5.3.1.1).</summary>
    public const int LocalBytesMax = 64;

    /// <summary>Room that every key fits in: lower-casing can lengthen UTF-8 by half.</summary>
    public const int KeyBytesMax = BytesMax + LocalBytesMax / 2;

    // RFC 5322 §3.2.3 atext, and the dot whose place IsLocalPart checks.
    static readonly SearchValues<char> LocalChars =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~.");

    /// <summary>True when <paramref name="utf8"/> is an address that mail can be sent to.</summary>
    /// <param name="utf8">The whole cell, surrounding blanks removed; blanks that remain make it invalid. Any bytes are allowed.</param>
    /// <remarks>About 30 ns for a common ASCII address and no allocation; some microseconds for one that is not ASCII.</remarks>
    public static bool IsValid(ReadOnlySpan<byte> utf8)
    {
        // Fullwidth letters take three bytes where their A-label takes one: the cap on the raw form is only against huge cells.
        if (utf8.Length is < 6 or > BytesMax * 3)
            return false;
        if (utf8.Length <= BytesMax && BeginsWithLocalPart(utf8, out var at) && IsDomain(utf8[(at + 1)..], out var hasALabel))
            return !hasALabel || InternationalAddress.ALabelsDecode(utf8[(at + 1)..]);
        return !Ascii.IsValid(utf8) && InternationalAddress.IsValid(utf8);
    }

    /// <summary>Writes the key under which the address is compared: NFC, lower case, the domain as A-labels (<c>xn--</c>).</summary>
    /// <param name="utf8">An address that <see cref="IsValid"/> accepts; of another one the answer means nothing.</param>
    /// <param name="key">Receives the key; <see cref="KeyBytesMax"/> bytes always suffice.</param>
    /// <param name="written">Bytes written; 0 when the answer is false.</param>
    /// <returns>False when <paramref name="key"/> is too small or the address cannot be decoded.</returns>
    /// <remarks>Dots and <c>+tags</c> of the local part stay: only its own provider knows whether they matter.</remarks>
    public static bool TryGetKey(ReadOnlySpan<byte> utf8, Span<byte> key, out int written)
    {
        written = 0;
        if (utf8.Length <= key.Length && Ascii.ToLower(utf8, key, out written) == OperationStatus.Done)
            return true;
        written = 0;
        return !Ascii.IsValid(utf8) && InternationalAddress.TryGetKey(utf8, key, out written);
    }

    /// <summary>Whether a Dot-string (RFC 5321 §4.1.2: atoms with single dots between them) and an at sign begin the text.</summary>
    static bool BeginsWithLocalPart(ReadOnlySpan<byte> utf8, out int at)
    {
        for (at = 0; at < utf8.Length; at++)
        {
            var b = utf8[at];
            if (char.IsAsciiLetterOrDigit((char)b))
                continue;
            switch (b)
            {
                case (byte)'@':
                    return at is > 0 and <= LocalBytesMax && utf8[at - 1] != '.';
                case (byte)'.' when at == 0 || utf8[at - 1] == '.':
                    return false;
                // RFC 5322 §3.2.3, atext: what is no letter or digit.
                case (byte)'!' or (byte)'#' or (byte)'$' or (byte)'%' or (byte)'&' or (byte)'\'' or (byte)'*' or (byte)'+' or (byte)'-' or (byte)'/':
                case (byte)'=' or (byte)'?' or (byte)'^' or (byte)'_' or (byte)'`' or (byte)'{' or (byte)'|' or (byte)'}' or (byte)'~' or (byte)'.':
                    continue;
                default:
                    return false;
            }
        }
        return false;
    }

    internal static bool IsLocalPart(ReadOnlySpan<char> ascii)
    {
        if (ascii.IsEmpty || ascii[0] == '.' || ascii[^1] == '.')
            return false;
        return !ascii.ContainsAnyExcept(LocalChars) && ascii.IndexOf("..") < 0;
    }

    /// <summary>True for two or more labels of letters, digits and inner hyphens (RFC 1123 §2.1), at most 63 octets each, the last one a top-level name.</summary>
    /// <param name="domain">ASCII.</param>
    /// <param name="hasALabel">True when a label begins with <c>xn--</c>; whether it decodes is not checked here.</param>
    internal static bool IsDomain(ReadOnlySpan<byte> domain, out bool hasALabel)
    {
        hasALabel = false;
        var start = 0;
        var digits = 0;
        var hyphens = 0;
        for (var i = 0; i < domain.Length; i++)
        {
            var b = domain[i];
            if ((uint)((b | 0x20) - 'a') <= 'z' - 'a')
                continue;
            if ((uint)(b - '0') <= 9)
            {
                digits++;
            }
            else if (b == '-')
            {
                hyphens++;
            }
            else
            {
                if (b != '.' || !IsLabel(domain[start..i], hyphens, ref hasALabel))
                    return false;
                start = i + 1;
                digits = hyphens = 0;
            }
        }

        var top = domain[start..];
        if (start == 0 || top.Length < 2 || !IsLabel(top, hyphens, ref hasALabel))
            return false;
        // "The highest-level component label will be alphabetic" (RFC 1123 §2.1); since then A-labels came in.
        return digits + hyphens == 0 || IsALabel(top);
    }

    static bool IsLabel(ReadOnlySpan<byte> label, int hyphens, ref bool hasALabel)
    {
        if (label.Length is 0 or > 63)
            return false;
        if (hyphens == 0)
            return true;
        if (label[0] == '-' || label[^1] == '-')
            return false;
        if (label.Length < 4 || label[2] != '-' || label[3] != '-')
            return true;
        // Hyphens in the third and fourth place are reserved for A-labels (RFC 5890 §2.3.1).
        hasALabel = true;
        return IsALabel(label);
    }

    static bool IsALabel(ReadOnlySpan<byte> label) =>
        label.Length > 4 && (label[0] | 0x20) == 'x' && (label[1] | 0x20) == 'n' && label[2] == '-' && label[3] == '-';
}
