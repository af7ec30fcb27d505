using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Muster.Formats.Json;

/// <summary>The union of a source's member names, in order of first appearance. Found again by bytes, without a string.</summary>
sealed class JsonColumns
{
    /// <summary>Before the name of a member of <c>fields</c> or <c>custom_fields</c>: such a column is a custom field, whatever its name.</summary>
    const string NestedPrefix = "field:";

    readonly List<byte[]> names = [];
    readonly Dictionary<byte[], int> indexes = new(ByBytes.Instance);
    byte[] nestedName = new byte[256];

    public int Count => names.Count;

    public IReadOnlyList<string> Names => [.. names.Select(Encoding.UTF8.GetString)];

    public void Add(ReadOnlySpan<byte> name)
    {
        indexes.TryAdd(name.ToArray(), names.Count);
        names.Add(name.ToArray());
    }

    /// <param name="likely">The column that would be next if all records had their members in one order.</param>
    /// <returns>-1 when there is no such column.</returns>
    public int Find(ReadOnlySpan<byte> name, int likely) =>
        likely < names.Count && name.SequenceEqual(names[likely]) ? likely
        : indexes.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var index) ? index : -1;

    /// <summary>The column's name of a member of <c>fields</c>. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Nested(ReadOnlySpan<byte> name)
    {
        if (nestedName.Length < name.Length + NestedPrefix.Length)
            nestedName = new byte[name.Length * 2];
        var prefix = Encoding.UTF8.GetBytes(NestedPrefix, nestedName);
        name.CopyTo(nestedName.AsSpan(prefix));
        return nestedName.AsSpan(0, prefix + name.Length);
    }

    /// <summary>Forgets the columns from this index on.</summary>
    public void CutTo(int count)
    {
        for (var i = names.Count - 1; i >= count; i--)
        {
            indexes.Remove(names[i]);
            names.RemoveAt(i);
        }
    }

    sealed class ByBytes : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly ByBytes Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = new HashCode();
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
