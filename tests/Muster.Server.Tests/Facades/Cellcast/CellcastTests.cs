using System.Net;
using System.Text.Json;

namespace Muster.Server.Tests.Facades.Cellcast;

/// <summary>What the transcripts do not show: limits, waiting, and what stands behind an answer.</summary>
public sealed class CellcastTests(FacadeHost acme) : IClassFixture<FacadeHost>
{
    [Fact]
    public async Task More_contacts_than_one_call_takes_are_too_many()
    {
        using var client = acme.Native();
        var contacts = string.Join(',', Enumerable.Range(0, 5_001).Select(i => $$"""{"phone_number":"04000{{i:00000}}"}"""));
        using var response = await client.PostAsync("/api/v1/contact/bulk", Answers.Json($$"""{"contacts":[{{contacts}}]}"""));
        Assert.Equal("""{"message":"fail","data":{"message":"fail process data","errors":["contacts too many"]}}""", (await response.JsonAsync(HttpStatusCode.BadRequest)).GetRawText());
        using var most = await client.PostAsync("/api/v1/contact/bulk", Answers.Json($$"""{"contacts":[{{contacts[..contacts.LastIndexOf(",{", StringComparison.Ordinal)]}}]}"""));
        Assert.Equal(5_000, (await most.JsonAsync(HttpStatusCode.OK)).GetProperty("data").GetProperty("success_data").GetInt32());
    }

    [Fact]
    public async Task What_is_not_finished_is_503_and_the_same_body_again_is_answered_from_the_ledger()
    {
        await using var slow = new FacadeHost { Host = new() { RunsImports = false, Server = s => s with { FacadeWaitSeconds = 0 } } };
        await slow.InitializeAsync();
        using var client = slow.Native();
        const string Body = """{"contacts":[{"phone_number":"0400000001"},{"phone_number":""}],"list":["L"]}""";
        for (var i = 0; i < 2; i++)
        {
            using var response = await client.PostAsync("/api/v1/contact/bulk", Answers.Json(Body));
            Assert.Equal(503, (await response.JsonAsync(HttpStatusCode.ServiceUnavailable)).GetProperty("code").GetInt32());
            Assert.NotNull(response.Headers.RetryAfter);
        }
        using var exotel = slow.Exotel();
        using var envelope = await exotel.PostAsync("contacts", Answers.Json("""{"contacts":[{"number":"9876543210"}]}"""));
        Assert.Equal(503, (await envelope.JsonAsync(HttpStatusCode.ServiceUnavailable)).GetProperty("http_code").GetInt32());

        var account = (await slow.Host.Stores.Accounts.FindAsync("acme", CancellationToken.None))!.Id; // made by the host
        var imports = await slow.Host.Stores.Imports.ListAsync(account, null, 10, CancellationToken.None);
        Assert.Equal(2, imports.Items.Count); // one of each vendor's body
        await slow.RunQueuedAsync();
        using var answer = await client.PostAsync("/api/v1/contact/bulk", Answers.Json(Body));
        Assert.Equal("""["contact[1] error : phone_number empty"]""", (await answer.JsonAsync(HttpStatusCode.OK)).GetProperty("data").GetProperty("errors").GetRawText());
        Assert.Equal(2, (await slow.Host.Stores.Imports.ListAsync(account, null, 10, CancellationToken.None)).Items.Count);
        // What was told is done with: the next such body is imported.
        using var again = await client.PostAsync("/api/v1/contact/bulk", Answers.Json(Body));
        await again.JsonAsync(HttpStatusCode.ServiceUnavailable);
        Assert.Equal(3, (await slow.Host.Stores.Imports.ListAsync(account, null, 10, CancellationToken.None)).Items.Count);
    }

    [Fact]
    public async Task Who_has_opted_out_is_listed_by_pages_and_marked()
    {
        await using var own = new FacadeHost();
        await own.InitializeAsync();
        using var client = own.Native();
        using var made = await client.PostAsync("/api/v1/contact/bulk", Answers.Json("""
            {"contacts":[{"phone_number":"0411000001","first_name":"Ann","last_name":"A"},{"phone_number":"0411000002"},{"phone_number":"0411000003"}]}
            """));
        await made.JsonAsync(HttpStatusCode.OK);
        using var before = await client.GetAsync("/api/v1/apiClient/getOptout");
        Assert.Equal("You have 0 optout contact(s)", (await before.JsonAsync(HttpStatusCode.OK)).GetProperty("message").GetString());
        foreach (var number in (string[])["61411000001", "61411000003"])
        {
            using var found = await client.GetAsync("/v1/contacts?phone=" + number);
            var id = (await found.JsonAsync(HttpStatusCode.OK)).GetProperty("items")[0].GetProperty("id").GetInt32();
            using var patched = await client.PatchAsync($"/v1/contacts/{id}", Answers.Json("""{"consent":{"sms":"opted_out","phone":"opted_out"}}"""));
            await patched.JsonAsync(HttpStatusCode.OK);
        }
        using var second = await client.GetAsync("/api/v1/apiClient/getOptout?page=2&size=1");
        var page = await second.JsonAsync(HttpStatusCode.OK);
        Assert.Equal("You have 2 optout contact(s)", page.GetProperty("message").GetString());
        var data = page.GetProperty("data");
        Assert.Equal((2, 1, 2, 2), (data.GetProperty("total").GetInt32(), data.GetProperty("limit").GetInt32(), data.GetProperty("current").GetInt32(), data.GetProperty("totalPages").GetInt32()));
        Assert.Equal((true, false), (data.GetProperty("hasPrevPage").GetBoolean(), data.GetProperty("hasNextPage").GetBoolean()));
        Assert.Single(data.GetProperty("items").EnumerateArray());
        // Texts alone count; a call or a mail that is not wanted is another matter. So does the suppression list, also for numbers that nobody has.
        foreach (var (number, consent) in ((string, string)[])[("61411000002", """{"email":"opted_out","phone":"opted_out"}"""), ("61411000001", """{"phone":"opted_in"}""")])
        {
            using var found = await client.GetAsync("/v1/contacts?phone=" + number);
            var id = (await found.JsonAsync(HttpStatusCode.OK)).GetProperty("items")[0].GetProperty("id").GetInt32();
            using var patched = await client.PatchAsync($"/v1/contacts/{id}", Answers.Json($$"""{"consent":{{consent}}}"""));
            await patched.JsonAsync(HttpStatusCode.OK);
        }
        using var admin = own.Host.Client(await own.Host.MintAsync("acme", Muster.Contacts.KeyScope.Admin));
        foreach (var number in (string[])["+61411000003", "+61411000009"])
            (await admin.PostAsync("/v1/suppressions", Answers.Json($$"""{"phone":"{{number}}"}"""))).EnsureSuccessStatusCode();
        using var whole = await client.GetAsync("/api/v1/apiClient/getOptout");
        Assert.Equal(["411000001", "411000003", "411000009"], (await whole.JsonAsync(HttpStatusCode.OK)).GetProperty("data").GetProperty("items").EnumerateArray().Select(i => i.GetProperty("number").GetString()));
        using var suppressed = await admin.PostAsync("/v1/suppressions", Answers.Json("""{"phone":"+61411000004"}"""));
        suppressed.EnsureSuccessStatusCode();
        using var refused = await client.PostAsync("/api/v1/contact/bulk", Answers.Json("""{"contacts":[{"phone_number":"0411000004"},{"phone_number":"0411000005"}]}"""));
        Assert.Equal("""["contact[0] error : phone_number is suppressed"]""", (await refused.JsonAsync(HttpStatusCode.OK)).GetProperty("data").GetProperty("errors").GetRawText());
        using var all = await client.GetAsync("/api/v2/contact?limit=3");
        var marks = (await all.JsonAsync(HttpStatusCode.OK)).GetProperty("data").GetProperty("items").EnumerateArray().Select(i => i.GetProperty("Unsubscribe").GetBoolean());
        Assert.Equal([true, false, true], marks);
    }

    [Fact]
    public async Task All_forms_of_an_australian_number_are_one_contact_and_the_last_of_a_call_counts()
    {
        using var client = acme.Native();
        using var made = await client.PostAsync("/api/v1/contact/bulk", Answers.Json("""
            {"contacts":[{"phone_number":"+61411222333","first_name":"1"},{"phone_number":"61411222333","first_name":"2"},{"phone_number":"0411222333","first_name":"3"},{"phone_number":411222333,"first_name":"4"}]}
            """));
        Assert.Equal(4, (await made.JsonAsync(HttpStatusCode.OK)).GetProperty("data").GetProperty("success_data").GetInt32());
        using var found = await client.GetAsync("/v1/contacts?phone=61411222333");
        var contact = Assert.Single((await found.JsonAsync(HttpStatusCode.OK)).GetProperty("items").EnumerateArray());
        Assert.Equal("4", contact.GetProperty("first_name").GetString());
    }

    [Fact]
    public async Task Odd_members_are_kept_as_they_were_sent()
    {
        using var client = acme.Native();
        using var made = await client.PostAsync("/api/v1/contact/bulk", Answers.Json("""
            {"list":"One","tags":[" A ","a",7,null,""],"contacts":[{"phone_number":"0411222444","phone":"x","company":"C","birthday":"31/12/1999","extra":{"a":[1,2]},"flag":true,"email":"nope"},7,null,"x"]}
            """));
        var data = (await made.JsonAsync(HttpStatusCode.OK)).GetProperty("data");
        Assert.Equal("""1 ["contact[1] error : phone_number empty","contact[2] error : phone_number empty","contact[3] error : phone_number empty"]""", $"{data.GetProperty("success_data").GetInt32()} {data.GetProperty("errors").GetRawText()}");
        using var found = await client.GetAsync("/v1/contacts?phone=61411222444");
        var contact = (await found.JsonAsync(HttpStatusCode.OK)).GetProperty("items")[0];
        Assert.Equal("""["A","7"]""", contact.GetProperty("tags").GetRawText());
        var fields = contact.GetProperty("fields");
        Assert.Equal(("31/12/1999", """{"a":[1,2]}""", "true", "x", "C"),
            (fields.GetProperty("birthday").GetString(), fields.GetProperty("extra").GetString(), fields.GetProperty("flag").ToString().ToLowerInvariant(), fields.GetProperty("phone_2").GetString(), contact.GetProperty("company").GetString()));
        Assert.Equal(JsonValueKind.Null, contact.GetProperty("email").ValueKind);
    }

    [Fact]
    public async Task Limits_are_told_in_the_vendors_form()
    {
        await using var tight = new FacadeHost { Host = new() { Server = s => s with { FacadeBodyBytesMax = 2_000, CellcastRequestsPerSecond = 2, ExotelRequestsPerMinute = 2 } } };
        await tight.InitializeAsync();
        using var client = tight.Native();
        using var large = await client.PostAsync("/api/v1/contact/bulk", Answers.Json($$"""{"contacts":[{"phone_number":"{{new string('1', 3_000)}}"}]}"""));
        Assert.Equal(413, (await large.JsonAsync(HttpStatusCode.RequestEntityTooLarge)).GetProperty("code").GetInt32());
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 60 && !statuses.Contains(HttpStatusCode.TooManyRequests); i++)
        {
            using var response = await client.GetAsync("/api/v2/contact/fields/available");
            statuses.Add(response.StatusCode);
            if (response.StatusCode == HttpStatusCode.TooManyRequests)
                Assert.Equal("""1 {"code":429,"message":"Too many requests"}""", $"{response.Headers.RetryAfter} {await response.Content.ReadAsStringAsync()}");
        }
        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
        using var exotel = tight.Exotel();
        for (var i = 0; i < 2; i++)
            (await exotel.GetAsync("lists")).EnsureSuccessStatusCode();
        using var beyond = await exotel.GetAsync("lists");
        Assert.Equal(429, (await beyond.JsonAsync(HttpStatusCode.TooManyRequests)).GetProperty("response").GetProperty("code").GetInt32());
        Assert.InRange(beyond.Headers.RetryAfter?.Delta?.TotalSeconds ?? 0, 1, 60);
    }

    [Fact]
    public async Task A_key_that_may_only_read_writes_nothing()
    {
        using var client = acme.Host.Client(acme.Host.ReadToken);
        using var response = await client.PostAsync("/api/v1/contact/bulk", Answers.Json("""{"contacts":[{"phone_number":"0400000000"}]}"""));
        Assert.Equal(403, (await response.JsonAsync(HttpStatusCode.Forbidden)).GetProperty("code").GetInt32());
        using var exotel = acme.Exotel("main", acme.Host.ReadToken);
        using var envelope = await exotel.PostAsync("contacts/csv-upload", FacadeHost.Upload("x", "number\n9876543210\n"));
        Assert.Equal(403, (await envelope.JsonAsync(HttpStatusCode.Forbidden)).GetProperty("http_code").GetInt32());
        using var reads = await exotel.GetAsync("lists");
        Assert.Equal(HttpStatusCode.OK, reads.StatusCode);
    }
}
