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
        using var refused = await http.PatchAsync("/v1/account", Answers.Json("""{"region":"Britain"}"""));
        await refused.ProblemAsync(HttpStatusCode.BadRequest, "invalid_body");
    }
}
