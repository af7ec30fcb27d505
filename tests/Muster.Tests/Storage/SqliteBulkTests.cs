using Muster.Contacts;

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

    [Fact]
    public async Task Marks_of_who_was_taken_out_go_with_the_ledgers_that_need_them()
    {
        var own = new OpenSqliteStores();
        using var scene = await Jobs.ImportScene.EmptyAsync(own); // closes them
        var columns = new ImportOptions { Mapping = new Dictionary<string, string> { ["out"] = "lists:remove" } };
        await RunAsync("email\na@x.test\nb@x.test\nc@x.test\n", new() { Lists = ["Customers"] });
        await RunAsync("email,out\na@x.test,Customers\n", columns);
        var list = (await own.Contacts.ListsAsync(scene.Account.Id, None)).Single().Id;
        await own.Contacts.RemoveMembersAsync(scene.Account.Id, list, [(await scene.ContactsAsync())[1].Id], None);
        Assert.Equal(2, await MarksAsync());
        await RunAsync("email\nb@x.test\n", new() { ListIds = [list] });
        Assert.Equal(1, await MarksAsync()); // is in again

        await own.Imports.ExpireLedgersAsync(TimeProvider.System.GetUtcNow().AddDays(-1), 10, None);
        Assert.Equal(1, await MarksAsync());
        await own.Imports.ExpireLedgersAsync(TimeProvider.System.GetUtcNow().AddDays(1), 10, None);
        Assert.Equal(0, await MarksAsync());

        async Task RunAsync(string csv, ImportOptions options)
        {
            await scene.AcceptAsync(csv, options);
            await scene.RunPipelineAsync(own.Contacts);
        }

        Task<long> MarksAsync() => own.Stores.Database.ReadAsync(s => s.Number("SELECT count(*) FROM belonging_removal") ?? 0, None);
    }
}
