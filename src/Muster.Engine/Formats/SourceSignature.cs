using System.Text;
using Muster.Contacts;

namespace Muster.Formats;

/// <summary>Tells from a source's first bytes what is certainly no text, and from its first characters what is certainly no table.</summary>
static class SourceSignature
{
    const string Remedy = "Export the contacts as CSV, JSON or a workbook (.xlsx), and send that.";

    static readonly (int At, byte[] Bytes, string Name)[] Binary =
    [
        (0, [0x50, 0x4B, 0x03, 0x04], "a zip archive (or .xlsx)"), (0, [0x50, 0x4B, 0x05, 0x06], "an empty zip archive"), (0, [0x50, 0x4B, 0x07, 0x08], "a part of a zip archive"),
        (0, [0x1F, 0x8B], "gzip"), (0, [0x1F, 0x9D], "a compressed file (.Z)"), (0, "BZh"u8.ToArray(), "bzip2"), (0, [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "a 7z archive"),
        (0, [0x52, 0x61, 0x72, 0x21, 0x1A, 0x07], "a RAR archive"), (0, [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "xz"), (0, [0x28, 0xB5, 0x2F, 0xFD], "zstd"),
        (0, [0x04, 0x22, 0x4D, 0x18], "lz4"), (0, "LZIP"u8.ToArray(), "lzip"), (0, "MSCF"u8.ToArray(), "a cabinet archive"), (257, "ustar"u8.ToArray(), "a tar archive"),
        (0, [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], "an OLE file (such as .xls)"),
        (0, "%PDF-"u8.ToArray(), "a PDF"), (0, "%!PS"u8.ToArray(), "PostScript"),
        (0, [0x89, 0x50, 0x4E, 0x47], "a PNG image"), (0, [0xFF, 0xD8, 0xFF], "a JPEG image"), (0, "GIF87a"u8.ToArray(), "a GIF image"), (0, "GIF89a"u8.ToArray(), "a GIF image"),
        (0, [0x49, 0x49, 0x2A, 0x00], "a TIFF image"), (0, [0x4D, 0x4D, 0x00, 0x2A], "a TIFF image"), (8, "WEBP"u8.ToArray(), "a WebP image"), (0, "8BPS"u8.ToArray(), "a Photoshop image"),
        (4, "ftyp"u8.ToArray(), "a picture or video (HEIF, MP4)"), (0, "RIFF"u8.ToArray(), "audio or video"), (0, "OggS"u8.ToArray(), "audio or video"), (0, "fLaC"u8.ToArray(), "audio"),
        (0, [0x49, 0x44, 0x33, 0x02], "audio"), (0, [0x49, 0x44, 0x33, 0x03], "audio"), (0, [0x49, 0x44, 0x33, 0x04], "audio"),
        (0, [0x7F, 0x45, 0x4C, 0x46], "a program"), (0, [0xCF, 0xFA, 0xED, 0xFE], "a program"), (0, [0xCA, 0xFE, 0xBA, 0xBE], "a program"), (0, [0x00, 0x61, 0x73, 0x6D], "a program"),
        (0, "SQLite format 3\0"u8.ToArray(), "an SQLite database"), (4, "Standard Jet DB"u8.ToArray(), "an Access database"), (4, "Standard ACE DB"u8.ToArray(), "an Access database"),
        (0, "PGDMP"u8.ToArray(), "a PostgreSQL dump"), (0, "!BDN"u8.ToArray(), "an Outlook data file (.pst)"), (0, "bplist00"u8.ToArray(), "a binary property list"),
        (0, "PAR1"u8.ToArray(), "Parquet"), (0, [0x4F, 0x62, 0x6A, 0x01], "Avro"), (0, "ORC\n"u8.ToArray(), "ORC"), (0, "ARROW1"u8.ToArray(), "an Arrow file"),
        (0, [0x89, 0x48, 0x44, 0x46], "HDF5"), (0, "wOFF"u8.ToArray(), "a font"), (0, "wOF2"u8.ToArray(), "a font"), (0, "OTTO"u8.ToArray(), "a font"),
        (0, [0x00, 0x00, 0x02, 0x00, 0x06, 0x04], "a Lotus 1-2-3 sheet"), (0, [0x00, 0x00, 0x1A, 0x00], "a Lotus 1-2-3 sheet"),
    ];

    static readonly (string Start, string Name)[] Texts =
    [
        ("<!doctype html", Html), ("<html", Html), ("<head", Html), ("<body", Html), ("<table", Html), ("<meta ", Html), ("<style", Html), ("<script", Html), ("<div", Html), ("<tr>", Html), ("<p>", Html),
        ("<workbook", Xml2003), ("<svg", "an SVG image"), ("<?xml", "XML"), ("<!doctype", "XML"), ("<stata_dta>", "a Stata file"),
        ("{\\rtf", "an RTF document"), ("begin:vcard", "a vCard file"), ("begin:vcalendar", "a calendar"), ("mime-version:", Mail), ("return-path:", Mail), ("received: from ", Mail),
        ("-----begin pgp", "an encrypted PGP message"), ("-- mysql dump", "an SQL dump"), ("-- postgresql database dump", "an SQL dump"), ("-- mariadb dump", "an SQL dump"),
        ("id;pwxl", "a SYLK sheet (.slk)"), ("table\r\n0,1\r\n", "a DIF sheet"), ("%pdf-", "a PDF"), ("#!/", "a script"),
    ];

    const string Html = "a web page (HTML), whatever its name says; a page like that also comes in place of a download when its link has expired";
    const string Xml2003 = "an Excel 2003 XML sheet";
    const string Mail = "an e-mail message or a web archive (MHTML)";

    /// <summary>Refuses by magic number; null when the bytes may be text.</summary>
    public static OpenResult.Refused? RefuseBinary(ReadOnlySpan<byte> start)
    {
        foreach (var (at, bytes, name) in Binary)
        {
            if (start.Length >= at + bytes.Length && start.Slice(at, bytes.Length).SequenceEqual(bytes))
                return new(ErrorCode.UnsupportedFormat, $"The source is {(name.StartsWith("an OLE", StringComparison.Ordinal) ? OleKind(start) : name)}, told by its first bytes. {Remedy}");
        }

        // MZ and BM could begin a column's name; a program and a bitmap have zero bytes soon after.
        var soon = start[..Math.Min(start.Length, 64)];
        if (soon.Contains((byte)0) && (soon.StartsWith("MZ"u8) || (soon.StartsWith("BM"u8) && start.Length > 9 && start[6..10].IndexOfAnyExcept((byte)0) < 0)))
            return new(ErrorCode.UnsupportedFormat, $"The source is {(soon[0] == 'M' ? "a program" : "a bitmap image")}, told by its first bytes. {Remedy}");
        return null;
    }

    /// <summary>Refuses documents that are written in text; null when the text may be a table or JSON.</summary>
    /// <param name="start">The source's first characters, as UTF-8.</param>
    public static OpenResult.Refused? RefuseText(ReadOnlySpan<byte> start)
    {
        var text = Encoding.UTF8.GetString(start[..Math.Min(start.Length, 4096)]).TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
        while (text.StartsWith("<!--", StringComparison.Ordinal) && text.IndexOf("-->", StringComparison.Ordinal) is > 0 and var end)
            text = text[(end + 3)..].TrimStart();
        foreach (var (begin, name) in Texts)
        {
            if (!text.StartsWith(begin, StringComparison.OrdinalIgnoreCase))
                continue;
            var isXml = name == "XML";
            var kind = isXml && text.Contains("office:spreadsheet", StringComparison.OrdinalIgnoreCase) ? Xml2003
                : isXml && text.Contains("<html", StringComparison.OrdinalIgnoreCase) ? Html
                : name;
            return new(ErrorCode.UnsupportedFormat, $"The source is {kind}, told by its first characters. {Remedy}");
        }
        return null;
    }

    /// <summary>Refuses by byte order mark, magic number and share of control bytes; null when the bytes may be UTF-8.</summary>
    public static OpenResult.Refused? Refuse(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith((ReadOnlySpan<byte>)[0x00, 0x00, 0xFE, 0xFF]) || start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE, 0x00, 0x00]))
            return new(ErrorCode.UnsupportedEncoding, "The source is UTF-32, told by its byte order mark.");
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]) || start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]))
            return new(ErrorCode.UnsupportedEncoding, "The source is UTF-16, told by its byte order mark.");
        if (RefuseBinary(start) is { } binary)
            return binary;

        var (controls, evenNuls, oddNuls) = (0, 0, 0);
        for (var i = 0; i < start.Length; i++)
        {
            var b = start[i];
            if (b >= 0x20 && b != 0x7F || b is (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)'\f' or 0x1A or 0x1F)
                continue;
            controls++;
            if (b == 0)
                (evenNuls, oddNuls) = (i & 1) == 0 ? (evenNuls + 1, oddNuls) : (evenNuls, oddNuls + 1);
        }

        var half = start.Length / 2;
        if (half >= 4 && Math.Max(evenNuls, oddNuls) * 10 > half * 7 && Math.Min(evenNuls, oddNuls) * 10 < half)
            return new(ErrorCode.UnsupportedEncoding, "The source looks like UTF-16 without a byte order mark.");

        // A few control bytes are damage and cost their rows; a twentieth of all bytes is another format.
        return controls * 20 > start.Length && (controls >= 16 || controls * 2 > start.Length)
            ? new(ErrorCode.UnsupportedFormat, $"{controls} of the first {start.Length} bytes are control characters: the source is no text.")
            : null;
    }

    /// <summary>What an OLE file holds, by the names of its streams (UTF-16 in the directory, mostly near the start).</summary>
    static string OleKind(ReadOnlySpan<byte> start)
    {
        static bool Has(ReadOnlySpan<byte> bytes, string name) => bytes.IndexOf(Encoding.Unicode.GetBytes(name)) >= 0;
        return Has(start, "WordDocument") ? "an old Word document (.doc)"
            : Has(start, "PowerPoint Document") ? "an old PowerPoint presentation (.ppt)"
            : Has(start, "__substg1.0_") ? "an Outlook message (.msg)"
            : Has(start, "EncryptedPackage") ? "an encrypted Office document"
            : "an OLE file (such as .xls)";
    }
}
