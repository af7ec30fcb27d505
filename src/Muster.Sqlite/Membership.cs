namespace Muster.Sqlite;

/// <summary>Which contacts are in a list or have a tag: rows whose one key is <c>number &lt;&lt; 32 | contact</c>, the number being the list's or tag's own <c>no</c>.</summary>
/// <remarks>
/// New contacts are appended, and nothing else has to be kept in order. The price is paid by the question which lists a contact is in: every list of the
/// account is asked, once a page of contacts that lie together, and once a contact where they are scattered.
/// </remarks>
sealed class Membership
{
    /// <summary>Contacts lie together when at most so many ids lie between two of them, on average.</summary>
    const int GapMax = 16;

    public static readonly Membership OfLists = new("contact_list", "list_member", " AND m.status = 1");

    public static readonly Membership OfTags = new("tag", "contact_tag", "");

    readonly string numberOf;
    readonly string count;
    readonly string countAll;
    readonly string namesInRange;
    readonly string namesOfIds;
    readonly string removeContact;
    readonly string nth;
    readonly string removeBelow;

    /// <param name="owner">The table of lists or tags.</param>
    /// <param name="table">The table of their contacts.</param>
    /// <param name="standing">Condition that leaves out those who left.</param>
    Membership(string owner, string table, string standing)
    {
        numberOf = $"SELECT no FROM {owner} WHERE account_id = ?1 AND id = ?2";
        count = $"SELECT count(*) FROM {table} m WHERE m.id > (?1 << 32) AND m.id < ((?1 + 1) << 32){standing}";
        countAll = $"""
            SELECT o.id, (SELECT count(*) FROM {table} m WHERE m.id > (o.no << 32) AND m.id < ((o.no + 1) << 32){standing}) FROM {owner} o WHERE o.account_id = ?1
            """;
        namesInRange = $"""
            SELECT m.id & 4294967295, o.name FROM {owner} o CROSS JOIN {table} m ON m.id BETWEEN (o.no << 32 | ?2) AND (o.no << 32 | ?3)
            WHERE o.account_id = ?1{standing} ORDER BY o.id
            """;
        namesOfIds = $"""
            SELECT k.value, o.name FROM {owner} o CROSS JOIN json_each(?2) k CROSS JOIN {table} m ON m.id = (o.no << 32 | k.value)
            WHERE o.account_id = ?1{standing} ORDER BY o.id
            """;
        removeContact = $"DELETE FROM {table} WHERE id IN (SELECT no << 32 | ?2 FROM {owner} WHERE account_id = ?1)";
        nth = $"SELECT id FROM {table} WHERE id > (?1 << 32) AND id < ((?1 + 1) << 32) ORDER BY id LIMIT 1 OFFSET ?2";
        removeBelow = $"DELETE FROM {table} WHERE id > (?1 << 32) AND id < ?2";
    }

    /// <summary>The number of a list or tag, or null when the account has none of that id.</summary>
    public long? NumberOf(Session session, int accountId, int id) => session.Number(numberOf, accountId, id);

    public long Count(Session session, long number) => session.Number(count, number) ?? 0;

    /// <summary>Contacts by id of list or tag.</summary>
    public Dictionary<int, long> CountAll(Session session, int accountId) =>
        session.All(countAll, static r => (Id: r.GetInt32(0), Count: r.GetInt64(1)), accountId).ToDictionary(m => m.Id, m => m.Count);

    /// <summary>The names of the lists or tags of each contact, in order of their ids.</summary>
    /// <param name="contacts">In ascending order, at least one.</param>
    public ILookup<int, string> NamesOf(Session session, int accountId, IReadOnlyList<int> contacts)
    {
        var together = contacts[^1] - contacts[0] <= (long)GapMax * contacts.Count;
        var names = together
            ? session.All(namesInRange, static r => (Contact: r.GetInt32(0), Name: r.GetString(1)), accountId, contacts[0], contacts[^1])
            : session.All(namesOfIds, static r => (Contact: r.GetInt32(0), Name: r.GetString(1)), accountId, $"[{string.Join(',', contacts)}]");
        return names.ToLookup(n => n.Contact, n => n.Name);
    }

    /// <summary>Takes a contact out of all lists, or takes all its tags.</summary>
    public void Remove(Session session, int accountId, int contactId) => session.Execute(removeContact, accountId, contactId);

    /// <summary>Takes some contacts out of one list, or off one tag. True while there are more.</summary>
    /// <param name="most">How many at once.</param>
    public bool RemoveSome(Session session, long number, int most)
    {
        var end = session.Number(nth, number, most);
        session.Execute(removeBelow, number, end ?? (number + 1) << 32);
        return end is not null;
    }
}
