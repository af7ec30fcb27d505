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
}
