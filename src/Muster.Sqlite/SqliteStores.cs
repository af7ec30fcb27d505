using Muster.Storage;

namespace Muster.Sqlite;

/// <summary>The stores of one data folder, over one database.</summary>
public sealed class SqliteStores : IDisposable
{
    SqliteStores(SqliteDatabase database, MusterSettings settings, TimeProvider time, BatchWrite write)
    {
        Database = database;
        Accounts = new SqliteAccountStore(database, time);
        Imports = new SqliteImportStore(database, settings, time);
        Contacts = new SqliteContactStore(database, time, write);
    }

    public SqliteDatabase Database { get; }

    public IAccountStore Accounts { get; }

    public IImportStore Imports { get; }

    public IContactStore Contacts { get; }

    /// <summary>Opens the database of the settings' data folder, or makes it.</summary>
    /// <exception cref="DatabaseTooNewException">A later Muster wrote it.</exception>
    public static SqliteStores Open(MusterSettings settings, TimeProvider time) =>
        new(SqliteDatabase.Open(settings), settings, time, static (_, _, _) => throw new NotSupportedException("The bulk writer is plugged in here."));

    public void Dispose() => Database.Dispose();
}
