using System.Net;
using System.Security.Cryptography;
using System.Text;
using Muster.Client;

namespace Muster.Server.Tests;

public sealed class HistoryTests(MusterHost host) : IClassFixture<MusterHost>
{
    static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task History_tells_which_row_of_which_file_set_which_field_newest_first()
    {
        using var client = new MusterClient(host.Client(null), host.AdminToken);
        const string First = "email,first_name,city\nother@history.example,X,\nann@history.example,Ann,Pune\n";
        var created = await SendAsync(client, First, "first.csv");
        var updated = await SendAsync(client, "email,first_name\nann@history.example,Anna\n", "second.csv");
        var contact = Assert.Single((await client.ContactsAsync(new(Email: "ann@history.example"), null, 10, None)).Items);
        using var http = host.Admin();
        using var patched = await http.PatchAsync($"/v1/contacts/{contact.Id}", Answers.Json("""{"phone":"+61400000001","fields":{"city":null}}"""));
        patched.EnsureSuccessStatusCode();

        var page = await client.HistoryAsync(contact.Id, null, 100, None);
        Assert.Null(page.NextCursor);
        Assert.Equal([(3, "api", "updated"), (2, "import", "updated"), (1, "import", "created")], page.Items.Select(h => (h.Rev, h.Kind, h.Action)));
        Assert.Equal([("phone", null, "+61400000001"), ("field:city", "Pune", null)], page.Items[0].Fields.Select(f => (f.Field, f.Before, f.After)));
        Assert.Null(page.Items[0].Row);
        Assert.Equal([("first_name", "Ann", "Anna")], page.Items[1].Fields.Select(f => (f.Field, f.Before, f.After)));
        Assert.Equal((updated.Id, "second.csv", 2L), (page.Items[1].ImportId, page.Items[1].Row?.FileName, page.Items[1].Row?.RowNumber));
        var oldest = page.Items[2];
        Assert.Equal([("email", null, "ann@history.example"), ("first_name", null, "Ann"), ("field:city", null, "Pune")], oldest.Fields.Select(f => (f.Field, f.Before, f.After)));
        Assert.Equal((created.Id, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(First)))), (oldest.ImportId, oldest.Row?.Sha256));
        Assert.Equal("ann@history.example,Ann,Pune\n", First.Substring((int)(oldest.Row?.ByteOffset ?? 0), oldest.Row?.ByteLength ?? 0));
        Assert.All(page.Items, h => Assert.NotNull(h.At));

        var newest = await client.HistoryAsync(contact.Id, null, 2, None);
        Assert.Equal([3, 2], newest.Items.Select(h => h.Rev));
        Assert.Equal([1], (await client.HistoryAsync(contact.Id, newest.NextCursor, 2, None)).Items.Select(h => h.Rev));

        using var other = host.Client(host.OtherToken);
        using var foreign = await other.GetAsync($"/v1/contacts/{contact.Id}/history");
        await foreign.ProblemAsync(HttpStatusCode.NotFound, "not_found");
    }

    static async Task<ImportResource> SendAsync(MusterClient client, string csv, string name)
    {
        using var file = new MemoryStream(Encoding.UTF8.GetBytes(csv));
        return await client.SubmitAsync(file, name, null, null, None, waitSeconds: 60);
    }
}
