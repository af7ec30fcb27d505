using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Muster.Client;
using Muster.Contacts;
using Muster.Reports;
using Muster.Server.Auth;
using Muster.Storage;

namespace Muster.Server.Api;

/// <summary><c>/v1/imports/{id}/errors</c>: a page as JSON, or every error as a stream of NDJSON or CSV.</summary>
static class ErrorReport
{
    static readonly string[] Columns = ["row_number", "line", "byte_offset", "column", "field", "code", "severity", "message", "value"];

    /// <param name="safe">true: cells of the CSV that a spreadsheet would run as formulas are neutralised.</param>
    public static async Task WriteAsync(
        string id, HttpContext context, Caller caller, IImportStore imports, ImportReports reports, string? cursor, string? limit, string? safe, CancellationToken cancellationToken)
    {
        var media = ReportMedia.Preferred(context.Request);
        var paging = Paging.Of(cursor, limit);
        var neutralise = QueryValues.Boolean("safe", safe);
        if (await ImportsApi.FindAsync(imports, caller, id, cancellationToken) is not { } import)
            await ImportsApi.NotFound.ExecuteAsync(context);
        else if (media is null)
            await ReportMedia.NotAcceptable.ExecuteAsync(context);
        else if (import.LedgerExpiredAt is not null)
            await Refusal.Of(410, ErrorCode.LedgerExpired).ExecuteAsync(context);
        else if (media == ReportMedia.Json)
            await TypedResults.Ok(await PageAsync(reports, import, paging, cancellationToken)).ExecuteAsync(context);
        else if (media == ReportMedia.NdJson)
            await NdJsonAsync(context.Response, reports, import, cancellationToken);
        else
            await CsvAsync(context.Response, reports, import, neutralise, cancellationToken);
    }

    /// <summary>A page. Its cursor is a row number and how many of that row's errors have been told.</summary>
    static async Task<Client.Page<ErrorResource>> PageAsync(ImportReports reports, Import import, Paging paging, CancellationToken cancellationToken)
    {
        var (row, told) = Position(paging);
        var items = new List<ErrorResource>();
        var (lastRow, ofLastRow) = (row, told);
        var skip = told;
        await foreach (var error in reports.ErrorsAsync(import, row == 0 ? 0 : row - 1, cancellationToken))
        {
            if (error.RowNumber == row && skip-- > 0)
                continue;
            if (items.Count == paging.Limit)
                return new(items, string.Create(CultureInfo.InvariantCulture, $"{lastRow}-{ofLastRow}"));
            (lastRow, ofLastRow) = (error.RowNumber, error.RowNumber == lastRow ? ofLastRow + 1 : 1);
            items.Add(Wire.Error(error));
        }
        return new(items, null);
    }

    static (long Row, int Told) Position(Paging paging)
    {
        if (paging.Cursor is not { } cursor)
            return (0, 0);
        var dash = cursor.IndexOf('-', StringComparison.Ordinal);
        if (dash > 0 && long.TryParse(cursor.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var row)
            && int.TryParse(cursor.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var told))
            return (row, told);
        throw Paging.BadCursor();
    }

    static async Task NdJsonAsync(HttpResponse response, ImportReports reports, Import import, CancellationToken cancellationToken)
    {
        Download.Begin(response, ReportMedia.NdJson, $"{import.Id}-errors.ndjson");
        await foreach (var error in reports.ErrorsAsync(import, 0, cancellationToken))
        {
            await JsonSerializer.SerializeAsync(response.BodyWriter, Wire.Error(error), MusterJson.Wire.ErrorResource, cancellationToken);
            response.BodyWriter.Write("\n"u8);
        }
    }

    static async Task CsvAsync(HttpResponse response, ImportReports reports, Import import, bool safe, CancellationToken cancellationToken)
    {
        Download.Begin(response, ReportMedia.Csv + "; charset=utf-8", $"{import.Id}-errors.csv");
        var csv = new CsvCells(safe);
        foreach (var column in Columns)
            csv.Cell(column);
        csv.EndRecord();
        await foreach (var error in reports.ErrorsAsync(import, 0, cancellationToken))
        {
            csv.Cell(error.RowNumber.ToString(CultureInfo.InvariantCulture));
            csv.Cell(error.Line.ToString(CultureInfo.InvariantCulture));
            csv.Cell(error.ByteOffset.ToString(CultureInfo.InvariantCulture));
            csv.Cell(error.Column);
            csv.Cell(error.Field);
            csv.Cell(error.Code.Name());
            csv.Cell(Wire.Word(error.Severity));
            csv.Cell(error.Message);
            csv.Cell(error.Value);
            csv.EndRecord();
            await csv.FlushAsync(response, all: false, cancellationToken);
        }
        await csv.FlushAsync(response, all: true, cancellationToken);
    }
}

/// <summary>Values of query parameters.</summary>
static class QueryValues
{
    /// <summary>false when absent.</summary>
    public static bool Boolean(string name, string? value) => value switch
    {
        null or "" or "false" or "0" => false,
        "true" or "1" => true,
        _ => throw new RefusedException(Refusal.BadParameter(name, "write true or false.")),
    };
}
