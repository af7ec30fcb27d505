using Muster.Contacts;
using Muster.Merging;

namespace Muster.Storage;

/// <summary>A page of anything: <paramref name="NextCursor"/> is null on the last page.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);

/// <summary>Which contacts a list call wants. All conditions hold at once; null asks nothing.</summary>
/// <param name="CreatedSince">Made at that time or later.</param>
/// <param name="UpdatedSince">Last changed at that time or later.</param>
/// <param name="Search">Case-insensitive substring of e-mail, external id, names or company, or of the phone's digits. Looks at every contact of the account.</param>
/// <param name="Status">active or opted_out: see <see cref="Contact.Status"/>.</param>
/// <param name="OptedOutOf">A channel that the contact has opted out of, whatever it said about others.</param>
public sealed record ContactFilter(int? ListId = null, int? TagId = null, long? Phone = null, string? Email = null, string? ExternalId = null, string? Search = null,
    DateTimeOffset? CreatedSince = null, DateTimeOffset? UpdatedSince = null, string? Status = null, ConsentChannel? OptedOutOf = null);

/// <summary>Which contacts a slice is of. All conditions hold at once; null asks nothing, an empty list wants nobody.</summary>
/// <param name="ListIds">In any of these.</param>
/// <param name="TagIds">With any of these.</param>
/// <param name="Name">Substring of first and last name with a blank between, ASCII letters in any case.</param>
/// <param name="Ids">One of these.</param>
/// <param name="CreatedSince">As for <see cref="ContactFilter"/>.</param>
/// <param name="UpdatedSince">As for <see cref="ContactFilter"/>.</param>
public sealed record ContactSelection(IReadOnlyList<int>? ListIds = null, IReadOnlyList<int>? TagIds = null, string? Name = null, IReadOnlyList<int>? Ids = null,
    DateTimeOffset? CreatedSince = null, DateTimeOffset? UpdatedSince = null);

/// <summary>What contacts are ordered by; of equals the older comes first.</summary>
public enum ContactOrder { Created, Updated, Name }

/// <summary>Where a slice begins and how far it goes.</summary>
/// <param name="Counted">Whether the selection is counted, which costs a look at all that it has.</param>
public sealed record ContactPlace(long Offset, int Limit, ContactOrder Order = ContactOrder.Created, bool Descending = false, bool Counted = true);

/// <param name="Total">How many the selection has; 0 when it was not to be counted.</param>
public sealed record ContactSlice(IReadOnlyList<Contact> Items, long Total);

/// <summary>A contact with its last write, its fields by number (see <see cref="FieldChange"/>) as a ledger holds them.</summary>
public sealed record StoredContact(int Rev, WriteRef LastWrite, IReadOnlyDictionary<int, string> Values);

/// <summary>How a batch ends its import, when it is the last one.</summary>
public sealed record BatchEnd(ImportStatus Status, ImportFailure? Failure);

/// <summary>One batch on its way into the store. Under the lease of an account's Api import it takes the next free number; otherwise <see cref="RowBlock.BatchNumber"/>.</summary>
/// <param name="ContactIds">The contact that each row is written to, whatever its keys say (PATCH), no contact twice; null: contacts are found by match key.</param>
public sealed record ContactBatch(
    ImportLease Lease, RowBlock Rows, DateTimeOffset Now, int[] ListIds, int[] TagIds, BatchEnd? End, int[]? ContactIds = null)
{
    /// <summary>Asked inside the transaction, when the batch is decided and before it commits; null: it always may.</summary>
    public IBatchJudge? Judge { get; init; }

    /// <summary>Members that each of the lists may come to hold, beside its own limit; null: that alone.</summary>
    public long? ListMembersMax { get; init; }

    /// <summary>Of an import that only plans: the lists and tags that its options name and that would be made, as <see cref="ListIds"/> and <see cref="TagIds"/> number them.</summary>
    public IReadOnlyList<PlannedName> PlannedNames { get; init; } = [];

    /// <summary>Bytes of text that the contacts matched by the batch may have together. A batch of one row may always have more.</summary>
    public long MatchedBytesMax { get; init; } = long.MaxValue;
}

/// <summary>One batch of an undo or redo on its way into the store.</summary>
/// <param name="Number">Of the undo's own batches.</param>
/// <param name="Ledger">The batch of <paramref name="Target"/> that is turned round, or of which a part is.</param>
/// <param name="EndOffset">How far the undo has got when the batch is committed: bytes of the source.</param>
/// <param name="End">On the last batch, which also removes what the target made and left empty, and says at the target that the undo stands (or, for a redo, does not any more).</param>
public sealed record RevertBatch(
    ImportLease Lease, int Number, Guid Target, int TargetBatch, LedgerBatch Ledger, DateTimeOffset Now, long EndOffset, BatchEnd? End)
{
    /// <summary>The part of the ledger that this batch turns round.</summary>
    public LedgerRows Rows { get; init; } = Ledger.AllRows;

    /// <summary>As <see cref="ContactBatch.MatchedBytesMax"/>, of the contacts as they are now. A part with one contact may always have more.</summary>
    public long ContactBytesMax { get; init; } = long.MaxValue;
}

/// <summary>What a batch's transaction came to.</summary>
public abstract record BatchResult
{
    /// <summary>Committed, now or before; <paramref name="Total"/> counts the whole import so far.</summary>
    public sealed record Committed(ImportCounts Batch, ImportCounts Total) : BatchResult;

    /// <summary>Nothing was written: the import is no longer this lease's to run, or no longer running.</summary>
    public sealed record Stopped(ImportStatus Status) : BatchResult;

    /// <summary>Nothing was written: the contacts that the batch meets have more text than <see cref="ContactBatch.MatchedBytesMax"/> or <see cref="RevertBatch.ContactBytesMax"/>.</summary>
    /// <param name="RowsThatFit">How many of its first rows, or of an undo's part its last ones, are likely to fit: at least one, and fewer than all.</param>
    public sealed record TooLarge(int RowsThatFit) : BatchResult;

    /// <summary>Nothing was written: the batch's judge would not have it.</summary>
    public sealed record Refused(BatchVerdict Verdict) : BatchResult;
}

/// <summary>What became of a wish for a custom field.</summary>
/// <param name="Field">The field of that name that the account has now; null when there is none.</param>
public abstract record FieldMaking(FieldDefinition? Field)
{
    public sealed record Made(FieldDefinition New) : FieldMaking(New);

    /// <summary>The account has one of that name, of whatever type.</summary>
    public sealed record Known(FieldDefinition Old) : FieldMaking(Old);

    /// <summary>The account has as many fields as it may have.</summary>
    public sealed record NoRoom() : FieldMaking(Field: null);
}

/// <summary>Where contacts live. One implementation per database, each with its own fastest way in.</summary>
/// <remarks>Every implementation passes the contract suite; where it and this text disagree, the suite is right.</remarks>
public interface IContactStore
{
    /// <summary>Whom nobody may import.</summary>
    ISuppressionStore Suppressions { get; }

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

    /// <summary>Takes back one batch, in one transaction and with a ledger of its own. As safe to repeat as <see cref="WriteAsync"/>.</summary>
    /// <remarks>A decider that has previewed the batch (<see cref="RevertDecider.DecidedAt"/>) is not asked again when nothing has been committed since, but perhaps the batch before this one.</remarks>
    Task<BatchResult> RevertAsync(RevertBatch batch, RevertDecider decider, CancellationToken cancellationToken);

    /// <summary>Asks the decider what taking back a part of a batch would do, and writes nothing.</summary>
    /// <param name="bytesMax">As <see cref="RevertBatch.ContactBytesMax"/>.</param>
    /// <returns>How many of the part's rows are likely to fit, of an undo's its last ones; when that is all of them, they are decided.</returns>
    Task<int> PreviewRevertAsync(int accountId, int targetBatch, LedgerBatch ledger, LedgerRows rows, long bytesMax, RevertDecider decider, CancellationToken cancellationToken);

    /// <summary>The contact as a ledger would tell it; null when there is none.</summary>
    Task<StoredContact?> StoredAsync(int accountId, int contactId, CancellationToken cancellationToken);

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

    /// <summary>Makes a field, unless the account has one of that name, case ignored, or has no room for another. Judged in the transaction that makes it: however many ask at once, no account has more.</summary>
    /// <param name="draft">Its id is not looked at.</param>
    /// <param name="createdBy">The import that makes it, if it must be made: its undo removes the field again when nothing is left in it.</param>
    /// <param name="fieldsMax">Fields that the account may have.</param>
    Task<FieldMaking> MakeFieldAsync(int accountId, FieldDefinition draft, Guid? createdBy, int fieldsMax, CancellationToken cancellationToken);

    /// <summary>Removes a field; no contact shows its values any more. False when there is no such field.</summary>
    Task<bool> DeleteFieldAsync(int accountId, int fieldId, CancellationToken cancellationToken);

    Task<IReadOnlyList<ContactList>> ListsAsync(int accountId, CancellationToken cancellationToken);

    /// <summary>The list of that name (case ignored), made when missing.</summary>
    Task<ContactList> EnsureListAsync(int accountId, string name, CancellationToken cancellationToken);

    /// <param name="createdBy">As for fields.</param>
    Task<ContactList> EnsureListAsync(int accountId, string name, Guid? createdBy, CancellationToken cancellationToken);
    /// <summary>The list's members in order of contact, after contact <paramref name="after"/>. Those who left are none.</summary>
    Task<IReadOnlyList<ListMember>> MembersAsync(int accountId, int listId, int after, int limit, CancellationToken cancellationToken);

    /// <summary>Contacts by place instead of by cursor, for callers who count pages: each call passes over <see cref="ContactPlace.Offset"/> contacts.</summary>
    Task<ContactSlice> SliceAsync(int accountId, ContactSelection selection, ContactPlace place, CancellationToken cancellationToken);

    /// <summary>Notes that a contact has left a list: it is no member, and no import makes it one again. False when it is no member.</summary>
    Task<bool> LeaveListAsync(int accountId, int listId, int contactId, CancellationToken cancellationToken);

    /// <summary>Those who left a list at that time or later, in order of contact: who, and when.</summary>
    Task<IReadOnlyList<(int ContactId, DateTimeOffset Since)>> LeaversAsync(int accountId, int listId, DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>Forgets that a contact left a list, so that it may join again. False when it has not left.</summary>
    Task<bool> ForgetLeavingAsync(int accountId, int listId, int contactId, CancellationToken cancellationToken);

    /// <summary>Makes a list of that name. Null when the account has one, case ignored.</summary>
    Task<ContactList?> CreateListAsync(int accountId, string name, ListChange change, CancellationToken cancellationToken);

    /// <summary>False when there is no such list.</summary>
    /// <exception cref="ArgumentException">Another list of the account has that name, case ignored.</exception>
    Task<bool> ChangeListAsync(int accountId, int listId, ListChange change, CancellationToken cancellationToken);

    /// <summary>Takes contacts off a list; they stay in the account. Whoever is not on it is passed over.</summary>
    /// <param name="contactIds">Null: everybody.</param>
    /// <returns>How many were taken off.</returns>
    Task<int> RemoveMembersAsync(int accountId, int listId, IReadOnlyList<int>? contactIds, CancellationToken cancellationToken);

    /// <summary>Removes the list and its memberships; its contacts stay.</summary>
    Task<bool> DeleteListAsync(int accountId, int listId, CancellationToken cancellationToken);

    Task<IReadOnlyList<Tag>> TagsAsync(int accountId, CancellationToken cancellationToken);

    /// <summary>The tag of that name (case ignored), made when missing.</summary>
    Task<Tag> EnsureTagAsync(int accountId, string name, CancellationToken cancellationToken);

    /// <param name="createdBy">As for fields.</param>
    Task<Tag> EnsureTagAsync(int accountId, string name, Guid? createdBy, CancellationToken cancellationToken);

    Task<bool> DeleteTagAsync(int accountId, int tagId, CancellationToken cancellationToken);
}
