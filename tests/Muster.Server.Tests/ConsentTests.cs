using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Muster.Contacts;

namespace Muster.Server.Tests;

public sealed class ConsentTests(MusterHost host) : IClassFixture<MusterHost>
{
    async Task<HttpClient> NewAccountAsync(string name) => host.Client(await host.MintAsync(name, KeyScope.Admin));

    static async Task<JsonElement> ImportAsync(HttpClient client, string csv, string? options = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/imports") { Content = Answers.Form(Encoding.UTF8.GetBytes(csv), options) };
        request.Headers.Add("Prefer", "wait=60");
        using var response = await client.SendAsync(request);
        return await response.JsonAsync(HttpStatusCode.Accepted);
    }

    static int Count(JsonElement import, string name) => import.GetProperty("counts").GetProperty(name).GetInt32();

    static string Id(JsonElement import) => import.GetProperty("id").GetString()!;

    static async Task<JsonElement> ContactAsync(HttpClient client, string email)
    {
        using var response = await client.GetAsync("/v1/contacts?email=" + Uri.EscapeDataString(email));
        return Assert.Single((await response.JsonAsync(HttpStatusCode.OK)).GetProperty("items").EnumerateArray());
    }

    static string? StatusOf(JsonElement contact, string channel) =>
        contact.GetProperty("consent").TryGetProperty(channel, out var record) ? record.GetProperty("status").GetString() : null;

    [Fact]
    public async Task An_old_list_imported_again_flips_no_opt_out_and_the_suppressed_file_lists_them()
    {
        using var client = await NewAccountAsync("old-list");
        const string Old = "email,first_name\r\nann@x.test,Ann\r\nbo@x.test,Bo\r\ncy@x.test,Cy\r\n";
        await ImportAsync(client, Old, """{"lists":["News"]}""");
        using var patched = await client.PatchAsync("/v1/contacts/" + (await ContactAsync(client, "bo@x.test")).GetProperty("id").GetInt32().ToString(CultureInfo.InvariantCulture),
            Answers.Json("""{"consent":{"email":{"status":"opted_out","source":"footer link","evidence":"clicked","ip":"192.0.2.7","time":"2026-01-31T10:00:00Z"}}}"""));
        var contact = await patched.JsonAsync(HttpStatusCode.OK);
        Assert.Equal("opted_out", contact.GetProperty("status").GetString());
        var record = contact.GetProperty("consent").GetProperty("email");
        Assert.Equal(("footer link", "clicked", "192.0.2.7"), (record.GetProperty("source").GetString(), record.GetProperty("evidence").GetString(), record.GetProperty("ip").GetString()));

        var import = await ImportAsync(client, Old.Replace("Bo", "Bob", StringComparison.Ordinal), """{"lists":["Other"]}""");
        Assert.Equal((3, 2, 1), (Count(import, "read"), Count(import, "updated"), Count(import, "suppressed")));
        Assert.Equal("email,first_name\r\nbo@x.test,Bob\r\n", await client.GetStringAsync($"/v1/imports/{Id(import)}/suppressed"));
        contact = await ContactAsync(client, "bo@x.test");
        Assert.Equal(("opted_out", "Bo", 1), (StatusOf(contact, "email"), contact.GetProperty("first_name").GetString(), contact.GetProperty("lists").GetArrayLength()));
    }

    [Theory]
    [InlineData("unsubscribed", "yes", "no")]
    [InlineData("Opted Out", "TRUE", "FALSE")]
    [InlineData("abgemeldet", "ja", "nein")]
    [InlineData("unsubscribed_at", "2026-01-31", "")]
    [InlineData("status", "unsubscribed", "subscribed")]
    [InlineData("Estado", "dado de baja", "suscrito")]
    [InlineData("Statut", "Désabonné", "Abonné")]
    [InlineData("Email Opt Out", "1", "0")]
    [InlineData("accepts_marketing", "no", "yes")]
    public async Task Columns_of_opt_outs_are_understood(string column, string yes, string no)
    {
        using var client = await NewAccountAsync("column " + column);
        var import = await ImportAsync(client, $"email,{column}\nann@x.test,{yes}\nbo@x.test,{no}\n", """{"lists":["News"]}""");
        Assert.Equal((2, 0), (Count(import, "created"), Count(import, "warnings")));
        var ann = await ContactAsync(client, "ann@x.test");
        Assert.Equal(("opted_out", "opted_out"), (ann.GetProperty("status").GetString(), StatusOf(ann, "email")));
        Assert.Equal(0, ann.GetProperty("lists").GetArrayLength());
        Assert.StartsWith("import ", ann.GetProperty("consent").GetProperty("email").GetProperty("source").GetString(), StringComparison.Ordinal);
        var bo = await ContactAsync(client, "bo@x.test");
        Assert.Equal(("active", 1), (bo.GetProperty("status").GetString(), bo.GetProperty("lists").GetArrayLength()));
        Assert.NotEqual("opted_out", StatusOf(bo, "email"));
    }

    [Fact]
    public async Task A_status_column_of_other_things_stays_a_field()
    {
        using var client = await NewAccountAsync("gold");
        await ImportAsync(client, "email,status\nann@x.test,gold\nbo@x.test,active\n");
        Assert.Equal("gold", (await ContactAsync(client, "ann@x.test")).GetProperty("fields").GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_whole_file_of_opt_outs_opts_out_and_is_not_held()
    {
        using var client = await NewAccountAsync("opt-out-file");
        var csv = "email\n" + string.Concat(Enumerable.Range(0, 1_200).Select(i => $"c{i}@x.test\n"));
        Assert.Equal(1_200, Count(await ImportAsync(client, csv), "created"));
        var import = await ImportAsync(client, csv, """{"consent":{"status":"opted_out","source":"provider's export"}}""");
        Assert.Equal(("completed", 1_200), (import.GetProperty("status").GetString(), Count(import, "updated")));
        using var active = await client.GetAsync("/v1/contacts?status=active");
        Assert.Empty((await active.JsonAsync(HttpStatusCode.OK)).GetProperty("items").EnumerateArray());
        Assert.Equal(1_200, Count(await ImportAsync(client, csv, """{"consent":{"status":"opted_out"}}"""), "unchanged"));
        Assert.Equal(1_200, Count(await ImportAsync(client, csv), "suppressed"));
    }

    [Fact]
    public async Task Many_opt_outs_by_a_column_hold_the_import()
    {
        using var client = await NewAccountAsync("opt-out-share");
        var import = await ImportAsync(client, "email,unsubscribed\n" + string.Concat(Enumerable.Range(0, 1_200).Select(i => $"c{i}@x.test,{(i % 5 == 0 ? "yes" : "no")}\n")));
        Assert.Equal("held", import.GetProperty("status").GetString());
        Assert.Equal("opt_out_share", Assert.Single(import.GetProperty("hold").EnumerateArray()).GetProperty("rule").GetString());
    }

    [Fact]
    public async Task Nobody_is_opted_in_again_but_with_evidence()
    {
        using var client = await NewAccountAsync("resubscribe");
        await ImportAsync(client, "email\nann@x.test\n", """{"consent":{"status":"opted_out"}}""");
        var import = await ImportAsync(client, "email\nann@x.test\nbo@x.test\n", """{"consent":{"status":"opted_in","evidence":"Form of May"}}""");
        Assert.Equal((1, 1), (Count(import, "suppressed"), Count(import, "created")));
        Assert.Equal("opted_in", StatusOf(await ContactAsync(client, "bo@x.test"), "email"));

        using var refused = await client.PostAsync("/v1/imports", Answers.Form("email\nann@x.test\n"u8.ToArray(), """{"allow_resubscribe":true,"consent":{"status":"opted_in"}}"""));
        Assert.Equal("allow_resubscribe", (await refused.ProblemAsync(HttpStatusCode.BadRequest, "invalid_option")).Option);

        import = await ImportAsync(client, "email\nann@x.test\n", """{"allow_resubscribe":true,"consent":{"status":"opted_in","evidence":"Signed up again at the fair"},"lists":["News"]}""");
        Assert.Equal(1, Count(import, "updated"));
        var ann = await ContactAsync(client, "ann@x.test");
        Assert.Equal(("opted_in", "active", 1), (StatusOf(ann, "email"), ann.GetProperty("status").GetString(), ann.GetProperty("lists").GetArrayLength()));
        Assert.Equal("Signed up again at the fair", ann.GetProperty("consent").GetProperty("email").GetProperty("evidence").GetString());
    }

    [Fact]
    public async Task Suppressed_addresses_numbers_and_domains_are_left_alone()
    {
        using var client = await NewAccountAsync("suppressions");
        using var one = await client.PostAsync("/v1/suppressions", Answers.Json("""{"email":"Ann@X.test","reason":"complained"}"""));
        var added = await one.JsonAsync(HttpStatusCode.Created);
        Assert.Equal(("email:ann@x.test", "email", "complained"), (added.GetProperty("id").GetString(), added.GetProperty("kind").GetString(), added.GetProperty("reason").GetString()));
        using var again = await client.PostAsync("/v1/suppressions", Answers.Json("""{"value":"ann@x.test"}"""));
        Assert.Equal("complained", (await again.JsonAsync(HttpStatusCode.OK)).GetProperty("reason").GetString());
        using var many = await client.PostAsync("/v1/suppressions", Answers.Json("""{"suppressions":["+61 400 000 002",{"kind":"domain","value":"Spam.test"},"ann@x.test"]}"""));
        Assert.Equal((2, 1), ((await many.JsonAsync(HttpStatusCode.OK)).GetProperty("added").GetInt32(), 1));

        const string Csv = "email,phone\nann@x.test,\nbo@x.test,+61400000002\ncy@mail.spam.test,\ndi@x.test,+61400000003\nANN@x.test,\n";
        var import = await ImportAsync(client, Csv);
        Assert.Equal((5, 4, 1), (Count(import, "read"), Count(import, "suppressed"), Count(import, "created")));
        Assert.Equal("email,phone\nann@x.test,\nbo@x.test,+61400000002\ncy@mail.spam.test,\nANN@x.test,\n", await client.GetStringAsync($"/v1/imports/{Id(import)}/suppressed"));
        using var rows = await client.GetAsync($"/v1/imports/{Id(import)}/rows?outcome=suppressed");
        Assert.Equal("suppressed", (await rows.JsonAsync(HttpStatusCode.OK)).GetProperty("items")[0].GetProperty("codes")[0].GetString());

        using var page = await client.GetAsync("/v1/suppressions?limit=2");
        var first = await page.JsonAsync(HttpStatusCode.OK);
        using var rest = await client.GetAsync("/v1/suppressions?limit=2&cursor=" + Uri.EscapeDataString(first.GetProperty("next_cursor").GetString()!));
        Assert.Equal(
            ["phone:+61400000002", "email:ann@x.test", "domain:spam.test"],
            first.GetProperty("items").EnumerateArray().Concat((await rest.JsonAsync(HttpStatusCode.OK)).GetProperty("items").EnumerateArray()).Select(s => s.GetProperty("id").GetString()));

        using var removed = await client.DeleteAsync("/v1/suppressions/" + Uri.EscapeDataString("email:ann@x.test"));
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.Equal((1, 1), (Count(import = await ImportAsync(client, "email\nann@x.test\nx@spam.test\n"), "created"), Count(import, "suppressed")));
        using var other = await host.Client(host.OtherToken).GetAsync("/v1/suppressions");
        Assert.Empty((await other.JsonAsync(HttpStatusCode.OK)).GetProperty("items").EnumerateArray());
    }

    [Theory]
    [InlineData("""{"value":"neither"}""")]
    [InlineData("""{"email":"no-address"}""")]
    [InlineData("""{"kind":"shoe","value":"ann@x.test"}""")]
    [InlineData("""{"suppressions":"ann@x.test"}""")]
    [InlineData("7")]
    public async Task What_cannot_be_suppressed_is_refused(string body)
    {
        using var client = await NewAccountAsync("bad-suppressions");
        using var response = await client.PostAsync("/v1/suppressions", Answers.Json(body));
        await response.ProblemAsync(HttpStatusCode.BadRequest, "invalid_body");
    }

    [Fact]
    public async Task The_export_carries_the_status_and_comes_back_unchanged()
    {
        using var client = await NewAccountAsync("round-trip");
        await ImportAsync(client, "email,phone,unsubscribed\nann@x.test,+61400000001,yes\nbo@x.test,,no\n");
        using var posted = await client.PostAsync("/v1/contacts", Answers.Json("""{"email":"cy@x.test","consent":{"email":"opted_out"}}"""));
        await posted.JsonAsync(HttpStatusCode.Created);
        var export = await client.GetStringAsync("/v1/contacts/export");
        Assert.Equal(2, export.Split("opted_out").Length - 1);
        Assert.Equal(3, Count(await ImportAsync(client, export), "unchanged"));
        Assert.Equal(export, await client.GetStringAsync("/v1/contacts/export"));
        Assert.Equal(1, (await client.GetStringAsync("/v1/contacts/export?status=active")).Split("@x.test").Length - 1);
        using var moved = await NewAccountAsync("round-trip-2");
        await ImportAsync(moved, export);
        Assert.Equal("opted_out", (await ContactAsync(moved, "ann@x.test")).GetProperty("status").GetString());
    }

    [Theory]
    [InlineData("""{"consent":{"fax":"opted_out"}}""")]
    [InlineData("""{"consent":{"email":"maybe"}}""")]
    [InlineData("""{"consent":{"email":{"state":"opted_out"}}}""")]
    [InlineData("""{"consent":true}""")]
    [InlineData("""{"consent":{"email":{"status":"opted_out","ip":"the office"}}}""")]
    [InlineData("""{"consent":{"email":{"status":"opted_out","ip":"1"}}}""")]
    public async Task Consent_that_cannot_be_is_refused(string body)
    {
        using var client = await NewAccountAsync("bad-consent");
        using var response = await client.PostAsync("/v1/contacts", Answers.Json(body));
        Assert.Equal("consent", (await response.ProblemAsync(HttpStatusCode.BadRequest, "invalid_body")).Option);
    }
}
