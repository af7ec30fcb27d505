using System.Globalization;
using System.Text;
using Muster.Contacts;

namespace Muster.Validation;

/// <summary>Which sign a source puts before the decimals.</summary>
/// <remarks>It decides only what the number itself leaves open: <c>1,234</c> and <c>1.234</c>.</remarks>
public enum DecimalSign : byte { Unknown = 0, Point = 1, Comma = 2 }

/// <summary>Reads numbers as people and programs write them, exactly: digits are moved, never computed with.</summary>
/// <remarks>docs/formats-values.md gives the accepted forms.</remarks>
public static class NumberValue
{
    /// <summary>Longest cell that is looked at, in bytes.</summary>
    public const int InputBytesMax = 512;

    /// <summary>Room that every canonical text fits in.</summary>
    public const int BytesMax = InputBytesMax + 16;

    // Beyond this many zeros that are not in the number, 1e50 says more than fifty of them. RFC 8259 §6 leaves the choice free.
    const int PaddingMax = 40;

    // What IEEE 754 double precision reaches; RFC 8259 §6 warns that readers go no further.
    const int ExponentMax = 308;

    /// <summary>Writes the number as JSON number text (RFC 8259 §6), one text for one value: no sign but minus, no needless zeros, <c>0</c> for minus zero.</summary>
    /// <param name="utf8">The cell; surrounding blanks do not matter.</param>
    /// <param name="sign">Decides <c>1,234</c> and <c>1.234</c>; unknown reads both as English does, 1234 and 1.234.</param>
    /// <param name="destination">At least <see cref="BytesMax"/> bytes.</param>
    /// <returns><see cref="ErrorCode.None"/> or <see cref="ErrorCode.InvalidNumber"/>; <see cref="ErrorCode.ValueTooLong"/> when the cell is longer
    /// than <see cref="InputBytesMax"/> or <paramref name="destination"/> too small.</returns>
    public static ErrorCode TryRead(ReadOnlySpan<byte> utf8, DecimalSign sign, Span<byte> destination, out int written)
    {
        written = 0;
        utf8 = Blanks.Trim(utf8);
        if (utf8.IsEmpty)
            return ErrorCode.InvalidNumber;
        if (utf8.Length > InputBytesMax)
            return ErrorCode.ValueTooLong;

        Span<byte> folded = stackalloc byte[InputBytesMax];
        if (!PlainDigits.TryFold(utf8, folded, out var length))
            return ErrorCode.InvalidNumber;
        ReadOnlySpan<byte> text = folded[..length];

        var negative = TakeSign(ref text);
        if (!TryTakeExponent(ref text, out var exponent) || !TrySplit(text, sign, out var whole, out var fraction))
            return ErrorCode.InvalidNumber;

        Span<byte> digits = stackalloc byte[InputBytesMax];
        var count = Digits(whole, digits);
        var point = count + exponent;
        count += Digits(fraction, digits[count..]);
        if (count == 0)
            return ErrorCode.InvalidNumber;

        var leading = digits[..count].IndexOfAnyExcept((byte)'0');
        if (leading < 0)
            return Write(negative: false, "0"u8, 1, destination, out written);
        var significant = digits[leading..count].TrimEnd((byte)'0');
        return Write(negative, significant, point - leading, destination, out written);
    }

    /// <summary>What one number tells of its column's decimal sign.</summary>
    /// <param name="isOpen">True for <c>1,234</c> and <c>1.234</c>, which read two ways: the column must decide.</param>
    /// <returns>The sign that the number proves; unknown when it proves none, is open, or is no number.</returns>
    public static DecimalSign Proof(ReadOnlySpan<byte> utf8, out bool isOpen)
    {
        isOpen = false;
        utf8 = Blanks.Trim(utf8);
        Span<byte> folded = stackalloc byte[InputBytesMax];
        Span<byte> point = stackalloc byte[BytesMax];
        Span<byte> comma = stackalloc byte[BytesMax];
        if (utf8.Length > InputBytesMax || TryRead(utf8, DecimalSign.Point, point, out var pointBytes) != ErrorCode.None
            || TryRead(utf8, DecimalSign.Comma, comma, out var commaBytes) != ErrorCode.None || !PlainDigits.TryFold(utf8, folded, out var length))
            return DecimalSign.Unknown;
        isOpen = !point[..pointBytes].SequenceEqual(comma[..commaBytes]);
        var text = folded[..length];
        var points = text.Count((byte)'.');
        var commas = text.Count((byte)',');
        if (isOpen || points + commas == 0)
            return DecimalSign.Unknown;
        // The last of two signs stands before the decimals; one that repeats parts groups.
        if (points > 0 && commas > 0)
            return text.LastIndexOf((byte)'.') > text.LastIndexOf((byte)',') ? DecimalSign.Point : DecimalSign.Comma;
        return points == 1 || commas > 1 ? DecimalSign.Point : DecimalSign.Comma;
    }

    /// <summary>A sign in front, a minus behind (SAP writes <c>12-</c>), or parentheses (accountants').</summary>
    static bool TakeSign(ref ReadOnlySpan<byte> text)
    {
        if (text.Length >= 3 && text[0] == '(' && text[^1] == ')' && text[1] is not ((byte)'-' or (byte)'+'))
        {
            text = Blanks.Trim(text[1..^1]);
            return true;
        }
        if (text[0] is (byte)'-' or (byte)'+')
        {
            var negative = text[0] == '-';
            text = text[1..].TrimStart((byte)' ');
            return negative;
        }
        if (text[^1] == '-')
        {
            text = text[..^1].TrimEnd((byte)' ');
            return true;
        }
        return false;
    }

    static bool TryTakeExponent(ref ReadOnlySpan<byte> text, out int exponent)
    {
        exponent = 0;
        var at = text.IndexOfAny((byte)'e', (byte)'E');
        if (at < 0)
            return true;
        var power = text[(at + 1)..];
        text = text[..at];
        var negative = power.Length > 1 && power[0] == '-';
        if (negative || power.Length > 1 && power[0] == '+')
            power = power[1..];
        if (power.Length is 0 or > 4 || power.ContainsAnyExceptInRange((byte)'0', (byte)'9') || at == 0)
            return false;
        foreach (var b in power)
            exponent = exponent * 10 + b - '0';
        if (negative)
            exponent = -exponent;
        return true;
    }

    /// <summary>Finds out which of the signs in <paramref name="text"/> stands before the decimals, and checks that the others part groups of digits.</summary>
    static bool TrySplit(ReadOnlySpan<byte> text, DecimalSign sign, out ReadOnlySpan<byte> whole, out ReadOnlySpan<byte> fraction)
    {
        fraction = default;
        whole = text;
        var points = text.Count((byte)'.');
        var commas = text.Count((byte)',');
        var at = -1;
        if (points > 0 && commas > 0)
        {
            // Both: the last one is the decimal sign, and there is one of it.
            at = Math.Max(text.LastIndexOf((byte)'.'), text.LastIndexOf((byte)','));
            if ((text[at] == '.' ? points : commas) != 1)
                return false;
        }
        else if (points + commas == 1)
        {
            var only = points == 1 ? text.IndexOf((byte)'.') : text.IndexOf((byte)',');
            var decimalByRule = text[only] == '.' ? sign != DecimalSign.Comma : sign == DecimalSign.Comma;
            if (decimalByRule || !LooksLikeOneGroup(text, only))
                at = only;
        }

        byte separator = 0;
        if (at >= 0)
        {
            whole = text[..at];
            fraction = text[(at + 1)..];
            if (fraction.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
                return false;
        }
        foreach (var b in whole)
        {
            if (b is >= (byte)'0' and <= (byte)'9')
                continue;
            // One kind of separator in one number.
            if (b is not ((byte)'.' or (byte)',' or (byte)'\'' or (byte)' ') || separator != 0 && separator != b)
                return false;
            separator = b;
        }
        return separator == 0 || GroupsAreRight(whole, separator);
    }

    /// <summary>One to three digits, not all of them zero at the front, a sign, and three digits: <c>1,234</c> but not <c>0,123</c> or <c>1234,567</c>.</summary>
    static bool LooksLikeOneGroup(ReadOnlySpan<byte> text, int at) =>
        at is >= 1 and <= 3 && text[0] is >= (byte)'1' and <= (byte)'9' && text.Length - at - 1 == 3 && !text[..at].ContainsAny((byte)' ', (byte)'\'');

    /// <summary>Groups of three, or as in India groups of two before the last three.</summary>
    static bool GroupsAreRight(ReadOnlySpan<byte> whole, byte separator)
    {
        var last = whole.LastIndexOf(separator);
        if (whole.Length - last - 1 != 3)
            return false;
        var middle = 0;
        while (last >= 0)
        {
            whole = whole[..last];
            last = whole.LastIndexOf(separator);
            var group = whole.Length - last - 1;
            if (last < 0)
                return group >= 1 && group <= (middle == 0 ? 3 : middle);
            if (group is not (2 or 3) || middle != 0 && group != middle)
                return false;
            middle = group;
        }
        return false;
    }

    static int Digits(ReadOnlySpan<byte> text, Span<byte> digits)
    {
        var count = 0;
        foreach (var b in text)
        {
            if (b is >= (byte)'0' and <= (byte)'9')
                digits[count++] = b;
        }
        return count;
    }

    /// <param name="digits">Significant digits: no zero at either end.</param>
    /// <param name="point">How many digits stand before the decimal point; may lie outside of them.</param>
    static ErrorCode Write(bool negative, ReadOnlySpan<byte> digits, int point, Span<byte> destination, out int written)
    {
        written = 0;
        if (point - 1 < -ExponentMax)
            return ErrorCode.InvalidNumber;
        Span<byte> text = stackalloc byte[BytesMax + PaddingMax];
        var n = 0;
        if (negative)
            text[n++] = (byte)'-';

        var padding = point > digits.Length ? point - digits.Length : point < 0 ? -point : 0;
        if (padding > PaddingMax)
        {
            if (point - 1 > ExponentMax)
                return ErrorCode.InvalidNumber;
            text[n++] = digits[0];
            if (digits.Length > 1)
            {
                text[n++] = (byte)'.';
                digits[1..].CopyTo(text[n..]);
                n += digits.Length - 1;
            }
            text[n++] = (byte)'e';
            (point - 1).TryFormat(text[n..], out var exponentBytes, default, CultureInfo.InvariantCulture);
            n += exponentBytes;
        }
        else if (point <= 0)
        {
            "0."u8.CopyTo(text[n..]);
            n += 2;
            text.Slice(n, padding).Fill((byte)'0');
            n += padding;
            digits.CopyTo(text[n..]);
            n += digits.Length;
        }
        else
        {
            var before = Math.Min(point, digits.Length);
            digits[..before].CopyTo(text[n..]);
            n += before;
            text.Slice(n, padding).Fill((byte)'0');
            n += padding;
            if (before < digits.Length)
            {
                text[n++] = (byte)'.';
                digits[before..].CopyTo(text[n..]);
                n += digits.Length - before;
            }
        }

        if (!text[..n].TryCopyTo(destination))
            return ErrorCode.ValueTooLong;
        written = n;
        return ErrorCode.None;
    }
}
