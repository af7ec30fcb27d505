using Muster.Contacts;
using Muster.Sources;

namespace Muster.Formats.Workbooks;

/// <summary>Reads one sheet of a workbook, row by row, from the sheet's text.</summary>
/// <remarks>
/// A workbook is read once, as a stream, into the text of the chosen sheet (<see cref="SheetText"/>), which lies in the spool in its stead: see
/// docs/decisions/0010-a-workbook-becomes-its-sheets-text.md. A record's offset and length are those of that text; its line is its row.
/// </remarks>
public sealed class WorkbookRowReader : RowReader
{
    readonly RowReader text;
    readonly RowFault[] faults;
    readonly SourceShape shape;
    int nextFault;
    RowFault fault;

    WorkbookRowReader(RowReader text, SheetTextEnd end, string format)
    {
        (this.text, faults) = (text, end.Faults);
        shape = text.Shape with { Format = format };
    }

    public override SourceShape Shape => shape;
    public override long RowNumber => text.RowNumber;
    public override long Line => text.RowNumber;
    public override long ByteOffset => text.ByteOffset;
    public override int ByteLength => text.ByteLength;
    public override int CellCount => text.CellCount;
    public override ErrorCode Fault => fault.Code != ErrorCode.None ? fault.Code : text.Fault;
    public override int FaultColumn => fault.Code != ErrorCode.None ? fault.Column : text.FaultColumn;
    public override long FaultLine => text.RowNumber;
    public override long BytesRead => text.BytesRead;
    public override SourcePosition Next => text.Next;

    /// <summary>Whether a format's name is that of a workbook.</summary>
    public static bool IsFormat(string format) => format is "xlsx" or "xls";

    /// <summary>Opens a sheet's text.</summary>
    /// <param name="sheet">A file that <see cref="SheetFile"/> made; disposed with the reader, or at once when it is refused.</param>
    /// <param name="format">xlsx or xls.</param>
    /// <param name="options">Of header, preamble and totals, and the limits; encoding and delimiter are the text's own.</param>
    public static OpenResult Open(FileStream sheet, string format, TextOptions options)
    {
        SheetTextEnd end;
        try
        {
            end = SheetTextEnd.Read(sheet);
        }
        catch (SourceException e)
        {
            sheet.Dispose();
            return new OpenResult.Refused(e.Code, e.Message);
        }
        var result = TextOpening.OpenOwnCsv(new TextOnly(sheet, end.TextBytes), options with { Csv = options.Csv with { ColumnsAtLeast = end.Width } });
        return result is OpenResult.Opened opened ? opened with { Reader = new WorkbookRowReader(opened.Reader, end, format) } : result;
    }

    public override bool Read()
    {
        fault = default;
        if (!text.Read())
            return false;
        while (nextFault < faults.Length && faults[nextFault].Row < text.RowNumber)
            nextFault++;
        if (nextFault < faults.Length && faults[nextFault].Row == text.RowNumber)
            fault = faults[nextFault];
        return true;
    }

    public override ReadOnlySpan<byte> GetCell(int index) => text.GetCell(index);

    public override void Resume(SourcePosition position)
    {
        (nextFault, fault) = (0, default);
        text.Resume(position);
    }

    public override bool TryJump(long byteOffset)
    {
        if (!text.TryJump(byteOffset))
            return false;
        // Row numbers are no longer the sheet's: nobody can tell which rows are at fault.
        (nextFault, fault) = (faults.Length, default);
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            text.Dispose();
    }

    /// <summary>The text without what stands behind it.</summary>
    sealed class TextOnly(Stream stream, long length) : ReadOnlyStream
    {
        public override bool CanSeek => true;
        public override long Length => length;
        public override long Position { get => stream.Position; set => stream.Position = value; }
        public override int Read(Span<byte> buffer) => stream.Read(buffer[..(int)Math.Min(buffer.Length, Math.Max(0, length - stream.Position))]);
        public override long Seek(long offset, SeekOrigin origin) => stream.Seek(offset, origin);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                stream.Dispose();
            base.Dispose(disposing);
        }
    }
}
