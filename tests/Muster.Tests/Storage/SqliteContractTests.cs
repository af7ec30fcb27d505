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
