using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Muster.Contacts;
using Muster.Merging;
using Muster.Sqlite.Bulk;
using Muster.Sqlite.Keys;
using Muster.Storage;

namespace Muster.Sqlite;

/// <summary>Contacts, lists, tags and fields in SQLite. Every change is on the disk when its call returns; <see cref="WriteAsync"/> says for itself.</summary>
public sealed class SqliteContactStore : IContactStore
{
    /// <summary>Rows below which a batch is written on the caller's thread: a few milliseconds.</summary>
    const int SmallBatchRows = 1_000;

    /// <summary>Memberships removed in one transaction, so that deleting a large list holds up no one else's write for long.</summary>
    const int RemovedAtOnce = 50_000;

    const long PreviewCacheBytes = 1 << 20;

    readonly SqliteDatabase database;
    readonly TimeProvider time;
    readonly BulkThread writing;
    readonly BulkThread lookingAhead;
    readonly BulkWriter bulk;

    internal SqliteContactStore(SqliteDatabase database, TimeProvider time, BulkThread writing, BulkThread lookingAhead, BulkWriter bulk)
    {
        this.database = database;
        this.time = time;
        this.writing = writing;
        this.lookingAhead = lookingAhead;
        this.bulk = bulk;
        Suppressions = new SqliteSuppressionStore(database);
    }

    public ISuppressionStore Suppressions { get; }

    public bool OthersWait => database.Gate.Waiters > 0;

    public KeyHashSeed KeySeed(int accountId)
    {
        Span<byte> account = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(account, accountId);
        Span<byte> mixed = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(database.KeySeed, account, mixed);
        return new(BinaryPrimitives.ReadUInt64LittleEndian(mixed), BinaryPrimitives.ReadUInt64LittleEndian(mixed[8..]));
    }

    public async Task<BatchResult> WriteAsync(ContactBatch batch, RowDecider decider, CancellationToken cancellationToken)
    {
        using var entered = await database.Gate.EnterAsync(cancellationToken);
        if (batch.Rows.Count <= SmallBatchRows)
            return bulk.Write(batch, decider, cancellationToken);
        return await writing.RunAsync(() => bulk.Write(batch, decider, cancellationToken), cancellationToken);
    }

    public async Task<BatchResult> RevertAsync(RevertBatch batch, RevertDecider decider, CancellationToken cancellationToken)
    {
        using var entered = await database.Gate.EnterAsync(cancellationToken);
        if (batch.Ledger.Count <= SmallBatchRows)
            return bulk.Revert(batch, decider, cancellationToken);
        return await writing.RunAsync(() => bulk.Revert(batch, decider, cancellationToken), cancellationToken);
    }

    /// <remarks>Over a connection of its own, on one snapshot: it waits for nobody, and nobody for it. The snapshot is given up before deciding, so that the journal can begin anew.</remarks>
    public Task<int> PreviewRevertAsync(int accountId, int targetBatch, LedgerBatch ledger, LedgerRows rows, long bytesMax, RevertDecider decider, CancellationToken cancellationToken) => lookingAhead.RunAsync(
        () =>
        {
            var mark = bulk.Mark;
            decider.Begin(ledger, targetBatch, rows);
            using (var connection = new BulkConnection(database.File, PreviewCacheBytes, database.BusySeconds, readOnly: true))
            {
                connection.Execute("BEGIN");
                if (!new RevertReader(connection, new(connection), new(connection)).TryRead(accountId, decider, bytesMax, out var rowsThatFit))
                    return rowsThatFit;
            }
            decider.Decide();
            decider.DecidedAt = mark;
            return rows.Count;
        },
        cancellationToken);

    public Task<StoredContact?> StoredAsync(int accountId, int contactId, CancellationToken cancellationToken) =>
        database.ReadAsync(s => ContactWrites.Find(s, accountId, contactId), cancellationToken);

    public Task<Contact?> GetAsync(int accountId, int contactId, CancellationToken cancellationToken) => database.ReadAsync(
        s => s.One($"{ContactRow.Columns} FROM contact c WHERE c.id = ?1", ContactRow.Read, ContactRow.RowId(accountId, contactId)) is { } row
            ? WithNames(s, accountId, [row])[0]
            : null,
        cancellationToken);

    /// <remarks>
    /// Conditions on phone, e-mail and external id go through the key tables and never look at other contacts: they find the value's owner and those
    /// whom the bulk writer noted as showing it too.
    /// </remarks>
    public Task<Page<Contact>> ListAsync(int accountId, ContactFilter filter, string? cursor, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        var after = Cursor.Read(cursor, 0);
        var query = new ContactQuery(accountId, KeySeed(accountId), filter);
        return database.ReadAsync(
            s =>
            {
                var rows = query.Run(s, Math.Min(after, int.MaxValue), limit + 1L);
                var next = rows.Count > limit ? Cursor.Of(rows[limit - 1].Id) : null;
                return new Page<Contact>(WithNames(s, accountId, rows.GetRange(0, Math.Min(limit, rows.Count))), next);
            },
            cancellationToken);
    }

    public Task<bool> DeleteAsync(int accountId, int contactId, CancellationToken cancellationToken)
    {
        var seed = KeySeed(accountId);
        return database.WriteAsync(s => Delete(s, accountId, contactId, seed), cancellationToken);
    }

    public async Task<IReadOnlyList<FieldDefinition>> FieldsAsync(int accountId, CancellationToken cancellationToken) =>
        await database.ReadAsync(s => Fields(s, accountId), cancellationToken);

    public async Task<FieldMaking> MakeFieldAsync(int accountId, FieldDefinition draft, Guid? createdBy, int fieldsMax, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(draft.Name, nameof(draft));
        // Most often it is there, and nobody has to wait for the gate.
        if ((await FieldsAsync(accountId, cancellationToken)).FirstOrDefault(f => Same(f.Name, draft.Name)) is { } known)
            return new FieldMaking.Known(known);
        return await database.WriteAsync<FieldMaking>(
            s =>
            {
                var fields = Fields(s, accountId);
                if (fields.Find(f => Same(f.Name, draft.Name)) is { } made)
                    return new FieldMaking.Known(made);
                if (fields.Count >= fieldsMax)
                    return new FieldMaking.NoRoom();
                var field = draft with { Id = TakeId(s, accountId) };
                s.Execute(
                    "INSERT INTO field (account_id, id, name, type, created_at, visibility, default_value, created_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                    accountId, field.Id, field.Name, (int)field.Type, Now(), (int)field.Visibility, field.DefaultValue, NumberOf(s, createdBy));
                return new FieldMaking.Made(field);
            },
            cancellationToken);
    }

    /// <remarks>Contacts keep the value under the field's id, which no other field will have; it goes with their next write of custom fields or with them.</remarks>
    public Task<bool> DeleteFieldAsync(int accountId, int fieldId, CancellationToken cancellationToken) => database.WriteAsync(
        s => s.Execute("DELETE FROM field WHERE account_id = ?1 AND id = ?2", accountId, fieldId) == 1, cancellationToken);

    public async Task<IReadOnlyList<ContactList>> ListsAsync(int accountId, CancellationToken cancellationToken) => await database.ReadAsync(
        s =>
        {
            var members = Membership.OfLists.CountAll(s, accountId);
            return ListTable.All(s, accountId).ConvertAll(l => l with { Members = members.GetValueOrDefault(l.Id) });
        },
        cancellationToken);

    public Task<ContactList> EnsureListAsync(int accountId, string name, CancellationToken cancellationToken) =>
        EnsureListAsync(accountId, name, createdBy: null, cancellationToken);

    public Task<ContactList> EnsureListAsync(int accountId, string name, Guid? createdBy, CancellationToken cancellationToken) => EnsureAsync(
        name,
        s => ListTable.All(s, accountId).Find(l => Same(l.Name, name)) is { } list
            ? list with { Members = Membership.OfLists.Count(s, Membership.OfLists.NumberOf(s, accountId, list.Id) ?? 0) }
            : null,
        s =>
        {
            var id = TakeId(s, accountId);
            s.Execute("INSERT INTO contact_list (account_id, id, name, created_at, created_by) VALUES (?1, ?2, ?3, ?4, ?5)", accountId, id, name, Now(), NumberOf(s, createdBy));
            return ListTable.All(s, accountId).Find(l => l.Id == id)!; // just inserted
        },
        cancellationToken);

    public Task<bool> LeaveListAsync(int accountId, int listId, int contactId, CancellationToken cancellationToken) =>
        database.WriteAsync(s => ListTable.Leave(s, accountId, listId, contactId, Now()), cancellationToken);

    public async Task<IReadOnlyList<(int ContactId, DateTimeOffset Since)>> LeaversAsync(int accountId, int listId, DateTimeOffset since, CancellationToken cancellationToken) =>
        await database.ReadAsync(s => ListTable.Leavers(s, accountId, listId, since), cancellationToken);

    public Task<bool> ForgetLeavingAsync(int accountId, int listId, int contactId, CancellationToken cancellationToken) =>
        database.WriteAsync(s => ListTable.ForgetLeaving(s, accountId, listId, contactId, Now()), cancellationToken);

    public Task<ContactList?> CreateListAsync(int accountId, string name, ListChange change, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return database.WriteAsync(s => ListTable.Create(s, accountId, name, change, TakeId(s, accountId), Now()), cancellationToken);
    }

    public Task<bool> ChangeListAsync(int accountId, int listId, ListChange change, CancellationToken cancellationToken) =>
        database.WriteAsync(s => ListTable.Change(s, accountId, listId, change, Now()), cancellationToken);

    /// <remarks>Everybody: in several transactions, as <see cref="DeleteListAsync"/>.</remarks>
    public async Task<int> RemoveMembersAsync(int accountId, int listId, IReadOnlyList<int>? contactIds, CancellationToken cancellationToken)
    {
        if (contactIds is not null)
            return await database.WriteAsync(s => ListTable.RemoveMembers(s, accountId, listId, contactIds, Now()), cancellationToken);
        var removed = 0;
        int now;
        do
        {
            now = await database.WriteAsync(s => ListTable.RemoveFirstMembers(s, accountId, listId, RemovedAtOnce, Now()), cancellationToken);
            removed += now;
        }
        while (now > 0);
        return removed;
    }

    public Task<IReadOnlyList<ListMember>> MembersAsync(int accountId, int listId, int after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<ListMember>>(s => ListTable.Members(s, accountId, listId, after, limit), cancellationToken);

    public Task<ContactSlice> SliceAsync(int accountId, ContactSelection selection, ContactPlace place, CancellationToken cancellationToken) => database.ReadAsync(
        s =>
        {
            var (rows, total) = new SliceQuery(accountId, selection).Run(s, place);
            return new ContactSlice(WithNames(s, accountId, rows), total);
        },
        cancellationToken);

    public Task<bool> DeleteListAsync(int accountId, int listId, CancellationToken cancellationToken) =>
        DeleteAsync(Membership.OfLists, "DELETE FROM contact_list WHERE account_id = ?1 AND id = ?2", accountId, listId, cancellationToken);

    public async Task<IReadOnlyList<Tag>> TagsAsync(int accountId, CancellationToken cancellationToken) => await database.ReadAsync(
        s =>
        {
            var contacts = Membership.OfTags.CountAll(s, accountId);
            return Tags(s, accountId).ConvertAll(t => t with { Contacts = contacts.GetValueOrDefault(t.Id) });
        },
        cancellationToken);

    public Task<Tag> EnsureTagAsync(int accountId, string name, CancellationToken cancellationToken) =>
        EnsureTagAsync(accountId, name, createdBy: null, cancellationToken);

    public Task<Tag> EnsureTagAsync(int accountId, string name, Guid? createdBy, CancellationToken cancellationToken) => EnsureAsync(
        name,
        s => Tags(s, accountId).Find(t => Same(t.Name, name)) is { } tag
            ? tag with { Contacts = Membership.OfTags.Count(s, Membership.OfTags.NumberOf(s, accountId, tag.Id) ?? 0) }
            : null,
        s =>
        {
            var id = TakeId(s, accountId);
            s.Execute("INSERT INTO tag (account_id, id, name, created_at, created_by) VALUES (?1, ?2, ?3, ?4, ?5)", accountId, id, name, Now(), NumberOf(s, createdBy));
            return new Tag(id, name, 0);
        },
        cancellationToken);

    public Task<bool> DeleteTagAsync(int accountId, int tagId, CancellationToken cancellationToken) =>
        DeleteAsync(Membership.OfTags, "DELETE FROM tag WHERE account_id = ?1 AND id = ?2", accountId, tagId, cancellationToken);

    /// <remarks>Its contacts go first, in several transactions: a call that is cut off leaves a smaller list, and may be repeated.</remarks>
    async Task<bool> DeleteAsync(Membership membership, string sql, int accountId, int id, CancellationToken cancellationToken)
    {
        while (await database.WriteAsync(
            s => membership.NumberOf(s, accountId, id) is { } number && membership.RemoveSome(s, number, RemovedAtOnce), cancellationToken))
        {
        }
        return await database.WriteAsync(
            s =>
            {
                if (membership.NumberOf(s, accountId, id) is not { } number)
                    return false;
                while (membership.RemoveSome(s, number, RemovedAtOnce))
                {
                }
                return s.Execute(sql, accountId, id) == 1;
            },
            cancellationToken);
    }

    static bool Delete(Session session, int accountId, int contactId, KeyHashSeed seed)
    {
        var rowId = ContactRow.RowId(accountId, contactId);
        if (session.One($"{ContactRow.Columns} FROM contact c WHERE c.id = ?1", ContactRow.Read, rowId) is not { } contact)
            return false;
        ContactErasure.Run(session, accountId, contactId);
        // No index leads from a contact to its keys, so they are worked out anew.
        ContactKey?[] keys =
        [
            contact.Phone is { } phone ? ContactKey.OfPhone(phone, seed) : null,
            contact.Email is { } email ? ContactKey.OfEmail(email, seed) : null,
            contact.ExternalId is { } externalId ? ContactKey.OfExternalId(externalId, seed) : null,
        ];
        var index = SessionKeyPages.Index(session);
        foreach (var key in keys)
        {
            if (key is not { } k)
                continue;
            // The first of those who show the value too owns it from now on, as when the bulk writer releases it.
            if (index.TryRelease(k.Hash, rowId)
                && session.Number("SELECT contact FROM contact_key_shared WHERE key = ?1 ORDER BY contact LIMIT 1", k.Hash) is { } heir)
            {
                index.TryTake(k.Hash, heir);
                session.Execute("DELETE FROM contact_key_shared WHERE key = ?1 AND contact = ?2", k.Hash, heir);
            }
            session.Execute("DELETE FROM contact_key_shared WHERE key = ?1 AND contact = ?2", k.Hash, rowId);
            session.Execute(
                "DELETE FROM contact_key_collision WHERE account_id = ?1 AND kind = ?2 AND value = ?3 AND contact = ?4", accountId, (int)k.Kind, k.Text, rowId);
        }
        index.Flush();
        Membership.OfLists.Remove(session, accountId, contactId);
        Membership.OfTags.Remove(session, accountId, contactId);
        session.Execute(
            """
            DELETE FROM belonging_removal WHERE account_id = ?1 AND contact_id = ?2 AND kind IN (0, 1)
              AND owner_id IN (SELECT id FROM contact_list WHERE account_id = ?1 UNION ALL SELECT id FROM tag WHERE account_id = ?1)
            """,
            accountId, contactId);
        session.Execute("DELETE FROM contact WHERE id = ?1", rowId);
        session.Execute("UPDATE account SET contacts = contacts - 1 WHERE id = ?1", accountId);
        return true;
    }

    /// <summary>Contacts with the names of their fields, lists and tags: one query each, whatever the number of contacts.</summary>
    static List<Contact> WithNames(Session session, int accountId, List<ContactRow> rows)
    {
        if (rows.Count == 0)
            return [];
        int[] ids = [.. rows.Select(r => r.Id).Order()];
        var fields = rows.Exists(static r => r.Fields is not null) ? Fields(session, accountId).ToDictionary(f => f.Id, f => f.Name) : [];
        var lists = Membership.OfLists.NamesOf(session, accountId, ids);
        var tags = Membership.OfTags.NamesOf(session, accountId, ids);
        return rows.ConvertAll(r => r.ToContact(fields, [.. lists[r.Id]], [.. tags[r.Id]]));
    }

    static List<FieldDefinition> Fields(Session session, int accountId) => session.All(
        "SELECT id, name, type, visibility, default_value FROM field WHERE account_id = ?1 ORDER BY id",
        static r => new FieldDefinition(r.GetInt32(0), r.GetString(1), (FieldType)r.GetByte(2)) { Visibility = (Visibility)r.GetByte(3), DefaultValue = r.Text(4) }, accountId);

    /// <summary>The account's tags, their contacts not yet counted.</summary>
    static List<Tag> Tags(Session session, int accountId) => session.All(
        "SELECT id, name FROM tag WHERE account_id = ?1 ORDER BY id", static r => new Tag(r.GetInt32(0), r.GetString(1), 0), accountId);

    /// <summary>What is there, or what <paramref name="make"/> makes of it behind the gate. What is there already costs no write.</summary>
    async Task<T> EnsureAsync<T>(string name, Func<Session, T?> find, Func<Session, T> make, CancellationToken cancellationToken)
        where T : class
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return await database.ReadAsync(find, cancellationToken) ?? await database.WriteAsync(s => find(s) ?? make(s), cancellationToken);
    }

    static long? NumberOf(Session session, Guid? import) => import is { } id ? session.Number("SELECT no FROM import WHERE id = ?1", id.ToBlob()) : null;

    /// <summary>An id that no contact, list, tag or field of the account has had.</summary>
    internal static int TakeId(Session session, int accountId) =>
        (int)(session.Number("UPDATE account SET next_id = next_id + 1 WHERE id = ?1 AND next_id < 2147483647 RETURNING next_id - 1", accountId)
            ?? throw new InvalidOperationException($"Account {accountId} does not exist or has used up its 2^31 ids."));

    // The indexes know case in ASCII only.
    internal static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
