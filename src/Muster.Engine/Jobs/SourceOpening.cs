using Muster.Contacts;
using Muster.Formats;
using Muster.Formats.Csv;
using Muster.Formats.Encodings;
using Muster.Formats.Workbooks;
using Muster.Sources;

namespace Muster.Jobs;

/// <summary>Opens a spooled source in the format that its content shows; never by its name.</summary>
static class SourceOpening
{
    /// <exception cref="SourceException">The source has expired or no longer opens as it did.</exception>
    public static RowReader Open(Import import, Spool spool, MusterSettings settings)
    {
        var stream = spool.TryOpen(import.Source.Spool) ?? throw new SourceException(ErrorCode.SourceExpired, ErrorCode.SourceExpired.Message());
        if (import.Source.Format == ImportSource.UnknownFormat)
            SourceUnpacking.RefuseDamaged(spool, import.Source.Spool, settings);
        return Open(stream, import.Options, settings, import.Source.Format == ImportSource.UnknownFormat ? null : import) switch
        {
            OpenResult.Opened opened => opened.Reader,
            OpenResult.Refused refused => throw new SourceException(refused.Code, refused.Detail),
            _ => throw new InvalidOperationException("Opening a source has two results."),
        };
    }

    /// <param name="known">The import that was accepted from this source: what it found out need not be found again.</param>
    /// <param name="earlier">A source that this one was probably made from.</param>
    /// <param name="isPlain">The source is known to be ASCII without an escape sign.</param>
    public static OpenResult Open(FileStream stream, ImportOptions options, MusterSettings settings, Import? known = null, ImportSource? earlier = null, bool isPlain = false)
    {
        var source = known?.Source;
        var csv = new CsvOptions
        {
            HasHeader = source?.HasHeader ?? options.Header,
            PreambleRows = source?.PreambleRows ?? options.PreambleRows,
            ColumnsMax = settings.ColumnsMax,
            HeaderBytesMax = settings.HeaderBytesMax,
            CellBytesMax = settings.CellBytesMax,
            RecordBytesMax = settings.RecordBytesMax,
        };
        var text = new TextOptions
        {
            Encoding = (source?.Encoding ?? options.Encoding) is { } encoding ? SourceEncoding.Find(encoding) : null,
            IsPlain = isPlain,
            LikelyEncoding = earlier is null ? null : SourceEncoding.TryFind(earlier.Encoding),
            Delimiter = source is null ? DelimiterOf(options.Delimiter) : source.Delimiter?[0],
            Csv = csv,
            TotalsRows = source?.TotalsRows ?? options.TotalsRows,
            Json = new()
            {
                Columns = source?.Columns,
                Ignored = known?.Mapping.Where(c => c.Field == "ignore" && c.Column != options.RegionColumn).Select(c => c.Index).ToHashSet(),
                NestedIsText = options.Nested == "text",
                ColumnsMax = settings.ColumnsMax,
                HeaderBytesMax = settings.HeaderBytesMax,
                CellBytesMax = settings.CellBytesMax,
                RecordBytesMax = settings.RecordBytesMax,
            },
        };
        return SheetFile.FormatOf(stream.Name) is { } workbook ? WorkbookRowReader.Open(stream, workbook, text) : TextOpening.Open(stream, text);
    }

    /// <summary>Whether cells can be parted by what an option's text means: ASCII, or a sign beyond it.</summary>
    public static bool IsDelimiter(string text) =>
        DelimiterOf(text) is { } d and not ('"' or '\r' or '\n' or '\0') && (d <= '\x7F' ? !char.IsAsciiLetterOrDigit(d) : !char.IsLetterOrDigit(d) && d is not '\uFEFF' and not '\uFFFD');

    /// <summary>The character that an option's text means, or null when it names none.</summary>
    public static char? DelimiterOf(string? text) => text switch
    {
        null or "" => null,
        "comma" => ',',
        "semicolon" => ';',
        "tab" or "\\t" => '\t',
        "pipe" => '|',
        { Length: 1 } when !char.IsSurrogate(text[0]) => text[0],
        _ => null,
    };
}
