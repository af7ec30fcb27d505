using System.Collections;

namespace Muster.Merging;

/// <summary>The changes of a batch as its ledger tells them, in order of row; before-values stay in the ledger's own bytes until somebody wants them.</summary>
public sealed class LedgerChanges : IReadOnlyList<(int Row, int Field, byte[]? Before)>
{
    readonly byte[] text;
    readonly int[] rows;
    readonly int[] fields;
    readonly int[] starts;
    readonly int[] lengths;

    /// <param name="text">The bytes that hold every before-value.</param>
    internal LedgerChanges(byte[] text, int count)
    {
        this.text = text;
        rows = new int[count];
        fields = new int[count];
        starts = new int[count];
        lengths = new int[count];
    }

    public int Count => rows.Length;

    public (int Row, int Field, byte[]? Before) this[int index] => (rows[index], fields[index], WasEmpty(index) ? null : Before(index).ToArray());

    /// <summary>The same changes in this form, which costs nothing when they have it already.</summary>
    public static LedgerChanges Of(IReadOnlyList<(int Row, int Field, byte[]? Before)> changes)
    {
        if (changes is LedgerChanges known)
            return known;
        var packed = new LedgerChanges(new byte[changes.Sum(c => c.Before?.Length ?? 0)], changes.Count);
        var at = 0;
        for (var i = 0; i < changes.Count; i++)
        {
            var (row, field, before) = changes[i];
            packed.Set(i, row, field, at, before?.Length ?? -1);
            before?.CopyTo(packed.text, at);
            at += before?.Length ?? 0;
        }
        return packed;
    }

    public int Row(int index) => rows[index];

    public int Field(int index) => fields[index];

    public bool WasEmpty(int index) => lengths[index] < 0;

    public ReadOnlySpan<byte> Before(int index) => lengths[index] <= 0 ? [] : text.AsSpan(starts[index], lengths[index]);

    /// <summary>Index of a row's first change; changes of one row follow one another. Where the row has none, that of the next row that has.</summary>
    public int FirstOf(int row)
    {
        int low = 0, high = rows.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (rows[middle] < row)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    public IEnumerator<(int Row, int Field, byte[]? Before)> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
            yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <param name="length">−1: the field was empty.</param>
    internal void Set(int index, int row, int field, int start, int length)
    {
        rows[index] = row;
        fields[index] = field;
        starts[index] = start;
        lengths[index] = length;
    }
}
