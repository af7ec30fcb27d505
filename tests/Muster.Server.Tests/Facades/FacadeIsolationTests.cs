using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace Muster.Server.Tests.Facades;

/// <summary>Two accounts, every route that takes an id: a foreign one, an unknown one and one that was deleted answer alike, byte for byte.</summary>
public sealed class FacadeIsolationTests(FacadeHost acme) : IClassFixture<FacadeHost>
{
    const string CellcastPut = """{"First Name":"x"}""";

    [Fact]
    public async Task A_foreign_sid_answers_as_an_unknown_or_deleted_one_on_every_exotel_route()
    {
        // Both accounts number from 1: the same integers mean something in each.
        var (own, foreign) = (await MakeAsync("acme", acme.Token), await MakeAsync("other", acme.Host.OtherToken));
        var deleted = await MakeAsync("acme", acme.Token, "gone");
        using (var client = acme.Exotel())
        {
            (await client.DeleteAsync("lists/" + deleted.List)).EnsureSuccessStatusCode();
            (await client.DeleteAsync("contacts/" + deleted.Contact)).EnsureSuccessStatusCode();
        }
        const string Unknown = "0123456789abcdef0123456789abcdef";
        foreach (var (method, path, body) in ((string, string, string?)[])
        [
            ("GET", "lists/{list}", null), ("PUT", "lists/{list}", """{"name":"x"}"""), ("DELETE", "lists/{list}", null), ("PUT", "lists", """{"lists":[{"sid":"{list}","name":"x"}]}"""),
            ("GET", "lists/{list}/contacts", null), ("POST", "lists/{list}/contacts", """{"contact_references":[{"contact_sid":"{contact}"}]}"""),
            ("POST", "lists/{own}/contacts", """{"contact_references":[{"contact_sid":"{contact}"}]}"""), ("DELETE", "lists/{list}/contacts/{contact}", null), ("DELETE", "lists/{own}/contacts/{contact}", null),
            ("GET", "contacts/csv-upload/{list}?type=dynamic", null), ("PUT", "contacts/csv-upload/{list}", "form"), ("GET", "contacts?list_sids={list}", null),
            ("GET", "contacts/{contact}", null), ("PUT", "contacts/{contact}", """{"first_name":"x"}"""), ("DELETE", "contacts/{contact}", null),
            ("PUT", "contacts", """{"contacts":[{"sid":"{contact}","first_name":"x"}]}"""), ("GET", "csv-status/{upload}", null),
        ])
        {
            var answers = new List<string>();
            foreach (var ids in (Ids[])[foreign, new(Unknown, Unknown, Unknown), deleted with { Upload = Unknown }, new("", "x", "../lists")])
                answers.Add(await AskAsync(method, Fill(path, ids, own), body is null ? null : Fill(body, ids, own)));
            Assert.True(answers[0] == answers[1] && answers[1] == answers[2], $"{method} {path}:\n{string.Join('\n', answers)}");
        }
        // Nothing foreign was touched.
        using var owner = acme.Exotel("other", acme.Host.OtherToken);
        Assert.Equal(HttpStatusCode.OK, (await owner.GetAsync("lists/" + foreign.List)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await owner.GetAsync("contacts/" + foreign.Contact)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await owner.GetAsync("csv-status/" + foreign.Upload)).StatusCode);

        static string Fill(string text, Ids ids, Ids own) => text.Replace("{list}", ids.List, StringComparison.Ordinal).Replace("{contact}", ids.Contact, StringComparison.Ordinal)
            .Replace("{upload}", ids.Upload, StringComparison.Ordinal).Replace("{own}", own.List, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_foreign_id_answers_as_an_unknown_one_on_every_cellcast_route()
    {
        var (foreign, deletedContact) = (await ImportAsync(acme.Host.OtherToken, "0400000777"), await ImportAsync(acme.Token, "0400000778"));
        using (var native = acme.Native())
        {
            using var found = await native.GetAsync("/v1/contacts?phone=61400000778");
            (await native.DeleteAsync("/v1/contacts/" + (await found.JsonAsync(HttpStatusCode.OK)).GetProperty("items")[0].GetProperty("id").GetRawText())).EnsureSuccessStatusCode();
        }
        foreach (var (method, path) in ((string, string)[])[("PUT", "/api/v2/contact/{0}"), ("GET", "/api/v2/contact?list={1}"), ("GET", "/api/v2/contact?tag={2}")])
        {
            var answers = new List<string>();
            foreach (var ids in ((string, string, string)[])[foreign, ("0123456789abcdef01234567", "0123456789abcdef01234567", "0123456789abcdef01234567"), (deletedContact.Contact, "", "")])
            {
                if (path.Contains('?', StringComparison.Ordinal) && ids.Item2.Length == 0)
                    continue;
                using var client = acme.Native();
                using var request = new HttpRequestMessage(new(method), path.Replace("{0}", ids.Item1, StringComparison.Ordinal).Replace("{1}", ids.Item2, StringComparison.Ordinal).Replace("{2}", ids.Item3, StringComparison.Ordinal))
                { Content = method == "PUT" ? Answers.Json(CellcastPut) : null };
                using var response = await client.SendAsync(request);
                answers.Add($"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
            }
            Assert.Single(answers.Distinct());
        }
    }

    sealed record Ids(string List, string Contact, string Upload);

    async Task<Ids> MakeAsync(string account, string token, string list = "mine")
    {
        using var client = acme.Exotel(account, token);
        using var upload = await client.PostAsync("contacts/csv-upload", FacadeHost.Upload(list, list == "gone" ? "number\n9876500009\n" : "number\n9876500001\n"));
        var data = (await upload.JsonAsync(HttpStatusCode.OK)).GetProperty("response").GetProperty("data");
        var (sid, id) = (data.GetProperty("list").GetProperty("sid").GetString()!, data.GetProperty("summary").GetProperty("upload_id").GetString()!); // both are texts
        string? contact = null;
        await Until.TrueAsync(async () =>
        {
            using var page = await client.GetAsync($"lists/{sid}/contacts");
            contact = (await page.JsonAsync(HttpStatusCode.OK)).GetProperty("response").EnumerateArray().Select(i => i.GetProperty("data").GetProperty("sid").GetString()).FirstOrDefault();
            return contact is not null;
        });
        return new(sid, contact!, id); // awaited above
    }

    async Task<(string Contact, string List, string Tag)> ImportAsync(string token, string number)
    {
        using var client = acme.Host.Client(token);
        using var made = await client.PostAsync("/api/v1/contact/bulk", Answers.Json($$"""{"contacts":[{"phone_number":"{{number}}"}],"tags":["iso"],"list":["iso"]}"""));
        await made.JsonAsync(HttpStatusCode.OK);
        using var page = await client.GetAsync("/api/v2/contact?listName=iso");
        var item = (await page.JsonAsync(HttpStatusCode.OK)).GetProperty("data").GetProperty("items")[0];
        return (item.GetProperty("ID").GetString()!, item.GetProperty("Lists")[0].GetProperty("ID").GetString()!, item.GetProperty("Tags")[0].GetProperty("ID").GetString()!); // all are texts
    }

    async Task<string> AskAsync(string method, string path, string? body)
    {
        using var client = acme.Exotel();
        using var request = new HttpRequestMessage(new(method), path) { Content = body is null ? null : body == "form" ? FacadeHost.Upload("", "number\n9876543210\n") : Answers.Json(body) };
        using var response = await client.SendAsync(request);
        var headers = response.Headers.Concat(response.Content.Headers).Where(h => h.Key != "Date").Select(h => $"{h.Key}={string.Join(',', h.Value)}").Order(StringComparer.Ordinal);
        var text = Regex.Replace(await response.Content.ReadAsStringAsync(), "\"request_id\":\"[0-9a-f]{32}\"", "");
        return $"{(int)response.StatusCode} {string.Join(' ', headers)} {text}";
    }
}
