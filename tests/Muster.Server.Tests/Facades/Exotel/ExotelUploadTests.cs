using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Muster.Contacts;
using Muster.Server.Facades;

namespace Muster.Server.Tests.Facades.Exotel;

/// <summary>CSV uploads: lists and their limits, bodies that are not what they say, and every refusal in the vendor's envelope.</summary>
public sealed class ExotelUploadTests(ExotelUploadTests.SmallHost small) : IClassFixture<ExotelUploadTests.SmallHost>
{
    /// <summary>A server whose limits are small enough to reach.</summary>
    public sealed class SmallHost : IAsyncLifetime
    {
        public FacadeHost Acme { get; } = new()
        {
            Host = new() { Server = s => s with { ExotelStaticListMax = 3, ExotelDynamicListMax = 4, ExotelFileBytesMax = 20_000, ExotelItemsMax = 4, FacadeBodyBytesMax = 50_000, KeyCacheSeconds = 0 } },
        };

        public ValueTask InitializeAsync() => Acme.InitializeAsync();
        public ValueTask DisposeAsync() => Acme.DisposeAsync();
    }

    readonly FacadeHost acme = small.Acme;

    [Fact]
    public async Task A_static_list_takes_rows_until_it_holds_its_limit_and_counts_the_rest_as_failed()
    {
        await UploadAsync("full", "number\n9876543210\n9876543211\n");
        var (list, stats) = await UploadAsync("full", "number\n9876543210\n9876543212\n9876543213\n9876543214\n");
        Assert.Equal("""completed {"duplicate":1,"total":4,"success":1,"failed":2}""", stats);
        Assert.Equal("""failed {"duplicate":0,"total":2,"success":0,"failed":2}""", (await UploadAsync("full", "number\n9876543215\n9876543216\n")).Stats);
        using var client = acme.Exotel();
        Assert.Equal(3, (await DataAsync(await client.GetAsync("lists/" + list))).GetProperty("contact_count").GetInt32());
        using var linked = await client.PostAsync("contacts", Answers.Json("""{"contacts":[{"number":"+14155550123"}]}"""));
        var sid = (await linked.JsonAsync(HttpStatusCode.MultiStatus)).GetProperty("response")[0].GetProperty("data").GetProperty("sid").GetString();
        using var beyond = await client.PostAsync($"lists/{list}/contacts", Answers.Json($$"""{"contact_references":[{"contact_sid":"{{sid}}"}]}"""));
        var item = (await beyond.JsonAsync(HttpStatusCode.MultiStatus)).GetProperty("response")[0];
        Assert.Equal((400, "The list holds as many contacts as it may: 3"), (item.GetProperty("code").GetInt32(), item.GetProperty("error_data").GetProperty("description").GetString()));
    }

    [Fact]
    public async Task Limits_are_the_accounts_and_the_setting_is_their_default()
    {
        var roomy = await acme.Host.MintAsync("roomy", KeyScope.Admin);
        var account = (await acme.Host.Stores.Accounts.FindAsync("roomy", CancellationToken.None))!; // made by the key
        async Task LimitAsync(params (string Setting, long Most)[] limits)
        {
            await acme.Host.Stores.Accounts.ChangeSettingsAsync(account.Id, s => s with { Limits = s.Limits with { Facades = limits.ToDictionary(l => l.Setting, l => l.Most) } }, CancellationToken.None);
        }
        using var native = acme.Host.Client(roomy);
        async Task<string> ShownAsync()
        {
            using var shown = await native.GetAsync("/v1/account");
            return (await shown.JsonAsync(HttpStatusCode.OK)).GetProperty("limits").GetProperty("exotel").GetRawText();
        }

        Assert.Equal("""{"static_list_max":3,"dynamic_list_max":4,"variables_max":5,"file_bytes_max":20000}""", await ShownAsync());
        const string Five = "number\n9876543210\n9876543211\n9876543212\n9876543213\n9876543214\n";
        Assert.Equal("""completed {"duplicate":0,"total":5,"success":3,"failed":2}""", (await UploadAsync("list", Five, null, "roomy", roomy)).Stats);
        await LimitAsync(("exotel_static_list_max", 4), ("exotel_dynamic_list_max", 0), ("exotel_variables_max", 1), ("exotel_file_bytes_max", 100_000));
        Assert.Equal("""{"static_list_max":4,"dynamic_list_max":null,"variables_max":1,"file_bytes_max":100000}""", await ShownAsync());
        // A list that is there follows its account, up and down.
        Assert.Equal("""completed {"duplicate":3,"total":5,"success":1,"failed":1}""", (await UploadAsync("list", Five, null, "roomy", roomy)).Stats);
        Assert.Equal("""completed {"duplicate":0,"total":5,"success":5,"failed":0}""", (await UploadAsync("dynamic", Five, "dynamic", "roomy", roomy)).Stats);
        await LimitAsync(("exotel_static_list_max", 2), ("exotel_variables_max", 1), ("exotel_file_bytes_max", 100_000));
        Assert.Equal("""failed {"duplicate":0,"total":1,"success":0,"failed":1}""", (await UploadAsync("list", "number\n9876543219\n", null, "roomy", roomy)).Stats);
        using var client = acme.Exotel("roomy", roomy);
        using var variables = await client.PostAsync("contacts/csv-upload", FacadeHost.Upload("two", "number,a,b\n9876543210,1,2\n", "dynamic"));
        Assert.Contains("at most 1 variables", await EnvelopeAsync(variables, HttpStatusCode.BadRequest), StringComparison.Ordinal);
        var large = "number\n" + string.Concat(Enumerable.Repeat("9876543210\n", 4_000));
        Assert.Equal("""completed {"duplicate":3999,"total":4000,"success":1,"failed":0}""", (await UploadAsync("large", large, null, "roomy", roomy)).Stats);
        await RefusedAsync(FacadeHost.Upload("large", large), "larger than the 20000 bytes");
    }

    [Fact]
    public async Task A_static_list_takes_a_hundred_thousand_and_no_more()
    {
        await using var own = new FacadeHost();
        await own.InitializeAsync();
        using var client = own.Exotel();
        var csv = new StringBuilder("number\n");
        for (var i = 0; i < 100_003; i++)
            csv.Append(CultureInfo.InvariantCulture, $"+9198{i:00000000}\n");
        using var upload = await client.PostAsync("contacts/csv-upload", FacadeHost.Upload("whole", csv.ToString()));
        var summary = (await DataAsync(upload)).GetProperty("summary");
        JsonElement status = default;
        await Until.TrueAsync(async () =>
        {
            status = await DataAsync(await client.GetAsync("csv-status/" + summary.GetProperty("upload_id").GetString()));
            return status.GetProperty("status").GetString() != "in-progress";
        });
        Assert.Equal("""completed {"duplicate":0,"total":100003,"success":100000,"failed":3}""", $"{status.GetProperty("status").GetString()} {status.GetProperty("stats").GetRawText()}");
        using var native = own.Native();
        using var errors = await native.GetAsync("/v1/imports/" + summary.GetProperty("upload_id").GetString() + "/errors");
        Assert.Equal(["list_full", "list_full", "list_full"], (await errors.JsonAsync(HttpStatusCode.OK)).GetProperty("items").EnumerateArray().Select(e => e.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task A_dynamic_list_has_a_limit_of_its_own_and_keeps_variables_of_each_contact()
    {
        var (list, stats) = await UploadAsync("dynamic", "number,first_name,a,b,c,d,e\n9876543310,N,1,2,3,4,5\n9876543311,,x,,,,\n", "dynamic");
        Assert.Equal("""completed {"duplicate":0,"total":2,"success":2,"failed":0}""", stats);
        Assert.Equal("""completed {"duplicate":0,"total":3,"success":2,"failed":1}""", (await UploadAsync("dynamic", "number\n9876543312\n9876543313\n9876543314\n")).Stats);
        using var client = acme.Exotel();
        var headers = await DataAsync(await client.GetAsync($"contacts/csv-upload/{list}?type=dynamic"));
        Assert.Equal("""["number","a","b","c","d","e"]""", headers.GetProperty("headers").GetRawText());
        using var page = await client.GetAsync($"lists/{list}/contacts");
        var contacts = (await page.JsonAsync(HttpStatusCode.OK)).GetProperty("response");
        Assert.Equal("""{"a":"1","b":"2","c":"3","d":"4","e":"5"}""", contacts[0].GetProperty("data").GetProperty("custom").GetRawText());
        Assert.Equal("""{"a":"x"}""", contacts[1].GetProperty("data").GetProperty("custom").GetRawText());
        await RefusedAsync(FacadeHost.Upload("dynamic", "number,sixth\n9876543315,6\n"), "at most 5 variables");
        await RefusedAsync(FacadeHost.Upload("new dynamic", "number,a,b,c,d,e,f\n9876543315,1,2,3,4,5,6\n", "dynamic"), "at most 5 variables");
        await RefusedAsync(FacadeHost.Upload("dynamic", "number\n9876543315\n", "static"), "a list keeps its type");
    }

    public static TheoryData<string, string?, string, string> Refusals() => new()
    {
        { "x", null, "name,phone\nA,9876543210\n", "no column number" },
        { "x", null, "", "not a CSV" },
        { "x", null, "number\n", "not a CSV" },
        { "x", null, """[{"number":"9876543210"}]""", "not a CSV" },
        { "x", "sometimes", "number\n9876543210\n", "type must be" },
        { "", null, "number\n9876543210\n", "list_name is missing" },
        { "  ", " Static ", "number\n9876543210\n", "list_name is missing" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_form_that_cannot_be_used_is_400_and_leaves_no_list(string list, string? type, string csv, string why)
    {
        await RefusedAsync(FacadeHost.Upload(list, csv, type), why);
        using var client = acme.Exotel();
        using var lists = await client.GetAsync("lists?name=x");
        Assert.Equal(0, (await lists.JsonAsync(HttpStatusCode.OK)).GetProperty("response").EnumerateArray().Count(l => l.GetProperty("data").GetProperty("name").GetString() == "x"));
    }

    [Fact]
    public async Task Parts_of_a_form_are_known_in_any_case()
    {
        using var client = acme.Exotel();
        using var form = new MultipartFormDataContent { { new ByteArrayContent("number\n9876543299\n"u8.ToArray()), "File_Name", "a.csv" }, { new StringContent("any case"), "LIST_NAME" }, { new StringContent("STATIC"), "Type" } };
        Assert.Equal("any case", (await DataAsync(await client.PostAsync("contacts/csv-upload", form))).GetProperty("list").GetProperty("name").GetString());
        using var contacts = await client.PostAsync("contacts", Answers.Json("""{"contacts":[{"Number":"9876543298","First_Name":"Asha"}]}"""));
        var contact = (await contacts.JsonAsync(HttpStatusCode.MultiStatus)).GetProperty("response")[0].GetProperty("data");
        Assert.Equal(("+919876543298", "Asha"), (contact.GetProperty("number").GetString(), contact.GetProperty("first_name").GetString()));
    }

    [Fact]
    public async Task A_file_beyond_the_limit_is_400_in_the_envelope()
    {
        var csv = new StringBuilder("number\n");
        while (csv.Length <= 20_000)
            csv.Append("9876543210\n");
        await RefusedAsync(FacadeHost.Upload("large", csv.ToString()), "larger than the 20000 bytes");
    }

    [Fact]
    public async Task Bulk_calls_and_pages_have_limits()
    {
        using var client = acme.Exotel();
        foreach (var (path, body, put) in ((string, string, bool)[])
        [
            ("contacts", $$"""{"contacts":[{{Times("""{"number":"9876543210"}""", 5)}}]}""", false), ("contacts", $$"""{"contacts":[{{Times("""{"sid":"x"}""", 5)}}]}""", true),
            ("lists", $$"""{"lists":[{{Times("""{"name":"x"}""", 5)}}]}""", false), ("lists", $$"""{"lists":[{{Times("""{"sid":"x"}""", 5)}}]}""", true),
            ("contacts", """{"contacts":[]}""", false), ("lists", "{}", false), ("lists", "[]", false), ("contacts", "nonsense", false), ("contacts", """{"contacts":{}}""", true),
            ("contacts", $$"""{"contacts":[{"first_name":"{{new string('x', 60_000)}}"}]}""", false),
        ])
        {
            using var response = put ? await client.PutAsync(path, Answers.Json(body)) : await client.PostAsync(path, Answers.Json(body));
            await EnvelopeAsync(response, HttpStatusCode.BadRequest);
        }
        foreach (var query in (string[])["limit=5", "limit=0", "limit=x", "offset=-1", "sort_by=colour", "sort_by=name:sideways"])
        {
            using var response = await client.GetAsync("contacts?" + query);
            await EnvelopeAsync(response, HttpStatusCode.BadRequest);
        }

        static string Times(string item, int count) => string.Join(',', Enumerable.Repeat(item, count));
    }

    [Fact]
    public async Task Every_answer_is_json_whatever_the_body_is()
    {
        using var client = acme.Exotel();
        foreach (var vector in JsonDocument.Parse(await File.ReadAllBytesAsync(SharedFolder.Path("corpora/multipart_vectors.json"))).RootElement.EnumerateArray())
        {
            var body = vector.GetProperty("body_b64").GetBytesFromBase64();
            foreach (var type in (string[])["multipart/form-data; boundary=" + vector.GetProperty("boundary").GetString(), "multipart/form-data", "application/json", "application/x-www-form-urlencoded", "text/plain"])
            {
                using var content = new ByteArrayContent(body);
                content.Headers.TryAddWithoutValidation("Content-Type", type);
                using var response = await client.PostAsync("contacts/csv-upload", content);
                await EnvelopeAsync(response, HttpStatusCode.BadRequest);
            }
        }
    }

    [Theory]
    [InlineData("multipart/form-data; boundary=b")]
    [InlineData("multipart/form-data")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData(null)]
    public async Task The_vectors_parts_arrive_as_they_were_sent(string? type)
    {
        using var folder = new TestFolder();
        var spool = new Sources.Spool(new() { Data = folder.Path, FreeDiskMin = 0 });
        foreach (var vector in JsonDocument.Parse(await File.ReadAllBytesAsync(SharedFolder.Path("corpora/multipart_vectors.json"))).RootElement.EnumerateArray())
        {
            var expect = vector.GetProperty("expect");
            if (expect.TryGetProperty("either", out _) || expect.TryGetProperty("error", out _) || !expect.TryGetProperty("parts", out var parts))
                continue;
            var context = new Microsoft.AspNetCore.Http.DefaultHttpContext();
            context.Request.ContentType = type?.Replace("=b", "=" + vector.GetProperty("boundary").GetString(), StringComparison.Ordinal);
            context.Request.Body = new MemoryStream(vector.GetProperty("body_b64").GetBytesFromBase64());
            var form = await new UploadFormReader(spool).ReadAsync(context.Request, ["file_name", "file"], 1_000, CancellationToken.None);
            foreach (var part in parts.EnumerateArray().Where(p => p.GetProperty("type").GetString() == "field"))
                Assert.Equal(Encoding.UTF8.GetString(part.GetProperty("data_b64").GetBytesFromBase64()), form.Fields[part.GetProperty("name").GetString()!]); // every part has a name
            if (parts.EnumerateArray().FirstOrDefault(p => p.GetProperty("type").GetString() == "file") is { ValueKind: JsonValueKind.Object } file)
            {
                Assert.Equal(file.GetProperty("file_name").GetString(), form.FileName);
                Assert.Equal(file.GetProperty("data_b64").GetBytesFromBase64(), await File.ReadAllBytesAsync(spool.PathOf(form.File!.Name))); // a file came
            }
        }
    }

    [Fact]
    public async Task An_upload_is_an_import_of_the_native_api()
    {
        var (_, stats) = await UploadAsync("native", "number,email\n9876543410,no\n12,a@example.com\n");
        Assert.Equal("""completed {"duplicate":0,"total":2,"success":1,"failed":1}""", stats);
        using var native = acme.Native();
        using var page = await native.GetAsync("/v1/imports?limit=100");
        var import = (await page.JsonAsync(HttpStatusCode.OK)).GetProperty("items").EnumerateArray().First(i => i.GetProperty("source").GetProperty("bytes").GetInt32() == 44);
        using var errors = await native.GetAsync($"/v1/imports/{import.GetProperty("id").GetString()}/errors");
        Assert.Equal(["warning invalid_email", "error phone_too_short"],
            (await errors.JsonAsync(HttpStatusCode.OK)).GetProperty("items").EnumerateArray().Select(e => $"{e.GetProperty("severity").GetString()} {e.GetProperty("code").GetString()}"));
        using var rejects = await native.GetAsync($"/v1/imports/{import.GetProperty("id").GetString()}/rejects");
        Assert.Equal("number,email\n12,a@example.com\n", await rejects.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(ImportStatus.Queued, "in-progress")]
    [InlineData(ImportStatus.Running, "in-progress")]
    [InlineData(ImportStatus.Paused, "in-progress")]
    [InlineData(ImportStatus.Held, "in-progress")]
    [InlineData(ImportStatus.Planned, "in-progress")]
    [InlineData(ImportStatus.Completed, "completed")]
    [InlineData(ImportStatus.Undone, "completed")]
    [InlineData(ImportStatus.Failed, "failed")]
    [InlineData(ImportStatus.Canceled, "failed")]
    public void Every_status_has_a_word(ImportStatus status, string word)
    {
        var import = new Import
        {
            Id = Guid.CreateVersion7(), AccountId = 1, Kind = ImportKind.Import, Status = status, Options = new(), CreatedAt = default,
            Source = new("file", null, 0, "", null, "csv", "utf-8", ",", [], 0, true), Counts = new(1, 2, 3, 4, 5, 6, 7, 8),
        };
        Assert.Equal(word, Server.Facades.Exotel.CsvUploads.StatusOf(import));
        Assert.Equal((6, 18, 28), (import.Counts.Accepted, Server.Facades.Exotel.CsvUploads.Failed(import.Counts), import.Counts.Read));
    }

    async Task<(string List, string Stats)> UploadAsync(string list, string csv, string? type = null, string account = "acme", string? token = null)
    {
        using var client = acme.Exotel(account, token);
        var upload = await DataAsync(await client.PostAsync("contacts/csv-upload", FacadeHost.Upload(list, csv, type)));
        var id = upload.GetProperty("summary").GetProperty("upload_id").GetString();
        JsonElement status = default;
        await Until.TrueAsync(async () => (status = await DataAsync(await client.GetAsync("csv-status/" + id))).GetProperty("status").GetString() != "in-progress");
        return (upload.GetProperty("list").GetProperty("sid").GetString()!, $"{status.GetProperty("status").GetString()} {status.GetProperty("stats").GetRawText()}"); // every list has a sid
    }

    async Task RefusedAsync(HttpContent form, string why)
    {
        using var client = acme.Exotel();
        using var response = await client.PostAsync("contacts/csv-upload", form);
        Assert.Contains(why, await EnvelopeAsync(response, HttpStatusCode.BadRequest), StringComparison.Ordinal);
    }

    /// <summary>The description of a refusal, after checking that its envelope is one.</summary>
    static async Task<string> EnvelopeAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        var body = await response.JsonAsync(status);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(["request_id", "method", "http_code", "response"], body.EnumerateObject().Select(m => m.Name));
        Assert.Equal((int)status, body.GetProperty("http_code").GetInt32());
        var error = body.GetProperty("response");
        Assert.Equal(("failure", JsonValueKind.Null), (error.GetProperty("status").GetString(), error.GetProperty("data").ValueKind));
        return error.GetProperty("error_data").GetProperty("description").GetString()!; // always a text
    }

    static async Task<JsonElement> DataAsync(HttpResponseMessage response)
    {
        using (response)
            return (await response.JsonAsync(HttpStatusCode.OK)).GetProperty("response").GetProperty("data");
    }
}
