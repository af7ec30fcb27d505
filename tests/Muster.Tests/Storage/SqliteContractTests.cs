namespace Muster.Tests.Storage;

public sealed class SqliteAccountStoreTests : AccountStoreContract
{
    private protected override OpenStores Open() => new OpenSqliteStores();
}

public sealed class SqliteImportStoreTests : ImportStoreContract
{
    private protected override OpenStores Open() => new OpenSqliteStores();
}

public sealed class SqliteContactStoreTests : ContactStoreContract
{
    private protected override OpenStores Open() => new OpenSqliteStores();
}

public sealed class SqliteBatchWriteTests : BatchWriteContract
{
    private protected override OpenStores Open() => new OpenSqliteStores();

    private protected override void RefuseFirstName(OpenStores stores, string firstName)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={((OpenSqliteStores)stores).Settings.DatabaseFile};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"CREATE TRIGGER refuse BEFORE INSERT ON contact WHEN new.first_name = '{firstName}' BEGIN SELECT RAISE(ABORT, 'refused'); END";
        command.ExecuteNonQuery();
    }
}

public sealed class SqliteLimitTests : LimitContract
{
    private protected override OpenStores Open() => new OpenSqliteStores();
}

public sealed class SqliteAtomicTests : Muster.Tests.Jobs.AtomicContract
{
    private protected override OpenStores Open() => new OpenSqliteStores();
}

public sealed class SqliteLedgerExpiryTests : Muster.Tests.Jobs.LedgerExpiryContract
{
    private protected override OpenStores Open() => new OpenSqliteStores();
}

public sealed class SqliteConsentUndoTests : Muster.Tests.Jobs.ConsentUndoContract
{
    private protected override OpenStores Open() => new OpenSqliteStores();
}

public sealed class SqlitePlanTests : Muster.Tests.Jobs.PlanContract
{
    private protected override OpenStores Open() => new OpenSqliteStores();
}
