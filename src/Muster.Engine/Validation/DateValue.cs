using System.Globalization;
using System.Text;
using Muster.Contacts;

namespace Muster.Validation;

/// <summary>The order of year, month and day in dates of digits that do not begin with a four-digit year.</summary>
public enum DateOrder : byte { Unknown = 0, Ymd = 1, Dmy = 2, Mdy = 3 }

/// <summary>Reads dates, with or without a time, as people and programs write them.</summary>
/// <remarks>docs/formats-values.md gives the accepted forms. The answer depends on nothing but the arguments: not on today, nor on the machine's language or zone.</remarks>
public static class DateValue
{
    /// <summary>Longest cell that is looked at, in bytes.</summary>
    public const int InputBytesMax = 128;

    /// <summary>Room that every canonical text fits in: <c>2026-01-31T12:30:00.123456789Z</c>.</summary>
    public const int BytesMax = 30;

    // Day numbers of spreadsheets that are taken for dates: 1954-10-03 to 2119-01-11. Smaller ones are more likely counts, larger ones ids.
    const int SerialMin = 20_000;
    const int SerialMax = 80_000;

    /// <summary>Writes the date in ISO 8601: <c>2026-01-31</c>, with a time <c>2026-01-31T12:30:00</c>, and with a time and a zone, brought to UTC, <c>2026-01-31T11:30:00Z</c>.</summary>
    /// <param name="utf8">The cell; surrounding blanks do not matter.</param>
    /// <param name="order">Decides dates of digits; unknown takes only those that can be read in one way.</param>
    /// <param name="excelSerials">Also read whole numbers from 20000 to 80000 as days of the 1900 date system of spreadsheets (46053 is 2026-01-31).</param>
    /// <param name="destination">At least <see cref="BytesMax"/> bytes.</param>
    /// <returns><see cref="ErrorCode.None"/>, <see cref="ErrorCode.InvalidDate"/> or <see cref="ErrorCode.AmbiguousDate"/>; <see cref="ErrorCode.ValueTooLong"/>
    /// when <paramref name="destination"/> is too small.</returns>
    public static ErrorCode TryRead(ReadOnlySpan<byte> utf8, DateOrder order, bool excelSerials, Span<byte> destination, out int written)
    {
        written = 0;
        utf8 = Blanks.Trim(utf8);
        if (utf8.Length is < 5 or > InputBytesMax)
            return ErrorCode.InvalidDate;
        Span<byte> folded = stackalloc byte[InputBytesMax];
        if (!PlainDigits.TryFold(utf8, folded, out var length))
            return ErrorCode.InvalidDate;
        ReadOnlySpan<byte> text = folded[..length];

        if (excelSerials && text.Length == 5 && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            var serial = Number(text);
            // Day 60 is 1900-02-29, which never was: from day 61 on the count starts at 1899-12-30.
            return serial is >= SerialMin and <= SerialMax
                ? Write(new DateTime(1899, 12, 30).AddDays(serial), default, destination, out written)
                : ErrorCode.InvalidDate;
        }

        var date = default(DateTime);
        var rest = text;
        var code = ErrorCode.InvalidDate;
        if (!TryTakeCompact(ref rest, out date))
        {
            code = TakeParted(ref rest, order, out date);
            if (code == ErrorCode.InvalidDate)
            {
                rest = text;
                if (!DateWords.TryTake(ref rest, out date))
                    return ErrorCode.InvalidDate;
            }
            else if (code != ErrorCode.None)
            {
                return TimeOfDay.TryRead(rest, out _) ? code : ErrorCode.InvalidDate;
            }
        }
        return TimeOfDay.TryRead(rest, out var time) ? Write(date, time, destination, out written) : ErrorCode.InvalidDate;
    }

    /// <summary>ISO 8601 basic format: eight digits, then nothing, a T or a blank.</summary>
    static bool TryTakeCompact(ref ReadOnlySpan<byte> text, out DateTime date)
    {
        date = default;
        if (text.Length < 8 || text[..8].ContainsAnyExceptInRange((byte)'0', (byte)'9') || text.Length > 8 && text[8] is not ((byte)'T' or (byte)'t' or (byte)' '))
            return false;
        // 31012026 has eight digits as well; its year would be 3101.
        if (Number(text[..4]) is < 1800 or > 2199 || !TryDate(Number(text[..4]), Number(text[4..6]), Number(text[6..8]), out date))
            return false;
        text = text[8..];
        return true;
    }

    /// <summary>Three numbers with one sign between them: <c>2026-01-31</c>, <c>31.01.2026</c>, <c>1/31/26</c>, <c>31. 1. 2026</c>.</summary>
    static ErrorCode TakeParted(ref ReadOnlySpan<byte> text, DateOrder order, out DateTime date)
    {
        date = default;
        var rest = text;
        if (!TryTakeNumber(ref rest, out var a, out var aDigits) || !TryTakeSign(ref rest, out var sign)
            || !TryTakeNumber(ref rest, out var b, out var bDigits) || !TryTakeSign(ref rest, out var second) || second != sign
            || !TryTakeNumber(ref rest, out var c, out var cDigits) || bDigits > 2)
            return ErrorCode.InvalidDate;
        // "31. 1. 2026." is how Hungarian and Czech end it.
        if (sign == '.' && rest.Length > 0 && rest[0] == '.')
            rest = rest[1..];
        text = rest;

        if (aDigits == 4)
            return cDigits <= 2 && TryDate(a, b, c, out date) ? ErrorCode.None : ErrorCode.InvalidDate;
        if (aDigits > 2 || cDigits is not (2 or 4))
            return ErrorCode.InvalidDate;

        var yearLast = cDigits == 4 ? c : FullYear(c);
        if (order == DateOrder.Ymd && cDigits == 2)
            return aDigits == 2 && TryDate(FullYear(a), b, c, out date) ? ErrorCode.None : ErrorCode.InvalidDate;
        if (order == DateOrder.Dmy)
            return TryDate(yearLast, b, a, out date) ? ErrorCode.None : ErrorCode.InvalidDate;
        if (order == DateOrder.Mdy)
            return TryDate(yearLast, a, b, out date) ? ErrorCode.None : ErrorCode.InvalidDate;
        // No country writes month.day.year with points.
        if (sign == '.' && cDigits == 4)
            return TryDate(yearLast, b, a, out date) ? ErrorCode.None : ErrorCode.InvalidDate;

        // Unknown: take the reading that is left when the impossible ones are gone.
        var readings = 0;
        Choose(TryDate(yearLast, b, a, out var reading), reading, ref readings, ref date);
        Choose(TryDate(yearLast, a, b, out reading), reading, ref readings, ref date);
        if (aDigits == 2 && cDigits == 2)
            Choose(TryDate(FullYear(a), b, c, out reading), reading, ref readings, ref date);
        return readings switch { 0 => ErrorCode.InvalidDate, 1 => ErrorCode.None, _ => ErrorCode.AmbiguousDate };
    }

    static void Choose(bool possible, DateTime reading, ref int readings, ref DateTime date)
    {
        if (!possible || readings > 0 && reading == date)
            return;
        date = reading;
        readings++;
    }

    static bool TryTakeSign(ref ReadOnlySpan<byte> text, out byte sign)
    {
        sign = 0;
        if (text.IsEmpty || text[0] is not ((byte)'-' or (byte)'/' or (byte)'.'))
            return false;
        sign = text[0];
        text = text[1..].TrimStart((byte)' ');
        return true;
    }

    /// <summary>Takes one to four digits; more are no part of a date.</summary>
    internal static bool TryTakeNumber(ref ReadOnlySpan<byte> text, out int number, out int digits)
    {
        digits = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (digits < 0)
            digits = text.Length;
        number = 0;
        if (digits is 0 or > 4)
            return false;
        number = Number(text[..digits]);
        text = text[digits..];
        return true;
    }

    /// <summary>Whether four digits stand together, as they do in every date whose year is written out.</summary>
    public static bool HasFullYear(ReadOnlySpan<byte> utf8)
    {
        var run = 0;
        foreach (var b in utf8)
        {
            run = b is >= (byte)'0' and <= (byte)'9' ? run + 1 : 0;
            if (run == 4)
                return true;
        }
        return false;
    }

    /// <summary>00 to 49 are of this century, 50 to 99 of the last: fixed, so that a file reads the same in every year.</summary>
    internal static int FullYear(int twoDigits) => twoDigits < 50 ? 2000 + twoDigits : 1900 + twoDigits;

    internal static bool TryDate(int year, int month, int day, out DateTime date)
    {
        date = default;
        if (year is < 1 or > 9999 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
            return false;
        date = new DateTime(year, month, day);
        return true;
    }

    internal static int Number(ReadOnlySpan<byte> digits)
    {
        var number = 0;
        foreach (var b in digits)
            number = number * 10 + b - '0';
        return number;
    }

    static ErrorCode Write(DateTime date, TimeOfDay time, Span<byte> destination, out int written)
    {
        written = 0;
        Span<byte> text = stackalloc byte[BytesMax];
        var moment = date;
        if (time.IsGiven)
        {
            var ticks = date.Ticks + (time.Seconds - time.OffsetMinutes * 60L) * TimeSpan.TicksPerSecond;
            if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks)
                return ErrorCode.InvalidDate;
            moment = new DateTime(ticks);
        }
        moment.TryFormat(text, out var n, time.IsGiven ? "yyyy-MM-ddTHH:mm:ss" : "yyyy-MM-dd", CultureInfo.InvariantCulture);
        if (time.Nanoseconds != 0)
        {
            text[n++] = (byte)'.';
            time.Nanoseconds.TryFormat(text[n..], out var digits, "D9", CultureInfo.InvariantCulture);
            n += text.Slice(n, digits).TrimEnd((byte)'0').Length;
        }
        if (time.HasZone)
            text[n++] = (byte)'Z';
        if (!text[..n].TryCopyTo(destination))
            return ErrorCode.ValueTooLong;
        written = n;
        return ErrorCode.None;
    }
}
