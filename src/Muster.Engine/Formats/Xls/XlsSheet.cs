using System.Globalization;
using System.Text;
using ExcelDataReader;
using ExcelDataReader.Exceptions;
using Muster.Contacts;
using Muster.Formats.Workbooks;
using Muster.Sources;

namespace Muster.Formats.Xls;

/// <summary>Reads one sheet of an .xls (BIFF 2 to 8) into its text, through ExcelDataReader.</summary>
/// <remarks>The library holds the workbook's strings and a copy of its stream, which is why the size of an .xls is capped.</remarks>
static class XlsSheet
{
    const int SheetsMax = 10_000;

    /// <summary>How often a damaged file may make the library read the same bytes before it is given up.</summary>
    const int ReadsOfEachByteMax = 64;

    static XlsSheet() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>Whether the bytes begin as a sheet that stands alone, without a compound file around it: BIFF 2, 3, 4, and what some programs write as 5 and 8.</summary>
    public static bool IsBareSheet(ReadOnlySpan<byte> start) => start.Length >= 8
        && start[0] == 9 && start[1] is 0 or 2 or 4 or 8 && start[2] is 4 or 6 or 8 or 16 && start[3] == 0 && start[7] is 0 or 1 && start[6] is 0x05 or 0x10 or 0x20 or 0x40 or 0x00;

    /// <exception cref="SourceException">The workbook cannot be read.</exception>
    public static SheetNotes Read(FileStream file, Stream text, WorkbookOptions options, CancellationToken stop)
    {
        if (file.Length > options.XlsBytesMax)
            throw new SourceException(ErrorCode.SourceTooLarge, $"The .xls has {file.Length} bytes; xls_bytes_max allows {options.XlsBytesMax}. Save it as .xlsx, which is read in any size.");
        file.Position = 0;
        using var reader = Guarded(() => ExcelReaderFactory.CreateBinaryReader(new PatientStream(file), new ExcelReaderConfiguration { LeaveOpen = true }));
        var sheets = new List<ListedSheet>();
        do
        {
            sheets.Add(new(reader.Name ?? "", reader.VisibleState is "hidden" or "veryhidden"));
        }
        while (sheets.Count < SheetsMax && Guarded(reader.NextResult));

        var chosen = SheetChoice.Of(sheets, options.Sheet);
        Guarded(() =>
        {
            reader.Reset();
            return true;
        });
        for (var i = 0; i < chosen; i++)
            Guarded(reader.NextResult);

        var sheet = new SheetText(text, options);
        sheet.Begin();
        var hiddenRows = ReadRows(reader, sheet, stop);
        sheet.End();
        return new(sheets[chosen].Name, [.. sheets.Select(s => s.Name)])
        {
            SheetIsHidden = sheets[chosen].Hidden, HiddenRows = hiddenRows, MergedRanges = Guarded(() => reader.MergeCells?.Length ?? 0),
        };
    }

    static int ReadRows(IExcelDataReader reader, SheetText sheet, CancellationToken stop)
    {
        var formats = new Dictionary<int, NumberFormat>();
        var number = new byte[CellNumber.BytesMax];
        var bytes = new byte[1024];
        var hidden = 0;
        for (var row = 1; Guarded(reader.Read); row++)
        {
            if ((row & 0xFFF) == 0)
                stop.ThrowIfCancellationRequested();
            sheet.BeginRow(row);
            var cells = 0;
            for (var column = 0; column < reader.FieldCount; column++)
            {
                if (Guarded(() => reader.GetValue(column)) is not { } value)
                    continue;
                cells++;
                if (value is string s)
                {
                    if (bytes.Length < s.Length * 3)
                        bytes = new byte[s.Length * 3];
                    sheet.Cell(column, bytes.AsSpan(0, Utf16.ToUtf8(s, bytes)));
                }
                else
                {
                    sheet.Cell(column, number.AsSpan(0, Write(value, FormatOf(reader, column, formats), number)));
                }
            }
            if (cells > 0 && reader.RowHeight == 0)
                hidden++;
        }
        return hidden;
    }

    static NumberFormat FormatOf(IExcelDataReader reader, int column, Dictionary<int, NumberFormat> formats)
    {
        var id = Guarded(() => reader.GetNumberFormatIndex(column));
        if (!formats.TryGetValue(id, out var format))
            formats[id] = format = NumberFormat.Of(id, Guarded(() => reader.GetNumberFormatString(column)));
        return format;
    }

    static int Write(object value, NumberFormat format, byte[] text) => value switch
    {
        bool truth => Encoding.UTF8.GetBytes(truth ? "TRUE" : "FALSE", text),
        // The library has counted the days from the workbook's own epoch; as days since 1900 they go through the same rules as all others.
        DateTime date => CellNumber.Write(SerialOf(date), IsDate(format) ? format : NumberFormat.Of(date.TimeOfDay == TimeSpan.Zero ? 14 : 22, null), since1904: false, text),
        TimeSpan time => CellNumber.Write(time.TotalDays, IsDate(format) ? format : NumberFormat.Of(46, null), since1904: false, text),
        IConvertible number => CellNumber.Write(number.ToDouble(CultureInfo.InvariantCulture), format, since1904: false, text),
        _ => throw new InvalidOperationException($"The library gave a {value.GetType().Name}."),
    };

    static bool IsDate(NumberFormat format) => format.Kind is NumberKind.Date or NumberKind.DateTime or NumberKind.Time or NumberKind.Duration;

    /// <summary>Days before March 1900 are one less than an OLE date says: spreadsheets count a 29 February of that year.</summary>
    static double SerialOf(DateTime date) => date.ToOADate() is var serial && serial is < 61 and >= 1 ? serial - 1 : serial;

    /// <summary>Whatever the library throws at a damaged file is the file's fault. Nothing of ours is called within.</summary>
    static T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidPasswordException)
        {
            throw new SourceException(ErrorCode.ArchiveEncrypted, "The workbook is encrypted. Save it without a password.");
        }
        catch (Exception e) when (e is not (SourceException or OperationCanceledException))
        {
            throw new SourceException(ErrorCode.SourceUnreadable, "The .xls is damaged: its records cannot be followed. Open it in a spreadsheet and save it as .xlsx.");
        }
    }

    /// <summary>A damaged file can send its reader in circles: it is given up after so many bytes.</summary>
    sealed class PatientStream(FileStream file) : Stream
    {
        long left = ReadsOfEachByteMax * (file.Length + (1 << 16));

        public override bool CanRead => true;
        public override bool CanSeek => true;
        public override bool CanWrite => false;
        public override long Length => file.Length;
        public override long Position { get => file.Position; set => file.Position = value; }
        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            left -= buffer.Length;
            if (left < 0)
                throw new SourceException(ErrorCode.SourceUnreadable, "The .xls is damaged: its sectors form a circle.");
            return file.Read(buffer);
        }

        public override long Seek(long offset, SeekOrigin origin) => file.Seek(offset, origin);
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override void Flush() { }
    }
}

/// <summary>UTF-16 as .xls has it.</summary>
static class Utf16
{
    /// <summary>Writes UTF-8; half of a surrogate pair becomes the three bytes that UTF-8 forbids, so that its row is refused rather than changed in silence.</summary>
    /// <param name="bytes">At least three bytes a character.</param>
    public static int ToUtf8(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        var length = 0;
        while (!text.IsEmpty)
        {
            var status = System.Text.Unicode.Utf8.FromUtf16(text, bytes[length..], out var read, out var written, replaceInvalidSequences: false);
            length += written;
            text = text[read..];
            if (status == System.Buffers.OperationStatus.Done || text.IsEmpty)
                break;
            bytes[length++] = (byte)(0xE0 | (text[0] >> 12));
            bytes[length++] = (byte)(0x80 | ((text[0] >> 6) & 0x3F));
            bytes[length++] = (byte)(0x80 | (text[0] & 0x3F));
            text = text[1..];
        }
        return length;
    }
}
