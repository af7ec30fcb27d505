namespace Muster.Sqlite.Keys;

/// <summary>One level of the key index: sorted pages, of which one is open for changes at a time and written when the next one is opened.</summary>
/// <remarks>
/// Finding a key costs some nanoseconds where a row of a table of its own costs more than a thousand: a page is searched as it is stored, and
/// unpacked only to be changed. The open page lies in two halves with a gap between them, at the place of the last key: neighbouring keys move few entries.
/// Pages that lose keys are not merged; one that loses all of them is deleted.
/// </remarks>
/// <param name="below">The level that a page which is full moves its keys to. Without one, and where too many pages of it would be touched, the page is divided.</param>
sealed class KeyLevel(IKeyPages pages, KeyLevel? below = null)
{
    const int FirstRoom = 2_048;

    /// <summary>Pages of the level below that a full page may be moved to: with more of them, each is rewritten oftener for the keys it gets; with fewer, this level is larger.</summary>
    const int PagesBelowMax = 6;

    /// <summary>Entries after which a page that grows is written, divided and opened anew: so much memory the index needs, whatever a batch brings.</summary>
    const int OpenEntriesMax = 100_000;

    long[] keys = new long[FirstRoom];
    long[] contacts = new long[FirstRoom];
    byte[] encoded = [];

    // Entries are [0, left) and [right, keys.Length).
    int left;
    int right = FirstRoom;
    long first;
    long? next;
    bool isOpen;
    bool isChanged;

    // The page that was last searched as it is stored. Never the open one.
    KeyPageSearch shown;
    long shownFirst;
    long? shownNext;
    bool isShown;

    /// <summary>The row id of the contact that owns the key, or 0.</summary>
    public long Find(long key)
    {
        if (IsWithinOpen(key))
            return Seek(key) ? contacts[right] : 0;
        if (!isShown || key < shownFirst || key >= shownNext)
        {
            shown = new(pages.Read(key, out shownFirst, out shownNext));
            isShown = true;
        }
        return shown.Find(key);
    }

    /// <summary>False when the key has an owner.</summary>
    public bool TryTake(long key, long contact)
    {
        if (Seek(key))
            return false;
        if (left == right)
            Grow();
        keys[left] = key;
        contacts[left++] = contact;
        isChanged = true;
        if (left + keys.Length - right >= OpenEntriesMax)
            Flush();
        return true;
    }

    /// <summary>False when the contact does not own the key.</summary>
    public bool TryRelease(long key, long contact)
    {
        if (!Seek(key) || contacts[right] != contact)
            return false;
        right++;
        isChanged = true;
        return true;
    }

    /// <summary>Writes the open page and closes it.</summary>
    public void Flush()
    {
        if (isOpen && isChanged)
            WriteOpen();
        isOpen = isShown = false;
    }

    /// <summary>Closes the open page and forgets what was done to it.</summary>
    public void Forget() => isOpen = isShown = false;

    bool IsWithinOpen(long key) => isOpen && key >= first && !(key >= next);

    /// <summary>Opens the key's page and moves the gap to its place. True when the key is there, right behind the gap.</summary>
    bool Seek(long key)
    {
        if (!IsWithinOpen(key))
        {
            Flush();
            Open(key);
        }
        while (right < keys.Length && keys[right] < key)
        {
            keys[left] = keys[right];
            contacts[left++] = contacts[right++];
        }
        while (left > 0 && keys[left - 1] >= key)
        {
            keys[--right] = keys[--left];
            contacts[right] = contacts[left];
        }
        return right < keys.Length && keys[right] == key;
    }

    void Open(long key)
    {
        var page = pages.Read(key, out first, out next).Span;
        var count = KeyPage.CountOf(page);
        if (keys.Length < count)
            (keys, contacts) = (new long[2 * count], new long[2 * count]);
        (left, right) = (0, keys.Length - count);
        KeyPage.Decode(page, keys.AsSpan(right), contacts.AsSpan(right));
        (isOpen, isChanged) = (true, false);
    }

    void Grow()
    {
        var length = 2 * keys.Length;
        var behind = keys.Length - right;
        Array.Resize(ref keys, length);
        Array.Resize(ref contacts, length);
        Array.Copy(keys, right, keys, length - behind, behind);
        Array.Copy(contacts, right, contacts, length - behind, behind);
        right = length - behind;
    }

    void WriteOpen()
    {
        var behind = keys.Length - right;
        Array.Copy(keys, right, keys, left, behind);
        Array.Copy(contacts, right, contacts, left, behind);
        var count = left + behind;
        if (count == 0)
        {
            pages.Delete(first);
            return;
        }
        if (encoded.Length < KeyPage.RoomFor(count))
            encoded = new byte[KeyPage.RoomFor(count)];
        var bytes = KeyPage.Encode(keys.AsSpan(0, count), contacts.AsSpan(0, count), encoded);
        if (bytes <= KeyPage.BytesMax)
        {
            pages.Write(first, encoded.AsSpan(0, bytes));
            return;
        }
        if (below is not null && below.PagesIn(first, next) <= PagesBelowMax)
        {
            for (var i = 0; i < count; i++)
                below.TryTake(keys[i], contacts[i]);
            pages.Write(first, KeyPage.Empty); // it will be needed again
            return;
        }
        // Three quarters full, so that the keys to come have room.
        var parts = (bytes + KeyPage.BytesMax * 3 / 4 - 1) / (KeyPage.BytesMax * 3 / 4);
        for (var part = 0; part < parts; part++)
        {
            int start = (int)((long)count * part / parts), end = (int)((long)count * (part + 1) / parts);
            bytes = KeyPage.Encode(keys.AsSpan(start, end - start), contacts.AsSpan(start, end - start), encoded);
            pages.Write(part == 0 ? first : keys[start], encoded.AsSpan(0, bytes));
        }
    }

    /// <summary>How many pages lie in the range of keys, up to one more than <see cref="PagesBelowMax"/>.</summary>
    int PagesIn(long from, long? to) => 1 + pages.CountBetween(from, to, PagesBelowMax);
}
