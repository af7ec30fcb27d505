using System.Net;
using System.Text;
using System.Text.Json;

namespace Muster.Server.Tests;

/// <summary>Cells that a spreadsheet would run: escaped for people, raw for machines, and the same after a round trip of either.</summary>
public sealed class FormulaTests(MusterHost host) : IClassFixture<MusterHost>
{
    static readonly string[] Values = ["=1+1", "-5 %", "@ann", "+1 more", "'=quoted", "''-twice", "'plain", "o'clock"];

    [Theory]
    [InlineData("false")]
    [InlineData("true")]
    public async Task An_export_goes_in_again_and_changes_nothing(string safe)
    {
        using var client = host.Admin();
        var rows = string.Concat(Values.Select((v, i) => $"{{\"email\":\"f{i}@example.com\",\"note\":{JsonSerializer.Serialize(v)}}},")).TrimEnd(',');
        await EndAsync(client, Answers.Json($"{{\"contacts\":[{rows}]}}"));

        var export = await client.GetByteArrayAsync("/v1/contacts/export?safe=" + safe);
        var text = Encoding.UTF8.GetString(export);
        foreach (var value in Values)
            Assert.Contains(safe == "true" && value is not ("'plain" or "o'clock") ? ",'" + value : "," + value, text, StringComparison.Ordinal);
        var again = await EndAsync(client, Answers.Form(export, null));
        Assert.Equal(again.GetProperty("counts").GetProperty("read").GetInt64(), again.GetProperty("counts").GetProperty("unchanged").GetInt64());
        Assert.Equal(safe == "true" ? "remove" : "keep", again.GetProperty("options").GetProperty("formula_escapes").GetString());
        Assert.Equal(export, await client.GetByteArrayAsync("/v1/contacts/export?safe=" + safe));
    }

    [Theory]
    [InlineData(null, "=sum")]
    [InlineData("""{"formula_escapes":"keep"}""", "'=sum")]
    public async Task Other_tables_lose_the_apostrophe_unless_they_are_told_to_keep_it(string? options, string expected)
    {
        using var client = host.Admin();
        await EndAsync(client, Answers.Form("email,first_name\nescaped@example.com,'=sum\n"u8.ToArray(), options));
        var contacts = JsonDocument.Parse(await client.GetStringAsync("/v1/contacts?email=escaped@example.com")).RootElement;
        Assert.Equal(expected, contacts.GetProperty("items")[0].GetProperty("first_name").GetString());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"mapping":{"'=Sum":"field:=Sum","-Note":"first_name","email":"email"}}""")]
    public async Task Rejects_for_people_go_in_again_under_the_names_of_their_columns(string options)
    {
        using var client = host.Admin();
        var name = Guid.CreateVersion7().ToString("N");
        var parent = await EndAsync(client, Answers.Form(Encoding.UTF8.GetBytes($"email,=Sum,-Note\ngood{name}@header.example,1,a\nbad{name},=2+3,b\n"), """{"mapping":{"=Sum":"field:=Sum","-Note":"first_name"}}"""));
        var path = $"/v1/imports/{parent.GetProperty("id").GetString()}/";
        var rejects = await client.GetStringAsync(path + "rejects?safe=true");
        Assert.Contains($"email,'=Sum,'-Note\r\nbad{name},'=2+3,b", rejects.Replace("\"", "", StringComparison.Ordinal), StringComparison.Ordinal);

        using var file = Answers.Form(Encoding.UTF8.GetBytes(rejects.Replace("bad" + name, $"bad{name}@header.example", StringComparison.Ordinal)), options == "{}" ? null : options);
        using var request = new HttpRequestMessage(HttpMethod.Post, options == "{}" ? path + "retry" : "/v1/imports") { Content = file, Headers = { { "Prefer", "wait=30" } } };
        var child = await (await client.SendAsync(request)).JsonAsync(HttpStatusCode.Accepted);
        Assert.Equal(("completed", 1), (child.GetProperty("status").GetString(), child.GetProperty("counts").GetProperty("created").GetInt32()));
        Assert.Equal(["email", "=Sum", "-Note"], child.GetProperty("source").GetProperty("columns").EnumerateArray().Select(c => c.GetString()!));
        var contact = JsonDocument.Parse(await client.GetStringAsync($"/v1/contacts?email=bad{name}@header.example")).RootElement.GetProperty("items")[0];
        Assert.Equal(("=2+3", "b"), (contact.GetProperty("fields").GetProperty("=Sum").GetString(), contact.GetProperty("first_name").GetString()));
        Assert.Equal(1, JsonDocument.Parse(await client.GetStringAsync("/v1/fields")).RootElement.GetProperty("items").EnumerateArray().Count(f => f.GetProperty("name").GetString()!.Contains("=Sum", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Rejects_for_people_of_a_json_import_lose_their_apostrophes_on_the_way_back()
    {
        using var client = host.Admin();
        var parent = await EndAsync(client, Answers.Json("""{"contacts":[{"email":"no-address","first_name":"=1+1"}]}"""));
        var path = $"/v1/imports/{parent.GetProperty("id").GetString()}/";
        var rejects = (await client.GetStringAsync(path + "rejects?safe=true")).Replace("no-address", "json@escape.example", StringComparison.Ordinal);
        using var request = new HttpRequestMessage(HttpMethod.Post, path + "retry") { Content = Answers.Form(Encoding.UTF8.GetBytes(rejects), null), Headers = { { "Prefer", "wait=30" } } };
        using var response = await client.SendAsync(request);
        Assert.Equal("remove", (await response.JsonAsync(HttpStatusCode.Accepted)).GetProperty("options").GetProperty("formula_escapes").GetString());
        var contact = JsonDocument.Parse(await client.GetStringAsync("/v1/contacts?email=json@escape.example")).RootElement.GetProperty("items")[0];
        Assert.Equal("=1+1", contact.GetProperty("first_name").GetString());
    }

    [Fact]
    public async Task Records_of_every_outcome_come_back_as_they_were_sent()
    {
        using var client = host.Admin();
        await EndAsync(client, Answers.Form("email;first_name\r\nold@outcome.example;Old\r\n"u8.ToArray(), null));
        var import = await EndAsync(client, Answers.Form(
            "email;first_name\r\nnew@outcome.example;\"New\"\r\nold@outcome.example;Older\r\nNEW@outcome.example;Twice\r\nbad;Bad\r\n"u8.ToArray(), null));
        var path = $"/v1/imports/{import.GetProperty("id").GetString()}/";
        Assert.Equal("email;first_name\r\nnew@outcome.example;\"New\"\r\n", await client.GetStringAsync(path + "created"));
        Assert.Equal("email;first_name\r\nold@outcome.example;Older\r\n", await client.GetStringAsync(path + "updated"));
        Assert.Equal("email;first_name\r\nNEW@outcome.example;Twice\r\n", await client.GetStringAsync(path + "duplicate"));
        Assert.Equal("email;first_name\r\n", await client.GetStringAsync(path + "suppressed"));
        Assert.Equal("email;first_name\r\nbad;Bad\r\n", await client.GetStringAsync(path + "rejects"));
    }

    static async Task<JsonElement> EndAsync(HttpClient client, HttpContent content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/imports") { Content = content, Headers = { { "Prefer", "wait=30" } } };
        using var response = await client.SendAsync(request);
        var import = await response.JsonAsync(HttpStatusCode.Accepted);
        Assert.Equal("completed", import.GetProperty("status").GetString());
        return import;
    }
}
