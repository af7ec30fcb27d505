namespace Muster.Sqlite.Keys;

/// <summary>A table of key pages, over one connection and in its transaction.</summary>
interface IKeyPages
{
    /// <summary>The page in whose range the key lies, and where the next page's range begins.</summary>
    /// <param name="first">Where the page's range begins; of the first page that is the smallest number there is.</param>
    /// <returns>The page's bytes, good until the next call; empty when there is no page yet.</returns>
    ReadOnlyMemory<byte> Read(long key, out long first, out long? next);

    /// <summary>How many pages begin behind <paramref name="first"/> and before <paramref name="next"/>, counted no further than <paramref name="most"/>.</summary>
    int CountBetween(long first, long? next, int most);

    void Write(long first, ReadOnlySpan<byte> page);

    void Delete(long first);
}
