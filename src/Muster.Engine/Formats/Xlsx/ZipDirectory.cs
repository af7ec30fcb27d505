using System.Buffers.Binary;
using System.Text;
using Muster.Contacts;
using Muster.Sources;

namespace Muster.Formats.Xlsx;

/// <summary>An entry as the archive's directory describes it.</summary>
/// <param name="Name">With <c>/</c> between folders.</param>
/// <param name="Method">0 stored, 8 deflated.</param>
sealed record ZipEntry(string Name, long HeaderOffset, long CompressedBytes, long InflatedBytes, uint Crc, int Method, bool Encrypted);

/// <summary>The directory of a zip archive (PKWARE APPNOTE 6.3, zip64 included), read without trust: nothing is inflated, no file is made.</summary>
/// <param name="Start">Where the directory begins; entries lie before it.</param>
sealed record ZipDirectory(IReadOnlyList<ZipEntry> Entries, long Start)
{
    const int EndBytes = 22;
    const int EntryBytes = 46;
    const int NameBytesMax = 1024;
    const uint Zip64 = uint.MaxValue;

    static ReadOnlySpan<byte> EndSignature => "PK\x05\x06"u8;

    static ReadOnlySpan<byte> EntrySignature => "PK\x01\x02"u8;

    /// <summary>Whether the bytes begin as a zip archive does.</summary>
    public static bool IsZip(ReadOnlySpan<byte> start) => start.StartsWith("PK\x03\x04"u8) || start.StartsWith("PK\x05\x06"u8);

    /// <exception cref="SourceException">The archive is cut off, damaged, too large, or names places outside itself.</exception>
    public static ZipDirectory Read(Stream file, int entriesMax)
    {
        var (count, size, start, end) = ReadEnd(file);
        if (start < 0 || size < 0 || start + size != end)
            throw Damaged("its directory does not lie where its end says");
        if (count > entriesMax)
            throw new SourceException(ErrorCode.SourceTooLarge, $"The archive has {count} entries; zip_entries_max allows {entriesMax}.");
        if (size > (long)count * (EntryBytes + 3 * ushort.MaxValue))
            throw Damaged("its directory is larger than its entries");

        var entries = new List<ZipEntry>((int)count);
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        file.Position = start;
        using var buffered = new BufferedStream(new Undisposed(file), 1 << 16);
        var fixedPart = new byte[EntryBytes];
        for (var i = 0L; i < count; i++)
        {
            ReadExactly(buffered, fixedPart);
            if (!fixedPart.AsSpan().StartsWith(EntrySignature))
                throw Damaged("its directory has fewer entries than it says");
            var name = new byte[Short(fixedPart, 28)];
            var extra = new byte[Short(fixedPart, 30)];
            var comment = Short(fixedPart, 32);
            if (name.Length > NameBytesMax)
                throw Unsafe($"an entry's name is {name.Length} bytes long");
            ReadExactly(buffered, name);
            ReadExactly(buffered, extra);
            ReadExactly(buffered, new byte[comment]);
            var entry = Entry(fixedPart, name, extra);
            if (entry.Name.EndsWith('/') && entry.InflatedBytes == 0)
                continue; // a folder
            Judge(entry.Name);
            if (!names.Add(entry.Name))
                throw Unsafe("two of its entries have one name");
            entries.Add(entry);
        }
        return new(entries, start);
    }

    static ZipEntry Entry(byte[] fixedPart, byte[] name, byte[] extra)
    {
        var flags = Short(fixedPart, 8);
        long compressed = Int(fixedPart, 20), inflated = Int(fixedPart, 24), offset = Int(fixedPart, 42);
        // APPNOTE 4.5.3: the zip64 field holds those of the three that do not fit, in this order.
        for (var at = 0; at + 4 <= extra.Length;)
        {
            var length = Short(extra, at + 2);
            if (Short(extra, at) == 1)
            {
                var field = extra.AsSpan(at + 4, Math.Min(length, extra.Length - at - 4));
                Take(ref inflated, ref field);
                Take(ref compressed, ref field);
                Take(ref offset, ref field);
            }
            at += 4 + length;
        }
        if (compressed < 0 || inflated < 0 || offset < 0)
            throw Damaged("an entry has a negative size");
        var text = (flags & 0x800) != 0 ? Encoding.UTF8.GetString(name) : Encoding.Latin1.GetString(name);
        // Old writers part folders by backslashes.
        return new(text.Replace('\\', '/'), offset, compressed, inflated, Int(fixedPart, 16), Short(fixedPart, 10), (flags & 0x41) != 0);
    }

    static void Take(ref long value, ref Span<byte> field)
    {
        if (value != Zip64)
            return;
        if (field.Length < 8)
            throw Damaged("a zip64 field is cut off");
        value = BinaryPrimitives.ReadInt64LittleEndian(field);
        field = field[8..];
    }

    static (long Count, long Size, long Start, long End) ReadEnd(Stream file)
    {
        var tail = new byte[Math.Min(file.Length, EndBytes + ushort.MaxValue)];
        file.Position = file.Length - tail.Length;
        file.ReadExactly(tail);
        var at = tail.Length - EndBytes;
        while (at >= 0 && !(tail.AsSpan(at).StartsWith(EndSignature) && at + EndBytes + Short(tail, at + 20) == tail.Length))
            at--;
        if (at < 0)
            throw Damaged("it has no end: it was cut off, or something was added to it");
        var end = file.Length - tail.Length + at;
        long count = Short(tail, at + 10), size = Int(tail, at + 12), start = Int(tail, at + 16);
        if (Short(tail, at + 4) != 0 && Short(tail, at + 4) != ushort.MaxValue)
            throw Damaged("it is one of several volumes");
        if (count != ushort.MaxValue && size != Zip64 && start != Zip64)
            return (count, size, start, end);

        // APPNOTE 4.3.14, 4.3.15: the locator stands right before the end, and says where the zip64 end is.
        var locator = new byte[20];
        var record = new byte[56];
        if (end < locator.Length)
            return (count, size, start, end);
        file.Position = end - locator.Length;
        file.ReadExactly(locator);
        if (!locator.AsSpan().StartsWith("PK\x06\x07"u8))
            return (count, size, start, end);
        var position = BinaryPrimitives.ReadInt64LittleEndian(locator.AsSpan(8));
        if (position < 0 || position > end - record.Length)
            throw Damaged("its zip64 end lies outside it");
        file.Position = position;
        file.ReadExactly(record);
        if (!record.AsSpan().StartsWith("PK\x06\x06"u8))
            throw Damaged("its zip64 end is missing");
        return (BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(32)) is >= 0 and var n ? n : throw Damaged("its count is negative"),
            BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(40)), BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(48)), position);
    }

    /// <summary>Nothing is ever written under an entry's name; but an archive that names such places is not one that a spreadsheet wrote.</summary>
    static void Judge(string name)
    {
        if (name.Length == 0 || name[0] == '/' || name.Contains('\0', StringComparison.Ordinal) || name.Contains(':', StringComparison.Ordinal)
            || name.Split('/').Any(part => part is ".." or "."))
            throw Unsafe("an entry's name leads outside it");
    }

    static int Short(byte[] bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));

    static uint Int(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));

    static void ReadExactly(Stream stream, byte[] bytes)
    {
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
            throw Damaged("its directory is cut off");
    }

    public static SourceException Damaged(string how) => new(ErrorCode.ArchiveDamaged, $"The archive is damaged: {how}. Save the workbook again and send the whole file.");

    public static SourceException Unsafe(string how) => new(ErrorCode.UnsafeSource, $"The archive is refused: {how}. No spreadsheet program writes that.");

    /// <summary>Lets a stream be wrapped without being closed.</summary>
    sealed class Undisposed(Stream stream) : ReadOnlyStream
    {
        public override long Length => stream.Length;
        public override long Position { get => stream.Position; set => throw new NotSupportedException(); }
        public override int Read(Span<byte> buffer) => stream.Read(buffer);
    }
}
