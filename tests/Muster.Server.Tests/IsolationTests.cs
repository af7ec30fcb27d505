using System.Globalization;
using System.Net;
using Muster.Client;

namespace Muster.Server.Tests;

/// <summary>An id of another account answers as an id that nobody has, byte for byte, on every route that takes one.</summary>
public sealed class IsolationTests(MusterHost host) : IClassFixture<MusterHost>
{
    static readonly (string Method, string Path, string? Body)[] Routes =
    [
        ("GET", "/v1/imports/{import}", null), ("GET", "/v1/imports/{import}/events", null), ("GET", "/v1/imports/{import}/rejects", null),
        ("GET", "/v1/imports/{import}/errors", null), ("GET", "/v1/imports/{import}/rows", null), ("POST", "/v1/imports/{import}/cancel", null),
        ("POST", "/v1/imports/{import}/pause", null), ("POST", "/v1/imports/{import}/resume", null),
        ("GET", "/v1/contacts/{contact}", null), ("PATCH", "/v1/contacts/{contact}", """{"first_name":"x"}"""), ("DELETE", "/v1/contacts/{contact}", null),
        ("GET", "/v1/lists/{list}", null), ("GET", "/v1/lists/{list}/members", null), ("PATCH", "/v1/lists/{list}", """{"name":"x"}"""), ("DELETE", "/v1/lists/{list}", null),
        ("GET", "/v1/tags/{tag}", null), ("DELETE", "/v1/tags/{tag}", null), ("GET", "/v1/fields/{field}", null),
        ("GET", "/v1/keys/{key}", null), ("DELETE", "/v1/keys/{key}", null),
        ("GET", "/v1/contacts?list_id={list}", null),
    ];

    [Fact]
    public async Task A_foreign_id_answers_as_an_unknown_one_on_every_route()
    {
        using var owner = new MusterClient(host.Client(null), host.OtherToken);
        using var stream = new MemoryStream("email,plan\nann@example.com,gold\n"u8.ToArray());
        var import = await owner.SubmitAsync(stream, "a.csv", new() { Lists = ["Foreign"], Tags = ["foreign"] }, null, CancellationToken.None, waitSeconds: 30);
        Assert.Equal("completed", import.Status);
        // Ids far above those of the account that asks, which numbers its own from 1.
        for (var i = 0; i < 20; i++)
            await owner.CreateListAsync("Foreign " + i.ToString(CultureInfo.InvariantCulture), CancellationToken.None);
        var list = (await owner.ListsAsync(null, 100, CancellationToken.None)).Items[^1].Id.ToString(CultureInfo.InvariantCulture);
        var contact = (await owner.ContactsAsync(new(), null, 10, CancellationToken.None)).Items[0].Id.ToString(CultureInfo.InvariantCulture);
        var tag = (await owner.TagsAsync(null, 10, CancellationToken.None)).Items[0].Id.ToString(CultureInfo.InvariantCulture);
        var field = (await owner.FieldsAsync(null, 10, CancellationToken.None)).Items[0].Id.ToString(CultureInfo.InvariantCulture);
        var key = (await owner.KeysAsync(null, 10, CancellationToken.None)).Items[0].Id;

        var differing = new List<string>();
        foreach (var (method, path, body) in Routes)
        {
            var foreign = await AskAsync(method, path, body, import.Id.ToString(), contact, list, tag, field, key);
            var unknown = await AskAsync(method, path, body, Guid.CreateVersion7().ToString(), "1999999999", "1999999999", "1999999999", "1999999999", "0123456789abcdef");
            if (foreign != unknown || (!path.Contains('?', StringComparison.Ordinal) && !foreign.StartsWith("NotFound", StringComparison.Ordinal)))
                differing.Add($"{method} {path}: {foreign} / {unknown}");
        }
        Assert.Empty(differing);
    }

    async Task<string> AskAsync(string method, string path, string? body, string import, string contact, string list, string tag, string field, string key)
    {
        using var client = host.Admin();
        path = path.Replace("{import}", import, StringComparison.Ordinal).Replace("{contact}", contact, StringComparison.Ordinal).Replace("{list}", list, StringComparison.Ordinal)
            .Replace("{tag}", tag, StringComparison.Ordinal).Replace("{field}", field, StringComparison.Ordinal).Replace("{key}", key, StringComparison.Ordinal);
        using var request = new HttpRequestMessage(new(method), path) { Content = body is null ? null : Answers.Json(body) };
        using var response = await client.SendAsync(request);
        var headers = response.Headers.Concat(response.Content.Headers).Where(h => h.Key != "Date").Select(h => $"{h.Key}={string.Join(',', h.Value)}").Order(StringComparer.Ordinal);
        return $"{response.StatusCode} {string.Join(' ', headers)} {await response.Content.ReadAsStringAsync()}";
    }

    [Fact]
    public async Task Lists_of_one_account_hold_nothing_of_another()
    {
        using var owner = new MusterClient(host.Client(null), host.OtherToken);
        await owner.CreateListAsync("Secret", CancellationToken.None);
        using var admin = host.Admin();
        foreach (var route in (string[])["imports", "contacts", "lists", "tags", "fields"])
        {
            using var response = await admin.GetAsync("/v1/" + route);
            var page = await response.JsonAsync(HttpStatusCode.OK);
            Assert.Equal(0, page.GetProperty("items").GetArrayLength());
        }
    }
}
