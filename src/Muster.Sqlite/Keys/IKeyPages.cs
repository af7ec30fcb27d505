namespace Muster.Sqlite.Keys;

/// <summary>The table of key pages, over one connection and in its transaction.</summary>
interface IKeyPages
{
    /// <summary>The page in whose range the key lies, and where the next page's range begins.</summary>
    /// <param name="first">Where the page's range begins; of the first page that is the smallest number there is.</param>
    /// <returns>The page's bytes, good until the next call; empty when there is no page yet.</returns>
    ReadOnlySpan<byte> Read(long key, out long first, out long? next);

    void Write(long first, ReadOnlySpan<byte> page);

    void Delete(long first);
}
