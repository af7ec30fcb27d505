using System.Buffers;
using System.ComponentModel;
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

    public static async Task WriteAsync(
        string id, HttpContext context, Caller caller, IImportStore imports, ImportReports reports, string? cursor, string? limit, [Description(QueryValues.SafeIs)] string? safe, CancellationToken cancellationToken)
    {
        var media = ReportMedia.Preferred(context.Request);
        var paging = Paging.Of(cursor, limit);
        var from = paging.CursorPlace();
        var neutralise = QueryValues.Boolean("safe", safe);
        if (await ImportsApi.FindAsync(imports, caller, id, cancellationToken) is not { } import)
            await ImportsApi.NotFound.ExecuteAsync(context);
        else if (media is null)
            await ReportMedia.NotAcceptable.ExecuteAsync(context);
        else if (import.LedgerExpiredAt is not null)
            await Refusal.Of(410, ErrorCode.LedgerExpired).ExecuteAsync(context);
        else if (media == ReportMedia.Json)
            await TypedResults.Ok(await paging.OfLedgerAsync(reports.ErrorsAsync(import, from, cancellationToken), e => e.Next, Wire.Error)).ExecuteAsync(context);
        else if (media == ReportMedia.NdJson)
            await NdJsonAsync(context.Response, reports, import, cancellationToken);
        else
            await CsvAsync(context.Response, reports, import, neutralise, cancellationToken);
    }

    static async Task NdJsonAsync(HttpResponse response, ImportReports reports, Import import, CancellationToken cancellationToken)
    {
        Download.Begin(response, ReportMedia.NdJson, $"{import.Id}-errors.ndjson");
        await foreach (var error in reports.ErrorsAsync(import, from: null, cancellationToken))
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
        await foreach (var error in reports.ErrorsAsync(import, from: null, cancellationToken))
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
    public const string SafeIs = "true: cells of the CSV that a spreadsheet would run as formulas are neutralised.";

    /// <summary>false when absent.</summary>
    public static bool Boolean(string name, string? value) => value switch
    {
        null or "" or "false" or "0" => false,
        "true" or "1" => true,
        _ => throw new RefusedException(Refusal.BadParameter(name, "write true or false.")),
    };
}
