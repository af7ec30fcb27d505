using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Microsoft.Win32.SafeHandles;

namespace Muster.Merging;

/// <summary>A hash table whose entries lie in the order of their hashes.</summary>
/// <remarks>
/// The place of an entry grows with its hash, and neighbours are kept sorted when they are pushed aside. So a search ends at the first
/// greater entry, growing and writing out are one walk from front to back, and no sorting is ever needed. The 64 segments, by the
/// top bits of the hash, grow one at a time: growing needs room for one segment twice, never for the table twice.
/// </remarks>
sealed unsafe class KeyTable : IDisposable
{
    const int SegmentBits = 6;
    const int SmallestCapacity = 8;

    readonly Segment[] _segments = new Segment[1 << SegmentBits];

    public KeyTable()
    {
        for (var i = 0; i < _segments.Length; i++)
            _segments[i] = new Segment(SmallestCapacity);
        Bytes = _segments.Sum(s => s.Bytes);
    }

    public IReadOnlyList<Segment> Segments => _segments;

    public long Count { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>As <see cref="AcceptedKeys.Foreseen"/>.</summary>
    public long Foreseen { get; set; }

    /// <summary>Fetches the key's place from memory, so that a look a little later need not wait for it.</summary>
    public void Expect(KeyHash key)
    {
        if (!Sse.IsSupported)
            return;
        var segment = SegmentOf(key.High);
        Sse.Prefetch0(segment.Entries + segment.Home(key.High));
    }

    /// <summary>Finds the key, or the place where it would stand.</summary>
    /// <param name="place">Slot for <see cref="TryInsert"/>, good until the table changes.</param>
    public bool TryFind(KeyHash key, out int place, out ulong packed)
    {
        var segment = SegmentOf(key.High);
        var slots = segment.Entries;
        var i = segment.Home(key.High);
        for (; i < segment.Slots; i++)
        {
            ref readonly var entry = ref slots[i];
            if (entry.IsEmpty || entry.High > key.High)
                break;
            if (entry.High == key.High && entry.Low >= key.Low)
            {
                place = i;
                packed = entry.Packed;
                return entry.Low == key.Low;
            }
        }
        place = i;
        packed = 0;
        return false;
    }

    /// <summary>Gives the key's entry another row. False when there is none.</summary>
    public bool TryReplace(KeyHash key, long row)
    {
        if (!TryFind(key, out var place, out var packed))
            return false;
        SegmentOf(key.High).Entries[place] = new(key.High, key.Low, KeyEntry.Pack(KeyEntry.BatchOf(packed), row));
        return true;
    }

    /// <summary>False when the segment is as full as is good for it: grow it, find the place again, and repeat.</summary>
    public bool TryInsert(KeyEntry entry, int place)
    {
        if (!SegmentOf(entry.High).TryInsert(entry, place))
            return false;
        Count++;
        return true;
    }

    /// <summary>Enlarges the segment of <paramref name="key"/> unless the table would then, or while growing, pass <paramref name="bytesMax"/>.</summary>
    public bool TryGrow(KeyHash key, long bytesMax)
    {
        ref var segment = ref _segments[key.High >> (64 - SegmentBits)];
        // All segments fill alike. The last step is cut so that all of them end at an equal share of the limit instead of some at twice that of others.
        var share = (bytesMax - segment.Bytes) / _segments.Length / KeyEntry.Size - Segment.Slack;
        var wanted = segment.Capacity + segment.Capacity / 2L;
        // A table that will be written out anyway takes its memory as it needs it.
        if (bytesMax != long.MaxValue && Segment.CapacityFor(Foreseen / _segments.Length) is var foreseen && foreseen <= share)
            wanted = Math.Max(wanted, foreseen);
        var capacity = (int)Math.Min(Math.Min(wanted, Array.MaxLength), bytesMax == long.MaxValue ? long.MaxValue : share);
        if (capacity < segment.Capacity + Math.Max(1, segment.Capacity / 16))
            return false;
        var larger = Segment.BytesOf(capacity);
        if (bytesMax - larger < Bytes)
            return false;
        var old = segment;
        segment = old.Resized(capacity);
        Bytes += larger - old.Bytes;
        old.Dispose();
        return true;
    }

    /// <summary>Drops the entries of other batches (<paramref name="ofBatch"/>), or those of this one.</summary>
    /// <remarks>Dropping most of a table also gives its memory back.</remarks>
    public void KeepOnly(uint batch, bool ofBatch)
    {
        Count = 0;
        foreach (ref var segment in _segments.AsSpan())
        {
            segment.KeepOnly(batch, ofBatch);
            Count += segment.Count;
            if (ofBatch)
            {
                var old = segment;
                var smaller = old.Resized(Math.Max(SmallestCapacity, old.Count * 2));
                Bytes += smaller.Bytes - old.Bytes;
                segment = smaller;
                old.Dispose();
            }
        }
    }

    public void Dispose()
    {
        foreach (var segment in _segments)
            segment.Dispose();
    }

    Segment SegmentOf(ulong high) => _segments[high >> (64 - SegmentBits)];

    /// <summary>One sixty-fourth of the table, outside the collected heap so that its memory comes and goes at once.</summary>
    internal sealed class Segment : IDisposable
    {
        /// <summary>Slots behind the last home, for what is pushed off the end.</summary>
        public const int Slack = 16;

        readonly SegmentMemory _memory;
        readonly KeyEntry* _entries;

        public Segment(int capacity)
        {
            Capacity = capacity;
            _memory = new SegmentMemory((nuint)Bytes);
            _entries = (KeyEntry*)_memory.DangerousGetHandle();
        }

        public KeyEntry* Entries => _entries;
        public int Capacity { get; }
        public int Slots => Capacity + Slack;
        public int Count { get; private set; }
        public long Bytes => BytesOf(Capacity);

        public KeyEntry this[int slot] => _entries[slot];

        /// <summary>A capacity of which so many entries are nearly as much as is good for it.</summary>
        public static long CapacityFor(long entries) => entries * 4 / 3;

        public static long BytesOf(int capacity) => (capacity + (long)Slack) * KeyEntry.Size;

        public int Home(ulong high) => (int)Math.BigMul(high << SegmentBits, (ulong)Capacity, out _);

        public bool TryInsert(KeyEntry entry, int place)
        {
            if (Count >= Capacity - Capacity / 5)
                return false;
            var end = place;
            while (end < Slots && !_entries[end].IsEmpty)
                end++;
            if (end == Slots)
                return false;
            var moved = end - place;
            new ReadOnlySpan<KeyEntry>(_entries + place, moved).CopyTo(new Span<KeyEntry>(_entries + place + 1, moved));
            _entries[place] = entry;
            Count++;
            return true;
        }

        /// <summary>A copy with another capacity, at least the count.</summary>
        public Segment Resized(int capacity)
        {
            while (true)
            {
                var copy = new Segment(capacity);
                if (copy.TryAppendAll(this))
                    return copy;
                copy.Dispose();
                capacity += capacity / 8 + Slack;
            }
        }

        bool TryAppendAll(Segment other)
        {
            var next = 0;
            for (var i = 0; i < other.Slots; i++)
            {
                var entry = other._entries[i];
                if (entry.IsEmpty)
                    continue;
                next = Math.Max(next, Home(entry.High));
                if (next >= Slots)
                    return false;
                _entries[next++] = entry;
                Count++;
            }
            return true;
        }

        public void KeepOnly(uint batch, bool ofBatch)
        {
            // Sorted entries only ever move towards the front here, so the walk never overwrites what it has not read.
            var next = 0;
            Count = 0;
            for (var i = 0; i < Slots; i++)
            {
                var entry = _entries[i];
                if (entry.IsEmpty)
                    continue;
                _entries[i] = default;
                if ((entry.Batch == batch) != ofBatch)
                    continue;
                next = Math.Max(next, Home(entry.High));
                _entries[next++] = entry;
                Count++;
            }
        }

        public void Dispose() => _memory.Dispose();
    }

    sealed class SegmentMemory : SafeHandleZeroOrMinusOneIsInvalid
    {
        public SegmentMemory(nuint bytes)
            : base(ownsHandle: true) => SetHandle((nint)NativeMemory.AllocZeroed(bytes));

        protected override bool ReleaseHandle()
        {
            NativeMemory.Free((void*)handle);
            return true;
        }
    }
}
