using System.Globalization;
using System.Text;

namespace Muster.Validation;

/// <summary>The Bidi rule for domains with right-to-left letters (RFC 5893 §2), which <see cref="IdnMapping"/> does not check.</summary>
static class BidiRule
{
    enum Direction : byte { Left, Right, EuropeanNumber, ArabicNumber, Mark, Neutral }

    /// <summary>True when the domain holds a right-to-left letter or an Arabic number: then every label must follow the rule.</summary>
    public static bool IsBidiDomain(ReadOnlySpan<char> unicodeDomain)
    {
        foreach (var rune in unicodeDomain.EnumerateRunes())
            if (DirectionOf(rune) is Direction.Right or Direction.ArabicNumber)
                return true;
        return false;
    }

    /// <summary>RFC 5893 §2, conditions 1 to 6, for one U-label or LDH label.</summary>
    public static bool Holds(ReadOnlySpan<char> label)
    {
        var first = Direction.Neutral;
        var last = Direction.Neutral;
        var seen = 0;
        foreach (var rune in label.EnumerateRunes())
        {
            var direction = DirectionOf(rune);
            if (seen == 0)
                first = direction;
            seen |= 1 << (int)direction;
            if (direction != Direction.Mark)
                last = direction;
        }

        bool Has(Direction direction) => (seen & 1 << (int)direction) != 0;
        return first switch
        {
            Direction.Right => !Has(Direction.Left) && !(Has(Direction.EuropeanNumber) && Has(Direction.ArabicNumber))
                && last is Direction.Right or Direction.EuropeanNumber or Direction.ArabicNumber,
            Direction.Left => !Has(Direction.Right) && !Has(Direction.ArabicNumber) && last is Direction.Left or Direction.EuropeanNumber,
            _ => false,
        };
    }

    // The blocks that Unicode reserves for right-to-left scripts (UAX #9, default Bidi_Class values R and AL).
    static Direction DirectionOf(Rune rune) => rune.Value switch
    {
        (>= '0' and <= '9') or (>= 0x06F0 and <= 0x06F9) => Direction.EuropeanNumber,
        < 0x0300 => Rune.IsLetter(rune) ? Direction.Left : Direction.Neutral,
        (>= 0x0660 and <= 0x0669) or 0x066B or 0x066C or (>= 0x10D30 and <= 0x10D39) => Direction.ArabicNumber,
        _ when Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark => Direction.Mark,
        (>= 0x0590 and <= 0x08FF) or (>= 0xFB1D and <= 0xFDFF) or (>= 0xFE70 and <= 0xFEFF) or (>= 0x10800 and <= 0x10FFF) or (>= 0x1E800 and <= 0x1EFFF) =>
            Direction.Right,
        _ => Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.SpacingCombiningMark ? Direction.Left : Direction.Neutral,
    };
}
