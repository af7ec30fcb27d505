using System.Buffers.Binary;
using System.IO.Compression;
using Microsoft.Win32.SafeHandles;
using Muster.Contacts;
using Muster.Formats.Workbooks;
using Muster.Sources;
using Muster.Sources.Inflating;

namespace Muster.Formats.Xlsx;

/// <summary>What all parts of one workbook may inflate to together.</summary>
sealed class InflateBudget(WorkbookOptions options)
{
    /// <summary>A small part may repeat itself as much as it likes.</summary>
    const long RatioFrom = 16 << 20;

    long inflated;

    public void Take(int bytes, long ofPart, long compressedBytes)
    {
        inflated += bytes;
        if (inflated > options.InflatedBytesMax)
            throw new SourceException(ErrorCode.InflatedTooLarge, $"The workbook inflates to more than {options.InflatedBytesMax} bytes, which inflated_bytes_max allows.");
        if (ofPart > RatioFrom && ofPart / options.RatioMax > compressedBytes)
            throw new SourceException(ErrorCode.InflatedTooLarge, $"A part of the workbook inflates to more than {options.RatioMax} times its size, which inflated_ratio_max allows.");
    }
}

/// <summary>One part of a workbook, inflated as it is read. Its end is reached only when size and checksum are those that the archive promised.</summary>
sealed class PartStream : ReadOnlyStream
{
    readonly ZipEntry entry;
    readonly InflateBudget budget;
    readonly Stream inflating;
    uint crc;
    long read;

    /// <exception cref="SourceException">The entry is encrypted, compressed in another way, or not where the directory says.</exception>
    public PartStream(FileStream file, ZipEntry entry, long directoryStart, InflateBudget budget)
    {
        (this.entry, this.budget) = (entry, budget);
        if (entry.Encrypted)
            throw new SourceException(ErrorCode.ArchiveEncrypted, "The archive's entries are encrypted. Save the workbook without a password.");
        var header = new byte[30];
        if (entry.HeaderOffset + header.Length > directoryStart || RandomAccess.Read(file.SafeFileHandle, header, entry.HeaderOffset) < header.Length
            || !header.AsSpan().StartsWith("PK\x03\x04"u8))
            throw ZipDirectory.Damaged("an entry is not where the directory says");
        if ((BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(6)) & 1) != 0)
            throw new SourceException(ErrorCode.ArchiveEncrypted, "The archive's entries are encrypted. Save the workbook without a password.");
        if (BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(8)) != entry.Method)
            throw ZipDirectory.Damaged("an entry and the directory name different methods");
        var start = entry.HeaderOffset + header.Length + BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(26)) + BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(28));
        if (entry.CompressedBytes > directoryStart - start)
            throw ZipDirectory.Damaged("an entry reaches into the directory");
        var slice = new Slice(file.SafeFileHandle, start, entry.CompressedBytes);
        inflating = entry.Method switch
        {
            0 when entry.CompressedBytes == entry.InflatedBytes => slice,
            8 => new DeflateStream(slice, CompressionMode.Decompress),
            0 => throw ZipDirectory.Damaged("a stored entry has two sizes"),
            _ => throw new SourceException(ErrorCode.UnsupportedFormat, $"The archive's entries are compressed by method {entry.Method}. Save the workbook anew."),
        };
    }

    public override long Length => entry.InflatedBytes;
    public override long Position { get => read; set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        int length;
        try
        {
            length = inflating.Read(buffer);
        }
        catch (InvalidDataException)
        {
            throw ZipDirectory.Damaged("a part cannot be inflated");
        }
        read += length;
        if (read > entry.InflatedBytes)
            throw ZipDirectory.Damaged("a part is longer than the archive says");
        budget.Take(length, read, entry.CompressedBytes);
        crc = Crc32.Append(crc, buffer[..length]);
        if (length == 0 && buffer.Length > 0 && (read != entry.InflatedBytes || crc != entry.Crc))
            throw ZipDirectory.Damaged(read != entry.InflatedBytes ? "a part is shorter than the archive says" : "a part's checksum is wrong");
        return length;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inflating.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>A stretch of the file, read without moving the file's own position.</summary>
    sealed class Slice(SafeFileHandle file, long start, long length) : ReadOnlyStream
    {
        long at;

        public override long Length => length;
        public override long Position { get => at; set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            var read = RandomAccess.Read(file, buffer[..(int)Math.Min(buffer.Length, length - at)], start + at);
            at += read;
            return read;
        }
    }
}
