using Muster.Contacts;
using Muster.Formats.Csv;
using Muster.Formats.Xls;
using Muster.Formats.Xlsx;
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
    readonly SpoolWriter? writer;
    readonly SourceShape shape;
    int nextFault;
    RowFault fault;

    WorkbookRowReader(RowReader text, SheetTextEnd end, string format, SheetNotes? notes, SpoolWriter? writer)
    {
        (this.text, faults, this.writer) = (text, end.Faults, writer);
        (Notes, TextBytes) = (notes, end.TextBytes);
        shape = text.Shape with { Format = format };
    }

    /// <summary>What was found in the workbook; null when the text was kept earlier.</summary>
    public SheetNotes? Notes { get; }

    /// <summary>Bytes of the sheet's text: what <see cref="BytesRead"/> reaches at its end.</summary>
    public long TextBytes { get; }

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

    /// <summary>Whether bytes are those that workbooks begin with, and perhaps other files too.</summary>
    /// <param name="start">The first sixteen are enough.</param>
    public static bool MayBe(ReadOnlySpan<byte> start) => ZipDirectory.IsZip(start) || OleFile.IsOle(start) || XlsSheet.IsBareSheet(start);

    /// <summary>Opens a workbook as it was received: reads the chosen sheet into a file of the spool, which goes when the reader is disposed, unless it is kept.</summary>
    /// <param name="file">At its start; disposed before this returns a result.</param>
    /// <returns>Null when the source is no workbook: then <paramref name="file"/> is at its start again, and the caller's.</returns>
    public static OpenResult? TryOpen(FileStream file, Spool spool, WorkbookOptions options, CancellationToken stop)
    {
        SpoolWriter? created = null;
        try
        {
            var kind = WorkbookSignature.Find(file, options);
            if (kind is null)
                return null;
            using (file)
            {
                if (kind is WorkbookKind.Unreadable unreadable)
                    return unreadable.Refusal;
                created = spool.TryCreate();
                if (created is null)
                    return new OpenResult.Refused(ErrorCode.DiskFull, "The disk has less free space than free_disk_min asks for.");
                var notes = kind is WorkbookKind.Xlsx xlsx
                    ? XlsxSheet.Read(file, xlsx.Directory, created.Stream, options, stop)
                    : XlsSheet.Read(file, created.Stream, options, stop);
                var result = OpenText(created.Stream, kind is WorkbookKind.Xlsx ? "xlsx" : "xls", notes, created, options);
                if (result is OpenResult.Opened)
                    created = null; // the reader's from here on
                return result;
            }
        }
        catch (SourceException e)
        {
            file.Dispose();
            return new OpenResult.Refused(e.Code, e.Message);
        }
        finally
        {
            created?.Dispose();
        }
    }

    /// <summary>Opens the text that an earlier reader kept.</summary>
    /// <param name="kept">Disposed with the reader, or at once when it is refused.</param>
    public static OpenResult OpenKept(FileStream kept, string format, WorkbookOptions options)
    {
        try
        {
            return OpenText(kept, format, null, null, options);
        }
        catch (SourceException e)
        {
            kept.Dispose();
            return new OpenResult.Refused(e.Code, e.Message);
        }
    }

    /// <summary>Puts the sheet's text into the spool for good, durably.</summary>
    /// <returns>Its name there.</returns>
    public string Keep()
    {
        if (writer is null)
            throw new InvalidOperationException("The text is kept already.");
        writer.Keep();
        return writer.Name;
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

    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        text.Dispose();
        writer?.Dispose();
    }

    static OpenResult OpenText(Stream stream, string format, SheetNotes? notes, SpoolWriter? writer, WorkbookOptions options)
    {
        var end = SheetTextEnd.Read(stream);
        var result = CsvRowReader.Open(new TextOnly(stream, end.TextBytes), new CsvOptions
        {
            Delimiter = ',',
            HasHeader = options.HasHeader,
            ColumnsAtLeast = end.Width,
            ColumnsMax = options.ColumnsMax,
            HeaderBytesMax = options.HeaderBytesMax,
            CellBytesMax = options.CellBytesMax,
            RecordBytesMax = options.RecordBytesMax,
        });
        return result switch
        {
            OpenResult.Opened opened => new OpenResult.Opened(new WorkbookRowReader(opened.Reader, end, format, notes, writer)),
            OpenResult.Refused { Code: ErrorCode.EmptySource } when notes is not null => new OpenResult.Refused(ErrorCode.EmptySource, notes.Sheets.Count > 1
                ? $"The sheet '{notes.Sheet}' holds no cell. The option sheet chooses another: {SheetNotes.Names(notes.Sheets)}."
                : "The workbook's only sheet holds no cell."),
            _ => result,
        };
    }

    /// <summary>The text without what stands behind it.</summary>
    sealed class TextOnly(Stream stream, long length) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => true;
        public override bool CanWrite => false;
        public override long Length => length;
        public override long Position { get => stream.Position; set => stream.Position = value; }
        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
        public override int Read(Span<byte> buffer) => stream.Read(buffer[..(int)Math.Min(buffer.Length, Math.Max(0, length - stream.Position))]);
        public override long Seek(long offset, SeekOrigin origin) => stream.Seek(offset, origin);
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override void Flush() { }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                stream.Dispose();
            base.Dispose(disposing);
        }
    }
}
