using System.Net;
using System.Text;
using System.Text.Json;
using Muster.Contacts;

namespace Muster.Server.Tests;

public sealed class MergeTests(MusterHost host) : IClassFixture<MusterHost>
{
    async Task<HttpClient> NewAccountAsync(string name) => host.Client(await host.MintAsync(name, KeyScope.Admin));

    static async Task<JsonElement> ImportAsync(HttpClient client, string csv, string? options, string query = "")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/imports" + query)
        {
            Content = query.Length == 0 ? Answers.Form(Encoding.UTF8.GetBytes(csv), options) : new StringContent(csv, Encoding.UTF8, "text/csv"),
        };
        request.Headers.Add("Prefer", "wait=60");
        using var response = await client.SendAsync(request);
        return await response.JsonAsync(HttpStatusCode.Accepted);
    }

    static async Task<JsonElement> ItemsAsync(HttpClient client, JsonElement import, string report)
    {
        using var response = await client.GetAsync($"/v1/imports/{import.GetProperty("id").GetString()}/{report}");
        return (await response.JsonAsync(HttpStatusCode.OK)).GetProperty("items");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_ambiguous_match_names_the_candidates(bool inQuery)
    {
        using var client = await NewAccountAsync("ambiguous" + inQuery);
        await ImportAsync(client, "email,phone\nann@x.test,+61400000001\nbo@x.test,+61400000002\n", null);
        using var contacts = await client.GetAsync("/v1/contacts");
        var ids = (await contacts.JsonAsync(HttpStatusCode.OK)).GetProperty("items").EnumerateArray().Select(c => c.GetProperty("id").GetInt32()).ToArray();

        const string Csv = "email,phone\nann@x.test,+61400000002\n";
        var import = inQuery ? await ImportAsync(client, Csv, null, "?match=phone,email") : await ImportAsync(client, Csv, """{"match":["phone","email"]}""");
        Assert.Equal(["phone", "email"], import.GetProperty("options").GetProperty("match").EnumerateArray().Select(m => m.GetString()));
        var error = Assert.Single((await ItemsAsync(client, import, "errors")).EnumerateArray());
        Assert.Equal("ambiguous_match", error.GetProperty("code").GetString());
        Assert.Equal(ids.Order(), error.GetProperty("candidates").EnumerateArray().Select(c => c.GetInt32()).Order());
        Assert.All(ids, id => Assert.Contains(id.ToString(System.Globalization.CultureInfo.InvariantCulture), error.GetProperty("message").GetString(), StringComparison.Ordinal));
        var row = Assert.Single((await ItemsAsync(client, import, "rows")).EnumerateArray());
        Assert.Equal(2, row.GetProperty("candidates").GetArrayLength());
    }

    [Fact]
    public async Task One_kind_stays_a_word()
    {
        using var client = await NewAccountAsync("word");
        Assert.Equal("phone", (await ImportAsync(client, "phone\n+61400000001\n", """{"match":["phone"]}""")).GetProperty("options").GetProperty("match").GetString());
    }

    [Fact]
    public async Task Each_duplicate_row_is_reported_with_the_row_that_counts()
    {
        using var client = await NewAccountAsync("last");
        var import = await ImportAsync(client, "email,first_name\na@x.test,1\na@x.test,2\n", """{"on_duplicate_row":"last"}""");
        var rows = (await ItemsAsync(client, import, "rows")).EnumerateArray().ToArray();
        Assert.Equal(("duplicate", 3), (rows[0].GetProperty("outcome").GetString(), rows[0].GetProperty("duplicate_of").GetInt32()));
        Assert.Equal("duplicate_in_file", rows[0].GetProperty("codes")[0].GetString());
        Assert.Equal("created", rows[1].GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task Max_rejects_ends_the_import_as_failed_and_says_so()
    {
        using var client = await NewAccountAsync("max-rejects");
        var import = await ImportAsync(client, "email\na@x.test\nbad\nb@x.test\nworse\nc@x.test\n", """{"max_rejects":1}""");
        Assert.Equal("failed", import.GetProperty("status").GetString());
        Assert.Equal("too_many_rejects", import.GetProperty("failure").GetProperty("code").GetString());
        var counts = import.GetProperty("counts");
        Assert.Equal((4, 2, 2), (counts.GetProperty("read").GetInt32(), counts.GetProperty("created").GetInt32(), counts.GetProperty("rejected").GetInt32()));
        Assert.Equal("email\nbad\nworse\n", await client.GetStringAsync($"/v1/imports/{import.GetProperty("id").GetString()}/rejects"));
    }

    [Theory]
    [InlineData("""{"match":["phone","phone"]}""", "match")]
    [InlineData("""{"match":["phone","shoe"]}""", "match")]
    [InlineData("""{"policies":{"email":"append"}}""", "policies")]
    [InlineData("""{"policies":{"field:size":"append"}}""", "policies")]
    [InlineData("""{"max_rejects":-1}""", "max_rejects")]
    [InlineData("""{"on_duplicate_row":"middle"}""", "on_duplicate_row")]
    public async Task Options_that_cannot_be_are_refused_by_name(string options, string option)
    {
        using var client = await NewAccountAsync("refused");
        using var field = await client.PostAsync("/v1/fields", Answers.Json("""{"name":"size","type":"number"}"""));
        using var response = await client.PostAsync("/v1/imports", Answers.Form("email\na@x.test\n"u8.ToArray(), options));
        Assert.Equal(option, (await response.ProblemAsync(HttpStatusCode.BadRequest, "invalid_option")).Option);
    }
}
