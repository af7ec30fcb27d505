using System.Text;

namespace Muster.Formats.Encodings;

/// <summary>The framework's code pages as tables, without its guesses: what a code page leaves free is invalid and never a best fit.</summary>
static class CodePages
{
    public static Encoding Of(int number) =>
        (CodePagesEncodingProvider.Instance.GetEncoding(number, EncoderFallback.ReplacementFallback, new DecoderReplacementFallback("\uFFFD"))
            ?? Encoding.GetEncoding(number, EncoderFallback.ReplacementFallback, new DecoderReplacementFallback("\uFFFD")));

    /// <summary>The character of each single byte, or -1.</summary>
    public static int[] Singles(Encoding codePage) => [.. Enumerable.Range(0, 256).Select(b => b < 0x80 ? b : Decode(codePage, [(byte)b]))];

    /// <summary>The character of each pair, by lead and trail, or NUL.</summary>
    public static char[] Pairs(Encoding codePage)
    {
        var pairs = new char[65_536];
        Span<byte> pair = stackalloc byte[2];
        for (var lead = 0x81; lead <= 0xFE; lead++)
        {
            for (var trail = 0x31; trail <= 0xFE; trail++)
            {
                (pair[0], pair[1]) = ((byte)lead, (byte)trail);
                if (Decode(codePage, pair) is > 0x7F and <= 0xFFFF and var scalar)
                    pairs[(lead << 8) | trail] = (char)scalar;
            }
        }
        return pairs;
    }

    /// <summary>The one character that these bytes are as a whole, or -1.</summary>
    public static int Decode(Encoding codePage, ReadOnlySpan<byte> bytes)
    {
        Span<char> chars = stackalloc char[8];
        var text = chars[..codePage.GetChars(bytes, chars)];
        if (Rune.DecodeFromUtf16(text, out var rune, out var length) != System.Buffers.OperationStatus.Done || length != text.Length)
            return -1;
        return rune.Value is 0xFFFD or (>= 0x80 and < 0xA0) or (>= 0xE000 and <= 0xF8FF) or >= 0xF0000 ? -1 : rune.Value;
    }
}
