using Muster.Contacts;
using Muster.Merging;
using Muster.Storage;

namespace Muster.Tests.Storage;

/// <summary>What is SQLite's own about writing in bulk.</summary>
public sealed class SqliteBulkTests : IDisposable
{
    static readonly CancellationToken None = CancellationToken.None;
    readonly OpenSqliteStores stores = new();

    public void Dispose() => stores.Dispose();

    [Fact]
    public async Task Closing_waits_for_the_batch_that_is_being_written()
    {
        var writing = await stores.Stores.Database.Gate.EnterAsync(None);
        var closing = Task.Run(stores.Stores.Dispose);
        await Until.TrueAsync(() => Task.FromResult(stores.Stores.Database.Gate.Waiters == 1 || closing.IsCompleted));
        Assert.False(closing.IsCompleted);
        writing.Dispose();
        await closing;
    }

    [Fact]
    public async Task Ids_are_spared_again_once_most_rows_are_known()
    {
        var account = (await stores.Accounts.EnsureAsync("main", null, null, null, None)).Id;
        await stores.Imports.AcceptAsync(
            new()
            {
                Id = Guid.CreateVersion7(), AccountId = account, Kind = ImportKind.Import, Status = ImportStatus.Queued, Options = new(),
                Source = new("file", null, 0, "", null, "csv", "utf-8", ",", [], 0, true), CreatedAt = stores.Clock.GetUtcNow(),
            },
            None);
        var lease = (await stores.Imports.ClaimAsync("test", smallOnly: false, None))!.Value.Lease;
        const int Known = 50;
        await WriteAsync(lease, 0, [.. Enumerable.Range(0, Known).Select(i => new TestRow($"a{i}@x.test"))]);
        // Each batch has a decider of its own, as after a crash: so the known rows are no repeats of the first batch.
        TestRow[] MostlyKnown(string name) => [.. Enumerable.Range(0, Known).Select(i => new TestRow($"a{i}@x.test")), new TestRow($"{name}@x.test")];
        await WriteAsync(lease, 1, MostlyKnown("b"));
        var before = await stores.Contacts.EnsureTagAsync(account, "before", None);
        await WriteAsync(lease, 2, MostlyKnown("c"));
        var after = await stores.Contacts.EnsureTagAsync(account, "after", None);
        Assert.Equal(2, after.Id - before.Id);
    }

    async Task WriteAsync(ImportLease lease, int batch, TestRow[] rows)
    {
        using var accepted = new AcceptedKeys(1 << 20, Path.GetTempPath());
        var block = Rows.Block(batch, 2 + batch * 1_000, KeyKind.Email, stores.Contacts.KeySeed(lease.AccountId), last: false, rows);
        var result = await stores.Contacts.WriteAsync(
            new(lease, block, stores.Clock.GetUtcNow(), [], [], End: null), new(MergeRules.Overwriting(KeyKind.Email, 1), accepted), None);
        Assert.IsType<BatchResult.Committed>(result);
    }
}
