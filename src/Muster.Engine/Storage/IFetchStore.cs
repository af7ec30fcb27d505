using Muster.Contacts;

namespace Muster.Storage;

/// <summary>Imports whose source is still somewhere else. Until it is here they run in lanes of their own, so that a slow server delays nobody else's import.</summary>
public interface IFetchStore
{
    /// <summary>Takes the next import whose source is to be fetched, of an account that has fewer than <paramref name="perAccount"/> fetches running. Null when there is none.</summary>
    Task<(Import Import, ImportLease Lease)?> ClaimAsync(string owner, int perAccount, CancellationToken cancellationToken);

    /// <summary>The complete addresses of the import's source, in the order in which to try them.</summary>
    Task<IReadOnlyList<string>> AddressesAsync(ImportLease lease, CancellationToken cancellationToken);

    /// <summary>Notes how far the fetch has come. False when the import is no longer this lease's to fetch, or no longer running: the fetch is to end.</summary>
    /// <param name="total">As announced, or 0.</param>
    Task<bool> ProgressAsync(ImportLease lease, long bytes, long total, CancellationToken cancellationToken);

    /// <summary>Puts an import whose source now lies in the spool into the queue, or on hold, as its status says, with what was found out about it: source, mapping, warnings, options and lane. Forgets the addresses.</summary>
    /// <returns>False when the lease is no longer good: nothing was changed.</returns>
    Task<bool> FetchedAsync(ImportLease lease, Import import, CancellationToken cancellationToken);
}
