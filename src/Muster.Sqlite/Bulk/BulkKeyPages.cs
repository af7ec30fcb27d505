using Muster.Sqlite.Keys;

namespace Muster.Sqlite.Bulk;

/// <summary>The key pages as the bulk writer sees them.</summary>
sealed unsafe class BulkKeyPages(BulkConnection connection) : IKeyPages
{
    readonly BulkStatement read = connection.Prepare("SELECT first, entries FROM contact_key_page WHERE first <= ?1 ORDER BY first DESC LIMIT 1");
    readonly BulkStatement readNext = connection.Prepare("SELECT first FROM contact_key_page WHERE first > ?1 ORDER BY first LIMIT 1");
    readonly BulkStatement write = connection.Prepare("INSERT OR REPLACE INTO contact_key_page (first, entries) VALUES (?1, ?2)");
    readonly BulkStatement delete = connection.Prepare("DELETE FROM contact_key_page WHERE first = ?1");
    byte[] page = [];

    public ReadOnlySpan<byte> Read(long key, out long first, out long? next)
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
        return page.AsSpan(0, length);
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
