using System.Buffers;
using System.Buffers.Binary;
using Muster.Contacts;
using Muster.Sources;

namespace Muster.Formats.Workbooks;

/// <summary>Writes a sheet's rows as text: one CSV record a row, at the row's own place, blank rows as blank lines.</summary>
/// <remarks>
/// The file begins with a byte order mark, so that a spreadsheet opens rejects in the right encoding, and ends, behind the text, with what the
/// text cannot say: the rows at fault, and a footer (see <see cref="SheetTextEnd"/>). A sheet that has no cell costs no bytes, wherever its last row is.
/// Memory: one row, which <see cref="WorkbookOptions.RecordBytesMax"/> caps.
/// </remarks>
sealed class SheetText(Stream stream, WorkbookOptions options)
{
    /// <summary>Last row of a sheet (ECMA-376 part 1, §18.3.1.73 and the limits of every program that writes it).</summary>
    public const int RowsMax = 1 << 20;

    /// <summary>Columns of a sheet, A to XFD.</summary>
    public const int SheetColumns = 1 << 14;

    const int FaultsMax = 10_000;
    const int RowsJudged = 1_000;
    const int FlushAt = 1 << 17;

    static readonly SearchValues<byte> Quoted = SearchValues.Create(",\"\r\n"u8);

    static readonly SearchValues<byte> LineEnds = SearchValues.Create("\r\n"u8);

    readonly List<RowFault> faults = [];
    readonly int[] widths = new int[options.ColumnsMax + 1];
    readonly (int Column, int Start, int Length)[] cells = new (int, int, int)[Math.Min(options.ColumnsMax + 1, SheetColumns)];
    byte[] row = new byte[1 << 12];
    byte[] output = new byte[FlushAt + (1 << 12)];
    int rowLength;
    int cellCount;
    int outputLength;
    int lastRow;
    int currentRow;
    int rowsJudged;
    bool ordered;
    bool mayContinue;
    RowFault currentFault;
    long written;

    /// <summary>Rows that hold a cell.</summary>
    public int Rows { get; private set; }

    /// <summary>Whether a row's number was not above the one before it.</summary>
    public bool RowsOutOfOrder { get; private set; }

    public void Begin()
    {
        Append([0xEF, 0xBB, 0xBF]);
    }

    /// <summary>Begins a row, which ends where the next one begins.</summary>
    /// <param name="number">The row's number in the sheet, from 1; 0 when it has none and follows the one before.</param>
    public void BeginRow(long number)
    {
        // Some programs write a row in pieces: the number again, and cells further to the right.
        mayContinue = number != 0 && number == currentRow;
        if (!mayContinue)
            StartRow(number);
    }

    void StartRow(long number)
    {
        WriteRow();
        (rowLength, cellCount, ordered, currentFault) = (0, 0, true, default);
        if (number > RowsMax || number < 0)
        {
            Fault(-1, ErrorCode.InvalidCell);
            number = 0;
        }
        if (number != 0 && number <= currentRow)
        {
            RowsOutOfOrder = true;
            number = 0;
        }
        currentRow = number == 0 ? currentRow + 1 : (int)number;
    }

    /// <summary>Adds a cell of the row. A blank one need not be added.</summary>
    /// <param name="column">From 0.</param>
    public void Cell(int column, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
            return;
        if (mayContinue && cellCount > 0 && column <= cells[cellCount - 1].Column)
        {
            RowsOutOfOrder = true;
            StartRow(0);
        }
        mayContinue = false;
        if (column >= options.ColumnsMax)
        {
            // One cell more than may be is enough to say so.
            if (column >= SheetColumns)
                Fault(-1, ErrorCode.InvalidCell);
            column = options.ColumnsMax;
        }
        if (rowLength > options.RecordBytesMax || cellCount == cells.Length || (cellCount > 0 && column == options.ColumnsMax && cells[cellCount - 1].Column == column))
            return;
        if (text.Length > options.CellBytesMax)
            text = text[..(options.CellBytesMax + 1)];
        if (row.Length - rowLength < text.Length)
            Array.Resize(ref row, Math.Max(row.Length * 2, rowLength + text.Length));
        text.CopyTo(row.AsSpan(rowLength));
        ordered &= cellCount == 0 || cells[cellCount - 1].Column < column;
        cells[cellCount++] = (column, rowLength, text.Length);
        rowLength += text.Length;
    }

    /// <summary>Marks the row as damaged; it keeps the cells that could be told.</summary>
    public void Fault(int column, ErrorCode code)
    {
        if (currentFault.Code == ErrorCode.None)
            currentFault = new(0, column, code);
    }

    void WriteRow()
    {
        if (cellCount == 0 && currentFault.Code == ErrorCode.None)
            return;
        if (!ordered)
            Sort();
        if (currentRow > RowsMax)
            throw new SourceException(ErrorCode.SourceTooLarge, $"The sheet has more than {RowsMax} rows.");
        for (var gap = currentRow - lastRow - 1; gap > 0; gap--)
            Append("\r\n"u8);
        lastRow = currentRow;
        if (currentFault.Code != ErrorCode.None)
            AddFault(currentFault with { Row = currentRow });

        if (rowLength > options.RecordBytesMax)
            row.AsSpan(0, rowLength).ReplaceAny(LineEnds, (byte)' '); // the record is too long whatever it holds; without line ends its end is found
        var column = 0;
        for (var i = 0; i < cellCount; i++)
        {
            var (at, start, length) = cells[i];
            EnsureOutput(at - column + 2);
            for (; column < at; column++)
                output[outputLength++] = (byte)',';
            WriteCell(row.AsSpan(start, length));
        }
        if (cellCount == 0)
            Append("\"\""u8); // a row that holds nothing but its fault is a record all the same
        Append("\r\n"u8);
        Rows++;
        if (rowsJudged < RowsJudged)
        {
            rowsJudged++;
            widths[Math.Min(cellCount == 0 ? 0 : cells[cellCount - 1].Column + 1, options.ColumnsMax)]++;
        }
        if (outputLength >= FlushAt)
            Flush();
    }

    /// <summary>Writes what is left and the end of the file.</summary>
    /// <returns>Bytes of the text.</returns>
    public long End()
    {
        WriteRow();
        Flush();
        var text = written;
        SheetTextEnd.Write(stream, text, UsualWidth(), faults);
        return text;
    }

    /// <summary>The widest row of which there is at least one in twenty, up to the columns that may be: the header may name fewer.</summary>
    int UsualWidth()
    {
        for (var width = options.ColumnsMax; width > 0; width--)
        {
            if (widths[width] > 0 && widths[width] * 20 >= rowsJudged && (width < options.ColumnsMax || widths[width] * 2 > rowsJudged))
                return width;
        }
        return 0;
    }

    /// <summary>Cells that came in another order than their columns'. Two of one column: the row is at fault and keeps the first.</summary>
    void Sort()
    {
        var used = cells.AsSpan(0, cellCount);
        used.Sort(static (a, b) => a.Column != b.Column ? a.Column.CompareTo(b.Column) : a.Start.CompareTo(b.Start));
        var kept = 1;
        for (var i = 1; i < used.Length; i++)
        {
            if (used[i].Column == used[kept - 1].Column)
                Fault(used[i].Column, ErrorCode.InvalidCell);
            else
                used[kept++] = used[i];
        }
        cellCount = kept;
    }

    void AddFault(RowFault fault)
    {
        if (faults.Count == FaultsMax)
            throw new SourceException(ErrorCode.SourceUnreadable, $"The sheet is damaged in more than {FaultsMax} rows.");
        faults.Add(fault);
    }

    void WriteCell(ReadOnlySpan<byte> text)
    {
        EnsureOutput(text.Length * 2 + 4);
        var at = output.AsSpan(outputLength);
        if (text.IndexOfAny(Quoted) < 0)
        {
            text.CopyTo(at);
            outputLength += text.Length;
            return;
        }
        var length = 0;
        at[length++] = (byte)'"';
        foreach (var b in text)
        {
            if (b == '"')
                at[length++] = (byte)'"';
            at[length++] = b;
        }
        at[length++] = (byte)'"';
        outputLength += length;
    }

    void Append(ReadOnlySpan<byte> bytes)
    {
        EnsureOutput(bytes.Length);
        bytes.CopyTo(output.AsSpan(outputLength));
        outputLength += bytes.Length;
    }

    void EnsureOutput(int length)
    {
        if (output.Length - outputLength >= length)
            return;
        Flush();
        if (output.Length < length)
            output = new byte[length];
    }

    void Flush()
    {
        if (written + outputLength > options.TextBytesMax)
            throw new SourceException(ErrorCode.SourceTooLarge, $"The sheet's text is larger than {options.TextBytesMax} bytes, which workbook_text_bytes_max allows.");
        stream.Write(output.AsSpan(0, outputLength));
        written += outputLength;
        outputLength = 0;
    }
}

/// <summary>A row of a sheet that cannot be imported, and why.</summary>
/// <param name="Column">Index of the cell at fault; −1 when the whole row is.</param>
readonly record struct RowFault(int Row, int Column, ErrorCode Code);

/// <summary>What stands behind a sheet's text in its file: faults of 12 bytes each, then a footer of 32 bytes, all little-endian.</summary>
/// <param name="TextBytes">Length of the text, from the file's start.</param>
/// <param name="Width">Columns that the sheet's rows usually have; the header may name fewer.</param>
sealed record SheetTextEnd(long TextBytes, int Width, RowFault[] Faults)
{
    const int FaultBytes = 12;
    const int FooterBytes = 32;

    static ReadOnlySpan<byte> Magic => "MUSTERsheet.1\0\0\0"u8;

    public static void Write(Stream stream, long textBytes, int width, List<RowFault> faults)
    {
        var end = new byte[faults.Count * FaultBytes + FooterBytes];
        for (var i = 0; i < faults.Count; i++)
        {
            var at = end.AsSpan(i * FaultBytes);
            BinaryPrimitives.WriteInt32LittleEndian(at, faults[i].Row);
            BinaryPrimitives.WriteInt32LittleEndian(at[4..], faults[i].Column);
            BinaryPrimitives.WriteInt32LittleEndian(at[8..], (int)faults[i].Code);
        }
        var footer = end.AsSpan(faults.Count * FaultBytes);
        BinaryPrimitives.WriteInt64LittleEndian(footer, textBytes);
        BinaryPrimitives.WriteInt32LittleEndian(footer[8..], width);
        BinaryPrimitives.WriteInt32LittleEndian(footer[12..], faults.Count);
        Magic.CopyTo(footer[16..]);
        stream.Write(end);
    }

    /// <exception cref="SourceException">The file does not end as <see cref="Write"/> wrote it.</exception>
    public static SheetTextEnd Read(Stream stream)
    {
        var footer = new byte[FooterBytes];
        if (stream.Length >= FooterBytes)
        {
            stream.Position = stream.Length - FooterBytes;
            stream.ReadExactly(footer);
        }
        var textBytes = BinaryPrimitives.ReadInt64LittleEndian(footer);
        var count = BinaryPrimitives.ReadInt32LittleEndian(footer.AsSpan(12));
        if (!footer.AsSpan(16).SequenceEqual(Magic) || textBytes < 0 || count < 0 || textBytes + (long)count * FaultBytes + FooterBytes != stream.Length)
            throw new SourceException(ErrorCode.SourceUnreadable, "The kept text of the sheet is damaged.");
        var bytes = new byte[count * FaultBytes];
        stream.Position = textBytes;
        stream.ReadExactly(bytes);
        var faults = new RowFault[count];
        for (var i = 0; i < count; i++)
        {
            var at = bytes.AsSpan(i * FaultBytes);
            faults[i] = new(BinaryPrimitives.ReadInt32LittleEndian(at), BinaryPrimitives.ReadInt32LittleEndian(at[4..]), (ErrorCode)BinaryPrimitives.ReadInt32LittleEndian(at[8..]));
        }
        stream.Position = 0;
        return new(textBytes, BinaryPrimitives.ReadInt32LittleEndian(footer.AsSpan(8)), faults);
    }
}
