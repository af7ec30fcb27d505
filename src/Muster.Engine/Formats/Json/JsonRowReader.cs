using Muster.Contacts;
using Muster.Formats.Csv;

namespace Muster.Formats.Json;

/// <summary>Reads contacts from JSON (RFC 8259; the forms of <see cref="JsonForm"/>, see docs/formats-json.md) from a seekable stream.</summary>
/// <remarks>
/// A record is an object's own bytes, or a line of NDJSON with its line end. Damage costs the record it stands in: the reader goes on where the
/// brackets match again, or where a sound object follows a separator, whichever comes first. What becomes of a record depends on its first
/// <see cref="JsonOptions.RecordBytesMax"/> bytes only, never on where a read of the stream ended.
/// </remarks>
public sealed class JsonRowReader : RowReader
{
    const int SampleBytes = 64 * 1024;
    const int BlanksLookedAt = 1024;

    // A record beyond 256 MiB counts as several, so that its length fits an int, also in an encoding of four bytes a character.
    const int RecordBytesCounted = 1 << 28;

    readonly JsonOptions options;
    readonly SourceBuffer buffer;
    readonly JsonRecord record;
    JsonForm form;
    SourceShape shape = new("json", "utf-8", null, [], 0, HasHeader: true);
    long itemsOffset;
    long itemsLine;

    // Where the reader stands: what may come next in a list of items.
    Place place;
    bool isClosed;
    long commaOffset;
    long commaLine;
    bool afterCr;

    // The current record.
    bool hasCells;
    long recordOffset;
    int recordLength;
    long rowNumber;
    long line = 1;
    long nextLine = 1;

    JsonRowReader(Stream stream, JsonOptions options)
    {
        this.options = options;
        record = new(options);
        buffer = new SourceBuffer(stream, SampleBytes, Math.Max(View, SampleBytes) + SampleBytes);
    }

    enum Place
    {
        Start,
        AfterItem,
        AfterComma,
        AfterEnd,
    }

    public override SourceShape Shape => shape;

    public override long RowNumber => rowNumber;

    public override long Line => line;

    public override long ByteOffset => recordOffset;

    public override int ByteLength => recordLength;

    public override int CellCount => hasCells ? record.ColumnCount : 0;

    public override ErrorCode Fault => record.Fault;

    public override int FaultColumn => record.FaultColumn;

    public override long FaultLine => line;

    public override long BytesRead => recordOffset + recordLength;

    public override SourcePosition Next => new(BytesRead, rowNumber + 1, nextLine);

    static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>The longest record and one byte more: all that is ever looked at to judge one record.</summary>
    int View => options.RecordBytesMax + 1;

    /// <summary>Whether a source is JSON by its first byte that is neither blank nor byte order mark: <c>[</c> or <c>{</c>.</summary>
    /// <param name="start">The source's first bytes.</param>
    public static bool IsJson(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith(ByteOrderMark))
            start = start[ByteOrderMark.Length..];
        var first = start.IndexOfAnyExcept(JsonForms.Blanks);
        return first >= 0 && start[first] is (byte)'[' or (byte)'{';
    }

    /// <summary>Opens a source and, unless the options tell them, finds its columns by reading it through once.</summary>
    /// <param name="stream">Readable and seekable, at its start; disposed with the reader, or at once when the source is refused.</param>
    /// <param name="options">How to read it.</param>
    public static OpenResult Open(Stream stream, JsonOptions options)
    {
        var reader = new JsonRowReader(stream, options);
        var refusal = default(OpenResult.Refused);
        var opened = false;
        try
        {
            refusal = reader.ReadStart() ?? (options.Columns is null ? reader.FindColumns() : null);
            opened = refusal is null;
        }
        finally
        {
            if (!opened)
                reader.Dispose();
        }
        if (refusal is not null)
            return refusal;
        reader.shape = new(
            reader.form is JsonForm.Array or JsonForm.Contacts ? "json" : "ndjson", "utf-8", null, reader.record.ColumnNames, reader.itemsOffset, HasHeader: true);
        return new OpenResult.Opened(reader);
    }

    public override bool Read() => form == JsonForm.Lines ? ReadLine() : ReadItem();

    public override ReadOnlySpan<byte> GetCell(int index) => hasCells ? record.GetCell(buffer.Behind(recordLength), index) : default;

    /// <summary>Reads the records before the position once more: what a comma or bracket means there depends on what came before it.</summary>
    public override void Resume(SourcePosition position)
    {
        Rewind();
        while (rowNumber + 1 < position.RowNumber && Read()) { }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            buffer.Dispose();
    }

    OpenResult.Refused? ReadStart()
    {
        if (buffer.Begin(SampleBytes) is { } refusal)
            return refusal;
        if (SkipBlanks() < 0)
            return new(ErrorCode.EmptySource, "The source holds no record.");
        (form, var head) = JsonForms.Find(buffer, View);
        Pass(head);
        (itemsOffset, itemsLine) = (buffer.Offset, nextLine);
        Rewind();
        return null;
    }

    OpenResult.Refused? FindColumns()
    {
        var faultLine = 0L;
        while (Read())
        {
            faultLine = faultLine == 0 && Fault != ErrorCode.None ? line : faultLine;
            if (record.ColumnCount > options.ColumnsMax)
                return new(ErrorCode.TooManyColumns, $"The source's objects have more than {options.ColumnsMax} member names, which columns_max allows.");
            if (record.LongName > 0)
                return new(ErrorCode.HeaderTooLong, $"A member name on line {line} or below is {record.LongName} bytes long; header_bytes_max allows {options.HeaderBytesMax}.");
        }
        if (rowNumber == 0 || (faultLine == 0 && record.ColumnCount == 0))
            return new(ErrorCode.NoRows, "The source holds no contact with a member.");
        if (record.ColumnCount == 0)
            return new(ErrorCode.InvalidJson, $"No record of the source is a JSON object with members; the first that is none starts on line {faultLine}.");
        Rewind();
        return null;
    }

    void Rewind()
    {
        buffer.SeekTo(itemsOffset);
        (recordOffset, recordLength, hasCells) = (itemsOffset, 0, false);
        (line, nextLine, afterCr) = (itemsLine, itemsLine, false);
        // Blank lines before the first line count; blanks before a list do not.
        rowNumber = form == JsonForm.Lines ? itemsLine - 1 : 0;
        (place, isClosed) = (Place.Start, form is JsonForm.Sequence or JsonForm.Lines);
        record.SetFault(ErrorCode.None);
    }

    /// <summary>The next item of a list, or of objects one after another.</summary>
    bool ReadItem()
    {
        while (true)
        {
            var next = SkipBlanks();
            if (next < 0)
                return EndSource();
            switch (place, next)
            {
                case (Place.Start or Place.AfterItem, ']') when form != JsonForm.Sequence:
                    Pass(1);
                    CloseList();
                    continue;
                case (Place.AfterItem, ',') when form != JsonForm.Sequence:
                    (commaOffset, commaLine) = (buffer.Offset, nextLine);
                    Pass(1);
                    place = Place.AfterComma;
                    continue;
                case (Place.AfterComma, ',' or ']'):
                    place = Place.AfterItem;
                    return TakeComma();
                case (Place.Start, ',') when form == JsonForm.Array || form == JsonForm.Contacts:
                case (Place.AfterEnd, ',' or ']') when form == JsonForm.Array:
                    (commaOffset, commaLine) = (buffer.Offset, nextLine);
                    Pass(1);
                    place = next == ',' ? Place.Start : place;
                    return TakeComma();
                default:
                    TakeItem(isMisplaced: form != JsonForm.Sequence && place is Place.AfterItem or Place.AfterEnd);
                    place = Place.AfterItem;
                    return true;
            }
        }
    }

    /// <summary>A list that is not closed, or ends with a comma, is one more record at fault: what followed is lost.</summary>
    bool EndSource()
    {
        if (place == Place.AfterComma)
        {
            (place, isClosed) = (Place.AfterItem, true);
            return TakeComma();
        }
        if (isClosed)
            return false;
        isClosed = true;
        BeginRecord();
        recordLength = 0;
        record.SetFault(ErrorCode.InvalidJson);
        return true;
    }

    void CloseList()
    {
        place = Place.AfterEnd;
        isClosed = form == JsonForm.Array;
        if (form != JsonForm.Contacts)
            return;
        buffer.Fill(View);
        if (!buffer.AtEnd || buffer.Unread.Length >= View || !JsonForms.IsTail(buffer.Unread))
            return;
        Pass(buffer.Unread.Length);
        isClosed = true;
    }

    /// <summary>A comma or bracket where an item should be: a record of one byte.</summary>
    bool TakeComma()
    {
        rowNumber++;
        (recordOffset, recordLength, line, hasCells) = (commaOffset, 1, commaLine, false);
        record.SetFault(ErrorCode.InvalidJson);
        return true;
    }

    void TakeItem(bool isMisplaced)
    {
        BeginRecord();
        if (isMisplaced && place == Place.AfterEnd)
            isClosed = true; // what follows the end is told by this record
        var end = ScanItem(out var isTooLong);
        if (end != ItemEnd.Sound)
        {
            SkipDamage();
            record.SetFault(isTooLong ? ErrorCode.RecordTooLong : ErrorCode.InvalidJson);
            return;
        }
        recordLength = record.Length;
        PassRecord();
        hasCells = true;
        if (isMisplaced)
        {
            hasCells = false;
            record.SetFault(ErrorCode.InvalidJson);
        }
    }

    /// <summary>Looks at no more than the longest record allowed.</summary>
    ItemEnd ScanItem(out bool isTooLong)
    {
        isTooLong = false;
        while (true)
        {
            var view = buffer.Unread;
            var isWhole = buffer.AtEnd && view.Length < View;
            view = view[..Math.Min(view.Length, View)];
            var end = record.Scan(view, isWhole);
            isTooLong = view.Length == View && (end == ItemEnd.Cut || record.Length == View);
            if (isTooLong)
                return ItemEnd.Cut;
            if (end != ItemEnd.Cut)
                return end;
            if (isWhole)
                return ItemEnd.Damaged;
            buffer.Fill(Math.Min(Math.Max(view.Length * 2, SampleBytes), View));
        }
    }

    /// <summary>Passes over a record that is damaged or too long, to where the next one may begin.</summary>
    void SkipDamage()
    {
        var scan = new DamageScan();
        var length = 0;
        while (length < RecordBytesCounted)
        {
            if (buffer.Unread.IsEmpty)
            {
                buffer.Fill(1);
                if (buffer.Unread.IsEmpty)
                {
                    isClosed = true; // this record says that the source is cut off
                    break;
                }
            }
            var b = buffer.Unread[0];
            if (length > 0 && scan.OpenLists == 0 && IsFooting(b))
                break;
            scan.Pass(b, isFirst: length == 0);
            Pass(1);
            length++;
            if (scan.IsMatched)
                break;
        }
        recordLength = length;
    }

    /// <summary>Whether a sound object follows this separator, or the source's end this bracket.</summary>
    bool IsFooting(byte b)
    {
        if (form == JsonForm.Sequence)
            return b is (byte)'\n' or (byte)'\r' && IsSoundItemAt(1);
        if (b == ',')
            return IsSoundItemAt(1);
        if (b != ']')
            return false;
        var next = NextByte(1, out var at);
        return next < 0 || (form == JsonForm.Contacts && next == '}' && NextByte(at + 1, out _) < 0);
    }

    bool IsSoundItemAt(int from)
    {
        if (NextByte(from, out var at) != '{')
            return false;
        while (true)
        {
            var bytes = buffer.Unread[at..];
            var isWhole = buffer.AtEnd && bytes.Length < View;
            var view = bytes[..Math.Min(bytes.Length, View)];
            switch (JsonRecord.Skim(view, isWhole, out var length))
            {
                case ItemEnd.Sound when length < View:
                    var next = NextByte(at + length, out _);
                    return next < 0 || (form == JsonForm.Sequence ? next == '{' : next is ',' or ']');
                case ItemEnd.Cut when !isWhole && view.Length < View:
                    buffer.Fill(at + Math.Min(Math.Max(view.Length * 2, SampleBytes), View));
                    break;
                default:
                    return false;
            }
        }
    }

    /// <summary>The first byte from there on that is not blank; -1 when the source ends before it, 0 when there are too many blanks to look behind.</summary>
    int NextByte(int from, out int at)
    {
        for (at = from; at < from + BlanksLookedAt; at++)
        {
            if (at >= buffer.Unread.Length)
                buffer.Fill(at + 1);
            if (at >= buffer.Unread.Length)
                return -1;
            if (!JsonForms.Blanks.Contains(buffer.Unread[at]))
                return buffer.Unread[at];
        }
        return 0;
    }

    bool ReadLine()
    {
        while (true)
        {
            var content = FindLineEnd();
            var left = buffer.Unread;
            if (left.IsEmpty)
                return false;
            BeginRecord();
            if (content < 0 || content > options.RecordBytesMax)
            {
                SkipLine();
                record.SetFault(ErrorCode.RecordTooLong);
                return true;
            }
            var text = left[..content];
            recordLength = content + LineEnds.Length(left, content);
            if (text.IndexOfAnyExcept(JsonForms.Blanks) < 0)
            {
                Pass(recordLength);
                continue;
            }
            hasCells = record.Scan(text, isWhole: true) == ItemEnd.Sound && text[record.Length..].IndexOfAnyExcept(JsonForms.Blanks) < 0;
            if (!hasCells)
                record.SetFault(ErrorCode.InvalidJson);
            Pass(recordLength);
            return true;
        }
    }

    /// <summary>Bytes before the line's end, which is in memory as a whole; -1 when the line is longer than any record.</summary>
    int FindLineEnd()
    {
        var searched = 0;
        while (true)
        {
            var left = buffer.Unread;
            var at = left[searched..].IndexOfAny((byte)'\r', (byte)'\n');
            searched = at < 0 ? left.Length : searched + at;
            // A CR at the end of what is in memory may be half of a line end.
            if (searched + 1 < left.Length || buffer.AtEnd || (at >= 0 && left[searched] == '\n'))
                return searched;
            if (searched > options.RecordBytesMax)
                return -1;
            buffer.Fill(Math.Min(Math.Max(left.Length * 2, SampleBytes), View + 1));
        }
    }

    void SkipLine()
    {
        var length = 0;
        while (length < RecordBytesCounted)
        {
            buffer.Fill(2);
            var left = buffer.Unread;
            left = left[..Math.Min(left.Length, RecordBytesCounted - length)];
            if (left.IsEmpty)
                break;
            var at = left.IndexOfAny((byte)'\r', (byte)'\n');
            var part = at < 0 ? left.Length : at == 0 ? LineEnds.Length(buffer.Unread, 0) : at;
            length += part;
            Pass(part);
            if (at == 0)
                break;
        }
        recordLength = length;
    }

    void BeginRecord()
    {
        rowNumber++;
        (recordOffset, line, hasCells) = (buffer.Offset, nextLine, false);
    }

    /// <summary>Goes to the next byte that is not blank and tells it; -1 at the source's end.</summary>
    int SkipBlanks()
    {
        while (true)
        {
            var left = buffer.Unread;
            if (!left.IsEmpty && left[0] > ' ')
                return left[0];
            var at = left.IndexOfAnyExcept(JsonForms.Blanks);
            if (at >= 0)
            {
                if (at > 0)
                    Pass(at);
                return buffer.Unread[0];
            }
            Pass(left.Length);
            buffer.Fill(1);
            if (buffer.Unread.IsEmpty)
                return -1;
        }
    }

    void PassRecord()
    {
        if (record.HasLineEnds)
        {
            Pass(recordLength);
            return;
        }
        buffer.Advance(recordLength);
        afterCr = false;
    }

    void Pass(int length)
    {
        var bytes = buffer.Unread[..length];
        if (bytes.IsEmpty)
            return;
        nextLine += LineEnds.Count(bytes) - (afterCr && bytes[0] == '\n' ? 1 : 0);
        afterCr = bytes[^1] == '\r';
        buffer.Advance(length);
    }
}
