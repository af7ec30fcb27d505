using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Muster.Sources;

namespace Muster.Merging;

/// <summary>A file of sorted entries that is never changed, with the first hash of every page and a Bloom filter in memory.</summary>
sealed class SpilledRun(SafeFileHandle file, long count, KeyFilter filter, ulong[] fences) : IDisposable
{
    /// <summary>Entries read at once: 3 KiB.</summary>
    public const int PageEntries = 128;

    public long Count => count;

    public long MemoryBytes => filter.Bytes + fences.Length * sizeof(ulong);

    /// <param name="page">Room for <see cref="PageEntries"/> entries.</param>
    public bool TryFind(KeyHash key, Span<KeyEntry> page, out long row)
    {
        row = 0;
        if (!filter.MayContain(key))
            return false;
        // Entries with one High may straddle two pages only if a 64-bit half collides; then the earlier page must be looked at as well.
        for (var number = LastAtMost(key.High); number >= 0; number--)
        {
            var entries = Read(number, page);
            var at = FirstNotBefore(entries, key);
            if (at < entries.Length && entries[at].Key == key)
            {
                row = KeyEntry.RowOf(entries[at].Packed);
                return true;
            }
            if (fences[number] != key.High)
                return false;
        }
        return false;
    }

    /// <summary>Reads one page into <paramref name="page"/> and returns the part that it fills.</summary>
    public ReadOnlySpan<KeyEntry> Read(int number, Span<KeyEntry> page)
    {
        var first = (long)number * PageEntries;
        var entries = page[..(int)Math.Min(PageEntries, count - first)];
        var bytes = MemoryMarshal.AsBytes(entries);
        var offset = first * KeyEntry.Size;
        while (!bytes.IsEmpty)
        {
            var read = RandomAccess.Read(file, bytes, offset);
            if (read == 0)
                throw new EndOfStreamException("A file of accepted keys was cut short.");
            bytes = bytes[read..];
            offset += read;
        }
        return entries;
    }

    public void Dispose() => file.Dispose();

    static int FirstNotBefore(ReadOnlySpan<KeyEntry> entries, KeyHash key)
    {
        var from = 0;
        var to = entries.Length;
        while (from < to)
        {
            var middle = (from + to) / 2;
            if (KeyEntry.IsBefore(entries[middle].Key, key))
                from = middle + 1;
            else
                to = middle;
        }
        return from;
    }

    int LastAtMost(ulong high)
    {
        var at = fences.AsSpan().BinarySearch(high);
        if (at < 0)
            return ~at - 1;
        while (at + 1 < fences.Length && fences[at + 1] == high)
            at++;
        return at;
    }
}

/// <summary>Walks through a run in order.</summary>
sealed class RunCursor(SpilledRun run)
{
    long _next;
    readonly KeyEntry[] _page = new KeyEntry[SpilledRun.PageEntries];

    public KeyEntry Current { get; private set; }

    public bool MoveNext()
    {
        if (_next == run.Count)
            return false;
        var within = (int)(_next % SpilledRun.PageEntries);
        if (within == 0)
            run.Read((int)(_next / SpilledRun.PageEntries), _page);
        Current = _page[within];
        _next++;
        return true;
    }
}

/// <summary>Writes one run; disposed before <see cref="Complete"/>, it leaves nothing behind.</summary>
sealed class RunWriter : IDisposable
{
    readonly KeyFilter _filter;
    readonly List<ulong> _fences;
    readonly KeyEntry[] _buffer = new KeyEntry[SpilledRun.PageEntries * 16];
    SafeFileHandle? _file;
    int _buffered;
    long _written;

    /// <param name="filterBits">Bits of filter for each key.</param>
    public RunWriter(string folder, long keys, int filterBits)
    {
        _filter = new KeyFilter(keys * filterBits);
        _fences = new List<ulong>((int)(keys / SpilledRun.PageEntries + 1));
        _file = ScratchFile.Open(folder, "run");
    }

    /// <summary>Entries come in ascending order.</summary>
    public void Add(KeyEntry entry)
    {
        if ((_written + _buffered) % SpilledRun.PageEntries == 0)
            _fences.Add(entry.High);
        _filter.Add(entry.Key);
        _buffer[_buffered++] = entry;
        if (_buffered == _buffer.Length)
            Flush();
    }

    public SpilledRun Complete()
    {
        Flush();
        var run = new SpilledRun(_file!, _written, _filter, _fences.ToArray());
        _file = null;
        return run;
    }

    public void Dispose() => _file?.Dispose();

    void Flush()
    {
        RandomAccess.Write(_file!, MemoryMarshal.AsBytes(_buffer.AsSpan(0, _buffered)), _written * KeyEntry.Size);
        _written += _buffered;
        _buffered = 0;
    }
}
