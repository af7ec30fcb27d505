using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Muster.Server.Tests;

public sealed class SubmissionTests(SubmissionTests.QueuingHost fixture) : IClassFixture<SubmissionTests.QueuingHost>
{
    /// <summary>A server that takes imports and runs none, with room for 64 KiB a source.</summary>
    public sealed class QueuingHost : IAsyncLifetime
    {
        public MusterHost Host { get; } = new() { RunsImports = false, Settings = s => s with { SourceBytesMax = 64 << 10 } };
        public ValueTask InitializeAsync() => Host.InitializeAsync();
        public ValueTask DisposeAsync() => Host.DisposeAsync();
    }

    static readonly byte[] Csv = "email,name\r\nann@example.com,Ann\r\n"u8.ToArray();
    readonly MusterHost host = fixture.Host;

    async Task<HttpResponseMessage> SubmitAsync(HttpContent content, string query = "", string? idempotencyKey = null)
    {
        using var client = host.Admin();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/imports" + query) { Content = content };
        if (idempotencyKey is not null)
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        return await client.SendAsync(request);
    }

    static ByteArrayContent Raw(byte[] bytes, string type) => new(bytes) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_form_takes_file_and_options_in_either_order(bool optionsFirst)
    {
        using var response = await SubmitAsync(Answers.Form(Csv, """{"lists":["Customers"]}""", optionsFirst));
        var import = await response.JsonAsync(HttpStatusCode.Accepted);
        Assert.Equal("queued", import.GetProperty("status").GetString());
        Assert.Equal("/v1/imports/" + import.GetProperty("id").GetString(), response.Headers.Location?.OriginalString);
        Assert.Equal("contacts.csv", import.GetProperty("source").GetProperty("file_name").GetString());
        Assert.Equal(Csv.Length, import.GetProperty("source").GetProperty("bytes").GetInt64());
        Assert.Equal("Customers", import.GetProperty("options").GetProperty("lists")[0].GetString());
    }

    [Fact]
    public async Task A_raw_body_takes_its_options_from_the_query()
    {
        using var response = await SubmitAsync(Raw(Csv, "text/csv"), "?lists=A&lists=B%2CC&file_name=x.csv&header=true&mapping=" + Uri.EscapeDataString("""{"name":"first_name"}"""));
        var import = await response.JsonAsync(HttpStatusCode.Accepted);
        Assert.Equal("body", import.GetProperty("source").GetProperty("kind").GetString());
        Assert.Equal("B,C", import.GetProperty("options").GetProperty("lists")[1].GetString());
        Assert.Equal("first_name", import.GetProperty("options").GetProperty("mapping").GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("""{"lits":["A"]}""", "unknown_option")]
    [InlineData("""{"lists":"A"}""", "invalid_option")]
    [InlineData("nonsense", "invalid_option")]
    [InlineData("[]", "invalid_option")]
    public async Task Bad_options_are_refused_by_name(string options, string code)
    {
        using var response = await SubmitAsync(Answers.Form(Csv, options));
        await response.ProblemAsync(HttpStatusCode.BadRequest, code);
    }

    [Theory]
    [InlineData("?lits=A", "unknown_option")]
    [InlineData("?match=email&match=phone", "invalid_option")]
    [InlineData("?list_ids=x", "invalid_option")]
    [InlineData("?header=perhaps", "invalid_option")]
    [InlineData("?mapping=nonsense", "invalid_option")]
    public async Task Bad_options_in_the_query_are_refused_by_name(string query, string code)
    {
        using var response = await SubmitAsync(Raw(Csv, "text/csv"), query);
        await response.ProblemAsync(HttpStatusCode.BadRequest, code);
    }

    [Fact]
    public async Task A_form_without_a_file_or_with_two_or_cut_off_is_refused()
    {
        var none = new MultipartFormDataContent { { new StringContent("{}"), "options" } };
        using (var response = await SubmitAsync(none))
            await response.ProblemAsync(HttpStatusCode.BadRequest, "malformed_multipart");
        var two = Answers.Form(Csv, null);
        two.Add(new ByteArrayContent(Csv), "file", "again.csv");
        using (var response = await SubmitAsync(two))
            await response.ProblemAsync(HttpStatusCode.BadRequest, "malformed_multipart");
        var cut = Encoding.ASCII.GetBytes("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nemail\r\nann@exam");
        using (var response = await SubmitAsync(Raw(cut, "multipart/form-data; boundary=b")))
            await response.ProblemAsync(HttpStatusCode.BadRequest, "malformed_multipart");
        using (var response = await SubmitAsync(Raw(cut, "multipart/form-data")))
            await response.ProblemAsync(HttpStatusCode.BadRequest, "malformed_multipart");
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/mixed; boundary=b")]
    public async Task A_body_of_a_type_that_holds_no_source_is_refused(string type)
    {
        using var response = await SubmitAsync(Raw(Csv, type));
        await response.ProblemAsync(HttpStatusCode.UnsupportedMediaType, "unsupported_media_type");
    }

    [Theory]
    [InlineData("""{"contacts":5}""", "malformed_json")]
    [InlineData("""{"contacts":[]""", "malformed_json")]
    [InlineData("""{"people":[]}""", "malformed_json")]
    [InlineData("", "malformed_json")]
    public async Task A_json_body_that_holds_no_contacts_is_refused(string body, string code)
    {
        using var response = await SubmitAsync(Answers.Json(body));
        await response.ProblemAsync(HttpStatusCode.BadRequest, code);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2 << 20)]
    public async Task A_source_above_the_limit_is_refused_as_too_large(int over)
    {
        var large = new byte[(64 << 10) + over];
        Array.Fill(large, (byte)'a');
        using var response = await SubmitAsync(Raw(large, "text/csv"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task The_same_key_and_bytes_answer_with_the_import_that_is_there()
    {
        using var first = await SubmitAsync(Answers.Form(Csv, null), idempotencyKey: "k1");
        using var second = await SubmitAsync(Answers.Form(Csv, null, optionsFirst: true), idempotencyKey: "k1");
        var one = await first.JsonAsync(HttpStatusCode.Accepted);
        var two = await second.JsonAsync(HttpStatusCode.Accepted);
        Assert.Equal(one.GetProperty("id").GetString(), two.GetProperty("id").GetString());
        using var other = await SubmitAsync(Answers.Form([.. Csv, .. "bob@example.com,Bob\r\n"u8], null), idempotencyKey: "k1");
        await other.ProblemAsync(HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
    }

    [Fact]
    public async Task A_refused_source_leaves_nothing_in_the_spool()
    {
        var before = Directory.GetFiles(host.SpoolFolder).Length;
        using var response = await SubmitAsync(Answers.Form(Csv, "nonsense"));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(before, Directory.GetFiles(host.SpoolFolder).Length);
    }

    [Fact]
    public async Task Pausing_resuming_and_canceling_are_idempotent_and_refuse_what_is_over()
    {
        using var submitted = await SubmitAsync(Answers.Form(Csv, null));
        var path = submitted.Headers.Location?.OriginalString;
        using var client = host.Admin();
        foreach (var (verb, status) in ((string, string)[])[("pause", "paused"), ("pause", "paused"), ("resume", "queued"), ("resume", "queued"), ("cancel", "canceled"), ("cancel", "canceled")])
        {
            using var response = await client.PostAsync($"{path}/{verb}", null);
            var import = await response.JsonAsync(HttpStatusCode.OK);
            Assert.Equal(status, import.GetProperty("status").GetString());
        }
        using var late = await client.PostAsync(path + "/resume", null);
        await late.ProblemAsync(HttpStatusCode.Conflict, "wrong_status");
    }

    [Fact]
    public async Task A_full_disk_answers_507_and_says_when_to_come_back()
    {
        var full = new MusterHost { RunsImports = false, Settings = s => s with { FreeDiskMin = 1L << 50 } };
        await using (full)
        {
            await full.InitializeAsync();
            using var client = full.Admin();
            using var response = await client.PostAsync("/v1/imports", Answers.Form(Csv, null));
            await response.ProblemAsync(HttpStatusCode.InsufficientStorage, "disk_full");
            Assert.NotNull(response.Headers.RetryAfter);
        }
    }
}
