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
    public void A_file_that_is_no_database_is_refused_with_the_remedy()
    {
        var settings = stores.Settings with { Data = Path.Combine(stores.Settings.Data, "damaged") };
        Directory.CreateDirectory(settings.Data);
        File.WriteAllText(settings.DatabaseFile, new string('x', 40_000));
        var refused = Assert.Throws<IOException>(() => Muster.Sqlite.SqliteStores.Open(settings, stores.Clock));
        Assert.Contains("Restore a backup", refused.Message, StringComparison.Ordinal);
        Assert.Equal(40_000, new FileInfo(settings.DatabaseFile).Length);
    }
}
