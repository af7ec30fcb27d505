using System.Text;
using Muster.Contacts;

namespace Muster.Formats.Csv;

/// <summary>Finds delimiter, header and preamble by how evenly a delimiter cuts many records, quotes respected.</summary>
/// <param name="PreambleRows">Rows above the header, or above the first contact when there is none; blank ones counted.</param>
/// <param name="Columns">Cells of the header, or the most that records usually have.</param>
/// <param name="BlankCellAtEnd">Whether most records end with a delimiter that the header lacks: one blank cell too many is then no damage.</param>
sealed record CsvLayout(char Delimiter, bool HasHeader, int PreambleRows, int Columns, bool BlankCellAtEnd, Evidence DelimiterEvidence, Evidence HeaderEvidence)
{
    const int RecordsMax = 200;
    const int PreambleMax = 40;

    /// <summary>A delimiter that needs lines above the table to be passed over is believed less than one that does not.</summary>
    const double PreamblePrice = 0.3;

    /// <summary>What people part cells with. Others are looked for among the signs of the sample's records.</summary>
    const string Usual = ",;\t|";

    /// <summary>Signs that names, addresses, numbers and dates are full of.</summary>
    const string NeverDelimiters = "\"'@._-+()/\\&<>[]{}=% \r\n\u00A0’`´#";

    /// <param name="sample">The source's text from its first record on, as UTF-8.</param>
    /// <param name="wholeSource">Whether the sample ends where the source ends: else its last record is cut off and not judged.</param>
    /// <param name="delimiter">The delimiter when it is known: then only header and columns are looked for.</param>
    /// <param name="rowsBefore">Records above the sample.</param>
    public static CsvLayout Find(ReadOnlySpan<byte> sample, bool wholeSource, CsvOptions options, char? delimiter, int rowsBefore)
    {
        var candidates = new List<Trial>();
        foreach (var candidate in delimiter is { } known ? known.ToString() : Usual + Others(sample))
            candidates.Add(Try(Records(sample, wholeSource, candidate, rowsBefore), candidate, options, isUsual: Usual.Contains(candidate, StringComparison.Ordinal)));
        var best = candidates.MaxBy(c => c.Score)!; // there is at least one
        var evidence = delimiter is not null ? new Evidence(1, "The option delimiter or the source's line sep= says so.")
            : best.Columns < 2 ? new Evidence(0.5, "No delimiter cuts the records: each is one cell.")
            : new Evidence(
                Math.Round(best.Agreeing, 3), $"It cuts {best.Agreeing:0%} of the {best.Records} records looked at into {best.Columns} cells.",
                [.. candidates.Where(c => c.Columns > 1).OrderByDescending(c => c.Score).Take(5).Select(c => new EvidenceCandidate(c.Delimiter.ToString(), Math.Round(c.Agreeing, 3)))]);
        return new(best.Delimiter, best.HasHeader, best.PreambleRows, best.Columns, best.BlankCellAtEnd, evidence, best.HeaderEvidence);
    }

    sealed record Trial(
        char Delimiter, double Score, double Agreeing, int Records, bool HasHeader, int PreambleRows, int Columns, bool BlankCellAtEnd, Evidence HeaderEvidence);

    static Trial Try(List<RecordLook> records, char delimiter, CsvOptions options, bool isUsual)
    {
        var first = options.PreambleRows is { } asked ? records.Count(r => r.Row <= asked) : options.HasHeader == false ? 0 : FindHeader(records);
        var table = records[first..];
        if (table is [])
            return new(delimiter, 0, 0, 0, options.HasHeader ?? true, options.PreambleRows ?? 0, 1, false, new(1, "There is no record."));

        var hasHeader = options.HasHeader ?? !table[0].HasData;
        var columns = hasHeader ? table[0].Cells : LargestUsual(table);
        var agreeing = table.Count(r => r.Cells == columns) / (double)table.Count;
        var blankCellAtEnd = hasHeader && table.Skip(1).Count(r => r.Cells == columns + 1) * 2 > table.Count - 1;

        // A wrong delimiter rarely cuts many columns; a right one may miss in damaged records. An unusual one has to be right nearly always.
        var score = columns < 2 || (!isUsual && (agreeing < 0.95 || table.Count < 3)) ? 0 : (agreeing + 0.05 * Math.Min(columns, 10)) * (isUsual ? 1 : 0.8);
        score -= first > 0 && options.PreambleRows is null ? PreamblePrice : 0;
        return new(delimiter, score, agreeing, table.Count, hasHeader, table[0].Row - 1, columns, blankCellAtEnd, Reason(options, hasHeader, first, table[0].Row));
    }

    static Evidence Reason(CsvOptions options, bool hasHeader, int first, int row) =>
        options.HasHeader is not null && (options.PreambleRows is not null || first == 0) ? new(1, "The options header and preamble_rows say so.")
        : !hasHeader ? new(0.9, $"Row {row} holds an e-mail address or a phone number: it is a contact and names no columns.")
        : first > 0 ? new(0.8, $"Row {row} is the first with names for all columns; the rows above it are no table.")
        : new(0.95, $"Row {row} is the first, and holds no address and no number.");

    /// <summary>The record that names the columns: the first, unless it is a line of text above a table. Then the one that has names where the others have cells.</summary>
    static int FindHeader(List<RecordLook> records)
    {
        var filled = 0;
        for (var i = 0; i < records.Count && i <= PreambleMax; i++)
        {
            var record = records[i];
            if (record.NamesColumns && record.Filled >= 2 && filled * 2 <= record.Filled && IsTable(records, i))
                return i;
            if (record.HasData)
                return 0; // a contact stands above any header that could come
            filled = Math.Max(filled, record.Filled);
        }

        return 0;
    }

    /// <summary>Whether most records from there on are as wide as the first of them.</summary>
    static bool IsTable(List<RecordLook> records, int from)
    {
        var cells = records[from].Cells;
        var like = records.Skip(from).Count(r => r.Cells == cells || r.Cells == cells + 1);
        return like * 2 > records.Count - from && like * 3 > from;
    }

    /// <summary>The largest count that at least one record in twenty has.</summary>
    static int LargestUsual(List<RecordLook> records) =>
        records.GroupBy(r => r.Cells).Where(g => g.Count() * 20 >= records.Count).Max(g => g.Key);

    /// <summary>Signs of the first record that has any, in case one of them is the delimiter.</summary>
    static string Others(ReadOnlySpan<byte> sample)
    {
        var signs = new List<char>();
        var text = Encoding.UTF8.GetString(sample[..Math.Min(sample.Length, 4096)]);
        foreach (var c in text)
        {
            if (!char.IsLetterOrDigit(c) && !char.IsSurrogate(c) && !char.IsWhiteSpace(c) && c is not ('\0' or '\uFFFD' or '\uFEFF')
                && char.GetUnicodeCategory(c) is not (System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark)
                && !Usual.Contains(c, StringComparison.Ordinal) && !NeverDelimiters.Contains(c, StringComparison.Ordinal) && !signs.Contains(c) && signs.Count < 12)
                signs.Add(c);
        }

        return string.Concat(signs);
    }

    static List<RecordLook> Records(ReadOnlySpan<byte> sample, bool wholeSource, char delimiter, int rowsBefore)
    {
        var cut = (byte)(delimiter <= 0x7F ? delimiter : Encodings.DelimiterDecoder.Stand);
        if (delimiter > 0x7F)
            sample = Encodings.SourceEncoding.Utf8.ToUtf8(sample, delimiter);
        var records = new List<RecordLook>();
        var record = new CsvRecord();
        for (var row = rowsBefore + 1; !sample.IsEmpty && records.Count < RecordsMax; row++)
        {
            record.Scan(sample, cut);
            if (!record.EndsWithLine && !wholeSource && records.Count > 0)
                break;
            if (record.Length > 0)
                records.Add(RecordLook.Of(record, row));
            sample = sample[(record.Length + LineEnds.Length(sample, record.Length))..];
        }

        return records;
    }
}
