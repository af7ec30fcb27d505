using System.Text;
using Muster.Contacts;
using Muster.Formats;
using Muster.Formats.Workbooks;
using Muster.Sources;

namespace Muster.Tests.Formats.Workbooks;

/// <summary>Reads workbooks through a spool of its own, as an import does.</summary>
sealed class WorkbookReading : IDisposable
{
    readonly TestFolder folder = new();
    readonly MusterSettings settings;

    public WorkbookReading()
    {
        settings = new() { Data = folder.Path, FreeDiskMin = 0 };
        Spool = new(settings);
        // Without a header every row is told; a width of its own keeps rows from being too wide.
        Raw = new() { ColumnsMax = 20_000, ScratchFolder = settings.ScratchFolder };
    }

    public Spool Spool { get; }

    public WorkbookOptions Raw { get; }

    public string SpoolFolder => settings.SpoolFolder;

    public void Dispose() => folder.Dispose();

    public OpenResult Open(byte[] workbook, WorkbookOptions options, bool header = true)
    {
        var path = folder.File("book");
        File.WriteAllBytes(path, workbook);
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        using (file)
        {
            switch (SheetFile.TryMake(file, Spool, options, CancellationToken.None))
            {
                case SheetResult.Made made:
                    Notes = made.Notes;
                    var result = WorkbookRowReader.Open(Spool.TryOpen(made.Name)!, SheetFile.FormatOf(made.Name)!, Text(options, header)); // just made
                    TextBytes = made.TextBytes;
                    Spool.Delete(made.Name); // what is open stays readable
                    return result;
                case SheetResult.Refused refused:
                    return new OpenResult.Refused(refused.Code, refused.Detail);
                default:
                    return new OpenResult.Refused(ErrorCode.UnsupportedFormat, "no workbook");
            }
        }
    }

    static TextOptions Text(WorkbookOptions options, bool header) => new()
    {
        Csv = new() { HasHeader = header, PreambleRows = 0, ColumnsMax = options.ColumnsMax, CellBytesMax = options.CellBytesMax, RecordBytesMax = options.RecordBytesMax },
        TotalsRows = 0,
    };

    /// <summary>Of the workbook opened last.</summary>
    public SheetNotes Notes { get; private set; } = new("", []);

    public long TextBytes { get; private set; }

    /// <summary>Every row with a cell, by number: the cells as text.</summary>
    public SortedDictionary<long, string[]> Rows(byte[] workbook, WorkbookOptions? options = null)
    {
        var rows = new SortedDictionary<long, string[]>();
        switch (Open(workbook, options ?? Raw, header: false))
        {
            case OpenResult.Refused { Code: ErrorCode.EmptySource }:
                return rows;
            case OpenResult.Refused refused:
                throw new InvalidDataException($"{refused.Code}: {refused.Detail}");
            case OpenResult.Opened opened:
                using (opened.Reader)
                {
                    while (opened.Reader.Read())
                        rows[opened.Reader.RowNumber] = [.. Enumerable.Range(0, opened.Reader.CellCount).Select(i => Encoding.UTF8.GetString(opened.Reader.GetCell(i)))];
                }
                break;
        }
        return rows;
    }

    /// <summary>The rows of a sheet written by <see cref="XlsxBook"/>, each as <c>number:cell|cell</c> with its fault.</summary>
    public string[] Told(byte[] workbook, WorkbookOptions? options = null)
    {
        var told = new List<string>();
        using var reader = Assert.IsType<OpenResult.Opened>(Open(workbook, options ?? Raw, header: false)).Reader;
        while (reader.Read())
        {
            var cells = Enumerable.Range(0, reader.CellCount).Select(i => Encoding.UTF8.GetString(reader.GetCell(i)));
            told.Add($"{reader.RowNumber}:{string.Join('|', cells)}{(reader.Fault == ErrorCode.None ? "" : $" {reader.Fault}@{reader.FaultColumn}")}");
        }
        return [.. told];
    }

    public OpenResult.Refused Refuse(byte[] workbook, WorkbookOptions? options = null) => Assert.IsType<OpenResult.Refused>(Open(workbook, options ?? WorkbookOptions.Default));

    /// <summary>All that reading tells, in one text: what it was, every row, or why not.</summary>
    public string Answer(byte[] workbook)
    {
        var result = Open(workbook, WorkbookOptions.Default with { ScratchFolder = settings.ScratchFolder });
        if (result is not OpenResult.Opened opened)
            return result.ToString();
        using var reader = opened.Reader;
        var text = new StringBuilder($"{reader.Shape.Format} {string.Join('|', reader.Shape.Columns)}\n");
        while (reader.Read() && text.Length < 1 << 20)
        {
            text.Append(reader.RowNumber).Append(' ').Append(reader.Fault).Append(reader.FaultColumn);
            for (var i = 0; i < reader.CellCount; i++)
                text.Append('|').Append(Convert.ToHexString(reader.GetCell(i)));
            text.Append('\n');
        }
        return text.ToString();
    }
}
