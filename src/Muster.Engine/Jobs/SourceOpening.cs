using Muster.Contacts;
using Muster.Formats;
using Muster.Formats.Csv;
using Muster.Formats.Json;
using Muster.Formats.Workbooks;
using Muster.Sources;

namespace Muster.Jobs;

/// <summary>Opens a spooled source in the format that its content shows; never by its name.</summary>
static class SourceOpening
{
    /// <summary>How far a source's first byte that is not blank is looked for.</summary>
    const int StartBytes = 4 * 1024;

    /// <exception cref="SourceException">The source has expired or no longer opens as it did.</exception>
    public static RowReader Open(Import import, Spool spool, MusterSettings settings)
    {
        var stream = spool.TryOpen(import.Source.Spool) ?? throw new SourceException(ErrorCode.SourceExpired, ErrorCode.SourceExpired.Message());
        var opening = WorkbookRowReader.IsFormat(import.Source.Format)
            ? WorkbookRowReader.OpenKept(stream, import.Source.Format, WorkbookOptionsOf(import.Options, settings))
            : OpenText(stream, import.Options, settings, import);
        return opening switch
        {
            OpenResult.Opened opened => opened.Reader,
            OpenResult.Refused refused => throw new SourceException(refused.Code, refused.Detail),
            _ => throw new InvalidOperationException("Opening a source has two results."),
        };
    }

    /// <summary>Opens a source as it was received. A workbook is read into its sheet's text first, which takes about as long as reading it.</summary>
    public static OpenResult Open(FileStream stream, ImportOptions options, MusterSettings settings, Spool spool, CancellationToken cancellationToken) =>
        WorkbookRowReader.TryOpen(stream, spool, WorkbookOptionsOf(options, settings), cancellationToken) ?? OpenText(stream, options, settings);

    /// <summary>Whether a source begins as workbooks do, so that opening it is work.</summary>
    public static bool MayBeWorkbook(FileStream stream)
    {
        Span<byte> start = stackalloc byte[16];
        var length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        stream.Position = 0;
        return WorkbookRowReader.MayBe(start[..length]);
    }

    static WorkbookOptions WorkbookOptionsOf(ImportOptions options, MusterSettings settings) => new()
    {
        Sheet = options.Sheet,
        HasHeader = options.Header ?? true,
        ColumnsMax = settings.ColumnsMax,
        HeaderBytesMax = settings.HeaderBytesMax,
        CellBytesMax = settings.CellBytesMax,
        RecordBytesMax = settings.RecordBytesMax,
        TextBytesMax = settings.WorkbookTextBytesMax,
        InflatedBytesMax = settings.InflatedBytesMax,
        RatioMax = settings.InflatedRatioMax,
        EntriesMax = settings.ZipEntriesMax,
        StringsMemory = settings.WorkbookStringsMemory,
        XlsBytesMax = settings.XlsBytesMax,
        ScratchFolder = settings.ScratchFolder,
    };

    /// <param name="known">The import that was accepted from this source: what it found out need not be found again.</param>
    static OpenResult OpenText(FileStream stream, ImportOptions options, MusterSettings settings, Import? known = null)
    {
        if (IsJson(stream))
            return JsonRowReader.Open(stream, new JsonOptions
            {
                Columns = known?.Source.Columns,
                Ignored = known?.Mapping.Where(c => c.Field == "ignore").Select(c => c.Index).ToHashSet(),
                ColumnsMax = settings.ColumnsMax,
                HeaderBytesMax = settings.HeaderBytesMax,
                CellBytesMax = settings.CellBytesMax,
                RecordBytesMax = settings.RecordBytesMax,
            });
        return CsvRowReader.Open(stream, new CsvOptions
        {
            Delimiter = DelimiterOf(options.Delimiter),
            HasHeader = options.Header ?? true,
            ColumnsMax = settings.ColumnsMax,
            HeaderBytesMax = settings.HeaderBytesMax,
            CellBytesMax = settings.CellBytesMax,
            RecordBytesMax = settings.RecordBytesMax,
        });
    }

    static bool IsJson(FileStream stream)
    {
        Span<byte> start = stackalloc byte[StartBytes];
        var length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        stream.Position = 0;
        return JsonRowReader.IsJson(start[..length]);
    }

    /// <summary>The character that an option's text means, or null when it names none.</summary>
    public static char? DelimiterOf(string? text) => text switch
    {
        null or "" => null,
        "comma" => ',',
        "semicolon" => ';',
        "tab" or "\\t" => '\t',
        "pipe" => '|',
        { Length: 1 } => text[0],
        _ => null,
    };
}
