using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Muster.Contacts;
using Muster.Merging;
using Muster.Storage;

namespace Muster.Sqlite;

/// <summary>Writes one batch inside the gate, synchronously: see <see cref="IContactStore.WriteAsync"/>.</summary>
delegate BatchResult BatchWrite(ContactBatch batch, RowDecider decider, CancellationToken cancellationToken);

/// <summary>Contacts, lists, tags and fields in SQLite. Every change is on the disk when its call returns; <see cref="WriteAsync"/> says for itself.</summary>
public sealed class SqliteContactStore : IContactStore
{
    /// <summary>Rows below which a batch is written on the caller's thread: a few milliseconds.</summary>
    const int SmallBatchRows = 1_000;

    /// <summary>Memberships removed in one transaction, so that deleting a large list holds up no one else's write for long.</summary>
    const int RemovedAtOnce = 50_000;

    readonly SqliteDatabase database;
    readonly TimeProvider time;
    readonly BatchWrite write;

    internal SqliteContactStore(SqliteDatabase database, TimeProvider time, BatchWrite write)
    {
        this.database = database;
        this.time = time;
        this.write = write;
    }

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
            return write(batch, decider, cancellationToken);
        return await Task.Factory.StartNew(
            () => write(batch, decider, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

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

    public Task<FieldDefinition> EnsureFieldAsync(int accountId, string name, FieldType type, CancellationToken cancellationToken) => EnsureAsync(
        name,
        s => Fields(s, accountId).Find(f => Same(f.Name, name)),
        s =>
        {
            var id = TakeId(s, accountId);
            s.Execute("INSERT INTO field (account_id, id, name, type, created_at) VALUES (?1, ?2, ?3, ?4, ?5)", accountId, id, name, (int)type, Now());
            return new FieldDefinition(id, name, type);
        },
        cancellationToken);

    public async Task<IReadOnlyList<ContactList>> ListsAsync(int accountId, CancellationToken cancellationToken) => await database.ReadAsync(
        s =>
        {
            var members = Membership.OfLists.CountAll(s, accountId);
            return Lists(s, accountId).ConvertAll(l => l with { Members = members.GetValueOrDefault(l.Id) });
        },
        cancellationToken);

    public Task<ContactList> EnsureListAsync(int accountId, string name, CancellationToken cancellationToken) => EnsureAsync(
        name,
        s => Lists(s, accountId).Find(l => Same(l.Name, name)) is { } list
            ? list with { Members = Membership.OfLists.Count(s, Membership.OfLists.NumberOf(s, accountId, list.Id) ?? 0) }
            : null,
        s =>
        {
            var id = TakeId(s, accountId);
            s.Execute("INSERT INTO contact_list (account_id, id, name, created_at) VALUES (?1, ?2, ?3, ?4)", accountId, id, name, Now());
            return Lists(s, accountId).Find(l => l.Id == id)!; // just inserted
        },
        cancellationToken);

    public Task<bool> RenameListAsync(int accountId, int listId, string name, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return database.WriteAsync(
            s =>
            {
                var lists = Lists(s, accountId);
                if (!lists.Exists(l => l.Id == listId))
                    return false;
                if (lists.Exists(l => l.Id != listId && Same(l.Name, name)))
                    throw new ArgumentException("Another list of the account has that name.", nameof(name));
                s.Execute("UPDATE contact_list SET name = ?3 WHERE account_id = ?1 AND id = ?2", accountId, listId, name);
                return true;
            },
            cancellationToken);
    }

    public Task<bool> DeleteListAsync(int accountId, int listId, CancellationToken cancellationToken) =>
        DeleteAsync(Membership.OfLists, "DELETE FROM contact_list WHERE account_id = ?1 AND id = ?2", accountId, listId, cancellationToken);

    public async Task<IReadOnlyList<Tag>> TagsAsync(int accountId, CancellationToken cancellationToken) => await database.ReadAsync(
        s =>
        {
            var contacts = Membership.OfTags.CountAll(s, accountId);
            return Tags(s, accountId).ConvertAll(t => t with { Contacts = contacts.GetValueOrDefault(t.Id) });
        },
        cancellationToken);

    public Task<Tag> EnsureTagAsync(int accountId, string name, CancellationToken cancellationToken) => EnsureAsync(
        name,
        s => Tags(s, accountId).Find(t => Same(t.Name, name)) is { } tag
            ? tag with { Contacts = Membership.OfTags.Count(s, Membership.OfTags.NumberOf(s, accountId, tag.Id) ?? 0) }
            : null,
        s =>
        {
            var id = TakeId(s, accountId);
            s.Execute("INSERT INTO tag (account_id, id, name, created_at) VALUES (?1, ?2, ?3, ?4)", accountId, id, name, Now());
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
        foreach (var key in keys)
        {
            if (key is not { } k)
                continue;
            if (session.Execute("DELETE FROM contact_key WHERE key = ?1 AND contact = ?2", k.Hash, rowId) == 1)
            {
                // The first of those who show the value too owns it from now on, as when the bulk writer releases it.
                session.Execute("INSERT INTO contact_key (key, contact) SELECT key, contact FROM contact_key_shared WHERE key = ?1 ORDER BY contact LIMIT 1", k.Hash);
                session.Execute("DELETE FROM contact_key_shared WHERE key = ?1 AND contact = (SELECT contact FROM contact_key WHERE key = ?1)", k.Hash);
            }
            session.Execute("DELETE FROM contact_key_shared WHERE key = ?1 AND contact = ?2", k.Hash, rowId);
            session.Execute(
                "DELETE FROM contact_key_collision WHERE account_id = ?1 AND kind = ?2 AND value = ?3 AND contact = ?4", accountId, (int)k.Kind, k.Text, rowId);
        }
        Membership.OfLists.Remove(session, accountId, contactId);
        Membership.OfTags.Remove(session, accountId, contactId);
        session.Execute("DELETE FROM contact WHERE id = ?1", rowId);
        return true;
    }

    /// <summary>Contacts with the names of their fields, lists and tags: one query each, whatever the number of contacts.</summary>
    /// <param name="rows">In order of id.</param>
    static List<Contact> WithNames(Session session, int accountId, List<ContactRow> rows)
    {
        if (rows.Count == 0)
            return [];
        int[] ids = [.. rows.Select(r => r.Id)];
        var fields = rows.Exists(static r => r.Fields is not null) ? Fields(session, accountId).ToDictionary(f => f.Id, f => f.Name) : [];
        var lists = Membership.OfLists.NamesOf(session, accountId, ids);
        var tags = Membership.OfTags.NamesOf(session, accountId, ids);
        return rows.ConvertAll(r => r.ToContact(fields, [.. lists[r.Id]], [.. tags[r.Id]]));
    }

    static List<FieldDefinition> Fields(Session session, int accountId) => session.All(
        "SELECT id, name, type FROM field WHERE account_id = ?1 ORDER BY id",
        static r => new FieldDefinition(r.GetInt32(0), r.GetString(1), (FieldType)r.GetByte(2)), accountId);

    /// <summary>The account's lists, their members not yet counted.</summary>
    static List<ContactList> Lists(Session session, int accountId) => session.All(
        "SELECT id, name, kind, members_max, created_at FROM contact_list WHERE account_id = ?1 ORDER BY id",
        static r => new ContactList(r.GetInt32(0), r.GetString(1), r.GetString(2), 0, r.Number(3), r.Time(4)), accountId);

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

    /// <summary>An id that no contact, list, tag or field of the account has had.</summary>
    static int TakeId(Session session, int accountId) =>
        (int)(session.Number("UPDATE account SET next_id = next_id + 1 WHERE id = ?1 AND next_id < 2147483647 RETURNING next_id - 1", accountId)
            ?? throw new InvalidOperationException($"Account {accountId} does not exist or has used up its 2^31 ids."));

    // The indexes know case in ASCII only.
    static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
