using Muster.Sqlite.Bulk;

namespace Muster.Tests.Storage;

/// <summary>A look from outside holds as long as nothing is committed but the batch that it reckons with.</summary>
public sealed class WriteWatchTests : IDisposable
{
    static readonly Guid Import = Guid.Parse("01938f2a-0000-7000-8000-000000000001");
    readonly OpenSqliteStores stores = new();
    readonly BulkConnection connection;
    readonly BulkConnection other;
    readonly WriteWatch watch;

    public WriteWatchTests()
    {
        connection = new(stores.Settings.DatabaseFile, 1 << 20, busySeconds: 1);
        other = new(stores.Settings.DatabaseFile, 1 << 20, busySeconds: 1);
        watch = new(connection);
        Transaction(Import, 0);
    }

    public void Dispose()
    {
        connection.Dispose();
        other.Dispose();
        stores.Dispose();
    }

    [Fact]
    public void It_holds_when_nothing_or_the_batch_before_has_been_committed_since()
    {
        var mark = watch.Mark;
        Assert.True(Holds(mark, Import, 0));
        Transaction(Import, 1);
        Assert.True(Holds(mark, Import, 1));
    }

    [Fact]
    public void It_holds_no_more_after_another_batch_or_two()
    {
        var mark = watch.Mark;
        Transaction(Import, 1);
        Assert.False(Holds(mark, Import, 0));
        Assert.False(Holds(mark, Guid.Empty, 1));
        Transaction(Import, 2);
        Assert.False(Holds(mark, Import, 2));
    }

    [Fact]
    public void It_holds_no_more_when_another_connection_has_committed()
    {
        var mark = watch.Mark;
        other.Execute("UPDATE account SET name = name; INSERT INTO meta (name, value) VALUES ('test', x'00')");
        Assert.False(Holds(mark, Import, 0));
    }

    [Fact]
    public void A_mark_before_the_first_transaction_never_holds() => Assert.False(Holds(new WriteWatch(other).Mark, Guid.Empty, -1));

    void Transaction(Guid import, int batch)
    {
        connection.Execute("BEGIN IMMEDIATE");
        watch.Began();
        connection.Execute($"INSERT OR REPLACE INTO meta (name, value) VALUES ('batch', x'{batch:X2}'); COMMIT");
        watch.Committed(import, batch);
    }

    bool Holds(WriteMark since, Guid import, int batch)
    {
        connection.Execute("BEGIN IMMEDIATE");
        watch.Began();
        var holds = watch.Holds(since, import, batch);
        connection.Execute("ROLLBACK");
        return holds;
    }
}
