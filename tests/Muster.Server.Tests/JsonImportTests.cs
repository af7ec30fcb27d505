using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Muster.Contacts;

namespace Muster.Server.Tests;

public sealed class JsonImportTests(MusterHost host) : IClassFixture<MusterHost>
{
    const string Good = """{"email":"ann@example.org","first_name":"Ann","fields":{"Shoe size":38}}""";
    const string Bad = """{ "email":"no-address", "first_name":"N\u00f6t" }""";
    const string Nested = """{"email":"eve@example.org","address":{"city":"Pune"}}""";

    async Task<(string Path, JsonElement Import)> ImportAsync(HttpClient client, byte[] body, string type, string query = "")
    {
        using var content = new ByteArrayContent(body) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/imports" + query) { Content = content };
        request.Headers.Add("Prefer", "wait=30");
        using var response = await client.SendAsync(request);
        var import = await response.JsonAsync(HttpStatusCode.Accepted);
        Assert.Equal("completed", import.GetProperty("status").GetString());
        return ("/v1/imports/" + import.GetProperty("id").GetString(), import);
    }

    static long Count(JsonElement import, string name) => import.GetProperty("counts").GetProperty(name).GetInt64();

    async Task<HttpClient> NewAccountAsync(string name) => host.Client(await host.MintAsync(name, KeyScope.Admin));

    [Fact]
    public async Task Contacts_in_the_body_are_imported_and_rejects_come_back_as_they_were_sent()
    {
        using var client = await NewAccountAsync("json-body");
        var (path, import) = await ImportAsync(client, Encoding.UTF8.GetBytes($$$"""{"contacts":[{{{Good}}}, {{{Bad}}},{{{Nested}}}],"options":{"lists":["Customers"]}}"""), "application/json");

        Assert.Equal("json", import.GetProperty("source").GetProperty("format").GetString());
        Assert.Equal((3, 1, 2), (Count(import, "read"), Count(import, "created"), Count(import, "rejected")));
        Assert.Equal($$"""{"contacts":[{{Bad}},{{Nested}}]}""", await client.GetStringAsync(path + "/rejects"));
        using var errors = JsonDocument.Parse(await client.GetStringAsync(path + "/errors"));
        var items = errors.RootElement.GetProperty("items");
        Assert.Equal((2, "email", "invalid_email", "no-address"), (
            items[0].GetProperty("row_number").GetInt32(), items[0].GetProperty("column").GetString(), items[0].GetProperty("code").GetString(), items[0].GetProperty("value").GetString()));
        Assert.Equal((3, "address", "invalid_json", """{"city":"Pune"}"""), (
            items[1].GetProperty("row_number").GetInt32(), items[1].GetProperty("column").GetString(), items[1].GetProperty("code").GetString(), items[1].GetProperty("value").GetString()));
        Assert.Contains("\"Shoe size\":\"38\"", await client.GetStringAsync("/v1/contacts/export?format=ndjson"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("contacts")]
    [InlineData("list")]
    public async Task A_text_longer_than_any_record_costs_its_contact_alone(string form)
    {
        using var client = await NewAccountAsync("json-long-" + form);
        foreach (var (i, piece) in new[] { "x", "é\\\\", "\\u00e9", "a\\\"\\\\b" }.Index())
        {
            // Pieces of every length, so that windows end within escapes too.
            var text = string.Concat(Enumerable.Repeat(piece, (3 << 20) / piece.Length)) + new string('y', i);
            var contacts = $$$"""[{"email":"before{{{i}}}@example.org"},{"email":"long{{{i}}}@example.org","note":"{{{text}}}","{{{text}}}":1},{"email":"after{{{i}}}@example.org"}]""";
            var (path, import) = await ImportAsync(client, Encoding.UTF8.GetBytes(form == "list" ? contacts : $$$"""{"contacts":{{{contacts}}},"options":{"lists":["L"]}}"""), "application/json");
            Assert.Equal((3, 2, 1), (Count(import, "read"), Count(import, "created"), Count(import, "rejected")));
            using var errors = JsonDocument.Parse(await client.GetStringAsync(path + "/errors"));
            var error = errors.RootElement.GetProperty("items")[0];
            Assert.Equal((2, "record_too_long"), (error.GetProperty("row_number").GetInt32(), error.GetProperty("code").GetString()));
        }
    }

    [Theory]
    [InlineData("\\x")]
    [InlineData("\n")]
    [InlineData("\\u12g4")]
    public async Task A_long_text_that_is_no_json_is_refused_with_the_body(string damage)
    {
        using var client = await NewAccountAsync("json-long-bad-" + damage.Length);
        var body = $$$"""[{"email":"ann@example.org","note":"{{{new string('x', 2 << 20)}}}{{{damage}}}{{{new string('x', 2 << 20)}}}"}]""";
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = MediaTypeHeaderValue.Parse("application/json") } };
        using var response = await client.PostAsync("/v1/imports", content);
        Assert.Equal("malformed_json", (await response.JsonAsync(HttpStatusCode.BadRequest)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_nested_value_is_left_out_with_the_column_that_holds_it()
    {
        using var client = await NewAccountAsync("json-ignored");
        var (_, import) = await ImportAsync(client, Encoding.UTF8.GetBytes($"[{Nested}]"), "application/json", "?unknown_columns=ignore");
        Assert.Equal(1, Count(import, "created"));
    }

    [Theory]
    [InlineData("[{0},\n{1} ,\n{{\"email\":}}\n,{2}]", "[{1},{{\"email\":}},{2}]")]
    [InlineData("{0}\r\n{1}\r\n{{\"email\":}}\r\n{2}", "{1}\r\n{{\"email\":}}\r\n{2}")]
    public async Task Rejects_have_the_form_of_their_source(string source, string rejects)
    {
        using var client = await NewAccountAsync("json-" + Guid.CreateVersion7().ToString("N"));
        var (path, import) = await ImportAsync(client, Encoding.UTF8.GetBytes(string.Format(CultureInfo.InvariantCulture, source, Good, Bad, Nested)), "text/plain");
        Assert.Equal((4, 1, 3), (Count(import, "read"), Count(import, "created"), Count(import, "rejected")));
        Assert.Equal(string.Format(CultureInfo.InvariantCulture, rejects, Good, Bad, Nested), await client.GetStringAsync(path + "/rejects"));
    }

    [Fact]
    public async Task The_same_contacts_are_the_same_in_every_form()
    {
        var contacts = Enumerable.Range(0, 1_000).Select(i => new Dictionary<string, string>
        {
            ["email"] = i % 50 == 7 ? "bad" + i : i % 40 == 3 ? "repeated@example.org" : $"c{i}@example.org",
            ["first_name"] = i % 9 == 0 ? "" : $"Zoë \"{i}\", \\ 😀",
            ["phone"] = i % 30 == 4 ? "12" : $"+614{i + 10_000_000}",
            ["shoe size"] = (i % 47).ToString(CultureInfo.InvariantCulture),
        }).ToList();
        var objects = contacts.Select(c => JsonSerializer.Serialize(c)).ToList();
        static string Quoted(string text) => "\"" + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
        string[] sources =
        [
            "email,first_name,phone,shoe size\n" + string.Concat(contacts.Select(c => string.Join(',', c.Values.Select(Quoted)) + "\n")),
            "[" + string.Join(",\n", objects) + "]",
            "{\"contacts\":[" + string.Join(',', objects) + "]}",
            string.Join("\n", objects),
        ];

        var answers = new List<string>();
        foreach (var source in sources)
        {
            using var client = await NewAccountAsync($"same-{answers.Count}");
            var (path, import) = await ImportAsync(client, Encoding.UTF8.GetBytes(source), "text/plain");
            var export = Regex.Replace(await client.GetStringAsync("/v1/contacts/export"), @"\d{4}-\d\d-\d\dT[\d:.]+Z", "");
            var errors = JsonDocument.Parse(await client.GetStringAsync(path + "/errors?limit=1000")).RootElement.GetProperty("items").EnumerateArray()
                .Select(e => $"{e.GetProperty("column")} {e.GetProperty("code")} {e.GetProperty("value")}");
            answers.Add($"{import.GetProperty("counts")}\n{export}\n{string.Join('\n', errors)}");
        }
        Assert.Contains("\"read\":1000", answers[0], StringComparison.Ordinal);
        Assert.All(answers, a => Assert.Equal(answers[0], a));
    }

    [Fact]
    public async Task Our_own_ndjson_export_changes_nothing_when_it_is_imported()
    {
        using var client = await NewAccountAsync("json-export");
        await ImportAsync(client, "email,Mobile two,id card,external_id\nann@example.org,x,y,1\nbob@example.org,,z,2\n"u8.ToArray(), "text/csv", "?lists=A&tags=t");
        var export = await client.GetByteArrayAsync("/v1/contacts/export?format=ndjson");
        var (_, import) = await ImportAsync(client, export, "application/x-ndjson");
        Assert.Equal((2, 2), (Count(import, "read"), Count(import, "unchanged")));
        var again = await client.GetByteArrayAsync("/v1/contacts/export?format=ndjson");
        Assert.Equal(Encoding.UTF8.GetString(export), Encoding.UTF8.GetString(again));
    }

    [Theory]
    [InlineData("[{\"email\":\"ann@example.org\",}]", "invalid_json")]
    [InlineData("[1,2]", "invalid_json")]
    [InlineData("[]", "no_rows")]
    [InlineData("[{\"city\":\"Pune\"}]", "no_usable_column")]
    public async Task A_source_without_contacts_is_refused(string source, string code)
    {
        using var client = await NewAccountAsync("json-refused");
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(source));
        content.Headers.ContentType = new("text/plain");
        using var response = await client.PostAsync("/v1/imports", content);
        await response.ProblemAsync(HttpStatusCode.BadRequest, code);
    }
}
