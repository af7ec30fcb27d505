using Muster.Contacts;
using Muster.Merging;

namespace Muster.Sqlite.Bulk;

/// <summary>Reads what an undo's or redo's decider wants to know: contacts with their lists and tags, and the ledgers of later writes.</summary>
sealed unsafe class RevertReader(BulkConnection connection, BulkRemovals removals, ImportIds importIds)
{
    /// <summary>Ids at most so far apart are read with one seek.</summary>
    const int RunGap = 8;

    /// <summary>A list's members are read as one range when at most so many ids lie between two wanted ones, on average.</summary>
    const int RangeGap = 16;

    readonly BulkStatement selectContacts = connection.Prepare($"SELECT {BulkContactRow.Columns}, created_at FROM contact WHERE id BETWEEN ?1 AND ?2 ORDER BY id");
    readonly BulkStatement selectLists = connection.Prepare("SELECT no, id FROM contact_list WHERE account_id = ?1");
    readonly BulkStatement selectTags = connection.Prepare("SELECT no, id FROM tag WHERE account_id = ?1");
    readonly BulkStatement selectMembers = connection.Prepare("SELECT id, status, since, import_no, variables FROM list_member WHERE id BETWEEN ?1 AND ?2");
    readonly BulkStatement selectTagged = connection.Prepare("SELECT id, import_no FROM contact_tag WHERE id BETWEEN ?1 AND ?2");
    readonly BulkStatement numberOfImport = connection.Prepare("SELECT no FROM import WHERE id = ?1");
    readonly BulkStatement selectLedger = connection.Prepare("SELECT ledger FROM import_batch WHERE import_no = ?1 AND batch_no = ?2");
    long textMax;

    /// <summary>Everything that the decider needs to decide about what it has begun.</summary>
    /// <param name="bytesMax">Bytes of text that the contacts may have together, unless there is but one.</param>
    /// <param name="rowsThatFit">When they have more: how many rows of the part are likely to fit, from where it begins.</param>
    public bool TryRead(int accountId, RevertDecider decider, long bytesMax, out int rowsThatFit)
    {
        textMax = decider.Wanted.Length == 1 ? long.MaxValue : bytesMax;
        var read = ReadContacts(accountId, decider);
        if (decider.WantsBelongings && !IsTooMuch(decider))
        {
            foreach (var (number, list) in Owners(selectLists, accountId))
                ReadBelongings(decider, accountId, selectMembers, number, list, BelongingKind.List);
            foreach (var (number, tag) in Owners(selectTags, accountId))
                ReadBelongings(decider, accountId, selectTagged, number, tag, BelongingKind.Tag);
        }
        if (IsTooMuch(decider))
        {
            // If all contacts are of a size; and where their lists' variables were too much, half of them.
            rowsThatFit = decider.RowsOf(Math.Min((double)read / decider.Wanted.Length * 3 / 4, 0.5));
            return false;
        }
        rowsThatFit = 0;
        decider.Follow();
        while (decider.Chains.TryNext(out var import, out var batch))
            decider.Chains.Take(import, batch, Ledger(import, batch));
        return true;
    }

    bool IsTooMuch(RevertDecider decider) => decider.Contacts.Contacts.TextLength > textMax;

    /// <summary>An import's number, or 0 when there is none.</summary>
    public long NumberOf(Guid import)
    {
        var blob = import.ToByteArray(bigEndian: true);
        fixed (byte* pinned = blob)
        {
            numberOfImport.BindBlob(1, pinned, blob.Length);
            var number = numberOfImport.Step() ? numberOfImport.Int64(0) : 0;
            numberOfImport.Reset();
            return number;
        }
    }

    LedgerBatch? Ledger(Guid import, int batch)
    {
        selectLedger.Bind(1, NumberOf(import));
        selectLedger.Bind(2, batch);
        var ledger = selectLedger.Step() ? Merging.Ledger.Decode(selectLedger.Blob(0)) : null;
        selectLedger.Reset();
        return ledger;
    }

    /// <returns>How many of the wanted ones it has gone through: all, or as many as are not too much.</returns>
    int ReadContacts(int accountId, RevertDecider decider)
    {
        var wanted = decider.Wanted;
        var start = 0;
        while (start < wanted.Length && !IsTooMuch(decider))
        {
            var end = start + 1;
            while (end < wanted.Length && wanted[end] - wanted[end - 1] <= RunGap)
                end++;
            start += ReadRun(accountId, wanted[start..end], decider.Contacts);
        }
        return start;
    }

    int ReadRun(int accountId, ReadOnlySpan<int> run, RevertContacts contacts)
    {
        var select = selectContacts;
        select.Bind(1, ContactRow.RowId(accountId, run[0]));
        select.Bind(2, ContactRow.RowId(accountId, run[^1]));
        var at = 0;
        while (at < run.Length && contacts.Contacts.TextLength <= textMax && select.Step())
        {
            var id = (int)select.Int64(0);
            while (at < run.Length && run[at] < id)
                at++;
            if (at == run.Length || run[at] != id)
                continue;
            contacts.Add(id, BulkContactRow.Values(select), BulkContactRow.Rev(select), BulkContactRow.LastWrite(select, importIds), select.Int64(BulkContactRow.Next));
        }
        select.Reset();
        return contacts.Contacts.TextLength <= textMax ? run.Length : at + 1;
    }

    List<(long Number, int Id)> Owners(BulkStatement select, int accountId)
    {
        var owners = new List<(long, int)>();
        select.Bind(1, accountId);
        while (select.Step())
            owners.Add((select.Int64(0), (int)select.Int64(1)));
        select.Reset();
        return owners;
    }

    void ReadBelongings(RevertDecider decider, int accountId, BulkStatement select, long number, int owner, BelongingKind kind)
    {
        decider.Contacts.Know(kind, owner);
        var found = decider.Contacts.Contacts;
        if (found.Count == 0)
            return;
        var isList = kind == BelongingKind.List;
        var (first, last) = (found.Id[0], found.Id[found.Count - 1]);
        if (removals.Any(accountId, kind, owner))
            ReadRemovals(decider.Contacts, accountId, kind, owner);
        if (last - (long)first <= RangeGap * (long)found.Count)
        {
            ReadRange(decider.Contacts, select, number, first, last, owner, isList);
            return;
        }
        for (var i = 0; i < found.Count; i++)
            ReadRange(decider.Contacts, select, number, found.Id[i], found.Id[i], owner, isList);
    }

    void ReadRemovals(RevertContacts contacts, int accountId, BelongingKind kind, int owner)
    {
        var found = contacts.Contacts.Id;
        removals.Read(accountId, kind, owner, found[0], found[contacts.Count - 1], (contact, by) =>
        {
            if (contacts.IndexOf(contact) is >= 0 and var index)
                contacts.AddRemoval(kind, index, owner, importIds.Of(by));
        });
    }

    void ReadRange(RevertContacts contacts, BulkStatement select, long number, int first, int last, int owner, bool isList)
    {
        select.Bind(1, number << 32 | (uint)first);
        select.Bind(2, number << 32 | (uint)last);
        while (contacts.Contacts.TextLength <= textMax && select.Step())
        {
            var contact = contacts.IndexOf((int)select.Int64(0));
            if (contact < 0)
                continue;
            if (isList)
                contacts.AddList(contact, owner, (byte)select.Int64(1), select.Int64(2), importIds.Of(select.Int64(3)), contacts.Contacts.Append(select.Text(4)));
            else
                contacts.AddTag(contact, owner, importIds.Of(select.Int64(1)));
        }
        select.Reset();
    }
}
