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
        var opening = Open(stream, import.Options, settings, import);
        return opening switch
        {
            OpenResult.Opened opened => opened.Reader,
            OpenResult.Refused refused => throw new SourceException(refused.Code, refused.Detail),
            _ => throw new InvalidOperationException("Opening a source has two results."),
        };
    }

    /// <summary>How the settings bound the reading of workbooks.</summary>
    public static WorkbookOptions WorkbookOptionsOf(ImportOptions options, MusterSettings settings) => new()
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
    public static OpenResult Open(FileStream stream, ImportOptions options, MusterSettings settings, Import? known = null)
    {
        if (SheetFile.FormatOf(stream.Name) is { } format)
            return WorkbookRowReader.Open(stream, format, WorkbookOptionsOf(options, settings));
        if (IsJson(stream))
            return JsonRowReader.Open(stream, new JsonOptions
            {
                Columns = known?.Source.Columns,
                Ignored = known?.Mapping.Where(c => c.Field == "ignore").Select(c => c.Index).ToHashSet(),
                NestedIsText = options.Nested == "text",
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
