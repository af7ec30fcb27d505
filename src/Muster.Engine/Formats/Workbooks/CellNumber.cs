using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Muster.Formats.Workbooks;

/// <summary>Writes a cell's number as a person sees it: dates as ISO 8601, percentages, leading zeros, never an exponent. See docs/formats-workbooks.md.</summary>
static class CellNumber
{
    /// <summary>Room for any number that <see cref="Write(double, NumberFormat, bool, Span{byte})"/> writes: the smallest double has 324 decimals; a mask has at most the format's 1,024 characters.</summary>
    public const int BytesMax = 4096;

    const int PlainDigitsMax = 15;
    const long MillisecondsADay = 86_400_000;
    const double LastDay = 2_958_465.999_999_99; // 9999-12-31
    const double ExactIntegers = 9_007_199_254_740_992; // 2^53

    /// <summary>Writes a number that stands in the workbook as decimal text.</summary>
    /// <param name="raw">XML Schema double, as it stands in the sheet.</param>
    /// <param name="since1904">Whether day 0 is 1904-01-01.</param>
    /// <param name="text">At least <see cref="BytesMax"/> bytes.</param>
    /// <returns>Bytes written; −1 when <paramref name="raw"/> is no number.</returns>
    public static int Write(ReadOnlySpan<byte> raw, NumberFormat format, bool since1904, Span<byte> text)
    {
        if (format.Kind == NumberKind.Plain && IsPlain(raw))
        {
            raw.CopyTo(text);
            return raw.Length;
        }
        var trimmed = raw.Trim(" \t\r\n"u8);
        if (trimmed.StartsWith("+"u8))
            trimmed = trimmed[1..];
        if (!Utf8Parser.TryParse(trimmed, out double value, out var used) || used != trimmed.Length || !double.IsFinite(value))
            return -1;
        return Write(value, format, since1904, text);
    }

    /// <returns>Bytes written.</returns>
    public static int Write(double value, NumberFormat format, bool since1904, Span<byte> text)
    {
        switch (format.Kind)
        {
            case NumberKind.Date or NumberKind.DateTime or NumberKind.Time when WriteDate(value, format.Kind, since1904, text) is var length and > 0:
                return length;
            case NumberKind.Duration when Math.Abs(value) <= LastDay:
                return WriteDuration(value, text);
            case NumberKind.Percent:
                return WritePercent(value, format.Decimals, text);
            case NumberKind.Mask when format.Mask(value) is { } mask:
                return Encoding.UTF8.GetBytes(mask, text);
            default:
                return WritePlain(value, 0, 0, text);
        }
    }

    /// <summary>Digits that say exactly what they mean: a whole number, or up to fifteen digits with a point in between.</summary>
    static bool IsPlain(ReadOnlySpan<byte> raw)
    {
        var digits = raw.StartsWith("-"u8) ? raw[1..] : raw;
        if (digits.IsEmpty || digits.Length > 64 || (digits[0] == '0' && digits.Length > 1 && digits[1] != '.') || (raw.Length == 2 && raw[0] == '-' && raw[1] == '0'))
            return false;
        if (digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9') is var point && point < 0)
            return true;
        return digits[point] == '.' && point > 0 && digits.Length - 1 <= PlainDigitsMax && point < digits.Length - 1
            && digits[^1] != '0' && digits[(point + 1)..].IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;
    }

    /// <summary>The number with fifteen significant digits, which is what spreadsheets show, or exactly when it is whole and below 2^53.</summary>
    /// <param name="shift">Powers of ten to multiply by.</param>
    /// <param name="decimals">Decimals to show at least.</param>
    static int WritePlain(double value, int shift, int decimals, Span<byte> text)
    {
        if (shift == 0 && decimals == 0 && value == Math.Floor(value) && Math.Abs(value) < ExactIntegers)
        {
            Utf8Formatter.TryFormat((long)value, text, out var written);
            return written;
        }
        // d.dddddddddddddde+xxx
        Span<byte> scientific = stackalloc byte[32];
        value.TryFormat(scientific, out var length, "E14", CultureInfo.InvariantCulture);
        scientific = scientific[..length];
        var exponentAt = scientific.IndexOf((byte)'E');
        var exponent = int.Parse(scientific[(exponentAt + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) + shift;
        var negative = scientific[0] == '-';
        Span<byte> digits = stackalloc byte[PlainDigitsMax];
        var count = 0;
        foreach (var b in scientific[..exponentAt])
        {
            if (b is >= (byte)'0' and <= (byte)'9')
                digits[count++] = b;
        }
        while (count > 1 && digits[count - 1] == '0')
            count--;
        if (count == 1 && digits[0] == '0')
            (negative, exponent) = (false, 0);

        var at = 0;
        if (negative)
            text[at++] = (byte)'-';
        for (var i = 0; i <= Math.Max(exponent, 0); i++)
            text[at++] = exponent < 0 || i >= count ? (byte)'0' : digits[i];
        var after = Math.Max(count - exponent - 1, 0);
        if (after == 0 && decimals == 0)
            return at;
        text[at++] = (byte)'.';
        for (var i = 0; i < Math.Max(after, decimals); i++)
        {
            var digit = exponent + 1 + i;
            text[at++] = digit >= 0 && digit < count ? digits[digit] : (byte)'0';
        }
        return at;
    }

    static int WritePercent(double value, int decimals, Span<byte> text)
    {
        var length = WritePlain(value, 2, decimals, text);
        text[length] = (byte)'%';
        return length + 1;
    }

    /// <returns>0 when the number is no day of the calendar: a spreadsheet shows ##### or a day that never was.</returns>
    static int WriteDate(double value, NumberKind kind, bool since1904, Span<byte> text)
    {
        if (!(value >= 0) || value > LastDay)
            return 0;
        var milliseconds = (long)Math.Round(value * MillisecondsADay);
        var day = milliseconds / MillisecondsADay;
        var time = milliseconds % MillisecondsADay;
        if (kind == NumberKind.Time || (kind == NumberKind.DateTime && day == 0 && !since1904))
            return WriteTime(time / 3_600_000, time, text);
        if (day == 0 && !since1904)
            return 0;

        int at;
        if (!since1904 && day == 60)
        {
            // 29 February 1900 never was; Excel, after Lotus 1-2-3, shows it.
            "1900-02-29"u8.CopyTo(text);
            at = 10;
        }
        else
        {
            var epoch = since1904 ? new DateOnly(1904, 1, 1) : day < 60 ? new DateOnly(1899, 12, 31) : new DateOnly(1899, 12, 30);
            if (day > DateOnly.MaxValue.DayNumber - epoch.DayNumber)
                return 0;
            epoch.AddDays((int)day).TryFormat(text, out at, "yyyy-MM-dd", CultureInfo.InvariantCulture);
        }
        if (kind == NumberKind.Date)
            return at;
        text[at++] = (byte)'T';
        return at + WriteTime(time / 3_600_000, time, text[at..]);
    }

    static int WriteDuration(double value, Span<byte> text)
    {
        var milliseconds = (long)Math.Round(Math.Abs(value) * MillisecondsADay);
        var at = 0;
        if (value < 0 && milliseconds > 0)
            text[at++] = (byte)'-';
        return at + WriteTime(milliseconds / 3_600_000, milliseconds, text[at..]);
    }

    /// <summary>hh:mm:ss, and milliseconds when there are any.</summary>
    static int WriteTime(long hours, long milliseconds, Span<byte> text)
    {
        hours.TryFormat(text, out var at, "00", CultureInfo.InvariantCulture);
        text[at++] = (byte)':';
        at += WriteTwo(milliseconds / 60_000 % 60, text[at..]);
        text[at++] = (byte)':';
        at += WriteTwo(milliseconds / 1_000 % 60, text[at..]);
        if (milliseconds % 1_000 is var rest and > 0)
        {
            text[at++] = (byte)'.';
            rest.TryFormat(text[at..], out var written, "000", CultureInfo.InvariantCulture);
            at += written;
        }
        return at;
    }

    static int WriteTwo(long value, Span<byte> text)
    {
        text[0] = (byte)('0' + value / 10);
        text[1] = (byte)('0' + value % 10);
        return 2;
    }
}
