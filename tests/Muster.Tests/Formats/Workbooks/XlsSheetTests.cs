using Muster.Contacts;
using Muster.Formats.Workbooks;

namespace Muster.Tests.Formats.Workbooks;

public sealed class XlsSheetTests : IDisposable
{
    readonly WorkbookReading books = new();

    public void Dispose() => books.Dispose();

    [Fact]
    public void Cells_are_read_as_a_person_sees_them()
    {
        var book = new XlsBook { Formats = { "yyyy-mm-dd", "00000", "0.00%", "\"+\"0", "dd.mm.yyyy hh:mm" } }
            .Sheet("Kunden", ["email", "Zoë 東京"], ["a@example.test", 61_400_000_000d, (46053d, 1), (42d, 2), (0.125d, 3)], [], [null, (61_400_000_000d, 4), true, (46053.5d, 5), 0.30000000000000004]);
        Assert.Equal(
            ["1:email|Zoë 東京", "2:a@example.test|61400000000|2026-01-31|00042|12.50%", "4:|+61400000000|TRUE|2026-01-31T12:00:00|0.3"],
            books.Told(book.Bytes()));
        Assert.Equal("Kunden", books.Notes.Sheet);
    }

    [Fact]
    public void A_sheet_is_chosen_by_name_or_number()
    {
        var bytes = new XlsBook().Sheet("One", ["1"]).Sheet("Two", ["2"]).Bytes();
        Assert.Equal(["1:2"], books.Told(bytes, books.Raw with { Sheet = "two" }));
        Assert.Equal(["1:2"], books.Told(bytes, books.Raw with { Sheet = "2" }));
        var refused = books.Refuse(bytes, WorkbookOptions.Default with { Sheet = "Three" });
        Assert.Equal(ErrorCode.UnknownSheet, refused.Code);
        Assert.Contains("'One', 'Two'", refused.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void An_xls_beyond_its_limit_is_refused_by_name()
    {
        var refused = books.Refuse(new XlsBook().Sheet("One", ["1"]).Bytes(), WorkbookOptions.Default with { XlsBytesMax = 1_000 });
        Assert.Equal(ErrorCode.SourceTooLarge, refused.Code);
        Assert.Contains("xls_bytes_max", refused.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("xlsx-exceldatareader/Test_git_issue_242_xor_pwd_password.xls")]
    [InlineData("xlsx-exceldatareader/agile_AES128_SHA1_CBC_pwd_password.xlsx")]
    [InlineData("xlsx-exceldatareader/standard_AES192_SHA1_ECB_pwd_password.xlsx")]
    [InlineData("xlsx-exceldatareader/strict/agile_DES_MD5_CBC_pwd_password.xlsx")]
    [InlineData("xlsx-poi/protected/password.xls")]
    public void Encrypted_workbooks_are_refused_as_such(string file) =>
        Assert.Equal(ErrorCode.ArchiveEncrypted, books.Refuse(File.ReadAllBytes(SharedFolder.Path("corpora/files/" + file))).Code);

    [Fact]
    public void A_compound_file_of_noise_is_refused()
    {
        var noise = new byte[4_096];
        new Random(1).NextBytes(noise);
        ReadOnlySpan<byte> signature = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
        signature.CopyTo(noise);
        Assert.Contains(books.Refuse(noise).Code, (ErrorCode[])[ErrorCode.SourceUnreadable, ErrorCode.UnsupportedFormat]);
    }
}
