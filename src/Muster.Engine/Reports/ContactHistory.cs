using System.Text;
using Muster.Contacts;
using Muster.Merging;
using Muster.Storage;

namespace Muster.Reports;

/// <summary>What a write did to a contact.</summary>
public enum WriteAction : byte { Created, Updated, Removed, Restored }

/// <summary>A field that a write set: null is empty. A phone number is its digits, a custom field that holds no text its JSON.</summary>
/// <param name="Field">email, phone, … or field:NAME.</param>
public sealed record FieldHistory(string Field, string? Before, string? After);

/// <summary>One write to a contact, as <c>/v1/contacts/{id}/history</c> tells it.</summary>
/// <param name="Rev">Number of the write among the contact's writes.</param>
/// <param name="At">When it was committed; null where an earlier Muster wrote it.</param>
/// <param name="Import">Who wrote: of kind <see cref="ImportKind.Api"/> for a call of the API, which has no row.</param>
public sealed record WriteHistory(
    int Rev, DateTimeOffset? At, Import Import, WriteAction Action, long RowNumber, long Line, long ByteOffset, int ByteLength, IReadOnlyList<FieldHistory> Fields);

/// <summary>Tells who set which field of a contact, from which row of which file: follows the chain of last writes through the ledgers.</summary>
/// <remarks>Reads one batch's ledger for each write, some milliseconds each. Ends where a ledger is no longer kept.</remarks>
public sealed class ContactHistory(IImportStore imports, IContactStore contacts)
{
    /// <summary>Writes, newest first. Null when there is no such contact.</summary>
    /// <param name="before">Only writes with a smaller rev; long.MaxValue for all.</param>
    /// <returns>At most <paramref name="limit"/> writes, and whether there are more.</returns>
    public async Task<(IReadOnlyList<WriteHistory> Writes, bool More)?> PageAsync(int accountId, int contactId, long before, int limit, CancellationToken cancellationToken)
    {
        if (await contacts.StoredAsync(accountId, contactId, cancellationToken) is not { } stored)
            return null;
        var names = (await contacts.FieldsAsync(accountId, cancellationToken)).ToDictionary(f => f.Id, f => f.Name);
        var values = new SortedDictionary<int, string>(stored.Values.ToDictionary());
        var known = new Dictionary<Guid, Import?>();
        var writes = new List<WriteHistory>();
        for (var write = stored.LastWrite; write.Import != Guid.Empty;)
        {
            if (!known.TryGetValue(write.Import, out var import))
                known[write.Import] = import = await imports.GetAsync(accountId, write.Import, cancellationToken);
            if (import is null || await imports.BatchAsync(accountId, write.Import, write.Batch, cancellationToken) is not { } batch)
                break;
            var ledger = Ledger.Decode(batch.Ledger);
            var row = Array.BinarySearch(ledger.RowNumber, write.Row);
            if (row < 0)
                break;
            var fields = new List<FieldHistory>();
            var action = Unwrite(ledger, row, values, names, fields);
            if (ledger.RevAfter[row] < before)
            {
                if (writes.Count == limit)
                    return (writes, true);
                writes.Add(new(ledger.RevAfter[row], batch.At, import, action, ledger.RowNumber[row], ledger.Line[row], ledger.ByteOffset[row], ledger.ByteLength[row], fields));
            }
            write = ledger.PreviousWrite[row];
        }
        return (writes, false);
    }

    /// <summary>Takes the contact's values back to what they were before the row.</summary>
    static WriteAction Unwrite(LedgerBatch ledger, int row, SortedDictionary<int, string> values, Dictionary<int, string> names, List<FieldHistory> fields)
    {
        var fate = ledger.Revert?.Fate[row] ?? RowFate.None;
        var restored = (fate & RowFate.Restored) != RowFate.None;
        if (restored || (ledger.Revert is null && ledger.Outcome[row] == Outcome.Created))
        {
            foreach (var (field, value) in values)
                fields.Add(new(FieldWords.NameOf(field, names), null, FieldWords.Shown(field, value)));
            values.Clear();
            return restored ? WriteAction.Restored : WriteAction.Created;
        }
        var changes = LedgerChanges.Of(ledger.Changes);
        for (var i = changes.FirstOf(row); i < changes.Count && changes.Row(i) == row; i++)
        {
            var field = changes.Field(i);
            var was = changes.WasEmpty(i) ? null : Encoding.UTF8.GetString(changes.Before(i));
            fields.Add(new(FieldWords.NameOf(field, names), FieldWords.Shown(field, was), FieldWords.Shown(field, values.GetValueOrDefault(field))));
            if (was is null)
                values.Remove(field);
            else
                values[field] = was;
        }
        return (fate & RowFate.Removed) != RowFate.None ? WriteAction.Removed : WriteAction.Updated;
    }
}
