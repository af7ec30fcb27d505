using System.Buffers.Binary;
using System.Security.Cryptography;
using Muster.Contacts;
using Muster.Merging;
using Muster.Storage;

namespace Muster.Server.Facades;

/// <summary>What an id on a vendor's wire stands for. Numbers go into the ids.</summary>
enum WireKind : byte { Contact = 1, List = 2, Tag = 3 }

/// <summary>Per-account integers as the hex ids that Exotel (32 digits) and Cellcast (24) print, and back, without an index.</summary>
/// <remarks>
/// An id is a seal followed by the hidden integer. The seal is keyed by the account's own secret over kind and integer, so that an id of another
/// account, of another kind, or one that somebody made up is no id at all: it never names something else by chance.
/// </remarks>
sealed class WireIds(IContactStore contacts)
{
    public const int ExotelDigits = 32;
    public const int CellcastDigits = 24;
    const byte HidingKind = 250;
    const byte SealingKinds = 200;

    public string Of(WireKind kind, int accountId, int id, int digits)
    {
        Span<byte> wire = stackalloc byte[digits / 2];
        var seed = contacts.KeySeed(accountId);
        var seal = wire[..^sizeof(int)];
        Seal(kind, id, seed, seal);
        BinaryPrimitives.WriteInt32BigEndian(wire[^sizeof(int)..], id ^ Mask(seal, seed));
        return Convert.ToHexStringLower(wire);
    }

    /// <summary>Null for everything but an id that <see cref="Of"/> printed for this account and kind; capitals are taken, too.</summary>
    public int? Read(WireKind kind, int accountId, string? text, int digits)
    {
        Span<byte> wire = stackalloc byte[digits / 2];
        if (text?.Length != digits || Convert.FromHexString(text, wire, out _, out _) != System.Buffers.OperationStatus.Done)
            return null;
        var seed = contacts.KeySeed(accountId);
        var seal = wire[..^sizeof(int)];
        var id = BinaryPrimitives.ReadInt32BigEndian(wire[^sizeof(int)..]) ^ Mask(seal, seed);
        Span<byte> right = stackalloc byte[seal.Length];
        Seal(kind, id, seed, right);
        return id > 0 && CryptographicOperations.FixedTimeEquals(seal, right) ? id : null;
    }

    static void Seal(WireKind kind, int id, KeyHashSeed seed, Span<byte> seal)
    {
        Span<byte> text = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(text, id);
        var hash = KeyHash.Of((KeyKind)(SealingKinds + (byte)kind), text, seed);
        Span<byte> bytes = stackalloc byte[2 * sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, hash.High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[sizeof(ulong)..], hash.Low);
        bytes[..seal.Length].CopyTo(seal);
    }

    static int Mask(ReadOnlySpan<byte> seal, KeyHashSeed seed) => (int)KeyHash.Of((KeyKind)HidingKind, seal, seed).Low;
}
