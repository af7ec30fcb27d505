using System.Text.Json;
using Muster.Contacts;
using Muster.Storage;

namespace Muster.Sqlite;

/// <summary>Lists and their members as rows of their tables.</summary>
static class ListTable
{
    /// <summary>The account's lists, their members not yet counted.</summary>
    public static List<ContactList> All(Session session, int accountId) => session.All(
        "SELECT id, name, kind, members_max, created_at, visibility, tag, variables, updated_at FROM contact_list WHERE account_id = ?1 ORDER BY id",
        static r => new ContactList(r.GetInt32(0), r.GetString(1), r.GetString(2), 0, r.Number(3), r.Time(4))
        {
            Visibility = (Visibility)r.GetByte(5),
            Tag = r.Text(6),
            Variables = r.Text(7) is { } json ? JsonSerializer.Deserialize(json, StoredJson.Compact.IReadOnlyListString)! : [], // written by Change below
            UpdatedAt = r.TimeOrNull(8) ?? r.Time(4),
        },
        accountId);

    public static List<ListMember> Members(Session session, int accountId, int listId, int after, int limit) => session.All(
        """
        SELECT id & 4294967295, since, variables FROM list_member
        WHERE id > (?1 << 32 | ?2) AND id < ((?1 + 1) << 32) AND status = 1 ORDER BY id LIMIT ?3
        """,
        static r => new ListMember(r.GetInt32(0), r.Time(1), r.Text(2) is { } json ? JsonSerializer.Deserialize(json, StoredJson.Compact.DictionaryStringString)! : []), // written by the row checker
        Membership.OfLists.NumberOf(session, accountId, listId) ?? 0, after, limit);

    /// <summary>Null when the account has a list of that name.</summary>
    public static ContactList? Create(Session session, int accountId, string name, ListChange change, int id, long now)
    {
        if (All(session, accountId).Exists(l => SqliteContactStore.Same(l.Name, name)))
            return null;
        session.Execute(
            "INSERT INTO contact_list (account_id, id, name, kind, created_at) VALUES (?1, ?2, ?3, ?4, ?5)", accountId, id, name, change.Kind ?? ListKinds.Static, now);
        Change(session, accountId, id, change with { Name = null }, now);
        return All(session, accountId).Find(l => l.Id == id);
    }

    /// <exception cref="ArgumentException">Another list of the account has that name.</exception>
    public static bool Change(Session session, int accountId, int listId, ListChange change, long now)
    {
        var lists = All(session, accountId);
        if (!lists.Exists(l => l.Id == listId))
            return false;
        if (change.Name is { } name)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(name, nameof(change));
            if (lists.Exists(l => l.Id != listId && SqliteContactStore.Same(l.Name, name)))
                throw new ArgumentException("Another list of the account has that name.", nameof(change));
        }
        session.Execute(
            """
            UPDATE contact_list SET name = coalesce(?3, name), visibility = coalesce(?4, visibility),
              tag = CASE WHEN ?5 IS NULL THEN tag ELSE nullif(?5, '') END,
              members_max = CASE WHEN ?6 IS NULL THEN members_max ELSE nullif(?6, 0) END,
              variables = CASE WHEN ?7 IS NULL THEN variables ELSE nullif(?7, '[]') END,
              updated_at = ?8
            WHERE account_id = ?1 AND id = ?2
            """,
            accountId, listId, change.Name, (int?)change.Visibility, change.Tag, change.MembersMax,
            change.Variables is { } variables ? JsonSerializer.Serialize(variables, StoredJson.Compact.IReadOnlyListString) : null, now);
        return true;
    }

    public static bool Leave(Session session, int accountId, int listId, int contactId, long now) =>
        Membership.OfLists.NumberOf(session, accountId, listId) is { } no
        && session.Execute("UPDATE list_member SET status = 2, since = ?3 WHERE id = (?1 << 32 | ?2) AND status = 1", no, contactId, now) == 1;

    public static bool ForgetLeaving(Session session, int accountId, int listId, int contactId, long now) =>
        Membership.OfLists.NumberOf(session, accountId, listId) is { } no
        && session.Execute(NoteRemoval + " AND status = 2", no, contactId, accountId, listId, now) >= 0
        && session.Execute("DELETE FROM list_member WHERE id = (?1 << 32 | ?2) AND status = 2", no, contactId) == 1;

    /// <summary>Notes that a person, and no import, takes the contact out: no undo brings back what was there before. See <c>belonging_removal</c>.</summary>
    const string NoteRemoval = """
        INSERT OR REPLACE INTO belonging_removal (account_id, kind, owner_id, contact_id, import_no, removed_at)
        SELECT ?3, 0, ?4, id & 4294967295, NULL, ?5 FROM list_member WHERE id = (?1 << 32 | ?2)
        """;

    public static List<(int ContactId, DateTimeOffset Since)> Leavers(Session session, int accountId, int listId, DateTimeOffset since) =>
        Membership.OfLists.NumberOf(session, accountId, listId) is { } no
            ? session.All(
                "SELECT id & 4294967295, since FROM list_member WHERE id > ?1 << 32 AND id < (?1 + 1) << 32 AND status = 2 AND since >= ?2 ORDER BY id",
                static r => (r.GetInt32(0), r.Time(1)), no, since.ToUnixTimeMilliseconds())
            : [];

    public static int RemoveMembers(Session session, int accountId, int listId, IReadOnlyList<int> contactIds, long now)
    {
        var no = Membership.OfLists.NumberOf(session, accountId, listId);
        var removed = 0;
        foreach (var contact in no is null ? [] : contactIds)
        {
            session.Execute(NoteRemoval + " AND status = 1", no, contact, accountId, listId, now);
            removed += session.Execute("DELETE FROM list_member WHERE id = (?1 << 32 | ?2) AND status = 1", no, contact);
        }
        return removed;
    }

    public static int RemoveFirstMembers(Session session, int accountId, int listId, int count, long now)
    {
        if (Membership.OfLists.NumberOf(session, accountId, listId) is not { } no)
            return 0;
        const string Some = "SELECT id FROM list_member WHERE id > ?1 << 32 AND id < (?1 + 1) << 32 AND status = 1 ORDER BY id LIMIT ?2";
        session.Execute(
            $"""
            INSERT OR REPLACE INTO belonging_removal (account_id, kind, owner_id, contact_id, import_no, removed_at)
            SELECT ?3, 0, ?4, id & 4294967295, NULL, ?5 FROM ({Some})
            """,
            no, count, accountId, listId, now);
        return session.Execute($"DELETE FROM list_member WHERE id IN ({Some})", no, count);
    }
}
