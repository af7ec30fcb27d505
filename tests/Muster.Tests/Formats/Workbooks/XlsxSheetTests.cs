using System.IO.Compression;
using System.Text;
using Muster.Contacts;
using Muster.Formats;
using Muster.Formats.Workbooks;

namespace Muster.Tests.Formats.Workbooks;

public sealed class XlsxSheetTests : IDisposable
{
    static readonly string Contacts = XlsxBook.Row(1, "email", "first_name") + XlsxBook.Row(2, "a@example.test", "A") + XlsxBook.Row(3, "b@example.test", "B");

    readonly WorkbookReading books = new();

    public void Dispose() => books.Dispose();

    static XlsxBook Book() => new XlsxBook().Sheet("Sheet1", Contacts);

    static byte[] Changed(byte[] bytes, Action<byte[]> change)
    {
        change(bytes);
        return bytes;
    }

    [Theory]
    [InlineData(null, "Second")]
    [InlineData("1", "First")]
    [InlineData("First", "First")]
    [InlineData("second", "Second")]
    [InlineData(" Third ", "Third")]
    [InlineData("4", "4")]
    [InlineData("5", "4")]
    [InlineData("3", "Third")]
    public void A_sheet_is_chosen_by_name_or_number(string? wanted, string read)
    {
        var book = new XlsxBook().Sheet("First", XlsxBook.Row(1, "First"), "hidden").Sheet("Second", XlsxBook.Row(1, "Second"))
            .Sheet("Third", XlsxBook.Row(1, "Third")).Sheet("x", XlsxBook.Row(1, "x"), "veryHidden").Sheet("4", XlsxBook.Row(1, "4"));
        Assert.Equal("1:" + read, Assert.Single(books.Told(book.Bytes(), books.Raw with { Sheet = wanted })));
    }

    [Fact]
    public void An_unknown_sheet_is_refused_with_the_names_of_all()
    {
        var refused = books.Refuse(Book().Sheet("Übersicht", "").Bytes(), WorkbookOptions.Default with { Sheet = "Kunden" });
        Assert.Equal(ErrorCode.UnknownSheet, refused.Code);
        Assert.Contains("'Sheet1', 'Übersicht'", refused.Detail, StringComparison.Ordinal);
        Assert.Equal(ErrorCode.UnknownSheet, books.Refuse(Book().Bytes(), WorkbookOptions.Default with { Sheet = "2" }).Code);
        Assert.Equal(ErrorCode.UnknownSheet, books.Refuse(Book().Bytes(), WorkbookOptions.Default with { Sheet = "0" }).Code);
    }

    [Fact]
    public void Rows_keep_the_numbers_that_the_sheet_shows() => Assert.Equal(
        ["3:a", "7:b", "1048576:c"], books.Told(XlsxBook.Of(XlsxBook.Row(3, "a"), "<row r=\"5\"/>", XlsxBook.Row(7, "b"), XlsxBook.Row(8, ""), XlsxBook.Row(1_048_576, "c"))));

    [Fact]
    public void A_cell_at_the_sheets_last_corner_costs_one_row()
    {
        var bytes = XlsxBook.Of(Contacts, "<row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>");
        using var reader = Assert.IsType<OpenResult.Opened>(books.Open(bytes, WorkbookOptions.Default)).Reader;
        Assert.Equal(["email", "first_name"], reader.Shape.Columns);
        var rows = new List<(long, ErrorCode)>();
        while (reader.Read())
            rows.Add((reader.RowNumber, reader.Fault));
        Assert.Equal([(2, ErrorCode.None), (3, ErrorCode.None), (1_048_576, ErrorCode.TooManyCells)], rows);
        Assert.True(books.TextBytes < 4 << 20);
    }

    [Fact]
    public void Rows_and_columns_that_no_sheet_has_are_rejected()
    {
        var told = books.Told(XlsxBook.Of(Contacts, "<row r=\"4294967295\"><c r=\"ZZZZZZ4294967295\"><v>1</v></c></row>"), books.Raw with { ColumnsMax = 1_000 });
        Assert.EndsWith("InvalidCell@-1", told[^1], StringComparison.Ordinal);
        Assert.Equal(4, told.Length);
    }

    [Fact]
    public void A_column_without_a_name_is_a_column()
    {
        var rows = XlsxBook.Row(1, "email") + XlsxBook.Row(2, "a@example.test", "note") + XlsxBook.Row(3, "b@example.test", "note");
        using var reader = Assert.IsType<OpenResult.Opened>(books.Open(XlsxBook.Of(rows), WorkbookOptions.Default)).Reader;
        Assert.Equal(["email", ""], reader.Shape.Columns);
        Assert.True(reader.Read());
        Assert.Equal(ErrorCode.None, reader.Fault);
    }

    [Fact]
    public void Rows_without_numbers_follow_each_other() => Assert.Equal(
        ["1:1|2", "2:3"], books.Told(XlsxBook.Of("<row><c><v>1</v></c><c><v>2</v></c></row>", "<row><c><v>3</v></c></row>")));

    [Fact]
    public void A_row_written_in_pieces_is_one_row() => Assert.Equal(
        ["1:1|2", "2:3"], books.Told(XlsxBook.Of("<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>", "<row r=\"1\"><c r=\"B1\"><v>2</v></c></row>", "<row r=\"2\"><c r=\"A2\"><v>3</v></c></row>")));

    [Fact]
    public void Rows_whose_numbers_repeat_are_counted_on()
    {
        var bytes = XlsxBook.Of(XlsxBook.Row(5, "a", "b"), XlsxBook.Row(5, "c", "d"), XlsxBook.Row(2, "e", "f"));
        Assert.Equal(["5:a|b", "6:c|d", "7:e|f"], books.Told(bytes));
        Assert.True(books.Notes.RowsOutOfOrder);
    }

    [Fact]
    public void Hidden_and_merged_parts_are_read_and_told_of()
    {
        var rows = XlsxBook.Row(1, "a", "b") + XlsxBook.Row(2, "c", null).Replace("<row r=\"2\"", "<row r=\"2\" hidden=\"1\"", StringComparison.Ordinal)
            + "<row r=\"3\"><c r=\"A3\"><f>TODAY()</f></c><c r=\"B3\"><v>1</v></c></row>";
        var bytes = new XlsxBook().Sheet("Sheet1", rows, after: "<mergeCells count=\"1\"><mergeCell ref=\"A2:B2\"/></mergeCells>").Sheet("Other", "").Bytes();
        Assert.Equal(["1:a|b", "2:c", "3:|1"], books.Told(bytes));
        var notes = books.Notes;
        Assert.Equal((1, 1, 1), (notes.HiddenRows, notes.MergedRanges, notes.FormulasWithoutValue));
        Assert.Equal(4, notes.Warnings().Count());
    }

    [Fact]
    public void Prefixes_strict_namespaces_and_UTF_16_are_read()
    {
        var prefixed = Book();
        prefixed.Parts["xl/worksheets/sheet1.xml"] = "<x:worksheet xmlns:x=\"http://purl.oclc.org/ooxml/spreadsheetml/main\"><x:sheetData><x:row r=\"1\"><x:c r=\"A1\" t=\"str\"><x:v>v</x:v></x:c></x:row></x:sheetData></x:worksheet>";
        Assert.Equal("1:v", Assert.Single(books.Told(prefixed.Bytes())));
        var text = "<?xml version=\"1.0\" encoding=\"utf-16\"?>" + $"<worksheet xmlns=\"m\"><sheetData>{XlsxBook.Row(1, "東京")}</sheetData></worksheet>";
        Assert.Equal("1:東京", Assert.Single(books.Told(Replaced(Book().Bytes(), "xl/worksheets/sheet1.xml", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(text)]))));
    }

    [Fact]
    public void An_empty_sheet_is_refused_and_names_the_others()
    {
        var refused = books.Refuse(new XlsxBook().Sheet("Cover", "").Sheet("Data", Contacts).Bytes());
        Assert.Equal(ErrorCode.EmptySource, refused.Code);
        Assert.Contains("'Data'", refused.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("xl/sharedStrings.xml", "<!DOCTYPE s [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><sst><si><t>&e;</t></si></sst>")]
    [InlineData("xl/worksheets/sheet1.xml", "<?xml version=\"1.0\"?><!DOCTYPE w SYSTEM \"http://127.0.0.1:9/x\"><worksheet/>")]
    [InlineData("[Content_Types].xml", "<!DOCTYPE t><Types/>")]
    [InlineData("docProps/core.xml", "<!DOCTYPE t [<!ENTITY a \"a\">]><x/>")]
    [InlineData("../../evil.xml", "x")]
    [InlineData("/tmp/evil.xml", "x")]
    [InlineData("..\\evil.xml", "x")]
    [InlineData("C:/evil.xml", "x")]
    public void Document_types_and_names_that_lead_outside_are_refused(string part, string text)
    {
        var book = Book();
        book.Parts[part] = text;
        Assert.Equal(ErrorCode.UnsafeSource, books.Refuse(book.Bytes()).Code);
    }

    [Fact]
    public void Two_entries_of_one_name_are_refused()
    {
        using var bytes = new MemoryStream();
        bytes.Write(Book().Bytes());
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Update, leaveOpen: true))
        {
            using var entry = zip.CreateEntry("XL/worksheets/sheet1.xml").Open();
            entry.Write("x"u8);
        }
        Assert.Equal(ErrorCode.UnsafeSource, books.Refuse(bytes.ToArray()).Code);
    }

    [Fact]
    public void A_needed_part_outside_the_file_is_not_fetched_and_other_links_do_not_matter()
    {
        const string Relations = "<Relationships><Relationship Id=\"rId1\" Type=\"a/worksheet\" Target=\"{0}\"/><Relationship Id=\"rId9\" Type=\"a/externalLink\" Target=\"http://127.0.0.1:9/\" TargetMode=\"External\"/></Relationships>";
        var book = Book();
        book.Parts["xl/_rels/workbook.xml.rels"] = string.Format(null, Relations, "worksheets/sheet1.xml");
        Assert.Equal(3, books.Told(book.Bytes()).Length);
        book.Parts["xl/_rels/workbook.xml.rels"] = string.Format(null, Relations, "http://127.0.0.1:9/s\" TargetMode=\"External");
        Assert.Equal(ErrorCode.UnsafeSource, books.Refuse(book.Bytes()).Code);
        book.Parts["xl/_rels/workbook.xml.rels"] = string.Format(null, Relations, "../../../etc/passwd");
        Assert.Equal(ErrorCode.UnsafeSource, books.Refuse(book.Bytes()).Code);
    }

    [Fact]
    public void Damage_anywhere_is_refused()
    {
        var bytes = Book().Bytes();
        Assert.Equal(ErrorCode.ArchiveDamaged, books.Refuse(bytes[..(bytes.Length / 2)]).Code);
        Assert.Equal(ErrorCode.ArchiveDamaged, books.Refuse([.. bytes, 0]).Code);
        var missing = Book();
        missing.Parts["xl/worksheets/sheet1.xml"] = null;
        Assert.Equal(ErrorCode.ArchiveDamaged, books.Refuse(missing.Bytes()).Code);
        var broken = Book();
        broken.Parts["xl/worksheets/sheet1.xml"] = $"<worksheet><sheetData>{Contacts}</sheetData>";
        Assert.Equal(ErrorCode.ArchiveDamaged, books.Refuse(broken.Bytes()).Code);
        var deep = Book();
        deep.Parts["xl/worksheets/sheet1.xml"] = $"<worksheet><sheetData>{string.Concat(Enumerable.Repeat("<a>", 100_000))}";
        Assert.Equal(ErrorCode.ArchiveDamaged, books.Refuse(deep.Bytes()).Code);

        // The sheet's checksum, in the directory.
        var wrong = Changed(Book().Bytes(), b => b[b.AsSpan().LastIndexOf("xl/worksheets/sheet1.xml"u8) - 46 + 16] ^= 1);
        Assert.Contains("checksum", books.Refuse(wrong).Detail, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(books.SpoolFolder));
    }

    [Fact]
    public void Encrypted_entries_are_refused() =>
        Assert.Equal(ErrorCode.ArchiveEncrypted, books.Refuse(Changed(Book().Bytes(), b => b[b.AsSpan().LastIndexOf("xl/worksheets/sheet1.xml"u8) - 46 + 8] |= 1)).Code);

    [Fact]
    public void Limits_are_told_by_their_names()
    {
        var bomb = new XlsxBook { Compression = CompressionLevel.SmallestSize }.Sheet("Sheet1", Contacts + new string(' ', 40 << 20)).Bytes();
        Assert.Contains("inflated_ratio_max", books.Refuse(bomb).Detail, StringComparison.Ordinal);
        Assert.Contains("inflated_bytes_max", books.Refuse(bomb, WorkbookOptions.Default with { InflatedBytesMax = 1 << 20 }).Detail, StringComparison.Ordinal);
        Assert.Contains("zip_entries_max", books.Refuse(Book().Bytes(), WorkbookOptions.Default with { EntriesMax = 5 }).Detail, StringComparison.Ordinal);
        Assert.Contains("workbook_text_bytes_max", books.Refuse(Book().Bytes(), WorkbookOptions.Default with { TextBytesMax = 20 }).Detail, StringComparison.Ordinal);
        Assert.Contains("columns_max", books.Refuse(Book().Bytes(), WorkbookOptions.Default with { ColumnsMax = 1 }).Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("xl/workbook.bin", "x", "xlsb")]
    [InlineData("mimetype", "application/vnd.oasis.opendocument.spreadsheet", "ods")]
    [InlineData("Index/Document.iwa", "x", "Numbers")]
    [InlineData("word/document.xml", "<x/>", "Word")]
    public void Other_programs_documents_are_named(string part, string text, string name)
    {
        var book = Book();
        book.Parts[part] = text;
        var refused = books.Refuse(book.Bytes());
        Assert.Equal(ErrorCode.UnsupportedFormat, refused.Code);
        Assert.Contains(name, refused.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<html><body><table><tr><th>email</th></tr></table></body></html>", "HTML")]
    [InlineData("\r\n <!DOCTYPE html PUBLIC \"x\"><html>", "HTML")]
    [InlineData("<table border=1><tr><td>email", "HTML")]
    [InlineData("<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?><Workbook>", "SpreadsheetML 2003")]
    [InlineData("<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">", "SpreadsheetML 2003")]
    public void What_passes_for_a_workbook_is_named(string text, string name) =>
        Assert.Contains(name, books.Refuse(Encoding.UTF8.GetBytes(text)).Detail, StringComparison.Ordinal);

    static byte[] Replaced(byte[] book, string part, byte[] with)
    {
        using var bytes = new MemoryStream();
        bytes.Write(book);
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Update, leaveOpen: true))
        {
            zip.GetEntry(part)!.Delete(); // every book has it
            using var entry = zip.CreateEntry(part).Open();
            entry.Write(with);
        }
        return bytes.ToArray();
    }
}
