using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Muster.Contacts;
using Muster.Notifications;

namespace Muster.Server.Facades.Netcore;

/// <summary>The body of the vendor's callback, as JSON or as a form with the same keys.</summary>
static class NetcoreCallback
{
    public const string Json = "netcore";
    public const string Form = "netcore_form";

    /// <summary>Null for a format of somebody else.</summary>
    public static NotificationBody? Make(string format, Import import) => format switch
    {
        Json => new("application/json", AsJson(import)),
        Form => new("application/x-www-form-urlencoded", AsForm(import)),
        _ => null,
    };

    /// <summary>Success: every row is in; Partial: some; Failed: none, or the import did not come to its end.</summary>
    public static string StatusOf(Import import) => import.Status != ImportStatus.Completed ? "Failed"
        : Failed(import.Counts) == 0 ? "Success"
        : import.Counts.Accepted + import.Counts.Duplicate == 0 ? "Failed" : "Partial";

    public static long Failed(ImportCounts c) => c.Rejected + c.Suppressed + c.Skipped;

    static IEnumerable<(string Name, object? Value)> Members(Import import)
    {
        var c = import.Counts;
        yield return ("requestid", HexId.Of(import.Id));
        yield return ("type", "contact");
        yield return ("activity", "bulkupload");
        yield return ("listid", import.Options.ListIds is [var list, ..] ? list : null);
        yield return ("status", StatusOf(import));
        yield return ("total", c.Read);
        yield return ("success", c.Accepted);
        yield return ("duplicate", c.Duplicate);
        yield return ("failed", Failed(c));
        yield return ("message", import.Failure?.Detail ?? "");
        yield return ("path", import.Source.Url ?? "");
        yield return ("starttime", Time(import.StartedAt ?? import.CreatedAt));
        yield return ("endtime", Time(import.FinishedAt ?? import.CreatedAt));
    }

    static byte[] AsJson(Import import)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body, new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            foreach (var (name, value) in Members(import))
            {
                json.WritePropertyName(name);
                if (value is null)
                    json.WriteNullValue();
                else if (value is string text)
                    json.WriteStringValue(text);
                else
                    json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
            }
            json.WriteEndObject();
        }
        return body.WrittenSpan.ToArray();
    }

    static byte[] AsForm(Import import) => Encoding.ASCII.GetBytes(string.Join('&', Members(import).Select(m =>
        $"{m.Name}={Uri.EscapeDataString(Convert.ToString(m.Value, CultureInfo.InvariantCulture) ?? "")}")));

    static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
