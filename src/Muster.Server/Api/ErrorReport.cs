using System.Buffers;
using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using Microsoft.Net.Http.Headers;
using Muster.Client;
using Muster.Contacts;
using Muster.Reports;
using Muster.Server.Auth;
using Muster.Storage;

namespace Muster.Server.Api;

/// <summary><c>/v1/imports/{id}/errors</c>: a page as JSON, or every error as a stream of NDJSON or CSV.</summary>
static class ErrorReport
{
    const string Json = "application/json";
    const string NdJson = "application/x-ndjson";
    const string Csv = "text/csv";
    static readonly string[] Columns = ["row_number", "line", "byte_offset", "column", "field", "code", "severity", "message", "value"];

    public static async Task WriteAsync(
        string id, HttpContext context, Caller caller, IImportStore imports, ImportReports reports, string? cursor, string? limit, [Description(QueryValues.SafeIs)] string? safe, CancellationToken cancellationToken)
    {
        var media = Preferred(context.Request);
        var paging = Paging.Of(cursor, limit);
        var from = paging.CursorPlace();
        var neutralise = QueryValues.Boolean("safe", safe);
        if (await ImportsApi.FindAsync(imports, caller, id, cancellationToken) is not { } import)
            await ImportsApi.NotFound.ExecuteAsync(context);
        else if (media is null)
            await Refusal.Of(406, "not_acceptable", $"The errors come as {Json}, {NdJson} or {Csv}. Ask for one of them in Accept.").ExecuteAsync(context);
        else if (media == Json)
            await TypedResults.Ok(await paging.OfLedgerAsync(reports.ErrorsAsync(import, from, cancellationToken), e => e.Next, Wire.Error)).ExecuteAsync(context);
        else if (media == NdJson)
            await NdJsonAsync(context.Response, reports, import, cancellationToken);
        else
            await CsvAsync(context.Response, reports, import, neutralise, cancellationToken);
    }

    /// <summary>The media type that the caller likes best; JSON when all are equal or nothing is said.</summary>
    static string? Preferred(HttpRequest request)
    {
        var accept = request.GetTypedHeaders().Accept;
        if (accept.Count == 0)
            return Json;
        var best = (Media: (string?)null, Quality: 0.0);
        foreach (var media in (ReadOnlySpan<string>)[Json, NdJson, Csv])
        {
            var offered = new MediaTypeHeaderValue(media);
            // The most specific range decides (RFC 9110 §12.5.1).
            var quality = accept.Where(offered.IsSubsetOf).OrderByDescending(a => a.MatchesAllTypes ? 0 : a.MatchesAllSubTypes ? 1 : 2).Select(a => a.Quality ?? 1).FirstOrDefault();
            if (quality > best.Quality)
                best = (media, quality);
        }
        return best.Media;
    }

    static async Task NdJsonAsync(HttpResponse response, ImportReports reports, Import import, CancellationToken cancellationToken)
    {
        Download.Begin(response, NdJson, $"{import.Id}-errors.ndjson");
        await foreach (var error in reports.ErrorsAsync(import, from: null, cancellationToken))
        {
            await JsonSerializer.SerializeAsync(response.BodyWriter, Wire.Error(error), MusterJson.Wire.ErrorResource, cancellationToken);
            response.BodyWriter.Write("\n"u8);
        }
    }

    static async Task CsvAsync(HttpResponse response, ImportReports reports, Import import, bool safe, CancellationToken cancellationToken)
    {
        Download.Begin(response, Csv + "; charset=utf-8", $"{import.Id}-errors.csv");
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
