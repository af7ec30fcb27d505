namespace Muster.Sqlite.Keys;

/// <summary>The key pages as single writes and queries see them.</summary>
sealed class SessionKeyPages(Session session) : IKeyPages
{
    public ReadOnlySpan<byte> Read(long key, out long first, out long? next)
    {
        var page = session.One(
            "SELECT first, entries FROM contact_key_page WHERE first <= ?1 ORDER BY first DESC LIMIT 1",
            static r => ((long First, byte[] Entries)?)(r.GetInt64(0), r.GetFieldValue<byte[]>(1)), key);
        first = page?.First ?? long.MinValue;
        next = session.Number("SELECT first FROM contact_key_page WHERE first > ?1 ORDER BY first LIMIT 1", first);
        return page?.Entries;
    }

    public void Write(long first, ReadOnlySpan<byte> page) =>
        session.Execute("INSERT OR REPLACE INTO contact_key_page (first, entries) VALUES (?1, ?2)", first, page.ToArray());

    public void Delete(long first) => session.Execute("DELETE FROM contact_key_page WHERE first = ?1", first);
}
