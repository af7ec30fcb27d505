using System.Globalization;
using System.Net;
using System.Text.Json;
using Muster.Contacts;
using Muster.Server.Tests.Facades.Dotmailer;

namespace Muster.Server.Tests.Facades;

/// <summary>Limits of the account and the server, each told in the form of the vendor whose client meets it.</summary>
public sealed class FacadeLimitTests
{
    const string CellcastBody = """{"contacts":[{"phone_number":"0400000001"}]}""";
    const string ExotelBody = """{"contacts":[{"number":"+919876543210"}]}""";

    [Fact]
    public async Task Too_many_imports_under_way()
    {
        await using var acme = await StartAsync(s => s with { ImportsActiveMax = 1 }, runs: false);
        Assert.Equal(200, (await NetcoreAsync(acme, "bulkupload", "&path=https://example.org/a.csv")).Status);
        var answers = await AllAsync(acme);
        Assert.Equal((429, """{"result":"Too many jobs under way"}"""), answers["netcore upload"].Short);
        Assert.Equal((429, "5"), (answers["exotel upload"].Status, answers["exotel upload"].RetryAfter));
        Assert.Equal(1021, Error(answers["exotel upload"].Body).GetProperty("code").GetInt32());
        Assert.Equal((429, "5", 1021), (answers["exotel contacts"].Status, answers["exotel contacts"].RetryAfter, Error(answers["exotel contacts"].Body).GetProperty("code").GetInt32()));
        Assert.Equal((429, """{"code":429,"message":"Too many requests"}""", "5"), (answers["cellcast"].Status, answers["cellcast"].Body, answers["cellcast"].RetryAfter));
        Assert.Equal((400, """{"message":"Error: ERROR_IMPORT_TOOMANYACTIVEIMPORTS"}"""), answers["dotmailer"].Short);
    }

    [Fact]
    public async Task Imports_that_the_operator_has_switched_off()
    {
        await using var acme = await StartAsync();
        var account = (await acme.Host.Stores.Accounts.FindAsync("acme", CancellationToken.None))!; // made by the host
        await acme.Host.Stores.Accounts.ChangeSettingsAsync(account.Id, s => s with { ImportsOff = true }, CancellationToken.None);
        var answers = await AllAsync(acme);
        Assert.Equal((403, """{"result":"Imports are switched off for this account"}"""), answers["netcore upload"].Short);
        Assert.Equal((403, 1010), (answers["exotel upload"].Status, Error(answers["exotel upload"].Body).GetProperty("code").GetInt32()));
        Assert.Contains("switched imports off", Error(answers["exotel contacts"].Body).GetProperty("description").GetString(), StringComparison.Ordinal);
        Assert.Equal(403, answers["cellcast"].Status);
        Assert.Matches("""^\{"code":403,"message":"[^"]*switched imports off[^"]*"\}$""", answers["cellcast"].Body);
        Assert.Equal((202, """{"id":"00000000-0000-0000-0000-000000000000","status":"NotAvailableInThisVersion"}"""), answers["dotmailer"].Short);
    }

    [Fact]
    public async Task Kept_sources_that_are_as_many_as_they_may_be()
    {
        await using var acme = await StartAsync(s => s with { SpoolBytesMax = 5 });
        var answers = await AllAsync(acme);
        Assert.Equal((402, 1020), (answers["exotel upload"].Status, Error(answers["exotel upload"].Body).GetProperty("code").GetInt32()));
        Assert.Equal(507, answers["cellcast"].Status);
        Assert.StartsWith("""{"code":507,"message":""", answers["cellcast"].Body, StringComparison.Ordinal);
        Assert.Equal((507, """{"message":"Error: ERROR_SYSTEM_SERVICETEMPORARILYUNAVAILABLE"}"""), answers["dotmailer"].Short);
    }

    [Fact]
    public async Task Bodies_that_are_too_large()
    {
        await using var acme = await StartAsync(server: s => s with { BodyBytesMax = 2_000, FacadeBodyBytesMax = 2_000, DotmailerFileBytesMax = 2_000, ExotelFileBytesMax = 2_000 });
        var filler = new string('x', 5_000);
        using var netcore = acme.Host.Client(null);
        using var form = await netcore.PostAsync($"/apiv2?type=contact&activity=add&apikey={acme.Token}", new StringContent("data=" + filler));
        Assert.Matches("""^\{"result":"[^"]+"\}$""", (await form.JsonAsync(HttpStatusCode.RequestEntityTooLarge)).GetRawText());
        using var exotel = acme.Exotel();
        using var contacts = await exotel.PostAsync("contacts", Answers.Json($$"""{"contacts":[{"number":"{{filler}}"}]}"""));
        Assert.Equal(400, (await contacts.JsonAsync(HttpStatusCode.BadRequest)).GetProperty("response").GetProperty("code").GetInt32());
        using var file = await exotel.PostAsync("contacts/csv-upload", FacadeHost.Upload("x", "number\n" + filler));
        Assert.Equal(1001, Error((await file.JsonAsync(HttpStatusCode.BadRequest)).GetRawText()).GetProperty("code").GetInt32());
        using var cellcast = acme.Native();
        using var single = await cellcast.PostAsync("/api/v1/contact/single", Answers.Json($$"""{"phone_number":"{{filler}}"}"""));
        Assert.Equal(413, (await single.JsonAsync(HttpStatusCode.RequestEntityTooLarge)).GetProperty("code").GetInt32());
        using var dotmailer = acme.Host.Vendor(acme.Token);
        using var contact = await dotmailer.PostAsync("/v2/contacts", Answers.Json($$"""{"email":"{{filler}}"}"""));
        Assert.EndsWith("ERROR_MALFORMED_REQUEST", await contact.MessageAsync(413), StringComparison.Ordinal);
        using var import = await dotmailer.PostAsync("/v2/contacts/import", DotmailerHost.File("Email\n" + filler));
        Assert.Equal("The file is larger than 2000 bytes. ERROR_MALFORMED_REQUEST", await import.MessageAsync(413));
        using var collection = await dotmailer.PostAsync("/v2/contacts/import-collection", Answers.Json($$"""{"contacts":[{"email":"{{filler}}"}]}"""));
        Assert.Equal("The file is larger than 2000 bytes. ERROR_MALFORMED_REQUEST", await collection.MessageAsync(413));
    }

    [Fact]
    public async Task Contacts_beyond_the_accounts_number()
    {
        await using var acme = await StartAsync(s => s with { ContactsMax = 1 });
        using var exotel = acme.Exotel();
        using var both = await exotel.PostAsync("contacts", Answers.Json("""{"contacts":[{"number":"+919876543210"},{"number":"+919876543211"}]}"""));
        var items = (await both.JsonAsync(HttpStatusCode.MultiStatus)).GetProperty("response");
        Assert.Equal((200, 400), (items[0].GetProperty("code").GetInt32(), items[1].GetProperty("code").GetInt32()));
        using var upload = await exotel.PostAsync("contacts/csv-upload", FacadeHost.Upload("x", "number\n9876543210\n9876543212\n"));
        var id = (await upload.JsonAsync(HttpStatusCode.OK)).GetProperty("response").GetProperty("data").GetProperty("summary").GetProperty("upload_id").GetString();
        await Until.TrueAsync(async () =>
        {
            using var status = await exotel.GetAsync("csv-status/" + id);
            return (await status.JsonAsync(HttpStatusCode.OK)).GetProperty("response").GetProperty("data").GetProperty("stats").GetRawText() == """{"duplicate":0,"total":2,"success":1,"failed":1}""";
        });
        using var cellcast = acme.Native();
        using var bulk = await cellcast.PostAsync("/api/v1/contact/bulk", Answers.Json(CellcastBody));
        Assert.StartsWith("contact[0] error : ", (await bulk.JsonAsync(HttpStatusCode.BadRequest)).GetProperty("data").GetProperty("errors")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal((400, """{"result":"Invalid data"}"""), (await NetcoreAsync(acme, "addsync", "&data=%7B%22EMAIL%22%3A%22b%40example.com%22%7D")).Short);
        using var dotmailer = acme.Host.Vendor(acme.Token);
        using var contact = await dotmailer.PostAsync("/v2/contacts", Answers.Json("""{"email":"b@example.com"}"""));
        Assert.Equal("Error: ERROR_CONTACT_TOOMANY", await contact.MessageAsync(400));
        Assert.Equal("ExceedsAllowedContactLimit", await dotmailer.EndAsync(await DotmailerHost.ImportAsync(dotmailer, "Email\nc@example.com\n")));
    }

    [Fact]
    public async Task Sources_that_are_received_at_once()
    {
        await using var acme = await StartAsync(s => s with { UploadsAtOnceMax = 1 });
        using var slow = new HeldContent();
        using var first = acme.Host.Vendor(acme.Token);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/contacts/import") { Content = slow };
        slow.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        var answered = first.SendAsync(request);
        await slow.Begun;
        using var dotmailer = acme.Host.Vendor(acme.Token);
        var message = "";
        await Until.TrueAsync(async () =>
        {
            using var second = await dotmailer.PostAsync("/v2/contacts/import", DotmailerHost.File("Email\na@example.com\n"));
            message = await second.Content.ReadAsStringAsync();
            return (int)second.StatusCode == 429;
        });
        Assert.EndsWith("ERROR_APIUSAGE_EXCEEDED\"}", message, StringComparison.Ordinal);
        using var exotel = acme.Exotel();
        using var upload = await exotel.PostAsync("contacts/csv-upload", FacadeHost.Upload("x", "number\n9876543210\n"));
        Assert.Equal(1021, Error((await upload.JsonAsync(HttpStatusCode.TooManyRequests)).GetRawText()).GetProperty("code").GetInt32());
        slow.Release();
        using var response = await answered;
        Assert.Equal(202, (int)response.StatusCode);
    }

    [Fact]
    public async Task Names_values_and_pages_of_dotmailers()
    {
        await using var acme = await StartAsync(s => s with { FieldsMax = 3 });
        using var client = acme.Host.Vendor(acme.Token);
        using var native = acme.Native();
        async Task<int> MadeAsync(string path, string body)
        {
            using var response = await client.PostAsync(path, Answers.Json(body));
            return (await response.JsonAsync(HttpStatusCode.Created)).GetProperty("id").GetInt32();
        }

        var book = await MadeAsync("/v2/address-books", $$"""{"name":"{{new string('n', 128)}}"}""");
        using var limited = await native.PatchAsync(string.Create(CultureInfo.InvariantCulture, $"/v1/lists/{book}"), Answers.Json("""{"members_max":1}"""));
        limited.EnsureSuccessStatusCode();
        var ann = await MadeAsync("/v2/contacts", """{"email":"ann@example.com"}""");
        await MadeAsync("/v2/contacts", """{"email":"bob@example.com"}""");
        foreach (var name in (string[])["ONE", new string('T', 20), "THREE"])
            (await client.PostAsync("/v2/data-fields", Answers.Json($$"""{"name":"{{name}}","type":"String"}"""))).EnsureSuccessStatusCode();
        (await client.PostAsync($"/v2/address-books/{book}/contacts", Answers.Json("""{"email":"ann@example.com"}"""))).EnsureSuccessStatusCode();

        foreach (var (method, path, body, message) in ((string, string, string?, string)[])
        [
            ("POST", "/v2/address-books", $$"""{"name":"{{new string('n', 129)}}"}""", "Error: ERROR_ADDRESSBOOK_INVALID"), ("POST", "/v2/address-books", """{"visibility":"Public"}""", "Error: ERROR_ADDRESSBOOK_INVALID"),
            ("POST", $"/v2/address-books/{book}/contacts", """{"email":"bob@example.com"}""", "Error: ERROR_ADDRESSBOOK_LIMITEXCEEDED"),
            ("POST", "/v2/data-fields", """{"name":"FOUR","type":"String"}""", "Error: ERROR_DATAFIELD_LIMITEXCEEDED"), ("POST", "/v2/data-fields", $$"""{"name":"{{new string('T', 21)}}","type":"String"}""", "Error: ERROR_DATAFIELD_INVALID"),
            ("POST", "/v2/contacts", $$"""{"email":"c@example.com","dataFields":[{"key":"ONE","value":"{{new string('ü', 256)}}"}]}""", "Error: ERROR_DATAFIELD_VALUE_OVERFLOW"),
            ("PUT", $"/v2/contacts/{ann}", """{"email":"BOB@example.com"}""", "Error: ERROR_NON_UNIQUE_EMAIL"),
            ("GET", "/v2/contacts?select=1001", null, "Error: ERROR_PARAMETER_INVALID"), ("GET", "/v2/contacts?Select=0", null, "Error: ERROR_PARAMETER_INVALID"), ("GET", "/v2/contacts?select=-1", null, "Error: ERROR_PARAMETER_INVALID"),
            ("GET", "/v2/contacts?skip=-1", null, "Error: ERROR_PARAMETER_INVALID"), ("GET", "/v2/contacts?skip=x", null, "Error: ERROR_PARAMETER_INVALID"), ("GET", "/v2/address-books?select=1001", null, "Error: ERROR_PARAMETER_INVALID"),
            ("GET", "/v2/contacts?withFullData=perhaps", null, "Error: ERROR_PARAMETER_INVALID"), ("GET", "/v2/contacts/modified-since/yesterday", null, "Error: ERROR_PARAMETER_INVALID"),
        ])
        {
            using var request = new HttpRequestMessage(new(method), path) { Content = body is null ? null : Answers.Json(body) };
            using var response = await client.SendAsync(request);
            Assert.True(await response.MessageAsync(400) == message, $"{method} {path}: {await response.Content.ReadAsStringAsync()}");
        }
        using var most = await client.PostAsync("/v2/contacts", Answers.Json($$"""{"email":"c@example.com","dataFields":[{"key":"ONE","value":"{{new string('ü', 255)}}"}]}"""));
        Assert.Equal(HttpStatusCode.Created, most.StatusCode);
        using var page = await client.GetAsync("/v2/contacts?SELECT=1000&Skip=2147483647");
        Assert.Equal(0, (await page.JsonAsync(HttpStatusCode.OK)).GetArrayLength());
    }

    [Fact]
    public async Task Pages_of_cellcasts()
    {
        await using var acme = await StartAsync();
        using var client = acme.Native();
        foreach (var query in (string[])["contact?page=0", "contact?page=x", "contact?limit=0", "contact?limit=5001", "contact?limit=-1"])
        {
            using var response = await client.GetAsync("/api/v2/" + query);
            Assert.Equal(400, (await response.JsonAsync(HttpStatusCode.BadRequest)).GetProperty("code").GetInt32());
        }
        foreach (var query in (string[])["page=0", "size=0", "size=5001"])
        {
            using var response = await client.GetAsync("/api/v1/apiClient/getOptout?" + query);
            Assert.Equal(400, (await response.JsonAsync(HttpStatusCode.BadRequest)).GetProperty("code").GetInt32());
        }
    }

    static async Task<Dictionary<string, Answer>> AllAsync(FacadeHost acme)
    {
        using var exotel = acme.Exotel();
        using var cellcast = acme.Native();
        using var dotmailer = acme.Host.Vendor(acme.Token);
        return new()
        {
            ["netcore upload"] = await NetcoreAsync(acme, "bulkupload", "&path=https://example.org/b.csv"),
            ["exotel upload"] = await Answer.OfAsync(exotel.PostAsync("contacts/csv-upload", FacadeHost.Upload("x", "number\n9876543210\n"))),
            ["exotel contacts"] = await Answer.OfAsync(exotel.PostAsync("contacts", Answers.Json(ExotelBody))),
            ["cellcast"] = await Answer.OfAsync(cellcast.PostAsync("/api/v1/contact/bulk", Answers.Json(CellcastBody))),
            ["dotmailer"] = await Answer.OfAsync(dotmailer.PostAsync("/v2/contacts/import", DotmailerHost.File("Email\na@example.com\n"))),
        };
    }

    static async Task<Answer> NetcoreAsync(FacadeHost acme, string activity, string more)
    {
        using var client = acme.Host.Client(null);
        return await Answer.OfAsync(client.PostAsync($"/apiv2?type=contact&activity={activity}&apikey={acme.Token}{more}", null));
    }

    static JsonElement Error(string body) => JsonDocument.Parse(body).RootElement.GetProperty("response").GetProperty("error_data");

    static async Task<FacadeHost> StartAsync(Func<MusterSettings, MusterSettings>? settings = null, Func<Hosting.ServerSettings, Hosting.ServerSettings>? server = null, bool runs = true)
    {
        var acme = new FacadeHost { Host = new() { Settings = settings ?? (s => s), Server = server ?? (s => s), RunsImports = runs } };
        await acme.InitializeAsync();
        return acme;
    }

    sealed record Answer(int Status, string Body, string? RetryAfter)
    {
        public (int, string) Short => (Status, Body);

        public static async Task<Answer> OfAsync(Task<HttpResponseMessage> answered)
        {
            using var response = await answered;
            return new((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.RetryAfter?.ToString());
        }
    }

    /// <summary>An import's body of which the end is held back.</summary>
    sealed class HeldContent : HttpContent
    {
        readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously), released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Begun => begun.Task;

        public void Release() => released.TrySetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync("{\"fileName\":\"a.csv\",\"data\":\"RW1haWwK"u8.ToArray());
            await stream.FlushAsync();
            begun.TrySetResult();
            await released.Task;
            await stream.WriteAsync("YUBleGFtcGxlLmNvbQo=\"}"u8.ToArray());
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
