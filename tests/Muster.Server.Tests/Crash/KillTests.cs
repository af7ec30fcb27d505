using System.Net;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Muster.Contacts;
using Muster.Merging;
using Muster.Server.Tests.Cli;
using Muster.Sqlite;

namespace Muster.Server.Tests.Crash;

/// <summary>The server is killed with <c>kill -9</c> at seeded moments; what was acknowledged is kept, and nothing happens twice. More runs with MUSTER_LONG=1.</summary>
public sealed class KillTests
{
    const int Rows = 20_000;
    const string Key = "the-same-key";
    static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    /// <summary>When the first kill falls.</summary>
    public enum Moment { Upload, Accepted, Processing, Finishing, Recovery }

    public static TheoryData<Moment, int, int> Runs()
    {
        var runs = new TheoryData<Moment, int, int>();
        var count = Environment.GetEnvironmentVariable("MUSTER_LONG") == "1" ? 50 : 6;
        for (var run = 0; run < count; run++)
            runs.Add((Moment)(run % 5), run % 5 == 0 && run > 0 ? 2 : 1, 1_000 + run);
        return runs;
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task What_was_acknowledged_is_kept_and_happens_once(Moment moment, int kills, int seed)
    {
        var random = new Random(seed);
        var truth = new TruthFile(Rows, seed);
        using var program = new MusterProgram();
        var token = (await program.RunAsync("keys", "create", "--account", "main", "--scope", "admin", "--json")).Json().GetProperty("token").GetString()!; // always printed
        program.Environment["MUSTER_BATCH_ROWS_MAX"] = "1000";

        Guid? acknowledged = null;
        using (var server = await ServeProcess.StartAsync(program, token))
        {
            if (moment == Moment.Upload)
                await UploadUntilKilledAsync(server, truth, random.Next(BreakingContent.Pieces));
            else
                acknowledged = await UploadAsync(server, truth);
            if (acknowledged is { } import && moment is not (Moment.Upload or Moment.Accepted or Moment.Recovery))
                await UntilReadAsync(server, import, moment == Moment.Finishing ? Rows * 9 / 10 : random.Next(Rows * 9 / 10));
            server.Kill();
        }
        for (var again = moment == Moment.Recovery ? 1 : kills - 1; again > 0; again--)
        {
            using var server = await ServeProcess.StartAsync(program, token);
            acknowledged ??= await UploadAsync(server, truth);
            await UntilReadAsync(server, acknowledged.Value, random.Next(Rows));
            server.Kill();
        }

        Guid id;
        using (var server = await ServeProcess.StartAsync(program, token))
        {
            id = await UploadAsync(server, truth); // the client repeats itself, with the same key
            Assert.Equal(acknowledged ?? id, id);
            await AssertTrueAsync(server, id, truth);
            server.Kill();
        }
        await AssertWrittenOnceAsync(program, id);
    }

    static async Task<Guid> UploadAsync(ServeProcess server, TruthFile truth)
    {
        using var request = Request(new ByteArrayContent(truth.Bytes));
        using var response = await server.Client.SendAsync(request);
        return (await response.JsonAsync(HttpStatusCode.Accepted)).GetProperty("id").GetGuid();
    }

    static async Task UploadUntilKilledAsync(ServeProcess server, TruthFile truth, int piece)
    {
        using var request = Request(new BreakingContent(truth.Bytes, piece, server.Kill));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => server.Client.SendAsync(request));
    }

    static HttpRequestMessage Request(HttpContent content)
    {
        content.Headers.ContentType = new("text/csv");
        return new(HttpMethod.Post, "/v1/imports?lists=Crash") { Content = content, Headers = { { "Idempotency-Key", Key } } };
    }

    /// <summary>Waits until that many rows are read, or the import has ended. What was read never goes back.</summary>
    internal static async Task<JsonElement> UntilReadAsync(ServeProcess server, Guid import, long rows)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        for (var last = 0L; ;)
        {
            using var response = await server.Client.GetAsync($"/v1/imports/{import}", deadline.Token);
            var state = await response.JsonAsync(HttpStatusCode.OK);
            var counts = state.GetProperty("counts");
            var read = counts.GetProperty("read").GetInt64();
            Assert.InRange(read, last, Rows);
            Assert.Equal(read, counts.EnumerateObject().Where(c => c.Name is not ("read" or "warnings")).Sum(c => c.Value.GetInt64()));
            if (read >= rows || state.GetProperty("status").GetString() is not ("queued" or "running"))
                return state;
            last = read;
            await timer.WaitForNextTickAsync(deadline.Token);
        }
    }

    internal static async Task AssertTrueAsync(ServeProcess server, Guid id, TruthFile truth)
    {
        var import = await UntilReadAsync(server, id, long.MaxValue);
        Assert.True(import.GetProperty("status").GetString() == "completed", $"{import}\n{server.Log}");
        var counts = import.GetProperty("counts");
        Assert.Equal(
            (truth.Rows, truth.Contacts.Count, truth.Duplicates, truth.Errors.Count),
            (Count("read"), Count("created"), Count("duplicate"), Count("rejected")));

        var contacts = (await NdjsonAsync(server, "/v1/contacts/export?format=ndjson")).ToLookup(c => Text(c, "email"), c => (Text(c, "phone"), Text(c, "first_name"), Text(c.GetProperty("fields"), "city")));
        Assert.Equal(truth.Contacts.Count, contacts.Count);
        foreach (var (address, contact) in truth.Contacts)
            Assert.Equal(contact, Assert.Single(contacts[address]));
        var lists = await (await server.Client.GetAsync("/v1/lists")).JsonAsync(HttpStatusCode.OK);
        Assert.Equal(truth.Contacts.Count, lists.GetProperty("items")[0].GetProperty("members").GetInt64());

        var errors = await NdjsonAsync(server, $"/v1/imports/{id}/errors");
        Assert.Equal(truth.Errors, errors.Select(e => (e.GetProperty("row_number").GetInt64(), e.GetProperty("line").GetInt64(), Text(e, "value"))));
        Assert.Equal(truth.Rejects, await server.Client.GetByteArrayAsync($"/v1/imports/{id}/rejects"));

        int Count(string name) => counts.GetProperty(name).GetInt32();
    }

    /// <summary>Looks into the data folder of a server that was killed: the database is sound, the ledger has every batch and row once, and no contact was written again.</summary>
    static async Task AssertWrittenOnceAsync(MusterProgram program, Guid id)
    {
        var settings = new MusterSettings { Data = Path.Combine(program.Folder, "muster-data") };
        using var stores = SqliteStores.Open(settings, TimeProvider.System);
        await using (var connection = new SqliteConnection($"Data Source={settings.DatabaseFile};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT group_concat(integrity_check), (SELECT count(*) FROM contact WHERE rev <> 1), (SELECT count(*) FROM import WHERE kind <> 5) FROM pragma_integrity_check";
            await using var row = await command.ExecuteReaderAsync();
            Assert.True(await row.ReadAsync());
            Assert.Equal(("ok", 0L, 1L), (row.GetString(0), row.GetInt64(1), row.GetInt64(2)));
        }
        var account = await stores.Accounts.FindAsync("main", CancellationToken.None);
        Assert.NotNull(account);
        var import = await stores.Imports.GetAsync(account.Id, id, CancellationToken.None);
        Assert.NotNull(import);
        var (batches, rows) = (0, new List<long>());
        await foreach (var (number, blob) in stores.Imports.LedgerAsync(account.Id, id, 0, CancellationToken.None))
        {
            Assert.Equal(batches++, number);
            rows.AddRange(Ledger.Decode(blob).RowNumber);
        }
        Assert.Equal(import.NextBatch, batches);
        Assert.Equal(Enumerable.Range(2, Rows).Select(n => (long)n), rows);
    }

    static async Task<List<JsonElement>> NdjsonAsync(ServeProcess server, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Accept", "application/x-ndjson" } } };
        using var response = await server.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var lines = (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. lines.Select(line => JsonSerializer.Deserialize<JsonElement>(line))];
    }

    static string Text(JsonElement parent, string name) => parent.GetProperty(name).GetString() ?? "";

    /// <summary>A body in pieces; before one of them something happens.</summary>
    sealed class BreakingContent(byte[] bytes, int at, Action happen) : HttpContent
    {
        public const int Pieces = 40;

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var size = bytes.Length / Pieces + 1;
            for (var piece = 0; piece < Pieces; piece++)
            {
                if (piece == at)
                    happen();
                await stream.WriteAsync(bytes.AsMemory(piece * size, Math.Min(size, bytes.Length - piece * size)));
                await stream.FlushAsync();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes.Length;
            return true;
        }
    }
}
