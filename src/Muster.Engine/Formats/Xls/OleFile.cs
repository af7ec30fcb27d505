using System.Buffers.Binary;
using System.Text;
using Muster.Contacts;
using Muster.Sources;

namespace Muster.Formats.Xls;

/// <summary>A compound file ([MS-CFB]): its streams' names, and the one that holds the workbook. Damage ends in a refusal; no chain is followed further than the file has sectors.</summary>
sealed class OleFile
{
    const int HeaderBytes = 512;
    const int EntryBytes = 128;
    const int HeaderFatSectors = 109;
    const uint LastSector = 0xFFFFFFFA;
    const int MiniSectorBytes = 64;

    readonly FileStream file;
    readonly int sectorBytes;
    readonly uint[] fat;
    readonly uint miniCutoff;
    readonly uint miniFatStart;
    readonly List<(string Name, uint Start, long Bytes)> entries = [];

    OleFile(FileStream file, byte[] header)
    {
        this.file = file;
        sectorBytes = 1 << BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(30));
        if (sectorBytes is not (512 or 4096))
            throw Damaged();
        miniCutoff = Int(header, 56);
        miniFatStart = Int(header, 60);
        fat = ReadFat(header);
        var directory = ReadChain(Chain(fat, Int(header, 48)), long.MaxValue);
        for (var at = 0; at + EntryBytes <= directory.Length; at += EntryBytes)
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(directory.AsSpan(at + 64));
            if (length is >= 2 and <= 64 && directory[at + 66] != 0)
                entries.Add((Encoding.Unicode.GetString(directory, at, length - 2), Int(directory, at + 116), Int(directory, at + 120)));
        }
    }

    /// <summary>Names of streams and folders.</summary>
    public IEnumerable<string> Names => entries.Select(e => e.Name);

    public static bool IsOle(ReadOnlySpan<byte> start) => start.StartsWith((ReadOnlySpan<byte>)[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]);

    /// <exception cref="SourceException">The file is damaged.</exception>
    public static OleFile Open(FileStream file)
    {
        var header = new byte[HeaderBytes];
        return RandomAccess.Read(file.SafeFileHandle, header, 0) == header.Length ? new(file, header) : throw Damaged();
    }

    /// <summary>The workbook's stream; null when there is none.</summary>
    public Stream? Workbook()
    {
        foreach (var name in (ReadOnlySpan<string>)["Workbook", "Book", "WORKBOOK", "BOOK"])
        {
            if (entries.Exists(e => e.Name == name))
                return Open(entries.Find(e => e.Name == name));
        }
        return null;
    }

    Stream Open((string Name, uint Start, long Bytes) entry)
    {
        if (entry.Bytes >= miniCutoff)
            return new SectorStream(file, Chain(fat, entry.Start), sectorBytes, entry.Bytes);
        // A small stream lies in the mini stream, which is the root's, in sectors of 64 bytes with a FAT of their own.
        var mini = ReadChain(Chain(fat, entries[0].Start), entries[0].Bytes);
        var miniFatBytes = ReadChain(Chain(fat, miniFatStart), long.MaxValue);
        var miniFat = new uint[miniFatBytes.Length / 4];
        Buffer.BlockCopy(miniFatBytes, 0, miniFat, 0, miniFat.Length * 4);
        var stream = new MemoryStream();
        foreach (var sector in Chain(miniFat, entry.Start))
        {
            if ((sector + 1L) * MiniSectorBytes > mini.Length)
                throw Damaged();
            stream.Write(mini, (int)sector * MiniSectorBytes, MiniSectorBytes);
        }
        if (stream.Length < entry.Bytes)
            throw Damaged();
        stream.SetLength(entry.Bytes);
        stream.Position = 0;
        return stream;
    }

    /// <summary>The sector allocation table: its own sectors are named by the header, then by a chain of further lists.</summary>
    uint[] ReadFat(byte[] header)
    {
        var sectorsMax = file.Length / sectorBytes + 1;
        var places = new List<uint>();
        for (var i = 0; i < HeaderFatSectors; i++)
            places.Add(Int(header, 76 + i * 4));
        var list = new byte[sectorBytes];
        var lists = 0L;
        for (var next = Int(header, 68); next < LastSector; next = Int(list, sectorBytes - 4))
        {
            if (++lists > sectorsMax)
                throw Damaged();
            ReadSector(next, list);
            for (var at = 0; at < sectorBytes - 4; at += 4)
                places.Add(Int(list, at));
        }
        places.RemoveAll(p => p >= LastSector);
        if (places.Count * (long)(sectorBytes / 4) > sectorsMax + sectorBytes / 4 * 2L + HeaderFatSectors * (sectorBytes / 4L))
            throw Damaged();
        var table = new uint[places.Count * (sectorBytes / 4)];
        for (var i = 0; i < places.Count; i++)
        {
            ReadSector(places[i], list);
            Buffer.BlockCopy(list, 0, table, i * sectorBytes, sectorBytes);
        }
        return table;
    }

    static List<uint> Chain(uint[] table, uint start)
    {
        var chain = new List<uint>();
        for (var sector = start; sector < LastSector; sector = table[sector])
        {
            if (sector >= table.Length || chain.Count > table.Length)
                throw Damaged();
            chain.Add(sector);
        }
        return chain;
    }

    byte[] ReadChain(List<uint> chain, long bytesMax)
    {
        var bytes = new byte[(int)Math.Min(chain.Count * (long)sectorBytes, Math.Min(bytesMax, int.MaxValue))];
        var sector = new byte[sectorBytes];
        for (var i = 0; i * (long)sectorBytes < bytes.Length; i++)
        {
            ReadSector(chain[i], sector);
            sector.AsSpan(0, Math.Min(sectorBytes, bytes.Length - i * sectorBytes)).CopyTo(bytes.AsSpan(i * sectorBytes));
        }
        return bytes;
    }

    void ReadSector(uint sector, byte[] bytes)
    {
        // The last sector of a file may be cut where the file's data ends.
        var read = RandomAccess.Read(file.SafeFileHandle, bytes, (sector + 1L) * sectorBytes);
        if (read == 0)
            throw Damaged();
        bytes.AsSpan(read).Clear();
    }

    static uint Int(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));

    public static SourceException Damaged() =>
        new(ErrorCode.SourceUnreadable, "The .xls is damaged or cut off: its sectors cannot be followed. Save the workbook again and send the whole file.");

    /// <summary>A stream that lies in the file's sectors, read where it lies.</summary>
    sealed class SectorStream(FileStream file, List<uint> sectors, int sectorBytes, long bytes) : ReadOnlyStream
    {
        readonly long length = Math.Min(bytes, sectors.Count * (long)sectorBytes);

        public override bool CanSeek => true;
        public override long Length => length;
        public override long Position { get; set; }

        public override int Read(Span<byte> buffer)
        {
            if (Position >= length)
                return 0;
            var index = (int)(Position / sectorBytes);
            var offset = (int)(Position % sectorBytes);
            // Sectors that follow each other are read at once.
            var run = 1;
            while (index + run < sectors.Count && sectors[index + run] == sectors[index] + run && run * sectorBytes - offset < buffer.Length)
                run++;
            var wanted = (int)Math.Min(Math.Min(buffer.Length, run * (long)sectorBytes - offset), length - Position);
            var read = RandomAccess.Read(file.SafeFileHandle, buffer[..wanted], (sectors[index] + 1L) * sectorBytes + offset);
            Position += read;
            return read;
        }
    }
}
