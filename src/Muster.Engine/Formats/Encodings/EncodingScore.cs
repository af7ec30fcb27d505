using System.Globalization;
using System.Text;

namespace Muster.Formats.Encodings;

/// <summary>How likely a sample is as text in each legacy encoding: letters by how common they are in some language, within a word by case and script.</summary>
/// <remarks>
/// A mixture of languages explains each word; what one encoding reads as names another reads as symbols, rare letters or capitals inside of words.
/// Scores are natural logarithms of likelihoods; encodings that read the sample alike share one place, under the name that is used most.
/// </remarks>
static class EncodingScore
{
    const double InvalidCharacter = -16;
    const double Symbol = -8;
    const double UsualSymbol = -5;
    const double SymbolInWord = -6;
    const double CaseBreak = -5;
    const double ScriptBreak = -6;

    /// <summary>Latin words hardly have three letters above ASCII in a row; those of other alphabets that are misread do.</summary>
    const double AccentRun = -4;

    /// <summary>Rounds in which a file's languages are weighed by the words that they explain.</summary>
    const int Rounds = 6;

    /// <summary>How much a score counts: letters of one file are no independent draws.</summary>
    const double Temper = 0.5;

    static readonly (string Name, double Prior)[] Candidates =
    [
        ("windows-1252", 0), ("windows-1250", -2), ("windows-1251", -1), ("windows-1253", -2), ("windows-1254", -2.5), ("windows-1255", -2.5), ("windows-1256", -2.5),
        ("windows-1257", -4), ("windows-1258", -5), ("windows-874", -3), ("shift_jis", -1), ("gb18030", -1), ("big5", -2), ("euc-kr", -2), ("euc-jp", -3),
        ("koi8-r", -2), ("koi8-u", -3.5), ("macintosh", -2.5), ("iso-8859-15", -2.5), ("iso-8859-2", -3), ("iso-8859-5", -5), ("iso-8859-7", -3), ("iso-8859-8", -4),
        ("iso-8859-6", -4.5), ("iso-8859-13", -6), ("iso-8859-4", -7), ("ibm850", -3.5), ("ibm437", -5), ("ibm852", -6), ("ibm857", -7), ("ibm866", -4),
        ("x-mac-ce", -7), ("x-mac-cyrillic", -7),
    ];

    /// <summary>Encodings that could be meant, likeliest first, with their share of the likelihood of all.</summary>
    public static IReadOnlyList<(SourceEncoding Encoding, double Confidence)> Rank(IReadOnlyList<byte[]> lines)
    {
        var readings = new List<(SourceEncoding Encoding, double Score, string Text)>();
        foreach (var (name, prior) in Candidates)
        {
            var encoding = SourceEncoding.Find(name);
            if (Read(encoding, lines) is { } text)
                readings.Add((encoding, prior + Score(text), text));
        }
        var distinct = readings.GroupBy(r => r.Text, StringComparer.Ordinal).Select(g => g.MaxBy(r => r.Score)).OrderByDescending(r => r.Score).ToList();
        if (distinct is [])
            return [];
        var best = distinct[0].Score;
        var sum = distinct.Sum(r => Math.Exp((r.Score - best) * Temper));
        return [.. distinct.Select(r => (r.Encoding, Math.Round(Math.Exp((r.Score - best) * Temper) / sum, 3))).Where((r, i) => i == 0 || r.Item2 >= 0.001)];
    }

    /// <summary>The sample in an encoding; null when a twentieth of what is more than ASCII is invalid in it.</summary>
    static string? Read(SourceEncoding encoding, IReadOnlyList<byte[]> lines)
    {
        var text = new StringBuilder();
        var (invalid, high) = (0, 0);
        foreach (var line in lines)
        {
            var utf8 = encoding.Decoder.ToUtf8(line);
            high += line.Length - line.AsSpan().Count(AsciiBytes);
            invalid += utf8.AsSpan().Count((byte)0xFF);
            text.Append(Encoding.UTF8.GetString(utf8)).Append('\n');
        }
        return invalid * 20 > high ? null : text.ToString();
    }

    static readonly byte[] AsciiBytes = [.. Enumerable.Range(0, 128).Select(i => (byte)i)];

    static double Score(string text)
    {
        var score = 0.0;
        var words = new List<double[]>();
        Span<Rune> word = stackalloc Rune[64];
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            // An apostrophe and a combining mark are part of a word; so is a symbol, which costs more there.
            if ((Rune.IsLetter(rune) || !rune.IsAscii) && length < word.Length)
            {
                word[length++] = rune;
                continue;
            }
            score += ScoreForm(word[..length], words);
            length = 0;
        }
        score += ScoreForm(word[..length], words);
        return score + ScoreLanguages(words);
    }

    /// <summary>How well a mixture of languages explains the words: the mixture that fits them best, and the price of its languages, paid once.</summary>
    static double ScoreLanguages(List<double[]> words)
    {
        if (words is [])
            return 0;
        var languages = Languages.Priors.Length;
        var weights = Languages.Priors.Select(Math.Exp).ToArray();
        var total = 0.0;
        for (var round = 0; round < Rounds; round++)
        {
            var sums = new double[languages];
            total = 0;
            foreach (var word in words)
            {
                var best = word.Max();
                var sum = 0.0;
                for (var i = 0; i < languages; i++)
                    sum += weights[i] * Math.Exp(word[i] - best);
                for (var i = 0; i < languages; i++)
                    sums[i] += weights[i] * Math.Exp(word[i] - best) / sum;
                total += best + Math.Log(sum);
            }
            for (var i = 0; i < languages; i++)
                weights[i] = sums[i] / words.Count;
        }
        return total + Languages.Priors.Zip(weights, (prior, weight) => weight * words.Count >= 0.5 ? prior : 0).Sum();
    }

    /// <summary>Case, script and symbols of a word; adds its languages unless it is ASCII.</summary>
    static double ScoreForm(ReadOnlySpan<Rune> word, List<double[]> words)
    {
        var (isAscii, allCapitals) = (true, true);
        foreach (var rune in word)
            (isAscii, allCapitals) = (isAscii && rune.IsAscii, allCapitals && !Rune.IsLower(rune));
        if (isAscii)
            return 0;

        var score = 0.0;
        var accents = 0;
        for (var i = 0; i < word.Length; i++)
        {
            var rune = word[i];
            accents = !rune.IsAscii && ScriptOf(rune) == Latin ? accents + 1 : 0;
            score += accents > 2 ? AccentRun : 0;
            var before = i > 0 ? word[i - 1] : default;
            if (Rune.IsUpper(rune) && i > 0 && !allCapitals && Rune.IsLower(before))
                score += CaseBreak;
            if (i > 0 && Rune.IsLetter(rune) && Rune.IsLetter(before) && !(rune.IsAscii && before.IsAscii) && ScriptOf(rune) != ScriptOf(before))
                score += ScriptBreak;
            if (!rune.IsAscii && !IsLetter(rune))
                score += SymbolScore(word, i);
        }
        words.Add(Languages.Score(word));
        return score;
    }

    static double SymbolScore(ReadOnlySpan<Rune> word, int i)
    {
        if (word[i] == Rune.ReplacementChar)
            return InvalidCharacter;
        var inWord = i > 0 && i + 1 < word.Length && Rune.IsLetter(word[i - 1]) && Rune.IsLetter(word[i + 1]);
        var besideLetter = (i > 0 && Rune.IsLetter(word[i - 1])) || (i + 1 < word.Length && Rune.IsLetter(word[i + 1]));
        return word[i].Value switch
        {
            '’' => inWord ? -3 : UsualSymbol,
            '“' or '”' or '„' or '‘' or '«' or '»' or '–' or '—' or '…' or '€' or '£' or '°' or 'º' or 'ª' or '·' or '®' or '©' or '™' or '§' or 0xA0
                => UsualSymbol + (inWord ? SymbolInWord : 0),
            '、' or '。' or '・' or '「' or '」' or '　' or '，' or '（' or '）' or '：' or '-' => UsualSymbol,
            _ => Symbol + (inWord ? SymbolInWord : besideLetter ? SymbolInWord / 2 : 0),
        };
    }

    /// <summary>Letters, and the marks that belong to them in Arabic, Hebrew, Thai and Vietnamese.</summary>
    public static bool IsLetter(Rune rune) =>
        (Rune.IsLetter(rune) && rune.Value is not ('ª' or 'º'))
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    const int Latin = 1;

    static int ScriptOf(Rune rune) => rune.Value switch
    {
        < 0x250 or (>= 0x1E00 and < 0x1F00) => Latin,
        >= 0x300 and < 0x370 => Latin,
        >= 0x370 and < 0x400 => 2,
        >= 0x400 and < 0x530 => 3,
        >= 0x590 and < 0x600 => 4,
        >= 0x600 and < 0x780 => 5,
        >= 0xE00 and < 0xE80 => 6,
        >= 0xFF61 and < 0xFFA0 => 9, // half-width katakana, which no other letter stands beside
        >= 0x3040 and < 0x3100 or (>= 0x3400 and < 0xA000) or 0x3005 or 0x30FC => 7,
        >= 0xAC00 and < 0xD7A4 => 8,
        _ => 10,
    };
}
