using System.Runtime.CompilerServices;

namespace Muster.Validation;

/// <summary>The blanks that people leave around a value without meaning them.</summary>
public static class Blanks
{
    /// <summary>Removes surrounding blanks: ASCII white space, no-break and typographic spaces, zero-width characters and joiners, direction marks, byte order mark.</summary>
    /// <param name="utf8">Any bytes; invalid UTF-8 is left as it is.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> utf8) =>
        utf8.IsEmpty || (utf8[0] is > (byte)' ' and < 0x80 && utf8[^1] is > (byte)' ' and < 0x80) ? utf8 : TrimSlowly(utf8);

    static ReadOnlySpan<byte> TrimSlowly(ReadOnlySpan<byte> utf8)
    {
        while (!utf8.IsEmpty)
        {
            var lead = LengthAtStart(utf8);
            if (lead == 0)
                break;
            utf8 = utf8[lead..];
        }
        while (!utf8.IsEmpty)
        {
            var trail = LengthAtEnd(utf8);
            if (trail == 0)
                break;
            utf8 = utf8[..^trail];
        }
        return utf8;
    }

    /// <summary>Bytes of the blank that <paramref name="utf8"/> begins with; 0 when it begins with none.</summary>
    internal static int LengthAtStart(ReadOnlySpan<byte> utf8)
    {
        var b = utf8[0];
        if (b < 0x80)
            return b is (byte)' ' or (>= 9 and <= 13) ? 1 : 0;
        if (b == 0xC2)
            return utf8.Length >= 2 && (utf8[1] is 0xA0 or 0x85) ? 2 : 0;
        return utf8.Length >= 3 && IsWide(utf8[0], utf8[1], utf8[2]) ? 3 : 0;
    }

    static int LengthAtEnd(ReadOnlySpan<byte> utf8)
    {
        var b = utf8[^1];
        if (b < 0x80)
            return b is (byte)' ' or (>= 9 and <= 13) ? 1 : 0;
        if ((b is 0xA0 or 0x85) && utf8.Length >= 2 && utf8[^2] == 0xC2)
            return 2;
        return utf8.Length >= 3 && IsWide(utf8[^3], utf8[^2], utf8[^1]) ? 3 : 0;
    }

    // U+1680, U+180E, U+2000–200F, U+2028–202F, U+205F–2064, U+2066–206F, U+3000, U+FEFF
    static bool IsWide(byte a, byte b, byte c) => (a, b, c) switch
    {
        (0xE1, 0x9A, 0x80) or (0xE1, 0xA0, 0x8E) => true,
        (0xE2, 0x80, >= 0x80 and <= 0x8F) or (0xE2, 0x80, >= 0xA8 and <= 0xAF) or (0xE2, 0x81, >= 0x9F and <= 0xA4) or (0xE2, 0x81, >= 0xA6 and <= 0xAF) => true,
        (0xE3, 0x80, 0x80) or (0xEF, 0xBB, 0xBF) => true,
        _ => false,
    };
}
