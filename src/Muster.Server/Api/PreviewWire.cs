using Muster.Client;
using Muster.Contacts;
using Muster.Jobs;

namespace Muster.Server.Api;

/// <summary>A preview as the wire has it.</summary>
static class PreviewWire
{
    public static PreviewResource Of(SourcePreview preview, string? fileName, long bytes, string sha256)
    {
        var shape = preview.Shape;
        return new()
        {
            Source = new(fileName, bytes, sha256, shape.Format, shape.Encoding, preview.Sheet is null ? shape.Delimiter?.ToString() : null, preview.HeaderRow, shape.Columns)
            {
                PreambleRows = shape.PreambleRows, TotalsRows = shape.TotalsRows,
                Packing = Wire.Packing(preview.Packing), Evidence = Wire.Evidence(preview.Evidence),
                RecognizedAs = preview.RecognizedAs, Sheet = preview.Sheet?.Sheet, Sheets = preview.Sheet?.Sheets,
            },
            Options = Wire.Options(preview.Options),
            Columns = [.. preview.Columns.Select(Column)],
            Rows = [.. preview.Rows.Select(Row)],
            WorstRows = [.. preview.WorstRows.Select(Row)],
            Scan = new(preview.Scanned, preview.Rejected, preview.Warned, preview.IsWhole),
            Warnings = preview.Warnings,
            Hold = [.. preview.Hold.Select(Wire.Finding)],
            Problem = preview.Problem is { } p ? new(p.Code.Name(), p.Detail, p.Option) : null,
        };
    }

    static PreviewColumnResource Column(PreviewColumn column)
    {
        var c = column.Column;
        return new(c.Index, c.Column, c.Field, c.Confidence, c.Reason, c.Type, c.DateOrder, c.DecimalSign, column.Examples, column.Values, column.Blanks, column.Invalid, c.ByRule);
    }

    static PreviewRowResource Row(PreviewRow row) => new(
        row.RowNumber, row.Line, row.ByteOffset, row.IsRejected ? "reject" : "import", NameOf(row.Code), MessageOf(row.Code), [.. row.Cells.Select(Cell)]);

    static PreviewCellResource Cell(PreviewCell c) =>
        new(c.Column, c.Field, c.Value, c.Result, NameOf(c.Code), c.Code == ErrorCode.None ? null : Wire.Word(c.Severity), MessageOf(c.Code));

    static string? NameOf(ErrorCode code) => code == ErrorCode.None ? null : code.Name();

    static string? MessageOf(ErrorCode code) => code == ErrorCode.None ? null : code.Message();
}
