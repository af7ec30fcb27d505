using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Muster.Server.Facades.Exotel;

/// <summary>One item of a bulk answer.</summary>
/// <param name="Description">Why it failed; null when it did not.</param>
/// <param name="Data">Writes one value; null writes null.</param>
readonly record struct BulkItem(int Code, string? Description, Action<Utf8JsonWriter>? Data);

/// <summary>What a bulk answer says of itself.</summary>
/// <param name="Total">Of a page: how many there are in all; null for an answer to a bulk change.</param>
sealed record PageNote(long Total, int Limit, long Offset);

/// <summary>Exotel's envelope, around every answer: <c>request_id, method, http_code, (metadata,) response{code, error_data, status, data}</c>, in that order.</summary>
static class Envelope
{
    static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Task SingleAsync(HttpContext context, Action<Utf8JsonWriter> data) => WriteAsync(context, 200, json =>
    {
        json.WritePropertyName("response");
        Response(json, new(200, null, data));
    });

    public static Task FailAsync(HttpContext context, int status, string description) => WriteAsync(context, status, json =>
    {
        json.WritePropertyName("response");
        Response(json, new(status, description, null));
    });

    /// <summary>What became of each item of a bulk change: 207, whatever it was.</summary>
    public static Task BulkAsync(HttpContext context, IReadOnlyList<BulkItem> items) => WriteAsync(context, 207, json =>
    {
        var failed = items.Count(i => i.Description is not null);
        json.WriteStartObject("metadata");
        json.WriteNumber("failed", failed);
        json.WriteNumber("success", items.Count - failed);
        json.WriteNumber("total", items.Count);
        json.WriteEndObject();
        Items(json, items);
    });

    public static Task PageAsync(HttpContext context, IReadOnlyList<BulkItem> items, PageNote page) => WriteAsync(context, 200, json =>
    {
        json.WriteStartObject("metadata");
        json.WriteNumber("total", page.Total);
        json.WriteNumber("count", items.Count);
        json.WriteNumber("limit", page.Limit);
        json.WriteNumber("offset", page.Offset);
        json.WriteEndObject();
        Items(json, items);
    });

    static async Task WriteAsync(HttpContext context, int status, Action<Utf8JsonWriter> rest)
    {
        var body = new ArrayBufferWriter<byte>(1_024);
        await using (var json = new Utf8JsonWriter(body, Plain))
        {
            json.WriteStartObject();
            json.WriteString("request_id", HexId.Of(Guid.CreateVersion7()));
            json.WriteString("method", context.Request.Method.ToUpperInvariant());
            json.WriteNumber("http_code", status);
            rest(json);
            json.WriteEndObject();
        }
        await Facade.WriteJsonAsync(context, status, body.WrittenMemory);
    }

    static void Items(Utf8JsonWriter json, IReadOnlyList<BulkItem> items)
    {
        json.WriteStartArray("response");
        foreach (var item in items)
            Response(json, item);
        json.WriteEndArray();
    }

    static void Response(Utf8JsonWriter json, BulkItem item)
    {
        json.WriteStartObject();
        json.WriteNumber("code", item.Code);
        if (item.Description is null)
        {
            json.WriteNull("error_data");
        }
        else
        {
            var (code, message) = ErrorOf(item.Code);
            json.WriteStartObject("error_data");
            json.WriteNumber("code", code);
            json.WriteString("message", message);
            json.WriteString("description", item.Description);
            json.WriteEndObject();
        }
        json.WriteString("status", item.Description is null ? "success" : "failure");
        json.WritePropertyName("data");
        if (item.Data is null)
            json.WriteNullValue();
        else
            item.Data(json);
        json.WriteEndObject();
    }

    /// <summary>The vendor's numbers where they are known (1010, 1100), ours elsewhere.</summary>
    static (int Code, string Message) ErrorOf(int status) => status switch
    {
        401 => (1010, "Authorization failed"),
        402 => (1020, "Plan limit reached"),
        403 => (1010, "Not allowed"),
        404 => (1000, "Not found"),
        405 => (1000, "Method not allowed"),
        409 => (1008, "Duplicate resource"),
        429 => (1021, "Too many requests"),
        >= 500 => (1100, "Internal error"),
        _ => (1001, "Invalid parameter"),
    };
}
