using System.Runtime.CompilerServices;

namespace Muster.Contacts;

/// <summary>What a contact may belong to.</summary>
public enum BelongingKind : byte { List = 0, Tag = 1 }

/// <summary>A list or tag that a row names.</summary>
/// <param name="Row">Index of the row in its block.</param>
/// <param name="Name">Index into <see cref="RowNames.Names"/>.</param>
/// <param name="Removes">The contact leaves the list or loses the tag; otherwise it comes in or gets it.</param>
public readonly record struct RowBelonging(int Row, int Name, bool Removes);

/// <summary>The lists and tags that the rows of a block name: each name once, and who names it. Reused for every block.</summary>
public sealed class RowNames
{
    readonly Dictionary<string, int> lists = new(StringComparer.OrdinalIgnoreCase);
    readonly Dictionary<string, int> tags = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>By name: the last row that names it to be joined, and to be left.</summary>
    readonly List<(int Joined, int Left)> last = [];

    public List<(BelongingKind Kind, string Name)> Names { get; } = [];

    /// <summary>In order of row; a row names a list or tag at most once to be joined and once to be left.</summary>
    public List<RowBelonging> Rows { get; } = [];

    /// <summary>Bytes of what the rows name, the names themselves left aside.</summary>
    public long Bytes => (long)Rows.Count * Unsafe.SizeOf<RowBelonging>();

    public void Add(int row, BelongingKind kind, ReadOnlySpan<char> name, bool removes)
    {
        var known = (kind == BelongingKind.List ? lists : tags).GetAlternateLookup<ReadOnlySpan<char>>();
        if (!known.TryGetValue(name, out var index))
        {
            known[name] = index = Names.Count;
            Names.Add((kind, name.ToString()));
            last.Add((-1, -1));
        }
        var (joined, left) = last[index];
        if ((removes ? left : joined) == row)
            return;
        last[index] = removes ? (joined, row) : (row, left);
        Rows.Add(new(row, index, removes));
    }

    public void Clear()
    {
        Rows.Clear();
        if (Names.Count == 0)
            return;
        Names.Clear();
        last.Clear();
        lists.Clear();
        tags.Clear();
    }

    /// <summary>Index into <see cref="Rows"/> of what the row names first. Where it names nothing, of what the next row does.</summary>
    public int FirstOf(int row)
    {
        int low = 0, high = Rows.Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (Rows[middle].Row < row)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    /// <summary>Gives some of the rows, as a block of their own, what they name.</summary>
    public void CopyTo(RowNames part, int start, int count)
    {
        for (var at = FirstOf(start); at < Rows.Count && Rows[at].Row < start + count; at++)
            part.Add(Rows[at].Row - start, Names[Rows[at].Name].Kind, Names[Rows[at].Name].Name, Rows[at].Removes);
    }

    /// <summary>Drops what the rows from <paramref name="count"/> on name.</summary>
    public void Truncate(int count) => Rows.RemoveAll(b => b.Row >= count);

    /// <summary>The last row names nothing after all.</summary>
    public void Forget(int row)
    {
        while (Rows.Count > 0 && Rows[^1].Row == row)
            Rows.RemoveAt(Rows.Count - 1);
    }
}
