using System.Globalization;
using System.Net;
using System.Text;
using Muster.Server.Tests.Facades;

namespace Muster.Server.Tests;

/// <summary>Small files and small calls that meet large contacts: they go in as several batches, none of which holds more contacts than <c>batch_bytes_max</c> allows.</summary>
public sealed class LargeContactTests
{
    const int Contacts = 24;
    const int LargeChars = 16_000;

    [Fact]
    public async Task A_small_file_that_changes_large_contacts_goes_in_as_several_batches()
    {
        await using var host = Host();
        await host.InitializeAsync();
        using var client = host.Admin();
        await FillAsync(client);
        var csv = "email,first_name\n" + string.Concat(Enumerable.Range(0, Contacts).Select(i => string.Create(CultureInfo.InvariantCulture, $"p{i}@example.com,New {i}\n")));
        var import = await client.CompletedAsync(csv, """{"hold":false}""");
        Assert.Equal((Contacts, Contacts), (import.GetProperty("counts").GetProperty("read").GetInt32(), import.GetProperty("counts").GetProperty("updated").GetInt32()));
        var stored = await host.Stores.Imports.GetAsync(1, import.GetProperty("id").GetGuid(), CancellationToken.None);
        Assert.InRange(stored?.NextBatch ?? 0, Contacts / (host.BatchBytesMax() / LargeChars + 1), Contacts);
        foreach (var (email, contact) in await client.ContactsAsync())
        {
            Assert.Equal("New " + email[1..email.IndexOf('@', StringComparison.Ordinal)], contact.GetProperty("first_name").GetString());
            Assert.Equal(LargeChars, contact.Field("bio")?.Length);
        }
        // And back again.
        using var undone = await client.PostAsync($"{import.GetProperty("links").GetProperty("self").GetString()}/undo", null);
        var undo = (await undone.JsonAsync(HttpStatusCode.Accepted)).GetProperty("links").GetProperty("self").GetString();
        await Until.TrueAsync(async () => (await (await client.GetAsync(undo)).JsonAsync(HttpStatusCode.OK)).GetProperty("status").GetString() == "completed");
        Assert.All((await client.ContactsAsync()).Values, c => Assert.Equal(("Old", LargeChars), (c.GetProperty("first_name").GetString(), c.Field("bio")?.Length)));
    }

    [Fact]
    public async Task A_call_that_puts_many_large_contacts_into_a_list_writes_them_all()
    {
        await using var acme = new FacadeHost { Host = Host() };
        await acme.InitializeAsync();
        using var client = acme.Native();
        await FillAsync(client);
        using var exotel = acme.Exotel();
        using var made = await exotel.PostAsync("lists", Answers.Json("""{"lists":[{"name":"Diwali"}]}"""));
        var list = (await made.JsonAsync((HttpStatusCode)207)).GetProperty("response")[0].GetProperty("data").GetProperty("sid").GetString();
        using var page = await exotel.GetAsync("contacts?limit=100");
        var sids = (await page.JsonAsync(HttpStatusCode.OK)).GetProperty("response").EnumerateArray().Select(c => c.GetProperty("data").GetProperty("sid").GetString()).ToList();
        Assert.Equal(Contacts, sids.Count);
        using var added = await exotel.PostAsync($"lists/{list}/contacts", Answers.Json($$"""{"contact_references":[{{string.Join(',', sids.Select(s => $$"""{"contact_sid":"{{s}}"}"""))}}]}"""));
        var answer = await added.JsonAsync((HttpStatusCode)207);
        Assert.Equal(Contacts, answer.GetProperty("metadata").GetProperty("success").GetInt32());
        using var members = await client.GetAsync("/v1/contacts?list=Diwali&limit=100");
        Assert.Equal(Contacts, (await members.JsonAsync(HttpStatusCode.OK)).GetProperty("items").GetArrayLength());
    }

    static MusterHost Host() => new() { Settings = s => s with { BatchBytesMax = 1 << 16 } };

    static async Task FillAsync(HttpClient client)
    {
        var csv = new StringBuilder("email,phone,first_name,bio\n");
        for (var i = 0; i < Contacts; i++)
            csv.Append(CultureInfo.InvariantCulture, $"p{i}@example.com,+614000{i:00000},Old,{new string('x', LargeChars)}\n");
        var import = await client.CompletedAsync(csv.ToString());
        Assert.Equal(Contacts, import.GetProperty("counts").GetProperty("created").GetInt32());
    }
}

file static class HostLimits
{
    public static int BatchBytesMax(this MusterHost host) => host.Settings(new()).BatchBytesMax;
}
