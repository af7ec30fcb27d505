using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using Muster.Contacts;

namespace Muster.Formats.Json;

/// <summary>What became of looking for one JSON value at the start of some bytes.</summary>
enum ItemEnd
{
    /// <summary>The value is whole and sound JSON.</summary>
    Sound,

    /// <summary>The bytes end within the value, and more may follow.</summary>
    Cut,

    /// <summary>No JSON value begins here.</summary>
    Damaged,
}

/// <summary>One contact of a JSON source, taken apart into cells by column.</summary>
/// <remarks>
/// A scalar is its text: strings with their escapes resolved, numbers exactly as written, <c>true</c> and <c>false</c>; null is blank. A list of
/// scalars is its items with semicolons between, as Muster's own export writes lists. Any other list or object is a fault, but for the members
/// of <c>fields</c> and <c>custom_fields</c>, which are columns of their own. A name that comes twice is a fault: programs differ on which counts.
/// </remarks>
sealed class JsonRecord
{
    readonly JsonOptions options;
    readonly JsonColumns columns = new();
    readonly JsonText text = new();
    readonly bool discovers;
    Cell[] cells = new Cell[16];
    int record;
    int likely;

    public JsonRecord(JsonOptions options)
    {
        this.options = options;
        discovers = options.Columns is null;
        foreach (var name in options.Columns ?? [])
            columns.Add(Encoding.UTF8.GetBytes(name));
    }

    /// <summary>Where a cell lies: in the source's bytes, or in <see cref="text"/> when <paramref name="InText"/>. It is the record's when it has its number.</summary>
    [StructLayout(LayoutKind.Auto)]
    record struct Cell(int Record, int Start, int Length, bool InText);

    /// <summary>The text of one member of a record; a list or object that is a fault as it was sent. Null when the record is damaged.</summary>
    public string? ReadCell(ReadOnlySpan<byte> bytes, int column) =>
        Scan(bytes, isWhole: true) == ItemEnd.Sound ? Encoding.UTF8.GetString(GetCell(bytes, column)) : null;

    public ErrorCode Fault { get; private set; }

    public int FaultColumn { get; private set; }

    /// <summary>Bytes of the value, with blanks before it.</summary>
    public int Length { get; private set; }

    /// <summary>Whether line ends stand among the value's bytes.</summary>
    public bool HasLineEnds { get; private set; }

    public int ColumnCount => columns.Count;

    public IReadOnlyList<string> ColumnNames => columns.Names;

    /// <summary>Bytes of the first name that is too long to be a column's; 0 when there is none. Only while columns are being found.</summary>
    public int LongName { get; private set; }

    /// <param name="bytes">The bytes that were scanned last.</param>
    public ReadOnlySpan<byte> GetCell(ReadOnlySpan<byte> bytes, int index)
    {
        if (index >= cells.Length || cells[index].Record != record)
            return default;
        var cell = cells[index];
        return cell.InText ? text.Slice(cell.Start, cell.Length) : bytes.Slice(cell.Start, cell.Length);
    }

    /// <summary>A record without cells.</summary>
    public void SetFault(ErrorCode code)
    {
        Clear();
        Fault = code;
    }

    /// <summary>Takes the value apart that the bytes begin with; they may go on behind it.</summary>
    /// <param name="isWhole">The source ends where the bytes end.</param>
    public ItemEnd Scan(ReadOnlySpan<byte> bytes, bool isWhole)
    {
        Clear();
        var (known, longName) = (columns.Count, LongName);
        var end = TryScan(bytes, isWhole, out var isText);
        if (end == ItemEnd.Sound && !isText)
            (Fault, FaultColumn) = (ErrorCode.InvalidUtf8, FindInvalidCell(bytes));
        if (!isText)
        {
            columns.CutTo(known); // a damaged record names no columns
            LongName = longName;
        }
        return end;
    }

    /// <summary>Whether the bytes begin with an object of at least one member; such text cannot stand inside a JSON string.</summary>
    public static ItemEnd Skim(ReadOnlySpan<byte> bytes, bool isWhole, out int length)
    {
        length = 0;
        var inside = new JsonWalk(bytes, isWhole);
        if (!inside.Take('{') || !inside.Peek(out var next))
            return inside.End;
        if (next != '"')
            return ItemEnd.Damaged;
        var walk = new JsonWalk(bytes, isWhole);
        if (walk.Skip(depth: 0))
            length = walk.At;
        return walk.End;
    }

    ItemEnd TryScan(ReadOnlySpan<byte> bytes, bool isWhole, out bool isText)
    {
        var walk = new JsonWalk(bytes, isWhole);
        var isSound = walk.Peek(out var first);
        if (isSound && first == '{')
        {
            walk.Take();
            isSound = ReadMembers(ref walk, bytes, isNested: false);
        }
        else if (isSound)
        {
            isSound = walk.Skip(depth: 0);
            Blame(ErrorCode.InvalidJson, -1);
        }
        (Length, HasLineEnds) = (isSound ? walk.At : 0, walk.HasLineEnds);
        isText = isSound && !walk.HasBrokenText;
        return walk.End;
    }

    void Clear()
    {
        record++;
        text.Clear();
        (Fault, FaultColumn, Length, likely) = (ErrorCode.None, -1, 0, 0);
    }

    /// <summary>Reads the members of the object, or of the one named <c>fields</c> in it, whose bracket was taken.</summary>
    bool ReadMembers(ref JsonWalk walk, ReadOnlySpan<byte> bytes, bool isNested)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            if (!walk.TakeSeparator('}', isFirst, out var isClosed))
                return false;
            if (isClosed)
                return true;
            if (!walk.PeekQuote())
                return false;
            if (TryTakeLikely(ref walk, isNested, out var column))
            {
                Claim(column);
            }
            else
            {
                if (!TakeName(ref walk, out var name))
                    return false;
                if (!isNested && JsonForms.IsNestedFields(name) && walk.Peek(out var bracket) && bracket == '{')
                {
                    walk.Take();
                    if (!ReadMembers(ref walk, bytes, isNested: true))
                        return false;
                    continue;
                }
                column = TakeColumn(isNested ? columns.Nested(name) : name);
            }
            if (!ReadValue(ref walk, bytes, column, isNested))
                return false;
        }
    }

    /// <summary>Takes the name of the column that comes next when records have their members in one order, or of one soon behind it when they leave some out.</summary>
    bool TryTakeLikely(ref JsonWalk walk, bool isNested, out int column)
    {
        const int LeftOutMax = 4;
        for (column = likely; column <= likely + LeftOutMax && column < columns.Count; column++)
        {
            if (walk.TryTake(columns.Member(column, isNested)))
                return true;
        }
        return false;
    }

    bool TakeName(ref JsonWalk walk, out ReadOnlySpan<byte> name)
    {
        name = default;
        if (!walk.TakeString(out var isEscaped, out var raw) || !walk.Take(':'))
            return false;
        name = raw;
        if (!isEscaped)
            return true;
        var start = text.Length;
        Blame(text.AppendUnescaped(raw), -1);
        name = text.Slice(start, text.Length - start);
        return true;
    }

    /// <summary>The column of that name, made when columns are being found; -1 when there is none. A second member of the name is a fault.</summary>
    int TakeColumn(ReadOnlySpan<byte> name)
    {
        var column = columns.Find(name);
        if (column < 0)
        {
            if (!discovers || columns.Count > options.ColumnsMax)
                return -1;
            if (name.Length > options.HeaderBytesMax)
            {
                LongName = LongName == 0 ? name.Length : LongName;
                return -1;
            }
            column = columns.Count;
            columns.Add(name);
        }
        Claim(column);
        return column;
    }

    void Claim(int column)
    {
        if (column >= cells.Length)
            Array.Resize(ref cells, Math.Max(column + 1, cells.Length * 2));
        if (cells[column].Record == record)
            Blame(ErrorCode.InvalidJson, column);
        cells[column] = new(record, 0, 0, InText: false);
        likely = column + 1;
    }

    bool ReadValue(ref JsonWalk walk, ReadOnlySpan<byte> bytes, int column, bool isNested)
    {
        if (!walk.Peek(out var first))
            return false;
        var from = walk.At;
        switch (first)
        {
            case (byte)'"':
                if (!walk.TakeString(out var isEscaped, out var raw))
                    return false;
                if (isEscaped)
                    PutUnescaped(column, raw);
                else
                    Put(column, from + 1, raw.Length, inText: false);
                return true;
            case (byte)'[':
                return ReadList(ref walk, bytes, column, isNested ? 2 : 1);
            case (byte)'{':
                return RefuseNested(ref walk, column, isNested ? 2 : 1);
            default:
                if (!walk.TakeWord(first))
                    return false;
                if (first != 'n')
                    Put(column, from, walk.At - from, inText: false);
                return true;
        }
    }

    void PutUnescaped(int column, ReadOnlySpan<byte> raw)
    {
        var start = text.Length;
        var fault = text.AppendUnescaped(raw);
        Put(column, start, text.Length - start, inText: true);
        Blame(fault, column);
    }

    /// <summary>A list of scalars: items with semicolons between; a semicolon or reverse solidus within an item has a reverse solidus before it.</summary>
    /// <param name="depth">Lists and objects around it.</param>
    bool ReadList(ref JsonWalk walk, ReadOnlySpan<byte> bytes, int column, int depth)
    {
        var opening = walk;
        var start = text.Length;
        var (items, fault) = (0, ErrorCode.None);
        walk.Take();
        for (var isFirst = true; ; isFirst = false)
        {
            if (!walk.TakeSeparator(']', isFirst, out var isClosed))
                return false;
            if (isClosed)
                break;
            if (!walk.Peek(out var first))
                return false;
            if (first is (byte)'[' or (byte)'{')
            {
                walk = opening;
                return PassNested(ref walk, column, depth);
            }
            var from = walk.At;
            ReadOnlySpan<byte> raw = default;
            if (!(first == '"' ? walk.TakeString(out _, out raw) : walk.TakeWord(first)))
                return false;
            if (first == 'n')
                continue;
            if (items++ > 0)
                text.Append(";"u8);
            var item = AppendItem(first == '"' ? raw : bytes[from..walk.At]);
            fault = fault == ErrorCode.None ? item : fault;
        }
        Put(column, start, text.Length - start, inText: true);
        Blame(fault, column);
        return true;
    }

    ErrorCode AppendItem(ReadOnlySpan<byte> raw)
    {
        if (!raw.ContainsAny((byte)';', (byte)'\\'))
        {
            text.Append(raw);
            return ErrorCode.None;
        }
        var plain = new JsonText();
        var fault = plain.AppendUnescaped(raw);
        foreach (var b in plain.Slice(0, plain.Length))
            text.Append(b is (byte)';' or (byte)'\\' ? [(byte)'\\', b] : [b]);
        return fault;
    }

    bool RefuseNested(ref JsonWalk walk, int column, int depth)
    {
        var inside = walk;
        inside.Take();
        if (depth > 1 || !inside.Take('}'))
            return PassNested(ref walk, column, depth);
        walk = inside; // an object without members holds nothing: blank, as null is; our own export writes one for consent
        return true;
    }

    bool PassNested(ref JsonWalk walk, int column, int depth)
    {
        var from = walk.At;
        if (!walk.Skip(depth))
            return false;
        PutNested(column, from, walk.At - from);
        return true;
    }

    void PutNested(int column, int start, int length)
    {
        if (options.NestedIsText)
        {
            Put(column, start, length, inText: false);
            return;
        }
        if (column >= 0)
            cells[column] = new(record, start, length, InText: false);
        if (options.Ignored?.Contains(column) != true)
            Blame(ErrorCode.InvalidJson, column);
    }

    void Put(int column, int start, int length, bool inText)
    {
        if (column < 0)
            return;
        cells[column] = new(record, start, length, inText);
        if (length > options.CellBytesMax)
            Blame(ErrorCode.CellTooLong, column);
    }

    /// <summary>The first fault of a record is the one that is told.</summary>
    void Blame(ErrorCode code, int column)
    {
        if (code != ErrorCode.None && Fault == ErrorCode.None)
            (Fault, FaultColumn) = (code, column);
    }

    int FindInvalidCell(ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            if (!Utf8.IsValid(GetCell(bytes, i)))
                return i;
        }
        return -1;
    }
}
