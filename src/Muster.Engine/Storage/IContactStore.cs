using Muster.Contacts;
using Muster.Merging;

namespace Muster.Storage;

/// <summary>A page of anything: <paramref name="NextCursor"/> is null on the last page.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);

/// <summary>Which contacts a list call wants. All conditions hold at once; null asks nothing.</summary>
/// <param name="Search">Case-insensitive substring of e-mail, external id, names or company, or of the phone's digits. Looks at every contact of the account.</param>
public sealed record ContactFilter(int? ListId = null, int? TagId = null, long? Phone = null, string? Email = null, string? ExternalId = null, string? Search = null);

/// <summary>How a batch ends its import, when it is the last one.</summary>
public sealed record BatchEnd(ImportStatus Status, ImportFailure? Failure);

/// <summary>One batch on its way into the store. Under the lease of an account's Api import it takes the next free number; otherwise <see cref="RowBlock.BatchNumber"/>.</summary>
/// <param name="ContactId">The contact that the batch's only row is written to, whatever its keys say (PATCH of one contact); null: contacts are found by match key.</param>
public sealed record ContactBatch(
    ImportLease Lease, RowBlock Rows, DateTimeOffset Now, int[] ListIds, int[] TagIds, BatchEnd? End, int? ContactId = null)
{
    /// <summary>Asked inside the transaction, when the batch is decided and before it commits; null: it always may.</summary>
    public IBatchJudge? Judge { get; init; }
}

/// <summary>What a batch's transaction came to.</summary>
public abstract record BatchResult
{
    /// <summary>Committed, now or before; <paramref name="Total"/> counts the whole import so far.</summary>
    public sealed record Committed(ImportCounts Batch, ImportCounts Total) : BatchResult;

    /// <summary>Nothing was written: the import is no longer this lease's to run, or no longer running.</summary>
    public sealed record Stopped(ImportStatus Status) : BatchResult;

    /// <summary>Nothing was written: the batch's judge would not have it.</summary>
    public sealed record Refused(BatchVerdict Verdict) : BatchResult;
}

/// <summary>Where contacts live. One implementation per database, each with its own fastest way in.</summary>
/// <remarks>Every implementation passes the contract suite; where it and this text disagree, the suite is right.</remarks>
public interface IContactStore
{
    /// <summary>The secret under which this account's keys are hashed.</summary>
    KeyHashSeed KeySeed(int accountId);

    /// <summary>True while another writer waits for this store: the bulk writer then makes its batches smaller.</summary>
    bool OthersWait { get; }

    /// <summary>Writes one batch in one transaction: all of it, or, when this throws, none of it.</summary>
    /// <remarks>
    /// Reads the contacts that the batch's keys match, asks <paramref name="decider"/> what becomes of each row, and writes that.
    /// Safe to repeat: a pair (import, batch number) that is already committed is answered from its ledger.
    /// A row that the database refuses is found by bisection and rejected as <see cref="ErrorCode.StoreRejectedRow"/>.
    /// </remarks>
    Task<BatchResult> WriteAsync(ContactBatch batch, RowDecider decider, CancellationToken cancellationToken);

    Task<Contact?> GetAsync(int accountId, int contactId, CancellationToken cancellationToken);

    /// <summary>Contacts in order of id. A cursor stays valid while contacts come and go.</summary>
    /// <param name="cursor">Null, or the NextCursor of an earlier page; anything else that <see cref="Cursor"/> cannot read is an <see cref="ArgumentException"/>.</param>
    Task<Page<Contact>> ListAsync(int accountId, ContactFilter filter, string? cursor, int limit, CancellationToken cancellationToken);

    /// <summary>Erases a contact with its keys, memberships and tags, and its values in the ledger. False when there is none.</summary>
    /// <remarks>
    /// Every row that wrote the contact becomes a tombstone (<see cref="LedgerBatch.IsErased"/>), and so do the other rows of those batches that met it;
    /// the places of all of them in kept sources are noted for <see cref="IImportStore.SpoolErasuresAsync"/>. One transaction.
    /// </remarks>
    Task<bool> DeleteAsync(int accountId, int contactId, CancellationToken cancellationToken);

    Task<IReadOnlyList<FieldDefinition>> FieldsAsync(int accountId, CancellationToken cancellationToken);

    /// <summary>The field of that name (case ignored), made when missing.</summary>
    Task<FieldDefinition> EnsureFieldAsync(int accountId, string name, FieldType type, CancellationToken cancellationToken);

    Task<IReadOnlyList<ContactList>> ListsAsync(int accountId, CancellationToken cancellationToken);

    /// <summary>The list of that name (case ignored), made when missing.</summary>
    Task<ContactList> EnsureListAsync(int accountId, string name, CancellationToken cancellationToken);

    /// <summary>False when there is no such list.</summary>
    /// <exception cref="ArgumentException">Another list of the account has that name, case ignored.</exception>
    Task<bool> RenameListAsync(int accountId, int listId, string name, CancellationToken cancellationToken);

    /// <summary>Removes the list and its memberships; its contacts stay.</summary>
    Task<bool> DeleteListAsync(int accountId, int listId, CancellationToken cancellationToken);

    Task<IReadOnlyList<Tag>> TagsAsync(int accountId, CancellationToken cancellationToken);

    /// <summary>The tag of that name (case ignored), made when missing.</summary>
    Task<Tag> EnsureTagAsync(int accountId, string name, CancellationToken cancellationToken);

    Task<bool> DeleteTagAsync(int accountId, int tagId, CancellationToken cancellationToken);
}
