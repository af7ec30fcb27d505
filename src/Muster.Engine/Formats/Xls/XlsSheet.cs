using System.Text;
using Muster.Contacts;
using Muster.Formats.Workbooks;
using Muster.Formats.Xlsx;
using Muster.Sources;

namespace Muster.Formats.Xls;

/// <summary>Reads one sheet of an .xls into its text, as a stream: BIFF 8 and 5 in a compound file or bare, BIFF 2, 3 and 4 bare.</summary>
/// <remarks>Every record is read once and in the order of the file, so that neither time nor memory depends on what the file says of itself.</remarks>
sealed class XlsSheet : IDisposable
{
    const int SheetsMax = 10_000;
    const int FormatsMax = 1 << 16;

    readonly BiffReader biff;
    readonly WorkbookOptions options;
    readonly CancellationToken stop;
    readonly StringArena strings;
    readonly SheetText sheet;
    readonly byte[] text = new byte[ushort.MaxValue * 3];

    readonly List<(ListedSheet Sheet, uint Offset)> sheets = [];
    readonly Dictionary<int, string> codes = [];
    readonly List<NumberFormat> styles = [];
    readonly List<int> styleFormats = [];
    bool since1904;
    int formula = -1;
    int formulaColumn;
    int currentRow = -1;
    int records;
    int hiddenRows;
    int hiddenColumns;
    int merged;

    static XlsSheet() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    XlsSheet(Stream stream, Stream to, WorkbookOptions options, CancellationToken stop)
    {
        (biff, this.options, this.stop) = (new(stream), options, stop);
        strings = new(options.StringsMemory, options.ScratchFolder);
        sheet = new(to, options);
    }

    /// <summary>Whether the bytes begin as a sheet that stands alone, without a compound file around it: BIFF 2, 3, 4, and what some programs write as 5 and 8.</summary>
    public static bool IsBareSheet(ReadOnlySpan<byte> start) => start.Length >= 8
        && start[0] == 9 && start[1] is 0 or 2 or 4 or 8 && start[2] is 4 or 6 or 8 or 16 && start[3] == 0 && start[7] is 0 or 1 && start[6] is 0x05 or 0x10 or 0x20 or 0x40 or 0x00;

    /// <exception cref="SourceException">The workbook cannot be read.</exception>
    public static SheetNotes Read(FileStream file, Stream text, WorkbookOptions options, CancellationToken stop)
    {
        if (file.Length > options.XlsBytesMax)
            throw new SourceException(ErrorCode.SourceTooLarge, $"The .xls has {file.Length} bytes; xls_bytes_max allows {options.XlsBytesMax}. Save it as .xlsx.");
        file.Position = 0;
        var start = new byte[8];
        var length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        file.Position = 0;
        using var stream = OleFile.IsOle(start.AsSpan(0, length)) ? OleFile.Open(file).Workbook() : new Whole(file);
        if (stream is null)
            throw OleFile.Damaged();
        using var reading = new XlsSheet(stream, text, options, stop);
        return reading.Read();
    }

    public void Dispose()
    {
        strings.Dispose();
        biff.Dispose();
    }

    SheetNotes Read()
    {
        if (!biff.Next())
            throw BiffReader.Damaged();
        biff.Version = biff.Type switch
        {
            0x0009 => 2,
            0x0209 => 3,
            0x0409 => 4,
            0x0809 => biff.Short(0) >= 0x0600 ? 8 : 5,
            _ => throw BiffReader.Damaged(),
        };
        if (biff.Version < 8)
            biff.Encoding = Encoding.GetEncoding(1252);
        sheet.Begin();
        if (biff.Version < 5 && biff.Short(2) != 0x0100)
            return ReadAlone();
        ReadGlobals();
        if (biff.Version < 5)
            throw new SourceException(ErrorCode.UnsupportedFormat, "The source is a workspace of Excel 4, which binds several sheets. Open it in a spreadsheet and save it as .xlsx.");
        var chosen = SheetChoice.Of([.. sheets.Select(s => s.Sheet)], options.Sheet);
        biff.Seek(sheets[chosen].Offset);
        if (!biff.Next() || biff.Type != 0x0809)
            throw BiffReader.Damaged();
        ReadCells();
        return Notes(sheets[chosen].Sheet, [.. sheets.Select(s => s.Sheet.Name)]);
    }

    /// <summary>Before BIFF 5 a file is one sheet, and formats stand among its records.</summary>
    SheetNotes ReadAlone()
    {
        var alone = new ListedSheet("Sheet1", Hidden: false);
        SheetChoice.Of([alone], options.Sheet);
        ReadCells();
        return Notes(alone, [alone.Name]);
    }

    SheetNotes Notes(ListedSheet chosen, string[] names)
    {
        sheet.End();
        return new(chosen.Name, names)
        {
            SheetIsHidden = chosen.Hidden, HiddenRows = hiddenRows, HiddenColumns = hiddenColumns, MergedRanges = merged, RowsOutOfOrder = sheet.RowsOutOfOrder,
        };
    }

    void ReadGlobals()
    {
        while (biff.Next())
        {
            switch (biff.Type)
            {
                case 0x000A:
                    return;
                case 0x0085 when biff.Version >= 5:
                    if (sheets.Count == SheetsMax)
                        throw new SourceException(ErrorCode.SourceTooLarge, $"The workbook has more than {SheetsMax} sheets.");
                    if (biff.Byte(5) == 0) // a worksheet; the others are charts, macros and modules
                        sheets.Add((new(biff.Text(6, 1), (biff.Byte(4) & 3) != 0), biff.Int(0)));
                    break;
                case 0x00FC when biff.Version == 8:
                    new XlsStrings(biff, strings).Read(stop);
                    break;
                default:
                    ReadCommon();
                    break;
            }
        }
        throw BiffReader.Damaged();
    }

    /// <summary>Records that stand with the workbook's, or before BIFF 5 with the sheet's.</summary>
    void ReadCommon()
    {
        switch (biff.Type)
        {
            case 0x002F:
                throw new SourceException(ErrorCode.ArchiveEncrypted, "The workbook is encrypted. Save it without a password.");
            case 0x0022:
                since1904 = biff.Short(0) == 1;
                break;
            case 0x0042 when biff.Version < 8:
                biff.Encoding = CodePage(biff.Short(0));
                break;
            case 0x041E when codes.Count < FormatsMax:
                if (biff.Version >= 5)
                    codes[biff.Short(0)] = biff.Version == 8 ? biff.Text(2, 2) : biff.Text(2, 1);
                else
                    codes[codes.Count] = biff.Text(2, 1);
                break;
            case 0x001E when codes.Count < FormatsMax:
                codes[codes.Count] = biff.Text(0, 1); // BIFF 2 and 3: numbered as they come
                break;
            case 0x00E0 when styleFormats.Count < FormatsMax:
                styleFormats.Add(biff.Short(2));
                break;
            case 0x0443 or 0x0243 when styleFormats.Count < FormatsMax:
                styleFormats.Add(biff.Byte(1));
                break;
        }
    }

    static Encoding CodePage(int number)
    {
        try
        {
            return Encoding.GetEncoding(number switch { 0x8000 => 10000, 0x8001 or 1200 => 1252, 367 => 20127, _ => number });
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return Encoding.GetEncoding(1252);
        }
    }

    void ReadCells()
    {
        var depth = 0;
        while (biff.Next())
        {
            if ((++records & 0xFFFF) == 0)
                stop.ThrowIfCancellationRequested();
            if (biff.Type is 0x0809 or 0x0409 or 0x0209 or 0x0009)
                depth++; // a chart within the sheet
            else if (biff.Type == 0x000A && depth-- == 0)
                return;
            else if (depth == 0)
                ReadRecord();
        }
        throw BiffReader.Damaged();
    }

    void ReadRecord()
    {
        var old = biff.Version == 2 ? 1 : 0; // BIFF 2 has three bytes of attributes where the others have a style's number
        switch (biff.Type)
        {
            case 0x0203 or 0x0003:
                Number(biff.Double(6 + old));
                break;
            case 0x0002:
                Number(biff.Short(7));
                break;
            case 0x027E or 0x007E:
                Number(Packed(biff.Int(6)));
                break;
            case 0x00BD:
                for (int at = 4, column = biff.Short(2); at + 6 <= biff.Data.Length - 2; at += 6, column++)
                    Number(column, biff.Short(at), Packed(biff.Int(at + 2)));
                break;
            case 0x00FD:
                BeginCell();
                var index = biff.Int(6);
                if (index < strings.Count)
                    sheet.Cell(biff.Short(2), strings.Get((int)index));
                else
                    sheet.Fault(biff.Short(2), ErrorCode.InvalidCell);
                break;
            case 0x0204 or 0x00D6:
                BeginCell();
                Text(biff.Short(2), biff.Text(6, 2));
                break;
            case 0x0004:
                BeginCell();
                Text(biff.Short(2), biff.Text(7, 1));
                break;
            case 0x0205 or 0x0005:
                BeginCell();
                Boolean(biff.Short(2), biff.Byte(6 + old), biff.Byte(7 + old) != 0);
                break;
            case 0x0006 or 0x0206 or 0x0406:
                Formula(6 + old);
                break;
            case 0x0207 or 0x0007 when formula >= 0:
                Text(formulaColumn, biff.Text(0, biff.Type == 0x0007 ? 1 : 2));
                formula = -1;
                break;
            case 0x0208:
                hiddenRows += biff.Data.Length >= 14 && (biff.Short(12) & 0x20) != 0 ? 1 : 0;
                break;
            case 0x007D:
                hiddenColumns += biff.Data.Length >= 10 && (biff.Short(8) & 1) != 0 ? Math.Max(0, Math.Min((int)biff.Short(2), 255) - biff.Short(0) + 1) : 0;
                break;
            case 0x00E5:
                merged += biff.Short(0);
                break;
            default:
                ReadCommon();
                break;
        }
    }

    void BeginCell()
    {
        var row = biff.Short(0);
        if (row != currentRow)
            sheet.BeginRow(row + 1L);
        currentRow = row;
        formula = -1;
    }

    void Number(double value) => Number(biff.Short(2), biff.Version == 2 ? biff.Byte(5) & 0x3F : biff.Short(4), value);

    void Number(int column, int style, double value)
    {
        BeginCell();
        if (double.IsFinite(value))
            sheet.Cell(column, text.AsSpan(0, CellNumber.Write(value, Format(style), since1904, text)));
        else
            sheet.Fault(column, ErrorCode.InvalidCell);
    }

    void Text(int column, string value) => sheet.Cell(column, text.AsSpan(0, Utf16.ToUtf8(value, text)));

    void Boolean(int column, byte value, bool isError) =>
        sheet.Cell(column, !isError ? value != 0 ? "TRUE"u8 : "FALSE"u8 : value switch
        {
            0x00 => "#NULL!"u8,
            0x07 => "#DIV/0!"u8,
            0x0F => "#VALUE!"u8,
            0x17 => "#REF!"u8,
            0x1D => "#NAME?"u8,
            0x24 => "#NUM!"u8,
            0x2A => "#N/A"u8,
            _ => "#ERROR!"u8,
        });

    /// <summary>A formula's saved result: a number, or FFFF in its upper two bytes and what it is in its lowest. A text comes in a record of its own, perhaps behind others.</summary>
    void Formula(int at)
    {
        BeginCell();
        var result = biff.Int(at);
        if (biff.Short(at + 6) != 0xFFFF)
        {
            Number(biff.Double(at));
            return;
        }
        var column = biff.Short(2);
        switch ((byte)result)
        {
            case 0:
                (formula, formulaColumn) = (currentRow, column);
                break;
            case 1 or 2:
                Boolean(column, (byte)(result >> 16), (byte)result == 2);
                break;
        }
    }

    NumberFormat Format(int style)
    {
        // Before BIFF 3 a cell names its format itself.
        if (biff.Version == 2)
            return NumberFormat.Of(-1, codes.GetValueOrDefault(style));
        if (styles.Count != styleFormats.Count)
        {
            styles.Clear();
            var known = new Dictionary<int, NumberFormat>();
            foreach (var id in styleFormats)
            {
                if (!known.TryGetValue(id, out var format))
                    known[id] = format = NumberFormat.Of(biff.Version < 5 ? -1 : id, codes.GetValueOrDefault(id));
                styles.Add(format);
            }
        }
        return style < styles.Count ? styles[style] : NumberFormat.General;
    }

    /// <summary>A number in 30 bits ([MS-XLS] §2.5.217): whole, or a double's upper part; either may be a hundredth of it.</summary>
    static double Packed(uint bits)
    {
        var value = (bits & 2) != 0 ? (int)bits >> 2 : BitConverter.Int64BitsToDouble((long)(bits & 0xFFFFFFFC) << 32);
        return (bits & 1) != 0 ? value / 100 : value;
    }

    /// <summary>The file as a stream that closes without it.</summary>
    sealed class Whole(FileStream file) : ReadOnlyStream
    {
        public override bool CanSeek => true;
        public override long Length => file.Length;
        public override long Position { get => file.Position; set => file.Position = value; }
        public override int Read(Span<byte> buffer) => file.Read(buffer);
        public override long Seek(long offset, SeekOrigin origin) => file.Seek(offset, origin);
    }
}
