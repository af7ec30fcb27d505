namespace Muster.Formats.Csv;

/// <summary>Finds the delimiter by how evenly it cuts many records, quotes respected.</summary>
static class CsvDialect
{
    const int RecordsMax = 200;

    /// <summary>The delimiter and the number of columns that the sample's records agree on best; a comma when nothing cuts them.</summary>
    /// <param name="sample">The source's bytes from its first record on.</param>
    /// <param name="wholeSource">Whether the sample ends where the source ends: else its last record is cut off and not judged.</param>
    /// <param name="hasHeader">Then the first record's cells count as columns.</param>
    /// <param name="given">The delimiter when it is known: then only the columns are counted.</param>
    /// <returns>Also whether most records end with a delimiter that the header lacks: one blank cell too many is then no damage.</returns>
    public static (char Delimiter, int Columns, bool BlankCellAtEnd) Find(ReadOnlySpan<byte> sample, bool wholeSource, bool hasHeader, char? given)
    {
        var best = (Delimiter: given ?? ',', Columns: 1, BlankCellAtEnd: false);
        var bestScore = 0.0;
        foreach (var candidate in given is { } only ? only.ToString() : ",;\t|")
        {
            var counts = CountCells(sample, wholeSource, (byte)candidate);
            if (counts.Count == 0)
                continue;
            var columns = hasHeader ? counts[0] : LargestUsual(counts);
            var agreeing = counts.Count(c => c == columns) / (double)counts.Count;

            // A wrong delimiter rarely cuts many columns; a right one may miss in damaged records.
            var score = columns < 2 ? 0 : agreeing + 0.05 * Math.Min(columns, 10);
            if (score > bestScore || given is not null)
                (best, bestScore) = ((candidate, columns, hasHeader && counts.Skip(1).Count(c => c == columns + 1) * 2 > counts.Count - 1), score);
        }

        return best;
    }

    /// <summary>The largest count that at least one record in twenty has.</summary>
    static int LargestUsual(List<int> counts) => counts.GroupBy(c => c).Where(g => g.Count() * 20 >= counts.Count).Max(g => g.Key);

    static List<int> CountCells(ReadOnlySpan<byte> sample, bool wholeSource, byte delimiter)
    {
        var counts = new List<int>();
        var record = new CsvRecord();
        while (!sample.IsEmpty && counts.Count < RecordsMax)
        {
            record.Scan(sample, delimiter);
            if (!record.EndsWithLine && !wholeSource && counts.Count > 0)
                break;
            if (record.Length > 0)
                counts.Add(record.CellCount);
            sample = sample[(record.Length + LineEnds.Length(sample, record.Length))..];
        }

        return counts;
    }
}
