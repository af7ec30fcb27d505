using System.ComponentModel;
using System.Globalization;
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
            await ReportMedia.NdJsonAsync(context.Response, $"{import.Id}-errors", reports.ErrorsAsync(import, from: null, cancellationToken), Wire.Error, MusterJson.Wire.ErrorResource, cancellationToken);
        else
            await ReportMedia.CsvAsync(context.Response, $"{import.Id}-errors", Columns, reports.ErrorsAsync(import, from: null, cancellationToken), Cells, neutralise, cancellationToken);
    }

    static string?[] Cells(ErrorEntry error) =>
    [
        error.RowNumber.ToString(CultureInfo.InvariantCulture), error.Line.ToString(CultureInfo.InvariantCulture), error.ByteOffset.ToString(CultureInfo.InvariantCulture),
        error.Column, error.Field, error.Code.Name(), Wire.Word(error.Severity), error.Message, error.Value,
    ];
}
