using System.Buffers.Binary;
using System.Text;

namespace Muster.Formats.Xls;

/// <summary>The names in a compound file ([MS-CFB]): they tell an .xls from the other programs' files that look alike at their start.</summary>
static class OleFile
{
    const int HeaderBytes = 512;
    const int EntryBytes = 128;
    const int EntriesMax = 4096;
    const int FatSectorsInHeader = 109;

    public static bool IsOle(ReadOnlySpan<byte> start) => start.StartsWith((ReadOnlySpan<byte>)[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]);

    /// <summary>Names of streams and folders, as far as the directory can be followed; damage ends the list.</summary>
    public static HashSet<string> Names(Stream file)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var header = new byte[HeaderBytes];
        file.Position = 0;
        if (file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length)
            return names;
        var shift = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(30));
        if (shift is not (9 or 12))
            return names;
        var sectorBytes = 1 << shift;
        var fatSector = new byte[sectorBytes];
        var directory = new byte[sectorBytes];
        var sector = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(48));
        for (var entries = 0; entries < EntriesMax && ReadSector(file, sector, directory); entries += sectorBytes / EntryBytes)
        {
            for (var at = 0; at < sectorBytes; at += EntryBytes)
            {
                var length = BinaryPrimitives.ReadUInt16LittleEndian(directory.AsSpan(at + 64));
                if (length is >= 2 and <= 64)
                    names.Add(Encoding.Unicode.GetString(directory, at, length - 2));
            }
            // The chain goes on where the FAT says; its first 109 sectors are named in the header, which is enough for seven megabytes and more.
            var entriesASector = (uint)sectorBytes / 4;
            var fat = sector / entriesASector;
            if (fat >= FatSectorsInHeader || !ReadSector(file, BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(76 + (int)fat * 4)), fatSector))
                break;
            sector = BinaryPrimitives.ReadUInt32LittleEndian(fatSector.AsSpan((int)(sector % entriesASector) * 4));
        }
        return names;
    }

    static bool ReadSector(Stream file, uint sector, byte[] bytes)
    {
        var position = (sector + 1L) * bytes.Length;
        if (sector > 0xFFFFFFF9 || position + bytes.Length > file.Length)
            return false;
        file.Position = position;
        file.ReadExactly(bytes);
        return true;
    }
}
