namespace Muster.Sqlite.Keys;

/// <summary>Which contact owns a key: two sorted levels, of which only the small one is written by every batch.</summary>
/// <remarks>
/// Keys are hashes, so a batch's keys touch every page there is. Were there one level, each batch would rewrite all of it, and a file five times as long
/// would take twenty-five times the writing. New keys go to the recent level, whose full pages are moved to the settled one.
/// A key is in one level or in none. Keys come best in ascending order, batch after batch: then each page is opened once; a key out of order costs pages.
/// What it holds is part of the connection's transaction: <see cref="Flush"/> before a commit, <see cref="Forget"/> when another may have written.
/// </remarks>
sealed class KeyIndex
{
    readonly KeyLevel settled;
    readonly KeyLevel recent;

    public KeyIndex(IKeyPages settledPages, IKeyPages recentPages)
    {
        settled = new(settledPages);
        recent = new(recentPages, settled);
    }

    /// <summary>The row id of the contact that owns the key, or 0.</summary>
    public long Find(long key) => recent.Find(key) is not 0 and var contact ? contact : settled.Find(key);

    /// <summary>False when the key has an owner.</summary>
    public bool TryTake(long key, long contact) => settled.Find(key) == 0 && recent.TryTake(key, contact);

    /// <summary>False when the contact does not own the key.</summary>
    public bool TryRelease(long key, long contact) => recent.Find(key) == 0 ? settled.TryRelease(key, contact) : recent.TryRelease(key, contact);

    /// <summary>Writes the open pages and closes them.</summary>
    public void Flush()
    {
        recent.Flush(); // may move keys
        settled.Flush();
    }

    /// <summary>Closes the open pages and forgets what was done to them.</summary>
    public void Forget()
    {
        recent.Forget();
        settled.Forget();
    }
}
