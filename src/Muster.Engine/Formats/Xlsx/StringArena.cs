using System.Numerics;
using Muster.Sources;

namespace Muster.Formats.Xlsx;

/// <summary>A workbook's shared strings, one behind the other as UTF-8, found by number. Above its memory they lie in a file, and memory holds what was used last.</summary>
/// <remarks>
/// Each string has its length before it (7 bits a byte, low ones first); of every eighth the place is kept, so that the index takes one byte a string.
/// Segments of 16 KiB: in memory all of them, else as many as the memory holds, each with one place it can be in.
/// </remarks>
sealed class StringArena(int memory, string scratchFolder) : IDisposable
{
    const int SegmentBits = 14;
    const int SegmentBytes = 1 << SegmentBits;
    const int Every = 8;
    const int FileBufferBytes = 1 << 16;

    readonly int segmentsInMemory = Math.Max(memory >> SegmentBits, 4);
    readonly List<long> places = [];
    readonly List<byte[]> segments = [];
    long[]? cached; // of a spilled arena: which segment lies in which place
    FileStream? file;
    byte[] joined = new byte[1024];
    long length;

    public int Count { get; private set; }

    /// <summary>Whether the strings exceed their memory.</summary>
    public bool IsSpilled => file is not null;

    /// <summary>Adds the next string.</summary>
    public void Add(ReadOnlySpan<byte> text)
    {
        if (Count % Every == 0)
            places.Add(length);
        Span<byte> prefix = stackalloc byte[5];
        var prefixLength = 0;
        for (var rest = (uint)text.Length; ; rest >>= 7)
        {
            prefix[prefixLength++] = (byte)(rest < 0x80 ? rest : rest | 0x80);
            if (rest < 0x80)
                break;
        }
        Append(prefix[..prefixLength]);
        Append(text);
        Count++;
    }

    /// <summary>Call it when all are added.</summary>
    public void Seal()
    {
        if (file is null)
            return;
        WriteSegment(segments[0]);
        file.Flush();
        segments.Clear();
        for (var i = 0; i < segmentsInMemory; i++)
            segments.Add([]);
        cached = new long[segmentsInMemory];
        Array.Fill(cached, -1);
    }

    /// <summary>Valid until the next call.</summary>
    public ReadOnlySpan<byte> Get(int index)
    {
        var place = places[index / Every];
        for (var skip = index % Every; skip > 0; skip--)
        {
            var passed = LengthAt(ref place);
            place += passed;
        }
        var wanted = LengthAt(ref place);
        var offset = (int)(place & (SegmentBytes - 1));
        if (offset + wanted <= SegmentBytes)
            return wanted == 0 ? default : Segment(place >> SegmentBits).AsSpan(offset, wanted);
        if (joined.Length < wanted)
            joined = new byte[BitOperations.RoundUpToPowerOf2((uint)wanted)];
        for (var copied = 0; copied < wanted;)
        {
            offset = (int)((place + copied) & (SegmentBytes - 1));
            var part = Math.Min(SegmentBytes - offset, wanted - copied);
            Segment((place + copied) >> SegmentBits).AsSpan(offset, part).CopyTo(joined.AsSpan(copied));
            copied += part;
        }
        return joined.AsSpan(0, wanted);
    }

    public void Dispose() => file?.Dispose();

    /// <summary>Reads the length at the place and moves behind it.</summary>
    int LengthAt(ref long place)
    {
        var value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var b = Segment(place >> SegmentBits)[place & (SegmentBytes - 1)];
            place++;
            value |= (b & 0x7F) << shift;
            if (b < 0x80)
                return value;
        }
    }

    byte[] Segment(long number)
    {
        if (cached is null)
            return segments[(int)number];
        var slot = (int)(number % segmentsInMemory);
        if (cached[slot] == number)
            return segments[slot];
        if (segments[slot].Length == 0)
            segments[slot] = new byte[SegmentBytes];
        var start = number << SegmentBits;
        for (var read = 0; read < SegmentBytes;)
        {
            var more = RandomAccess.Read(file!.SafeFileHandle, segments[slot].AsSpan(read), start + read); // set whenever cached is
            if (more == 0)
                break; // the last segment is short
            read += more;
        }
        cached[slot] = number;
        return segments[slot];
    }

    void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var offset = (int)(length & (SegmentBytes - 1));
            if (offset == 0)
                BeginSegment();
            var part = Math.Min(SegmentBytes - offset, bytes.Length);
            bytes[..part].CopyTo(segments[^1].AsSpan(offset));
            bytes = bytes[part..];
            length += part;
        }
    }

    void BeginSegment()
    {
        if (file is null && segments.Count >= segmentsInMemory)
        {
            file = new(ScratchFile.Open(scratchFolder, "strings"), FileAccess.ReadWrite, FileBufferBytes);
            foreach (var full in segments)
                WriteSegment(full);
            segments.Clear();
        }
        if (file is null)
        {
            segments.Add(new byte[SegmentBytes]);
            return;
        }
        if (segments.Count == 1)
            WriteSegment(segments[0]);
        else
            segments.Add(new byte[SegmentBytes]);
    }

    void WriteSegment(byte[] segment) => file!.Write(segment); // only once there is a file
}
