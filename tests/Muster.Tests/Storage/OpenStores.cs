using Muster.Storage;

namespace Muster.Tests.Storage;

/// <summary>The stores of one backend, opened on empty ground for one test.</summary>
abstract class OpenStores : IDisposable
{
    public ManualClock Clock { get; } = new();

    public abstract IAccountStore Accounts { get; }

    public abstract IImportStore Imports { get; }

    public abstract IContactStore Contacts { get; }

    /// <summary>Opens the same data again, as the next start of the process does.</summary>
    public abstract void Reopen();

    public abstract void Dispose();
}
