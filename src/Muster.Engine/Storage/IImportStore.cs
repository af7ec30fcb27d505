using Muster.Contacts;

namespace Muster.Storage;

/// <summary>The right to run one import. <paramref name="Epoch"/> grows with every claim: a batch written under an older one does not commit.</summary>
public sealed record ImportLease(int AccountId, Guid ImportId, int Epoch);

/// <summary>What became of a request to accept an import.</summary>
public abstract record AcceptResult
{
    public sealed record Accepted(Import Import) : AcceptResult;

    /// <summary>The same Idempotency-Key came before with the same bytes and options: the import as it now is.</summary>
    public sealed record Replayed(Import Import) : AcceptResult;

    /// <summary>The same Idempotency-Key came before with other bytes or options.</summary>
    public sealed record Conflict(Guid ImportId) : AcceptResult;

    /// <summary>The account has no room for it now.</summary>
    public sealed record NoRoom(ErrorCode Code) : AcceptResult;
}

/// <summary>What an account may have when an import is accepted, judged in the transaction that inserts it.</summary>
/// <param name="ActiveMax">Imports queued, running or paused, the new one included.</param>
/// <param name="SpoolBytesMax">Of kept sources, the new one included; 0: no limit.</param>
public sealed record AcceptCaps(int ActiveMax = int.MaxValue, long SpoolBytesMax = 0)
{
    public static AcceptCaps None { get; } = new();
}

/// <summary>What became of a request to undo, redo or apply an import.</summary>
public abstract record FollowUpResult
{
    public sealed record Accepted(Import Import) : FollowUpResult;

    /// <summary>The same is under way already.</summary>
    public sealed record Underway(Import Import) : FollowUpResult;

    /// <summary>The import stands at a status that does not allow it.</summary>
    public sealed record Refused(Import Target) : FollowUpResult;
}

/// <summary>What an import finds out before its first batch, and goes by from then on.</summary>
/// <param name="ListIds">Stored in the options, as <paramref name="TagIds"/> and <paramref name="Fields"/> are.</param>
public sealed record ImportPreparation(
    IReadOnlyList<ImportColumn> Mapping, IReadOnlyList<int> ListIds, IReadOnlyList<int> TagIds, IReadOnlyList<FrozenField> Fields, IReadOnlyList<string> Warnings);

/// <summary>A range of an import's source that told of a contact which is erased.</summary>
/// <param name="ByteOffset">Where the record starts in the source.</param>
/// <param name="ByteLength">Its line end included.</param>
public sealed record SpoolErasure(int AccountId, Guid ImportId, long ByteOffset, int ByteLength);

/// <summary>Where imports, their checkpoints and their ledgers live.</summary>
public interface IImportStore
{
    /// <summary>Inserts the import and its idempotency row, durably: when this returns, the import survives power loss.</summary>
    Task<AcceptResult> AcceptAsync(Import import, AcceptCaps caps, CancellationToken cancellationToken);

    /// <summary>As the other, whatever the account has under way.</summary>
    Task<AcceptResult> AcceptAsync(Import import, CancellationToken cancellationToken) => AcceptAsync(import, AcceptCaps.None, cancellationToken);

    /// <summary>The account's imports that have not ended: queued, running, paused or held. Oldest first.</summary>
    Task<IReadOnlyList<Import>> UnfinishedAsync(int accountId, CancellationToken cancellationToken);

    /// <summary>Inserts an undo, redo or apply and notes it at its target (<see cref="Import.TargetId"/>), durably and at once. The target exists.</summary>
    Task<FollowUpResult> AcceptFollowUpAsync(Import followUp, CancellationToken cancellationToken);

    Task<Import?> GetAsync(int accountId, Guid importId, CancellationToken cancellationToken);

    /// <summary>The import that was accepted under an idempotency key, or null.</summary>
    Task<Import?> FindByKeyAsync(int accountId, string route, string key, CancellationToken cancellationToken);

    /// <summary>The imports that corrected the rejects of these, and those that corrected theirs, and so on; oldest first.</summary>
    Task<IReadOnlyList<Import>> RetriesAsync(int accountId, IReadOnlyCollection<Guid> parents, CancellationToken cancellationToken);

    /// <summary>Forgets the import's idempotency key: the same bytes again are a new import.</summary>
    Task ForgetKeyAsync(int accountId, Guid importId, CancellationToken cancellationToken);

    /// <summary>Newest first; the account's import of kind <see cref="ImportKind.Api"/> is left out.</summary>
    /// <param name="cursor">Null, or the NextCursor of an earlier page; anything else that <see cref="Cursor"/> cannot read is an <see cref="ArgumentException"/>.</param>
    Task<Page<Import>> ListAsync(int accountId, string? cursor, int limit, CancellationToken cancellationToken);

    /// <summary>Takes the next import that may run: of the account that has least running, oldest first. Null when there is none.</summary>
    /// <remarks>An import whose earlier lease ended without a word is taken too; after the third death at one checkpoint it ends as <see cref="ErrorCode.PoisonBatch"/> instead.</remarks>
    /// <param name="smallOnly">Only imports of the reserved lane.</param>
    Task<(Import Import, ImportLease Lease)?> ClaimAsync(string owner, bool smallOnly, CancellationToken cancellationToken);

    /// <summary>Gives a running import back to the queue, unharmed: the graceful stop.</summary>
    Task ReleaseAsync(ImportLease lease, CancellationToken cancellationToken);

    /// <summary>Ends a lease without a word on the import: it may be claimed again at once, and the claim counts as a death at this checkpoint.</summary>
    Task AbandonAsync(ImportLease lease, CancellationToken cancellationToken);

    /// <summary>Freezes what the import found out before its first batch. Does nothing when the lease is no longer good.</summary>
    Task PrepareAsync(ImportLease lease, ImportPreparation prepared, CancellationToken cancellationToken);

    /// <summary>An atomic import has passed its check: forgets the check's batches and counts, and begins to write. Null when the lease is no longer good.</summary>
    Task<Import?> BeginWritingAsync(ImportLease lease, CancellationToken cancellationToken);

    /// <summary>Ends a running import outside a batch. False when the lease is no longer good.</summary>
    /// <remarks>Here, in <see cref="MoveAsync"/> and in <see cref="ClaimAsync"/>: one that <see cref="Import.IsAllOrNothing"/> and has begun gets its undo in the same transaction.</remarks>
    Task<bool> FinishAsync(ImportLease lease, ImportStatus status, ImportFailure? failure, CancellationToken cancellationToken);

    /// <summary>Holds a running import at its checkpoint for a person, with what was found. False when the lease is no longer good.</summary>
    Task<bool> HoldAsync(ImportLease lease, IReadOnlyList<HoldFinding> findings, CancellationToken cancellationToken);

    /// <summary>Lets a held import go on: it is queued, and what it was held for is stamped as approved. An import that is not held is answered as it is; null when there is none.</summary>
    Task<Import?> ApproveAsync(int accountId, Guid importId, CancellationToken cancellationToken);

    /// <summary>The account's newest import of a source with this SHA-256 (lower-case hex), and how many there are; null when there is none.</summary>
    Task<(Guid Newest, int Imports)?> FindSameSourceAsync(int accountId, string sha256, CancellationToken cancellationToken);

    /// <summary>Moves the import to <paramref name="to"/> when it stands at one of <paramref name="from"/>, durably. Null when there is no such import; otherwise the import as it now is.</summary>
    Task<Import?> MoveAsync(int accountId, Guid importId, ImportStatus[] from, ImportStatus to, ImportFailure? failure, CancellationToken cancellationToken);

    /// <summary>The import's committed batches in order, each one's ledger still encoded: see <see cref="Ledger"/>.</summary>
    IAsyncEnumerable<(int BatchNumber, byte[] Ledger)> LedgerAsync(int accountId, Guid importId, int fromBatch, CancellationToken cancellationToken);

    /// <summary>One committed batch, and when it was committed; null when it is not kept.</summary>
    Task<(byte[] Ledger, DateTimeOffset? At)?> BatchAsync(int accountId, Guid importId, int batch, CancellationToken cancellationToken);

    /// <summary>Forgets the spools of imports that ended before <paramref name="endedBefore"/>; returns the files that may now be deleted.</summary>
    Task<IReadOnlyList<string>> ExpireSourcesAsync(DateTimeOffset endedBefore, CancellationToken cancellationToken);

    /// <summary>Drops the ledgers of imports that ended before <paramref name="endedBefore"/>, undos and plans too, what single writes before it left in the account's Api import, and, some at a time, who was taken out of lists and tags before it. Counts stay.</summary>
    /// <remarks>The ledger that an unfinished undo, redo or apply works through stays until that has ended.</remarks>
    /// <param name="limit">Imports at most, so that no transaction is long.</param>
    /// <returns>How many imports lost theirs; fewer than <paramref name="limit"/>: there are no more.</returns>
    Task<int> ExpireLedgersAsync(DateTimeOffset endedBefore, int limit, CancellationToken cancellationToken);

    /// <summary>The lease under which single writes of the account are batches: of its one import of kind <see cref="ImportKind.Api"/>, made when missing and running for ever.</summary>
    /// <remarks>Its epoch never changes. No call of this interface claims, moves, ends or lists that import; <see cref="GetAsync"/> and <see cref="LedgerAsync"/> read it.</remarks>
    Task<ImportLease> ApiLeaseAsync(int accountId, CancellationToken cancellationToken);

    /// <summary>Ranges that erased contacts have left in sources, as <see cref="IContactStore.DeleteAsync"/> noted them; only of sources all of whose imports have ended.</summary>
    Task<IReadOnlyList<SpoolErasure>> SpoolErasuresAsync(int limit, CancellationToken cancellationToken);

    /// <summary>Forgets ranges that are blank now. Those that are forgotten already do no harm.</summary>
    Task ForgetSpoolErasuresAsync(IReadOnlyList<SpoolErasure> blanked, CancellationToken cancellationToken);

    /// <summary>All spool files that some import still needs.</summary>
    Task<IReadOnlySet<string>> SpoolsInUseAsync(CancellationToken cancellationToken);
}
