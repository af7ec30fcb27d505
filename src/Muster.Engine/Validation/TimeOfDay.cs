using System.Runtime.InteropServices;
using System.Text;

namespace Muster.Validation;

/// <summary>What follows a date: nothing, or a time of day with or without a zone.</summary>
/// <param name="IsGiven">False when nothing followed.</param>
/// <param name="Seconds">Since midnight; 86,400 for 24:00:00, the midnight at the day's end (ISO 8601-1:2019/Amd 1).</param>
/// <param name="HasZone">True when Z, UTC, GMT or an offset was given.</param>
/// <param name="OffsetMinutes">East of Greenwich.</param>
[StructLayout(LayoutKind.Auto)]
readonly record struct TimeOfDay(bool IsGiven, int Seconds, int Nanoseconds, bool HasZone, int OffsetMinutes)
{
    /// <summary>Reads <c>T12:30</c>, <c> 12:30:05.25 +0100</c>, <c>T123005Z</c>, <c>, 1:30 PM</c>.</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, out TimeOfDay time)
    {
        time = default;
        if (text.IsEmpty)
            return true;
        if (text[0] is not ((byte)'T' or (byte)'t' or (byte)' ' or (byte)','))
            return false;
        text = text[1..].TrimStart((byte)' ');

        if (!TryTakeClock(ref text, out var hour, out var minute, out var second, out var nanoseconds))
            return false;
        text = text.TrimStart((byte)' ');
        if (TryTakeWord(ref text, "AM"u8) || TryTakeWord(ref text, "A.M."u8))
        {
            if (hour is < 1 or > 12)
                return false;
            hour %= 12;
        }
        else if (TryTakeWord(ref text, "PM"u8) || TryTakeWord(ref text, "P.M."u8))
        {
            if (hour is < 1 or > 12)
                return false;
            hour = hour % 12 + 12;
        }
        if (minute > 59 || second > 59 || hour > 24 || hour == 24 && (minute | second | nanoseconds) != 0)
            return false;

        text = text.TrimStart((byte)' ');
        if (!TryReadZone(text, out var hasZone, out var offset))
            return false;
        time = new(true, (hour * 60 + minute) * 60 + second, nanoseconds, hasZone, offset);
        return true;
    }

    static bool TryTakeClock(ref ReadOnlySpan<byte> text, out int hour, out int minute, out int second, out int nanoseconds)
    {
        minute = second = nanoseconds = hour = 0;
        var digits = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (digits < 0)
            digits = text.Length;
        if (digits is 4 or 6)
        {
            // ISO 8601 basic format
            hour = DateValue.Number(text[..2]);
            minute = DateValue.Number(text[2..4]);
            second = DateValue.Number(text[4..digits]);
            text = text[digits..];
            return digits == 4 || TryTakeFraction(ref text, out nanoseconds);
        }
        if (digits is < 1 or > 2)
            return false;
        hour = DateValue.Number(text[..digits]);
        text = text[digits..];
        if (!TryTakePart(ref text, out minute))
            return IsHalfDay(text);
        return !TryTakePart(ref text, out second) || TryTakeFraction(ref text, out nanoseconds);
    }

    /// <summary>A lone hour is a time only before AM or PM: <c>3 PM</c>.</summary>
    static bool IsHalfDay(ReadOnlySpan<byte> text)
    {
        text = text.TrimStart((byte)' ');
        return text.Length >= 2 && (text[0] | 0x20) is 'a' or 'p' && (text[1] | 0x20) is 'm' or '.';
    }

    static bool TryTakePart(ref ReadOnlySpan<byte> text, out int part)
    {
        part = 0;
        if (text.Length < 3 || text[0] != ':' || text[1..3].ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return false;
        part = DateValue.Number(text[1..3]);
        text = text[3..];
        return true;
    }

    /// <summary>Digits behind the ninth are dropped.</summary>
    static bool TryTakeFraction(ref ReadOnlySpan<byte> text, out int nanoseconds)
    {
        nanoseconds = 0;
        if (text.IsEmpty || text[0] is not ((byte)'.' or (byte)','))
            return true;
        text = text[1..];
        var digits = 0;
        for (; digits < text.Length && text[digits] is >= (byte)'0' and <= (byte)'9'; digits++)
        {
            if (digits < 9)
                nanoseconds = nanoseconds * 10 + text[digits] - '0';
        }
        for (var i = digits; i < 9; i++)
            nanoseconds *= 10;
        text = text[digits..];
        return digits > 0;
    }

    static bool TryReadZone(ReadOnlySpan<byte> text, out bool hasZone, out int offsetMinutes)
    {
        offsetMinutes = 0;
        hasZone = !text.IsEmpty;
        if (text.IsEmpty || Ascii.EqualsIgnoreCase(text, "Z"u8))
            return true;
        if (TryTakeWord(ref text, "UTC"u8) || TryTakeWord(ref text, "GMT"u8))
        {
            if (text.IsEmpty)
                return true;
        }
        if (text.Length < 2 || text[0] is not ((byte)'+' or (byte)'-'))
            return false;
        var sign = text[0] == '-' ? -1 : 1;
        text = text[1..];
        var hours = text.IndexOf((byte)':');
        if (hours >= 0 && (text.Length != hours + 3))
            return false;
        if (hours < 0)
            hours = text.Length == 4 ? 2 : text.Length;
        var minutes = text[hours..].TrimStart((byte)':');
        if (hours is < 1 or > 2 || minutes.Length is not (0 or 2)
            || text[..hours].ContainsAnyExceptInRange((byte)'0', (byte)'9') || minutes.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return false;
        var h = DateValue.Number(text[..hours]);
        var m = DateValue.Number(minutes);
        // The zones of the world reach from -12:00 to +14:00.
        if (h > 14 || m > 59)
            return false;
        offsetMinutes = sign * (h * 60 + m);
        return true;
    }

    static bool TryTakeWord(ref ReadOnlySpan<byte> text, ReadOnlySpan<byte> word)
    {
        if (text.Length < word.Length || !Ascii.EqualsIgnoreCase(text[..word.Length], word))
            return false;
        text = text[word.Length..];
        return true;
    }
}
