using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Net.Http.Headers;

namespace Muster.Server.Api;

/// <summary>The forms in which a report on an import comes: a page as JSON, or the whole of it as NDJSON or CSV.</summary>
static class ReportMedia
{
    public const string Json = "application/json";
    public const string NdJson = "application/x-ndjson";
    public const string Csv = "text/csv";

    public static Refusal NotAcceptable => Refusal.Of(406, "not_acceptable", $"The report comes as {Json}, {NdJson} or {Csv}. Ask for one of them in Accept.");

    /// <summary>The media type that the caller likes best; JSON when all are equal or nothing is said, null when none will do.</summary>
    public static string? Preferred(HttpRequest request)
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

    /// <summary>All items as a download, one JSON document a line, written as they are read.</summary>
    /// <param name="name">The file's name without its ending.</param>
    public static async Task NdJsonAsync<T, TWire>(
        HttpResponse response, string name, IAsyncEnumerable<T> items, Func<T, TWire> wire, JsonTypeInfo<TWire> type, CancellationToken cancellationToken)
    {
        Download.Begin(response, NdJson, name + ".ndjson");
        await foreach (var item in items.WithCancellation(cancellationToken))
        {
            await JsonSerializer.SerializeAsync(response.BodyWriter, wire(item), type, cancellationToken);
            response.BodyWriter.Write("\n"u8);
        }
    }

    /// <summary>All items as a download, one record each under a header, written as they are read.</summary>
    /// <param name="name">The file's name without its ending.</param>
    /// <param name="cells">An item's cells in the order of the columns; null is an empty one.</param>
    /// <param name="safe">Whether cells that a spreadsheet would run as formulas are neutralised.</param>
    public static async Task CsvAsync<T>(
        HttpResponse response, string name, IReadOnlyList<string> columns, IAsyncEnumerable<T> items, Func<T, IReadOnlyList<string?>> cells, bool safe, CancellationToken cancellationToken)
    {
        Download.Begin(response, Csv + "; charset=utf-8", name + ".csv");
        var csv = new CsvCells(safe);
        Record(columns);
        await foreach (var item in items.WithCancellation(cancellationToken))
        {
            Record(cells(item));
            await csv.FlushAsync(response, all: false, cancellationToken);
        }
        await csv.FlushAsync(response, all: true, cancellationToken);

        void Record(IReadOnlyList<string?> record)
        {
            foreach (var cell in record)
                csv.Cell(cell);
            csv.EndRecord();
        }
    }
}
