using System.Buffers.Binary;
using System.Security.Cryptography;
using Muster.Merging;

namespace Muster.Server.Facades.Dotmailer;

/// <summary>Ids of deletions, which carry their own proof: eight random bytes, and eight of their HMAC under the account's secret. Nothing has to be stored, and no other account's id passes.</summary>
static class DeletionId
{
    const int Half = 8;

    public static Guid New(KeyHashSeed seed)
    {
        Span<byte> id = stackalloc byte[2 * Half];
        RandomNumberGenerator.Fill(id[..Half]);
        Proof(id[..Half], seed, id[Half..]);
        return new(id);
    }

    public static bool IsOf(Guid id, KeyHashSeed seed)
    {
        Span<byte> bytes = stackalloc byte[2 * Half];
        Span<byte> proof = stackalloc byte[Half];
        id.TryWriteBytes(bytes);
        Proof(bytes[..Half], seed, proof);
        return CryptographicOperations.FixedTimeEquals(proof, bytes[Half..]);
    }

    static void Proof(ReadOnlySpan<byte> random, KeyHashSeed seed, Span<byte> proof)
    {
        Span<byte> key = stackalloc byte[2 * Half];
        BinaryPrimitives.WriteUInt64LittleEndian(key, seed.K0);
        BinaryPrimitives.WriteUInt64LittleEndian(key[Half..], seed.K1);
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, random, mac);
        mac[..Half].CopyTo(proof);
    }
}
