using Muster.Contacts;
using Muster.Merging;
using Muster.Storage;

namespace Muster.Tests.Jobs;

/// <summary>What a test does instead of, around or after one batch. <paramref name="write"/> writes it.</summary>
delegate Task<BatchResult> BatchStep(ContactBatch batch, Func<ContactBatch, Task<BatchResult>> write);

/// <summary>A process's death as far as its import can tell: nobody releases, abandons or finishes anything.</summary>
sealed class CrashException() : Exception("The test pulled the plug.");

/// <summary>A real store with something between it and whoever writes batches; notes which batches were asked for.</summary>
sealed class FaultyContacts(IContactStore real, BatchStep step) : IContactStore
{
    public List<int> Written { get; } = [];

    public bool OthersWait => false; // batches of one size, so that runs can be compared

    public Task<BatchResult> WriteAsync(ContactBatch batch, RowDecider decider, CancellationToken cancellationToken)
    {
        Written.Add(batch.Rows.BatchNumber);
        return step(batch, b => real.WriteAsync(b, decider, cancellationToken));
    }

    public ISuppressionStore Suppressions => real.Suppressions;

    /// <summary>What a test does around one batch of an undo; null: nothing.</summary>
    public Func<RevertBatch, Func<Task<BatchResult>>, Task<BatchResult>>? RevertStep { get; init; }

    public Task<BatchResult> RevertAsync(RevertBatch batch, RevertDecider decider, CancellationToken cancellationToken)
    {
        Task<BatchResult> Write() => real.RevertAsync(batch, decider, cancellationToken);
        return RevertStep is { } around ? around(batch, Write) : Write();
    }

    /// <summary>What a test does when a batch of an undo has been previewed, with its number in the undone import; null: nothing.</summary>
    public Func<int, Task>? AfterPreview { get; init; }

    public async Task<int> PreviewRevertAsync(int accountId, int targetBatch, LedgerBatch ledger, LedgerRows rows, long bytesMax, RevertDecider decider, CancellationToken cancellationToken)
    {
        var fit = await real.PreviewRevertAsync(accountId, targetBatch, ledger, rows, bytesMax, decider, cancellationToken);
        if (AfterPreview is { } after)
            await after(targetBatch);
        return fit;
    }

    public Task<FieldMaking> MakeFieldAsync(int accountId, FieldDefinition draft, Guid? createdBy, int fieldsMax, CancellationToken cancellationToken) =>
        real.MakeFieldAsync(accountId, draft, createdBy, fieldsMax, cancellationToken);

    public Task<ContactList> EnsureListAsync(int accountId, string name, Guid? createdBy, CancellationToken cancellationToken) =>
        real.EnsureListAsync(accountId, name, createdBy, cancellationToken);

    public Task<Tag> EnsureTagAsync(int accountId, string name, Guid? createdBy, CancellationToken cancellationToken) =>
        real.EnsureTagAsync(accountId, name, createdBy, cancellationToken);

    public KeyHashSeed KeySeed(int accountId) => real.KeySeed(accountId);

    public Task<StoredContact?> StoredAsync(int accountId, int contactId, CancellationToken cancellationToken) => real.StoredAsync(accountId, contactId, cancellationToken);

    public Task<Contact?> GetAsync(int accountId, int contactId, CancellationToken cancellationToken) => real.GetAsync(accountId, contactId, cancellationToken);

    public Task<Page<Contact>> ListAsync(int accountId, ContactFilter filter, string? cursor, int limit, CancellationToken cancellationToken) =>
        real.ListAsync(accountId, filter, cursor, limit, cancellationToken);

    public Task<bool> DeleteAsync(int accountId, int contactId, CancellationToken cancellationToken) => real.DeleteAsync(accountId, contactId, cancellationToken);

    public Task<IReadOnlyList<FieldDefinition>> FieldsAsync(int accountId, CancellationToken cancellationToken) => real.FieldsAsync(accountId, cancellationToken);

    public Task<bool> DeleteFieldAsync(int accountId, int fieldId, CancellationToken cancellationToken) => real.DeleteFieldAsync(accountId, fieldId, cancellationToken);

    public Task<IReadOnlyList<ContactList>> ListsAsync(int accountId, CancellationToken cancellationToken) => real.ListsAsync(accountId, cancellationToken);

    public Task<ContactList> EnsureListAsync(int accountId, string name, CancellationToken cancellationToken) => real.EnsureListAsync(accountId, name, cancellationToken);

    public Task<bool> LeaveListAsync(int accountId, int listId, int contactId, CancellationToken cancellationToken) => real.LeaveListAsync(accountId, listId, contactId, cancellationToken);

    public Task<IReadOnlyList<(int ContactId, DateTimeOffset Since)>> LeaversAsync(int accountId, int listId, DateTimeOffset since, CancellationToken cancellationToken) =>
        real.LeaversAsync(accountId, listId, since, cancellationToken);

    public Task<bool> ForgetLeavingAsync(int accountId, int listId, int contactId, CancellationToken cancellationToken) =>
        real.ForgetLeavingAsync(accountId, listId, contactId, cancellationToken);

    public Task<ContactList?> CreateListAsync(int accountId, string name, ListChange change, CancellationToken cancellationToken) => real.CreateListAsync(accountId, name, change, cancellationToken);

    public Task<bool> ChangeListAsync(int accountId, int listId, ListChange change, CancellationToken cancellationToken) => real.ChangeListAsync(accountId, listId, change, cancellationToken);

    public Task<int> RemoveMembersAsync(int accountId, int listId, IReadOnlyList<int>? contactIds, CancellationToken cancellationToken) =>
        real.RemoveMembersAsync(accountId, listId, contactIds, cancellationToken);

    public Task<IReadOnlyList<ListMember>> MembersAsync(int accountId, int listId, int after, int limit, CancellationToken cancellationToken) =>
        real.MembersAsync(accountId, listId, after, limit, cancellationToken);

    public Task<ContactSlice> SliceAsync(int accountId, ContactSelection selection, ContactPlace place, CancellationToken cancellationToken) =>
        real.SliceAsync(accountId, selection, place, cancellationToken);

    public Task<bool> DeleteListAsync(int accountId, int listId, CancellationToken cancellationToken) => real.DeleteListAsync(accountId, listId, cancellationToken);

    public Task<IReadOnlyList<Tag>> TagsAsync(int accountId, CancellationToken cancellationToken) => real.TagsAsync(accountId, cancellationToken);

    public Task<Tag> EnsureTagAsync(int accountId, string name, CancellationToken cancellationToken) => real.EnsureTagAsync(accountId, name, cancellationToken);

    public Task<bool> DeleteTagAsync(int accountId, int tagId, CancellationToken cancellationToken) => real.DeleteTagAsync(accountId, tagId, cancellationToken);
}
