using Muster.Contacts;

namespace Muster.Formats.Csv;

/// <summary>One record taken apart by hand: slower than CsvHelper, but it finds its feet in damaged quoting.</summary>
/// <remarks>
/// The rules are RFC 4180, section 2, and on sound records they agree with CsvHelper's. Beyond it: a quote inside an unquoted cell is text;
/// blanks after a closing quote are ignored, other text there is a <see cref="ErrorCode.StrayQuote"/>; a quoted cell that runs over a line end and
/// is then not closed properly is an <see cref="ErrorCode.UnclosedQuote"/>, and its record ends with the line where the quote opened.
/// </remarks>
public sealed class CsvRecord
{
    const byte Quote = (byte)'"', Cr = (byte)'\r', Lf = (byte)'\n';

    readonly List<int> ends = [];
    byte[] text = [];
    int textLength;

    /// <summary>Takes the bytes of one record apart, with or without its line end.</summary>
    public static CsvRecord Parse(ReadOnlySpan<byte> record, char delimiter)
    {
        var parsed = new CsvRecord();
        parsed.Scan(record, (byte)delimiter);
        return parsed;
    }

    public int CellCount => ends.Count;

    public ErrorCode Fault { get; private set; }

    public int FaultColumn { get; private set; }

    /// <summary>Line ends between the record's start and the fault.</summary>
    public int FaultLine { get; private set; }

    /// <summary>Bytes of the record without its line end.</summary>
    public int Length { get; private set; }

    /// <summary>Whether a line end, and not the end of the bytes, ended the record.</summary>
    public bool EndsWithLine { get; private set; }

    /// <summary>Whether the end of the bytes had a say: more of them could change the record.</summary>
    internal bool SawEnd { get; private set; }

    public ReadOnlySpan<byte> GetCell(int index)
    {
        if (index >= ends.Count)
            return default;
        var start = index == 0 ? 0 : ends[index - 1];
        return text.AsSpan(start, ends[index] - start);
    }

    /// <summary>Finds the record that begins the bytes and its cells. The bytes may go on behind it; where they end, the source ends.</summary>
    internal void Scan(ReadOnlySpan<byte> bytes, byte delimiter)
    {
        ends.Clear();
        textLength = 0;
        (Fault, FaultColumn, FaultLine, SawEnd) = (ErrorCode.None, -1, 0, false);
        var lines = 0;
        var at = 0;
        while (true)
        {
            if (at < bytes.Length && bytes[at] == Quote)
            {
                var open = at;
                var openLine = lines;
                var cellStart = textLength;
                var closed = ReadQuoted(bytes, ref at, ref lines);
                var after = SkipBlanks(bytes, at, delimiter);
                var isCellEnd = IsCellEnd(bytes, after, delimiter);
                SawEnd |= !closed || after >= bytes.Length;
                if (!closed || (lines > openLine && !isCellEnd))
                {
                    EndAtLineOf(bytes, open, openLine, cellStart);
                    return;
                }

                if (isCellEnd)
                    at = after;
                else if (Fault == ErrorCode.None)
                    (Fault, FaultColumn, FaultLine) = (ErrorCode.StrayQuote, ends.Count, openLine);
            }

            var rest = bytes[at..];
            var length = rest.IndexOfAny(delimiter, Cr, Lf);
            length = length < 0 ? rest.Length : length;
            Append(rest[..length]);
            ends.Add(textLength);
            at += length;
            if (at < bytes.Length && bytes[at] == delimiter)
            {
                at++;
                continue;
            }

            Length = at;
            EndsWithLine = at < bytes.Length;
            SawEnd |= !EndsWithLine || (bytes[at] == Cr && at + 1 == bytes.Length);
            return;
        }
    }

    /// <summary>Appends a quoted cell's text and goes behind its closing quote. False when the bytes end before it.</summary>
    bool ReadQuoted(ReadOnlySpan<byte> bytes, ref int at, ref int lines)
    {
        at++;
        while (true)
        {
            var length = bytes[at..].IndexOf(Quote);
            if (length < 0)
                return false;
            var part = bytes.Slice(at, length);
            lines += LineEnds.Count(part);
            Append(part);
            at += length + 1;
            if (at >= bytes.Length || bytes[at] != Quote)
                return true;
            Append(bytes.Slice(at, 1));
            at++;
        }
    }

    void EndAtLineOf(ReadOnlySpan<byte> bytes, int open, int openLine, int cellStart)
    {
        var length = bytes[open..].IndexOfAny(Cr, Lf);
        EndsWithLine = length >= 0;
        Length = EndsWithLine ? open + length : bytes.Length;
        textLength = cellStart;
        Append(bytes[(open + 1)..Length]);
        if (Fault == ErrorCode.None || Fault == ErrorCode.StrayQuote)
            (Fault, FaultColumn, FaultLine) = (ErrorCode.UnclosedQuote, ends.Count, openLine);
        ends.Add(textLength);
    }

    static int SkipBlanks(ReadOnlySpan<byte> bytes, int at, byte delimiter)
    {
        while (at < bytes.Length && bytes[at] is (byte)' ' or (byte)'\t' && bytes[at] != delimiter)
            at++;
        return at;
    }

    static bool IsCellEnd(ReadOnlySpan<byte> bytes, int at, byte delimiter) => at >= bytes.Length || bytes[at] == delimiter || bytes[at] is Cr or Lf;

    void Append(ReadOnlySpan<byte> part)
    {
        if (textLength + part.Length > text.Length)
            Array.Resize(ref text, Math.Max(text.Length * 2, textLength + part.Length + 64));
        part.CopyTo(text.AsSpan(textLength));
        textLength += part.Length;
    }
}

/// <summary>Physical line ends: CRLF, LF and a lone CR each are one.</summary>
static class LineEnds
{
    public static int Count(ReadOnlySpan<byte> bytes)
    {
        var count = 0;
        for (var at = bytes.IndexOfAny((byte)'\r', (byte)'\n'); at >= 0; at = bytes.IndexOfAny((byte)'\r', (byte)'\n'))
        {
            count++;
            bytes = bytes[(at + Length(bytes, at))..];
        }

        return count;
    }

    /// <summary>Bytes of the line end at this place: 0, 1 or 2.</summary>
    public static int Length(ReadOnlySpan<byte> bytes, int at) =>
        at >= bytes.Length ? 0
        : bytes[at] == '\r' ? (at + 1 < bytes.Length && bytes[at + 1] == '\n' ? 2 : 1)
        : bytes[at] == '\n' ? 1 : 0;
}
