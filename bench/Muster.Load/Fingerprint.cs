using System.Security.Cryptography;
using System.Text;

namespace Muster.Load;

/// <summary>A sum over many rows that tells, whatever their order, whether two sets of rows are the same: no row lost, doubled or altered.</summary>
struct Fingerprint : IEquatable<Fingerprint>
{
    UInt128 sum;

    public long Count { get; private set; }

    public void Add(IEnumerable<string> values)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\u001f', values)), hash);
        sum += System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(hash);
        Count++;
    }

    public readonly bool Equals(Fingerprint other) => sum == other.sum && Count == other.Count;
    public override readonly bool Equals(object? obj) => obj is Fingerprint other && Equals(other);
    public override readonly int GetHashCode() => sum.GetHashCode();
    public override readonly string ToString() => $"{Count} rows, {sum:x32}";
    public static bool operator ==(Fingerprint a, Fingerprint b) => a.Equals(b);
    public static bool operator !=(Fingerprint a, Fingerprint b) => !a.Equals(b);
}
