using System.Globalization;
using Muster.Client;

namespace Muster.Cli.Output;

/// <summary>A preview for a person: what the file is, where its columns go and why, its first rows, and what is wrong with it.</summary>
static class PreviewReport
{
    const int ExampleWidth = 28;
    const int CellWidth = 24;
    const int WorstShown = 5;

    public static void Write(PreviewResource preview, TextWriter output)
    {
        output.WriteLine(Headline(preview));
        output.WriteLine();
        Table.Write(output, ["Column", "becomes", "sure#", "looks like", "filled#", "wrong#", "examples", "why"], preview.Columns.Select(c => (string[])
        [
            Words.Harmless(c.Column, 40), Words.Harmless(c.Field, 40), c.Confidence.ToString("P0", CultureInfo.InvariantCulture), TypeOf(c),
            Number(c.Values), Number(c.Invalid), Words.Harmless(string.Join(" | ", c.Examples), ExampleWidth), Words.Harmless(c.Reason, 200),
        ]));
        WriteRows(preview, output);
        WriteWorst(preview, output);
        output.WriteLine();
        output.WriteLine(Verdict(preview));
        foreach (var warning in preview.Warnings)
            output.WriteLine($"Note: {Words.Harmless(warning, 400)}");
        foreach (var hold in preview.Hold)
            output.WriteLine($"An import would wait for a person: {Words.Harmless(hold.Message, 400)} ({hold.Rule})");
        if (preview.Problem is { } problem)
            output.WriteLine($"An import would be refused: {Words.Harmless(problem.Detail, 1_000)} ({problem.Code})");
    }

    static string Headline(PreviewResource preview)
    {
        var source = preview.Source;
        var delimiter = source.Delimiter is { } d ? $", parted by {DelimiterWord(d)}" : "";
        var known = source.RecognizedAs is { } product ? $" (an export of {product.Replace('_', ' ')})" : "";
        var header = source.HeaderRow is { } row ? $"header in row {row.ToString(CultureInfo.InvariantCulture)}" : "no header";
        return $"{Words.Harmless(source.FileName ?? "source")}: {source.Format}{known}{Place(source)}{delimiter}, {header}, {Words.Count(source.Columns.Count, "column", "columns")}; matched by {preview.Options.Match}.";
    }

    /// <summary>Of a workbook the sheet, of text the encoding.</summary>
    static string Place(PreviewSourceResource source) => source.Sheet is { } sheet ? $", sheet '{Words.Harmless(sheet, 60)}'" : $", {source.Encoding}";

    static string DelimiterWord(string delimiter) => delimiter switch
    {
        "," => "commas",
        ";" => "semicolons",
        "\t" => "tabs",
        "|" => "pipes",
        _ => $"'{delimiter}'",
    };

    static string TypeOf(PreviewColumnResource column) =>
        column.Type + (column.DateOrder is { } order ? $" ({order})" : "") + (column.DecimalSign is { } sign ? $" ({sign})" : "");

    static void WriteRows(PreviewResource preview, TextWriter output)
    {
        // A column that rules read shows in the fields that they make, which stand behind the columns.
        var shown = preview.Rows.Count == 0 ? [] : Enumerable.Range(0, preview.Rows[0].Cells.Count)
            .Where(i => i >= preview.Columns.Count || preview.Columns[i].Field != "ignore" && !preview.Columns[i].ByRule).ToArray();
        if (shown.Length == 0)
            return;
        output.WriteLine();
        output.WriteLine("The first rows, as they would be imported:");
        Table.Write(
            output,
            ["row#", .. shown.Select(i => Words.Harmless(preview.Rows[0].Cells[i].Field, CellWidth))],
            preview.Rows.Select(row => (string[])
            [
                Number(row.RowNumber), .. shown.Select(i => Cell(row.Cells[i])),
            ]));
    }

    static string Cell(PreviewCellResource cell) =>
        cell.Code is { } code ? $"!{code}" : Words.Harmless(cell.Result ?? "", CellWidth);

    static void WriteWorst(PreviewResource preview, TextWriter output)
    {
        if (preview.WorstRows.Count == 0)
            return;
        output.WriteLine();
        output.WriteLine("The worst rows:");
        foreach (var row in preview.WorstRows.Take(WorstShown))
        {
            var place = row.RowNumber is { } number ? $"row {Number(number)}" : $"byte {Number(row.ByteOffset)}";
            if (row.Code is not null)
                output.WriteLine($"  {place}: {row.Message} ({row.Code})");
            foreach (var cell in row.Cells.Where(c => c.Code is not null))
                output.WriteLine($"  {place}, column {Words.Harmless(cell.Column, 40)}, '{Words.Harmless(cell.Value, 40)}': {cell.Message} ({cell.Code})");
        }
        if (preview.WorstRows.Count > WorstShown)
            output.WriteLine($"  … and more: muster preview FILE --json shows {preview.WorstRows.Count} of them");
    }

    static string Verdict(PreviewResource preview)
    {
        var scan = preview.Scan;
        var rows = Words.Count(scan.Rows, "row", "rows");
        var looked = scan.Whole ? $"All {rows} looked at" : $"Looked at {rows}, from the beginning and here and there behind it";
        return $"{looked}: {Number(scan.Rejected)} would be rejected, {Number(scan.Warned)} would go in with a remark.";
    }

    static string Number(long? number) => number?.ToString("N0", CultureInfo.InvariantCulture) ?? "";
}
