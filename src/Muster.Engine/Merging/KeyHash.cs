using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Muster.Contacts;

namespace Muster.Merging;

/// <summary>Secret that makes <see cref="KeyHash"/> unforeseeable: whoever writes a file cannot make two keys collide. One per import run, never stored.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct KeyHashSeed(ulong K0, ulong K1)
{
    public static KeyHashSeed Random()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        return new(BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
    }

    /// <summary>Shows nothing of the secret.</summary>
    public override string ToString() => nameof(KeyHashSeed);
}

/// <summary>128 bits that stand for one key. Two keys of 5 million share one with a probability of about 10⁻²⁵.</summary>
/// <remarks>
/// SipHash-2-4 with its 128-bit output (Aumasson and Bernstein, 2012; reference implementation, public domain) over the kind as eight
/// little-endian bytes and then the key's bytes. <c>Low</c> is the first eight bytes of the output, <c>High</c> the last eight, both little-endian.
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct KeyHash(ulong High, ulong Low)
{
    /// <param name="kind">Keys of different kinds never share a hash.</param>
    /// <param name="key">The canonical key, compared byte by byte.</param>
    /// <param name="seed">The same for all keys that are to be compared.</param>
    public static KeyHash Of(KeyKind kind, ReadOnlySpan<byte> key, KeyHashSeed seed)
    {
        var v0 = seed.K0 ^ 0x736f6d6570736575;
        var v1 = seed.K1 ^ 0x646f72616e646f6d ^ 0xee;
        var v2 = seed.K0 ^ 0x6c7967656e657261;
        var v3 = seed.K1 ^ 0x7465646279746573;

        Take((ulong)kind, ref v0, ref v1, ref v2, ref v3);
        var rest = key;
        while (rest.Length >= 8)
        {
            Take(BinaryPrimitives.ReadUInt64LittleEndian(rest), ref v0, ref v1, ref v2, ref v3);
            rest = rest[8..];
        }
        var last = (ulong)(byte)(key.Length + 8) << 56;
        for (var i = 0; i < rest.Length; i++)
            last |= (ulong)rest[i] << (8 * i);
        Take(last, ref v0, ref v1, ref v2, ref v3);

        v2 ^= 0xee;
        for (var i = 0; i < 4; i++)
            Round(ref v0, ref v1, ref v2, ref v3);
        var low = v0 ^ v1 ^ v2 ^ v3;
        v1 ^= 0xdd;
        for (var i = 0; i < 4; i++)
            Round(ref v0, ref v1, ref v2, ref v3);
        return new(v0 ^ v1 ^ v2 ^ v3, low);
    }

    /// <summary>The 64 bits under which a store finds a key of that kind: 62 of <see cref="Low"/> behind the kind, so that keys of one kind lie together. Never 0, which says: no key.</summary>
    public ulong IndexKey(KeyKind kind) => Math.Max(1, Low >> 2 | (ulong)kind << 62);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Take(ulong block, ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v3 ^= block;
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        v0 ^= block;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v0 += v1;
        v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
        v0 = BitOperations.RotateLeft(v0, 32);
        v2 += v3;
        v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
        v2 = BitOperations.RotateLeft(v2, 32);
    }
}
