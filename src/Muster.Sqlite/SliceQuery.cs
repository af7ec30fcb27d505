using Muster.Storage;

namespace Muster.Sqlite;

/// <summary>Contacts by place: see <see cref="IContactStore.SliceAsync"/>. Costs the contacts passed over, and a sort of all of them by anything but age.</summary>
/// <remarks>One list or tag leads when it is the only one asked for; otherwise the account's contacts are walked, or those of a name looked through.</remarks>
sealed class SliceQuery(int accountId, ContactSelection selection)
{
    // ?1 account, ?2 lists, ?3 tags, ?4 name pattern, ?5 the only list, ?6 the only tag; lists and tags by number; ?7 ids, ?8 created since, ?9 updated since
    const string Where = """
         WHERE c.id > (?1 << 32) AND c.id < ((?1 + 1) << 32)
        AND (?2 IS NULL OR EXISTS (SELECT 1 FROM json_each(?2) l JOIN list_member m ON m.id = (l.value << 32 | (c.id & 4294967295)) AND m.status = 1))
        AND (?3 IS NULL OR EXISTS (SELECT 1 FROM json_each(?3) g JOIN contact_tag t ON t.id = (g.value << 32 | (c.id & 4294967295))))
        AND (?4 IS NULL OR coalesce(c.first_name, '') || ' ' || coalesce(c.last_name, '') LIKE ?4 ESCAPE '\')
        AND (?5 IS NULL OR ?5 > 0) AND (?6 IS NULL OR ?6 > 0) AND (?7 IS NULL OR (c.id & 4294967295) IN (SELECT value FROM json_each(?7)))
        AND (?8 IS NULL OR c.created_at >= ?8) AND (?9 IS NULL OR c.updated_at >= ?9)
        """;

    const string FromAll = " FROM contact c";
    const string FromIds = " FROM (SELECT DISTINCT value AS contact FROM json_each(?7)) d CROSS JOIN contact c ON c.id = (?1 << 32 | d.contact)";
    const string FromList = " FROM (SELECT id & 4294967295 AS contact FROM list_member WHERE id > (?5 << 32) AND id < ((?5 + 1) << 32) AND status = 1) d CROSS JOIN contact c ON c.id = (?1 << 32 | d.contact)";
    const string FromTag = " FROM (SELECT id & 4294967295 AS contact FROM contact_tag WHERE id > (?6 << 32) AND id < ((?6 + 1) << 32)) d CROSS JOIN contact c ON c.id = (?1 << 32 | d.contact)";

    public (List<ContactRow> Rows, long Total) Run(Session session, ContactPlace place)
    {
        var listNumbers = Numbers(session, Membership.OfLists, selection.ListIds);
        var tagNumbers = Numbers(session, Membership.OfTags, selection.TagIds);
        var list = selection.Ids is null ? Only(listNumbers) : null;
        var tag = selection.Ids is null && list is null ? Only(tagNumbers) : null;
        var ids = selection.Ids is null ? null : $"[{string.Join(',', selection.Ids)}]";
        var from = ids is not null ? FromIds : list is not null ? FromList : tag is not null ? FromTag : FromAll;
        string? lists = list is not null ? null : Json(listNumbers), tags = tag is not null ? null : Json(tagNumbers);
        var name = selection.Name is { } text ? ContactQuery.Pattern(text) : null;
        var (created, updated) = (selection.CreatedSince?.ToUnixTimeMilliseconds(), selection.UpdatedSince?.ToUnixTimeMilliseconds());
        var total = place.Counted ? session.Number("SELECT count(*)" + from + Where, accountId, lists, tags, name, list, tag, ids, created, updated) ?? 0 : 0;
        if (place.Counted && place.Offset >= total)
            return ([], total);
        var rows = session.All(
            ContactRow.Columns + from + Where + OrderOf(place) + " LIMIT ?10 OFFSET ?11", ContactRow.Read, accountId, lists, tags, name, list, tag, ids, created, updated, place.Limit, place.Offset);
        return (rows, total);
    }

    static string OrderOf(ContactPlace place) => (place.Order, place.Descending) switch
    {
        // A contact's id is older than every later one's.
        (ContactOrder.Created, false) => " ORDER BY c.id",
        (ContactOrder.Created, true) => " ORDER BY c.id DESC",
        (ContactOrder.Updated, false) => " ORDER BY c.updated_at, c.id",
        (ContactOrder.Updated, true) => " ORDER BY c.updated_at DESC, c.id",
        (_, false) => " ORDER BY coalesce(c.first_name, '') COLLATE NOCASE, coalesce(c.last_name, '') COLLATE NOCASE, c.id",
        (_, true) => " ORDER BY coalesce(c.first_name, '') COLLATE NOCASE DESC, coalesce(c.last_name, '') COLLATE NOCASE DESC, c.id",
    };

    /// <summary>The numbers of those that the account has.</summary>
    List<long>? Numbers(Session session, Membership membership, IReadOnlyList<int>? ids) =>
        ids?.Select(id => membership.NumberOf(session, accountId, id)).OfType<long>().Distinct().ToList();

    static long? Only(List<long>? numbers) => numbers is [var one] ? one : null;

    static string? Json(List<long>? ids) => ids is null ? null : $"[{string.Join(',', ids)}]";
}
