using System.Net;

namespace Muster.Server.Tests;

/// <summary>Lists, tags, fields and the account.</summary>
public sealed class NameTests(MusterHost host) : IClassFixture<MusterHost>
{
    [Fact]
    public async Task A_list_is_made_once_renamed_and_removed()
    {
        using var http = host.Admin();
        using var made = await http.PostAsync("/v1/lists", Answers.Json("""{"name":"News"}"""));
        var list = await made.JsonAsync(HttpStatusCode.Created);
        using var again = await http.PostAsync("/v1/lists", Answers.Json("""{"name":"news"}"""));
        Assert.Equal(list.GetProperty("id").GetInt32(), (await again.JsonAsync(HttpStatusCode.OK)).GetProperty("id").GetInt32());
        using var other = await http.PostAsync("/v1/lists", Answers.Json("""{"name":"Other"}"""));
        using var taken = await http.PatchAsync(other.Headers.Location, Answers.Json("""{"name":"NEWS"}"""));
        await taken.ProblemAsync(HttpStatusCode.Conflict, "name_taken");
        using var renamed = await http.PatchAsync(made.Headers.Location, Answers.Json("""{"name":"Nouvelles"}"""));
        Assert.Equal("Nouvelles", (await renamed.JsonAsync(HttpStatusCode.OK)).GetProperty("name").GetString());
        using var removed = await http.DeleteAsync(made.Headers.Location);
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
    }

    [Fact]
    public async Task Pages_of_tags_join_without_a_gap()
    {
        using var http = host.Admin();
        for (var i = 0; i < 5; i++)
        {
            using var made = await http.PostAsync("/v1/tags", Answers.Json($$"""{"name":"tag {{i}}"}"""));
            Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        }
        var names = new List<string?>();
        string? cursor = "";
        while (cursor is not null)
        {
            using var response = await http.GetAsync($"/v1/tags?limit=2&cursor={cursor}");
            var page = await response.JsonAsync(HttpStatusCode.OK);
            names.AddRange(page.GetProperty("items").EnumerateArray().Select(t => t.GetProperty("name").GetString()));
            cursor = page.GetProperty("next_cursor").GetString();
        }
        Assert.Equal(["tag 0", "tag 1", "tag 2", "tag 3", "tag 4"], names);
    }

    [Fact]
    public async Task A_field_keeps_its_type()
    {
        using var http = host.Admin();
        using var made = await http.PostAsync("/v1/fields", Answers.Json("""{"name":"Born","type":"date"}"""));
        Assert.Equal("date", (await made.JsonAsync(HttpStatusCode.Created)).GetProperty("type").GetString());
        using var other = await http.PostAsync("/v1/fields", Answers.Json("""{"name":"born","type":"text"}"""));
        await other.ProblemAsync(HttpStatusCode.Conflict, "name_taken");
    }

    [Fact]
    public async Task The_account_changes_its_region_and_match()
    {
        using var http = host.Admin();
        using var changed = await http.PatchAsync("/v1/account", Answers.Json("""{"region":"gb","match":"phone"}"""));
        Assert.Equal("GB", (await changed.JsonAsync(HttpStatusCode.OK)).GetProperty("region").GetString());
        using var seen = await http.GetAsync("/v1/account");
        Assert.Equal("phone", (await seen.JsonAsync(HttpStatusCode.OK)).GetProperty("match").GetString());
        using var nowhere = await http.PatchAsync("/v1/account", Answers.Json("""{"region":"XX"}"""));
        await nowhere.ProblemAsync(HttpStatusCode.BadRequest, "invalid_body");
        using var refused = await http.PatchAsync("/v1/account", Answers.Json("""{"region":"Britain"}"""));
        await refused.ProblemAsync(HttpStatusCode.BadRequest, "invalid_body");
    }

    [Fact]
    public async Task A_list_has_a_kind_a_limit_a_tag_and_variables()
    {
        using var http = host.Admin();
        using var made = await http.PostAsync("/v1/lists", Answers.Json("""{"name":"Diwali","kind":"dynamic","members_max":5,"tag":"q4","variables":["code"," size "]}"""));
        var list = await made.JsonAsync(HttpStatusCode.Created);
        Assert.Equal("""["code","size"]""", list.GetProperty("variables").GetRawText());
        Assert.Equal(("dynamic", 5, "q4"), (list.GetProperty("kind").GetString(), list.GetProperty("members_max").GetInt32(), list.GetProperty("tag").GetString()));
        var path = "/v1/lists/" + list.GetProperty("id").GetRawText();
        using var changed = await http.PatchAsync(path, Answers.Json("""{"members_max":0,"tag":"","variables":["code"]}"""));
        list = await changed.JsonAsync(HttpStatusCode.OK);
        Assert.Equal("null null [\"code\"]", $"{list.GetProperty("members_max").GetRawText()} {list.GetProperty("tag").GetRawText()} {list.GetProperty("variables").GetRawText()}");
        foreach (var bad in (string[])["""{"kind":"static"}""", """{"members_max":-1}""", """{"variables":["a","A"]}""", """{"variables":[""]}"""])
        {
            using var refused = await http.PatchAsync(path, Answers.Json(bad));
            await refused.ProblemAsync(HttpStatusCode.BadRequest, "invalid_body");
        }
        using var odd = await http.PostAsync("/v1/lists", Answers.Json("""{"name":"odd","variables":["a"]}"""));
        await odd.ProblemAsync(HttpStatusCode.BadRequest, "invalid_body");
        using var none = await http.GetAsync(path + "/members");
        Assert.Equal(0, (await none.JsonAsync(HttpStatusCode.OK)).GetProperty("items").GetArrayLength());
        using var unknown = await http.GetAsync("/v1/lists/1999999999/members");
        await unknown.ProblemAsync(HttpStatusCode.NotFound, "not_found");
    }
}
