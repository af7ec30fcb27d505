using System.Runtime.InteropServices;

namespace Muster.Merging;

/// <summary>Whether a field still holds what a certain write left in it.</summary>
public enum FieldStanding : byte
{
    /// <summary>Nothing that stands was written to the field afterwards.</summary>
    Last,

    /// <summary>An undo has taken the write back already.</summary>
    Undone,

    /// <summary>Something was written to the field later, and stands.</summary>
    Later,
}

/// <summary>The writes to contacts since a certain batch, newest first, as the ledgers tell them by the chain of last writes.</summary>
/// <remarks>
/// The one who asks names contacts with <see cref="Follow"/>, then hands in batch after batch that <see cref="TryNext"/> wants: each ledger is read once a
/// depth of the chain, however many contacts go through it, and none is kept.
/// </remarks>
public sealed class WriteChains
{
    readonly record struct Entry(int Next, Guid Import, int Batch, bool Reverts, Guid Target, int TargetBatch, bool All, bool AllForced, int FieldsAt, int FieldsEnd);

    readonly Dictionary<(Guid Import, int Batch), List<(int Contact, long Row)>> waiting = [];
    readonly List<Entry> entries = [];
    readonly List<(int Field, bool Forced, bool WasEmpty)> fields = [];
    readonly List<(Guid Import, int Batch, bool Met)> canceled = [];
    int[] first = [];
    int[] last = [];
    bool[] broken = [];
    Guid until;
    int untilBatch;

    /// <param name="contacts">How many contacts there are; they are named by number from 0.</param>
    /// <param name="batch">Chains are followed down to this batch of <paramref name="import"/>, and not into it.</param>
    public void Clear(int contacts, Guid import, int batch)
    {
        (until, untilBatch) = (import, batch);
        waiting.Clear();
        entries.Clear();
        fields.Clear();
        if (first.Length < contacts)
        {
            first = new int[contacts];
            last = new int[contacts];
            broken = new bool[contacts];
        }
        first.AsSpan(0, contacts).Fill(-1);
        last.AsSpan(0, contacts).Fill(-1);
        broken.AsSpan(0, contacts).Clear();
    }

    /// <summary>Follows a contact from its last write.</summary>
    public void Follow(int contact, WriteRef lastWrite)
    {
        if (lastWrite.Import == until && lastWrite.Batch == untilBatch)
            return;
        if (lastWrite.Import == Guid.Empty)
        {
            broken[contact] = true;
            return;
        }
        ref var rows = ref CollectionsMarshal.GetValueRefOrAddDefault(waiting, (lastWrite.Import, lastWrite.Batch), out _);
        (rows ??= []).Add((contact, lastWrite.Row));
    }

    /// <summary>The batch that is wanted next; false when all chains are known.</summary>
    public bool TryNext(out Guid import, out int batch)
    {
        foreach (var key in waiting.Keys)
        {
            (import, batch) = key;
            return true;
        }
        (import, batch) = (Guid.Empty, 0);
        return false;
    }

    /// <param name="ledger">Null when it is no longer kept: whatever it told counts as written later.</param>
    public void Take(Guid import, int batch, LedgerBatch? ledger)
    {
        if (!waiting.Remove((import, batch), out var rows))
            return;
        var changes = ledger is null ? null : LedgerChanges.Of(ledger.Changes);
        foreach (var (contact, rowNumber) in rows)
        {
            var row = ledger is null ? -1 : Array.BinarySearch(ledger.RowNumber, rowNumber);
            if (row < 0)
                broken[contact] = true;
            else
                Follow(contact, Add(contact, import, batch, ledger!, changes!, row)); // a row was found in it
        }
    }

    /// <summary>Whether the field still holds what the batch given to <see cref="Clear"/> wrote.</summary>
    public FieldStanding Of(int contact, int field)
    {
        if (broken[contact])
            return FieldStanding.Later;
        canceled.Clear();
        for (var at = first[contact]; at >= 0; at = entries[at].Next)
        {
            var entry = entries[at];
            if (entry.Import == until || !Touches(entry, field, out var forced, out _))
                continue; // the import's own later batches are turned round before this one
            var own = canceled.FindIndex(c => c.Import == entry.Import && c.Batch == entry.Batch);
            if (own >= 0)
                canceled[own] = canceled[own] with { Met = true };
            else if (entry.Reverts && !forced)
                canceled.Add((entry.Target, entry.TargetBatch, Met: false));
            else
                return FieldStanding.Later;
        }
        var standing = FieldStanding.Last;
        foreach (var (import, batch, met) in canceled)
        {
            if (import == until)
                standing = batch == untilBatch ? FieldStanding.Undone : standing;
            else if (!met)
                return FieldStanding.Later; // it turned round something older, which shows again
        }
        return standing;
    }

    /// <summary>Whether anything was written to the contact later, and stands.</summary>
    public bool IsWrittenLater(int contact)
    {
        if (broken[contact])
            return true;
        for (var at = first[contact]; at >= 0; at = entries[at].Next)
        {
            var entry = entries[at];
            if (entry.All && Of(contact, int.MaxValue) == FieldStanding.Later)
                return true;
            for (var i = entry.FieldsAt; i < entry.FieldsEnd; i++)
            {
                if (Of(contact, fields[i].Field) == FieldStanding.Later)
                    return true;
            }
        }
        return false;
    }

    /// <summary>Whether the field was empty before the first write after the batch.</summary>
    public bool WasEmptyBefore(int contact, int field)
    {
        var empty = false;
        for (var at = first[contact]; at >= 0; at = entries[at].Next)
        {
            var entry = entries[at];
            var told = false;
            for (var i = entry.FieldsAt; i < entry.FieldsEnd && !told; i++)
            {
                told = fields[i].Field == field;
                empty = told ? fields[i].WasEmpty : empty;
            }
            // A contact that was removed had the fields that are told, and no others.
            empty |= !told && entry.All && entry.FieldsEnd > entry.FieldsAt;
        }
        return empty;
    }

    bool Touches(in Entry entry, int field, out bool forced, out bool wasEmpty)
    {
        (forced, wasEmpty) = (entry.AllForced, false);
        if (entry.All)
            return true;
        for (var i = entry.FieldsAt; i < entry.FieldsEnd; i++)
        {
            if (fields[i].Field != field)
                continue;
            (_, forced, wasEmpty) = fields[i];
            return true;
        }
        return false;
    }

    WriteRef Add(int contact, Guid import, int batch, LedgerBatch ledger, LedgerChanges changes, int row)
    {
        var revert = ledger.Revert;
        var fate = revert?.Fate[row] ?? RowFate.None;
        var from = fields.Count;
        for (var i = changes.FirstOf(row); i < changes.Count && changes.Row(i) == row; i++)
            fields.Add((changes.Field(i), revert?.IsForced(i) == true, changes.WasEmpty(i)));
        entries.Add(new(
            -1, import, batch, revert is not null, revert?.Target ?? Guid.Empty, revert?.TargetBatch ?? 0,
            (fate & (RowFate.Removed | RowFate.Restored)) != RowFate.None || (revert is null && ledger.Outcome[row] == Contacts.Outcome.Created),
            (fate & RowFate.Forced) != RowFate.None, from, fields.Count));
        var index = entries.Count - 1;
        if (last[contact] < 0)
            first[contact] = index;
        else
            entries[last[contact]] = entries[last[contact]] with { Next = index };
        last[contact] = index;
        return ledger.PreviousWrite[row];
    }
}
