using System.Buffers.Binary;

namespace Muster.Sqlite.Keys;

/// <summary>Finds keys in a page as it is stored, best in ascending order: the search goes on where the last one ended.</summary>
/// <remarks>Keys are hashes and lie evenly. A batch's keys are some twenty entries apart: going there by a few strides is cheaper than halving the page, whose every step is a wrong guess of the processor's half the time.</remarks>
struct KeyPageSearch
{
    /// <summary>Entries that are passed over in one step.</summary>
    const int Stride = 8;

    /// <summary>Entries by which a key is hardly ever farther from the place where it should be, among a page's thousand.</summary>
    const int NearBy = 4 * Stride;

    readonly ReadOnlyMemory<byte> page;
    readonly int count;
    readonly int keyWidth;
    readonly int contactWidth;
    readonly long firstKey;
    readonly ulong farthest;
    readonly double entriesPerDistance;
    int place;
    ulong reached;

    /// <param name="page">What <see cref="KeyPage.Encode"/> wrote; it must stay as it is.</param>
    /// <exception cref="InvalidDataException">The page is damaged.</exception>
    public KeyPageSearch(ReadOnlyMemory<byte> page)
    {
        this.page = page;
        var bytes = page.Span;
        count = KeyPage.CountOf(bytes);
        if (count == 0)
            return;
        (keyWidth, contactWidth) = KeyPage.WidthsOf(bytes, count);
        firstKey = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        farthest = KeyAt(bytes, count - 1);
        entriesPerDistance = (count - 1) / (double)Math.Max(1, farthest);
    }

    /// <summary>The contact of a key; 0 when the key is not there.</summary>
    public long Find(long key)
    {
        if (count == 0 || key < firstKey)
            return 0;
        var distance = (ulong)(key - firstKey);
        if (distance > farthest)
            return 0;
        var bytes = page.Span;
        if (distance < reached)
            place = 0;
        reached = distance;
        if ((int)(distance * entriesPerDistance) - NearBy is var near && near > place && KeyAt(bytes, near) <= distance)
            place = near;
        while (place + Stride < count && KeyAt(bytes, place + Stride) <= distance)
            place += Stride;
        while (KeyAt(bytes, place) < distance)
            place++;
        return KeyAt(bytes, place) == distance ? KeyPage.ContactAt(bytes, count, keyWidth, contactWidth, place) : 0;
    }

    readonly ulong KeyAt(ReadOnlySpan<byte> bytes, int index) => KeyPage.NumberAt(bytes, KeyPage.HeadBytes + index * keyWidth, keyWidth);
}
