using System.Net;
using System.Text.Json;
using Muster.Contacts;

namespace Muster.Server.Tests;

public sealed class ProfileTests(MusterHost host) : IClassFixture<MusterHost>
{
    const string Csv = "Mail,Wer,Seit,Notiz\na@example.org,Ann,31/01/2026,x\n";
    const string Mapping = """[{"column":"Mail","field":"email"},{"column":"Wer","field":"first_name"},{"column":"Seit","field":"field:since","type":"date"},{"column":"Notiz","field":"ignore"},{"value":"CRM","field":"field:source"}]""";

    async Task<HttpClient> NewAccountAsync(string name) => host.Client(await host.MintAsync(name, KeyScope.Admin));

    static async Task<JsonElement> CreateAsync(HttpClient client, string json)
    {
        using var response = await client.PostAsync("/v1/profiles", Answers.Json(json));
        return await response.JsonAsync(HttpStatusCode.Created);
    }

    /// <summary>An account with a profile CRM, made from an import.</summary>
    async Task<(HttpClient Client, string ProfileId)> WithProfileAsync(string account)
    {
        var client = await NewAccountAsync(account);
        var import = await client.CompletedAsync(Csv, $$"""{"mapping":{{Mapping}},"tags":["crm"]}""");
        var profile = await CreateAsync(client, $$"""{"name":"CRM","from_import":"{{import.GetProperty("id").GetString()}}"}""");
        Assert.Equal(1, profile.GetProperty("version").GetInt32());
        Assert.Equal(["Mail email", "Wer text", "Seit date", "Notiz text"], profile.GetProperty("columns").EnumerateArray().Select(c => $"{c.GetProperty("column").GetString()} {c.GetProperty("type").GetString()}"));
        return (client, profile.GetProperty("id").GetInt32().ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("webhook_url", "\"https://example.org/hook\"")]
    [InlineData("notify_email", "\"ann@example.org\"")]
    [InlineData("consent", """{"status":"opted_in","evidence":"form"}""")]
    [InlineData("allow_resubscribe", "true")]
    [InlineData("dry_run", "true")]
    public async Task What_each_import_says_for_itself_is_refused_by_name_when_a_profile_is_saved(string option, string value)
    {
        using var client = await NewAccountAsync("own options " + option);
        using var response = await client.PostAsync("/v1/profiles", Answers.Json($"{{\"name\":\"Own\",\"options\":{{\"{option}\":{value}}}}}"));
        var problem = await response.ProblemAsync(HttpStatusCode.BadRequest, "invalid_option");
        Assert.Equal(option, problem.Option);

        // Of an import that said it, all but that goes into the profile.
        var import = await client.ImportAsync("email\na@example.org\n", option == "allow_resubscribe" ? "{}" : $"{{\"{option}\":{value}}}");
        var made = await CreateAsync(client, $$"""{"name":"CRM","from_import":"{{import.GetProperty("id").GetString()}}"}""");
        Assert.Equal(JsonValueKind.Null, made.GetProperty("options").GetProperty(option).ValueKind);
    }

    [Fact]
    public async Task A_profile_made_from_an_import_has_of_its_hold_limits_what_the_account_does_not_say()
    {
        using var client = await NewAccountAsync("profile and hold");
        var import = await client.CompletedAsync(Csv, $$"""{"hold":{"reject_share":0.9},"mapping":{{Mapping}}}""");
        var profile = await CreateAsync(client, $$"""{"name":"CRM","from_import":"{{import.GetProperty("id").GetString()}}"}""");
        Assert.Equal("""{"reject_share":0.9}""", profile.GetProperty("options").GetProperty("hold").GetRawText());

        // A limit of the account that changes later holds for files of the profile.
        using var changed = await client.PatchAsync("/v1/account", Answers.Json("""{"hold":{"drift":false}}"""));
        await changed.JsonAsync(HttpStatusCode.OK);
        var next = await client.CompletedAsync("Mail,Wer\nb@example.org,Bob\n", """{"profile":"CRM"}""");
        var limits = next.GetProperty("options").GetProperty("hold");
        Assert.Equal((JsonValueKind.Null, 0.9), (limits.GetProperty("drift").ValueKind, limits.GetProperty("reject_share").GetDouble()));
    }

    [Fact]
    public async Task A_profile_made_from_an_import_reads_the_next_file_of_its_kind_by_itself()
    {
        var (client, _) = await WithProfileAsync("by header");
        var import = await client.CompletedAsync("Notiz,Seit,Mail,Wer\ny,14/02/2026,b@example.org,Bob\n");
        Assert.Equal("CRM@1", import.GetProperty("options").GetProperty("profile").GetString());
        Assert.Contains("CRM", import.GetProperty("warnings")[0].GetString(), StringComparison.Ordinal);
        var second = (await client.ContactsAsync())["b@example.org"];
        Assert.Equal("Bob", second.GetProperty("first_name").GetString());
        Assert.Equal(["2026-02-14", "CRM", null], ((string[])["since", "source", "Notiz"]).Select(f => second.Field(f)));
        Assert.Equal("crm", second.GetProperty("tags")[0].GetString());
        var none = await client.CompletedAsync("Notiz,Seit,Mail,Wer\ny,14/02/2026,c@example.org,Cid\n", """{"profile":""}""");
        Assert.Equal("field:Notiz", none.GetProperty("mapping")[0].GetProperty("field").GetString());
    }

    [Theory]
    [InlineData("Mail,Wer,Seit\na@example.org,Ann,31/01/2026\n", "missing", "Notiz")]
    [InlineData("Mail,Wer,Seit,Notiz,Ort\na@example.org,Ann,31/01/2026,x,Bonn\n", "new", "Ort")]
    [InlineData("Mail,Name,Seit,Notiz\na@example.org,Ann,31/01/2026,x\n", "renamed", "Name")]
    [InlineData("Mail,Wer,Seit,Notiz\na@example.org,Ann,lately,x\n", "retyped", "Seit")]
    public async Task A_source_that_is_not_as_the_profile_knows_it_is_held(string csv, string kind, string column)
    {
        var (client, _) = await WithProfileAsync("drift " + kind);
        var held = await client.ImportAsync(csv, """{"profile":"crm"}""");
        Assert.Equal("held", held.GetProperty("status").GetString());
        var finding = held.GetProperty("hold")[0];
        Assert.Equal("drift", finding.GetProperty("rule").GetString());
        Assert.Equal(1, finding.GetProperty("value").GetDouble());
        Assert.Contains(column, finding.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal((kind, column), (finding.GetProperty("examples")[0].GetProperty("code").GetString(), finding.GetProperty("examples")[0].GetProperty("column").GetString()));
        var through = await client.ImportAsync(csv, """{"profile":"CRM","hold":{"drift":false},"on_invalid_value":"drop_value"}""");
        Assert.Equal("completed", through.GetProperty("status").GetString());
    }

    [Fact]
    public async Task What_an_import_says_beats_its_profile()
    {
        var (client, _) = await WithProfileAsync("beats");
        var import = await client.CompletedAsync(Csv, """{"profile":"CRM","tags":["other"],"mapping":{"Mail":"email"}}""");
        Assert.Equal("other", import.GetProperty("options").GetProperty("tags")[0].GetString());
        Assert.Equal("field:Wer", import.GetProperty("mapping")[1].GetProperty("field").GetString());
    }

    [Fact]
    public async Task Every_change_is_a_version_and_imports_may_name_one()
    {
        var (client, id) = await WithProfileAsync("versions");
        using (var put = await client.PutAsync($"/v1/profiles/{id}", Answers.Json("""{"options":{"mapping":{"Mail":"email","Wer":"last_name"}}}""")))
        {
            var changed = await put.JsonAsync(HttpStatusCode.OK);
            Assert.Equal((2, "CRM"), (changed.GetProperty("version").GetInt32(), changed.GetProperty("name").GetString()));
        }
        var newest = await client.CompletedAsync(Csv, """{"profile":"CRM"}""");
        Assert.Equal("last_name", newest.GetProperty("mapping")[1].GetProperty("field").GetString());
        var first = await client.CompletedAsync(Csv, $$"""{"profile":"{{id}}@1"}""");
        Assert.Equal("first_name", first.GetProperty("mapping")[1].GetProperty("field").GetString());
        Assert.Equal("CRM@1", first.GetProperty("options").GetProperty("profile").GetString());
        using var versions = await client.GetAsync($"/v1/profiles/{id}/versions");
        Assert.Equal([2, 1], (await versions.JsonAsync(HttpStatusCode.OK)).GetProperty("items").EnumerateArray().Select(v => v.GetProperty("version").GetInt32()));
        using var one = await client.GetAsync($"/v1/profiles/{id}?version=1");
        Assert.Equal(4, (await one.JsonAsync(HttpStatusCode.OK)).GetProperty("columns").GetArrayLength());
    }

    [Fact]
    public async Task Profiles_are_listed_taken_away_and_seen_by_their_account_alone()
    {
        var (client, id) = await WithProfileAsync("crud");
        using var other = host.Client(host.OtherToken);
        foreach (var path in (string[])[$"/v1/profiles/{id}", $"/v1/profiles/{id}/versions"])
        {
            using var foreign = await other.GetAsync(path);
            await foreign.ProblemAsync(HttpStatusCode.NotFound, "not_found");
        }
        using (var taken = await client.PostAsync("/v1/profiles", Answers.Json("""{"name":"crm"}""")))
            await taken.ProblemAsync(HttpStatusCode.Conflict, "name_taken");
        using (var listed = await client.GetAsync("/v1/profiles"))
            Assert.Equal("CRM", (await listed.JsonAsync(HttpStatusCode.OK)).GetProperty("items")[0].GetProperty("name").GetString());
        using (var deleted = await client.DeleteAsync($"/v1/profiles/{id}"))
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        using var gone = await client.PostAsync("/v1/imports", Answers.Form("email\na@example.org\n"u8.ToArray(), """{"profile":"CRM"}"""));
        Assert.Equal("profile", (await gone.ProblemAsync(HttpStatusCode.BadRequest, "invalid_option")).Option);
    }

    [Theory]
    [InlineData("""{}""", "invalid_body")]
    [InlineData("""{"name":"x","options":{"match":"shoe"}}""", "invalid_option")]
    [InlineData("""{"name":"x","columns":[{"column":"a","type":"colour"}]}""", "invalid_body")]
    [InlineData("""{"name":"x","from_import":"0199aaaa-0000-7000-8000-000000000000"}""", "invalid_body")]
    [InlineData("""{"name":"x","colour":"red"}""", "malformed_json")]
    public async Task A_profile_that_cannot_be_is_refused(string json, string code)
    {
        using var client = host.Admin();
        using var response = await client.PostAsync("/v1/profiles", Answers.Json(json));
        await response.ProblemAsync(HttpStatusCode.BadRequest, code);
    }
}
