using Muster.Contacts;
using Muster.Formats;
using Muster.Formats.Csv;
using Muster.Sources;

namespace Muster.Jobs;

/// <summary>Opens a spooled source in the format that its content shows; never by its name.</summary>
static class SourceOpening
{
    /// <exception cref="SourceException">The source has expired or no longer opens as it did.</exception>
    public static RowReader Open(Import import, Spool spool, MusterSettings settings)
    {
        var stream = spool.TryOpen(import.Source.Spool) ?? throw new SourceException(ErrorCode.SourceExpired, ErrorCode.SourceExpired.Message());
        return Open(stream, import.Options, settings) switch
        {
            OpenResult.Opened opened => opened.Reader,
            OpenResult.Refused refused => throw new SourceException(refused.Code, refused.Detail),
            _ => throw new InvalidOperationException("Opening a source has two results."),
        };
    }

    public static OpenResult Open(FileStream stream, ImportOptions options, MusterSettings settings) => CsvRowReader.Open(stream, new CsvOptions
    {
        Delimiter = DelimiterOf(options.Delimiter),
        HasHeader = options.Header ?? true,
        ColumnsMax = settings.ColumnsMax,
        HeaderBytesMax = settings.HeaderBytesMax,
        CellBytesMax = settings.CellBytesMax,
        RecordBytesMax = settings.RecordBytesMax,
    });

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
