using Muster.Sqlite.Bulk;
using Muster.Storage;

namespace Muster.Sqlite;

/// <summary>The stores of one data folder, over one database.</summary>
public sealed class SqliteStores : IDisposable
{
    readonly BulkThread writing = new("Muster bulk writer");
    readonly BulkThread lookingAhead = new("Muster look ahead");
    readonly BulkWriter bulk;

    SqliteStores(SqliteDatabase database, MusterSettings settings, TimeProvider time)
    {
        Database = database;
        Accounts = new SqliteAccountStore(database, time);
        var imports = new SqliteImportStore(database, settings, time);
        Imports = imports;
        Fetches = new SqliteFetchStore(database, imports, time);
        Notifications = new SqliteNotificationStore(database);
        Uploads = new SqliteUploadStore(database);
        Profiles = new SqliteProfileStore(database, time);
        bulk = new(database.File, settings.SqliteCache, settings.StoreBusySeconds, account => Contacts!.KeySeed(account), settings.ContactsMax); // Contacts is set below, before any batch
        Contacts = new SqliteContactStore(database, time, writing, lookingAhead, bulk);
    }

    public SqliteDatabase Database { get; }

    public IAccountStore Accounts { get; }

    public IImportStore Imports { get; }

    public IUploadStore Uploads { get; }

    public IProfileStore Profiles { get; }

    public IContactStore Contacts { get; }

    public IFetchStore Fetches { get; }

    public INotificationStore Notifications { get; }

    /// <summary>Opens the database of the settings' data folder, or makes it.</summary>
    /// <exception cref="DatabaseTooNewException">A later Muster wrote it.</exception>
    public static SqliteStores Open(MusterSettings settings, TimeProvider time) =>
        new(SqliteDatabase.Open(settings), settings, time);

    /// <remarks>Waits for the batch that is being written: closing its connection under it would pull the memory from under SQLite.</remarks>
    public void Dispose()
    {
        using var entered = Database.Gate.EnterAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
        lookingAhead.Dispose();
        writing.Dispose();
        bulk.Dispose();
        Database.Dispose();
    }
}
