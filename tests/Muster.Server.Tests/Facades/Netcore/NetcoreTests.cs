using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Muster.Client;
using Muster.Server.Tests.Notifications;

namespace Muster.Server.Tests.Facades.Netcore;

public sealed class NetcoreTests : IAsyncLifetime
{
    const string Csv = "EMAIL,MOBILE,FIRST_NAME,DOB,CITY\r\nann@example.com,919876543210,Ann,30-10-2019,Pune\r\nbob@example.com,,Bob,2021-09-02,\"\"\r\nann@example.com,,Twin,,\r\nnonsense,,Nobody,,\r\n";
    static readonly CancellationToken None = CancellationToken.None;

    readonly MusterHost host = new() { Settings = s => s with { OutboundAllow = "127.0.0.1:*" } };
    readonly Receiver files = new();
    ListResource list = null!; // made in InitializeAsync

    public async ValueTask InitializeAsync()
    {
        await host.InitializeAsync();
        await files.InitializeAsync();
        files.Answer = context => context.Request.Method == "POST" ? Task.CompletedTask
            : context.Request.Path.Value!.EndsWith(' ') || context.Request.Path == "/gone.csv" ? Status(context, 404) : context.Response.WriteAsync(Csv);
        using var client = Client();
        list = await client.CreateListAsync("Contact list", None);
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        await files.DisposeAsync();
    }

    [Fact]
    public async Task A_bulk_upload_is_imported_into_its_list_and_tells_its_callback()
    {
        var requestId = await CallAsync($"path={files.Url("/data.csv?token=secret")}&listid={list.Id}&callback={files.Url("/callback?who=me")}");
        var callback = await CallbackAsync();
        Assert.Equal("?who=me", callback.Query);
        Assert.Equal("application/json", callback.Headers["content-type"]);
        using var admin = host.Admin();
        var secret = (await (await admin.GetAsync("/v1/webhooks/secret")).JsonAsync(HttpStatusCode.OK)).GetProperty("secret").GetString();
        Assert.True(callback.IsSignedWith(secret!));
        Assert.Matches(
            $$"""^\{"requestid":"{{requestId}}","type":"contact","activity":"bulkupload","listid":{{list.Id}},"status":"Partial","total":4,"success":2,"duplicate":1,"failed":1,"message":"","path":"{{files.Url("/data.csv")}}","starttime":"[0-9T:-]{19}Z","endtime":"[0-9T:-]{19}Z"\}$""",
            callback.Text);

        using var client = Client();
        var import = await client.GetImportAsync(Guid.ParseExact(requestId, "N"), None);
        Assert.Equal(("completed", files.Url("/data.csv"), "data.csv"), (import.Status, import.Source.Url, import.Source.FileName));
        var contacts = (await client.ContactsAsync(new(), null, 10, None)).Items;
        Assert.Equal(["ann@example.com", "bob@example.com"], contacts.Select(c => c.Email));
        Assert.Equal(("+919876543210", "Ann"), (contacts[0].Phone, contacts[0].FirstName));
        Assert.All(contacts, c => Assert.Equal(["Contact list"], c.Lists));
    }

    [Fact]
    public async Task Without_a_list_the_contacts_go_into_the_account_alone_and_listid_is_null()
    {
        await CallAsync($"path={files.Url("/data.csv")}&callback={files.Url("/callback")}");
        Assert.Equal(JsonValueKind.Null, JsonDocument.Parse((await CallbackAsync()).Text).RootElement.GetProperty("listid").ValueKind);
        using var client = Client();
        Assert.All((await client.ContactsAsync(new(), null, 10, None)).Items, c => Assert.Empty(c.Lists));
    }

    [Fact]
    public async Task A_file_that_cannot_be_had_fails_the_job_after_Success()
    {
        await CallAsync($"path={files.Url("/gone.csv")}&callback={files.Url("/callback")}");
        var callback = JsonDocument.Parse((await CallbackAsync()).Text).RootElement;
        Assert.Equal(("Failed", 0), (callback.GetProperty("status").GetString(), callback.GetProperty("total").GetInt32()));
        Assert.Contains("404", callback.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_with_a_blank_behind_it_is_tried_as_sent_and_then_without()
    {
        await CallAsync($"path={files.Url("/data.csv")} &callback={files.Url("/callback")}");
        Assert.Equal("Partial", JsonDocument.Parse((await CallbackAsync()).Text).RootElement.GetProperty("status").GetString());
        Assert.Equal(["/data.csv%20", "/data.csv"], files.All.Where(r => r.Path.StartsWith("/data", StringComparison.Ordinal)).Select(r => r.Path));
    }

    [Theory]
    [InlineData("path={0}?X-Amz-Credential=AK%2F2026%2Fs3&X-Amz-Date=20260105T000000Z&X-Amz-Signature=a+b%3D&callback={1}")]
    [InlineData("path={2}%3FX-Amz-Credential%3DAK%252F2026%252Fs3%26X-Amz-Date%3D20260105T000000Z%26X-Amz-Signature%3Da%2Bb%253D&callback={1}")]
    public async Task A_presigned_address_arrives_as_it_was_signed_escaped_or_not(string form)
    {
        var file = files.Url("/signed.csv");
        await CallAsync(string.Format(CultureInfo.InvariantCulture, form, file, files.Url("/callback"), Uri.EscapeDataString(file)));
        await CallbackAsync();
        Assert.Equal("?X-Amz-Credential=AK%2F2026%2Fs3&X-Amz-Date=20260105T000000Z&X-Amz-Signature=a+b%3D", files.All.Single(r => r.Path == "/signed.csv").Query);
    }

    [Fact]
    public async Task Single_contacts_are_written_removed_and_left_alone_where_a_value_is_blank()
    {
        using var client = Client();
        await ActivityAsync("addsync", $$$"""data={"EMAIL":"a+b@c.io","MOBILE":919876543210,"FIRST_NAME":"Ann","AMOUNT":26250,"DEPARTMENT":"R&D"}&listid={{{list.Id}}}""");
        var contact = Assert.Single((await client.ContactsAsync(new(), null, 10, None)).Items);
        Assert.Equal(("a+b@c.io", "+919876543210", "Ann", "R&D"), (contact.Email, contact.Phone, contact.FirstName, contact.Fields["DEPARTMENT"].GetString()));
        Assert.Equal(["Contact list"], contact.Lists);

        await ActivityAsync("add", """data={"EMAIL":"A+B@c.io","FIRST_NAME":"","MOBILE":"nonsense","CITY":"Pune"}""");
        contact = Assert.Single((await client.ContactsAsync(new(), null, 10, None)).Items);
        Assert.Equal(("Ann", "+919876543210"), (contact.FirstName, contact.Phone));
        Assert.Equal("Pune", contact.Fields["CITY"].GetString());

        await ActivityAsync("delete", $"data=a%2Bb@c.io&listid={list.Id}");
        contact = Assert.Single((await client.ContactsAsync(new(), null, 10, None)).Items);
        Assert.Empty(contact.Lists);
    }

    [Fact]
    public async Task Callbacks_come_as_a_form_and_errors_with_200_where_the_operator_wants_so()
    {
        await using var own = new MusterHost { Settings = s => s with { OutboundAllow = "127.0.0.1:*" }, Server = s => s with { NetcoreCallbackFormat = "form", NetcoreLegacy200Errors = true } };
        await own.InitializeAsync();
        using var http = own.Client(null);
        using var bad = await http.PostAsync("/apiv2?type=contact&activity=bulkupload&apikey=x", null);
        Assert.Equal((HttpStatusCode.OK, """{"result":"Invalid API key"}"""), (bad.StatusCode, await bad.Content.ReadAsStringAsync()));
        using var good = await http.PostAsync($"/apiv2?type=contact&activity=bulkupload&apikey={own.AdminToken}&path={files.Url("/data.csv")}&callback={files.Url("/callback")}", null);
        var callback = await CallbackAsync();
        Assert.Equal("application/x-www-form-urlencoded", callback.Headers["content-type"]);
        Assert.Contains("&activity=bulkupload&listid=&status=Partial&total=4&success=2&duplicate=1&failed=1&message=&path=http%3A%2F%2F127.0.0.1", callback.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_of_another_account_or_of_too_small_a_scope_writes_nothing_and_foreign_lists_are_unknown()
    {
        using var http = host.Client(null);
        using var read = await http.PostAsync($"/apiv2?type=contact&activity=add&apikey={host.ReadToken}&data={{\"EMAIL\":\"x@example.com\"}}", null);
        Assert.Equal(HttpStatusCode.Unauthorized, read.StatusCode);
        var answers = new List<string>();
        foreach (var id in (int[])[list.Id, 1_999_999_999])
        {
            using var response = await http.PostAsync($"/apiv2?type=contact&activity=bulkupload&apikey={host.OtherToken}&path={files.Url("/data.csv")}&listid={id}", null);
            answers.Add($"{response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        }
        Assert.Equal("BadRequest {\"result\":\"Invalid listid\"}", answers.Distinct().Single());
    }

    [Theory]
    [InlineData("curl", "-s", "{server}/apiv2?type=contact&activity=addsync&apikey={key}", "--data-urlencode", "data={\"EMAIL\":\"real+1@example.com\",\"FIRST_NAME\":\"Zoë & Co\"}")]
    [InlineData("curl", "-s", "-X", "POST", "{server}/apiv2?type=contact&activity=addsync&apikey={key}", "-d", "data={\"EMAIL\":\"real+1@example.com\",\"FIRST_NAME\":\"Zoë & Co\"}")]
    [InlineData("curl", "-s", "-G", "{server}/apiv2", "-d", "type=contact", "-d", "activity=addsync", "-d", "apikey={key}", "--data-urlencode", "data={\"EMAIL\":\"real+1@example.com\",\"FIRST_NAME\":\"Zoë & Co\"}")]
    [InlineData("node", "-e", "fetch('{server}/apiv2?type=contact&activity=addsync&apikey={key}',{method:'POST',body:new URLSearchParams({data:JSON.stringify({EMAIL:'real+1@example.com',FIRST_NAME:'Zoë & Co'})})}).then(r=>r.text()).then(console.log)")]
    [InlineData("node", "-e", "fetch('{server}/apiv2?type=contact&activity=addsync&apikey={key}',{method:'POST',body:'data='+encodeURIComponent(JSON.stringify({EMAIL:'real+1@example.com',FIRST_NAME:'Zoë & Co'}))}).then(r=>r.text()).then(console.log)")]
    public async Task Real_clients_are_understood(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument.Replace("{server}", host.Address.ToString().TrimEnd('/'), StringComparison.Ordinal).Replace("{key}", host.AdminToken, StringComparison.Ordinal));
        using var process = Start(start);
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Matches("""^\{"requestid":"[0-9a-f]{32}","result":"Success"\}""", said);
        using var client = Client();
        var contact = Assert.Single((await client.ContactsAsync(new(), null, 10, None)).Items);
        Assert.Equal(("real+1@example.com", "Zoë & Co"), (contact.Email, contact.FirstName));
    }

    static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!; // a program of its own is always started
        }
        catch (System.ComponentModel.Win32Exception) when (Environment.GetEnvironmentVariable("CI") != "true")
        {
            Assert.Skip($"{start.FileName} is missing.");
            throw;
        }
    }

    async Task<string> CallAsync(string body) => JsonDocument.Parse(await ActivityAsync("bulkupload", body)).RootElement.GetProperty("requestid").GetString()!; // asserted below

    async Task<string> ActivityAsync(string activity, string body)
    {
        using var http = host.Client(null);
        using var response = await http.PostAsync($"/apiv2?type=contact&activity={activity}&apikey={host.AdminToken}", new StringContent(body));
        var text = await response.Content.ReadAsStringAsync();
        Assert.Matches("""^\{"requestid":"[0-9a-f]{32}","result":"Success"\}$""", text);
        return text;
    }

    async Task<Received> CallbackAsync()
    {
        await Until.TrueAsync(() => Task.FromResult(files.All.Any(r => r.Path == "/callback")));
        return files.All.Single(r => r.Path == "/callback");
    }

    MusterClient Client() => new(host.Client(null), host.AdminToken);

    static Task Status(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }
}
