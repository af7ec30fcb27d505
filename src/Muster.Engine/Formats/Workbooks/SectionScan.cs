namespace Muster.Formats.Workbooks;

/// <summary>Looks through one section of a number format for what it shows: a date, a time, a percentage or else.</summary>
struct SectionScan
{
    const int DecimalsMax = 30;

    bool date;
    bool time;
    bool duration;
    bool percent;
    bool afterPoint;
    int decimals;

    /// <summary>An m stood where it means months, unless seconds follow it.</summary>
    bool months;

    /// <summary>The unit that was seen last, as d, h, m or s.</summary>
    char last;

    public static (NumberKind Kind, int Decimals) Of(ReadOnlySpan<char> section)
    {
        var scan = new SectionScan();
        while (section.Length > 0)
            section = section[Math.Min(section.Length, scan.Take(section))..];
        return scan.Found;
    }

    readonly (NumberKind Kind, int Decimals) Found
    {
        get
        {
            var showsDate = date || months;
            if (showsDate)
                return (time ? NumberKind.DateTime : NumberKind.Date, 0);
            if (duration)
                return (NumberKind.Duration, 0);
            if (time)
                return (NumberKind.Time, 0);
            return (percent ? NumberKind.Percent : NumberKind.Plain, Math.Min(decimals, DecimalsMax));
        }
    }

    /// <returns>How many characters have been taken; more than there are where a section ends within a quotation or an escape.</returns>
    int Take(ReadOnlySpan<char> rest)
    {
        switch (rest[0])
        {
            case '"':
                return Through(rest, '"');
            case '\\' or '_' or '*':
                return 2;
            case '[':
                var length = Through(rest, ']');
                if (IsElapsed(rest[1..length].TrimEnd(']')))
                    (duration, last) = (true, 'h');
                return length;
            case 'G' or 'g' when Begins(rest, "General"):
                return "General".Length;
            case 'A' or 'a' when Begins(rest, "AM/PM"):
                time = true;
                return "AM/PM".Length;
            case 'A' or 'a' when Begins(rest, "A/P"):
                time = true;
                return "A/P".Length;
            case 'E' or 'e' when rest.Length > 1 && rest[1] is '+' or '-':
                return 2;
            case '%':
                percent = true;
                break;
            case '.':
                afterPoint = true;
                break;
            case '0' when afterPoint:
                decimals++;
                break;
            case 'y' or 'Y' or 'd' or 'D' or 'e' or 'E' or 'b' or 'B' or 'g' or 'G':
                (date, last) = (true, 'd');
                break;
            case 'h' or 'H':
                (time, last) = (true, 'h');
                break;
            case 's' or 'S':
                // What stood before as months were minutes: mm:ss.
                months &= last != 'm';
                (time, last) = (true, 's');
                break;
            case 'm' or 'M':
                return TakeMonthsOrMinutes(rest);
        }
        return 1;
    }

    int TakeMonthsOrMinutes(ReadOnlySpan<char> rest)
    {
        var run = rest.IndexOfAnyExcept('m', 'M') is >= 0 and var end ? end : rest.Length;
        if (last == 'h' && run <= 2)
            return run; // minutes
        date |= months; // a second one: the first were months for sure
        (months, last) = (true, 'm');
        return run;
    }

    /// <summary>Hours, minutes or seconds that go on behind their end: <c>[h]</c>, <c>[mm]</c>.</summary>
    static bool IsElapsed(ReadOnlySpan<char> bracket) =>
        bracket.Length > 0 && (bracket.IndexOfAnyExcept('h', 'H') < 0 || bracket.IndexOfAnyExcept('m', 'M') < 0 || bracket.IndexOfAnyExcept('s', 'S') < 0);

    /// <summary>Length up to the closing sign and with it; the whole length without one.</summary>
    static int Through(ReadOnlySpan<char> rest, char close) => rest[1..].IndexOf(close) is >= 0 and var at ? at + 2 : rest.Length;

    static bool Begins(ReadOnlySpan<char> rest, string word) => rest.StartsWith(word, StringComparison.OrdinalIgnoreCase);
}
