using System.Globalization;
using System.Text;

namespace Muster.Formats.Workbooks;

/// <summary>What a number format makes of a number, as far as it matters to who reads the cell.</summary>
enum NumberKind
{
    /// <summary>The number itself: no exponent, no grouping, no currency, as many decimals as it has.</summary>
    Plain,
    Date,
    DateTime,
    Time,

    /// <summary>Hours that go on behind 24: <c>[h]:mm</c>.</summary>
    Duration,
    Percent,

    /// <summary>Whole numbers with leading zeros, or with text around and between the digits: <c>00000</c>, <c>"+"0</c>, <c>(000) 000-0000</c>.</summary>
    Mask,
}

/// <summary>A number format of a workbook (ECMA-376 part 1, §18.8.30 and §18.8.31; the same texts stand in .xls).</summary>
sealed class NumberFormat
{
    const int CodeLengthMax = 1024;

    public static readonly NumberFormat General = new(NumberKind.Plain, 0, []);

    static readonly string?[] BuiltIn = BuiltIns();

    readonly MaskSection[] sections;

    NumberFormat(NumberKind kind, int decimals, MaskSection[] sections) => (Kind, Decimals, this.sections) = (kind, decimals, sections);

    public NumberKind Kind { get; }

    /// <summary>Decimals that a percentage shows at least.</summary>
    public int Decimals { get; }

    /// <param name="id">Number of the format; below 164 it may be built in.</param>
    /// <param name="code">The format's text when the workbook has one for the number.</param>
    public static NumberFormat Of(int id, string? code)
    {
        code ??= id >= 0 && id < BuiltIn.Length ? BuiltIn[id] : null;
        if (string.IsNullOrEmpty(code) || code.Length > CodeLengthMax)
            return General;
        var texts = Split(code);
        var first = SectionScan.Of(texts[0]);
        if (first.Kind is NumberKind.Date or NumberKind.DateTime or NumberKind.Time or NumberKind.Duration)
            return new(first.Kind, 0, []);
        if (first.Kind == NumberKind.Percent)
            return new(NumberKind.Percent, first.Decimals, []);
        var masks = texts.Take(3).Select(MaskSection.Of).ToArray();
        return Array.Exists(masks, m => m.IsMask) ? new(NumberKind.Mask, 0, masks) : General;
    }

    /// <summary>The text of a whole number by the format's sections; null when it is to be written plainly.</summary>
    public string? Mask(double value)
    {
        if (value != Math.Floor(value) || Math.Abs(value) >= 1e15)
            return null;
        var index = Section(value);
        if (index >= sections.Length || !sections[index].IsMask)
            return null;
        var digits = ((long)Math.Abs(value)).ToString(CultureInfo.InvariantCulture);
        // Only a section that is for negative numbers alone brings its own sign.
        return (value < 0 && (index == 0 || sections[index].HasCondition) ? "-" : "") + sections[index].Render(value == 0 ? "" : digits);
    }

    int Section(double value)
    {
        if (sections.Length > 0 && sections[0].HasCondition)
        {
            if (sections[0].Holds(value))
                return 0;
            if (sections.Length > 1 && (!sections[1].HasCondition || sections[1].Holds(value)))
                return 1;
            return sections.Length > 2 ? 2 : int.MaxValue;
        }
        if (sections.Length > 2 && value == 0)
            return 2;
        return sections.Length > 1 && value < 0 ? 1 : 0;
    }

    /// <summary>The sections between semicolons that are neither quoted nor escaped.</summary>
    static List<string> Split(string code)
    {
        var parts = new List<string>();
        var start = 0;
        var quoted = false;
        for (var i = 0; i < code.Length; i++)
        {
            switch (code[i])
            {
                case '"':
                    quoted = !quoted;
                    break;
                case '\\' when !quoted:
                    i++;
                    break;
                case ';' when !quoted:
                    parts.Add(code[start..i]);
                    start = i + 1;
                    break;
            }
        }
        parts.Add(code[Math.Min(start, code.Length)..]);
        return parts;
    }

    // ECMA-376 part 1, §18.8.30: ids that no workbook spells out. 27–36 and 50–58 are dates and times in East Asian locales.
    static string?[] BuiltIns()
    {
        var codes = new string?[59];
        codes[9] = "0%";
        codes[10] = "0.00%";
        (codes[14], codes[15], codes[16], codes[17]) = ("m/d/yyyy", "d-mmm-yy", "d-mmm", "mmm-yy");
        (codes[18], codes[19], codes[20], codes[21]) = ("h:mm AM/PM", "h:mm:ss AM/PM", "h:mm", "h:mm:ss");
        codes[22] = "m/d/yyyy h:mm";
        (codes[45], codes[46], codes[47]) = ("mm:ss", "[h]:mm:ss", "mm:ss.0");
        foreach (var date in (ReadOnlySpan<int>)[27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58])
            codes[date] = "yyyy/m/d";
        foreach (var time in (ReadOnlySpan<int>)[32, 33, 34, 35, 55, 56])
            codes[time] = "h:mm:ss";
        return codes;
    }
}

/// <summary>One section of a number format, as far as it puts zeros and text around the digits of a whole number.</summary>
sealed class MaskSection
{
    const char DigitOrZero = '0';
    const char DigitOrNothing = '#';

    readonly List<(char Place, string? Literal)> tokens = [];
    string comparison = "";
    double limit;

    public bool IsMask { get; private set; }

    public bool HasCondition => comparison.Length > 0;

    public bool Holds(double value) => comparison switch
    {
        "<" => value < limit,
        "<=" => value <= limit,
        ">" => value > limit,
        ">=" => value >= limit,
        "=" => value == limit,
        "<>" => value != limit,
        _ => false,
    };

    public static MaskSection Of(string text)
    {
        var section = new MaskSection();
        section.IsMask = section.Parse(text);
        return section;
    }

    /// <param name="digits">Decimal digits, none for zero.</param>
    public string Render(string digits)
    {
        var places = tokens.Count(t => t.Literal is null);
        var surplus = Math.Max(0, digits.Length - places);
        var next = 0;
        var missing = Math.Max(0, places - digits.Length);
        var text = new StringBuilder();
        foreach (var (place, literal) in tokens)
        {
            if (literal is not null)
            {
                text.Append(literal);
                continue;
            }
            if (surplus > 0)
            {
                text.Append(digits, 0, surplus);
                (next, surplus) = (surplus, 0);
            }
            if (missing > 0)
            {
                missing--;
                if (place == DigitOrZero)
                    text.Append('0');
            }
            else if (next < digits.Length)
            {
                text.Append(digits[next++]);
            }
        }
        return text.ToString().Trim();
    }

    /// <returns>Whether the section says more than the plain number does. A section with decimals, grouping or currency says no more.</returns>
    bool Parse(string text)
    {
        var zeros = 0;
        var literals = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            switch (c)
            {
                case '"':
                    var end = End(text, i, '"');
                    literals |= Literal(text[(i + 1)..Math.Min(end, text.Length)]);
                    i = end;
                    break;
                case '\\' when i + 1 < text.Length:
                    literals |= Literal(text[++i].ToString());
                    break;
                case '_' or '*':
                    i++;
                    break;
                case '[':
                    var close = End(text, i, ']');
                    if (!Bracket(text[(i + 1)..Math.Min(close, text.Length)]))
                        return false;
                    i = close;
                    break;
                case '0':
                    zeros++;
                    tokens.Add((DigitOrZero, null));
                    break;
                case '#' or '?':
                    tokens.Add((DigitOrNothing, null));
                    break;
                case '.' or ',' or '%' or 'E' or 'e' or '@' or 'G' or 'g':
                    return false; // decimals, grouping, percent, exponent, text, General
                case '/' when text.AsSpan(i + 1).IndexOfAny('?', '#', '0') >= 0 && text.Contains('?', StringComparison.Ordinal):
                    return false; // a fraction
                default:
                    literals |= Literal(c.ToString());
                    break;
            }
        }
        var hasPlaces = tokens.Exists(t => t.Literal is null);
        return (hasPlaces && (zeros > 1 || literals)) || (!hasPlaces && literals && tokens.Exists(t => t.Literal!.AsSpan().Trim().Length > 0))
            ? !tokens.Exists(t => t.Literal is { } l && l.Any(c => char.GetUnicodeCategory(c) == UnicodeCategory.CurrencySymbol))
            : false;
    }

    static int End(string text, int start, char close)
    {
        var end = text.IndexOf(close, start + 1);
        return end < 0 ? text.Length : end;
    }

    bool Literal(string literal)
    {
        tokens.Add(('\0', literal));
        return literal.Length > 0;
    }

    /// <returns>False when the bracket holds a currency.</returns>
    bool Bracket(string inside)
    {
        if (inside.StartsWith('$'))
        {
            // [$-409] is a language, [$€-407] a currency.
            return inside.Length < 2 || inside[1] == '-';
        }
        var operators = inside.TakeWhile(c => c is '<' or '>' or '=').Count();
        if (operators > 0 && double.TryParse(inside[operators..], NumberStyles.Float, CultureInfo.InvariantCulture, out limit))
            comparison = inside[..operators];
        return true; // a colour says nothing
    }
}
