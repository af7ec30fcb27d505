using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Muster.Client;
using Muster.Server.Tests.Facades.Dotmailer;
using Muster.Server.Tests.Notifications;

namespace Muster.Server.Tests.Facades;

/// <summary>Real clients against a real server: axios, form-data and unirest from npm, Python's requests, and curl with the vendors' own command lines.</summary>
public sealed class VendorClientTests(FacadeHost acme) : IClassFixture<FacadeHost>, IDisposable
{
    const string EmailCsv = "Email,FIRSTNAME,LASTNAME\nann@example.com,Ann,Lee\nbob@example.com,\"Bob, Jr\",\nnot-an-address,Nobody,\n";
    const string Faults = "Reason,email,firstname,lastname\nInvalid Email,not-an-address,Nobody,\n";

    readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    Task<string> FileAsync(string prefix, int rows)
    {
        var csv = new StringBuilder("number,first_name,custom_field\n");
        for (var i = 0; i < rows; i++)
            csv.Append(CultureInfo.InvariantCulture, $"+91{prefix}{i:00000},N{i},x\n");
        return FileAsync(csv.ToString());
    }

    async Task<string> FileAsync(string csv)
    {
        var path = folder.File("contacts.csv");
        await File.WriteAllTextAsync(path, csv);
        return path;
    }

    [Fact]
    public async Task Axios_form_data_and_unirest_work_with_exotels_paths()
    {
        var calls = await ClientProgram.RunAsync("node", "exotel.js", Base, acme.KeyId, acme.Secret, await FileAsync("98123", 120));
        Assert.Equal("axios list", Data(calls, "axios upload").GetProperty("list").GetProperty("name").GetString());
        Assert.Equal("""{"duplicate":0,"total":120,"success":120,"failed":0}""", Data(calls, "axios status").GetProperty("stats").GetRawText());
        Assert.Equal((207, "gold"), (calls["axios contacts"].Status, calls["axios contacts"].Body.GetProperty("response")[0].GetProperty("data").GetProperty("custom").GetString()));
        Assert.Equal(1, calls["axios add"].Body.GetProperty("metadata").GetProperty("success").GetInt32());
        Assert.Equal(121, calls["axios paged"].Body.GetInt32());
        Assert.Equal("unirest list", Data(calls, "unirest upload").GetProperty("list").GetProperty("name").GetString());
        Assert.Equal(400, calls["unirest sample"].Status);
        Assert.Contains("file part", calls["unirest sample"].Body.GetProperty("response").GetProperty("error_data").GetProperty("description").GetString(), StringComparison.Ordinal);
        Assert.Equal((401, "Authentication failed"), (calls["axios refused"].Status, calls["axios refused"].Body.GetString()));
    }

    [Fact]
    public async Task Requests_works_with_exotels_paths()
    {
        var calls = await ClientProgram.RunAsync("python3", "exotel.py", Base + "/", acme.KeyId, acme.Secret, await FileAsync("98124", 3));
        Assert.Equal("requests list", Data(calls, "upload").GetProperty("list").GetProperty("name").GetString());
        Assert.Equal((200, "in-progress"), (calls["put"].Status, Data(calls, "put").GetProperty("summary").GetProperty("status").GetString()));
        Assert.Equal("number", Data(calls, "headers").GetProperty("headers")[0].GetString());
        Assert.Equal((404, "There is no such list in this account."), (calls["gone"].Status, calls["gone"].Body.GetString()));
    }

    [Fact]
    public async Task Axios_works_with_cellcasts_paths()
    {
        var calls = await ClientProgram.RunAsync("node", "cellcast.js", Base, acme.Token);
        const string Errors = """["contact[1] error : phone_number empty","contact[3] error : phone_number is not valid"]""";
        foreach (var name in (string[])["bulk", "raw key"])
        {
            Assert.Equal((200, "partial_success"), (calls[name].Status, calls[name].Body.GetProperty("message").GetString()));
            Assert.Equal(Errors, calls[name].Body.GetProperty("data").GetProperty("errors").GetRawText());
        }
        Assert.Equal("400000000", calls["list"].Body.GetProperty("data").GetProperty("items")[0].GetProperty("Number").GetString());
        Assert.Equal(2, calls["list"].Body.GetProperty("data").GetProperty("next").GetInt32());
        Assert.Equal((400, "fail"), (calls["none"].Status, calls["none"].Body.GetProperty("message").GetString()));
        Assert.Equal("success", calls["unirest bulk"].Body.GetProperty("message").GetString());
        Assert.Equal((200, "Unirest"), (calls["unirest put"].Status, calls["unirest put"].Body.GetProperty("data").GetProperty("First Name").GetString()));
    }

    [Fact]
    public async Task Axios_form_data_and_unirest_work_with_dotmailers_paths()
    {
        var calls = await ClientProgram.RunAsync("node", "dotmailer.js", Base, acme.KeyId, acme.Secret, await FileAsync(EmailCsv));
        Assert.Equal((202, "NotFinished"), (calls["axios upload"].Status, Text(calls, "axios upload", "status")));
        Assert.Equal("Finished", calls["axios status"].Body.GetString());
        Assert.Equal((15, 1), (calls["axios report"].Body.EnumerateObject().Count(), calls["axios report"].Body.GetProperty("invalidEntries").GetInt32()));
        Assert.Equal(Faults, calls["axios faults"].Body.GetString());
        Assert.Equal((201, "Public"), (calls["axios book"].Status, Text(calls, "axios book", "visibility")));
        Assert.Equal(202, calls["axios base64"].Status);
        var contact = Assert.Single(calls["axios page"].Body.EnumerateArray());
        Assert.Equal("bob@example.com", contact.GetProperty("email").GetString());
        Assert.Equal(JsonValueKind.Array, contact.GetProperty("dataFields").ValueKind);
        Assert.Equal(Base, calls["axios account"].Body.GetProperty("properties").EnumerateArray().Single(p => p.GetProperty("name").GetString() == "ApiEndpoint").GetProperty("value").GetString());
        Assert.Equal("Finished", calls["axios collected"].Body.GetString());
        Assert.Equal("axios-collection@example.com", Text(calls, "axios contact", "email"));
        Assert.Equal((404, "Error: ERROR_CONTACT_NOT_FOUND"), (calls["axios unknown"].Status, Text(calls, "axios unknown", "message")));
        Assert.Equal(202, calls["unirest upload"].Status);
        Assert.Equal((400, "Error: ERROR_BODY_DOES_NOT_MATCH_CONTENT_TYPE"), (calls["unirest refused"].Status, Text(calls, "unirest refused", "message")));
    }

    [Fact]
    public async Task Axios_form_data_and_unirest_work_with_netcores_paths()
    {
        await using var netcore = new NetcoreAccount();
        await netcore.InitializeAsync();
        var calls = await ClientProgram.RunAsync("node", "netcore.js", netcore.Base, netcore.Token, netcore.Path, netcore.List);
        foreach (var (name, call) in calls.Where(c => c.Key != "axios refused"))
            Assert.True(call.Status == 200 && Text(calls, name, "result") == "Success" && Text(calls, name, "requestid").Length == 32, $"{name}: {call.Status} {call.Body}");
        Assert.Equal((400, "Invalid data"), (calls["axios refused"].Status, Text(calls, "axios refused", "result")));
        await netcore.ImportedAsync(Text(calls, "axios query", "requestid"), Text(calls, "axios form", "requestid"));
        Assert.Equal(["ann@example.com", "axios+1@example.com", "axios+2@example.com", "axios+3@example.com", "bob@example.com"], await netcore.AddressesAsync(listed: false));
        Assert.Equal(["ann@example.com", "axios+2@example.com", "axios+3@example.com", "bob@example.com"], await netcore.AddressesAsync(listed: true));
    }

    [Fact]
    public async Task Exotels_own_command_lines_work()
    {
        var calls = await ClientProgram.RunAsync("bash", "exotel.sh", Base, acme.KeyId, acme.Secret, await FileAsync("98125", 7));
        Assert.Equal(400, calls["page"].Status);
        Assert.Contains("file part", calls["page"].Body.GetProperty("response").GetProperty("error_data").GetProperty("description").GetString(), StringComparison.Ordinal);
        Assert.Equal("curl list", Data(calls, "upload").GetProperty("list").GetProperty("name").GetString());
        Assert.Equal("completed", Data(calls, "status").GetProperty("status").GetString());
        Assert.Equal("""{"duplicate":7,"total":7,"success":0,"failed":0}""", Data(calls, "status").GetProperty("stats").GetRawText());
        Assert.Equal(7, Data(calls, "list").GetProperty("contact_count").GetInt32());
        Assert.Equal((207, """{"failed":1,"success":1,"total":2}"""), (calls["contacts"].Status, calls["contacts"].Body.GetProperty("metadata").GetRawText()));
        Assert.Equal((404, "failure"), (calls["unknown"].Status, calls["unknown"].Body.GetProperty("response").GetProperty("status").GetString()));
    }

    [Fact]
    public async Task Cellcasts_own_command_line_works()
    {
        await using var own = new FacadeHost();
        await own.InitializeAsync();
        var calls = await ClientProgram.RunAsync("bash", "cellcast.sh", own.Host.Address.ToString().TrimEnd('/'), own.Token);
        Assert.Equal("""{"message":"success","data":{"message":"all data success to process","success_data":2,"failed_data":0,"errors":[]}}""", calls["bulk"].Body.GetRawText());
        Assert.Equal("""{"message":"success","data":{"message":"all data success to process","success_data":1,"failed_data":0,"errors":[]}}""", calls["single"].Body.GetRawText());
        Assert.Equal("Number", calls["fields"].Body.GetProperty("staticFields")[0].GetString());
        Assert.Equal("""{"code":401,"message":"Invalid token","stack":"APIError: Invalid token"}""", calls["wrong"].Body.GetRawText());
    }

    [Fact]
    public async Task Dotmailers_command_lines_work()
    {
        var calls = await ClientProgram.RunAsync("bash", "dotmailer.sh", Base, acme.KeyId, acme.Secret, await FileAsync(EmailCsv));
        Assert.Equal((202, "NotFinished"), (calls["import"].Status, Text(calls, "import", "status")));
        Assert.Equal("Finished", Text(calls, "status", "status"));
        Assert.Equal(1, calls["report"].Body.GetProperty("invalidEntries").GetInt32());
        Assert.Equal(Faults, calls["faults"].Body.GetString());
        Assert.Equal(202, calls["base64"].Status);
        Assert.Equal((400, "file must be valid"), (calls["unnamed"].Status, Text(calls, "unnamed", "message")));
        Assert.Equal("""{"message":"Authorization has been denied for this request."}""", calls["wrong"].Body.GetRawText());
    }

    [Fact]
    public async Task Netcores_own_command_lines_work()
    {
        await using var netcore = new NetcoreAccount();
        await netcore.InitializeAsync();
        var calls = await ClientProgram.RunAsync("bash", "netcore.sh", netcore.Base, netcore.Token, netcore.Path, netcore.List);
        foreach (var (name, call) in calls.Where(c => c.Key != "wrong"))
            Assert.True(call.Status == 200 && Text(calls, name, "result") == "Success" && Text(calls, name, "requestid").Length == 32, $"{name}: {call.Status} {call.Body}");
        Assert.Equal((401, """{"result":"Invalid API key"}"""), (calls["wrong"].Status, calls["wrong"].Body.GetRawText()));
        await netcore.ImportedAsync(Text(calls, "page", "requestid"), Text(calls, "documented", "requestid"));
        Assert.Equal(["ann@example.com", "bob@example.com", "curl+1@example.com", "curl+2@example.com", "curl+3@example.com"], await netcore.AddressesAsync(listed: false));
        Assert.Equal(["ann@example.com", "bob@example.com", "curl+3@example.com"], await netcore.AddressesAsync(listed: true));
    }

    string Base => acme.Host.Address.ToString().TrimEnd('/');

    static string Text(Dictionary<string, (int Status, JsonElement Body)> calls, string name, string member) => calls[name].Body.GetProperty(member).GetString() ?? "";

    static JsonElement Data(Dictionary<string, (int Status, JsonElement Body)> calls, string name) => calls[name].Body.GetProperty("response").GetProperty("data");

    /// <summary>A server that may fetch from a file server on loopback, and a list there.</summary>
    sealed class NetcoreAccount : IAsyncLifetime
    {
        readonly MusterHost host = new() { Settings = s => s with { OutboundAllow = "127.0.0.1:*" } };
        readonly Receiver files = new() { Answer = context => context.Response.WriteAsync("EMAIL,FIRST_NAME\nann@example.com,Ann\nbob@example.com,Bob\n") };
        int listId;

        public string Base => host.Address.ToString().TrimEnd('/');
        public string Token => host.AdminToken;
        public string Path => files.Url("/contacts.csv");
        public string List => listId.ToString(CultureInfo.InvariantCulture);

        public async ValueTask InitializeAsync()
        {
            await host.InitializeAsync();
            await files.InitializeAsync();
            using var client = Client();
            listId = (await client.CreateListAsync("Netcore", CancellationToken.None)).Id;
        }

        public async ValueTask DisposeAsync()
        {
            await host.DisposeAsync();
            await files.DisposeAsync();
        }

        public async Task ImportedAsync(params string[] requests)
        {
            using var client = Client();
            foreach (var request in requests)
                await Until.TrueAsync(async () => (await client.GetImportAsync(Guid.ParseExact(request, "N"), CancellationToken.None)).Status == "completed");
        }

        public async Task<IEnumerable<string?>> AddressesAsync(bool listed)
        {
            using var client = Client();
            return (await client.ContactsAsync(new(List: listed ? "Netcore" : null), null, 100, CancellationToken.None)).Items.Select(c => c.Email).Order(StringComparer.Ordinal).ToList();
        }

        MusterClient Client() => new(host.Client(null), host.AdminToken);
    }
}
