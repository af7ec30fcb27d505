using System.Text;
using Muster.Merging;
using Muster.Sqlite.Keys;
using Muster.Storage;
using Muster.Validation;

namespace Muster.Sqlite;

/// <summary>Finds the contacts that a filter wants, in order of id.</summary>
/// <remarks>
/// The most telling condition leads, the others are asked of each contact it finds: an identity (through the key tables, by hash), else a list,
/// else a tag, else all contacts of the account. Only a search text looks at every contact that the leading condition leaves:
/// about half a second a million for ASCII text, some seconds for other text.
/// </remarks>
sealed class ContactQuery(int accountId, KeyHashSeed seed, ContactFilter filter)
{
    // ?1 account, ?2 the id before the page, ?3 rows, ?4 the list's number, ?5 the tag's number, ?6 search text, ?7 its digits, ?8 created since, ?9 updated since, ?10 status, ?11 JSON path of a channel that is opted out of
    const string Conditions = """
        AND (?4 IS NULL OR EXISTS (SELECT 1 FROM list_member m WHERE m.id = (?4 << 32 | (c.id & 4294967295)) AND m.status = 1))
        AND (?5 IS NULL OR EXISTS (SELECT 1 FROM contact_tag t WHERE t.id = (?5 << 32 | (c.id & 4294967295))))
        AND (?10 IS NULL OR ?10 = iif(c.consent IS NOT NULL
            AND (c.consent ->> '$.email.status' IS 'opted_out' OR c.consent ->> '$.sms.status' IS 'opted_out' OR c.consent ->> '$.phone.status' IS 'opted_out')
            AND (c.email IS NULL OR c.consent ->> '$.email.status' IS 'opted_out')
            AND (c.phone IS NULL OR (c.consent ->> '$.sms.status' IS 'opted_out' AND c.consent ->> '$.phone.status' IS 'opted_out')), 'opted_out', 'active'))
        AND (?11 IS NULL OR c.consent ->> ?11 IS 'opted_out')
        AND (?8 IS NULL OR c.created_at >= ?8) AND (?9 IS NULL OR c.updated_at >= ?9)
        AND (?6 IS NULL OR (?7 IS NOT NULL AND c.phone LIKE ?7) OR
        """;

    const string AsciiSearch = """
          c.email LIKE ?6 ESCAPE '\' OR c.external_id LIKE ?6 ESCAPE '\' OR c.first_name LIKE ?6 ESCAPE '\'
          OR c.last_name LIKE ?6 ESCAPE '\' OR c.company LIKE ?6 ESCAPE '\')
        """;

    // LIKE knows case in ASCII only.
    const string UnicodeSearch = """
          text_contains(c.email, ?6) OR text_contains(c.external_id, ?6) OR text_contains(c.first_name, ?6)
          OR text_contains(c.last_name, ?6) OR text_contains(c.company, ?6))
        """;

    const string OfAll = $"""
        {ContactRow.Columns} FROM contact c WHERE c.id > (?1 << 32 | ?2) AND c.id < ((?1 + 1) << 32) {Conditions}
        """;

    const string OfList = $"""
        {ContactRow.Columns} FROM list_member d CROSS JOIN contact c ON c.id = (?1 << 32 | (d.id & 4294967295))
        WHERE d.id > (?4 << 32 | ?2) AND d.id < ((?4 + 1) << 32) AND d.status = 1 {Conditions}
        """;

    const string OfTag = $"""
        {ContactRow.Columns} FROM contact_tag d CROSS JOIN contact c ON c.id = (?1 << 32 | (d.id & 4294967295))
        WHERE d.id > (?5 << 32 | ?2) AND d.id < ((?5 + 1) << 32) {Conditions}
        """;

    // ?12 the contacts' row ids
    const string OfIds = $"""
        {ContactRow.Columns} FROM json_each(?12) d CROSS JOIN contact c ON c.id = d.value
        WHERE c.id > (?1 << 32 | ?2) AND c.id < ((?1 + 1) << 32) {Conditions}
        """;

    const string OrderById = " ORDER BY c.id LIMIT ?3";
    const string OrderByMember = " ORDER BY d.id LIMIT ?3";

    readonly List<ContactKey> keys = [];
    bool impossible;

    /// <summary>At most <paramref name="limit"/> contacts with ids above <paramref name="after"/>.</summary>
    public List<ContactRow> Run(Session session, long after, long limit)
    {
        AddKeys();
        var list = filter.ListId is { } listId ? Membership.OfLists.NumberOf(session, accountId, listId) : null;
        var tag = filter.TagId is { } tagId ? Membership.OfTags.NumberOf(session, accountId, tagId) : null;
        if (impossible || (filter.ListId is not null && list is null) || (filter.TagId is not null && tag is null))
            return [];
        var ascii = filter.Search is null || Ascii.IsValid(filter.Search);
        var text = ascii && filter.Search is not null ? Pattern(filter.Search) : filter.Search;
        var digits = DigitsOf(filter.Search) is { } d ? $"%{d}%" : null;
        var search = ascii ? AsciiSearch : UnicodeSearch;
        var optedOut = filter.OptedOutOf is { } channel ? $"$.{channel.ToString().ToLowerInvariant()}.status" : null;
        var (created, updated) = (filter.CreatedSince?.ToUnixTimeMilliseconds(), filter.UpdatedSince?.ToUnixTimeMilliseconds());
        if (keys.Count == 0)
        {
            var sql = filter.ListId is not null ? OfList + search + OrderByMember : filter.TagId is not null ? OfTag + search + OrderByMember : OfAll + search + OrderById;
            return session.All(sql, ContactRow.Read, accountId, after, limit, list, tag, text, digits, created, updated, filter.Status, optedOut);
        }

        var ids = keys.Select(k => Bearers(session, k)).Aggregate((a, b) => [.. a.Intersect(b)]);
        var found = session.All(
            OfIds + search + OrderById, ContactRow.Read, accountId, after, -1L, list, tag, text, digits, created, updated, filter.Status, optedOut, $"[{string.Join(',', ids)}]");
        // Hashes may collide, and a shared key may outlive its truth: the contact's own values decide.
        return [.. found.Where(Shows).Take((int)limit)];
    }

    void AddKeys()
    {
        if (filter.Phone is { } phone)
            keys.Add(ContactKey.OfPhone(phone, seed));
        if (filter.ExternalId is { } externalId)
            keys.Add(ContactKey.OfExternalId(externalId, seed));
        if (filter.Email is { } email)
        {
            if (EmailAddress.IsValid(Encoding.UTF8.GetBytes(email)) && ContactKey.OfEmail(email, seed) is { } key)
                keys.Add(key);
            else
                impossible = true;
        }
    }

    /// <summary>Row ids of the value's owner and of those who show it without owning it.</summary>
    List<long> Bearers(Session session, ContactKey key)
    {
        var bearers = session.All(
            """
            SELECT contact FROM contact_key_shared WHERE key = ?1
            UNION SELECT contact FROM contact_key_collision WHERE account_id = ?2 AND kind = ?3 AND value = ?4
            """,
            static r => r.GetInt64(0), key.Hash, accountId, (int)key.Kind, key.Text);
        var owner = SessionKeyPages.Index(session).Find(key.Hash);
        return owner == 0 ? bearers : [owner, .. bearers.Where(b => b != owner)];
    }

    bool Shows(ContactRow contact) =>
        (filter.Phone is null || contact.Phone == filter.Phone)
        && (filter.ExternalId is null || contact.ExternalId == filter.ExternalId)
        && (filter.Email is null || (contact.Email is { } email && ContactKey.OfEmail(email, seed) == keys[^1]));

    /// <summary>LIKE's pattern for a text anywhere, with ESCAPE a reverse solidus.</summary>
    public static string Pattern(string text) =>
        $"%{text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal)}%";

    /// <summary>The digits of a text that could be part of a phone number as people write it; else null.</summary>
    static string? DigitsOf(string? text)
    {
        if (text is null || text.Any(static c => !char.IsAsciiDigit(c) && !" +-.()/".Contains(c)))
            return null;
        var digits = string.Concat(text.Where(char.IsAsciiDigit));
        return digits.Length == 0 ? null : digits;
    }
}
