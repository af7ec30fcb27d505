using Muster.Tests.Storage;

namespace Muster.Tests.Jobs.Undo;

public sealed class SqliteUndoTests : UndoContract
{
    private protected override OpenStores Open() => new OpenSqliteStores();
}
