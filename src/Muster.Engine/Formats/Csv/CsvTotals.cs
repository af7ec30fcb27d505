using System.Collections.Frozen;
using System.Text;
using System.Text.RegularExpressions;
using Muster.Contacts;
using Muster.Formats.Encodings;

namespace Muster.Formats.Csv;

/// <summary>Rows at a source's end that sum up the others: <c>Total,,1250</c>, <c>(250 rows)</c>.</summary>
/// <param name="Rows">How many; 0 when there are none.</param>
/// <param name="Offset">Where in the source the first of them begins.</param>
sealed partial record CsvTotals(int Rows, long Offset, Evidence? Evidence)
{
    const int TailBytes = 64 * 1024;
    const int RowsMax = 10;

    public static readonly CsvTotals None = new(0, 0, null);

    static readonly FrozenSet<string> Words = """
        total|totals|subtotal|sub-total|grand total|sum|overall total|total rows|total records|total contacts|row count|record count
        gesamt|gesamtsumme|summe|zwischensumme|insgesamt|somme|sous-total|total général|total general|total geral|soma|suma|totale|somma|totaal|eindtotaal
        razem|łącznie|ogółem|celkem|součet|spolu|összesen|итого|всего|итог|усього|разом|toplam|genel toplam|yhteensä|summa|totalt|i alt
        σύνολο|סה"כ|סהכ|المجموع|الإجمالي|कुल|योग|jumlah|tổng|tổng cộng|รวม|合計|総計|小計|合计|总计|小计|總計|합계|총계|소계
        """.Split(['|', '\n']).Select(w => w.Trim()).Where(w => w.Length > 0).ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <param name="source">Seekable; left where it stood.</param>
    /// <param name="bodyStart">Offset behind the header: totals are not looked for above it.</param>
    /// <param name="asked">How many non-blank rows at the end are totals; null to find out.</param>
    public static CsvTotals Find(Stream source, SourceEncoding encoding, char delimiter, long bodyStart, int? asked)
    {
        if (asked == 0 || bodyStart >= source.Length)
            return None;
        var (start, bytes) = ReadTail(source, encoding, bodyStart);
        var decoder = encoding.DecoderFor(delimiter);
        var text = encoding.IsUtf8 && delimiter <= '\x7F' ? bytes : decoder.ToUtf8(bytes);
        var (rows, textOffset) = Count(text, (byte)SourceEncoding.TextDelimiter(delimiter), startsAtLine: start == bodyStart, asked);
        if (rows == 0)
            return None;
        var length = ReferenceEquals(text, bytes) ? textOffset : decoder.SourceLength(bytes, atEnd: true, textOffset);
        return new(rows, start + length, asked is null ? new(0.9, $"The last {rows} {(rows == 1 ? "row begins" : "rows begin")} with a word for a total and {(rows == 1 ? "holds" : "hold")} no address.") : new(1, "The option totals_rows says so."));
    }

    /// <summary>The source's last bytes, from where a character begins.</summary>
    static (long Start, byte[] Bytes) ReadTail(Stream source, SourceEncoding encoding, long bodyStart)
    {
        var stood = source.Position;
        var start = Math.Max(bodyStart, source.Length - TailBytes);
        if (start > bodyStart)
            start -= (start - bodyStart) % 4; // UTF-16 and UTF-32; what a broken character at the start costs is the first line, which is not judged
        source.Position = start;
        var bytes = new byte[source.Length - start];
        source.ReadExactly(bytes);
        source.Position = stood;
        return (start, bytes);
    }

    /// <summary>Goes up from the last line as long as lines are totals.</summary>
    static (int Rows, int Offset) Count(ReadOnlySpan<byte> text, byte delimiter, bool startsAtLine, int? asked)
    {
        var (rows, offset) = (0, text.Length);
        var record = new CsvRecord();
        var end = text.Length;
        while (end > 0 && rows < (asked ?? RowsMax))
        {
            while (end > 0 && text[end - 1] is (byte)'\r' or (byte)'\n')
                end--;
            var lineStart = text[..end].LastIndexOfAny((byte)'\r', (byte)'\n') + 1;
            if (lineStart == end || (lineStart == 0 && !startsAtLine))
                break;
            var line = text[lineStart..end];
            if (asked is null)
            {
                if ((line.Count((byte)'"') & 1) != 0)
                    break; // perhaps the end of a cell that begins above
                record.Scan(line, delimiter);
                if (record.Fault != ErrorCode.None || !IsTotals(record))
                    break;
            }
            (rows, offset, end) = (rows + 1, lineStart, lineStart);
        }
        return (rows, offset);
    }

    static bool IsTotals(CsvRecord record)
    {
        string? first = null;
        for (var i = 0; i < record.CellCount; i++)
        {
            var cell = Encoding.UTF8.GetString(record.GetCell(i)).Trim();
            if (cell.Contains('@', StringComparison.Ordinal))
                return false;
            first = first is null && cell.Length > 0 ? cell : first;
        }
        return first is not null && (Words.Contains(first.TrimEnd(':', '.', '：', ' ')) || Counted().IsMatch(first) || Rule().IsMatch(first));
    }

    // (250 rows) · 250 rows affected · Total: 250 · Total records: 250
    [GeneratedRegex(@"^\(?\s*[\d.,\s]+(rows?|records?|contacts?|entries|results)(\s+(affected|selected|exported|in set))?\s*\)?\.?$|^(grand\s+)?total(\s+\w+){0,2}\s*[:=]\s*[\d.,\s]+$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Counted();

    // ----- and =====
    [GeneratedRegex("^[-=_*─━═]{3,}$", RegexOptions.CultureInvariant)]
    private static partial Regex Rule();
}
