using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Muster.Contacts;
using Muster.Sources;

namespace Muster.Formats.Xls;

/// <summary>Reads the records of a workbook stream ([MS-XLS] §2.1.4; OpenOffice's description of BIFF 2 to 5), one after another. Every record costs its bytes: reading ends with the stream.</summary>
sealed class BiffReader(Stream stream) : IDisposable
{
    public const int Continue = 0x003C;

    readonly byte[] window = new byte[1 << 16];
    readonly byte[] header = new byte[4];
    readonly byte[] bytes = new byte[ushort.MaxValue];
    bool waits;
    int length;
    int start;
    int end;

    /// <summary>2, 3, 4, 5 or 8, from the stream's first record.</summary>
    public int Version { get; set; }

    /// <summary>Of texts before BIFF 8.</summary>
    public Encoding Encoding { get; set; } = Encoding.Latin1;

    public int Type { get; private set; }

    public ReadOnlySpan<byte> Data => bytes.AsSpan(0, length);

    /// <summary>Goes to the next record. False at the stream's end.</summary>
    public bool Next()
    {
        if (waits)
        {
            waits = false;
            return true;
        }
        var read = Read(header);
        if (read == 0)
            return false;
        if (read < 4)
            throw Damaged();
        Type = BinaryPrimitives.ReadUInt16LittleEndian(header);
        length = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(2));
        return Read(bytes.AsSpan(0, length)) == length ? true : throw Damaged();
    }

    /// <summary>Goes to the next record when it continues the current one; else it is what <see cref="Next"/> gives next.</summary>
    public bool NextContinues()
    {
        if (!Next())
            return false;
        waits = Type != Continue;
        return !waits;
    }

    public void Seek(long position)
    {
        if (position >= stream.Length)
            throw Damaged();
        stream.Position = position;
        (start, end, waits) = (0, 0, false);
    }

    public ushort Short(int at) => at + 2 <= length ? BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at)) : throw Damaged();

    public uint Int(int at) => at + 4 <= length ? BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at)) : throw Damaged();

    public byte Byte(int at) => at < length ? bytes[at] : throw Damaged();

    public double Double(int at) => at + 8 <= length ? BinaryPrimitives.ReadDoubleLittleEndian(bytes.AsSpan(at)) : throw Damaged();

    /// <summary>A text of the record: in BIFF 8 UTF-16, whole or without its upper bytes; before that bytes of the workbook's code page.</summary>
    /// <param name="lengthBytes">1 or 2: the bytes of its length.</param>
    public string Text(int at, int lengthBytes)
    {
        var characters = lengthBytes == 1 ? Byte(at) : Short(at);
        at += lengthBytes;
        if (Version < 8)
            return Encoding.GetString(Slice(at, characters));
        if (characters == 0)
            return "";
        var flags = Byte(at++);
        at += (flags & 8) != 0 ? 2 : 0; // formatting runs and phonetic text stand behind the characters
        at += (flags & 4) != 0 ? 4 : 0;
        // Not by an encoding, which would replace half of a pair by another character.
        return (flags & 1) != 0
            ? new string(MemoryMarshal.Cast<byte, char>(Slice(at, Math.Min(characters * 2, Math.Max(0, length - at) & ~1))))
            : Encoding.Latin1.GetString(Slice(at, Math.Min(characters, Math.Max(0, length - at))));
    }

    public void Dispose() => stream.Dispose();

    int Read(Span<byte> to)
    {
        var read = 0;
        while (read < to.Length)
        {
            if (start == end)
            {
                (start, end) = (0, stream.Read(window));
                if (end == 0)
                    break;
            }
            var part = Math.Min(end - start, to.Length - read);
            window.AsSpan(start, part).CopyTo(to[read..]);
            (start, read) = (start + part, read + part);
        }
        return read;
    }

    ReadOnlySpan<byte> Slice(int at, int count) => at <= length && count >= 0 && at + count <= length ? bytes.AsSpan(at, count) : throw Damaged();

    public static SourceException Damaged() =>
        new(ErrorCode.SourceUnreadable, "The .xls is damaged or cut off: its records cannot be followed. Save the workbook again and send the whole file.");
}
