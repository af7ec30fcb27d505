using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Muster.Server.Tests.Facades;
using Muster.Server.Tests.Facades.Dotmailer;

namespace Muster.Server.Tests;

/// <summary>Two accounts, every route that the running server has: an id in the path that is another account's answers as one that nobody has and as one that is deleted, byte for byte.</summary>
/// <remarks>The routes come from the server itself. One with a parameter that this test does not know, or that answers something else than 404, fails until it has a row here.</remarks>
public sealed class RouteMatrixTests : IAsyncLifetime
{
    const string Nobody = "1999999999";

    /// <summary>Parameters that name nothing of an account's, or the account itself.</summary>
    static readonly string[] NoIds = ["accountSid", "date", "option", "rest", "documentName", "path", "file"];

    /// <summary>What the handler needs before it looks for the id.</summary>
    static readonly Dictionary<string, string> Bodies = new()
    {
        ["PATCH /v1/contacts/{id}"] = """{"first_name":"x"}""", ["PATCH /v1/lists/{id}"] = """{"name":"x"}""", ["PATCH /v1/webhooks/{id}"] = """{"description":"x"}""", ["PUT /v1/profiles/{id}"] = """{"name":"x","options":{}}""",
        ["PUT lists/{listSid}"] = """{"name":"x"}""", ["PUT contacts/{contactSid}"] = """{"first_name":"x"}""", ["POST lists/{listSid}/contacts"] = """{"contact_references":[{"contact_sid":"x"}]}""",
        ["PUT /api/v2/contact/{contactId}"] = """{"First Name":"x"}""",
        ["PUT /v2/contacts/{contact}"] = """{"firstName":"x"}""", ["PUT /v2/address-books/{book}"] = """{"name":"x"}""", ["POST /v2/address-books/{book}/contacts"] = """{"email":"x@example.com"}""",
        ["POST /v2/address-books/{book}/contacts/delete"] = "[1]", ["POST /v2/address-books/{book}/contacts/unsubscribe"] = """{"email":"x@example.com"}""",
        ["POST /v2/address-books/{book}/contacts/resubscribe"] = """{"unsubscribedContact":{"email":"x@example.com"}}""",
        ["POST /v2/address-books/{book}/contacts/resubscribe-with-no-challenge"] = """{"unsubscribedContact":{"email":"x@example.com"}}""",
    };

    /// <summary>Routes that answer an id that is nobody's with something else than 404.</summary>
    static readonly Dictionary<string, HttpStatusCode> Otherwise = new()
    {
        ["GET /v2/contacts/import/{import}"] = HttpStatusCode.OK, // the status is Unknown
        ["GET /v2/contacts/imports/{import}"] = HttpStatusCode.OK,
    };

    readonly MusterHost host = new() { Settings = s => s with { OutboundAllow = "127.0.0.1:*" } };

    public ValueTask InitializeAsync() => host.InitializeAsync();

    public ValueTask DisposeAsync() => host.DisposeAsync();

    [Fact]
    public async Task A_foreign_id_answers_as_an_unknown_and_a_deleted_one_on_every_route()
    {
        var foreign = await MakeAsync(host.OtherToken, "other", "foreign", padding: 30);
        var own = await MakeAsync(host.AdminToken, "main", "own", padding: 0);
        var deleted = await MakeAsync(host.AdminToken, "main", "deleted", padding: 0);
        await DeleteAsync(deleted);
        var unknown = own.ToDictionary(i => i.Key, i => Guid.TryParseExact(i.Value, "D", out _) ? Guid.CreateVersion7().ToString() : Guid.TryParseExact(i.Value, "N", out _) ? "0123456789abcdef0123456789abcdef"
            : i.Key == "ccontact" ? "0123456789abcdef01234567" : i.Key == "suppression" ? "email:nobody@example.com" : i.Key is "fieldname" or "key" ? "0123456789abcdef" : Nobody);
        foreach (var kept in (string[])["import", "xupload", "delivery", "deletion", "key"])
            deleted[kept] = unknown[kept]; // nobody deletes those

        var (differing, asked) = (new List<string>(), 0);
        foreach (var (method, pattern) in host.Routes.Where(r => r.Method != "HEAD"))
        {
            var kinds = Regex.Matches(pattern, @"\{\**(?<name>\w+)[^}]*\}").Select(m => m.Groups["name"].Value).Where(n => !NoIds.Contains(n)).ToList();
            if (kinds.Count == 0)
                continue;
            if (kinds.Exists(k => KindOf(pattern, k) is null))
            {
                differing.Add($"{method} {pattern}: no row says what {string.Join(", ", kinds)} is.");
                continue;
            }
            asked++;
            var (a, b, c) = (await AskAsync(method, pattern, foreign), await AskAsync(method, pattern, unknown), await AskAsync(method, pattern, deleted));
            var wanted = Otherwise.GetValueOrDefault($"{method} {pattern}", HttpStatusCode.NotFound);
            if (a != b || b != c || !a.StartsWith(((int)wanted).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal))
                differing.Add($"{method} {pattern}\n  foreign {a}\n  unknown {b}\n  deleted {c}");
            if (method == "GET" && wanted == HttpStatusCode.NotFound && (await AskAsync(method, pattern, own)).StartsWith("404", StringComparison.Ordinal) && !pattern.Contains("{**rest}", StringComparison.Ordinal)) // what the vendor has and Muster has not
                differing.Add($"{method} {pattern}: one's own is not found: {await AskAsync(method, pattern, own)}");
        }
        Assert.True(differing.Count == 0, string.Join("\n", differing));
        Assert.InRange(asked, 90, 1_000);
        // Nothing foreign was touched.
        using var owner = host.Client(host.OtherToken);
        foreach (var path in (string[])[$"/v1/lists/{foreign["list"]}", $"/v1/contacts/{foreign["contact"]}", $"/v1/webhooks/{foreign["webhook"]}", $"/v1/uploads/{foreign["upload"]}", $"/v1/profiles/{foreign["profile"]}"])
            Assert.Equal(HttpStatusCode.OK, (await owner.GetAsync(path)).StatusCode);
    }

    /// <summary>What a parameter stands for; null when nobody has said.</summary>
    static string? KindOf(string pattern, string name) => name switch
    {
        "id" => pattern.Split('/') is [_, "v1", var resource, ..] ? (resource == "deliveries" ? "delivery" : resource.TrimEnd('s')) : null,
        "contactId" => pattern.StartsWith("/api/", StringComparison.Ordinal) ? "ccontact" : "contact",
        "book" => "list",
        "contact" => "contact",
        "import" => "import",
        "deletion" => "deletion",
        "name" => "fieldname",
        "listSid" => "xlist",
        "contactSid" => "xcontact",
        "uploadId" => "xupload",
        _ => null,
    };

    async Task<string> AskAsync(string method, string pattern, Dictionary<string, string> ids)
    {
        var path = Regex.Replace(pattern, @"\{\**(?<name>\w+)[^}]*\}", m => m.Groups["name"].Value switch
        {
            "accountSid" => "main",
            "date" => "2020-01-01",
            "option" => "Overwrite",
            "rest" => "",
            var name => Uri.EscapeDataString(ids[KindOf(pattern, name)!]), // every parameter has a kind
        });
        using var client = pattern.StartsWith("/v2/accounts", StringComparison.Ordinal) || pattern.StartsWith("/v1/accounts", StringComparison.Ordinal) ? host.Vendor(host.AdminToken) : host.Admin();
        var row = Regex.Replace(pattern, @"^/v[12]/accounts/\{accountSid\}/", "");
        using var request = new HttpRequestMessage(new(method), path);
        if (row.Contains("csv-upload", StringComparison.Ordinal) && method == "PUT")
            request.Content = FacadeHost.Upload("x", "number\n9876500002\n");
        else if (pattern.Contains("/contacts/import", StringComparison.Ordinal) && method == "POST")
            request.Content = DotmailerHost.File("Email\nx@example.com\n");
        else if (pattern == "/v1/imports/{id}/retry")
            request.Content = Answers.Form("email\nx@example.com\n"u8.ToArray(), null);
        else if (Bodies.TryGetValue($"{method} {row}", out var body))
            request.Content = Answers.Json(body);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (response.Content.Headers.ContentType?.MediaType == "text/event-stream")
            return $"{(int)response.StatusCode} events";
        var headers = response.Headers.Concat(response.Content.Headers).Where(h => h.Key != "Date").Select(h => $"{h.Key}={string.Join(',', h.Value)}").Order(StringComparer.Ordinal);
        var text = Regex.Replace(await response.Content.ReadAsStringAsync(), "\"request_id\":\"[0-9a-f]{32}\"", "");
        // An answer that repeats the id that was asked for repeats nothing else.
        return $"{(int)response.StatusCode} {string.Join(' ', headers)} {text.Replace(ids["import"], "", StringComparison.Ordinal)}";
    }

    async Task<Dictionary<string, string>> MakeAsync(string token, string sid, string name, int padding)
    {
        using var native = host.Client(token);
        for (var i = 0; i < padding; i++)
            (await native.PostAsync("/v1/lists", Answers.Json($$"""{"name":"{{name}} {{i.ToString(CultureInfo.InvariantCulture)}}"}"""))).EnsureSuccessStatusCode();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/imports")
        {
            Content = Answers.Form(System.Text.Encoding.UTF8.GetBytes($"email,phone,F_{name}\n{name}@example.com,+91987650{(name.Length + 1000):0000},x\nbad,,\n"), $$"""{"lists":["{{name}}"],"tags":["{{name}}"]}"""),
            Headers = { { "Prefer", "wait=30" } },
        };
        using var submitted = await native.SendAsync(request);
        var ids = new Dictionary<string, string> { ["import"] = (await submitted.JsonAsync(HttpStatusCode.Accepted)).GetProperty("id").GetString()! };

        async Task<JsonElement> ItemAsync(string path, Func<JsonElement, bool> wanted)
        {
            using var page = await native.GetAsync(path);
            return (await page.JsonAsync(HttpStatusCode.OK)).GetProperty("items").EnumerateArray().Last(wanted);
        }

        async Task<JsonElement> PostAsync(string path, HttpContent? content)
        {
            using var response = await native.PostAsync(path, content);
            var text = await response.Content.ReadAsStringAsync();
            Assert.True(response.IsSuccessStatusCode, $"{path}: {text}");
            return JsonDocument.Parse(text).RootElement;
        }

        bool Named(JsonElement item) => item.GetProperty("name").GetString()!.EndsWith(name, StringComparison.OrdinalIgnoreCase); // lists, tags and fields have names
        ids["contact"] = (await ItemAsync($"/v1/contacts?email={name}@example.com", _ => true)).GetProperty("id").GetRawText();
        ids["list"] = (await ItemAsync("/v1/lists?limit=1000", i => i.GetProperty("name").GetString() == name)).GetProperty("id").GetRawText();
        ids["tag"] = (await ItemAsync("/v1/tags?limit=1000", Named)).GetProperty("id").GetRawText();
        ids["field"] = (await ItemAsync("/v1/fields?limit=1000", Named)).GetProperty("id").GetRawText();
        ids["fieldname"] = "F_" + name;
        ids["key"] = token.Split('_')[1];
        ids["upload"] = (await PostAsync("/v1/uploads", new MultipartFormDataContent { { new ByteArrayContent("email\nu@example.com\n"u8.ToArray()), "file", "u.csv" } })).GetProperty("id").GetString()!;
        ids["profile"] = (await PostAsync("/v1/profiles", Answers.Json($$$"""{"name":"{{{name}}}","options":{}}"""))).GetProperty("id").ToString();
        ids["webhook"] = (await PostAsync("/v1/webhooks", Answers.Json("""{"url":"http://127.0.0.1:9/hook"}"""))).GetProperty("id").GetString()!;
        ids["delivery"] = (await PostAsync($"/v1/webhooks/{ids["webhook"]}/test", null)).GetProperty("id").GetString()!;
        ids["suppression"] = "email:s-" + name + "@example.com";
        await PostAsync("/v1/suppressions", Answers.Json($$"""{"email":"s-{{name}}@example.com"}"""));
        ids["deletion"] = (await PostAsync($"/v2/address-books/{ids["list"]}/contacts/delete", Answers.Json("[1999999999]"))).GetProperty("id").GetString()!;

        using var exotel = host.Vendor(token);
        using var upload = await exotel.PostAsync($"/v2/accounts/{sid}/contacts/csv-upload", FacadeHost.Upload("x" + name, $"number\n98765001{name.Length:00}\n"));
        var data = (await upload.JsonAsync(HttpStatusCode.OK)).GetProperty("response").GetProperty("data");
        (ids["xlist"], ids["xupload"]) = (data.GetProperty("list").GetProperty("sid").GetString()!, data.GetProperty("summary").GetProperty("upload_id").GetString()!);
        await Until.TrueAsync(async () =>
        {
            using var members = await exotel.GetAsync($"/v2/accounts/{sid}/lists/{ids["xlist"]}/contacts");
            ids["xcontact"] = (await members.JsonAsync(HttpStatusCode.OK)).GetProperty("response").EnumerateArray().Select(i => i.GetProperty("data").GetProperty("sid").GetString()).FirstOrDefault() ?? "";
            return ids["xcontact"].Length > 0;
        });
        using var cellcast = await native.GetAsync("/api/v2/contact?listName=x" + name);
        ids["ccontact"] = (await cellcast.JsonAsync(HttpStatusCode.OK)).GetProperty("data").GetProperty("items")[0].GetProperty("ID").GetString()!;
        return ids;
    }

    async Task DeleteAsync(Dictionary<string, string> ids)
    {
        using var admin = host.Admin();
        using var exotel = host.Vendor(host.AdminToken);
        foreach (var (client, path) in ((HttpClient, string)[])
        [
            (exotel, $"/v2/accounts/main/lists/{ids["xlist"]}"), (exotel, $"/v2/accounts/main/contacts/{ids["xcontact"]}"), (admin, $"/v1/contacts/{ids["contact"]}"), (admin, $"/v1/lists/{ids["list"]}"), (admin, $"/v1/tags/{ids["tag"]}"),
            (admin, $"/v1/fields/{ids["field"]}"), (admin, $"/v1/uploads/{ids["upload"]}"), (admin, $"/v1/profiles/{ids["profile"]}"), (admin, $"/v1/webhooks/{ids["webhook"]}"), (admin, "/v1/suppressions/" + Uri.EscapeDataString(ids["suppression"])),
        ])
            Assert.True((await client.DeleteAsync(path)).IsSuccessStatusCode, path);
    }
}
