using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Net.Http.Headers;

namespace Muster.Server.Facades.Dotmailer;

/// <summary>Reads what the vendor's clients send: bodies in JSON or XML, pages, dates in paths.</summary>
static class RequestReading
{
    const int SelectMax = 1_000;
    const int DepthMax = 16;

    static readonly string[] DateForms =
    [
        "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF",
        "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK",
    ];

    /// <exception cref="Api.RefusedException">The body is missing, is neither JSON nor XML, or does not fit.</exception>
    public static async Task<T> BodyAsync<T>(HttpRequest request, JsonTypeInfo<T> type, CancellationToken cancellationToken) where T : class
    {
        await using var body = JsonOf(request);
        try
        {
            using var document = await JsonDocument.ParseAsync(body, new() { MaxDepth = DepthMax }, cancellationToken);
            return document.Deserialize(type) ?? throw VendorError.Malformed();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw VendorError.Malformed();
        }
    }

    /// <summary>The body as JSON, whichever of its two forms it came in; one that is missing, or says that it is something else, is refused.</summary>
    public static Stream JsonOf(HttpRequest request)
    {
        if (request.ContentLength == 0 || (request.ContentType is null && request.ContentLength is null && !request.Headers.TransferEncoding.Any()))
            throw VendorError.Malformed();
        if (XmlBody.IsXml(request))
            return new XmlBody(request.Body);
        return request.ContentType is null || IsJson(request) ? request.Body : throw VendorError.UnsupportedType();
    }

    public static bool IsJson(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.MediaType.Equals("text/json", StringComparison.OrdinalIgnoreCase)
            || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase));

    /// <summary><c>select</c> (1 to 1000, default 1000) and <c>skip</c>.</summary>
    public static (int Select, int Skip) Page(HttpRequest request) => (Number(request, "select", SelectMax, 1, SelectMax), Number(request, "skip", 0, 0, int.MaxValue));

    static int Number(HttpRequest request, string name, int fallback, int least, int most)
    {
        if (request.Query[name] is not [{ Length: > 0 } text, ..])
            return fallback;
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number : throw VendorError.BadParameter();
    }

    public static bool FullData(HttpRequest request) => request.Query["withFullData"] is [{ Length: > 0 } text, ..]
        && (text is "1" || (bool.TryParse(text, out var wanted) ? wanted : text is "0" ? false : throw VendorError.BadParameter()));

    /// <summary>A moment in a path; without an offset it is UTC.</summary>
    public static DateTimeOffset Date(string text) =>
        DateTimeOffset.TryParseExact(Uri.UnescapeDataString(text), DateForms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var date)
            ? date : throw VendorError.BadParameter();

    public static string Iso(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
