using System.Numerics;

namespace Muster.Contacts;

/// <summary>Sorts hashes and what belongs to them. Hashes are spread evenly, so one pass puts nearly all of them where they belong, several times as fast as comparing them would.</summary>
public sealed class KeySort
{
    /// <summary>Beyond it the values are no hashes, or many are the same: they are sorted by comparing.</summary>
    const int BucketMax = 32;

    const int BucketBitsMax = 17;

    long[] keys = [];
    int[] items = [];
    int[] ends = [];

    /// <summary>Sorts the first <paramref name="count"/> keys, ascending, and their items with them. Items of equal keys may end in any order.</summary>
    public void Sort(long[] keys, int[] items, int count)
    {
        if (count <= BucketMax)
        {
            Insert(keys, items, 0, count);
            return;
        }
        if (this.keys.Length < count)
            (this.keys, this.items) = (new long[keys.Length], new int[keys.Length]);
        // About one key a bucket, were they spread over all of the range.
        var bits = Math.Min(BitOperations.Log2((uint)count), BucketBitsMax);
        if (ends.Length < 1 << bits)
            ends = new int[1 << bits];
        var shift = 64 - bits;
        ends.AsSpan(0, 1 << bits).Clear();
        for (var i = 0; i < count; i++)
            ends[Bucket(keys[i], shift)]++;
        var start = 0;
        for (var bucket = 0; bucket < 1 << bits; bucket++)
            (ends[bucket], start) = (start, start + ends[bucket]);
        for (var i = 0; i < count; i++)
        {
            var place = ends[Bucket(keys[i], shift)]++;
            this.keys[place] = keys[i];
            this.items[place] = items[i];
        }
        start = 0;
        for (var bucket = 0; bucket < 1 << bits; bucket++)
        {
            var end = ends[bucket];
            if (end - start > BucketMax)
                Array.Sort(this.keys, this.items, start, end - start);
            else
                Insert(this.keys, this.items, start, end);
            start = end;
        }
        this.keys.AsSpan(0, count).CopyTo(keys);
        this.items.AsSpan(0, count).CopyTo(items);
    }

    /// <summary>Buckets ascend as signed keys do.</summary>
    static int Bucket(long key, int shift) => (int)((ulong)(key ^ long.MinValue) >> shift);

    static void Insert(long[] keys, int[] items, int start, int end)
    {
        for (var i = start + 1; i < end; i++)
        {
            var (key, item) = (keys[i], items[i]);
            var place = i;
            for (; place > start && keys[place - 1] > key; place--)
                (keys[place], items[place]) = (keys[place - 1], items[place - 1]);
            (keys[place], items[place]) = (key, item);
        }
    }
}
