using Muster.Contacts;
using Muster.Merging;
using Muster.Storage;

namespace Muster.Sqlite.Bulk;

/// <summary>The batch transaction of undos and redos: guard, look-up, decision, contacts, keys, memberships, ledger and checkpoint in one commit. Behind the write gate, as the bulk writer whose connection it uses.</summary>
sealed unsafe class RevertWriter(BulkConnection connection, BulkSql sql, BulkRemovals removals, ImportIds importIds, Func<int, KeyHashSeed> seedOf)
{
    readonly RevertReader reader = new(connection, removals, importIds);
    readonly RevertKeys keys = new(connection, sql, seedOf);
    readonly RevertNames names = new(connection);

    readonly BulkStatement deleteContacts = connection.Prepare("DELETE FROM contact WHERE id BETWEEN ?1 AND ?2");
    readonly BulkStatement updateContact = connection.Prepare("""
        UPDATE contact SET phone = ?2, email = ?3, external_id = ?4, first_name = ?5, last_name = ?6, company = ?7, fields = ?8,
          write_row = ?9, write_import = ?10, write_batch = ?11, updated_at = ?12, rev = ?13, consent = ?14
        WHERE id = ?1 AND rev = ?13 - 1
        """);
    readonly BulkStatement insertContact = connection.Prepare("""
        INSERT INTO contact (id, phone, email, external_id, first_name, last_name, company, fields, write_row, write_import, write_batch, updated_at, rev, consent, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
        """);
    readonly BulkStatement deleteMember = connection.Prepare("DELETE FROM list_member WHERE id = ?1");
    readonly BulkStatement insertMember = connection.Prepare("INSERT OR IGNORE INTO list_member (id, status, since, import_no, variables) VALUES (?1, ?2, ?3, ?4, ?5)");
    readonly BulkStatement deleteTagged = connection.Prepare("DELETE FROM contact_tag WHERE id = ?1");
    readonly BulkStatement insertTagged = connection.Prepare("INSERT OR IGNORE INTO contact_tag (id, import_no) VALUES (?1, ?2)");
    readonly BulkStatement countContacts = connection.Prepare("UPDATE account SET contacts = contacts + ?2 WHERE id = ?1");
    readonly BulkStatement addRemoved = connection.Prepare("UPDATE import SET removed = removed + ?2 WHERE no = ?1");
    readonly BulkStatement standUndone = connection.Prepare("UPDATE import SET status_before = status, status = 8, undone_by = ?2 WHERE no = ?1 AND status <> 8");
    readonly BulkStatement standAgain = connection.Prepare("""
        UPDATE import SET status = coalesce(status_before, status), status_before = NULL, undone_by = NULL
        WHERE undone_by = ?2 AND id = (SELECT target_id FROM import WHERE no = ?1)
        """);

    public BatchResult Write(RevertBatch batch, RevertDecider decider, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        connection.CommitDurably(batch.End is not null);
        return sql.InTransaction(batch.Lease.ImportId, batch.Number, () => WriteInTransaction(batch, decider));
    }

    BatchResult WriteInTransaction(RevertBatch batch, RevertDecider decider)
    {
        var import = sql.ReadImport(batch.Lease);
        if (import is null || import.Epoch != batch.Lease.Epoch)
            return new BatchResult.Stopped(import?.Status ?? ImportStatus.Canceled);
        if (batch.Number < import.NextBatch)
            return new BatchResult.Committed(sql.ReadCounts(import.No, batch.Number), import.Counts);
        if (import.Status != ImportStatus.Running || batch.Number != import.NextBatch)
            return new BatchResult.Stopped(import.Status);

        var account = batch.Lease.AccountId;
        var target = reader.NumberOf(batch.Target);
        if (batch.Ledger.Revert is { } undone && batch.Rows.First == 0)
            names.BringBack(account, undone.Names, reader.NumberOf);
        if (decider.DecidedAt is not WriteMark then || !sql.Watch.Holds(then, batch.Lease.ImportId, batch.Number - 1))
        {
            decider.Begin(batch.Ledger, batch.TargetBatch, batch.Rows);
            if (!reader.TryRead(account, decider, batch.ContactBytesMax, out var rowsThatFit))
                return new BatchResult.TooLarge(rowsThatFit);
            decider.Decide();
        }
        var (rows, decision, takings) = (decider.Rows, decider.Decision, decider.Takings);
        rows.BatchNumber = batch.Number;
        rows.EndOffset = batch.EndOffset;
        // Memberships that come back are noted as they are written, names that go when all is written.
        var changesLater = batch.End is not null || takings.MembersBack.Count + takings.TagsBack.Count > 0;
        byte[] Encode() => Ledger.Encode(rows, decision, takings.ToLedger(batch.Target, batch.TargetBatch));

        // What needs no database is done on the other core, while this one writes.
        var collecting = Task.Run(() => keys.Collect(account, decider));
        var encoding = Task.Run(() => changesLater ? null : Encode());
        try
        {
            Remove(account, decider);
            fixed (byte* text = decision.Text)
                WriteImages(account, decider, import.No, batch, text);
            WriteBelongings(account, decider, batch.Now.ToUnixTimeMilliseconds());
            if (batch.End is not null && batch.Ledger.Revert is null)
                names.RemoveEmpty(account, target, batch.Target, takings.Names);
            collecting.GetAwaiter().GetResult();
            keys.Write(account, decision);
        }
        finally
        {
            Task.WhenAll(collecting, encoding).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult(); // they read what the next batch overwrites
        }
        var ledger = encoding.Result ?? Encode();

        var counts = decision.Count(rows.Errors);
        var total = import.Counts + counts;
        sql.InsertLedger(account, import.No, batch.Number, batch.Now, ledger);
        sql.MoveCheckpoint(import, new(batch.Lease, rows, batch.Now, [], [], batch.End), total, verdict: null);
        if (connection.Changes != 1)
            throw new InvalidOperationException("The import's checkpoint moved within its own transaction.");
        if (counts.Created != takings.RemovedCount)
        {
            countContacts.Bind(1, account);
            countContacts.Bind(2, counts.Created - takings.RemovedCount);
            countContacts.Run();
        }
        if (takings.RemovedCount > 0)
        {
            addRemoved.Bind(1, import.No);
            addRemoved.Bind(2, takings.RemovedCount);
            addRemoved.Run();
        }
        if (batch.End is not null)
        {
            Stand(batch, target);
            sql.NoteEvent(import.No, batch.Now);
        }
        return new BatchResult.Committed(counts, total);
    }

    /// <summary>The undo stands, and what it has undone is undone; where that was an undo itself, its import stands again.</summary>
    void Stand(RevertBatch batch, long target)
    {
        var (own, undone) = (batch.Lease.ImportId.ToByteArray(bigEndian: true), batch.Target.ToByteArray(bigEndian: true));
        fixed (byte* ownPinned = own, undonePinned = undone)
        {
            standUndone.Bind(1, target);
            standUndone.BindBlob(2, ownPinned, own.Length);
            standUndone.Run();
            if (connection.Changes == 1)
                sql.NoteEvent(target, batch.Now);
            standAgain.Bind(1, target);
            standAgain.BindBlob(2, undonePinned, undone.Length);
            standAgain.Run();
        }
    }

    /// <summary>Contacts made by one import lie together: those that go are removed in runs.</summary>
    void Remove(int account, RevertDecider decider)
    {
        var contacts = decider.Contacts.Contacts;
        var goes = new bool[contacts.Count];
        for (var row = 0; row < decider.Rows.Count; row++)
        {
            if ((decider.Takings.Fate[row] & RowFate.Removed) != RowFate.None)
                goes[decider.Contacts.IndexOf(decider.Decision.ContactId[row])] = true;
        }
        for (var start = 0; start < goes.Length; start++)
        {
            if (!goes[start])
                continue;
            var end = start;
            while (end + 1 < goes.Length && goes[end + 1] && contacts.Id[end + 1] == contacts.Id[end] + 1)
                end++;
            deleteContacts.Bind(1, ContactRow.RowId(account, contacts.Id[start]));
            deleteContacts.Bind(2, ContactRow.RowId(account, contacts.Id[end]));
            deleteContacts.Run();
            if (connection.Changes != end - start + 1)
                throw new InvalidOperationException("A contact went within the transaction that had read it.");
            start = end;
        }
    }

    void WriteImages(int account, RevertDecider decider, long importNo, RevertBatch batch, byte* text)
    {
        var (rows, decision, takings) = (decider.Rows, decider.Decision, decider.Takings);
        foreach (var statement in (ReadOnlySpan<BulkStatement>)[updateContact, insertContact])
        {
            statement.Bind(10, importNo);
            statement.Bind(11, batch.Number);
            statement.Bind(12, batch.Now.ToUnixTimeMilliseconds());
        }
        for (var row = 0; row < rows.Count; row++)
        {
            var image = decision.Image[row];
            if (image < 0)
                continue;
            var restored = takings.Fate[row] == RowFate.Restored;
            var write = restored ? insertContact : updateContact;
            write.Bind(1, ContactRow.RowId(account, decision.ContactId[row]));
            write.BindNonZero(2, decision.ImagePhone[image]);
            for (var field = BuiltInField.Email; field <= BuiltInField.Company; field++)
                Bind(2 + (int)field, decision.ImageCells[image * RowBlock.BuiltInSlots + (int)field]);
            Bind(8, decision.ImageFields[image]);
            write.Bind(9, rows.RowNumber[row]);
            write.Bind(13, decision.RevAfter[row]);
            Bind(14, takings.ImageConsent[image]);
            if (restored)
                write.Bind(15, takings.CreatedAt[row]);
            write.Run();
            if (connection.Changes != 1)
                throw new InvalidOperationException("A contact changed within the transaction that had read it.");

            void Bind(int index, TextSpan span) => write.BindText(index, text + span.Offset, span.Length);
        }
    }

    void WriteBelongings(int account, RevertDecider decider, long now)
    {
        var (decision, takings) = (decider.Decision, decider.Takings);
        if (takings.Members.Count + takings.Tags.Count + takings.MembersBack.Count + takings.TagsBack.Count == 0)
            return;
        var numbers = new Dictionary<(BelongingKind Kind, int Id), long>();
        foreach (var member in takings.Members)
            Take(BelongingKind.List, member.List, member.Row, member.IsRemoval);
        foreach (var tag in takings.Tags)
            Take(BelongingKind.Tag, tag.Tag, tag.Row, tag.IsRemoval);
        foreach (var member in takings.MembersBack)
        {
            if (!Returns(BelongingKind.List, member.List, member.Row, member.IsRemoval, member.Import, out var id))
                continue;
            insertMember.Bind(1, id);
            insertMember.Bind(2, member.Status);
            insertMember.Bind(3, member.Since);
            insertMember.BindNonZero(4, reader.NumberOf(member.Import));
            fixed (byte* variables = member.Variables)
            {
                insertMember.BindText(5, variables, member.Variables?.Length ?? 0);
                insertMember.Run();
            }
            if (member.Status == (byte)ListStanding.Member)
                decision.MarkAdded(decision.MembersAdded, member.List, member.Row);
        }
        foreach (var tag in takings.TagsBack)
        {
            if (!Returns(BelongingKind.Tag, tag.Tag, tag.Row, tag.IsRemoval, tag.Import, out var id))
                continue;
            insertTagged.Bind(1, id);
            insertTagged.BindNonZero(2, reader.NumberOf(tag.Import));
            insertTagged.Run();
            decision.MarkAdded(decision.TagsAdded, tag.Tag, tag.Row);
        }

        void Take(BelongingKind kind, int owner, int row, bool isRemoval)
        {
            var contact = decision.ContactId[row];
            if (isRemoval)
            {
                removals.Forget(account, kind, owner, contact);
                return;
            }
            var delete = kind == BelongingKind.List ? deleteMember : deleteTagged;
            delete.Bind(1, NumberOf(kind, owner) << 32 | (uint)contact);
            delete.Run();
        }

        // A mark comes back here. A place comes back under the id that is to be inserted, unless somebody has deleted its list or tag meanwhile: that stays deleted.
        bool Returns(BelongingKind kind, int owner, int row, bool isRemoval, Guid import, out long id)
        {
            var contact = decision.ContactId[row];
            id = 0;
            if (isRemoval)
                removals.Note(account, kind, owner, contact, reader.NumberOf(import), now);
            else if (NumberOf(kind, owner) is > 0 and var number)
                id = number << 32 | (uint)contact;
            return id != 0;
        }

        long NumberOf(BelongingKind kind, int owner)
        {
            if (!numbers.TryGetValue((kind, owner), out var number))
                numbers[(kind, owner)] = number = kind == BelongingKind.List ? sql.NumberOfList(account, owner) : sql.NumberOfTag(account, owner);
            return number;
        }
    }
}
