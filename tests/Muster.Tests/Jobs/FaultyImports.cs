using Muster.Contacts;
using Muster.Storage;

namespace Muster.Tests.Jobs;

/// <summary>A real store that refuses the first calls by which a worker parts from an import, as a full or locked database does.</summary>
sealed class FaultyImports(IImportStore real, int refusals) : IImportStore
{
    int left = refusals;

    public int Refusals => left;

    /// <summary>Batches whose ledger was read.</summary>
    public int LedgersRead { get; private set; }

    public Task<Import?> MoveAsync(int accountId, Guid importId, ImportStatus[] from, ImportStatus to, ImportFailure? failure, CancellationToken cancellationToken)
    {
        Refuse();
        return real.MoveAsync(accountId, importId, from, to, failure, cancellationToken);
    }

    public Task ReleaseAsync(ImportLease lease, CancellationToken cancellationToken)
    {
        Refuse();
        return real.ReleaseAsync(lease, cancellationToken);
    }

    public Task AbandonAsync(ImportLease lease, CancellationToken cancellationToken)
    {
        Refuse();
        return real.AbandonAsync(lease, cancellationToken);
    }

    public Task<bool> FinishAsync(ImportLease lease, ImportStatus status, ImportFailure? failure, CancellationToken cancellationToken)
    {
        Refuse();
        return real.FinishAsync(lease, status, failure, cancellationToken);
    }

    public Task<AcceptResult> AcceptAsync(Import import, AcceptCaps caps, CancellationToken cancellationToken) => real.AcceptAsync(import, caps, cancellationToken);

    public Task<IReadOnlyList<Import>> UnfinishedAsync(int accountId, CancellationToken cancellationToken) => real.UnfinishedAsync(accountId, cancellationToken);

    public Task<bool> HoldAsync(ImportLease lease, IReadOnlyList<HoldFinding> findings, CancellationToken cancellationToken) => real.HoldAsync(lease, findings, cancellationToken);

    public Task<Import?> ApproveAsync(int accountId, Guid importId, CancellationToken cancellationToken) => real.ApproveAsync(accountId, importId, cancellationToken);

    public Task<(Guid Newest, int Imports)?> FindSameSourceAsync(int accountId, string sha256, CancellationToken cancellationToken) => real.FindSameSourceAsync(accountId, sha256, cancellationToken);

    public Task<FollowUpResult> AcceptFollowUpAsync(Import followUp, CancellationToken cancellationToken) => real.AcceptFollowUpAsync(followUp, cancellationToken);

    public Task ForgetKeyAsync(int accountId, Guid importId, CancellationToken cancellationToken) => real.ForgetKeyAsync(accountId, importId, cancellationToken);

    public Task<(byte[] Ledger, DateTimeOffset? At)?> BatchAsync(int accountId, Guid importId, int batch, CancellationToken cancellationToken)
    {
        LedgersRead++;
        return real.BatchAsync(accountId, importId, batch, cancellationToken);
    }

    public Task<Import?> GetAsync(int accountId, Guid importId, CancellationToken cancellationToken) => real.GetAsync(accountId, importId, cancellationToken);

    public Task<Import?> FindByKeyAsync(int accountId, string route, string key, CancellationToken cancellationToken) => real.FindByKeyAsync(accountId, route, key, cancellationToken);

    public Task<IReadOnlyList<Import>> RetriesAsync(int accountId, IReadOnlyCollection<Guid> parents, CancellationToken cancellationToken) => real.RetriesAsync(accountId, parents, cancellationToken);

    public Task<Page<Import>> ListAsync(int accountId, string? cursor, int limit, CancellationToken cancellationToken) => real.ListAsync(accountId, cursor, limit, cancellationToken);

    public Task<(Import Import, ImportLease Lease)?> ClaimAsync(string owner, bool smallOnly, CancellationToken cancellationToken) => real.ClaimAsync(owner, smallOnly, cancellationToken);

    public Task PrepareAsync(ImportLease lease, ImportPreparation prepared, CancellationToken cancellationToken) => real.PrepareAsync(lease, prepared, cancellationToken);

    public IAsyncEnumerable<(int BatchNumber, byte[] Ledger)> LedgerAsync(int accountId, Guid importId, int fromBatch, CancellationToken cancellationToken) =>
        real.LedgerAsync(accountId, importId, fromBatch, cancellationToken).Select(batch =>
        {
            LedgersRead++;
            return batch;
        });

    public Task<IReadOnlyList<string>> ExpireSourcesAsync(DateTimeOffset endedBefore, CancellationToken cancellationToken) => real.ExpireSourcesAsync(endedBefore, cancellationToken);

    public Task<int> ExpireLedgersAsync(DateTimeOffset endedBefore, int limit, CancellationToken cancellationToken) => real.ExpireLedgersAsync(endedBefore, limit, cancellationToken);

    public Task<Import?> BeginWritingAsync(ImportLease lease, CancellationToken cancellationToken) => real.BeginWritingAsync(lease, cancellationToken);

    public Task<ImportLease> ApiLeaseAsync(int accountId, CancellationToken cancellationToken) => real.ApiLeaseAsync(accountId, cancellationToken);

    public Task<IReadOnlyList<SpoolErasure>> SpoolErasuresAsync(int limit, CancellationToken cancellationToken) => real.SpoolErasuresAsync(limit, cancellationToken);

    public Task ForgetSpoolErasuresAsync(IReadOnlyList<SpoolErasure> blanked, CancellationToken cancellationToken) => real.ForgetSpoolErasuresAsync(blanked, cancellationToken);

    public Task<IReadOnlySet<string>> SpoolsInUseAsync(CancellationToken cancellationToken) => real.SpoolsInUseAsync(cancellationToken);

    void Refuse()
    {
        if (left > 0)
        {
            left--;
            throw new InvalidOperationException("The database does not take this write.");
        }
    }
}
