using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Muster.Server.Tests.Facades.Dotmailer;

/// <summary>Two accounts: an id of the other one answers as one that nobody has and as one that is deleted, byte for byte, on every route that takes an id.</summary>
public sealed class DotmailerIsolationTests(MusterHost host) : IClassFixture<MusterHost>
{
    static readonly (string Method, string Path, string? Body)[] Routes =
    [
        ("GET", "/v2/contacts/import/{import}", null), ("GET", "/v2/contacts/imports/{import}", null), ("GET", "/v2/contacts/import/{import}/report", null),
        ("GET", "/v2/contacts/import/{import}/report-faults", null), ("GET", "/v2/contacts/{contact}", null), ("GET", "/v2/contacts/{email}", null),
        ("PUT", "/v2/contacts/{contact}", """{"email":"x@example.com"}"""), ("DELETE", "/v2/contacts/{contact}", null), ("GET", "/v2/contacts/{contact}/address-books", null),
        ("POST", "/v2/contacts/unsubscribe", """{"email":"{email}"}"""), ("GET", "/v2/address-books/{book}", null), ("PUT", "/v2/address-books/{book}", """{"name":"x"}"""),
        ("DELETE", "/v2/address-books/{book}", null), ("GET", "/v2/address-books/{book}/contacts", null), ("POST", "/v2/address-books/{book}/contacts", """{"email":"x@example.com"}"""),
        ("DELETE", "/v2/address-books/{book}/contacts", null), ("DELETE", "/v2/address-books/{book}/contacts/{contact}", null),
        ("POST", "/v2/address-books/{book}/contacts/delete", "[1]"), ("POST", "/v2/address-books/{book}/contacts/delete-all", null),
        ("POST", "/v2/address-books/{book}/contacts/unsubscribe", """{"email":"x@example.com"}"""),
        ("POST", "/v2/address-books/{book}/contacts/resubscribe", """{"unsubscribedContact":{"email":"x@example.com"}}"""),
        ("GET", "/v2/address-books/{book}/contacts/unsubscribed-since/2020-01-01", null), ("GET", "/v2/address-books/{book}/contacts/created-since/2020-01-01", null),
        ("GET", "/v2/address-books/{book}/contacts/modified-since/2020-01-01", null), ("POST", "/v2/address-books/{book}/contacts/import", null),
        ("POST", "/v2/contacts/import-collection", """{"addressBookIds":[{book}],"contacts":[{"email":"x@example.com"}]}"""),
        ("GET", "/v2/contacts/deletion/{deletion}", null), ("DELETE", "/v2/data-fields/{field}", null),
    ];

    sealed record Ids(string Import, string Contact, string Email, string Book, string Deletion, string Field);

    [Fact]
    public async Task A_foreign_id_answers_as_an_unknown_and_as_a_deleted_one_on_every_route()
    {
        var foreign = await MakeAsync(host.OtherToken, "foreign", padding: 20);
        var deleted = await MakeAsync(host.AdminToken, "deleted", padding: 0);
        using var own = host.Vendor(host.AdminToken);
        await own.DeleteAsync("/v2/contacts/" + deleted.Contact);
        await own.DeleteAsync("/v2/address-books/" + deleted.Book);
        await own.DeleteAsync("/v2/data-fields/" + deleted.Field);
        var unknown = new Ids(Guid.CreateVersion7().ToString(), "1999999999", "nobody@example.com", "1999999998", Guid.CreateVersion7().ToString(), "NOBODYS");

        var differing = new List<string>();
        foreach (var route in Routes)
        {
            var (a, b, c) = (await AskAsync(own, route, foreign), await AskAsync(own, route, unknown), await AskAsync(own, route, deleted with { Import = unknown.Import, Deletion = unknown.Deletion }));
            if (a != b || b != c || a.Contains("202 ", StringComparison.Ordinal))
                differing.Add($"{route.Method} {route.Path}\n  {a}\n  {b}\n  {c}");
        }
        Assert.Empty(differing);
    }

    [Fact]
    public async Task Lists_show_nothing_of_another_account()
    {
        await MakeAsync(host.OtherToken, "secret", padding: 0);
        using var own = host.Vendor(host.AdminToken);
        foreach (var path in (string[])["/v2/contacts", "/v2/address-books", "/v2/data-fields", "/v2/contacts/unsubscribed-since/2020-01-01", "/v2/account-info"])
            Assert.DoesNotContain("secret", await own.GetStringAsync(path), StringComparison.OrdinalIgnoreCase);
    }

    async Task<Ids> MakeAsync(string token, string name, int padding)
    {
        using var client = host.Vendor(token);
        for (var i = 0; i < padding; i++)
            await client.PostAsync("/v2/address-books", Answers.Json($$"""{"name":"{{name}} {{i.ToString(CultureInfo.InvariantCulture)}}"}"""));
        using var made = await client.PostAsync("/v2/address-books", Answers.Json($$"""{"name":"{{name}}"}"""));
        var book = JsonDocument.Parse(await made.Content.ReadAsStringAsync()).RootElement.GetProperty("id").ToString();
        await client.PostAsync("/v2/data-fields", Answers.Json($$"""{"name":"{{name}}","type":"String"}"""));
        var import = await client.ImportAsync($"Email\n{name}@example.com\nbad\n", $"/v2/address-books/{book}/contacts/import");
        Assert.Equal("Finished", await client.EndAsync(import));
        var contact = JsonDocument.Parse(await client.GetStringAsync($"/v2/contacts/{name}@example.com")).RootElement.GetProperty("id").ToString();
        using var started = await client.PostAsync($"/v2/address-books/{book}/contacts/delete", Answers.Json("[1999999999]"));
        var deletion = JsonDocument.Parse(await started.Content.ReadAsStringAsync()).RootElement.GetProperty("id").ToString();
        return new(import, contact, $"{name}@example.com", book, deletion, name);
    }

    static async Task<string> AskAsync(HttpClient client, (string Method, string Path, string? Body) route, Ids ids)
    {
        string With(string text) => text.Replace("{import}", ids.Import, StringComparison.Ordinal).Replace("{contact}", ids.Contact, StringComparison.Ordinal).Replace("{email}", ids.Email, StringComparison.Ordinal)
            .Replace("{book}", ids.Book, StringComparison.Ordinal).Replace("{deletion}", ids.Deletion, StringComparison.Ordinal).Replace("{field}", ids.Field, StringComparison.Ordinal);
        using var request = new HttpRequestMessage(new(route.Method), With(route.Path));
        if (route.Path.EndsWith("/import", StringComparison.Ordinal))
            request.Content = DotmailerHost.File("Email\nx@example.com\n");
        else if (route.Body is not null)
            request.Content = Answers.Json(With(route.Body));
        using var response = await client.SendAsync(request);
        var headers = response.Headers.Concat(response.Content.Headers).Where(h => h.Key != "Date").Select(h => $"{h.Key}={string.Join(',', h.Value)}").Order(StringComparer.Ordinal);
        // An answer that repeats the id that was asked for repeats nothing else.
        var body = (await response.Content.ReadAsStringAsync()).Replace(ids.Import, "{import}", StringComparison.Ordinal);
        return $"{(int)response.StatusCode} {string.Join(' ', headers)} {Regex.Replace(body, "0{8}-", "")}";
    }
}
