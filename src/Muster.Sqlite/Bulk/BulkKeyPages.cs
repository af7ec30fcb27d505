using Muster.Sqlite.Keys;

namespace Muster.Sqlite.Bulk;

/// <summary>The key pages as the bulk writer sees them.</summary>
/// <param name="table">Which of the two tables of pages.</param>
sealed unsafe class BulkKeyPages(BulkConnection connection, string table) : IKeyPages
{
    readonly BulkStatement read = connection.Prepare($"SELECT first, entries FROM {table} WHERE first <= ?1 ORDER BY first DESC LIMIT 1");
    readonly BulkStatement readNext = connection.Prepare($"SELECT first FROM {table} WHERE first > ?1 ORDER BY first LIMIT 1");
    readonly BulkStatement countBetween = connection.Prepare($"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE first > ?1 AND first < ?2 LIMIT ?3)");
    readonly BulkStatement write = connection.Prepare($"INSERT OR REPLACE INTO {table} (first, entries) VALUES (?1, ?2)");
    readonly BulkStatement delete = connection.Prepare($"DELETE FROM {table} WHERE first = ?1");
    byte[] page = [];

    public ReadOnlyMemory<byte> Read(long key, out long first, out long? next)
    {
        read.Bind(1, key);
        first = long.MinValue;
        var length = 0;
        if (read.Step())
        {
            first = read.Int64(0);
            var entries = read.Blob(1);
            length = entries.Length;
            if (page.Length < length)
                page = new byte[2 * length];
            entries.CopyTo(page);
        }
        read.Reset();
        readNext.Bind(1, first);
        next = readNext.Step() ? readNext.Int64(0) : null;
        readNext.Reset();
        return page.AsMemory(0, length);
    }

    public int CountBetween(long first, long? next, int most)
    {
        countBetween.Bind(1, first);
        countBetween.Bind(2, next ?? long.MaxValue);
        countBetween.Bind(3, most);
        _ = countBetween.Step();
        var count = (int)countBetween.Int64(0);
        countBetween.Reset();
        return count;
    }

    public void Write(long first, ReadOnlySpan<byte> page)
    {
        fixed (byte* pinned = page)
        {
            write.Bind(1, first);
            write.BindBlob(2, pinned, page.Length);
            write.Run();
        }
    }

    public void Delete(long first)
    {
        delete.Bind(1, first);
        delete.Run();
    }
}
