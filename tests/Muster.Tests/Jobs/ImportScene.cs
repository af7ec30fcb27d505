using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Merging;
using Muster.Sources;
using Muster.Storage;
using Muster.Tests.Storage;

namespace Muster.Tests.Jobs;

/// <summary>An account over stores of its own, with a spool. <see cref="CreateAsync"/> puts sixty contacts into it and an import of ten batches that waits: it creates, updates, repeats and rejects.</summary>
sealed class ImportScene : IDisposable
{
    public const int Batches = 10;
    public const int RowsPerBatch = 40;
    const int Seed = 20261122;

    static readonly CancellationToken None = CancellationToken.None;
    readonly TestFolder folder = new();
    readonly OpenStores stores;
    readonly Spool spool;
    Account account = null!; // set by EmptyAsync, the only way to get a scene
    Guid earlier;

    ImportScene(OpenStores stores, int batchRows)
    {
        this.stores = stores;
        Settings = new() { Data = folder.Path, BatchRowsMax = batchRows, FreeDiskMin = 0, DrainSeconds = 30 };
        Directory.CreateDirectory(Settings.ScratchFolder);
        spool = new(Settings);
    }

    public MusterSettings Settings { get; }

    public OpenStores Stores => stores;

    /// <summary>The import that waits.</summary>
    public Guid ImportId { get; private set; }

    public Account Account => account;

    public Spool Spool => spool;

    public static async Task<ImportScene> EmptyAsync(OpenStores stores, int batchRows = RowsPerBatch)
    {
        var scene = new ImportScene(stores, batchRows);
        scene.account = await stores.Accounts.EnsureAsync("main", null, "AU", null, None);
        return scene;
    }

    public static async Task<ImportScene> CreateAsync(OpenStores stores)
    {
        var scene = await EmptyAsync(stores);
        scene.earlier = await scene.AcceptAsync(EarlierFile(), new() { Tags = ["old"] });
        await scene.RunPipelineAsync(stores.Contacts);
        scene.ImportId = await scene.AcceptAsync(File(), new() { Lists = ["Customers"], Tags = ["new"] });
        return scene;
    }

    public void Dispose()
    {
        stores.Dispose();
        folder.Dispose();
    }

    public Task<Import> ImportAsync() => ImportAsync(ImportId);

    public async Task<Import> ImportAsync(Guid id) => (await stores.Imports.GetAsync(account.Id, id, None))!; // accepted by AcceptAsync

    public Task<Import?> MoveAsync(ImportStatus from, ImportStatus to) => stores.Imports.MoveAsync(account.Id, ImportId, [from], to, null, None);

    public FaultyContacts Faulty(BatchStep step) => new(stores.Contacts, step);

    /// <summary>Claims and runs the import as a process would that knows nothing of those before it, and that says nothing when it dies.</summary>
    /// <returns>False when there was nothing to claim.</returns>
    public async Task<bool> RunPipelineAsync(IContactStore contacts, int? batchBytesMax = null)
    {
        if (await stores.Imports.ClaimAsync($"process-{Guid.CreateVersion7():N}", smallOnly: false, None) is not { } claim)
            return false;
        var settings = Settings with { BatchBytesMax = batchBytesMax ?? Settings.BatchBytesMax };
        if (claim.Import.Kind.Reverts())
            await new RevertPipeline(settings, stores.Imports, contacts, new(), TimeProvider.System).RunAsync(claim.Import, claim.Lease, None);
        else
            await new ImportPipeline(settings, spool, stores.Imports, contacts, new(), TimeProvider.System).RunAsync(claim.Import, claim.Lease, None);
        return true;
    }

    /// <summary>A worker, as <c>serve</c> runs it.</summary>
    public Task RunWorkerAsync(IContactStore contacts, CancellationToken stop) =>
        new ImportWorker(Settings, spool, stores.Imports, contacts, new(), TimeProvider.System, NullLogger<ImportWorker>.Instance).RunAsync(stop);

    /// <summary>Runs a worker until the import stands at this status, then stops it.</summary>
    public async Task<Import> RunWorkerUntilAsync(IContactStore contacts, ImportStatus status)
    {
        using var stop = new CancellationTokenSource();
        var running = RunWorkerAsync(contacts, stop.Token);
        await Until.TrueAsync(async () => (await ImportAsync()).Status == status);
        await stop.CancelAsync();
        await running;
        return await ImportAsync();
    }

    /// <summary>Everything that must not depend on how often the import was broken off: contacts, counts, checkpoint, and every entry of the ledger.</summary>
    public async Task<string> ResultAsync()
    {
        var text = new StringBuilder();
        var import = await ImportAsync();
        text.AppendLine(Text($"{import.Status} {import.Failure?.Code} {import.Counts} batch {import.NextBatch} at {import.SourcePosition}"));
        foreach (var c in (await stores.Contacts.ListAsync(account.Id, new(), null, 1_000, None)).Items)
            text.AppendLine(Text($"{c.Id} {c.Email} {c.Phone} {c.FirstName} {c.Fields.GetValueOrDefault("city")} [{string.Join(',', c.Lists)}] [{string.Join(',', c.Tags)}] rev {c.Rev}"));
        await foreach (var (number, blob) in stores.Imports.LedgerAsync(account.Id, ImportId, 0, None))
            Append(text, number, Ledger.Decode(blob));
        return text.ToString();
    }

    public Task<IReadOnlyList<(int Number, LedgerBatch Ledger)>> LedgerAsync() => LedgerAsync(ImportId);

    public async Task<IReadOnlyList<(int Number, LedgerBatch Ledger)>> LedgerAsync(Guid import)
    {
        var batches = new List<(int, LedgerBatch)>();
        await foreach (var (number, blob) in stores.Imports.LedgerAsync(account.Id, import, 0, None))
            batches.Add((number, Ledger.Decode(blob)));
        return batches;
    }

    public async Task<IReadOnlyList<Contact>> ContactsAsync() => (await stores.Contacts.ListAsync(account.Id, new(), null, 1_000, None)).Items;

    void Append(StringBuilder text, int number, LedgerBatch ledger)
    {
        text.AppendLine(Text($"batch {number}"));
        for (var row = 0; row < ledger.Count; row++)
        {
            var previous = ledger.PreviousWrite[row];
            var by = previous.Import == earlier ? "earlier" : previous.Import == ImportId ? "itself" : previous.Import == default ? "-" : "stranger";
            text.AppendLine(Text(
                $"{ledger.Outcome[row]} {ledger.RowNumber[row]} {ledger.Line[row]} {ledger.ByteOffset[row]}+{ledger.ByteLength[row]} contact {ledger.ContactId[row]} of {ledger.DuplicateOf[row]} rev {ledger.RevAfter[row]} after {by} {previous.Batch} {previous.Row} keys {ledger.KeysClaimed[row]}"));
        }
        foreach (var (row, field, before) in ledger.Changes)
            text.AppendLine(Text($"{row} field {field} was {(before is null ? "-" : Encoding.UTF8.GetString(before))}"));
        foreach (var (id, bits) in ledger.MembersAdded.Concat(ledger.TagsAdded))
            text.AppendLine(Text($"added to {id}: {string.Join(' ', bits)}"));
        foreach (var error in ledger.Errors)
            text.AppendLine(error.ToString());
    }

    /// <summary>Makes another import the one that the scene tells of.</summary>
    public void Await(Guid import) => ImportId = import;

    /// <summary>Puts a file into the spool and its import into the queue.</summary>
    public async Task<Guid> AcceptAsync(string csv, ImportOptions options)
    {
        var spooled = Assert.IsType<SpoolResult.Spooled>(await spool.ReceiveAsync(new MemoryStream(Encoding.UTF8.GetBytes(csv)), None)).Source;
        var intake = new ImportIntake(Settings, spool, stores.Imports, stores.Contacts, new(), TimeProvider.System);
        var result = await intake.AcceptAsync(new(account, spooled, "file", "contacts.csv", options, null, "test"), None);
        return Assert.IsType<IntakeResult.Accepted>(result).Import.Id;
    }

    static string EarlierFile()
    {
        var csv = new StringBuilder("email,phone,first_name,city\n");
        for (var i = 0; i < 60; i++)
            csv.Append(Text($"known{i}@example.org,+614000{i:00000},Old {i},Pune\n"));
        return csv.ToString();
    }

    static string File()
    {
        var random = new Random(Seed);
        var csv = new StringBuilder("email,phone,first_name,city\n");
        for (var i = 0; i < Batches * RowsPerBatch; i++)
        {
            csv.Append(random.Next(10) switch
            {
                0 => Text($"no-address,,Bad {i},\n"),
                1 => Text($"new{random.Next(i + 1)}@example.org,,Repeat {i},Oslo\n"),
                2 or 3 => Text($"Known{random.Next(60)}@example.org,+614001{i:00000},\"Two\nlines {i}\",São Paulo\n"),
                4 => Text($"known{random.Next(60)}@example.org,,,Pune\n"),
                _ => Text($"new{i}@example.org,+614002{i:00000},Zoë {i},Oslo\n"),
            });
        }
        return csv.ToString();
    }

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
