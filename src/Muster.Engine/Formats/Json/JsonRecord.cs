using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
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
    static readonly JsonReaderOptions Strict = new() { MaxDepth = JsonOptions.DepthMax };

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
        var end = TryScan(bytes, isWhole);
        var isText = end == ItemEnd.Sound && Utf8.IsValid(bytes[..Length]);
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
        try
        {
            var reader = new Utf8JsonReader(bytes, isWhole, new JsonReaderState(Strict));
            if (!reader.Read() || !reader.Read())
                return ItemEnd.Cut;
            if (reader.TokenType != JsonTokenType.PropertyName)
                return ItemEnd.Damaged;
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.EndObject || reader.CurrentDepth > 0)
                    continue;
                length = (int)reader.BytesConsumed;
                return ItemEnd.Sound;
            }
            return ItemEnd.Cut;
        }
        catch (JsonException)
        {
            return ItemEnd.Damaged;
        }
    }

    ItemEnd TryScan(ReadOnlySpan<byte> bytes, bool isWhole)
    {
        try
        {
            var reader = new Utf8JsonReader(bytes, isWhole, new JsonReaderState(Strict));
            if (!reader.Read())
                return isWhole ? ItemEnd.Damaged : ItemEnd.Cut;
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                if (!reader.TrySkip())
                    return ItemEnd.Cut;
                Fault = ErrorCode.InvalidJson;
            }
            else if (!ReadMembers(ref reader, bytes))
            {
                return ItemEnd.Cut;
            }
            Length = (int)reader.BytesConsumed;
            return ItemEnd.Sound;
        }
        catch (JsonException)
        {
            return ItemEnd.Damaged;
        }
    }

    void Clear()
    {
        record++;
        text.Clear();
        (Fault, FaultColumn, Length, likely) = (ErrorCode.None, -1, 0, 0);
    }

    /// <summary>False when the bytes end before the object does.</summary>
    bool ReadMembers(ref Utf8JsonReader reader, ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            if (!reader.Read())
                return false;
            if (reader.TokenType == JsonTokenType.EndObject)
                return true;
            var name = NameOf(ref reader);
            if (!reader.Read())
                return false;
            if (reader.TokenType == JsonTokenType.StartObject && (name.SequenceEqual("fields"u8) || name.SequenceEqual("custom_fields"u8)))
            {
                if (!ReadNested(ref reader, bytes))
                    return false;
            }
            else if (!ReadValue(ref reader, bytes, TakeColumn(name)))
            {
                return false;
            }
        }
    }

    bool ReadNested(ref Utf8JsonReader reader, ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            if (!reader.Read())
                return false;
            if (reader.TokenType == JsonTokenType.EndObject)
                return true;
            var column = TakeColumn(columns.Nested(NameOf(ref reader)));
            if (!reader.Read() || !ReadValue(ref reader, bytes, column))
                return false;
        }
    }

    ReadOnlySpan<byte> NameOf(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
            return reader.ValueSpan;
        var start = text.Length;
        Blame(text.AppendUnescaped(reader.ValueSpan), -1);
        return text.Slice(start, text.Length - start);
    }

    /// <summary>The column of that name, made when columns are being found; -1 when there is none. A second member of the name is a fault.</summary>
    int TakeColumn(ReadOnlySpan<byte> name)
    {
        var column = columns.Find(name, likely);
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
        if (column >= cells.Length)
            Array.Resize(ref cells, Math.Max(column + 1, cells.Length * 2));
        if (cells[column].Record == record)
            Blame(ErrorCode.InvalidJson, column);
        cells[column] = new(record, 0, 0, InText: false);
        likely = column + 1;
        return column;
    }

    bool ReadValue(ref Utf8JsonReader reader, ReadOnlySpan<byte> bytes, int column)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return true;
            case JsonTokenType.StartArray:
                return ReadList(ref reader, column);
            case JsonTokenType.StartObject:
                return RefuseNested(ref reader, column);
            case JsonTokenType.String when reader.ValueIsEscaped:
                var start = text.Length;
                var fault = text.AppendUnescaped(reader.ValueSpan);
                Put(column, start, text.Length - start, inText: true);
                Blame(fault, column);
                return true;
            default:
                var quote = reader.TokenType == JsonTokenType.String ? 1 : 0;
                Put(column, (int)reader.TokenStartIndex + quote, reader.ValueSpan.Length, inText: false);
                return true;
        }
    }

    /// <summary>A list of scalars: items with semicolons between; a semicolon or reverse solidus within an item has a reverse solidus before it.</summary>
    bool ReadList(ref Utf8JsonReader reader, int column)
    {
        var from = (int)reader.TokenStartIndex;
        var depth = reader.CurrentDepth;
        var start = text.Length;
        var (items, isFlat, fault) = (0, true, ErrorCode.None);
        while (true)
        {
            if (!reader.Read())
                return false;
            if (reader.TokenType == JsonTokenType.EndArray && reader.CurrentDepth == depth)
                break;
            if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject or JsonTokenType.PropertyName)
                isFlat = false;
            if (!isFlat || reader.TokenType is JsonTokenType.Null)
                continue;
            if (items++ > 0)
                text.Append(";"u8);
            var item = AppendItem(ref reader);
            fault = fault == ErrorCode.None ? item : fault;
        }
        if (isFlat)
        {
            Put(column, start, text.Length - start, inText: true);
            Blame(fault, column);
        }
        else
        {
            PutNested(column, from, (int)reader.BytesConsumed - from);
        }
        return true;
    }

    ErrorCode AppendItem(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String || !reader.ValueSpan.ContainsAny((byte)';', (byte)'\\'))
        {
            text.Append(reader.ValueSpan);
            return ErrorCode.None;
        }
        var plain = new JsonText();
        var fault = plain.AppendUnescaped(reader.ValueSpan);
        foreach (var b in plain.Slice(0, plain.Length))
            text.Append(b is (byte)';' or (byte)'\\' ? [(byte)'\\', b] : [b]);
        return fault;
    }

    bool RefuseNested(ref Utf8JsonReader reader, int column)
    {
        var from = (int)reader.TokenStartIndex;
        var inside = reader;
        if (reader.CurrentDepth == 1 && inside.Read() && inside.TokenType == JsonTokenType.EndObject)
        {
            reader = inside; // an object without members holds nothing: blank, as null is; our own export writes one for consent
            return true;
        }
        if (!reader.TrySkip())
            return false;
        PutNested(column, from, (int)reader.BytesConsumed - from);
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
