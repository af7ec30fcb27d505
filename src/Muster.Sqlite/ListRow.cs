using System.Text.Json;
using Microsoft.Data.Sqlite;
using Muster.Contacts;
using Muster.Storage;

namespace Muster.Sqlite;

/// <summary>A list as a row of its table, both ways, and its members.</summary>
static class ListRow
{
    /// <summary>The account's lists in order of id, their members not yet counted.</summary>
    public static List<ContactList> All(Session session, int accountId) => session.All(
        "SELECT id, name, kind, members_max, created_at, tag, variables, updated_at FROM contact_list WHERE account_id = ?1 ORDER BY id", Read, accountId);

    public static ContactList? Counted(Session session, int accountId, ContactList? list) => list is null ? null : list with
    {
        Members = Membership.OfLists.NumberOf(session, accountId, list.Id) is { } number ? Membership.OfLists.Count(session, number) : 0,
    };

    public static void Insert(Session session, int accountId, int id, ListDefinition list, long now) => session.Execute(
        "INSERT INTO contact_list (account_id, id, name, kind, members_max, tag, variables, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        accountId, id, list.Name, list.Kind, list.MembersMax, list.Tag, Json(list.Variables), now);

    public static void Update(Session session, int accountId, ContactList list, ListChange change, long now) => session.Execute(
        "UPDATE contact_list SET name = ?3, members_max = ?4, tag = ?5, variables = ?6, updated_at = ?7 WHERE account_id = ?1 AND id = ?2",
        accountId, list.Id, change.Name ?? list.Name, change.MembersMax is { } max ? max == 0 ? null : max : list.MembersMax,
        change.Tag is { } tag ? tag.Length == 0 ? null : tag : list.Tag, Json(change.Variables ?? list.Variables), now);

    public static List<ListMember> Members(Session session, int accountId, int listId, int after, int limit) => session.All(
        """
        SELECT id & 4294967295, since, variables FROM list_member
        WHERE id > (?1 << 32 | ?2) AND id < ((?1 + 1) << 32) AND status = 1 ORDER BY id LIMIT ?3
        """,
        static r => new ListMember(r.GetInt32(0), r.Time(1), r.Text(2) is { } json ? JsonSerializer.Deserialize(json, StoredJson.Compact.DictionaryStringString)! : []), // written by the row checker
        Membership.OfLists.NumberOf(session, accountId, listId) ?? 0, after, limit);

    static string? Json(IReadOnlyList<string>? variables) => variables is { Count: > 0 } ? JsonSerializer.Serialize(variables, StoredJson.Compact.IReadOnlyListString) : null;

    static ContactList Read(SqliteDataReader r) => new(r.GetInt32(0), r.GetString(1), r.GetString(2), 0, r.Number(3), r.Time(4))
    {
        Tag = r.Text(5),
        Variables = r.Text(6) is { } json ? JsonSerializer.Deserialize(json, StoredJson.Compact.IReadOnlyListString)! : [], // written by Json above
        UpdatedAt = r.TimeOrNull(7) ?? r.Time(4),
    };
}
