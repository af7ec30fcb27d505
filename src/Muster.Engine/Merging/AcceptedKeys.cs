namespace Muster.Merging;

/// <summary>The keys accepted so far in one import, each with the row that won it: finds in-file duplicates exactly, in one pass, in bounded memory.</summary>
/// <remarks>
/// Keys live in a sorted hash table until it reaches its share of the memory; then they go to a sorted file (a run), which is probed through a
/// Bloom filter and an index of its pages, both in memory. Runs are merged as they grow many.
/// The limit holds for everything this object keeps but the buffers of one write (100 KB) and one batch: keys added since the last <see cref="Mark"/> never leave memory, so that
/// <see cref="RollBack"/> never touches a file. Not safe for use by several threads at once.
/// </remarks>
public sealed class AcceptedKeys : IDisposable
{
    public const long DefaultMemoryBytesMax = 64L << 20;
    public const long SmallestMemoryBytesMax = 64L << 10;

    /// <summary>Largest row number that can be kept: an entry packs it into 40 bits.</summary>
    public const long RowNumberMax = (1L << 40) - 1;

    // Merging begins above this number of runs: each more costs every new key a look into a filter.
    const int RunsMax = 8;

    readonly long _memoryBytesMax;
    readonly string _spillFolder;
    readonly KeyTable _table = new();
    readonly List<SpilledRun> _runs = [];
    readonly KeyEntry[] _page = new KeyEntry[SpilledRun.PageEntries];

    // Numbers the batches; kept in each entry, so that a roll-back knows what to drop. It wraps only after 16 million batches.
    uint _batch = 1;
    long _addedSinceMark;
    bool _disposed;

    /// <param name="memoryBytesMax">Bytes to keep in memory; at least <see cref="SmallestMemoryBytesMax"/>.</param>
    /// <param name="spillFolder">Existing or new folder for the runs. They are unlinked at once where the system allows it, elsewhere when closed.</param>
    public AcceptedKeys(long memoryBytesMax, string spillFolder)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(memoryBytesMax, SmallestMemoryBytesMax);
        ArgumentException.ThrowIfNullOrEmpty(spillFolder);
        _memoryBytesMax = memoryBytesMax;
        _spillFolder = spillFolder;
    }

    /// <summary>Keys held, in memory and in files.</summary>
    public long Count { get; private set; }

    /// <summary>Bytes held in memory: table, filters and page indexes.</summary>
    public long MemoryBytes => _table.Bytes + RunBytes;

    /// <summary>Sorted files at this moment.</summary>
    public int SpilledRuns => _runs.Count;

    /// <summary>Keys that will probably be held at the end, as far as anybody knows: if there is memory for all of them, the table grows there at once, not step by step. 0: nobody knows.</summary>
    public long Foreseen
    {
        get => _table.Foreseen;
        set => _table.Foreseen = value;
    }

    /// <summary>The key will be looked for soon: its place in memory is fetched meanwhile.</summary>
    public void Expect(KeyHash key) => _table.Expect(key);

    /// <summary>Adds a key, or finds who has it.</summary>
    /// <param name="rowNumber">0 to <see cref="RowNumberMax"/>.</param>
    /// <param name="firstRow">The row that has the key: <paramref name="rowNumber"/> itself when it was added.</param>
    /// <returns>False when the key was there already; nothing changed then.</returns>
    /// <exception cref="IOException">A run could not be written or read. The set is as it was before the call.</exception>
    public bool TryAdd(KeyHash key, long rowNumber, out long firstRow)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)rowNumber, (ulong)RowNumberMax, nameof(rowNumber));
        ObjectDisposedException.ThrowIf(_disposed, this);
        firstRow = rowNumber;
        if (_table.TryFind(key, out var place, out var packed))
        {
            firstRow = KeyEntry.RowOf(packed);
            return false;
        }
        for (var i = _runs.Count - 1; i >= 0; i--)
        {
            if (_runs[i].TryFind(key, _page, out firstRow))
                return false;
        }

        firstRow = rowNumber;
        var entry = new KeyEntry(key.High, key.Low, KeyEntry.Pack(_batch, rowNumber));
        while (!_table.TryInsert(entry, place))
        {
            MakeRoom(key);
            _table.TryFind(key, out place, out _);
        }
        Count++;
        _addedSinceMark++;
        return true;
    }

    /// <summary>Finds who has a key.</summary>
    /// <exception cref="IOException">A run could not be read.</exception>
    public bool TryFind(KeyHash key, out long rowNumber)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        rowNumber = 0;
        if (_table.TryFind(key, out _, out var packed))
        {
            rowNumber = KeyEntry.RowOf(packed);
            return true;
        }
        for (var i = _runs.Count - 1; i >= 0; i--)
        {
            if (_runs[i].TryFind(key, _page, out rowNumber))
                return true;
        }
        return false;
    }

    /// <summary>Gives the key to this row, whoever had it: a set filled by this alone knows the last row of each key. <see cref="Count"/> then counts keys more than once.</summary>
    /// <exception cref="IOException">A run could not be written or read.</exception>
    public void Replace(KeyHash key, long rowNumber)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)rowNumber, (ulong)RowNumberMax, nameof(rowNumber));
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_table.TryReplace(key, rowNumber))
            return;
        // Runs are looked at from the newest on, so an older entry there is as good as gone.
        var entry = new KeyEntry(key.High, key.Low, KeyEntry.Pack(_batch, rowNumber));
        _table.TryFind(key, out var place, out _);
        while (!_table.TryInsert(entry, place))
        {
            MakeRoom(key);
            _table.TryFind(key, out place, out _);
        }
        Count++;
        _addedSinceMark++;
    }

    /// <summary>Remembers this state: the batch's transaction was committed.</summary>
    public void Mark()
    {
        _batch = _batch == KeyEntry.BatchMax ? 1 : _batch + 1;
        _addedSinceMark = 0;
    }

    /// <summary>Forgets every key added since the last <see cref="Mark"/>, or since the beginning: the batch's transaction was rolled back.</summary>
    /// <remarks>Costs one walk over the table in memory.</remarks>
    public void RollBack()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_addedSinceMark == 0)
            return;
        _table.KeepOnly(_batch, ofBatch: false);
        Count -= _addedSinceMark;
        _addedSinceMark = 0;
    }

    public void Dispose()
    {
        _disposed = true;
        _table.Dispose();
        foreach (var run in _runs)
            run.Dispose();
        _runs.Clear();
    }

    long RunBytes
    {
        get
        {
            long bytes = 0;
            foreach (var run in _runs)
                bytes += run.MemoryBytes;
            return bytes;
        }
    }

    /// <summary>Lets the segment of <paramref name="key"/> grow within the table's share of the memory, or else empties the table into a run.</summary>
    void MakeRoom(KeyHash key)
    {
        var share = _memoryBytesMax - RunBytes;
        if (_table.TryGrow(key, share))
            return;
        var committed = _table.Count - _addedSinceMark;
        // A batch that fills the table by itself has nothing worth writing: it alone may pass the limit.
        if (committed > _addedSinceMark)
            Spill(committed);
        else if (!_table.TryGrow(key, long.MaxValue))
            throw new InvalidOperationException("The table of accepted keys cannot grow.");
    }

    void Spill(long committed)
    {
        using (var writer = new RunWriter(_spillFolder, committed, FilterBits(committed)))
        {
            foreach (var segment in _table.Segments)
            {
                for (var i = 0; i < segment.Slots; i++)
                {
                    var entry = segment[i];
                    if (!entry.IsEmpty && entry.Batch != _batch)
                        writer.Add(entry);
                }
            }
            _runs.Add(writer.Complete());
        }
        _table.KeepOnly(_batch, ofBatch: true);
        if (_runs.Count > RunsMax)
            MergeNewestRuns();
    }

    /// <summary>Merges the newest runs with every older one that is not much larger than they are together, so that an entry is rewritten a logarithmic number of times.</summary>
    void MergeNewestRuns()
    {
        var start = _runs.Count - 4;
        long total = 0;
        for (var i = start; i < _runs.Count; i++)
            total += _runs[i].Count;
        while (start > 0 && _runs[start - 1].Count <= 2 * total)
            total += _runs[--start].Count;

        var merging = _runs[start..];
        using var writer = new RunWriter(_spillFolder, total, FilterBits(total));
        var cursors = new List<RunCursor>();
        foreach (var run in merging)
            cursors.Add(new RunCursor(run));
        cursors.RemoveAll(c => !c.MoveNext());
        while (cursors.Count > 0)
        {
            // Of one key in several runs, which Replace leaves, the newest stays.
            var least = cursors[0];
            for (var i = 1; i < cursors.Count; i++)
            {
                if (!KeyEntry.IsBefore(least.Current.Key, cursors[i].Current.Key))
                    least = cursors[i];
            }
            var key = least.Current.Key;
            writer.Add(least.Current);
            for (var i = cursors.Count - 1; i >= 0; i--)
            {
                if (cursors[i].Current.Key == key && !cursors[i].MoveNext())
                    cursors.RemoveAt(i);
            }
        }

        var merged = writer.Complete();
        _runs.RemoveRange(start, merging.Count);
        _runs.Add(merged);
        foreach (var run in merging)
            run.Dispose();
    }

    /// <summary>Bits of filter for each key of a new run: 12 (0.4 % false alarms) as long as all filters fit a quarter of the memory; a merge holds old and new ones.</summary>
    int FilterBits(long keys)
    {
        long spilled = keys;
        foreach (var run in _runs)
            spilled += run.Count;
        return (int)Math.Clamp(_memoryBytesMax / 4 * 8 / spilled, 1, 12);
    }
}
