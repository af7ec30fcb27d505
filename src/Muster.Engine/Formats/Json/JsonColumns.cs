using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace Muster.Formats.Json;

/// <summary>The union of a source's member names, in order of first appearance. Found again by bytes, without a string.</summary>
sealed class JsonColumns
{
    /// <summary>Before the name of a member of <c>fields</c> or <c>custom_fields</c>: such a column is a custom field, whatever its name.</summary>
    static ReadOnlySpan<byte> NestedPrefix => "field:"u8;

    static readonly byte[] Unlikely = [0];

    readonly List<byte[]> names = [];
    readonly List<byte[]> members = [];
    readonly List<byte[]> nestedMembers = [];
    readonly Dictionary<byte[], int> indexes = new(ByBytes.Instance);
    byte[] nestedName = new byte[256];

    public int Count => names.Count;

    public IReadOnlyList<string> Names => [.. names.Select(Encoding.UTF8.GetString)];

    public void Add(ReadOnlySpan<byte> name)
    {
        indexes.TryAdd(name.ToArray(), names.Count);
        names.Add(name.ToArray());
        members.Add(MemberOf(name));
        nestedMembers.Add(name.StartsWith(NestedPrefix) ? MemberOf(name[NestedPrefix.Length..]) : Unlikely);
    }

    /// <returns>-1 when there is no such column.</returns>
    public int Find(ReadOnlySpan<byte> name) => indexes.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var index) ? index : -1;

    /// <summary>How a member of the column most likely begins: its name in quotes, and a colon. Where that cannot be told, bytes that begin no member.</summary>
    public ReadOnlySpan<byte> Member(int column, bool isNested) => column >= names.Count ? Unlikely : isNested ? nestedMembers[column] : members[column];

    /// <summary>The column's name of a member of <c>fields</c>. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Nested(ReadOnlySpan<byte> name)
    {
        if (nestedName.Length < name.Length + NestedPrefix.Length)
            nestedName = new byte[name.Length * 2];
        NestedPrefix.CopyTo(nestedName);
        name.CopyTo(nestedName.AsSpan(NestedPrefix.Length));
        return nestedName.AsSpan(0, NestedPrefix.Length + name.Length);
    }

    /// <summary>Forgets the columns from this index on.</summary>
    public void CutTo(int count)
    {
        for (var i = names.Count - 1; i >= count; i--)
        {
            indexes.Remove(names[i]);
            names.RemoveAt(i);
            members.RemoveAt(i);
            nestedMembers.RemoveAt(i);
        }
    }

    /// <summary>A name that may stand for more than a column, or that a string cannot hold as it is, is told apart with care.</summary>
    static byte[] MemberOf(ReadOnlySpan<byte> name) =>
        JsonForms.IsNestedFields(name) || name.ContainsAny((byte)'"', (byte)'\\') || name.ContainsAnyInRange((byte)0, (byte)0x1F) || !Utf8.IsValid(name)
            ? Unlikely
            : [(byte)'"', .. name, (byte)'"', (byte)':'];

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
