using System.Buffers.Binary;
using System.IO.Compression;
using Muster.Contacts;
using Muster.Sources.Inflating;

namespace Muster.Formats.Packing;

/// <summary>What became of looking whether a source is packed.</summary>
public abstract record PackingResult
{
    /// <summary>It is no archive, or one that a format reads by itself, such as a workbook.</summary>
    public sealed record NotPacked : PackingResult;

    /// <summary>One file is inside. The caller disposes the content, which owns the source's stream.</summary>
    /// <param name="Kind">gzip or zip.</param>
    /// <param name="Entry">Name of the zip entry.</param>
    /// <param name="Content">Throws <see cref="Muster.Sources.SourceException"/> when a limit is passed or the archive is damaged.</param>
    public sealed record Packed(string Kind, string? Entry, Stream Content) : PackingResult;

    public sealed record Refused(ErrorCode Code, string Detail) : PackingResult;
}

/// <summary>Opens gzip (RFC 1952) and zip (APPNOTE 6.3) by content, never by name.</summary>
public static class PackedSource
{
    const int EndRecordBytes = 22;
    const int CommentBytesMax = 65_535;
    const int EntryBytesMin = 46;

    static ReadOnlySpan<byte> ZipEnd => [0x50, 0x4B, 0x05, 0x06];

    static ReadOnlySpan<byte> Zip64End => [0x50, 0x4B, 0x06, 0x06];

    /// <param name="source">Readable and seekable; closed with the content, or at once unless it is not packed: then it stands at its start.</param>
    public static PackingResult Open(Stream source, MusterSettings settings)
    {
        var isOpen = false;
        try
        {
            PackingResult result = KindOf(source) switch
            {
                "gzip" => OpenGzip(source, settings),
                "zip" => OpenZip(source, settings),
                _ => new PackingResult.NotPacked(),
            };
            isOpen = result is not PackingResult.Refused;
            if (result is PackingResult.NotPacked)
                source.Position = 0;
            return result;
        }
        catch (InvalidDataException)
        {
            return new PackingResult.Refused(ErrorCode.ArchiveDamaged, "The zip archive's directory is damaged or cut off. Send it again, or send what is in it.");
        }
        finally
        {
            if (!isOpen)
                source.Dispose();
        }
    }

    /// <summary>Whether a source is packed, or a broken archive. It is left where it may be, and open.</summary>
    public static bool IsArchive(Stream source, MusterSettings settings)
    {
        if (KindOf(source) is not "zip")
            return KindOf(source) is not null;
        try
        {
            if (ReadEnd(source) is not { } end || end.Entries > settings.ZipEntriesMax)
                return true;
            source.Position = 0;
            using var archive = new ZipArchive(source, ZipArchiveMode.Read, leaveOpen: true);
            return OfficeKind(archive) is null;
        }
        catch (InvalidDataException)
        {
            return true;
        }
    }

    /// <summary>gzip, zip, or null. A zip archive without entries is one too.</summary>
    public static string? KindOf(Stream source)
    {
        source.Position = 0;
        Span<byte> start = stackalloc byte[4];
        var length = source.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        start = start[..length];
        return start.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]) ? "gzip"
            : start.StartsWith((ReadOnlySpan<byte>)[0x50, 0x4B, 0x03, 0x04]) || start.StartsWith(ZipEnd) ? "zip"
            : null;
    }

    static PackingResult.Packed OpenGzip(Stream source, MusterSettings settings)
    {
        source.Position = 0;
        return new PackingResult.Packed("gzip", null, new InflatingStream(new GzipMembers(source), [source], source.Length, expected: null, settings));
    }

    static PackingResult OpenZip(Stream source, MusterSettings settings)
    {
        if (ReadEnd(source) is not { } end)
            return new PackingResult.Refused(ErrorCode.ArchiveDamaged, "The zip archive has no directory at its end: it is cut off. Send it again, or send what is in it.");
        if (end.Entries > settings.ZipEntriesMax || end.DirectoryBytes > (long)settings.ZipEntriesMax * 1024)
            return new PackingResult.Refused(ErrorCode.ArchiveNotOneFile, $"The zip archive has {end.Entries} entries; zip_entries_max allows {settings.ZipEntriesMax}.");
        if (end.Entries * EntryBytesMin > end.DirectoryBytes)
            return new PackingResult.Refused(ErrorCode.ArchiveDamaged, "The zip archive tells more entries than its directory holds.");

        source.Position = 0;
        var archive = new ZipArchive(source, ZipArchiveMode.Read, leaveOpen: true);
        if (OfficeKind(archive) is { } office)
        {
            archive.Dispose();
            return office == "a workbook" ? new PackingResult.NotPacked() : new PackingResult.Refused(ErrorCode.UnsupportedFormat, $"The source is {office}, told by what it is made of. Save it as CSV or as a workbook (.xlsx).");
        }
        var files = archive.Entries.Where(IsData).ToList();
        if (files is not [var file])
        {
            archive.Dispose();
            return new PackingResult.Refused(ErrorCode.ArchiveNotOneFile, files.Count == 0
                ? "The zip archive holds no file. Send the file that was meant to be in it."
                : $"The zip archive holds {files.Count} files, and it is not for Muster to choose one. Send them one by one.");
        }
        if (file.IsEncrypted)
        {
            archive.Dispose();
            return new PackingResult.Refused(ErrorCode.ArchiveEncrypted, "The zip archive is encrypted. Send it without a password.");
        }
        if (file.Length > settings.InflatedBytesMax)
        {
            archive.Dispose();
            return new PackingResult.Refused(ErrorCode.InflatedTooLarge, $"The file in the zip archive is {file.Length} bytes long; inflated_bytes_max allows {settings.InflatedBytesMax}.");
        }
        var content = new InflatingStream(file.Open(), [archive, source], file.CompressedLength, new(file.Length, file.Crc32), settings);
        return new PackingResult.Packed("zip", file.FullName, content);
    }

    /// <summary>Folders and what macOS and Windows put beside files are no data.</summary>
    static bool IsData(ZipArchiveEntry entry)
    {
        var name = entry.FullName.Replace('\\', '/');
        var file = name[(name.LastIndexOf('/') + 1)..];
        return file.Length > 0 && !name.StartsWith("__MACOSX/", StringComparison.OrdinalIgnoreCase) && !file.StartsWith("._", StringComparison.Ordinal)
            && !file.Equals(".DS_Store", StringComparison.OrdinalIgnoreCase) && !file.Equals("Thumbs.db", StringComparison.OrdinalIgnoreCase)
            && !file.Equals("desktop.ini", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>What a zip archive is that is a document's container; null for one that somebody packed.</summary>
    static string? OfficeKind(ZipArchive archive)
    {
        bool Has(string name) => archive.Entries.Any(e => e.FullName.Equals(name, StringComparison.OrdinalIgnoreCase));
        bool HasUnder(string folder) => archive.Entries.Any(e => e.FullName.StartsWith(folder, StringComparison.OrdinalIgnoreCase));
        if (Has("word/document.xml"))
            return "a Word document";
        if (HasUnder("ppt/") && Has("[Content_Types].xml"))
            return "a PowerPoint presentation";
        if (Has("[Content_Types].xml") || HasUnder("xl/"))
            return "a workbook";
        if (Has("mimetype") && Has("content.xml"))
            return "an OpenDocument file";
        if (HasUnder("META-INF/container.xml"))
            return "an e-book";
        if (Has("META-INF/MANIFEST.MF"))
            return "a Java archive";
        return Has("Index/Document.iwa") ? "a Numbers, Pages or Keynote document" : null;
    }

    /// <summary>Number of entries and bytes of the directory, from the archive's end record or its 64-bit form (APPNOTE 4.3.14 to 4.3.16).</summary>
    static (long Entries, long DirectoryBytes)? ReadEnd(Stream source)
    {
        var length = (int)Math.Min(source.Length, EndRecordBytes + CommentBytesMax);
        var tail = new byte[length];
        source.Position = source.Length - length;
        source.ReadExactly(tail);
        var at = tail.AsSpan().LastIndexOf(ZipEnd);
        if (at < 0 || at + EndRecordBytes > length)
            return null;
        var end = tail.AsSpan(at);
        var (entries, bytes) = ((long)BinaryPrimitives.ReadUInt16LittleEndian(end[10..]), (long)BinaryPrimitives.ReadUInt32LittleEndian(end[12..]));
        if (entries != 0xFFFF && bytes != 0xFFFFFFFF)
            return (entries, bytes);
        var at64 = tail.AsSpan(0, at).LastIndexOf(Zip64End);
        if (at64 < 0 || at64 + 48 > length)
            return entries == 0xFFFF && bytes != 0xFFFFFFFF ? (entries, bytes) : null;
        var end64 = tail.AsSpan(at64);
        return (BinaryPrimitives.ReadInt64LittleEndian(end64[32..]), BinaryPrimitives.ReadInt64LittleEndian(end64[40..]));
    }
}
