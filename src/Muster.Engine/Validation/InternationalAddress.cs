using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Muster.Validation;

/// <summary>The rare way of <see cref="EmailAddress"/>: addresses beyond ASCII (RFC 6531) and domains with A-labels (RFC 5890).</summary>
static class InternationalAddress
{
    // UTS #46 non-transitional, CheckJoiners and UseSTD3ASCIIRules on; unassigned code points refused.
    static readonly IdnMapping Idn = new() { UseStd3AsciiRules = true };

    public static bool IsValid(ReadOnlySpan<byte> utf8)
    {
        Span<char> chars = stackalloc char[EmailAddress.BytesMax * 3];
        if (Utf8.ToUtf16(utf8, chars, out _, out var length, replaceInvalidSequences: false) != OperationStatus.Done)
            return false;
        chars = chars[..length];

        var at = chars.LastIndexOf('@');
        if (at < 0)
            return false;
        var local = chars[..at];
        var domain = chars[(at + 1)..];
        if (!IsLocalPart(local, out var localBytes) || HasInvisible(domain, joinersAllowed: true))
            return false;

        Span<byte> ascii = stackalloc byte[EmailAddress.BytesMax];
        if (!TryGetAscii(domain, ascii, out var asciiBytes) || !EmailAddress.IsDomain(ascii[..asciiBytes], out var hasALabel))
            return false;
        if (hasALabel && !(Ascii.IsValid(domain) ? ALabelsDecode(ascii[..asciiBytes]) : FollowsBidiRule(ascii[..asciiBytes])))
            return false;

        // Relays that lack SMTPUTF8 see the A-labels, the others the U-labels: both must fit.
        return localBytes + 1 + Math.Max(asciiBytes, Encoding.UTF8.GetByteCount(domain)) <= EmailAddress.BytesMax;
    }

    public static bool TryGetKey(ReadOnlySpan<byte> utf8, Span<byte> key, out int written)
    {
        written = 0;
        Span<char> chars = stackalloc char[EmailAddress.BytesMax * 3];
        if (Utf8.ToUtf16(utf8, chars, out _, out var length, replaceInvalidSequences: false) != OperationStatus.Done)
            return false;
        chars = chars[..length];
        var at = chars.LastIndexOf('@');
        if (at <= 0)
            return false;

        // Lower-casing can undo a composition (and the other way round), hence NFC on both sides of it.
        Span<char> normal = stackalloc char[EmailAddress.BytesMax * 3];
        if (!chars[..at].TryNormalize(normal, out length))
            return false;
        Span<char> lower = stackalloc char[EmailAddress.BytesMax * 3];
        length = normal[..length].ToLowerInvariant(lower);
        if (!lower[..length].TryNormalize(normal, out length) || !Encoding.UTF8.TryGetBytes(normal[..length], key, out var localBytes))
            return false;

        if (localBytes == key.Length)
            return false;
        key[localBytes] = (byte)'@';
        if (!TryGetAscii(chars[(at + 1)..], key[(localBytes + 1)..], out var domainBytes))
            return false;
        written = localBytes + 1 + domainBytes;
        return true;
    }

    /// <summary>True when every A-label of an ASCII domain stands for a U-label that is encoded as just that A-label.</summary>
    public static bool ALabelsDecode(ReadOnlySpan<byte> domain)
    {
        try
        {
            var ascii = Encoding.ASCII.GetString(domain);
            var unicode = Idn.GetUnicode(ascii);
            return string.Equals(Idn.GetAscii(unicode), ascii, StringComparison.OrdinalIgnoreCase) && FollowsBidiRule(unicode);
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    static bool FollowsBidiRule(ReadOnlySpan<byte> asciiDomain) => FollowsBidiRule(Idn.GetUnicode(Encoding.ASCII.GetString(asciiDomain)));

    static bool FollowsBidiRule(string unicodeDomain)
    {
        if (!BidiRule.IsBidiDomain(unicodeDomain))
            return true;
        foreach (var label in unicodeDomain.AsSpan().Split('.'))
            if (!BidiRule.Holds(unicodeDomain.AsSpan()[label]))
                return false;
        return true;
    }

    static bool IsLocalPart(ReadOnlySpan<char> local, out int bytes)
    {
        bytes = 0;
        if (local.Length is 0 or > EmailAddress.LocalBytesMax || HasInvisible(local, joinersAllowed: false))
            return false;
        Span<char> normal = stackalloc char[EmailAddress.LocalBytesMax * 4];
        if (!local.TryNormalize(normal, out var length))
            return false;
        normal = normal[..length];

        // Both forms must be a dot-string: U+037E normalises to a semicolon, and '<' with U+0338 to a harmless letter.
        bytes = Math.Max(Encoding.UTF8.GetByteCount(local), Encoding.UTF8.GetByteCount(normal));
        return bytes <= EmailAddress.LocalBytesMax && IsDotString(local) && IsDotString(normal);
    }

    static bool IsDotString(ReadOnlySpan<char> local)
    {
        Span<char> ascii = stackalloc char[EmailAddress.LocalBytesMax * 4];
        for (var i = 0; i < local.Length; i++)
            ascii[i] = local[i] < 0x80 ? local[i] : 'u';
        return EmailAddress.IsLocalPart(ascii[..local.Length]);
    }

    /// <summary>True for text that people cannot see or tell apart: blanks, controls, format and unassigned characters, fullwidth ASCII, a mark with nothing before it.</summary>
    static bool HasInvisible(ReadOnlySpan<char> text, bool joinersAllowed)
    {
        var first = true;
        foreach (var rune in text.EnumerateRunes())
        {
            var category = Rune.GetUnicodeCategory(rune);
            if (category is UnicodeCategory.Control or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned)
                return true;
            if (category is UnicodeCategory.Format && !(joinersAllowed && rune.Value is 0x200C or 0x200D))
                return true;
            if (first && category is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.SpacingCombiningMark)
                return true;
            // In a domain UTS #46 maps fullwidth forms to ASCII; in a local part nothing does, and no provider takes them. U+FE6B is a small @.
            if (!joinersAllowed && rune.Value is (>= 0xFF01 and <= 0xFF5E) or 0xFE6B)
                return true;
            first = false;
        }
        return false;
    }

    static bool TryGetAscii(ReadOnlySpan<char> domain, Span<byte> ascii, out int written)
    {
        written = 0;
        if (domain.IsEmpty)
            return false;
        try
        {
            var mapped = Idn.GetAscii(domain.ToString());
            return Ascii.ToLower(mapped, ascii, out written) == OperationStatus.Done;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
