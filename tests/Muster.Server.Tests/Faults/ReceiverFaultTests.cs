using System.Net;
using System.Text.Json;

namespace Muster.Server.Tests.Faults;

/// <summary>Receivers of webhooks in every bad mood, those of ../shared/tools/sinks.py (the bomb takes seconds to pack itself): the import does not wait for them, each try is noted for what it was, and nothing forbidden is connected to.</summary>
public sealed class ReceiverFaultTests
{
    /// <summary>What the receiver does; the last try's error and status; whether it is tried again. The tool's drop leaves its end open without a word.</summary>
    static readonly (string Path, string? Error, int? Status, string State)[] Moods =
    [
        ("ok", null, 200, "delivered"), ("500", "refused", 500, "pending"), ("503ra", "refused", 503, "pending"), ("429", "refused", 429, "pending"), ("404", "refused", 404, "pending"),
        ("410", "gone", 410, "failed"), ("hang", "timed_out", null, "pending"), ("slow?s=30", "timed_out", null, "pending"), ("slow?s=0.3", null, 200, "delivered"),
        ("drop", "timed_out", null, "pending"), ("redirlocal", "redirected", 302, "pending"), ("redir307", "redirected", 307, "pending"), ("redirfile", "redirected", 302, "pending"),
        ("huge", null, 200, "delivered"), ("bomb", null, 200, "delivered"), ("badhttp", "host_unreachable", null, "pending"), ("headers", null, 200, "delivered"),
    ];

    [Fact]
    public async Task Every_receiver_is_judged_by_what_it_did_and_no_import_waits_for_it()
    {
        await using var host = new MusterHost { Settings = s => s with { OutboundAllow = "127.0.0.1:*", WebhookSecondsMax = 12 } };
        await host.InitializeAsync();
        using var folder = new TestFolder();
        var log = folder.File("sinks.log");
        var port = SharedTool.FreePort();
        using var sinks = await SharedTool.StartAsync("sinks.py", "sinks up", port, SharedTool.FreePort(), log);
        using var admin = host.Admin();
        var paths = new Dictionary<string, string>();
        foreach (var (path, _, _, _) in Moods)
        {
            using var made = await admin.PostAsync("/v1/webhooks", Answers.Json($$"""{"url":"http://127.0.0.1:{{port}}/{{path}}","events":["import.completed"]}"""));
            paths[(await made.JsonAsync(HttpStatusCode.Created)).GetProperty("id").GetString()!] = path; // every webhook has an id
        }
        using var form = Answers.Form("email\nann@example.com\n"u8.ToArray(), null);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/imports") { Content = form, Headers = { { "Prefer", "wait=30" } } };
        using var response = await admin.SendAsync(request);
        Assert.Equal("completed", (await response.JsonAsync(HttpStatusCode.Accepted)).GetProperty("status").GetString());

        var deliveries = new Dictionary<string, JsonElement>();
        await Until.TrueAsync(async () =>
        {
            using var page = await admin.GetAsync("/v1/deliveries?limit=100");
            foreach (var delivery in (await page.JsonAsync(HttpStatusCode.OK)).GetProperty("items").EnumerateArray())
                deliveries[paths[delivery.GetProperty("webhook_id").GetString()!]] = delivery; // each is a webhook's
            return deliveries.Count == Moods.Length && deliveries.Values.All(d => d.GetProperty("attempts").GetInt32() > 0);
        });
        Assert.Equal(
            Moods.Select(m => $"{m.Path}: {m.State} {m.Error} {m.Status}"),
            Moods.Select(m => deliveries[m.Path]).Zip(Moods, (d, m) => $"{m.Path}: {d.GetProperty("status").GetString()} {d.GetProperty("last_error").GetString()} {(d.GetProperty("last_status") is { ValueKind: JsonValueKind.Number } s ? s.GetInt32() : null)}"));
        double[] asked = [];
        await Until.TrueAsync(async () =>
            (asked = [.. (await RequestsAsync(log)).Where(r => r.GetProperty("path").GetString() == "/503ra").Select(r => r.GetProperty("t").GetDouble())]).Length > 1);
        Assert.InRange(asked[1] - asked[0], 2, 30); // as its Retry-After says, not as the schedule does

        // 410 ends that webhook; no redirect was followed to where it led.
        using var webhooks = await admin.GetAsync("/v1/webhooks?limit=100");
        var disabled = (await webhooks.JsonAsync(HttpStatusCode.OK)).GetProperty("items").EnumerateArray().Where(w => !w.GetProperty("enabled").GetBoolean());
        Assert.Equal("410", paths[Assert.Single(disabled).GetProperty("id").GetString()!]);
        var requests = await RequestsAsync(log);
        Assert.DoesNotContain(requests, r => r.GetProperty("path").GetString() == "/canary");
        Assert.Equal(Moods.Select(m => "/" + m.Path).Order(StringComparer.Ordinal), requests.Select(r => r.GetProperty("path").GetString()).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(Moods.Length, requests.Select(r => r.GetProperty("headers").GetProperty("webhook-id").GetString()).Distinct().Count());
    }

    static async Task<List<JsonElement>> RequestsAsync(string log) => [.. (await File.ReadAllLinesAsync(log)).Select(l => JsonDocument.Parse(l).RootElement)];

    [Fact]
    public async Task A_vendors_callback_into_the_inside_is_never_made()
    {
        await using var host = new MusterHost { Settings = s => s with { OutboundAllow = "none" } };
        await host.InitializeAsync();
        using var http = host.Client(null);
        foreach (var callback in (string[])["http://127.0.0.1/x", "http://169.254.169.254/latest/", "http://[::ffff:10.0.0.1]/", "file:///etc/passwd", "http://2130706433/"])
        {
            using var response = await http.PostAsync($"/apiv2?type=contact&activity=bulkupload&apikey={host.AdminToken}&path=https://example.org/a.csv&callback={callback}", null);
            Assert.Equal("""{"result":"Invalid callback"}""", await response.Content.ReadAsStringAsync());
        }
    }
}
