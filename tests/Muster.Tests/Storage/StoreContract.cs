namespace Muster.Tests.Storage;

/// <summary>A part of what every backend does. A backend derives one class from each contract and says how its stores are opened: see <see cref="SqliteContactStoreTests"/> and those beside it.</summary>
public abstract class StoreContract : IDisposable
{
    readonly Stack<IDisposable> owned = new();

    /// <summary>The stores of a test that needs no others.</summary>
    private protected OpenStores Stores => field ??= Owned(Open());

    private protected abstract OpenStores Open();

    /// <summary>Goes when the test ends, before what was there before it.</summary>
    private protected T Owned<T>(T thing) where T : IDisposable
    {
        owned.Push(thing);
        return thing;
    }

    public void Dispose()
    {
        while (owned.TryPop(out var thing))
            thing.Dispose();
        GC.SuppressFinalize(this);
    }
}
