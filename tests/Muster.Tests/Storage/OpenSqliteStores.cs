using Muster.Sqlite;
using Muster.Storage;

namespace Muster.Tests.Storage;

sealed class OpenSqliteStores : OpenStores
{
    readonly TestFolder folder = new();

    public OpenSqliteStores()
    {
        Settings = new() { Data = folder.Path };
        Stores = SqliteStores.Open(Settings, Clock);
    }

    public MusterSettings Settings { get; }

    public SqliteStores Stores { get; private set; }

    public override IAccountStore Accounts => Stores.Accounts;

    public override IImportStore Imports => Stores.Imports;

    public override IContactStore Contacts => Stores.Contacts;

    public override void Reopen()
    {
        Stores.Dispose();
        Stores = SqliteStores.Open(Settings, Clock);
    }

    public override void Dispose()
    {
        Stores.Dispose();
        folder.Dispose();
    }
}
