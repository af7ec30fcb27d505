using Muster.Tests.Jobs;
using Muster.Tests.Jobs.Undo;

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

public sealed class SqliteAtomicTests : AtomicContract
{
    private protected override OpenStores Open() => new OpenSqliteStores();
}

public sealed class SqliteLedgerExpiryTests : LedgerExpiryContract
{
    private protected override OpenStores Open() => new OpenSqliteStores();
}

public sealed class SqliteConsentUndoTests : ConsentUndoContract
{
    private protected override OpenStores Open() => new OpenSqliteStores();
}

public sealed class SqlitePlanTests : PlanContract
{
    private protected override OpenStores Open() => new OpenSqliteStores();
}

public sealed class SqliteErasureTests : ErasureContract
{
    private protected override OpenStores Open() => new OpenSqliteStores();
}

public sealed class SqliteHoldTests : HoldContract
{
    private protected override OpenStores Open() => new OpenSqliteStores();
}

public sealed class SqliteImportRunTests : ImportRunContract
{
    private protected override OpenStores Open() => new OpenSqliteStores();
}

public sealed class SqliteLargeContactTests : LargeContactContract
{
    private protected override OpenStores Open() => new OpenSqliteStores();
}

public sealed class SqliteLargeContactUndoTests : LargeContactUndoContract
{
    private protected override OpenStores Open() => new OpenSqliteStores();
}

public sealed class SqliteListImportTests : ListImportContract
{
    private protected override OpenStores Open() => new OpenSqliteStores();
}

public sealed class SqliteMergeTests : MergeContract
{
    private protected override OpenStores Open() => new OpenSqliteStores();
}

public sealed class SqliteRecoveryTests : RecoveryContract
{
    private protected override OpenStores Open() => new OpenSqliteStores();
}

public sealed class SqliteReportPlaceTests : ReportPlaceContract
{
    private protected override OpenStores Open() => new OpenSqliteStores();
}

public sealed class SqliteUndoTests : UndoContract
{
    private protected override OpenStores Open() => new OpenSqliteStores();
}

public sealed class SqliteWorkerFaultTests : WorkerFaultContract
{
    private protected override OpenStores Open() => new OpenSqliteStores();
}
