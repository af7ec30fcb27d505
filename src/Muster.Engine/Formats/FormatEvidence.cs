using System.Globalization;
using Muster.Contacts;
using Muster.Formats.Workbooks;

namespace Muster.Formats;

/// <summary>What says that a source is in the format that it was read in: its content, never its name.</summary>
public static class FormatEvidence
{
    /// <summary>A table of one column could be any text.</summary>
    const double OneColumn = 0.5;

    /// <param name="known">What else is known of the source.</param>
    public static Evidence Of(SourceShape shape, SourceEvidence? known) => shape.Format switch
    {
        _ when WorkbookRowReader.IsFormat(shape.Format) => new(1, "Its content is a workbook's: the parts that one needs are there and could be read."),
        "json" => new(1, "It begins as a list or an object of JSON, and contacts were found in it."),
        "ndjson" => new(1, "It begins with an object of JSON, and others follow on lines of their own."),
        _ when shape.Columns.Count == 1 => new(OneColumn, "It is text in lines of one cell: a table of one column, as far as can be told."),
        _ => new(
            known?.Delimiter?.Confidence ?? 1,
            string.Create(CultureInfo.InvariantCulture, $"It is text whose records have {shape.Columns.Count} cells: as sure as the sign between them.")),
    };
}
