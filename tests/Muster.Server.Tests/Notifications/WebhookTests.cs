using System.Net;
using System.Text.Json;
using Muster.Client;

namespace Muster.Server.Tests.Notifications;

public sealed class WebhookTests : IAsyncLifetime
{
    static readonly CancellationToken None = CancellationToken.None;
    readonly MusterHost host = new() { Settings = s => s with { OutboundAllow = "127.0.0.1:*" } };
    readonly Receiver receiver = new();

    public async ValueTask InitializeAsync()
    {
        await host.InitializeAsync();
        await receiver.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        await receiver.DisposeAsync();
    }

    [Fact]
    public async Task An_import_tells_its_own_webhook_when_it_has_ended()
    {
        var import = await ImportAsync(new() { WebhookUrl = receiver.Url("/hook?token=secret") });
        Assert.Equal(receiver.Url("/hook"), import.Options.WebhookUrl);
        await Until.TrueAsync(() => Task.FromResult(!receiver.All.IsEmpty));
        var received = receiver.All.Single();
        Assert.Equal(("/hook", "?token=secret"), (received.Path, received.Query));
        using var admin = host.Admin();
        var secret = (await (await admin.GetAsync("/v1/webhooks/secret")).JsonAsync(HttpStatusCode.OK)).GetProperty("secret").GetString();
        Assert.True(received.IsSignedWith(secret!));

        var body = JsonDocument.Parse(received.Text).RootElement;
        Assert.Equal("import.completed", body.GetProperty("type").GetString());
        Assert.Equal(import.Id, body.GetProperty("data").GetProperty("id").GetGuid());
        Assert.Equal(2, body.GetProperty("data").GetProperty("counts").GetProperty("created").GetInt32());
        var delivery = await DeliveryAsync("delivered");
        Assert.Equal(received.Id, delivery.GetProperty("message_id").GetString());
        Assert.Equal(receiver.Url("/hook"), delivery.GetProperty("target").GetString());
    }

    [Fact]
    public async Task A_webhook_of_the_account_is_told_the_events_it_asked_for_as_the_event_stream_tells_them()
    {
        using var admin = host.Admin();
        await CreateAsync(admin, $$"""{"url":"{{receiver.Url("/all")}}"}""");
        await CreateAsync(admin, $$"""{"url":"{{receiver.Url("/failed")}}","events":["import.failed"]}""");
        var import = await ImportAsync(new());
        await Until.TrueAsync(() => Task.FromResult(receiver.All.Count == 3));
        Assert.Equal(["import.completed", "import.queued", "import.started"], receiver.All.Where(r => r.Path == "/all").Select(r => Json(r).GetProperty("type").GetString()!).Order(StringComparer.Ordinal));

        var events = (await admin.GetStringAsync(import.Links.Events)).Split('\n');
        Assert.Contains("event: import.completed", events);
        var told = JsonDocument.Parse(events.Last(l => l.StartsWith("data: ", StringComparison.Ordinal))[6..]).RootElement;
        var sent = Json(receiver.All.Single(r => Json(r).GetProperty("type").GetString() == "import.completed")).GetProperty("data");
        Assert.True(JsonElement.DeepEquals(told, sent), $"{told}\n{sent}");
    }

    [Fact]
    public async Task While_a_secret_changes_both_sign()
    {
        using var admin = host.Admin();
        var made = await CreateAsync(admin, $$"""{"url":"{{receiver.Url("/")}}"}""");
        var (id, former) = (made.GetProperty("id").GetString(), made.GetProperty("secret").GetString()!);
        Assert.False((await (await admin.GetAsync("/v1/webhooks/" + id)).JsonAsync(HttpStatusCode.OK)).TryGetProperty("secret", out _));
        var rotated = (await (await admin.PostAsync($"/v1/webhooks/{id}/rotate", null)).JsonAsync(HttpStatusCode.OK)).GetProperty("secret").GetString()!;
        (await admin.PostAsync($"/v1/webhooks/{id}/test", null)).EnsureSuccessStatusCode();
        await Until.TrueAsync(() => Task.FromResult(!receiver.All.IsEmpty));
        var test = receiver.All.Single();
        Assert.NotEqual(former, rotated);
        Assert.True(test.IsSignedWith(former) && test.IsSignedWith(rotated));
        Assert.Equal("webhook.test", Json(test).GetProperty("type").GetString());
    }

    [Fact]
    public async Task A_receiver_that_answers_410_is_told_nothing_more_until_it_is_enabled_again()
    {
        using var admin = host.Admin();
        var id = (await CreateAsync(admin, $$"""{"url":"{{receiver.Url("/")}}","events":["import.completed"]}""")).GetProperty("id").GetString();
        receiver.Answer = Status(410);
        await ImportAsync(new());
        await Until.TrueAsync(async () => !(await (await admin.GetAsync("/v1/webhooks/" + id)).JsonAsync(HttpStatusCode.OK)).GetProperty("enabled").GetBoolean());
        var webhook = await (await admin.GetAsync("/v1/webhooks/" + id)).JsonAsync(HttpStatusCode.OK);
        Assert.Equal("gone", webhook.GetProperty("disabled_reason").GetString());
        Assert.Equal(410, (await DeliveryAsync("failed")).GetProperty("last_status").GetInt32());
        await ImportAsync(new());
        receiver.Answer = Status(200);
        (await admin.PatchAsync("/v1/webhooks/" + id, Answers.Json("""{"enabled":true}"""))).EnsureSuccessStatusCode();
        await ImportAsync(new());
        await Until.TrueAsync(() => Task.FromResult(receiver.All.Count >= 2));
        Assert.Equal(2, receiver.All.Count);
    }

    [Fact]
    public async Task A_corrected_file_tells_the_webhook_of_the_import_that_it_corrects_whole()
    {
        using var client = new MusterClient(host.Client(null), host.AdminToken);
        using var file = new MemoryStream("email\nann@example.com\nnonsense\n"u8.ToArray());
        var import = await client.SubmitAsync(file, "a.csv", new() { WebhookUrl = receiver.Url("/hook?token=secret") }, null, None, waitSeconds: 30);
        using var corrected = new MemoryStream("email\nbob@example.com\n"u8.ToArray());
        var child = await client.RetryAsync(import.Id, corrected, "b.csv", null, null, None, waitSeconds: 30);
        await Until.TrueAsync(() => Task.FromResult(receiver.All.Count == 2));
        Assert.All(receiver.All, r => Assert.Equal("?token=secret", r.Query));
        Assert.Equal(new HashSet<Guid> { import.Id, child.Id }, receiver.All.Select(r => Json(r).GetProperty("data").GetProperty("id").GetGuid()).ToHashSet());
    }

    [Theory]
    [InlineData(500, "refused")]
    [InlineData(404, "refused")]
    [InlineData(302, "redirected")]
    [InlineData(0, "timed_out")]
    public async Task A_delivery_that_is_not_taken_waits_and_can_be_sent_again_with_the_same_id(int status, string error)
    {
        await using var slow = new MusterHost { Settings = s => s with { OutboundAllow = "127.0.0.1:*", WebhookSecondsMax = 1 } };
        await slow.InitializeAsync();
        var inner = new Receiver();
        await inner.InitializeAsync();
        receiver.Answer = context =>
        {
            context.Response.Headers.Location = inner.Url("/inside");
            return status == 0 ? Forever(context) : Status(status)(context);
        };
        using var client = new MusterClient(slow.Client(null), slow.AdminToken);
        using var file = new MemoryStream("email\nann@example.com\n"u8.ToArray());
        var import = await client.SubmitAsync(file, "a.csv", new() { WebhookUrl = receiver.Url("/hook") }, null, None, waitSeconds: 30);
        Assert.Equal("completed", import.Status);
        using var admin = slow.Admin();
        JsonElement delivery = default;
        await Until.TrueAsync(async () =>
        {
            delivery = (await (await admin.GetAsync($"/v1/deliveries?import_id={import.Id}")).JsonAsync(HttpStatusCode.OK)).GetProperty("items") is { } items && items.GetArrayLength() > 0 ? items[0] : default;
            return delivery.ValueKind == JsonValueKind.Object && delivery.GetProperty("attempts").GetInt32() > 0;
        });
        Assert.Equal(("pending", error), (delivery.GetProperty("status").GetString(), delivery.GetProperty("last_error").GetString()));
        Assert.NotEqual(JsonValueKind.Null, delivery.GetProperty("next_attempt_at").ValueKind);

        receiver.Answer = Status(204);
        using var again = await admin.PostAsync($"/v1/deliveries/{delivery.GetProperty("id").GetString()}/redeliver", null);
        await again.JsonAsync(HttpStatusCode.Accepted);
        await Until.TrueAsync(() => Task.FromResult(receiver.All.Count == 2));
        Assert.Single(receiver.All.Select(r => r.Id).Distinct());
        Assert.Single(receiver.All.Select(r => r.Text).Distinct());
        Assert.Empty(inner.All);
        await inner.DisposeAsync();
    }

    [Fact]
    public async Task An_answer_without_an_end_is_not_read()
    {
        receiver.Answer = async context =>
        {
            var block = new byte[64 << 10];
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.Body.WriteAsync(block, context.RequestAborted);
        };
        await ImportAsync(new() { WebhookUrl = receiver.Url("/hook") });
        Assert.Equal(200, (await DeliveryAsync("delivered")).GetProperty("last_status").GetInt32());
    }

    [Fact]
    public async Task A_webhook_leads_nowhere_inside()
    {
        await using var strict = new MusterHost();
        await strict.InitializeAsync();
        using var admin = strict.Admin();
        using var literal = await admin.PostAsync("/v1/webhooks", Answers.Json($$"""{"url":"{{receiver.Url("/")}}"}"""));
        await literal.ProblemAsync(HttpStatusCode.BadRequest, "forbidden_address");
        using var scheme = await admin.PostAsync("/v1/webhooks", Answers.Json("""{"url":"ftp://example.org/"}"""));
        await scheme.ProblemAsync(HttpStatusCode.BadRequest, "invalid_url");
        await CreateAsync(admin, """{"url":"http://localhost/hook"}""");
        using var client = new MusterClient(strict.Client(null), strict.AdminToken);
        using var file = new MemoryStream("email\nann@example.com\n"u8.ToArray());
        await client.SubmitAsync(file, "a.csv", null, null, None, waitSeconds: 30);
        await Until.TrueAsync(async () =>
        {
            var items = (await (await admin.GetAsync("/v1/deliveries?status=failed")).JsonAsync(HttpStatusCode.OK)).GetProperty("items");
            return items.GetArrayLength() == 3 && items.EnumerateArray().All(i => i.GetProperty("last_error").GetString() == "forbidden_address");
        });
        Assert.Empty(receiver.All);
    }

    [Fact]
    public async Task Webhooks_and_deliveries_of_another_account_are_unknown()
    {
        using var admin = host.Admin();
        var id = (await CreateAsync(admin, $$"""{"url":"{{receiver.Url("/")}}"}""")).GetProperty("id").GetString();
        await ImportAsync(new());
        var delivery = (await DeliveryAsync("delivered")).GetProperty("id").GetString();
        using var other = host.Client(host.OtherToken);
        foreach (var (method, path) in ((string, string)[])[
            ("GET", $"/v1/webhooks/{id}"), ("PATCH", $"/v1/webhooks/{id}"), ("DELETE", $"/v1/webhooks/{id}"), ("POST", $"/v1/webhooks/{id}/rotate"), ("POST", $"/v1/webhooks/{id}/test"),
            ("GET", $"/v1/deliveries/{delivery}"), ("POST", $"/v1/deliveries/{delivery}/redeliver")])
        {
            var answers = new List<string>();
            foreach (var target in (string[])[path, path.Replace(id!, Guid.CreateVersion7().ToString(), StringComparison.Ordinal).Replace(delivery!, Guid.CreateVersion7().ToString(), StringComparison.Ordinal)])
            {
                using var request = new HttpRequestMessage(new(method), target) { Content = method == "PATCH" ? Answers.Json("{}") : null };
                using var response = await other.SendAsync(request);
                Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
                answers.Add(await response.Content.ReadAsStringAsync());
            }
            Assert.Equal(answers[0], answers[1]);
        }
        Assert.Equal(0, (await (await other.GetAsync("/v1/webhooks")).JsonAsync(HttpStatusCode.OK)).GetProperty("items").GetArrayLength());
        Assert.Equal(0, (await (await other.GetAsync("/v1/deliveries")).JsonAsync(HttpStatusCode.OK)).GetProperty("items").GetArrayLength());
    }

    [Theory]
    [InlineData("""{}""", "invalid_body")]
    [InlineData("""{"url":"https://example.org/","events":["import.exploded"]}""", "invalid_body")]
    [InlineData("""{"url":"https://example.org/","secret":"short"}""", "invalid_body")]
    [InlineData("""{"url":"not a url"}""", "invalid_url")]
    public async Task A_webhook_that_cannot_be_is_refused(string json, string code)
    {
        using var admin = host.Admin();
        using var response = await admin.PostAsync("/v1/webhooks", Answers.Json(json));
        await response.ProblemAsync(HttpStatusCode.BadRequest, code);
    }

    async Task<ImportResource> ImportAsync(ImportOptionsResource options)
    {
        using var client = new MusterClient(host.Client(null), host.AdminToken);
        using var file = new MemoryStream("email\nann@example.com\nbob@example.com\n"u8.ToArray());
        var import = await client.SubmitAsync(file, "a.csv", options, null, None, waitSeconds: 30);
        Assert.Equal("completed", import.Status);
        return import;
    }

    async Task<JsonElement> DeliveryAsync(string status)
    {
        using var admin = host.Admin();
        JsonElement found = default;
        await Until.TrueAsync(async () =>
        {
            var items = (await (await admin.GetAsync("/v1/deliveries?status=" + status)).JsonAsync(HttpStatusCode.OK)).GetProperty("items");
            found = items.GetArrayLength() > 0 ? items[0] : default;
            return items.GetArrayLength() > 0;
        });
        return found;
    }

    static async Task<JsonElement> CreateAsync(HttpClient client, string json)
    {
        using var response = await client.PostAsync("/v1/webhooks", Answers.Json(json));
        return await response.JsonAsync(HttpStatusCode.Created);
    }

    static JsonElement Json(Received received) => JsonDocument.Parse(received.Text).RootElement;

    static Func<Microsoft.AspNetCore.Http.HttpContext, Task> Status(int status) => context =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    };

    static Task Forever(Microsoft.AspNetCore.Http.HttpContext context)
    {
        var ended = new TaskCompletionSource();
        context.RequestAborted.Register(() => ended.TrySetResult());
        return ended.Task;
    }
}
