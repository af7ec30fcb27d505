using System.Buffers;

namespace Muster.Formats.Csv;

/// <summary>A stretch of the source in memory: from the record that is read to some way ahead of it.</summary>
/// <remarks>It moves and grows only in <see cref="Fill"/>, up to its capacity, so that a place in it stays valid between two calls.</remarks>
sealed class SourceBuffer(Stream stream, int firstCapacity, int capacityMax) : IDisposable
{
    byte[] bytes = ArrayPool<byte>.Shared.Rent(firstCapacity);
    int start;
    int end;

    /// <summary>Offset in the source of <see cref="Unread"/>'s first byte.</summary>
    public long Offset { get; private set; }

    /// <summary>Whether the source has no bytes behind those in memory.</summary>
    public bool AtEnd { get; private set; }

    public ReadOnlySpan<byte> Unread => bytes.AsSpan(start, end - start);

    /// <summary>The bytes that were last advanced over; gone with the next <see cref="Fill"/>.</summary>
    public ReadOnlySpan<byte> Behind(int length) => bytes.AsSpan(start - length, length);

    public ReadOnlyMemory<byte> Head(int length) => bytes.AsMemory(start, length);

    public void Advance(int length)
    {
        start += length;
        Offset += length;
    }

    /// <summary>Reads the beginning and passes a byte order mark. Not null when the bytes are no text of records.</summary>
    public OpenResult.Refused? Begin(int sampleBytes)
    {
        Fill(sampleBytes);
        if (SourceSignature.Refuse(Unread[..Math.Min(Unread.Length, sampleBytes)]) is { } refusal)
            return refusal;
        if (Unread.StartsWith("\uFEFF"u8))
            Advance("\uFEFF"u8.Length);
        return null;
    }

    /// <summary>Reads on until this many unread bytes are in memory or the source ends. Spans taken before are void.</summary>
    public void Fill(int wanted)
    {
        if (wanted > capacityMax)
            throw new ArgumentOutOfRangeException(nameof(wanted), wanted, "More than the buffer may hold.");
        if (AtEnd || end - start >= wanted)
            return;
        if (bytes.Length < wanted)
        {
            var larger = ArrayPool<byte>.Shared.Rent(wanted);
            Unread.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(bytes);
            bytes = larger;
        }
        else
        {
            Unread.CopyTo(bytes);
        }

        (start, end) = (0, end - start);
        while (end < wanted)
        {
            var read = stream.Read(bytes, end, bytes.Length - end);
            AtEnd = read == 0;
            if (AtEnd)
                return;
            end += read;
        }
    }

    public bool CanSeek => stream.CanSeek;

    public void SeekTo(long offset)
    {
        stream.Seek(offset, SeekOrigin.Begin);
        (start, end, Offset, AtEnd) = (0, 0, offset, false);
    }

    public void Dispose()
    {
        if (bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(bytes);
        bytes = [];
        (start, end) = (0, 0);
        stream.Dispose();
    }
}
