using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Muster.Storage;

namespace Muster.Server.Tests;

public sealed class UploadTests(MusterHost host) : IClassFixture<MusterHost>
{
    static readonly byte[] Csv = "Kontakt;Mobil;Geboren\r\nann@example.com;+61 412 345 678;1990-05-14\r\nbob@example.com;+61412345679;\r\n"u8.ToArray();

    static ByteArrayContent Raw(byte[] bytes, string type = "text/csv") => new(bytes) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };

    static async Task<string> UploadAsync(HttpClient client, byte[] bytes)
    {
        using var response = await client.PostAsync("/v1/uploads?file_name=contacts.csv", Raw(bytes));
        return (await response.JsonAsync(HttpStatusCode.Created)).GetProperty("id").GetString()!; // an upload has an id
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_upload_is_taken_as_a_body_and_as_a_form(bool form)
    {
        using var client = host.Admin();
        using var response = await client.PostAsync("/v1/uploads", form ? Answers.Form(Csv, null) : Raw(Csv));
        var upload = await response.JsonAsync(HttpStatusCode.Created);
        var path = "/v1/uploads/" + upload.GetProperty("id").GetString();
        Assert.Equal(path, response.Headers.Location?.OriginalString);
        Assert.Equal(Csv.Length, upload.GetProperty("bytes").GetInt64());
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Csv)), upload.GetProperty("sha256").GetString());
        Assert.Equal(upload.GetProperty("created_at").GetDateTimeOffset().AddHours(24), upload.GetProperty("expires_at").GetDateTimeOffset());
        Assert.Equal(form ? "contacts.csv" : null, upload.GetProperty("file_name").GetString());

        using var again = await client.GetAsync(path);
        Assert.Equal(upload.GetRawText(), (await again.JsonAsync(HttpStatusCode.OK)).GetRawText());
    }

    [Fact]
    public async Task An_upload_is_imported_and_its_source_outlives_it()
    {
        using var client = host.Admin();
        var id = await UploadAsync(client, Csv);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/imports")
        {
            Content = Answers.Json($$"""{"source":{"upload_id":"{{id}}"},"options":{"tags":["from upload"]} }"""), Headers = { { "Prefer", "wait=60" } },
        };
        using var response = await client.SendAsync(request);
        var import = await response.JsonAsync(HttpStatusCode.Accepted);
        Assert.Equal("completed", import.GetProperty("status").GetString());
        Assert.Equal(2, import.GetProperty("counts").GetProperty("created").GetInt32());
        Assert.Equal("upload", import.GetProperty("source").GetProperty("kind").GetString());
        Assert.Equal("contacts.csv", import.GetProperty("source").GetProperty("file_name").GetString());
        using (var deleted = await client.DeleteAsync("/v1/uploads/" + id))
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        using (var gone = await client.GetAsync("/v1/uploads/" + id))
            await gone.ProblemAsync(HttpStatusCode.NotFound, "not_found");
        using (var late = await client.PostAsync("/v1/imports", Answers.Json($$"""{"source":{"upload_id":"{{id}}"} }""")))
            await late.ProblemAsync(HttpStatusCode.BadRequest, "unknown_upload");

        using var rejects = await client.GetAsync(response.Headers.Location?.OriginalString + "/rejects");
        Assert.Equal("Kontakt;Mobil;Geboren\r\n", await rejects.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_deleted_upload_that_no_import_uses_leaves_nothing_in_the_spool()
    {
        using var client = host.Admin();
        var before = Directory.GetFiles(host.SpoolFolder).Length;
        var id = await UploadAsync(client, Csv);
        Assert.Equal(before + 1, Directory.GetFiles(host.SpoolFolder).Length);
        using var deleted = await client.DeleteAsync("/v1/uploads/" + id);
        Assert.Equal(before, Directory.GetFiles(host.SpoolFolder).Length);
    }

    [Fact]
    public async Task A_refused_import_leaves_its_upload_alone()
    {
        using var client = host.Admin();
        var id = await UploadAsync(client, "Colour\r\nred\r\n"u8.ToArray());
        using (var response = await client.PostAsync("/v1/imports", Answers.Json($$"""{"source":{"upload_id":"{{id}}"} }""")))
            await response.ProblemAsync(HttpStatusCode.BadRequest, "no_usable_column");
        using var preview = await client.GetAsync($"/v1/uploads/{id}/preview");
        var shown = await preview.JsonAsync(HttpStatusCode.OK);
        Assert.Equal("no_usable_column", shown.GetProperty("problem").GetProperty("code").GetString());
        Assert.Equal("Colour", shown.GetProperty("columns")[0].GetProperty("column").GetString());
        Assert.Equal("red", shown.GetProperty("rows")[0].GetProperty("cells")[0].GetProperty("value").GetString());
    }

    [Fact]
    public async Task Another_account_sees_an_upload_as_one_that_nobody_has()
    {
        using var client = host.Admin();
        using var other = host.Client(host.OtherToken);
        var id = await UploadAsync(client, Csv);
        foreach (var path in (string[])[$"/v1/uploads/{id}", $"/v1/uploads/{id}/preview"])
        {
            using var foreign = await other.GetAsync(path);
            using var unknown = await other.GetAsync(path.Replace(id, Guid.CreateVersion7().ToString(), StringComparison.Ordinal));
            Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
            Assert.Equal(await unknown.Content.ReadAsStringAsync(), await foreign.Content.ReadAsStringAsync());
        }
        using (var deleted = await other.DeleteAsync("/v1/uploads/" + id))
            await deleted.ProblemAsync(HttpStatusCode.NotFound, "not_found");
        using (var import = await other.PostAsync("/v1/imports", Answers.Json($$"""{"source":{"upload_id":"{{id}}"} }""")))
            await import.ProblemAsync(HttpStatusCode.BadRequest, "unknown_upload");
        using var listed = await other.GetAsync("/v1/uploads");
        Assert.DoesNotContain((await listed.JsonAsync(HttpStatusCode.OK)).GetProperty("items").EnumerateArray(), u => u.GetProperty("id").GetString() == id);
    }

    [Theory]
    [InlineData("""{"source":{}}""", "unsupported_source")]
    [InlineData("""{"source":"x"}""", "unsupported_source")]
    [InlineData("""{"source":{"upload_id":5}}""", "unsupported_source")]
    [InlineData("""{"source":{"upload_id":"no id"}}""", "unknown_upload")]
    [InlineData("""{"source":{"upload_id":"x"},"contacts":[]}""", "malformed_json")]
    [InlineData("""{"options":{}}""", "malformed_json")]
    public async Task A_source_that_cannot_be_is_refused(string body, string code)
    {
        using var client = host.Admin();
        using var response = await client.PostAsync("/v1/imports", Answers.Json(body));
        await response.ProblemAsync(HttpStatusCode.BadRequest, code);
    }

    [Fact]
    public async Task A_preview_says_what_an_import_would_do_and_does_nothing()
    {
        using var client = host.Client(host.OtherToken);
        var csv = "Kontakt,Handy,Größe,Wann\r\nann@example.com,+61 412 345 678,\"1,5\",31/01/2026\r\nno-address,12,x,\r\n bob@example.com ,,,\r\n";
        var id = await UploadAsync(client, Encoding.UTF8.GetBytes(csv));
        using var response = await client.GetAsync($"/v1/uploads/{id}/preview?rows=2&match=email");
        var shown = await response.JsonAsync(HttpStatusCode.OK);

        var golden = Repository.Full("tests/Muster.Server.Tests/Preview/preview.json");
        var text = JsonSerializer.Serialize(shown, new JsonSerializerOptions { WriteIndented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n";
        if (Environment.GetEnvironmentVariable("MUSTER_UPDATE_GOLDEN") == "1")
            await File.WriteAllTextAsync(golden, text);
        Assert.Equal(await File.ReadAllTextAsync(golden), text);

        using var contacts = await client.GetAsync("/v1/contacts");
        Assert.Equal(0, (await contacts.JsonAsync(HttpStatusCode.OK)).GetProperty("items").GetArrayLength());
        using var fields = await client.GetAsync("/v1/fields");
        Assert.Equal(0, (await fields.JsonAsync(HttpStatusCode.OK)).GetProperty("items").GetArrayLength());
    }

    [Theory]
    [InlineData("?rows=many", "invalid_parameter")]
    [InlineData("?lits=A", "unknown_option")]
    [InlineData("?options=nonsense", "invalid_option")]
    [InlineData("?match=email&options=%7B%7D", "invalid_option")]
    [InlineData("?mapping=%7B%22Fax%22%3A%22phone%22%7D", "unknown_column")]
    public async Task A_preview_with_options_that_cannot_be_is_refused(string query, string code)
    {
        using var client = host.Admin();
        var id = await UploadAsync(client, Csv);
        using var response = await client.GetAsync($"/v1/uploads/{id}/preview{query}");
        await response.ProblemAsync(HttpStatusCode.BadRequest, code);
    }

    [Fact]
    public async Task A_preview_finds_the_bad_row_in_the_middle_of_a_large_file()
    {
        using var client = host.Admin();
        var csv = new StringBuilder("email,phone\n");
        for (var i = 0; i < 40_000; i++)
            csv.Append(System.Globalization.CultureInfo.InvariantCulture, $"{(i > 15_000 && i % 2 == 0 ? "no-address" : $"a{i}@example.com")},\n");
        var id = await UploadAsync(client, Encoding.UTF8.GetBytes(csv.ToString()));
        using var response = await client.GetAsync($"/v1/uploads/{id}/preview");
        var shown = await response.JsonAsync(HttpStatusCode.OK);
        Assert.False(shown.GetProperty("scan").GetProperty("whole").GetBoolean());
        Assert.InRange(shown.GetProperty("scan").GetProperty("rows").GetInt32(), 1_001, 5_000);
        var worst = shown.GetProperty("worst_rows");
        Assert.Equal(20, worst.GetArrayLength());
        Assert.Equal(JsonValueKind.Null, worst[0].GetProperty("row_number").ValueKind);
        Assert.Equal("invalid_email", worst[0].GetProperty("cells")[0].GetProperty("code").GetString());
    }

    [Fact]
    public async Task An_account_holds_no_more_uploads_than_its_limit_and_none_for_ever()
    {
        var clock = new AdvancingClock();
        await using var small = new MusterHost { Settings = s => s with { UploadsHeldMax = 2 }, RunsImports = false, Time = clock };
        await small.InitializeAsync();
        using var client = small.Admin();
        var id = await UploadAsync(client, Csv);
        await UploadAsync(client, Csv);
        using (var third = await client.PostAsync("/v1/uploads", Raw(Csv)))
            await third.ProblemAsync(HttpStatusCode.Conflict, "uploads_full");
        Assert.Equal(2, Directory.GetFiles(small.SpoolFolder).Length);

        clock.Now += TimeSpan.FromHours(24);
        using (var expired = await client.GetAsync("/v1/uploads/" + id))
            await expired.ProblemAsync(HttpStatusCode.NotFound, "not_found");
        await UploadAsync(client, Csv);
    }

    [Fact]
    public async Task Uploads_count_towards_the_spool_quota_and_an_import_of_one_costs_nothing_more()
    {
        await using var small = new MusterHost { Settings = s => s with { SpoolBytesMax = Csv.Length * 2 + 10 } };
        await small.InitializeAsync();
        using var client = small.Admin();
        var id = await UploadAsync(client, Csv);
        await UploadAsync(client, Csv);
        using (var third = await client.PostAsync("/v1/uploads", Raw(Csv)))
            await third.ProblemAsync(HttpStatusCode.InsufficientStorage, "spool_quota_exceeded");
        using (var file = await client.PostAsync("/v1/imports", Raw(Csv)))
            await file.ProblemAsync(HttpStatusCode.InsufficientStorage, "spool_quota_exceeded");
        Assert.Equal(2, Directory.GetFiles(small.SpoolFolder).Length);
        var usage = JsonDocument.Parse(await client.GetStringAsync("/v1/account")).RootElement.GetProperty("usage");
        Assert.Equal(Csv.Length * 2, usage.GetProperty("spool_bytes").GetInt64());

        using (var import = await client.PostAsync("/v1/imports", Answers.Json($$"""{"source":{"upload_id":"{{id}}"} }""")))
            Assert.Equal(HttpStatusCode.Accepted, import.StatusCode);
        using (var deleted = await client.DeleteAsync("/v1/uploads/" + id))
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        using var full = await client.PostAsync("/v1/uploads", Raw(Csv)); // the import keeps its source
        await full.ProblemAsync(HttpStatusCode.InsufficientStorage, "spool_quota_exceeded");
    }

    [Fact]
    public async Task Uploads_survive_a_restart_and_expired_ones_leave_the_spool()
    {
        var time = TimeProvider.System.GetUtcNow();
        var account = (await host.Stores.Accounts.FindAsync("main", CancellationToken.None))!; // made by the host
        var uploads = host.Stores.Uploads;
        foreach (var (name, hours) in ((string, int)[])[("kept", 1), ("gone", -1)])
            Assert.Equal(UploadRoom.Taken, await uploads.AddAsync(new(Guid.CreateVersion7(), account.Id, name, 1, "", name, time.AddHours(-2), time.AddHours(hours)), 1_000, 0, CancellationToken.None));
        Assert.Equal(["gone"], await uploads.ExpireAsync(time, CancellationToken.None));
        Assert.Contains("kept", await host.Stores.Imports.SpoolsInUseAsync(CancellationToken.None));
        using var reopened = Muster.Sqlite.SqliteStores.Open(new() { Data = Path.GetDirectoryName(host.SpoolFolder)! }, TimeProvider.System);
        Assert.Contains((await reopened.Uploads.ListAsync(account.Id, time, null, 1_000, CancellationToken.None)).Items, u => u.FileName == "kept");
    }

    /// <summary>The system's clock until it is moved.</summary>
    sealed class AdvancingClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = System.GetUtcNow();
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
