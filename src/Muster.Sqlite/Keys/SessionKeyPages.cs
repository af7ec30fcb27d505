namespace Muster.Sqlite.Keys;

/// <summary>The key pages as single writes and queries see them.</summary>
/// <param name="table">Which of the two tables of pages.</param>
sealed class SessionKeyPages(Session session, string table) : IKeyPages
{
    public static KeyIndex Index(Session session) => new(new SessionKeyPages(session, "contact_key_page"), new SessionKeyPages(session, "contact_key_recent"));

    public ReadOnlyMemory<byte> Read(long key, out long first, out long? next)
    {
        var page = session.One(
            $"SELECT first, entries FROM {table} WHERE first <= ?1 ORDER BY first DESC LIMIT 1",
            static r => ((long First, byte[] Entries)?)(r.GetInt64(0), r.GetFieldValue<byte[]>(1)), key);
        first = page?.First ?? long.MinValue;
        next = session.Number($"SELECT first FROM {table} WHERE first > ?1 ORDER BY first LIMIT 1", first);
        return page?.Entries;
    }

    public int CountBetween(long first, long? next, int most) => (int)session.Number(
        $"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE first > ?1 AND first < ?2 LIMIT ?3)", first, next ?? long.MaxValue, most)!.Value;

    public void Write(long first, ReadOnlySpan<byte> page) =>
        session.Execute($"INSERT OR REPLACE INTO {table} (first, entries) VALUES (?1, ?2)", first, page.ToArray());

    public void Delete(long first) => session.Execute($"DELETE FROM {table} WHERE first = ?1", first);
}
