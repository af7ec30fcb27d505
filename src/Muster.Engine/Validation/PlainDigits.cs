using System.Buffers;
using System.Globalization;
using System.Text;

namespace Muster.Validation;

/// <summary>Brings the digits, signs and spaces of all scripts to ASCII, so that readers of numbers and dates know one alphabet.</summary>
static class PlainDigits
{
    /// <summary>Copies <paramref name="utf8"/>, ASCII put for what stands for it; everything else is kept.</summary>
    /// <param name="folded">At least as long as <paramref name="utf8"/>: nothing grows.</param>
    /// <returns>False for invalid UTF-8.</returns>
    public static bool TryFold(ReadOnlySpan<byte> utf8, Span<byte> folded, out int length)
    {
        if (Ascii.IsValid(utf8))
        {
            utf8.CopyTo(folded);
            length = utf8.Length;
            return true;
        }
        length = 0;
        while (!utf8.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(utf8, out var rune, out var consumed) != OperationStatus.Done)
                return false;
            if (Fold(rune) is { } ascii)
            {
                folded[length++] = ascii;
            }
            else
            {
                utf8[..consumed].CopyTo(folded[length..]);
                length += consumed;
            }
            utf8 = utf8[consumed..];
        }
        return true;
    }

    static byte? Fold(Rune rune) => rune.Value switch
    {
        < 0x80 => (byte)rune.Value,
        // no-break, figure, thin and narrow spaces part groups of digits
        0x00A0 or 0x2007 or 0x2009 or 0x202F or 0x3000 => (byte)' ',
        // minus sign, hyphens; an en dash is what text editors make of a minus
        0x2212 or 0x2010 or 0x2011 or 0x2012 or 0x2013 or 0xFF0D or 0xFE63 => (byte)'-',
        0xFF0B => (byte)'+',
        0x2019 or 0x02BC or 0xFF07 => (byte)'\'',
        0x066B or 0xFF0C => (byte)',',
        0x066C => (byte)'\'',
        0xFF0E => (byte)'.',
        0xFF0F => (byte)'/',
        0xFF1A => (byte)':',
        _ when Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber => (byte)('0' + (int)Rune.GetNumericValue(rune)),
        _ => null,
    };
}
