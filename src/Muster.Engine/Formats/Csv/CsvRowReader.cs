using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using CsvHelper;
using Muster.Contacts;

namespace Muster.Formats.Csv;

/// <summary>Reads CSV (RFC 4180 and what people make of it, see docs/formats-csv.md) from a seekable stream.</summary>
/// <remarks>
/// CsvHelper reads sound records, window by window of the source. A record that a window cuts off begins the next one; a record that CsvHelper
/// calls malformed, and one that may be too long, is taken apart by <see cref="CsvRecord"/> alone. What becomes of a record depends on its first
/// <see cref="CsvOptions.RecordBytesMax"/> bytes only, never on where a window or a read of the stream ended.
/// </remarks>
public sealed class CsvRowReader : RowReader
{
    const int SampleBytes = 64 * 1024;
    const int WindowBytesFirst = 4 * 1024;
    const int WindowBytesMax = 256 * 1024;

    const int ByHandRun = 16;

    // A record beyond 256 MiB counts as several, so that its length fits an int, also in an encoding of four bytes a character.
    const int RecordBytesCounted = 1 << 28;

    readonly CsvOptions options;
    readonly SourceBuffer buffer;
    readonly CsvRecord byHand = new();
    readonly List<byte[]> header = [];
    SourceShape shape = new("csv", "utf-8", ',', [], 0, HasHeader: false);
    long totalsOffset = long.MaxValue;
    CsvReaderOptions dialect = CsvReaderOptions.Default;
    byte delimiter = (byte)',';
    bool blankCellAtEnd;
    int columns = int.MaxValue;

    // The window that CsvHelper reads; null between two windows.
    CsvReader? csv;
    int windowBytes = WindowBytesFirst;
    int windowLeft;
    bool windowIsText;
    bool windowHasQuotes;
    bool malformed;
    int byHandLeft;

    // The current record.
    bool isByHand;
    bool isTooLong;
    int contentLength;
    int recordLength;
    long recordOffset;
    long rowNumber;
    long line = 1;
    long nextLine = 1;
    ErrorCode fault;
    int faultColumn = -1;
    int faultLine;

    CsvRowReader(Stream stream, CsvOptions options)
    {
        this.options = options;
        buffer = new SourceBuffer(stream, WindowBytesMax, WindowLimit);
    }

    public override SourceShape Shape => shape;

    public override long RowNumber => rowNumber;

    public override long Line => line;

    public override long ByteOffset => recordOffset;

    public override int ByteLength => recordLength;

    public override int CellCount => isByHand ? byHand.CellCount : csv?.FieldCount ?? 0;

    public override ErrorCode Fault => fault;

    public override int FaultColumn => faultColumn;

    public override long FaultLine => line + faultLine;

    public override long BytesRead => recordOffset + recordLength;

    public override SourcePosition Next => new(BytesRead, rowNumber + 1, nextLine);

    static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>What a spreadsheet without a value is saved as.</summary>
    static SearchValues<byte> Nothing { get; } = SearchValues.Create(" \t\r\n,;|\""u8);

    /// <summary>Content of the longest record and its line end: all that is ever looked at to judge one record.</summary>
    int RecordView => options.RecordBytesMax + 2;

    int WindowLimit => Math.Max(RecordView, WindowBytesMax);

    /// <summary>How delimiter and header were found.</summary>
    internal CsvLayout? Layout { get; private set; }

    /// <summary>Opens a source, finds out its delimiter and reads its header.</summary>
    /// <param name="stream">Readable and seekable, at its start; disposed with the reader, or at once when the source is refused.</param>
    /// <param name="options">How to read it.</param>
    public static OpenResult Open(Stream stream, CsvOptions options)
    {
        if (options.Delimiter is { } d && (d > 0x7F || d is '"' or '\r' or '\n' or '\0'))
            throw new ArgumentOutOfRangeException(nameof(options), d, "A delimiter is an ASCII character, but no quote and no line end.");
        var reader = new CsvRowReader(stream, options);
        var refusal = default(OpenResult.Refused);
        var opened = false;
        try
        {
            refusal = reader.ReadStart();
            opened = refusal is null;
        }
        finally
        {
            if (!opened)
                reader.Dispose();
        }

        return refusal is null ? new OpenResult.Opened(reader) : refusal;
    }

    public override bool Read()
    {
        while (NextRecord())
        {
            if (contentLength > 0)
            {
                Judge();
                return true;
            }
        }

        return false;
    }

    public override ReadOnlySpan<byte> GetCell(int index) =>
        isByHand ? byHand.GetCell(index) : csv is { } window && index < window.FieldCount ? window.GetSpan(index) : default;

    public override void Resume(SourcePosition position)
    {
        CloseWindow();
        (windowBytes, byHandLeft) = (WindowBytesFirst, 0);
        buffer.SeekTo(position.ByteOffset);
        (recordOffset, recordLength, contentLength) = (position.ByteOffset, 0, 0);
        (rowNumber, line, nextLine) = (position.RowNumber - 1, position.Line, position.Line);
        (fault, faultColumn, faultLine, isByHand) = (ErrorCode.None, -1, 0, false);
    }

    public override bool TryJump(long byteOffset)
    {
        if (!buffer.CanSeek)
            return false;
        CloseWindow();
        buffer.SeekTo(byteOffset);
        buffer.Fill(SampleBytes);
        var end = buffer.Unread.IndexOf((byte)'\n');
        Resume(new(byteOffset + end + 1, 1, 1));
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        CloseWindow();
        buffer.Dispose();
    }

    OpenResult.Refused? ReadStart()
    {
        if (buffer.Begin(SampleBytes) is { } refusal)
            return refusal;
        recordOffset = buffer.Offset;
        if (buffer.Unread.IndexOfAnyExcept((byte)'\r', (byte)'\n') < 0 && buffer.AtEnd)
            return new(ErrorCode.EmptySource, "The source holds no record.");
        if (options.HasHeader != false && buffer.Unread.IndexOfAnyExcept(Nothing) < 0 && buffer.AtEnd)
            return new(ErrorCode.EmptySource, "The source holds nothing but blanks, line ends and empty cells.");

        var said = DelimiterLine(buffer.Unread, out var lineLength);
        if (lineLength > 0)
        {
            recordLength = lineLength;
            buffer.Advance(lineLength);
            (rowNumber, nextLine) = (1, 2);
        }

        var sample = buffer.Unread[..Math.Min(buffer.Unread.Length, SampleBytes)];
        var wholeSource = buffer.AtEnd && sample.Length == buffer.Unread.Length;
        var found = CsvLayout.Find(sample, wholeSource, options, options.Delimiter ?? said, (int)rowNumber);
        if (found.Delimiter > '\x7F')
            found = CsvLayout.Find(sample, wholeSource, options, ',', (int)rowNumber); // only a decoder makes such a one readable
        Layout = found;
        delimiter = (byte)found.Delimiter;
        blankCellAtEnd = found.BlankCellAtEnd;
        dialect = new CsvReaderOptions
        {
            Separator = found.Delimiter,
            HasHeader = false,
            SkipEmptyLines = false,
            FormatProvider = CultureInfo.InvariantCulture,
            IncludeValuesInExceptions = false,
            OnMalformedRecord = _ => malformed = true,
        };
        while (rowNumber < found.PreambleRows && NextRecord()) { }
        shape = shape with { PreambleRows = (int)rowNumber };
        return found.HasHeader ? ReadHeader() : NameColumns(found.Columns);
    }

    /// <summary>Rejects every record from there on: the totals.</summary>
    internal void RejectTotals(CsvTotals totals)
    {
        totalsOffset = totals.Rows > 0 ? totals.Offset : long.MaxValue;
        shape = shape with { TotalsRows = totals.Rows, TotalsOffset = totals.Offset };
    }

    /// <summary>Delimiter, header and preamble of a source, by its first text.</summary>
    /// <param name="sample">As UTF-8, from the source's first byte on.</param>
    internal static CsvLayout FindLayout(ReadOnlySpan<byte> sample, bool wholeSource, CsvOptions options)
    {
        if (sample.StartsWith(ByteOrderMark))
            sample = sample[ByteOrderMark.Length..];
        var said = DelimiterLine(sample, out var length);
        return CsvLayout.Find(sample[length..], wholeSource, options, said, length > 0 ? 1 : 0);
    }

    /// <summary>What the line <c>sep=;</c> says that Excel writes; its length is 0 when it is not there.</summary>
    static char? DelimiterLine(ReadOnlySpan<byte> start, out int length)
    {
        length = start[..Math.Min(start.Length, 16)].IndexOfAny((byte)'\r', (byte)'\n');
        var text = length < 0 ? "" : Encoding.UTF8.GetString(start[..length]).Trim('"');
        if (text.Length != 5 || !text.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) || char.IsSurrogate(text[4]) || text[4] is '"')
        {
            length = 0;
            return null;
        }

        length += LineEnds.Length(start, length);
        return text[4];
    }

    OpenResult.Refused? ReadHeader()
    {
        if (!Read())
            return new(ErrorCode.EmptySource, "The source holds no record.");
        switch (fault)
        {
            case ErrorCode.None:
                break;
            case ErrorCode.RecordTooLong:
                return new(ErrorCode.HeaderTooLong, $"The header record is {recordLength} bytes long; record_bytes_max allows {options.RecordBytesMax}.");
            case ErrorCode.CellTooLong:
                return new(ErrorCode.HeaderTooLong, $"The name of column {faultColumn + 1} is longer than {options.HeaderBytesMax} bytes.");
            case ErrorCode.InvalidUtf8:
                return new(ErrorCode.UnsupportedEncoding, $"The name of column {faultColumn + 1} is not UTF-8.");
            case ErrorCode.NulByte:
                return new(ErrorCode.UnsupportedFormat, "The header record holds a NUL byte.");
            default:
                return new(fault, $"The header record is damaged at column {faultColumn + 1}, line {FaultLine}.");
        }

        if (CellCount > options.ColumnsMax)
            return new(ErrorCode.TooManyColumns, $"The source has {CellCount} columns; columns_max allows {options.ColumnsMax}.");
        var names = new string[CellCount];
        for (var i = 0; i < names.Length; i++)
        {
            var cell = GetCell(i);
            if (cell.Length > options.HeaderBytesMax)
                return new(ErrorCode.HeaderTooLong, $"The name of column {i + 1} is {cell.Length} bytes long; header_bytes_max allows {options.HeaderBytesMax}.");
            header.Add(cell.Trim((byte)' ').ToArray());
            names[i] = Encoding.UTF8.GetString(cell).Trim().Trim('\uFEFF', '\u200B').Trim(); // files put together keep marks of their parts
        }

        if (names.Length < options.ColumnsAtLeast)
            names = [.. names, .. Enumerable.Repeat("", options.ColumnsAtLeast - names.Length)];
        columns = names.Length;
        // The header is the first record below the preamble that is not blank.
        shape = shape with { Delimiter = (char)delimiter, Columns = names, HeaderEnd = BytesRead, HasHeader = true, PreambleRows = (int)rowNumber - 1 };
        return null;
    }

    OpenResult.Refused? NameColumns(int count)
    {
        count = options.ColumnsAtLeast > 0 ? options.ColumnsAtLeast : count;
        if (count > options.ColumnsMax)
            return new(ErrorCode.TooManyColumns, $"The source has {count} columns; columns_max allows {options.ColumnsMax}.");
        columns = count;
        var names = Enumerable.Range(1, count).Select(i => $"column_{i}").ToArray();
        shape = shape with { Delimiter = (char)delimiter, Columns = names, HeaderEnd = buffer.Offset };
        return null;
    }

    /// <summary>Goes to the next record, a blank one included, and tells its place.</summary>
    bool NextRecord()
    {
        while (true)
        {
            if (csv is null && !OpenWindow())
                return false;
            if (csv is null)
                return true;
            malformed = false;
            if (!csv.Read())
            {
                CloseWindow();
                continue;
            }

            // A record at the window's end may go on behind it, and so may a CR that ends one.
            var length = csv.RawRecord.Length;
            var ends = length < windowLeft;
            var left = buffer.Unread;
            var lineEnd = ends ? LineEnds.Length(left, length) : 0;
            if (ends ? length + lineEnd == left.Length && left[^1] == '\r' && !buffer.AtEnd : windowLeft < left.Length || !buffer.AtEnd)
            {
                CloseWindow();
                if (windowLeft >= RecordView)
                {
                    TakeByHand();
                    return true;
                }

                windowBytes = Math.Min(Math.Max(windowBytes, windowLeft * 4), WindowLimit);
                continue;
            }

            if (malformed || length > options.RecordBytesMax)
            {
                byHandLeft = ByHandRun;
                TakeByHand();
                return true;
            }

            Take(length, lineEnd, length > 0 && windowHasQuotes ? LineEnds.Count(left[..length]) : 0);
            windowLeft -= recordLength;
            return true;
        }
    }

    /// <summary>Opens the next window at the next record, or takes the record by hand where no window may begin. False at the end of the source.</summary>
    bool OpenWindow()
    {
        buffer.Fill(windowBytes);
        var left = buffer.Unread;
        if (left.IsEmpty)
            return false;

        // CsvHelper takes these bytes at the start of its input for a byte order mark. And damage seldom comes alone: a window costs more than some records.
        if (byHandLeft > 0 || left[0] is 0xEF or 0xFE or 0xFF or 0x00)
        {
            byHandLeft = Math.Max(0, byHandLeft - 1);
            TakeByHand();
            return true;
        }

        windowLeft = Math.Min(windowBytes, left.Length);
        var window = left[..windowLeft];
        windowHasQuotes = window.Contains((byte)'"');
        windowIsText = !window.Contains((byte)0) && Utf8.IsValid(buffer.AtEnd && windowLeft == left.Length ? window : WithoutCutCharacter(window));
        csv = CsvReader.Create(buffer.Head(windowLeft), dialect);
        windowBytes = Math.Min(windowBytes * 4, WindowBytesMax);
        return true;
    }

    /// <summary>The bytes before a character that the end may cut in two. It belongs to a record that this window does not finish.</summary>
    static ReadOnlySpan<byte> WithoutCutCharacter(ReadOnlySpan<byte> bytes)
    {
        for (var back = 1; back <= 4 && back <= bytes.Length && bytes[^back] >= 0x80; back++)
        {
            if (bytes[^back] >= 0xC0)
                return bytes[..^back];
        }

        return bytes;
    }

    void CloseWindow()
    {
        csv?.Dispose();
        csv = null;
    }

    /// <summary>Takes the next record without CsvHelper, by looking at no more than the longest record allowed.</summary>
    void TakeByHand()
    {
        CloseWindow();
        windowBytes = WindowBytesFirst;
        var view = buffer.Unread[..Math.Min(buffer.Unread.Length, RecordView)];
        byHand.Scan(view, delimiter);
        if (byHand.SawEnd && view.Length < RecordView && !buffer.AtEnd)
        {
            buffer.Fill(RecordView);
            view = buffer.Unread[..Math.Min(buffer.Unread.Length, RecordView)];
            byHand.Scan(view, delimiter);
        }

        var viewIsRest = buffer.AtEnd && view.Length == buffer.Unread.Length;
        isByHand = true;
        if (byHand.Length <= options.RecordBytesMax && (byHand.EndsWithLine || viewIsRest))
        {
            var length = byHand.Length;
            Take(length, LineEnds.Length(view, length), LineEnds.Count(view[..length]));
            (isByHand, windowIsText) = (true, false);
            if (byHand.Fault != ErrorCode.None)
                byHandLeft = ByHandRun;
            return;
        }

        SkipLine(byHand.Length);
    }

    void Take(int length, int lineEnd, int linesInside)
    {
        (isByHand, isTooLong) = (false, false);
        recordOffset = buffer.Offset;
        (contentLength, recordLength) = (length, length + lineEnd);
        rowNumber++;
        line = nextLine;
        nextLine = line + linesInside + (lineEnd > 0 ? 1 : 0);
        buffer.Advance(recordLength);
    }

    /// <summary>Passes over a record that is too long, to the first line end behind what may be looked at. Memory stays as it is.</summary>
    void SkipLine(int looked)
    {
        (recordOffset, line) = (buffer.Offset, nextLine);
        rowNumber++;
        nextLine += LineEnds.Count(buffer.Unread[..looked]);
        var length = looked;
        buffer.Advance(looked);
        while (length < RecordBytesCounted)
        {
            buffer.Fill(2);
            var rest = buffer.Unread;
            rest = rest[..Math.Min(rest.Length, RecordBytesCounted - length)];
            if (rest.IsEmpty)
                break;
            var at = rest.IndexOfAny((byte)'\r', (byte)'\n');
            if (at != 0)
            {
                at = at < 0 ? rest.Length : at;
                length += at;
                buffer.Advance(at);
                continue;
            }

            var lineEnd = LineEnds.Length(buffer.Unread, 0);
            length += lineEnd;
            buffer.Advance(lineEnd);
            nextLine++;
            break;
        }

        byHand.Scan([], delimiter);
        (contentLength, recordLength, isTooLong) = (length, length, true);
    }

    /// <summary>Decides whether the current record is usable. On sound text with the right number of cells this looks at the first cell only.</summary>
    void Judge()
    {
        (fault, faultColumn, faultLine) = (ErrorCode.None, -1, 0);
        if (recordOffset >= totalsOffset)
            fault = ErrorCode.TotalsRow;
        else if (isTooLong)
            fault = ErrorCode.RecordTooLong;
        else if (isByHand && byHand.Fault != ErrorCode.None)
            (fault, faultColumn, faultLine) = (byHand.Fault, byHand.FaultColumn, byHand.FaultLine);
        else if (!windowIsText && FindNoText() is { } noText)
            fault = noText;
        else if (contentLength > options.CellBytesMax && (faultColumn = FindCell(cell => cell.Length > options.CellBytesMax)) >= 0)
            fault = ErrorCode.CellTooLong;
        else if (CellCount > columns && !(blankCellAtEnd && CellCount == columns + 1 && GetCell(columns).IsEmpty))
            fault = ErrorCode.TooManyCells;
        else if (CellCount < columns && columns != int.MaxValue && options.ShortRows == ShortRows.Reject)
            fault = ErrorCode.TooFewCells;
        else if (header.Count > 0 && RepeatsHeader())
            fault = ErrorCode.RepeatedHeader;
    }

    ErrorCode? FindNoText()
    {
        var content = buffer.Behind(recordLength)[..contentLength];
        if (content.Contains((byte)0))
        {
            faultColumn = FindCell(cell => cell.Contains((byte)0));
            return ErrorCode.NulByte;
        }

        if (Utf8.IsValid(content))
            return null;
        faultColumn = FindCell(cell => !Utf8.IsValid(cell));
        return ErrorCode.InvalidUtf8;
    }

    int FindCell(CellTest test)
    {
        for (var i = 0; i < CellCount; i++)
        {
            if (test(GetCell(i)))
                return i;
        }

        return -1;
    }

    /// <summary>Files put together from several repeat the header, sometimes with the byte order mark of the later file, or in another case.</summary>
    bool RepeatsHeader()
    {
        if (CellCount != header.Count)
            return false;
        var first = GetCell(0);
        // Nearly every record differs in the first letter, and is not looked at further.
        if (header[0] is [var letter, ..] && first is [> (byte)' ' and < 0x80 and var b, ..] && ((b ^ letter) & ~0x20) != 0)
            return false;
        if (first.StartsWith(ByteOrderMark))
            first = first[ByteOrderMark.Length..].Trim((byte)'"');
        if (!IsName(first, header[0]))
            return false;
        for (var i = 1; i < header.Count; i++)
        {
            if (!IsName(GetCell(i), header[i]))
                return false;
        }

        return true;

        static bool IsName(ReadOnlySpan<byte> cell, byte[] name) =>
            cell.Length >= name.Length && cell.Trim((byte)' ') is var text && (text.SequenceEqual(name) || Ascii.EqualsIgnoreCase(text, name));
    }

    delegate bool CellTest(ReadOnlySpan<byte> cell);
}
