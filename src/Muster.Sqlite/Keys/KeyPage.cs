using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Muster.Sqlite.Keys;

/// <summary>The stored form of some neighbouring keys and their contacts: numbers of fixed width, so small as the page's own numbers allow.</summary>
/// <remarks>
/// Head: base key and base contact (eight bytes each), width of a key and of a contact (a byte each). Then every key's distance to the base key,
/// ascending, then every contact's distance to the base contact. All little-endian. With one account's few million contacts an entry has ten bytes.
/// </remarks>
static class KeyPage
{
    /// <summary>A page larger than this is divided: with it a row still fits into one page of the database, of 16 KiB.</summary>
    public const int BytesMax = 16_000;

    public const int HeadBytes = 2 * sizeof(long) + 2;

    /// <summary>A page without keys.</summary>
    public static ReadOnlySpan<byte> Empty => new byte[HeadBytes];

    public static int CountOf(ReadOnlySpan<byte> page) =>
        page.Length <= HeadBytes ? 0 : (page.Length - HeadBytes) / (page[HeadBytes - 2] + page[HeadBytes - 1]);

    /// <param name="page">What <see cref="Encode"/> wrote.</param>
    /// <param name="keys">Room for <see cref="CountOf"/> keys; they come in ascending order.</param>
    /// <param name="contacts">Room for as many.</param>
    /// <exception cref="InvalidDataException">The page is damaged.</exception>
    public static void Decode(ReadOnlySpan<byte> page, Span<long> keys, Span<long> contacts)
    {
        var count = CountOf(page);
        if (count == 0)
            return;
        var (keyWidth, contactWidth) = WidthsOf(page, count);
        Read(page[HeadBytes..], keyWidth, BinaryPrimitives.ReadInt64LittleEndian(page), keys[..count]);
        Read(page[(HeadBytes + count * keyWidth)..], contactWidth, BinaryPrimitives.ReadInt64LittleEndian(page[sizeof(long)..]), contacts[..count]);
    }

    /// <summary>The contact of an entry.</summary>
    public static long ContactAt(ReadOnlySpan<byte> page, int count, int keyWidth, int contactWidth, int index) =>
        BinaryPrimitives.ReadInt64LittleEndian(page[sizeof(long)..]) + (long)NumberAt(page, HeadBytes + count * keyWidth + index * contactWidth, contactWidth);

    /// <summary>Bytes that <see cref="Encode"/> needs, at most.</summary>
    public static int RoomFor(int count) => HeadBytes + count * 2 * sizeof(long) + sizeof(long);

    /// <param name="keys">In ascending order, at least one.</param>
    /// <returns>The page's bytes, in <paramref name="room"/>.</returns>
    public static int Encode(ReadOnlySpan<long> keys, ReadOnlySpan<long> contacts, Span<byte> room)
    {
        long least = contacts[0], greatest = contacts[0];
        foreach (var contact in contacts)
        {
            least = Math.Min(least, contact);
            greatest = Math.Max(greatest, contact);
        }
        int keyWidth = WidthOf((ulong)(keys[^1] - keys[0])), contactWidth = WidthOf((ulong)(greatest - least));
        BinaryPrimitives.WriteInt64LittleEndian(room, keys[0]);
        BinaryPrimitives.WriteInt64LittleEndian(room[sizeof(long)..], least);
        room[HeadBytes - 2] = (byte)keyWidth;
        room[HeadBytes - 1] = (byte)contactWidth;
        Write(room[HeadBytes..], keyWidth, keys[0], keys);
        Write(room[(HeadBytes + keys.Length * keyWidth)..], contactWidth, least, contacts);
        return HeadBytes + keys.Length * (keyWidth + contactWidth);
    }

    static int WidthOf(ulong distance) => Math.Max(1, (64 - System.Numerics.BitOperations.LeadingZeroCount(distance) + 7) / 8);

    /// <exception cref="InvalidDataException">The page is damaged.</exception>
    public static (int Key, int Contact) WidthsOf(ReadOnlySpan<byte> page, int count)
    {
        int key = page[HeadBytes - 2], contact = page[HeadBytes - 1];
        if (key is 0 or > 8 || contact is 0 or > 8 || HeadBytes + count * (key + contact) != page.Length)
            throw new InvalidDataException("A page of contact keys is damaged. Restore a backup.");
        return (key, contact);
    }

    static void Read(ReadOnlySpan<byte> from, int width, long smallest, Span<long> numbers)
    {
        var mask = ulong.MaxValue >> (64 - 8 * width);
        int i = 0, at = 0;
        for (; i < numbers.Length && at + sizeof(ulong) <= from.Length; i++, at += width)
            numbers[i] = smallest + (long)(BinaryPrimitives.ReadUInt64LittleEndian(from[at..]) & mask);
        for (; i < numbers.Length; i++, at += width)
            numbers[i] = smallest + (long)NumberAt(from, at, width);
    }

    /// <summary>A number of so many bytes, from this one on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong NumberAt(ReadOnlySpan<byte> page, int at, int width) => at + sizeof(ulong) <= page.Length
        ? BinaryPrimitives.ReadUInt64LittleEndian(page[at..]) & (ulong.MaxValue >> (64 - 8 * width))
        : LastNumber(page, at, width);

    static ulong LastNumber(ReadOnlySpan<byte> page, int at, int width)
    {
        Span<byte> last = stackalloc byte[sizeof(ulong)];
        last.Clear();
        page.Slice(at, width).CopyTo(last);
        return BinaryPrimitives.ReadUInt64LittleEndian(last);
    }

    /// <remarks>Each number is written in eight bytes and overwritten in part by the next; the room has eight to spare.</remarks>
    static void Write(Span<byte> to, int width, long smallest, ReadOnlySpan<long> numbers)
    {
        var at = 0;
        foreach (var number in numbers)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(to[at..], (ulong)(number - smallest));
            at += width;
        }
    }
}
