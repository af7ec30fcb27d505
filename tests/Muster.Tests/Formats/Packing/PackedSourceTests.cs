using System.IO.Compression;
using System.Text;
using Muster.Contacts;
using Muster.Formats.Packing;
using Muster.Sources;

namespace Muster.Tests.Formats.Packing;

public sealed class PackedSourceTests
{
    static readonly MusterSettings Settings = new();
    static readonly byte[] Csv = Encoding.UTF8.GetBytes("email,name\n" + string.Concat(Enumerable.Range(0, 5_000).Select(i => $"a{i * 7919 % 10_007}@x.org,Name {i}\n")));

    [Fact]
    public void Gzip_and_zip_give_what_was_packed()
    {
        Assert.Equal(Csv, Unpack(Gzip(Csv)));
        Assert.Equal(Csv, Unpack(Zip(("contacts.csv", Csv))));
        Assert.Equal(Csv, Unpack(Zip(("folder/", []), ("folder/contacts.csv", Csv), ("__MACOSX/folder/._contacts.csv", [1]), (".DS_Store", [2]))));
    }

    [Fact]
    public void Members_of_gzip_follow_each_other_and_zero_bytes_behind_them_are_padding()
    {
        Assert.Equal([.. Csv, .. Csv], Unpack([.. Gzip(Csv), .. Gzip(Csv)]));
        Assert.Equal(Csv, Unpack([.. Gzip(Csv), .. new byte[512]]));
        Assert.Equal([.. Csv, .. Csv], Unpack([.. Gzip(Csv), .. new byte[1 << 20], .. Gzip(Csv), .. new byte[1 << 20]]));
        Assert.Equal([], Unpack(Gzip([])));
    }

    [Fact]
    public void Gzip_that_is_cut_off_anywhere_is_damaged_and_never_short()
    {
        var packed = Gzip(Csv);
        for (var cut = 1; cut < packed.Length; cut += 1 + cut / 3)
            Assert.Equal(ErrorCode.ArchiveDamaged, Damage(packed[..^cut]));
        Assert.Equal(ErrorCode.ArchiveDamaged, Damage([.. packed, .. "and more"u8]));
        Assert.Equal(ErrorCode.ArchiveDamaged, Damage([.. packed, .. packed[..(packed.Length / 2)]]));
    }

    [Fact]
    public void A_flipped_bit_in_an_archive_is_damage()
    {
        foreach (var packed in (byte[][])[Gzip(Csv), Zip(("contacts.csv", Csv))])
        {
            var flipped = (byte[])packed.Clone();
            flipped[packed.Length / 3] ^= 0x10;
            Assert.Equal(ErrorCode.ArchiveDamaged, Damage(flipped));
        }
    }

    [Fact]
    public void A_zip_archive_must_hold_one_file()
    {
        Assert.Equal(ErrorCode.ArchiveNotOneFile, Refuse(Zip(("a.csv", Csv), ("b.csv", Csv))).Code);
        Assert.Equal(ErrorCode.ArchiveNotOneFile, Refuse(Zip(("folder/", []))).Code);
        Assert.Equal(ErrorCode.ArchiveNotOneFile, Refuse(Zip()).Code);
    }

    [Fact]
    public void More_entries_than_allowed_are_refused_before_any_is_listed()
    {
        var many = Zip([.. Enumerable.Range(0, 20).Select(i => ($"{i}/", Array.Empty<byte>())), ("a.csv", Csv)]);
        var refused = Assert.IsType<PackingResult.Refused>(PackedSource.Open(new MemoryStream(many), Settings with { ZipEntriesMax = 10 }));
        Assert.Contains("zip_entries_max", refused.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Content_beyond_the_limits_stops_while_it_inflates()
    {
        Assert.Equal(ErrorCode.InflatedTooLarge, Damage(Gzip(Csv), Settings with { InflatedBytesMax = 1_000 }));
        Assert.Equal(ErrorCode.InflatedTooLarge, Damage(Gzip(new byte[20 << 20]), Settings with { InflatedRatioMax = 20 }));
        Assert.Equal(ErrorCode.InflatedTooLarge, Refuse(Zip(("a.csv", Csv)), Settings with { InflatedBytesMax = 1_000 }).Code);
    }

    [Fact]
    public void Documents_that_are_zip_archives_are_named()
    {
        Assert.Contains("Word", Refuse(Zip(("[Content_Types].xml", [1]), ("word/document.xml", [1]))).Detail, StringComparison.Ordinal);
        Assert.Contains("OpenDocument", Refuse(Zip(("mimetype", [1]), ("content.xml", [1]))).Detail, StringComparison.Ordinal);
        Assert.IsType<PackingResult.NotPacked>(PackedSource.Open(new MemoryStream(Zip(("[Content_Types].xml", [1]), ("xl/workbook.xml", [1]))), Settings));
        Assert.IsType<PackingResult.NotPacked>(PackedSource.Open(new MemoryStream(Csv), Settings));
    }

    static byte[] Unpack(byte[] packed, MusterSettings? settings = null)
    {
        var result = PackedSource.Open(new MemoryStream(packed), settings ?? Settings);
        using var content = Assert.IsType<PackingResult.Packed>(result).Content;
        using var copy = new MemoryStream();
        content.CopyTo(copy);
        return copy.ToArray();
    }

    static ErrorCode Damage(byte[] packed, MusterSettings? settings = null) => PackedSource.Open(new MemoryStream(packed), settings ?? Settings) is PackingResult.Refused refused
        ? refused.Code
        : Assert.Throws<SourceException>(() => Unpack(packed, settings)).Code;

    static PackingResult.Refused Refuse(byte[] packed, MusterSettings? settings = null) =>
        Assert.IsType<PackingResult.Refused>(PackedSource.Open(new MemoryStream(packed), settings ?? Settings));

    public static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(content);
        return content.Length > 0 ? packed.ToArray() : [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]; // the framework writes nothing for nothing
    }

    public static byte[] Zip(params (string Name, byte[] Content)[] entries)
    {
        using var packed = new MemoryStream();
        using (var zip = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                using var entry = zip.CreateEntry(name, CompressionLevel.Fastest).Open();
                entry.Write(content);
            }
        }
        return packed.ToArray();
    }
}
