using Muster.Sqlite;

namespace Muster.Tests.Storage;

public sealed class SqliteDatabaseTests : IDisposable
{
    static readonly CancellationToken None = CancellationToken.None;
    readonly OpenSqliteStores stores = new();

    public void Dispose() => stores.Dispose();

    [Fact]
    public async Task New_database_has_large_pages_a_write_ahead_log_and_the_latest_version()
    {
        var database = stores.Stores.Database;
        Assert.Equal(16_384, await database.ReadAsync(s => s.Number("PRAGMA page_size"), None));
        Assert.Equal("wal", await database.ReadAsync(s => s.One("PRAGMA journal_mode", r => r.GetString(0)), None));
        Assert.Equal(Migrations.Latest, await database.ReadAsync(s => s.Number("PRAGMA user_version"), None));
        Assert.Equal(2 /* FULL */, await WithGateAsync(s => s.Number("PRAGMA synchronous")));
        Assert.Equal(1, await WithGateAsync(s => s.Number("PRAGMA foreign_keys")));
    }

    [Fact]
    public void Database_of_a_later_version_is_refused_with_both_versions_and_the_remedy()
    {
        stores.Stores.Dispose();
        using (var session = new Session($"Data Source={stores.Settings.DatabaseFile};Pooling=False"))
            session.Run("PRAGMA user_version = 9999");
        var before = File.ReadAllBytes(stores.Settings.DatabaseFile);
        var refused = Assert.Throws<DatabaseTooNewException>(() => SqliteStores.Open(stores.Settings, stores.Clock));
        Assert.Equal((9999, Migrations.Latest), (refused.Found, refused.Known));
        Assert.Contains("9999", refused.Message, StringComparison.Ordinal);
        Assert.Contains("later", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(stores.Settings.DatabaseFile));
    }

    [Fact]
    public void Key_seed_is_random()
    {
        using var others = new OpenSqliteStores();
        Assert.Equal(16, stores.Stores.Database.KeySeed.Length);
        Assert.NotEqual(stores.Stores.Database.KeySeed, others.Stores.Database.KeySeed);
        Assert.NotEqual(stores.Contacts.KeySeed(1), others.Contacts.KeySeed(1));
    }

    [Fact]
    public async Task Two_processes_may_open_a_new_folder_at_once()
    {
        var settings = stores.Settings with { Data = Path.Combine(stores.Settings.Data, "new") };
        var opened = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => SqliteStores.Open(settings, stores.Clock))));
        Assert.Single(opened.Select(o => Convert.ToHexString(o.Database.KeySeed)).Distinct());
        foreach (var o in opened)
            o.Dispose();
    }

    [Fact]
    public async Task Failed_write_leaves_nothing_and_the_next_one_goes_on()
    {
        var database = stores.Stores.Database;
        await Assert.ThrowsAsync<InvalidOperationException>(() => database.WriteAsync<int>(
            s =>
            {
                s.Execute("INSERT INTO meta (name, value) VALUES ('test', 1)");
                throw new InvalidOperationException();
            }, None));
        Assert.Null(await database.ReadAsync(s => s.Number("SELECT value FROM meta WHERE name = 'test'"), None));
        Assert.Equal(1, await database.WriteAsync(s => s.Execute("INSERT INTO meta (name, value) VALUES ('test', 1)"), None));
    }

    [Fact]
    public async Task Reader_cannot_write() =>
        await Assert.ThrowsAsync<Microsoft.Data.Sqlite.SqliteException>(
            () => stores.Stores.Database.ReadAsync(s => s.Execute("DELETE FROM meta"), None));

    [Fact]
    public async Task Backup_taken_while_writing_is_whole()
    {
        var database = stores.Stores.Database;
        var file = Path.Combine(stores.Settings.Data, "copy", "muster.db");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!); // the path above has a folder
        await database.WriteAsync(s => s.Execute("INSERT INTO meta (name, value) VALUES ('a', 0), ('b', 0)"), None);

        using var stop = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                await database.WriteAsync(s => s.Execute("UPDATE meta SET value = value + 1 WHERE name = 'a'") + s.Execute("UPDATE meta SET value = value + 1 WHERE name = 'b'"), None);
        });
        await database.BackupAsync(file, None);
        await stop.CancelAsync();
        await writing;

        Assert.Equal([file], Directory.GetFiles(Path.GetDirectoryName(file)!));
        using var copy = SqliteStores.Open(stores.Settings with { Data = Path.GetDirectoryName(file)! }, stores.Clock);
        Assert.Equal("ok", await copy.Database.ReadAsync(s => s.One("PRAGMA integrity_check", r => r.GetString(0)), None));
        Assert.Equal(0, await copy.Database.ReadAsync(s => s.Number("SELECT max(value) - min(value) FROM meta WHERE name IN ('a', 'b')"), None));
        Assert.Equal(database.KeySeed, copy.Database.KeySeed);
        Assert.Equal(16_384, await copy.Database.ReadAsync(s => s.Number("PRAGMA page_size"), None));
    }

    [Fact]
    public async Task Backup_never_overwrites_and_leaves_nothing_behind_when_it_fails()
    {
        var file = Path.Combine(stores.Settings.Data, "copy.db");
        await File.WriteAllTextAsync(file, "precious");
        await Assert.ThrowsAsync<IOException>(() => stores.Stores.Database.BackupAsync(file, None));
        Assert.Equal("precious", await File.ReadAllTextAsync(file));
        await Assert.ThrowsAsync<IOException>(() => stores.Stores.Database.BackupAsync(Path.Combine(stores.Settings.Data, "missing", "copy.db"), None));
        Assert.Empty(Directory.GetFiles(stores.Settings.Data, "*.part"));
    }

    [Fact]
    public async Task Queue_is_read_from_its_index_alone()
    {
        var plan = await stores.Stores.Database.ReadAsync(
            s => s.All(
                "EXPLAIN QUERY PLAN SELECT account_id, min(no) FROM import WHERE status IN (0, 1) AND kind <> 5 AND (status = 0 OR lease_owner IS NOT 'x') AND small >= 1 GROUP BY account_id",
                r => r.GetString(3)), None);
        Assert.Contains(plan, p => p.Contains("COVERING INDEX import_queue", StringComparison.Ordinal));
    }

    Task<T> WithGateAsync<T>(Func<Session, T> read) => stores.Stores.Database.WriteAsync(read, None);
}
