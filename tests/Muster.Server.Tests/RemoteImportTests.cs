using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Muster.Client;
using Muster.Server.Tests.Notifications;

namespace Muster.Server.Tests;

/// <summary>Sources by address, over a real Kestrel and a real server that holds the files.</summary>
public sealed class RemoteImportTests : IAsyncLifetime
{
    const string Csv = "email,first_name\nann@example.com,Ann\nnonsense,Bob\n";
    static readonly CancellationToken None = CancellationToken.None;

    readonly MusterHost host = new() { Settings = s => s with { OutboundAllow = "127.0.0.1:*", FetchRetriesMax = 0 } };
    readonly Receiver files = new();

    public async ValueTask InitializeAsync()
    {
        await host.InitializeAsync();
        await files.InitializeAsync();
        files.Answer = context => context.Response.WriteAsync(Csv);
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        await files.DisposeAsync();
    }

    [Fact]
    public async Task A_source_is_copied_and_then_imported_as_if_it_had_been_sent()
    {
        var import = await EndOfAsync(Source("/lists/contacts.csv?token=secret#x", ",\"options\":{\"lists\":[\"Remote\"]}"));
        Assert.Equal("completed", import.GetProperty("status").GetString());
        var source = import.GetProperty("source");
        Assert.Equal(("url", "contacts.csv", files.Url("/lists/contacts.csv")), (source.GetProperty("kind").GetString(), source.GetProperty("file_name").GetString(), source.GetProperty("url").GetString()));
        Assert.DoesNotContain("secret", import.ToString(), StringComparison.Ordinal);
        Assert.Equal((1, 1), (import.GetProperty("counts").GetProperty("created").GetInt32(), import.GetProperty("counts").GetProperty("rejected").GetInt32()));
        using var admin = host.Admin();
        Assert.Equal("email,first_name\nnonsense,Bob\n", await admin.GetStringAsync(import.GetProperty("links").GetProperty("rejects").GetString()));
        Assert.Equal("?token=secret", Assert.Single(files.All).Query);
    }

    [Fact]
    public async Task While_it_is_fetched_the_import_says_so_and_can_be_canceled()
    {
        files.Answer = async context =>
        {
            context.Response.ContentLength = 1_000;
            await context.Response.WriteAsync("email\n");
            await context.Response.Body.FlushAsync();
            var ended = new TaskCompletionSource();
            context.RequestAborted.Register(() => ended.TrySetResult());
            await ended.Task;
        };
        using var admin = host.Admin();
        var id = await SubmitAsync(Source("/slow.csv"));
        JsonElement import = default;
        await Until.TrueAsync(async () =>
        {
            import = await (await admin.GetAsync("/v1/imports/" + id)).JsonAsync(HttpStatusCode.OK);
            return import.GetProperty("progress").GetProperty("bytes_read").GetInt64() == 6;
        });
        Assert.Equal(("running", "fetching", 1_000), (import.GetProperty("status").GetString(), import.GetProperty("progress").GetProperty("phase").GetString(), import.GetProperty("progress").GetProperty("bytes_total").GetInt64()));

        // Another import goes its way meanwhile.
        using var client = new MusterClient(host.Client(null), host.AdminToken);
        using var file = new MemoryStream("email\nbob@example.com\n"u8.ToArray());
        Assert.Equal("completed", (await client.SubmitAsync(file, "b.csv", null, null, None, waitSeconds: 30)).Status);

        using var canceled = await admin.PostAsync($"/v1/imports/{id}/cancel", null);
        Assert.Equal("canceled", (await canceled.JsonAsync(HttpStatusCode.OK)).GetProperty("status").GetString());
    }

    [Theory]
    [InlineData(404, "fetch_refused")]
    [InlineData(403, "fetch_refused")]
    [InlineData(500, "fetch_refused")]
    [InlineData(302, "forbidden_address")]
    [InlineData(204, "fetch_refused")]
    public async Task What_cannot_be_fetched_fails_the_import_with_its_code(int status, string code)
    {
        files.Answer = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "http://169.254.169.254/latest/meta-data/";
            return Task.CompletedTask;
        };
        var import = await EndOfAsync(Source("/x.csv?token=secret"));
        Assert.Equal(("failed", code), (import.GetProperty("status").GetString(), import.GetProperty("failure").GetProperty("code").GetString()));
        Assert.DoesNotContain("secret", import.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fetched_source_that_cannot_be_used_fails_with_the_code_that_sending_it_would_answer()
    {
        files.Answer = context => context.Response.WriteAsync("colour\nred\n");
        var import = await EndOfAsync(Source("/x.csv"));
        Assert.Equal("no_usable_column", import.GetProperty("failure").GetProperty("code").GetString());
        Assert.Empty(Directory.EnumerateFiles(host.SpoolFolder));
    }

    [Theory]
    [InlineData("ftp://example.org/x.csv", "invalid_url")]
    [InlineData("/etc/passwd", "invalid_url")]
    [InlineData("http://10.0.0.1/x.csv", "forbidden_address")]
    [InlineData("http://2130706433:6379/", "forbidden_address")]
    [InlineData("s3://bucket/key.csv", "s3_not_configured")]
    public async Task An_address_that_can_never_be_fetched_is_refused_at_once(string url, string code)
    {
        await using var strict = new MusterHost();
        await strict.InitializeAsync();
        using var admin = strict.Admin();
        using var response = await admin.PostAsync("/v1/imports", Answers.Json(JsonSerializer.Serialize(new { source = new { url } })));
        await response.ProblemAsync(HttpStatusCode.BadRequest, code);
    }

    [Fact]
    public async Task The_same_key_with_the_same_address_is_the_same_import_and_with_another_a_conflict()
    {
        using var admin = host.Admin();
        var ids = new List<string>();
        foreach (var (path, status) in ((string, HttpStatusCode)[])[("/a.csv", HttpStatusCode.Accepted), ("/a.csv", HttpStatusCode.Accepted), ("/b.csv", HttpStatusCode.UnprocessableEntity)])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/imports") { Content = Answers.Json(Source(path)), Headers = { { "Idempotency-Key", "k" } } };
            using var response = await admin.SendAsync(request);
            var answer = await response.JsonAsync(status);
            if (status == HttpStatusCode.Accepted)
                ids.Add(answer.GetProperty("id").GetString()!);
        }
        Assert.Single(ids.Distinct());
    }

    [Theory]
    [InlineData("""{"webhook_url":"nowhere"}""", "invalid_url")]
    [InlineData("""{"webhook_url":"http://10.0.0.1/"}""", "forbidden_address")]
    [InlineData("""{"notify_email":"ann@example.com\r\nBcc: eve@example.com"}""", "invalid_option")]
    [InlineData("""{"notify_email":""}""", "invalid_option")]
    public async Task Whom_nobody_could_tell_is_refused(string options, string code)
    {
        await using var strict = new MusterHost();
        await strict.InitializeAsync();
        using var admin = strict.Admin();
        foreach (var body in (string[])["{\"contacts\":[{\"email\":\"a@example.com\"}],\"options\":" + options + "}", "{\"source\":{\"url\":\"https://example.org/x.csv\"},\"options\":" + options + "}"])
        {
            using var response = await admin.PostAsync("/v1/imports", Answers.Json(body));
            await response.ProblemAsync(HttpStatusCode.BadRequest, code);
        }
    }

    string Source(string path, string more = "") => $"{{\"source\":{{\"url\":\"{files.Url(path)}\"}}{more}}}";

    async Task<string> SubmitAsync(string json)
    {
        using var admin = host.Admin();
        using var response = await admin.PostAsync("/v1/imports", Answers.Json(json));
        var import = await response.JsonAsync(HttpStatusCode.Accepted);
        return import.GetProperty("id").GetString()!; // every import has one
    }

    async Task<JsonElement> EndOfAsync(string json)
    {
        var id = await SubmitAsync(json);
        using var admin = host.Admin();
        JsonElement import = default;
        await Until.TrueAsync(async () =>
        {
            import = await (await admin.GetAsync("/v1/imports/" + id)).JsonAsync(HttpStatusCode.OK);
            return import.GetProperty("status").GetString() is not ("queued" or "running");
        });
        return import;
    }
}
