using System.Net;
using System.Text;
using Microsoft.Data.Sqlite;
using Muster.Client;
using Muster.Merging;

namespace Muster.Server.Tests;

public sealed class ErasureTests(MusterHost host) : IClassFixture<MusterHost>
{
    /// <summary>Values of the contact, each of its own, that stood in it at some time.</summary>
    static readonly string[] Values = ["quuxley", "61491570156", "491 570 156", "Zebulon", "Zebadiah", "Ouagadougou", "Xanadu", "CRM-77123"];

    [Fact]
    public async Task After_a_delete_no_file_of_the_data_folder_holds_a_value_of_the_contact()
    {
        using var client = new MusterClient(host.Client(null), host.AdminToken);
        await ImportAsync(client, "email,phone,first_name,city,external_id\nquuxley@example.org,+61 491 570 156,Zebulon,Ouagadougou,CRM-77123\nbob@example.org,,Bob,Oslo,\nno-address,,Bad,,\n");
        await ImportAsync(client, "email,first_name\nbob@example.org,Bobby\nquuxley@example.org,Zebadiah\n");
        using var admin = host.Admin();
        var found = await (await admin.GetAsync("/v1/contacts?email=quuxley@example.org")).JsonAsync(HttpStatusCode.OK);
        var path = "/v1/contacts/" + found.GetProperty("items")[0].GetProperty("id").GetRawText();
        using (var patched = await admin.PatchAsync(path, Answers.Json("""{"fields":{"city":"Xanadu"}}""")))
            Assert.Equal(HttpStatusCode.OK, patched.StatusCode);
        Assert.NotEmpty(await FilesThatHoldAsync(Values));

        using (var deleted = await admin.DeleteAsync(path))
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        using (var again = await admin.DeleteAsync(path))
            await again.ProblemAsync(HttpStatusCode.NotFound, "not_found");

        Assert.Empty(await FilesThatHoldAsync(Values));
        Assert.NotEmpty(await FilesThatHoldAsync(["bob@example.org"]));
        var imports = await client.ImportsAsync(null, 10, CancellationToken.None);
        Assert.Equal([2L, 3L], imports.Items.Select(i => i.Counts.Read));
        var rejects = await admin.GetStringAsync($"/v1/imports/{imports.Items[^1].Id}/rejects");
        Assert.Equal("email,phone,first_name,city,external_id\nno-address,,Bad,,\n", rejects);
    }

    static async Task ImportAsync(MusterClient client, string csv)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(csv));
        var import = await client.SubmitAsync(stream, "contacts.csv", new() { Region = "AU" }, null, CancellationToken.None, waitSeconds: 60);
        Assert.Equal("completed", import.Status);
    }

    /// <summary>"file: value" for every hit, also within the ledger's compressed entries.</summary>
    async Task<List<string>> FilesThatHoldAsync(string[] values)
    {
        var folder = Path.GetDirectoryName(host.SpoolFolder)!; // it lies in the data folder
        await using (var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "muster.db")};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE); VACUUM; PRAGMA wal_checkpoint(TRUNCATE)";
            await command.ExecuteNonQueryAsync();
        }
        var hits = new List<string>();
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[stream.Length];
            await stream.ReadExactlyAsync(bytes);
            hits.AddRange(values.Where(v => bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(v)) >= 0).Select(v => $"{Path.GetFileName(file)}: {v}"));
        }
        var account = await host.Stores.Accounts.FindAsync("main", CancellationToken.None);
        Assert.NotNull(account);
        var imports = (await host.Stores.Imports.ListAsync(account.Id, null, 100, CancellationToken.None)).Items.Select(i => i.Id)
            .Append((await host.Stores.Imports.ApiLeaseAsync(account.Id, CancellationToken.None)).ImportId);
        foreach (var import in imports)
        {
            await foreach (var (_, blob) in host.Stores.Imports.LedgerAsync(account.Id, import, 0, CancellationToken.None))
            {
                var before = Ledger.Decode(blob).Changes.Select(c => c.Before is null ? "" : Encoding.UTF8.GetString(c.Before));
                hits.AddRange(before.Where(b => values.Any(v => b.Contains(v, StringComparison.Ordinal))).Select(b => "ledger: " + b));
            }
        }
        return hits;
    }
}
