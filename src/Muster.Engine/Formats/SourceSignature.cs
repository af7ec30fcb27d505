using Muster.Contacts;

namespace Muster.Formats;

/// <summary>Tells from a source's first bytes what is certainly not UTF-8 text.</summary>
static class SourceSignature
{
    static readonly (byte[] Bytes, string Name)[] Known =
    [
        ([0x50, 0x4B, 0x03, 0x04], "a zip archive (or .xlsx)"),
        ([0x50, 0x4B, 0x05, 0x06], "an empty zip archive"),
        ([0x1F, 0x8B], "gzip"),
        ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], "an OLE file (such as .xls)"),
        ("%PDF-"u8.ToArray(), "a PDF"),
        ([0x89, 0x50, 0x4E, 0x47], "a PNG image"),
        ([0xFF, 0xD8, 0xFF], "a JPEG image"),
        ("GIF87a"u8.ToArray(), "a GIF image"),
        ("GIF89a"u8.ToArray(), "a GIF image"),
        ([0x49, 0x49, 0x2A, 0x00], "a TIFF image"),
        ([0x4D, 0x4D, 0x00, 0x2A], "a TIFF image"),
        ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "a 7z archive"),
        ([0x52, 0x61, 0x72, 0x21, 0x1A, 0x07], "a RAR archive"),
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "xz"),
        ([0x28, 0xB5, 0x2F, 0xFD], "zstd"),
        ([0x04, 0x22, 0x4D, 0x18], "lz4"),
        ([0x7F, 0x45, 0x4C, 0x46], "a program"),
        ("SQLite format 3\0"u8.ToArray(), "an SQLite database"),
        ("PAR1"u8.ToArray(), "Parquet"),
    ];

    /// <summary>Refuses by byte order mark, magic number and share of control bytes; null when the bytes may be text.</summary>
    public static OpenResult.Refused? Refuse(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith((ReadOnlySpan<byte>)[0x00, 0x00, 0xFE, 0xFF]) || start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE, 0x00, 0x00]))
            return new(ErrorCode.UnsupportedEncoding, "The source is UTF-32, told by its byte order mark. Save it as UTF-8.");
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]) || start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]))
            return new(ErrorCode.UnsupportedEncoding, "The source is UTF-16, told by its byte order mark. Save it as UTF-8.");
        foreach (var (bytes, name) in Known)
        {
            if (start.StartsWith(bytes))
                return new(ErrorCode.UnsupportedFormat, $"The source is {name}, told by its first bytes. Send it as CSV.");
        }

        var (controls, evenNuls, oddNuls) = (0, 0, 0);
        for (var i = 0; i < start.Length; i++)
        {
            var b = start[i];
            if (b >= 0x20 && b != 0x7F || b is (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)'\f' or 0x1A)
                continue;
            controls++;
            if (b == 0)
                (evenNuls, oddNuls) = (i & 1) == 0 ? (evenNuls + 1, oddNuls) : (evenNuls, oddNuls + 1);
        }

        var half = start.Length / 2;
        if (half >= 4 && Math.Max(evenNuls, oddNuls) * 10 > half * 7 && Math.Min(evenNuls, oddNuls) * 10 < half)
            return new(ErrorCode.UnsupportedEncoding, "The source looks like UTF-16 without a byte order mark. Save it as UTF-8.");

        // A few control bytes are damage and cost their rows; a twentieth of all bytes is another format.
        return controls * 20 > start.Length && (controls >= 16 || controls * 2 > start.Length)
            ? new(ErrorCode.UnsupportedFormat, $"{controls} of the first {start.Length} bytes are control characters: the source is no text.")
            : null;
    }
}
