using System.Text.Json;
using Muster.Contacts;
using Muster.Merging;
using Muster.Sqlite.Keys;
using Muster.Storage;

namespace Muster.Sqlite.Bulk;

/// <summary>An import's row as a batch's transaction sees it.</summary>
sealed record ImportRow(long No, ImportKind Kind, ImportStatus Status, int Epoch, int NextBatch, ImportCounts Counts, ImportPhase Phase, long Planned)
{
    /// <summary>Batches are decided as if they were written, and then are not.</summary>
    public bool OnlyPlans => Kind == ImportKind.Plan || Phase == ImportPhase.Checking;
}

/// <summary>The statements of the batch transaction, prepared once.</summary>
sealed unsafe class BulkSql(BulkConnection connection, BulkCheckpoints checkpoints)
{
    readonly KeyIndex keys = new(new BulkKeyPages(connection, "contact_key_page"), new BulkKeyPages(connection, "contact_key_recent"));
    readonly BulkStatement readImport = connection.Prepare("""
        SELECT no, kind, status, lease_epoch, next_batch, created, updated, unchanged, duplicate, suppressed, skipped, rejected, warned, phase, planned
        FROM import WHERE id = ?1 AND account_id = ?2
        """);
    readonly BulkStatement readLedger = connection.Prepare("SELECT ledger FROM import_batch WHERE import_no = ?1 AND batch_no = ?2");
    readonly BulkStatement readAccount = connection.Prepare("SELECT next_id, contacts, coalesce(settings ->> '$.limits.contacts_max', -1) FROM account WHERE id = ?1");
    readonly BulkStatement setNextId = connection.Prepare("UPDATE account SET next_id = ?2, contacts = contacts + ?3 WHERE id = ?1");
    readonly BulkStatement anyCollision = connection.Prepare("SELECT EXISTS (SELECT 1 FROM contact_key_collision)");
    readonly BulkStatement shareKey = connection.Prepare("INSERT OR IGNORE INTO contact_key_shared (key, contact) VALUES (?1, ?2)");
    readonly BulkStatement unshareKey = connection.Prepare("DELETE FROM contact_key_shared WHERE key = ?1 AND contact = ?2");
    readonly BulkStatement firstSharer = connection.Prepare("SELECT contact FROM contact_key_shared WHERE key = ?1 ORDER BY contact LIMIT 1");
    readonly BulkStatement contactOfCollision = connection.Prepare("SELECT contact FROM contact_key_collision WHERE account_id = ?1 AND kind = ?2 AND value = ?3");
    readonly BulkStatement takeCollision = connection.Prepare("INSERT OR IGNORE INTO contact_key_collision (account_id, kind, value, contact) VALUES (?1, ?2, ?3, ?4)");
    readonly BulkStatement releaseCollision = connection.Prepare("DELETE FROM contact_key_collision WHERE account_id = ?1 AND kind = ?2 AND value = ?3 AND contact = ?4");
    readonly BulkStatement selectContacts = connection.Prepare($"SELECT {BulkContactRow.Columns} FROM contact WHERE id BETWEEN ?1 AND ?2 ORDER BY id");
    readonly BulkStatement addMember = connection.Prepare("""
        INSERT OR IGNORE INTO list_member (id, status, since, import_no, variables) VALUES (?1, 1, ?2, ?3, ?4)
        """);
    readonly BulkStatement addTag = connection.Prepare("INSERT OR IGNORE INTO contact_tag (id, import_no) VALUES (?1, ?2)");
    readonly BulkStatement numberOfList = connection.Prepare("SELECT no FROM contact_list WHERE account_id = ?1 AND id = ?2");
    readonly BulkStatement numberOfTag = connection.Prepare("SELECT no FROM tag WHERE account_id = ?1 AND id = ?2");
    readonly BulkStatement roomOf = connection.Prepare("""
        SELECT members_max - (SELECT count(*) FROM list_member WHERE id > (?1 << 32) AND id < ((?1 + 1) << 32) AND status = 1)
        FROM contact_list WHERE no = ?1 AND members_max IS NOT NULL
        """);
    readonly BulkStatement membersOf = connection.Prepare("SELECT count(*) FROM list_member WHERE id > (?1 << 32) AND id < ((?1 + 1) << 32) AND status = 1");
    readonly BulkStatement standingOf = connection.Prepare("SELECT status FROM list_member WHERE id = ?1");
    readonly BulkStatement insertLedger = connection.Prepare("INSERT INTO import_batch (account_id, import_no, batch_no, ledger, written_at) VALUES (?1, ?2, ?3, ?4, ?5)");
    readonly BulkStatement moveCheckpoint = connection.Prepare("""
        UPDATE import SET next_batch = ?4 + 1, source_position = ?5,
          created = ?6, updated = ?7, unchanged = ?8, duplicate = ?9, suppressed = ?10, skipped = ?11, rejected = ?12, warned = ?13,
          status = ?14, finished_at = ?15, failure = ?16, lease_owner = CASE WHEN ?14 = 1 THEN lease_owner END,
          tally = coalesce(?17, tally), flags = coalesce(?18, flags), planned = ?19
        WHERE no = ?1 AND lease_epoch = ?2 AND status = ?3 AND next_batch = ?4
        """);

    readonly BulkStatement noteEvent = connection.Prepare(Outbox.NoteByNumber);

    /// <summary>1 id, 2 phone, 3–7 text fields, 8 custom fields, 9 row number; the rest by <see cref="BeginContacts"/>.</summary>
    public BulkStatement InsertContact { get; } = connection.Prepare("""
        INSERT INTO contact (id, phone, email, external_id, first_name, last_name, company, fields, rev, write_import, write_batch, write_row, created_at, updated_at, consent)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, ?10, ?11, ?9, ?12, ?12, ?14)
        """);

    /// <summary>As <see cref="InsertContact"/>; 13 the new rev, which must be one more than the stored one.</summary>
    public BulkStatement UpdateContact { get; } = connection.Prepare("""
        UPDATE contact SET phone = ?2, email = ?3, external_id = ?4, first_name = ?5, last_name = ?6, company = ?7, fields = ?8,
          rev = ?13, write_import = ?10, write_batch = ?11, write_row = ?9, updated_at = ?12, consent = ?14
        WHERE id = ?1 AND rev = ?13 - 1
        """);

    public WriteWatch Watch { get; } = new(connection);

    /// <summary>Runs a batch of an import in one transaction: committed when that is what it came to, else rolled back.</summary>
    public BatchResult InTransaction(Guid import, int batch, Func<BatchResult> write)
    {
        Begin();
        try
        {
            var result = write();
            if (result is BatchResult.Committed)
                Commit(import, batch);
            else
                RollBack();
            return result;
        }
        catch
        {
            RollBack();
            throw;
        }
    }

    void Begin()
    {
        connection.Execute("BEGIN IMMEDIATE");
        Watch.Began();
        keys.Forget(); // single writes go over another connection
    }

    void Commit(Guid import, int batch)
    {
        keys.Flush();
        connection.Execute("COMMIT");
        Watch.Committed(import, batch);
        checkpoints.Committed(connection.PagesWritten);
    }

    /// <summary>What follows, up to <see cref="EndPlan"/>, is done and then taken back within the transaction.</summary>
    public void BeginPlan() => connection.Execute("SAVEPOINT plan");

    public void EndPlan()
    {
        keys.Forget();
        connection.ResetAll();
        connection.Execute("ROLLBACK TO plan; RELEASE plan");
    }

    /// <summary>Ends a transaction that failed, whatever state it is in.</summary>
    void RollBack()
    {
        connection.ResetAll();
        try
        {
            connection.Execute("ROLLBACK");
        }
        catch (IOException)
        {
            // SQLite has rolled back by itself, as it does after SQLITE_FULL and SQLITE_IOERR.
        }
    }

    readonly BulkStatement anySuppression = connection.Prepare("SELECT EXISTS (SELECT 1 FROM suppression WHERE account_id = ?1)");
    readonly BulkStatement isSuppressed = connection.Prepare("SELECT 1 FROM suppression WHERE account_id = ?1 AND kind = ?2 AND value = ?3");

    public bool AnySuppression(int accountId)
    {
        anySuppression.Bind(1, accountId);
        _ = anySuppression.Step();
        var any = anySuppression.Int64(0) != 0;
        anySuppression.Reset();
        return any;
    }

    /// <param name="kind">As the table numbers them.</param>
    public bool IsSuppressed(int accountId, int kind, ReadOnlySpan<byte> value)
    {
        fixed (byte* pinned = value)
        {
            isSuppressed.Bind(1, accountId);
            isSuppressed.Bind(2, kind);
            isSuppressed.BindText(3, pinned, value.Length);
            var found = isSuppressed.Step();
            isSuppressed.Reset();
            return found;
        }
    }

    public ImportRow? ReadImport(ImportLease lease)
    {
        var id = lease.ImportId.ToByteArray(bigEndian: true);
        fixed (byte* pinned = id)
        {
            readImport.BindBlob(1, pinned, id.Length);
            readImport.Bind(2, lease.AccountId);
            var s = readImport;
            var row = s.Step()
                ? new ImportRow(
                    s.Int64(0), (ImportKind)s.Int64(1), (ImportStatus)s.Int64(2), (int)s.Int64(3), (int)s.Int64(4),
                    new(s.Int64(5), s.Int64(6), s.Int64(7), s.Int64(8), s.Int64(9), s.Int64(10), s.Int64(11), s.Int64(12)), (ImportPhase)s.Int64(13), s.Int64(14))
                : null;
            s.Reset();
            return row;
        }
    }

    /// <summary>Counts of a batch that is committed already, from its ledger.</summary>
    public ImportCounts ReadCounts(long importNo, int batch)
    {
        readLedger.Bind(1, importNo);
        readLedger.Bind(2, batch);
        if (!readLedger.Step())
            throw new InvalidDataException("A committed batch has no ledger.");
        var ledger = Ledger.Decode(readLedger.Blob(0));
        readLedger.Reset();
        return ledger.Tally();
    }

    /// <param name="contactsMax">What the account may have when it has no limit of its own; 0: no limit.</param>
    /// <returns>The account's next id, and how many contacts more it may have.</returns>
    public (int NextId, long Room) ReadAccount(int accountId, long contactsMax)
    {
        readAccount.Bind(1, accountId);
        if (!readAccount.Step())
            throw new InvalidOperationException("The account is gone.");
        var (next, contacts) = ((int)readAccount.Int64(0), readAccount.Int64(1));
        var most = readAccount.Int64(2) is >= 0 and var own ? own : contactsMax;
        readAccount.Reset();
        return (next, most == 0 ? long.MaxValue : most - contacts);
    }

    public void SetNextId(int accountId, int nextId, long contactsMore)
    {
        setNextId.Bind(1, accountId);
        setNextId.Bind(2, nextId);
        setNextId.Bind(3, contactsMore);
        setNextId.Run();
    }

    public bool AnyCollision()
    {
        _ = anyCollision.Step();
        var any = anyCollision.Int64(0) != 0;
        anyCollision.Reset();
        return any;
    }

    /// <summary>The row id of the contact that owns a key, or 0.</summary>
    public long ContactOfKey(long key) => keys.Find(key);

    /// <summary>False when the key has an owner.</summary>
    public bool TryTakeKey(long key, long contact) => keys.TryTake(key, contact);

    /// <summary>Notes that a contact shows a value that another owns.</summary>
    public void ShareKey(long key, long contact) => Run(shareKey, key, contact);

    /// <summary>The contact neither owns nor shows the value any more. True when it owned it.</summary>
    /// <param name="shared">False when no contact is noted as showing a value that another owns.</param>
    public bool ReleaseKey(long key, long contact, bool shared = true)
    {
        if (keys.TryRelease(key, contact))
            return true;
        if (shared)
            Run(unshareKey, key, contact);
        return false;
    }

    /// <summary>Makes the first contact that shows the value its owner, if there is one.</summary>
    public void HandOverKey(long key)
    {
        firstSharer.Bind(1, key);
        var contact = firstSharer.Step() ? firstSharer.Int64(0) : 0;
        firstSharer.Reset();
        if (contact == 0)
            return;
        keys.TryTake(key, contact);
        Run(unshareKey, key, contact);
    }

    static void Run(BulkStatement statement, long key, long contact)
    {
        statement.Bind(1, key);
        statement.Bind(2, contact);
        statement.Run();
    }

    public long ContactOfCollision(int accountId, KeyKind kind, ReadOnlySpan<byte> value)
    {
        fixed (byte* pinned = value)
        {
            BindValue(contactOfCollision, accountId, kind, pinned, value.Length);
            var contact = contactOfCollision.Step() ? contactOfCollision.Int64(0) : 0;
            contactOfCollision.Reset();
            return contact;
        }
    }

    public bool TryTakeCollision(int accountId, KeyKind kind, ReadOnlySpan<byte> value, long contact)
    {
        fixed (byte* pinned = value)
        {
            BindValue(takeCollision, accountId, kind, pinned, value.Length);
            takeCollision.Bind(4, contact);
            takeCollision.Run();
            return connection.Changes == 1;
        }
    }

    /// <returns>Whether the contact owned it.</returns>
    public bool ReleaseCollision(int accountId, KeyKind kind, ReadOnlySpan<byte> value, long contact)
    {
        fixed (byte* pinned = value)
        {
            BindValue(releaseCollision, accountId, kind, pinned, value.Length);
            releaseCollision.Bind(4, contact);
            releaseCollision.Run();
        }
        return connection.Changes > 0;
    }

    static void BindValue(BulkStatement statement, int accountId, KeyKind kind, byte* value, int length)
    {
        statement.Bind(1, accountId);
        statement.Bind(2, (int)kind);
        statement.BindText(3, value, length);
    }

    /// <summary>Contacts with row ids from <paramref name="first"/> to <paramref name="last"/>. The caller steps and resets.</summary>
    public BulkStatement SelectContacts(long first, long last)
    {
        selectContacts.Bind(1, first);
        selectContacts.Bind(2, last);
        return selectContacts;
    }

    /// <summary>Binds what all rows of a batch share.</summary>
    public void BeginContacts(long importNo, int batch, long now)
    {
        foreach (var statement in (ReadOnlySpan<BulkStatement>)[InsertContact, UpdateContact])
        {
            statement.Bind(10, importNo);
            statement.Bind(11, batch);
            statement.Bind(12, now);
        }
    }

    /// <summary>The number under which the list's members are kept, or 0 when the account has no such list.</summary>
    public long NumberOfList(int accountId, int list) => Number(numberOfList, accountId, list);

    /// <summary>The number under which the tag's contacts are kept, or 0 when the account has no such tag.</summary>
    public long NumberOfTag(int accountId, int tag) => Number(numberOfTag, accountId, tag);

    static long Number(BulkStatement statement, long first, long second)
    {
        statement.Bind(1, first);
        statement.Bind(2, second);
        var number = statement.Step() ? statement.Int64(0) : 0;
        statement.Reset();
        return number;
    }

    /// <summary>Binds what all members of a batch share.</summary>
    public void BeginMembers(long now, long importNo)
    {
        addMember.Bind(2, now);
        addMember.Bind(3, importNo);
    }

    /// <summary>Binds what all tags of a batch share.</summary>
    public void BeginTags(long importNo) => addTag.Bind(2, importNo);

    /// <summary>False when the contact is in the list already, or has left it.</summary>
    /// <param name="variables">Pinned JSON text; no variables when its length is not above 0.</param>
    public bool TryAddMember(long listNumber, int contact, byte* variables, int length)
    {
        addMember.BindText(4, variables, length);
        return TryAdd(addMember, listNumber, contact);
    }

    /// <summary>How many members the list may still take, in the transaction's own view; long.MaxValue when nothing limits it.</summary>
    public long RoomOf(long listNumber)
    {
        roomOf.Bind(1, listNumber);
        var room = roomOf.Step() ? roomOf.Int64(0) : long.MaxValue;
        roomOf.Reset();
        return room;
    }

    /// <summary>How many members the list has, in the transaction's own view.</summary>
    public long MembersOf(long listNumber)
    {
        membersOf.Bind(1, listNumber);
        var members = membersOf.Step() ? membersOf.Int64(0) : 0;
        membersOf.Reset();
        return members;
    }

    /// <summary>How many members more the list would have after the batches so far: as their ledgers say, one after another.</summary>
    public long PlannedMembers(ImportRow import, int list)
    {
        var members = 0L;
        for (var batch = 0; batch < import.NextBatch; batch++)
        {
            readLedger.Bind(1, import.No);
            readLedger.Bind(2, batch);
            if (readLedger.Step())
            {
                var ledger = Ledger.Decode(readLedger.Blob(0));
                if (ledger.MembersAdded.TryGetValue(list, out var bits))
                    members += bits.Sum(static b => (long)System.Numerics.BitOperations.PopCount(b));
                members -= ledger.MembersRemoved.Count(m => m.List == list && !m.IsRemoval);
            }
            readLedger.Reset();
        }
        return members;
    }

    public ListStanding StandingOf(long listNumber, int contact)
    {
        standingOf.Bind(1, listNumber << 32 | (uint)contact);
        var standing = standingOf.Step() ? (ListStanding)standingOf.Int64(0) : ListStanding.Stranger;
        standingOf.Reset();
        return standing;
    }

    /// <summary>False when the contact has the tag already.</summary>
    public bool TryAddTag(long tagNumber, int contact) => TryAdd(addTag, tagNumber, contact);

    bool TryAdd(BulkStatement statement, long number, int contact)
    {
        statement.Bind(1, number << 32 | (uint)contact);
        statement.Run();
        return connection.Changes == 1;
    }

    public void InsertLedger(int accountId, long importNo, int batch, DateTimeOffset now, byte[] ledger)
    {
        insertLedger.Bind(5, now.ToUnixTimeMilliseconds());
        fixed (byte* pinned = ledger)
        {
            insertLedger.Bind(1, accountId);
            insertLedger.Bind(2, importNo);
            insertLedger.Bind(3, batch);
            insertLedger.BindBlob(4, pinned, ledger.Length);
            insertLedger.Run();
        }
    }

    /// <summary>Puts what the import's status has become into the outbox.</summary>
    public void NoteEvent(long importNo, DateTimeOffset now)
    {
        noteEvent.Bind(1, importNo);
        noteEvent.Bind(2, now.ToUnixTimeMilliseconds());
        noteEvent.Run();
    }

    /// <summary>The guard: moves the checkpoint when lease, batch number and status are still what the transaction read.</summary>
    /// <param name="planned">Contacts that the import would have made so far, when it only plans.</param>
    public void MoveCheckpoint(ImportRow import, ContactBatch batch, ImportCounts total, BatchVerdict? verdict, long planned = 0)
    {
        var failure = batch.End?.Failure is { } f ? JsonSerializer.SerializeToUtf8Bytes(f, StoredJson.Compact.ImportFailure) : null;
        var tally = verdict is null ? null : System.Text.Encoding.UTF8.GetBytes(verdict.Tally);
        var flags = verdict?.Flags is { } found ? JsonSerializer.SerializeToUtf8Bytes(found, StoredJson.Compact.IReadOnlyListHoldFinding) : null;
        var s = moveCheckpoint;
        fixed (byte* pinned = failure, tallyText = tally, flagsText = flags)
        {
            s.Bind(1, import.No);
            s.Bind(2, import.Epoch);
            s.Bind(3, (int)ImportStatus.Running);
            s.Bind(4, batch.Rows.BatchNumber);
            s.Bind(5, batch.Rows.EndOffset);
            s.Bind(6, total.Created);
            s.Bind(7, total.Updated);
            s.Bind(8, total.Unchanged);
            s.Bind(9, total.Duplicate);
            s.Bind(10, total.Suppressed);
            s.Bind(11, total.Skipped);
            s.Bind(12, total.Rejected);
            s.Bind(13, total.Warnings);
            s.Bind(14, (int)(batch.End?.Status ?? ImportStatus.Running));
            s.BindNonZero(15, batch.End is null ? 0 : batch.Now.ToUnixTimeMilliseconds());
            s.BindText(16, pinned, failure?.Length ?? 0);
            s.BindText(17, tallyText, tally?.Length ?? 0);
            s.BindText(18, flagsText, flags?.Length ?? 0);
            s.Bind(19, planned);
            s.Run();
        }
    }
}
