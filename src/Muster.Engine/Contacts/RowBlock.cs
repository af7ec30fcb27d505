using System.Runtime.CompilerServices;

namespace Muster.Contacts;

/// <summary>Where a value lies in a block's text. <see cref="Absent"/> says that the row leaves the field alone; an empty span that the row clears it.</summary>
public readonly record struct TextSpan(int Offset, int Length)
{
    public static readonly TextSpan Absent = new(0, -1);
    public static readonly TextSpan Clear = new(0, 0);
    public bool IsAbsent => Length < 0;
    public bool IsClear => Length == 0;
    public bool HasValue => Length > 0;
}

/// <summary>What a finding did to its row: an error rejects it, a warning reports a value that was dropped or altered, a note says why a row was skipped.</summary>
public enum Severity : byte { Error = 0, Warning = 1, Note = 2 }

/// <summary>One reason why one row was not imported as sent. Written to the ledger, never thrown.</summary>
/// <param name="Row">Index of the row in its block.</param>
/// <param name="Column">Index of the source's column at fault, or -1 when the whole row is.</param>
/// <param name="Code">Stable name that clients switch on. Codes are added, never renamed.</param>
public readonly record struct RowError(int Row, int Column, ErrorCode Code, Severity Severity);

/// <summary>A block of checked rows on its way to the store: one owner at a time, no object per row, all text in one buffer.</summary>
/// <remarks>
/// A row's built-in text fields are spans of UTF-8 in <see cref="Text"/>. Its custom fields are one JSON object in the same buffer, members ordered by field id,
/// and each custom cell is the span of its JSON value inside that object. Phones are E.164 digits as an integer.
/// Memory: about 80 bytes plus 8 per field plus the text, a row.
/// </remarks>
public sealed class RowBlock
{
    /// <summary>Text slots before the custom fields: <see cref="BuiltInField"/> by number (the phone's slot stays unused but for Absent and Clear).</summary>
    public const int BuiltInSlots = 6;

    readonly KeySort sort = new();
    readonly int slots;
    readonly TextBuffer text;

    /// <param name="customFields">Field ids of the custom columns, ascending.</param>
    public RowBlock(int[] customFields, int rowsHint = 1_000)
        : this(customFields, rowsHint, new(rowsHint * 64))
    {
    }

    RowBlock(int[] customFields, int rowsHint, TextBuffer text)
    {
        this.text = text;
        CustomFields = customFields;
        slots = BuiltInSlots + customFields.Length;
        RowNumber = new long[rowsHint];
        Line = new long[rowsHint];
        ByteOffset = new long[rowsHint];
        ByteLength = new int[rowsHint];
        Phone = new long[rowsHint];
        Fault = new ErrorCode[rowsHint];
        Fields = new TextSpan[rowsHint];
        Cells = new TextSpan[rowsHint * slots];
        Consent = new byte[rowsHint];
        KeyHigh = new ulong[rowsHint];
        KeyLow = new ulong[rowsHint * 3];
    }

    public int[] CustomFields { get; }

    /// <summary>Number of the batch within its import, from 0.</summary>
    public int BatchNumber { get; set; }

    /// <summary>True for the last block of its source: its transaction also ends the import.</summary>
    public bool IsLast { get; set; }

    /// <summary>Source position after the block's last row, blank records included: where a resumed import reads on.</summary>
    public long EndOffset { get; set; }

    public int Count { get; private set; }
    public byte[] Text => text.Bytes;
    public int TextLength => text.Length;

    /// <summary>Bytes of text, cells and names of lists and tags: a blank cell takes its place, too.</summary>
    public long Bytes => TextLength + (long)Count * CellBytesPerRow + Names.Bytes;

    public int CellBytesPerRow => slots * Unsafe.SizeOf<TextSpan>();

    public long[] RowNumber { get; private set; }
    public long[] Line { get; private set; }
    public long[] ByteOffset { get; private set; }
    public int[] ByteLength { get; private set; }

    /// <summary>E.164 digits, or 0.</summary>
    public long[] Phone { get; private set; }

    /// <summary>Why the row was rejected before any store saw it, or None.</summary>
    public ErrorCode[] Fault { get; private set; }

    /// <summary>The row's custom fields as one JSON object, absent when it has none.</summary>
    public TextSpan[] Fields { get; private set; }

    public TextSpan[] Cells { get; private set; }

    /// <summary>What each row says about consent: bits of <see cref="RowConsent"/>.</summary>
    public byte[] Consent { get; private set; }

    /// <summary>What a dynamic list keeps of the row's contact, as one JSON object; absent when there is nothing. Empty while no row has any.</summary>
    public TextSpan[] Variables { get; private set; } = [];

    /// <summary>Lists and tags that the rows name.</summary>
    public RowNames Names { get; } = new();

    /// <summary>High half of the hash of the row's match key; with the low half it is what in-file duplicates are found by.</summary>
    public ulong[] KeyHigh { get; private set; }

    /// <summary>As <see cref="KeyHigh"/>, by row × <see cref="KeyKind"/>, of imports that match by several kinds; else empty.</summary>
    public ulong[] KeyHighs { get; private set; } = [];

    /// <summary>Makes room for the high halves of every kind of key.</summary>
    public void KeepAllHighs()
    {
        if (KeyHighs.Length < RowNumber.Length * 3)
            KeyHighs = new ulong[RowNumber.Length * 3];
    }

    /// <summary>Low half of each key's hash, by row × <see cref="KeyKind"/>; 0 when the row has no such key.</summary>
    public ulong[] KeyLow { get; private set; }

    /// <summary>Hashes and rows of all keys in the block, sorted by hash: the order in which a store visits its index.</summary>
    public long[] SortedKeys { get; private set; } = [];
    public int[] SortedKeyRows { get; private set; } = [];
    public int SortedKeyCount { get; private set; }

    public List<RowError> Errors { get; } = [];

    int checkedErrors = -1;

    /// <summary>Leaves only what checking found, of what checking and deciding found: before the batch is decided, for the first time or again.</summary>
    public void ForgetDecision()
    {
        if (checkedErrors < 0)
            checkedErrors = Errors.Count;
        else
            Errors.RemoveRange(checkedErrors, Errors.Count - checkedErrors);
    }

    /// <summary>Drops the rows from <paramref name="count"/> on, as if the source ended there. Before the batch is decided again.</summary>
    public void Truncate(int count)
    {
        ForgetDecision();
        Errors.RemoveAll(e => e.Row >= count);
        Names.Truncate(count);
        checkedErrors = Errors.Count;
        Count = count;
        EndOffset = ByteOffset[count - 1] + ByteLength[count - 1];
        var keys = 0;
        for (var i = 0; i < SortedKeyCount; i++)
        {
            if (SortedKeyRows[i] >> 2 >= count)
                continue;
            SortedKeys[keys] = SortedKeys[i];
            SortedKeyRows[keys++] = SortedKeyRows[i];
        }
        SortedKeyCount = keys;
    }

    /// <summary>Some of the rows as a block of their own, to be decided by themselves. It shares this block's text, so that it is good as long as this block holds its rows.</summary>
    public RowBlock Part(int start, int count)
    {
        ForgetDecision();
        var part = new RowBlock(CustomFields, count, text) { BatchNumber = BatchNumber, Count = count };
        RowNumber.AsSpan(start, count).CopyTo(part.RowNumber);
        Line.AsSpan(start, count).CopyTo(part.Line);
        ByteOffset.AsSpan(start, count).CopyTo(part.ByteOffset);
        ByteLength.AsSpan(start, count).CopyTo(part.ByteLength);
        Phone.AsSpan(start, count).CopyTo(part.Phone);
        Fault.AsSpan(start, count).CopyTo(part.Fault);
        Fields.AsSpan(start, count).CopyTo(part.Fields);
        Cells.AsSpan(start * slots, count * slots).CopyTo(part.Cells);
        Consent.AsSpan(start, count).CopyTo(part.Consent);
        KeyHigh.AsSpan(start, count).CopyTo(part.KeyHigh);
        KeyLow.AsSpan(start * 3, count * 3).CopyTo(part.KeyLow);
        if (KeyHighs.Length > 0)
            part.KeyHighs = KeyHighs.AsSpan(start * 3, count * 3).ToArray();
        for (var row = start; row < Math.Min(start + count, Variables.Length); row++)
            part.SetVariables(row - start, Variables[row]);
        (part.SortedKeys, part.SortedKeyRows) = (new long[count * 3], new int[count * 3]);
        for (var i = 0; i < SortedKeyCount; i++)
        {
            if ((SortedKeyRows[i] >> 2) - start is var row && row >= 0 && row < count)
                (part.SortedKeys[part.SortedKeyCount], part.SortedKeyRows[part.SortedKeyCount++]) = (SortedKeys[i], SortedKeyRows[i] - (start << 2));
        }
        part.Errors.AddRange(Errors.Where(e => e.Row >= start && e.Row < start + count).Select(e => e with { Row = e.Row - start }));
        Names.CopyTo(part.Names, start, count);
        var toTheEnd = start + count == Count;
        part.IsLast = IsLast && toTheEnd;
        part.EndOffset = toTheEnd || count == 0 ? EndOffset : ByteOffset[start + count - 1] + ByteLength[start + count - 1];
        return part;
    }

    public void Clear()
    {
        checkedErrors = -1;
        Count = 0;
        text.Clear();
        SortedKeyCount = 0;
        IsLast = false;
        Errors.Clear();
        Names.Clear();
    }

    /// <summary>Makes room for that many rows at once, so that nothing smaller is left to the garbage collector.</summary>
    public void EnsureRows(int count)
    {
        if (count > RowNumber.Length)
            Grow(count);
    }

    /// <summary>Makes room for that much text at once, as <see cref="EnsureRows"/> does for rows. Of an empty block.</summary>
    public void EnsureText(int bytes) => text.Expect(bytes);

    /// <summary>Begins a row whose every field is absent, and returns its index.</summary>
    public int AddRow(long rowNumber, long line, long byteOffset, int byteLength)
    {
        var row = Count;
        if (row == RowNumber.Length)
            Grow(RowNumber.Length * 2);
        RowNumber[row] = rowNumber;
        Line[row] = line;
        ByteOffset[row] = byteOffset;
        ByteLength[row] = byteLength;
        Phone[row] = 0;
        Fault[row] = ErrorCode.None;
        Fields[row] = TextSpan.Absent;
        Cells.AsSpan(row * slots, slots).Fill(TextSpan.Absent);
        Consent[row] = 0;
        KeyHigh[row] = 0;
        KeyLow.AsSpan(row * 3, 3).Clear();
        if (row < Variables.Length)
            Variables[row] = TextSpan.Absent;
        Count = row + 1;
        return row;
    }

    public void SetVariables(int row, TextSpan variables)
    {
        if (row >= Variables.Length)
        {
            var before = Variables.Length;
            Variables = Larger(Variables, RowNumber.Length);
            Variables.AsSpan(before).Fill(TextSpan.Absent);
        }
        Variables[row] = variables;
    }

    public ref TextSpan Cell(int row, BuiltInField field) => ref Cells[row * slots + (int)field];

    /// <param name="index">Index into <see cref="CustomFields"/>.</param>
    public ref TextSpan CustomCell(int row, int index) => ref Cells[row * slots + BuiltInSlots + index];

    /// <summary>Whether the row asks to clear a custom field.</summary>
    public bool ClearsAnyCustom(int row)
    {
        foreach (var cell in Cells.AsSpan(row * slots + BuiltInSlots, CustomFields.Length))
        {
            if (cell.IsClear)
                return true;
        }
        return false;
    }

    public ref ulong KeyOf(int row, KeyKind kind) => ref KeyLow[row * 3 + (int)kind];

    public ReadOnlySpan<byte> Utf8(TextSpan span) => text.Utf8(span);

    /// <summary>Room for at least <paramref name="length"/> more bytes at <see cref="TextLength"/>.</summary>
    public Span<byte> Reserve(int length) => text.Reserve(length);

    /// <summary>Counts bytes written into <see cref="Reserve"/>'s span as text.</summary>
    public TextSpan Commit(int length) => text.Commit(length);

    public TextSpan Append(ReadOnlySpan<byte> utf8) => text.Append(utf8);

    public void Reject(int row, int column, ErrorCode code)
    {
        if (Fault[row] == ErrorCode.None)
            Fault[row] = code;
        Errors.Add(new(row, column, code, Severity.Error));
    }

    public void Warn(int row, int column, ErrorCode code) => Errors.Add(new(row, column, code, Severity.Warning));

    /// <summary>Sorts the keys of all rows that were not rejected, so that a store's index is visited once, in order.</summary>
    public void SortKeys()
    {
        if (SortedKeys.Length < Count * 3)
        {
            SortedKeys = new long[RowNumber.Length * 3];
            SortedKeyRows = new int[RowNumber.Length * 3];
        }
        var n = 0;
        for (var row = 0; row < Count; row++)
        {
            if (Fault[row] != ErrorCode.None)
                continue;
            for (var kind = 0; kind < 3; kind++)
            {
                var low = KeyLow[row * 3 + kind];
                if (low == 0)
                    continue;
                SortedKeys[n] = (long)low;
                SortedKeyRows[n++] = row * 4 + kind;
            }
        }
        sort.Sort(SortedKeys, SortedKeyRows, n);
        // Rows with equal keys stay in file order: the first row that claims a key gets it.
        for (int start = 0, end = 1; end <= n; end++)
        {
            if (end < n && SortedKeys[end] == SortedKeys[start])
                continue;
            if (end - start > 1)
                Array.Sort(SortedKeyRows, start, end - start);
            start = end;
        }
        SortedKeyCount = n;
    }

    void Grow(int capacity)
    {
        RowNumber = Larger(RowNumber, capacity);
        Line = Larger(Line, capacity);
        ByteOffset = Larger(ByteOffset, capacity);
        ByteLength = Larger(ByteLength, capacity);
        Phone = Larger(Phone, capacity);
        Fault = Larger(Fault, capacity);
        Fields = Larger(Fields, capacity);
        Cells = Larger(Cells, capacity * slots);
        Consent = Larger(Consent, capacity);
        KeyHigh = Larger(KeyHigh, capacity);
        KeyLow = Larger(KeyLow, capacity * 3);
    }

    static T[] Larger<T>(T[] array, int capacity)
    {
        Array.Resize(ref array, capacity);
        return array;
    }
}
