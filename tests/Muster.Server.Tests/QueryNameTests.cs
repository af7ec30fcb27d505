using System.Net;
using System.Text.Json;

namespace Muster.Server.Tests;

/// <summary>A query parameter that a route does not know is refused on every route, whatever the method, with those that it knows.</summary>
public sealed class QueryNameTests(MusterHost host) : IClassFixture<MusterHost>
{
    [Fact]
    public async Task An_unknown_query_parameter_is_refused_by_name_on_every_route_with_all_that_the_document_says()
    {
        using var client = host.Admin();
        using var document = JsonDocument.Parse(await client.GetStringAsync("/openapi/v1.json"));
        var routes = 0;
        foreach (var path in document.RootElement.GetProperty("paths").EnumerateObject().Where(p => p.Name.StartsWith("/v1/", StringComparison.Ordinal)))
        {
            foreach (var operation in path.Value.EnumerateObject().Where(o => o.Name is "get" or "post" or "put" or "patch" or "delete"))
            {
                var address = path.Name.Replace("{id}", "1", StringComparison.Ordinal).Replace("{contactId}", "1", StringComparison.Ordinal);
                using var request = new HttpRequestMessage(new(operation.Name.ToUpperInvariant()), address + "?limti=5");
                using var response = await client.SendAsync(request);
                var names = QueryOf(operation.Value).ToList();
                var problem = await response.ProblemAsync(HttpStatusCode.BadRequest, names.Contains("lists") ? "unknown_option" : "invalid_parameter");
                Assert.Equal("limti", problem.Option);
                Assert.Contains("limti", problem.Detail, StringComparison.Ordinal);
                Assert.All(names, name => Assert.Contains(name, problem.Detail, StringComparison.Ordinal));
                routes++;
            }
        }
        Assert.True(routes > 50, $"{routes} routes");
    }

    [Fact]
    public async Task The_document_describes_every_query_parameter()
    {
        using var client = host.Client(null);
        using var document = JsonDocument.Parse(await client.GetStringAsync("/openapi/v1.json"));
        foreach (var operation in document.RootElement.GetProperty("paths").EnumerateObject().SelectMany(p => p.Value.EnumerateObject()))
        {
            foreach (var parameter in operation.Value.TryGetProperty("parameters", out var all) ? all.EnumerateArray() : default)
            {
                if (parameter.GetProperty("in").GetString() == "query")
                    Assert.True(parameter.TryGetProperty("description", out var text) && text.GetString() is { Length: > 5 }, parameter.GetRawText());
            }
        }
        var submission = QueryOf(document.RootElement.GetProperty("paths").GetProperty("/v1/imports").GetProperty("post")).ToList();
        Assert.All(["file_name", "lists", "mapping", "dry_run", "max_rejects", "hold"], name => Assert.Contains(name, submission));
    }

    [Theory]
    [InlineData("/v1/contacts?limit=1&limit=2", "limit")]
    [InlineData("/v1/contacts?email=a@example.com&email=b@example.com", "email")]
    [InlineData("/v1/lists?cursor=&cursor=", "cursor")]
    public async Task A_parameter_given_twice_is_refused_by_name(string path, string name)
    {
        using var client = host.Admin();
        using var response = await client.GetAsync(path);
        Assert.Equal(name, (await response.ProblemAsync(HttpStatusCode.BadRequest, "invalid_parameter")).Option);
    }

    [Theory]
    [InlineData("/v1/contacts?Limit=5", "Limit")]
    [InlineData("/v1/contacts?limit=5&%00=x", "\0")]
    [InlineData("/v1/contacts?nonsense", "nonsense")]
    public async Task Names_are_taken_as_they_are_spelt(string path, string name)
    {
        using var client = host.Admin();
        using var response = await client.GetAsync(path);
        Assert.Equal(name, (await response.ProblemAsync(HttpStatusCode.BadRequest, "invalid_parameter")).Option);
    }

    [Fact]
    public async Task A_very_long_name_is_cut_in_the_answer_and_a_wrong_key_is_told_first()
    {
        var path = "/v1/contacts?" + new string('x', 10_000) + "=1";
        using var client = host.Admin();
        using var response = await client.GetAsync(path);
        Assert.True((await response.ProblemAsync(HttpStatusCode.BadRequest, "invalid_parameter")).Detail.Length < 500);
        using var stranger = host.Client("muster_x_y");
        using var refused = await stranger.GetAsync(path);
        await refused.ProblemAsync(HttpStatusCode.Unauthorized, "unauthorized");
    }

    [Fact]
    public async Task A_retry_and_an_upload_name_what_they_take()
    {
        using var client = host.Admin();
        using var upload = await client.PostAsync("/v1/uploads?lists=A", Answers.Form("email\nann@example.com\n"u8.ToArray(), options: null));
        Assert.Contains("file_name", (await upload.ProblemAsync(HttpStatusCode.BadRequest, "invalid_parameter")).Detail, StringComparison.Ordinal);
        using var apply = await client.PostAsync("/v1/imports/1/apply?dry_run=true", null);
        Assert.Contains("on_conflict", (await apply.ProblemAsync(HttpStatusCode.BadRequest, "invalid_parameter")).Detail, StringComparison.Ordinal);
    }

    static IEnumerable<string> QueryOf(JsonElement operation) => operation.TryGetProperty("parameters", out var all)
        ? all.EnumerateArray().Where(p => p.GetProperty("in").GetString() == "query").Select(p => p.GetProperty("name").GetString() ?? "") : [];
}
