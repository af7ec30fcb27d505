using System.Buffers;
using System.Buffers.Binary;

namespace Muster.Merging;

/// <summary>Writes a ledger's integers and bytes into a pooled buffer that grows: a batch leaves nothing large to the garbage collector.</summary>
sealed class LedgerWriter(int sizeHint) : IDisposable
{
    byte[] buffer = ArrayPool<byte>.Shared.Rent(Math.Max(64, sizeHint));
    int length;

    public void Dispose() => ArrayPool<byte>.Shared.Return(buffer);

    public ReadOnlySpan<byte> Written => buffer.AsSpan(0, length);

    public void Byte(byte value)
    {
        Reserve(1);
        buffer[length++] = value;
    }

    /// <summary>LEB128.</summary>
    public void Unsigned(long value)
    {
        Reserve(10);
        var rest = (ulong)value;
        while (rest >= 0x80)
        {
            buffer[length++] = (byte)(rest | 0x80);
            rest >>= 7;
        }
        buffer[length++] = (byte)rest;
    }

    /// <summary>Zigzag, then LEB128.</summary>
    public void Signed(long value) => Unsigned((value << 1) ^ (value >> 63));

    public void Fixed64(ulong value)
    {
        Reserve(8);
        BinaryPrimitives.WriteUInt64LittleEndian(buffer.AsSpan(length), value);
        length += 8;
    }

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(buffer.AsSpan(length));
        length += bytes.Length;
    }

    void Reserve(int room)
    {
        if (buffer.Length - length >= room)
            return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(buffer.Length * 2, length + room));
        Written.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }
}

/// <summary>Reads what <see cref="LedgerWriter"/> wrote.</summary>
ref struct LedgerReader(ReadOnlySpan<byte> bytes)
{
    readonly ReadOnlySpan<byte> bytes = bytes;
    int position;

    public readonly int Position => position;

    public readonly bool IsAtEnd => position == bytes.Length;

    public byte Byte() => bytes[position++];

    public long Unsigned()
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[position++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return (long)value;
        }
    }

    public long Signed()
    {
        var value = (ulong)Unsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public ulong Fixed64()
    {
        var value = BinaryPrimitives.ReadUInt64LittleEndian(bytes[position..]);
        position += 8;
        return value;
    }

    public ReadOnlySpan<byte> Bytes(int count)
    {
        var slice = bytes.Slice(position, count);
        position += count;
        return slice;
    }
}
