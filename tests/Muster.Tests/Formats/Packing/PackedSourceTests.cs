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
        Assert.Equal(Csv, Unpack(Packed.Gzip(Csv)));
        Assert.Equal(Csv, Unpack(Packed.Zip(("contacts.csv", Csv))));
        Assert.Equal(Csv, Unpack(Packed.Zip(("folder/", []), ("folder/contacts.csv", Csv), ("__MACOSX/folder/._contacts.csv", [1]), (".DS_Store", [2]))));
    }

    [Fact]
    public void Members_of_gzip_follow_each_other_and_zero_bytes_behind_them_are_padding()
    {
        Assert.Equal([.. Csv, .. Csv], Unpack([.. Packed.Gzip(Csv), .. Packed.Gzip(Csv)]));
        Assert.Equal(Csv, Unpack([.. Packed.Gzip(Csv), .. new byte[512]]));
        Assert.Equal([.. Csv, .. Csv], Unpack([.. Packed.Gzip(Csv), .. new byte[1 << 20], .. Packed.Gzip(Csv), .. new byte[1 << 20]]));
        Assert.Equal([], Unpack(Packed.Gzip([])));
    }

    [Fact]
    public void Gzip_that_is_cut_off_anywhere_is_damaged_and_never_short()
    {
        var packed = Packed.Gzip(Csv);
        for (var cut = 1; cut < packed.Length; cut += 1 + cut / 3)
            Assert.Equal(ErrorCode.ArchiveDamaged, Damage(packed[..^cut]));
        Assert.Equal(ErrorCode.ArchiveDamaged, Damage([.. packed, .. "and more"u8]));
        Assert.Equal(ErrorCode.ArchiveDamaged, Damage([.. packed, .. packed[..(packed.Length / 2)]]));
    }

    [Fact]
    public void A_flipped_bit_in_an_archive_is_damage()
    {
        foreach (var packed in (byte[][])[Packed.Gzip(Csv), Packed.Zip(("contacts.csv", Csv))])
        {
            var flipped = (byte[])packed.Clone();
            flipped[packed.Length / 3] ^= 0x10;
            Assert.Equal(ErrorCode.ArchiveDamaged, Damage(flipped));
        }
    }

    [Fact]
    public void A_zip_archive_must_hold_one_file()
    {
        Assert.Equal(ErrorCode.ArchiveNotOneFile, Refuse(Packed.Zip(("a.csv", Csv), ("b.csv", Csv))).Code);
        Assert.Equal(ErrorCode.ArchiveNotOneFile, Refuse(Packed.Zip(("folder/", []))).Code);
        Assert.Equal(ErrorCode.ArchiveNotOneFile, Refuse(Packed.Zip()).Code);
    }

    [Fact]
    public void More_entries_than_allowed_are_refused_before_any_is_listed()
    {
        var many = Packed.Zip([.. Enumerable.Range(0, 20).Select(i => ($"{i}/", Array.Empty<byte>())), ("a.csv", Csv)]);
        var refused = Assert.IsType<PackingResult.Refused>(PackedSource.Open(new MemoryStream(many), Settings with { ZipEntriesMax = 10 }));
        Assert.Contains("zip_entries_max", refused.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Content_beyond_the_limits_stops_while_it_inflates()
    {
        Assert.Equal(ErrorCode.InflatedTooLarge, Damage(Packed.Gzip(Csv), Settings with { InflatedBytesMax = 1_000 }));
        Assert.Equal(ErrorCode.InflatedTooLarge, Damage(Packed.Gzip(new byte[20 << 20]), Settings with { InflatedRatioMax = 20 }));
        Assert.Equal(ErrorCode.InflatedTooLarge, Refuse(Packed.Zip(("a.csv", Csv)), Settings with { InflatedBytesMax = 1_000 }).Code);
    }

    [Fact]
    public void Documents_that_are_zip_archives_are_named()
    {
        Assert.Contains("Word", Refuse(Packed.Zip(("[Content_Types].xml", [1]), ("word/document.xml", [1]))).Detail, StringComparison.Ordinal);
        Assert.Contains("OpenDocument", Refuse(Packed.Zip(("mimetype", [1]), ("content.xml", [1]))).Detail, StringComparison.Ordinal);
        Assert.IsType<PackingResult.NotPacked>(PackedSource.Open(new MemoryStream(Packed.Zip(("[Content_Types].xml", [1]), ("xl/workbook.xml", [1]))), Settings));
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
}
