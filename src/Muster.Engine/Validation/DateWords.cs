using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Muster.Validation;

/// <summary>Dates with a month's name (<c>31 Jan 2026</c>, <c>January 31st, 2026</c>, <c>31-jan-26</c>, <c>Sat, 31 Jan 2026</c>) and those of East Asia (<c>2026年1月31日</c>).</summary>
static class DateWords
{
    /// <summary>Takes a date from the front of <paramref name="text"/> and leaves the time, with the blank or comma before it.</summary>
    public static bool TryTake(ref ReadOnlySpan<byte> text, out DateTime date)
    {
        date = default;
        var rest = text;
        Span<int> numbers = stackalloc int[2];
        Span<int> digits = stackalloc int[2];
        var count = 0;
        var month = 0;
        var monthAt = 0;
        var words = 0;
        while (count < 2 || month == 0)
        {
            rest = rest.TrimStart(" ,.-/"u8);
            if (rest.IsEmpty)
                return false;
            if (rest[0] is >= (byte)'0' and <= (byte)'9')
            {
                // 2026年1月31日 and 2026년 1월 31일: the number before 月 is the month.
                if (!DateValue.TryTakeNumber(ref rest, out var number, out var length))
                    return false;
                if (TryTakeEastAsian(ref rest, "月"u8, "월"u8))
                {
                    if (month != 0 || number is < 1 or > 12)
                        return false;
                    (month, monthAt) = (number, count);
                    continue;
                }
                if (count == 2)
                    return false;
                (numbers[count], digits[count]) = (number, length);
                count++;
                TakeOrdinal(ref rest);
                continue;
            }
            var word = TakeWord(ref rest);
            // A weekday in front, and "de" or "of" between, are let pass; three such words are a text.
            if (word.IsEmpty || ++words > 4)
                return false;
            var named = MonthOf(word);
            if (named == 0)
            {
                if (!IsFiller(word, first: words == 1 && count == 0))
                    return false;
                continue;
            }
            if (month != 0)
                return false;
            (month, monthAt) = (named, count);
        }
        TakeYearMark(ref rest);
        text = rest;

        // Year first only as four digits (2026 Jan 31); month first or between: day, then year.
        if (digits[0] == 4)
            return digits[1] <= 2 && monthAt == 1 && DateValue.TryDate(numbers[0], month, numbers[1], out date);
        if (digits[0] > 2 || digits[1] is not (2 or 4) || monthAt == 2)
            return false;
        return DateValue.TryDate(digits[1] == 2 ? DateValue.FullYear(numbers[1]) : numbers[1], month, numbers[0], out date);
    }

    static ReadOnlySpan<byte> TakeWord(ref ReadOnlySpan<byte> text)
    {
        var length = text.IndexOfAny(" ,.-/0123456789"u8);
        if (length < 0)
            length = text.Length;
        var word = text[..length];
        text = text[length..];
        return word;
    }

    /// <summary>1st, 2nd, 3rd, 4th; 1er, 1º, 1ª; 日 and 일; 年 and 년.</summary>
    static void TakeOrdinal(ref ReadOnlySpan<byte> text)
    {
        if (text.Length >= 2 && (text.Length == 2 || text[2] is (byte)' ' or (byte)',' or (byte)'-'))
        {
            var suffix = text[..2];
            if (Ascii.EqualsIgnoreCase(suffix, "st"u8) || Ascii.EqualsIgnoreCase(suffix, "nd"u8) || Ascii.EqualsIgnoreCase(suffix, "rd"u8)
                || Ascii.EqualsIgnoreCase(suffix, "th"u8) || Ascii.EqualsIgnoreCase(suffix, "er"u8) || suffix.SequenceEqual("º"u8) || suffix.SequenceEqual("ª"u8))
            {
                text = text[2..];
                return;
            }
        }
        if (!TryTakeEastAsian(ref text, "年"u8, "년"u8))
            TryTakeEastAsian(ref text, "日"u8, "일"u8);
    }

    /// <summary>The Russian "г." behind a year.</summary>
    static void TakeYearMark(ref ReadOnlySpan<byte> text)
    {
        var rest = text.TrimStart((byte)' ');
        if (rest.StartsWith("г."u8))
            text = rest["г."u8.Length..];
    }

    static bool TryTakeEastAsian(ref ReadOnlySpan<byte> text, ReadOnlySpan<byte> chinese, ReadOnlySpan<byte> korean)
    {
        if (!text.StartsWith(chinese) && !text.StartsWith(korean))
            return false;
        text = text[chinese.Length..];
        return true;
    }

    static bool IsFiller(ReadOnlySpan<byte> word, bool first)
    {
        Span<char> lower = stackalloc char[16];
        if (!TryLower(word, lower, out var length))
            return false;
        return lower[..length] switch
        {
            "of" or "de" or "del" or "the" => true,
            "mon" or "monday" or "tue" or "tues" or "tuesday" or "wed" or "weds" or "wednesday" or "thu" or "thur" or "thurs" or "thursday"
                or "fri" or "friday" or "sat" or "saturday" or "sun" or "sunday" => first,
            _ => false,
        };
    }

    static int MonthOf(ReadOnlySpan<byte> word)
    {
        Span<char> lower = stackalloc char[16];
        if (!TryLower(word, lower, out var length))
            return 0;
        // English; German, Dutch; French; Spanish, Portuguese, Italian; Russian; below: Polish, Turkish, Indonesian, Arabic (of the Gregorian calendar), Hindi.
        // No name means different months in two of them.
        return lower[..length] switch
        {
            "jan" or "january" or "januar" or "jänner" or "januari" or "janv" or "janvier" or "ene" or "enero" or "janeiro" or "gen" or "gennaio" or "янв" or "января"
                or "январь" or "sty" or "styczeń" or "stycznia" or "oca" or "ocak" or "يناير" or "जनवरी" => 1,
            "feb" or "february" or "februar" or "februari" or "févr" or "fév" or "février" or "fevrier" or "febrero" or "fev" or "fevereiro" or "febbraio" or "фев" or "февраля"
                or "февраль" or "lut" or "luty" or "lutego" or "şub" or "şubat" or "فبراير" or "फ़रवरी" or "फरवरी" => 2,
            "mar" or "march" or "märz" or "mrz" or "mär" or "maerz" or "maart" or "mrt" or "mars" or "marzo" or "março" or "marco" or "мар" or "марта"
                or "март" or "marzec" or "marca" or "mart" or "maret" or "مارس" or "मार्च" => 3,
            "apr" or "april" or "avr" or "avril" or "abr" or "abril" or "aprile" or "апр" or "апреля"
                or "апрель" or "kwi" or "kwiecień" or "kwietnia" or "nis" or "nisan" or "أبريل" or "ابريل" or "अप्रैल" => 4,
            "may" or "mai" or "mei" or "mayo" or "maio" or "mag" or "maggio" or "мая"
                or "май" or "maj" or "maja" or "mayıs" or "mayis" or "مايو" or "मई" => 5,
            "jun" or "june" or "juni" or "juin" or "junio" or "junho" or "giu" or "giugno" or "июн" or "июня"
                or "июнь" or "cze" or "czerwiec" or "czerwca" or "haz" or "haziran" or "يونيو" or "जून" => 6,
            "jul" or "july" or "juli" or "juil" or "juillet" or "julio" or "julho" or "lug" or "luglio" or "июл" or "июля"
                or "июль" or "lip" or "lipiec" or "lipca" or "tem" or "temmuz" or "يوليو" or "जुलाई" => 7,
            "aug" or "august" or "augustus" or "août" or "aout" or "ago" or "agosto" or "авг" or "августа"
                or "август" or "sie" or "sierpień" or "sierpnia" or "ağu" or "ağustos" or "agu" or "agustus" or "أغسطس" or "अगस्त" => 8,
            "sep" or "sept" or "september" or "septembre" or "septiembre" or "set" or "setembro" or "settembre" or "сен" or "сент" or "сентября"
                or "сентябрь" or "wrz" or "wrzesień" or "września" or "eyl" or "eylül" or "سبتمبر" or "सितंबर" or "सितम्बर" => 9,
            "oct" or "october" or "okt" or "oktober" or "octobre" or "octubre" or "out" or "outubro" or "ott" or "ottobre" or "окт" or "октября"
                or "октябрь" or "paź" or "październik" or "października" or "eki" or "ekim" or "أكتوبر" or "अक्टूबर" => 10,
            "nov" or "november" or "novembre" or "noviembre" or "novembro" or "ноя" or "нояб" or "ноября"
                or "ноябрь" or "lis" or "listopad" or "listopada" or "kas" or "kasım" or "kasim" or "نوفمبر" or "नवंबर" or "नवम्बर" => 11,
            "dec" or "december" or "dez" or "dezember" or "déc" or "décembre" or "decembre" or "dic" or "diciembre" or "dezembro" or "dicembre" or "дек" or "декабря"
                or "декабрь" or "gru" or "grudzień" or "grudnia" or "ara" or "aralık" or "aralik" or "des" or "desember" or "ديسمبر" or "दिसंबर" or "दिसम्बर" => 12,
            _ => 0,
        };
    }

    static bool TryLower(ReadOnlySpan<byte> word, Span<char> lower, out int length)
    {
        Span<char> raw = stackalloc char[16];
        Span<char> normal = stackalloc char[16];
        if (Utf8.ToUtf16(word, raw, out _, out length, replaceInvalidSequences: false) != OperationStatus.Done)
            return false;
        return raw[..length].TryNormalize(normal, out length, NormalizationForm.FormC) && (length = normal[..length].ToLowerInvariant(lower)) >= 0;
    }
}
