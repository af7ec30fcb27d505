using Muster.Contacts;
using Muster.Merging;
using Muster.Storage;

namespace Muster.Sqlite.Bulk;

/// <summary>The batch transaction on SQLite: guard, look-up, decision, contacts, keys, memberships, ledger and checkpoint in one commit. Used by one thread at a time, behind the write gate.</summary>
/// <remarks>
/// What makes it fast: text is bound in place from the batch's buffers; keys are visited in the order of their hashes, so that every page of the index is
/// touched once a batch; matched contacts are read in runs of neighbouring ids; new contacts are appended.
/// Single batches commit without fsync (a crash takes the import back to its checkpoint); what is told to somebody is committed with it.
/// </remarks>
public sealed unsafe partial class BulkWriter : IDisposable
{
    const int RunGap = 8;

    readonly BulkConnection connection;
    readonly BulkCheckpoints checkpoints;
    readonly BulkSql sql;
    readonly BulkRemovals removals;
    readonly ImportIds importIds;
    readonly BulkNames names;
    readonly RevertWriter revert;
    readonly Func<int, KeyHashSeed> seedOf;
    readonly long contactsMax;
    readonly MatchedContacts matched = new();
    readonly HashSet<long> releasedKeys = [];
    readonly List<KeyMove> moves = [];
    readonly List<(long Number, long Room)> askedLists = [];
    long[] foundContacts = [];
    int[] foundRows = [];
    long[] outOfTurn = [];
    long[] contactOfRow = [];
    byte[] claims = [];

    /// <param name="seedOf">The secret under which an account's keys are hashed.</param>
    /// <param name="contactsMax">Contacts that an account may have when it has no limit of its own; 0: no limit.</param>
    public BulkWriter(string file, long cacheBytes, int busySeconds, Func<int, KeyHashSeed> seedOf, long contactsMax = 0)
    {
        this.contactsMax = contactsMax;
        connection = new(file, cacheBytes, busySeconds);
        checkpoints = new(file, busySeconds);
        sql = new(connection, checkpoints);
        this.seedOf = seedOf;
        removals = new(connection);
        importIds = new(connection);
        names = new(connection, sql, removals, importIds);
        revert = new(connection, sql, removals, importIds, seedOf);
    }

    public BatchResult Write(ContactBatch batch, RowDecider decider, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        connection.CommitDurably(batch.End is not null || batch.Rows.BatchNumber < 0);
        try
        {
            var result = sql.InTransaction(batch.Lease.ImportId, batch.Rows.BatchNumber, () => WriteInTransaction(batch, decider));
            if (result is BatchResult.Refused or BatchResult.TooLarge)
                decider.RolledBack();
            else
                decider.Committed(batch.Rows);
            return result;
        }
        catch
        {
            decider.RolledBack();
            throw;
        }
    }

    /// <summary>One batch of an undo or redo.</summary>
    public BatchResult Revert(RevertBatch batch, RevertDecider decider, CancellationToken cancellationToken) => revert.Write(batch, decider, cancellationToken);

    /// <summary>What the database has seen by now.</summary>
    internal WriteMark Mark => sql.Watch.Mark;

    public void Dispose()
    {
        checkpoints.Dispose();
        connection.Dispose();
    }

    BatchResult WriteInTransaction(ContactBatch batch, RowDecider decider)
    {
        var import = sql.ReadImport(batch.Lease);
        if (import is null || import.Epoch != batch.Lease.Epoch)
            return new BatchResult.Stopped(import?.Status ?? ImportStatus.Canceled);
        var rows = batch.Rows;
        if (import.Kind == ImportKind.Api)
            rows.BatchNumber = import.NextBatch;
        if (rows.BatchNumber < import.NextBatch)
            return new BatchResult.Committed(sql.ReadCounts(import.No, rows.BatchNumber), import.Counts);
        if (import.Status != ImportStatus.Running || rows.BatchNumber != import.NextBatch)
            return new BatchResult.Stopped(import.Status);

        decider.Prepare(rows);
        var decision = decider.Decision;
        var (nextId, room) = sql.ReadAccount(batch.Lease.AccountId, contactsMax);
        var plans = import.OnlyPlans;
        if (plans)
        {
            sql.BeginPlan();
            room -= import.Planned; // planned contacts need room, too
        }
        // By what is committed, so that a resumed import decides as an uninterrupted one does.
        var takeFirst = batch.ContactIds is null && decider.Rules.Kinds.Length == 1 && import.Kind != ImportKind.Api && (plans ? import.Planned : import.Counts.Created) * 2 > import.Counts.Read;
        if (!TryMatch(batch, decider, nextId, takeFirst, out var rowsThatFit))
            return new BatchResult.TooLarge(rowsThatFit);
        if (decider.Rules.Consent is { HoldsBack: true, MayResubscribe: false } && sql.AnySuppression(batch.Lease.AccountId))
            matched.Suppressed = Suppressions.Find(sql, batch.Lease.AccountId, rows, decider);
        names.Find(batch);
        ReadLists(batch, decider.Rules.SkipsMembers, plans ? import : null);
        decider.Decide(rows, matched, nextId, idPerRow: takeFirst, room);
        if (takeFirst)
            GiveBackUnused(batch, decision, decider.Rules.Match, nextId);

        if (nextId + (long)decision.IdsUsed > int.MaxValue)
            throw new InvalidOperationException("The account has used all its 2,147,483,647 ids.");
        fixed (byte* rowText = rows.Text, imageText = decision.Text)
        {
            WriteContacts(batch, decider, import.No, rowText, imageText);
            WriteKeys(batch, decision, bySeveralKinds: decider.Rules.Kinds.Length > 1);
            foreach (var list in batch.ListIds)
                AddToList(batch, decision, list, import.No, rowText, plans);
            foreach (var tag in batch.TagIds)
                AddTag(batch, decision, tag, import.No, plans);
        }
        var namesMade = names.Write(batch, decision, import.No, nextId + decision.IdsUsed, plans);
        var counts = decision.Count(rows.Errors);
        var created = counts.Created;
        if (plans)
        {
            sql.EndPlan();
            if (import.Kind == ImportKind.Plan)
                names.Announce(import.No);
        }
        if (decision.IdsUsed + namesMade > 0)
            sql.SetNextId(batch.Lease.AccountId, nextId + decision.IdsUsed + namesMade, plans ? 0 : created);
        var verdict = batch.Judge?.Judge(rows, decision);
        if (verdict is { MayCommit: false })
            return new BatchResult.Refused(verdict);
        decision.OrderRemovals();
        if (import.Phase == ImportPhase.Checking)
        {
            decision.Withhold(rows);
            counts = decision.Count(rows.Errors);
        }
        var total = import.Counts + counts;
        sql.InsertLedger(batch.Lease.AccountId, import.No, rows.BatchNumber, batch.Now, Ledger.Encode(rows, decision));
        sql.MoveCheckpoint(import, batch, total, verdict, plans ? import.Planned + created : 0);
        if (connection.Changes != 1)
            throw new InvalidOperationException("The import's checkpoint moved within its own transaction.");
        if (batch.End is not null)
            sql.NoteEvent(import.No, batch.Now);
        return new BatchResult.Committed(counts, total);
    }

    /// <summary>Finds and reads the contacts that the undecided rows' match keys belong to.</summary>
    /// <param name="takeFirst">Take each key for the contact that its row may become, and look only at those that are taken: half the work where most rows are new.</param>
    /// <param name="rowsThatFit">Of a batch whose contacts are too large to be held at once, how many rows are not, if all their contacts are of a size.</param>
    bool TryMatch(ContactBatch batch, RowDecider decider, int nextId, bool takeFirst, out int rowsThatFit)
    {
        var rows = batch.Rows;
        var stride = batch.ContactIds is null && decider.Rules.Kinds.Length > 1 ? 3 : 1;
        matched.Clear(rows.Count, stride);
        EnsureRoom(rows.Count, stride);
        var bytesMax = rows.Count == 1 ? long.MaxValue : batch.MatchedBytesMax;
        var account = (long)batch.Lease.AccountId << 32;
        var found = 0;
        if (batch.ContactIds is { } targets)
        {
            for (; found < targets.Length; found++)
                (foundContacts[found], foundRows[found]) = (account | (uint)targets[found], found);
        }
        else
        {
            found = LookUp(batch, decider, account | (uint)nextId, takeFirst);
        }
        OrderFound(found, account);

        matched.Expect(found);
        for (var start = 0; start < found;)
        {
            var end = start + 1;
            while (end < found && foundContacts[end] - foundContacts[end - 1] <= RunGap)
                end++;
            var read = ReadRun(start, end, bytesMax, batch.ContactIds is null && stride == 1 ? rows : null);
            if (matched.TextLength > bytesMax)
            {
                rowsThatFit = (int)Math.Clamp(rows.Count * (long)read / found * 3 / 4, 1, rows.Count - 1);
                return false;
            }
            start = end;
        }
        rowsThatFit = rows.Count;
        if (batch.ContactIds is null)
            DropFalseMatches(rows, stride == 3 ? null : decider.Rules.Match, batch.Lease.AccountId);
        return true;
    }

    int LookUp(ContactBatch batch, RowDecider decider, long firstNewContact, bool takeFirst)
    {
        var (rows, stride) = (batch.Rows, matched.Stride);
        var kinds = 0;
        foreach (var kind in decider.Rules.Kinds)
            kinds |= 1 << (int)kind;
        var collisions = sql.AnyCollision();
        takeFirst &= !collisions;
        contactOfRow.AsSpan(0, rows.Count * stride).Clear();
        long lastKey = 0, lastContact = 0;
        for (var i = 0; i < rows.SortedKeyCount; i++)
        {
            var row = rows.SortedKeyRows[i] >> 2;
            var kind = (KeyKind)(rows.SortedKeyRows[i] & 3);
            if ((kinds >> (int)kind & 1) == 0 || !decider.NeedsContact(row))
                continue;
            var key = rows.SortedKeys[i];
            if (key != lastKey)
            {
                lastKey = key;
                if (takeFirst && sql.TryTakeKey(key, firstNewContact + row))
                {
                    decider.Decision.KeysClaimed[row] = (byte)(1 << (int)kind);
                    lastContact = 0;
                }
                else
                {
                    lastContact = sql.ContactOfKey(key);
                    if (lastContact == 0 && collisions)
                        lastContact = sql.ContactOfCollision(batch.Lease.AccountId, kind, KeyOf(rows, row, kind));
                }
            }
            contactOfRow[stride == 1 ? row : row * 3 + (int)kind] = lastContact;
        }

        // In order of row, which is the order of ids when a file comes again: then there is nothing to sort.
        var found = 0;
        for (var place = 0; place < rows.Count * stride; place++)
        {
            if (contactOfRow[place] == 0)
                continue;
            foundContacts[found] = contactOfRow[place];
            foundRows[found++] = place;
        }
        return found;
    }

    /// <summary>Sorts by contact what mostly is sorted: when a file comes again, only rows that repeat earlier ones find a contact out of turn.</summary>
    void OrderFound(int count, long account)
    {
        int kept = 0, late = 0;
        for (var i = 0; i < count; i++)
        {
            if (kept > 0 && foundContacts[i] < foundContacts[kept - 1])
                outOfTurn[late++] = foundContacts[i] << 32 | (uint)foundRows[i];
            else
                (foundContacts[kept], foundRows[kept++]) = (foundContacts[i], foundRows[i]);
        }
        Array.Sort(outOfTurn, 0, late);
        for (var at = count - 1; late > 0; at--)
        {
            var contact = account | outOfTurn[late - 1] >> 32;
            if (kept > 0 && foundContacts[kept - 1] > contact)
                (foundContacts[at], foundRows[at]) = (foundContacts[--kept], foundRows[kept]);
            else
                (foundContacts[at], foundRows[at]) = (contact, (int)outOfTurn[--late]);
        }
    }

    /// <summary>Keys taken before the decision, for rows that then became no contact.</summary>
    void GiveBackUnused(ContactBatch batch, BatchDecision decision, KeyKind kind, int nextId)
    {
        var firstNewContact = (long)batch.Lease.AccountId << 32 | (uint)nextId;
        var rows = batch.Rows;
        for (var i = 0; i < rows.SortedKeyCount; i++)
        {
            var row = rows.SortedKeyRows[i] >> 2;
            if ((rows.SortedKeyRows[i] & 3) != (int)kind || decision.KeysClaimed[row] == 0 || decision.Outcome[row] == Outcome.Created)
                continue;
            sql.ReleaseKey(rows.SortedKeys[i], firstNewContact + row);
            decision.KeysClaimed[row] = 0;
        }
    }

    /// <summary>Reads contacts of neighbouring ids with one seek.</summary>
    /// <param name="rows">The rows that the contacts were found by; those that say nothing new are told at once. Null: the contacts are wanted whole.</param>
    /// <returns>Where it ended: at <paramref name="end"/>, or behind the contact with which all those read got more than <paramref name="bytesMax"/> bytes of text.</returns>
    int ReadRun(int start, int end, long bytesMax = long.MaxValue, RowBlock? rows = null)
    {
        var at = start;
        var select = sql.SelectContacts(foundContacts[start], foundContacts[end - 1]);
        while (at < end && matched.TextLength <= bytesMax && select.Step())
        {
            var id = select.Int64(0);
            while (at < end && foundContacts[at] < id)
                at++; // the contact is gone
            if (at == end || foundContacts[at] != id)
                continue;
            var values = BulkContactRow.Values(select);
            var isOnlyRow = at + 1 == end || foundContacts[at + 1] != id;
            var index = rows is not null && isOnlyRow && values.HoldAll(rows, foundRows[at])
                ? matched.AddUnchanged((int)id)
                : matched.Add((int)id, values, BulkContactRow.Rev(select), BulkContactRow.LastWrite(select, importIds));
            for (; at < end && foundContacts[at] == id; at++)
                matched.OfRow[foundRows[at]] = index;
        }
        select.Reset();
        return matched.TextLength > bytesMax ? at : end;
    }

    /// <summary>Equal hashes are not equal values: a match whose text differs is looked for among the collisions instead.</summary>
    /// <param name="only">The kind that all rows are matched by, or null: each place is a kind's.</param>
    void DropFalseMatches(RowBlock rows, KeyKind? only, int accountId)
    {
        for (var place = 0; place < rows.Count * matched.Stride; place++)
        {
            var contact = matched.OfRow[place];
            if (contact < 0 || matched.IsUnchanged[contact])
                continue;
            var (row, kind) = only is { } match ? (place, match) : (place / 3, (KeyKind)(place % 3));
            if (Carries(contact, rows, row, kind))
                continue;
            matched.OfRow[place] = -1;
            var owner = sql.ContactOfCollision(accountId, kind, KeyOf(rows, row, kind));
            if (owner == 0)
                continue;
            foundContacts[0] = owner;
            foundRows[0] = place;
            ReadRun(0, 1);
        }
    }

    bool Carries(int contact, RowBlock rows, int row, KeyKind kind) => kind switch
    {
        KeyKind.Phone => matched.Phone[contact] == rows.Phone[row],
        KeyKind.Email => KeyText.IsSameEmail(matched.Utf8(matched.Cell(contact, BuiltInField.Email)), rows.Utf8(rows.Cell(row, BuiltInField.Email))),
        _ => matched.Utf8(matched.Cell(contact, BuiltInField.ExternalId)).SequenceEqual(rows.Utf8(rows.Cell(row, BuiltInField.ExternalId))),
    };

    void WriteContacts(ContactBatch batch, RowDecider decider, long importNo, byte* rowText, byte* imageText)
    {
        var (rows, decision) = (batch.Rows, decider.Decision);
        var account = (long)batch.Lease.AccountId << 32;
        var now = batch.Now.ToUnixTimeMilliseconds();
        sql.BeginContacts(importNo, rows.BatchNumber, now);
        for (var row = 0; row < rows.Count; row++)
        {
            var id = account | (uint)decision.ContactId[row];
            if (decision.Outcome[row] == Outcome.Created)
            {
                var insert = sql.InsertContact;
                insert.Bind(1, id);
                insert.BindNonZero(2, rows.Phone[row]);
                for (var field = BuiltInField.Email; field <= BuiltInField.Company; field++)
                    BindText(insert, 2 + (int)field, rowText, rows.Cell(row, field));
                BindText(insert, 8, rowText, rows.Fields[row]);
                insert.Bind(9, rows.RowNumber[row]);
                BindText(insert, 14, imageText, decision.CreatedConsent.Count > 0 && decision.CreatedConsent.TryGetValue(row, out var consent) ? consent : TextSpan.Absent);
                if (!insert.TryRun())
                    RejectCreated(batch, decider, row, id);
            }
            else if (decision.Outcome[row] == Outcome.Updated)
            {
                var image = decision.Image[row];
                var update = sql.UpdateContact;
                update.Bind(1, id);
                update.BindNonZero(2, decision.ImagePhone[image]);
                for (var field = BuiltInField.Email; field <= BuiltInField.Company; field++)
                    BindText(update, 2 + (int)field, imageText, decision.ImageCells[image * RowBlock.BuiltInSlots + (int)field]);
                BindText(update, 8, imageText, decision.ImageFields[image]);
                update.Bind(9, rows.RowNumber[row]);
                update.Bind(13, decision.RevAfter[row]);
                BindText(update, 14, imageText, decision.ImageConsent[image]);
                if (!update.TryRun())
                    decider.RejectByStore(rows, row);
                else if (connection.Changes != 1)
                    throw new InvalidOperationException("A contact changed within the transaction that had read it.");
            }
        }
    }

    void RejectCreated(ContactBatch batch, RowDecider decider, int row, long contact)
    {
        var decision = decider.Decision;
        if (decision.KeysClaimed[row] != 0)
            sql.ReleaseKey((long)batch.Rows.KeyOf(row, decider.Rules.Match), contact);
        decision.KeysClaimed[row] = 0;
        decider.RejectByStore(batch.Rows, row);
    }

    static void BindText(BulkStatement statement, int index, byte* text, TextSpan span) => statement.BindText(index, text + span.Offset, span.Length);

    /// <summary>Takes every free key that the written contacts carry, in the order of the index; then, row by row, gives back the keys of identities that changed.</summary>
    /// <remarks>
    /// Keys that the batch both gives back and may take are left to the second walk: so each has the owner that it would have if every row were a batch
    /// of its own. Batches are cut by chance (a crash, another writer who waits), and who owns a key must not be.
    /// </remarks>
    void WriteKeys(ContactBatch batch, BatchDecision decision, bool bySeveralKinds)
    {
        var rows = batch.Rows;
        for (var row = 0; row < rows.Count; row++)
            claims[row] = decision.Outcome[row] == Outcome.Created ? (byte)7 : (byte)0;
        releasedKeys.Clear();
        foreach (var change in decision.Changes)
        {
            if (!ChangesKey(decision, change))
                continue;
            claims[change.Row] |= (byte)(1 << change.Field);
            if (change.Before.HasValue && TryKeyOf((KeyKind)change.Field, decision.Utf8(change.Before), batch.Lease.AccountId, out var key))
                releasedKeys.Add(key);
        }
        for (var i = 0; i < rows.SortedKeyCount; i++)
        {
            if (releasedKeys.Count == 0 || !releasedKeys.Contains(rows.SortedKeys[i]))
                Claim(batch, decision, rows.SortedKeyRows[i] >> 2, (KeyKind)(rows.SortedKeyRows[i] & 3));
        }
        if (releasedKeys.Count > 0)
            MoveReleasedKeys(batch, decision, bySeveralKinds);
    }

    /// <summary>Row by row for each key, and key after key in the order of the index.</summary>
    void MoveReleasedKeys(ContactBatch batch, BatchDecision decision, bool bySeveralKinds)
    {
        moves.Clear();
        for (var change = 0; change < decision.Changes.Count; change++)
        {
            var (row, field) = (decision.Changes[change].Row, decision.Changes[change].Field);
            if (ChangesKey(decision, decision.Changes[change]) && decision.Changes[change].Before is { HasValue: true } before
                && TryKeyOf((KeyKind)field, decision.Utf8(before), batch.Lease.AccountId, out var key))
                moves.Add(new(key, row, (KeyKind)field, change));
        }
        for (var row = 0; row < batch.Rows.Count; row++)
        {
            for (var kind = KeyKind.Phone; claims[row] != 0 && kind <= KeyKind.ExternalId; kind++)
            {
                if ((long)batch.Rows.KeyOf(row, kind) is var key && releasedKeys.Contains(key))
                    moves.Add(new(key, row, kind, KeyMove.Claim));
            }
        }
        moves.Sort(KeyMove.Compare);
        foreach (var move in moves)
        {
            if (move.Change == KeyMove.Claim)
                Claim(batch, decision, move.Row, move.Kind);
            else if (Release(batch.Lease.AccountId, move.Kind, decision.Utf8(decision.Changes[move.Change].Before), Contact(batch, decision, move.Row)) && bySeveralKinds)
                decision.KeysClaimed[move.Row] |= BatchDecision.GivenBack(move.Kind);
        }
    }

    /// <summary>A row gives a key back (the change that says so), or claims one.</summary>
    readonly record struct KeyMove(long Key, int Row, KeyKind Kind, int Change)
    {
        /// <summary>Stands for no change, and after all changes of its row.</summary>
        public const int Claim = int.MaxValue;

        public static int Compare(KeyMove a, KeyMove b) => (a.Key, a.Row, a.Change).CompareTo((b.Key, b.Row, b.Change));
    }

    static bool ChangesKey(BatchDecision decision, FieldChange change) =>
        change.Field <= (int)BuiltInField.ExternalId && decision.Outcome[change.Row] == Outcome.Updated;

    static long Contact(ContactBatch batch, BatchDecision decision, int row) => (long)batch.Lease.AccountId << 32 | (uint)decision.ContactId[row];

    void Claim(ContactBatch batch, BatchDecision decision, int row, KeyKind kind)
    {
        if (((claims[row] & ~decision.KeysClaimed[row]) >> (int)kind & 1) == 0)
            return;
        var key = (long)batch.Rows.KeyOf(row, kind);
        var contact = Contact(batch, decision, row);
        if (sql.TryTakeKey(key, contact) || TakeCollidingKey(batch.Rows, row, kind, key, contact, batch.Lease.AccountId))
            decision.KeysClaimed[row] |= (byte)(1 << (int)kind);
    }

    /// <summary>The key's place is taken: by another contact with this very value, who stays the owner, or by another value with the same hash.</summary>
    bool TakeCollidingKey(RowBlock rows, int row, KeyKind kind, long key, long contact, int accountId)
    {
        var owner = sql.ContactOfKey(key);
        if (owner == contact)
            return false; // its own already
        matched.Clear(1); // not all rows: a file may carry one number in every row
        foundContacts[0] = owner;
        foundRows[0] = 0;
        ReadRun(0, 1);
        // An owner that gives the value back in a later row of this batch carries another one already.
        if (releasedKeys.Contains(key) || (matched.OfRow[0] >= 0 && Carries(matched.OfRow[0], rows, row, kind)))
        {
            sql.ShareKey(key, contact);
            return false;
        }
        return sql.TryTakeCollision(accountId, kind, KeyOf(rows, row, kind), contact);
    }

    /// <summary>The contact no longer carries the value. If it owned it, the first of those who carry it too is its owner now.</summary>
    /// <returns>Whether it owned it.</returns>
    bool Release(int accountId, KeyKind kind, scoped ReadOnlySpan<byte> value, long contact)
    {
        Span<byte> text = stackalloc byte[KeyText.BytesMax];
        if (!TryTextOf(kind, ref value, text))
            return false;
        var key = HashOf(kind, value, accountId);
        var owned = sql.ReleaseKey(key, contact);
        if (owned)
            sql.HandOverKey(key);
        return sql.ReleaseCollision(accountId, kind, value, contact) || owned;
    }

    bool TryKeyOf(KeyKind kind, scoped ReadOnlySpan<byte> value, int accountId, out long key)
    {
        Span<byte> text = stackalloc byte[KeyText.BytesMax];
        var known = TryTextOf(kind, ref value, text);
        key = known ? HashOf(kind, value, accountId) : 0;
        return known;
    }

    /// <summary>Turns a field's value into its key's text, in <paramref name="room"/> where the two differ.</summary>
    static bool TryTextOf(KeyKind kind, scoped ref ReadOnlySpan<byte> value, Span<byte> room)
    {
        if (kind != KeyKind.Email)
            return true;
        if (!Validation.EmailAddress.TryGetKey(value, room, out var length))
            return false;
        value = room[..length];
        return true;
    }

    long HashOf(KeyKind kind, ReadOnlySpan<byte> text, int accountId) => (long)KeyHash.Of(kind, text, seedOf(accountId)).IndexKey(kind);

    static byte[] KeyOf(RowBlock rows, int row, KeyKind kind)
    {
        Span<byte> key = stackalloc byte[KeyText.BytesMax];
        switch (kind)
        {
            case KeyKind.Phone:
                return key[..KeyText.WritePhone(rows.Phone[row], key)].ToArray();
            case KeyKind.Email:
                _ = Validation.EmailAddress.TryGetKey(rows.Utf8(rows.Cell(row, BuiltInField.Email)), key, out var length);
                return key[..length].ToArray();
            default:
                return rows.Utf8(rows.Cell(row, BuiltInField.ExternalId)).ToArray();
        }
    }

    void EnsureRoom(int rows, int stride)
    {
        if (foundContacts.Length < rows * stride)
        {
            foundContacts = new long[rows * stride];
            foundRows = new int[rows * stride];
            outOfTurn = new long[rows * stride];
            contactOfRow = new long[rows * stride];
        }
        if (claims.Length < rows)
            claims = new byte[rows];
    }
}
