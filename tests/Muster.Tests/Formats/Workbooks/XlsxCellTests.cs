using System.Text;
using Muster.Formats.Workbooks;

namespace Muster.Tests.Formats.Workbooks;

public sealed class XlsxCellTests : IDisposable
{
    readonly WorkbookReading books = new();

    public void Dispose() => books.Dispose();

    string Cell(string markup, Action<XlsxBook>? prepare = null)
    {
        var book = new XlsxBook();
        prepare?.Invoke(book);
        return Assert.Single(books.Told(book.Sheet("Sheet1", $"<row r=\"1\">{markup}</row>").Bytes()))[2..];
    }

    [Theory]
    [InlineData("<c r=\"A1\"><v>61400000000</v></c>", "61400000000")]
    [InlineData("<c r=\"A1\"><v>6.14E10</v></c>", "61400000000")]
    [InlineData("<c r=\"A1\"><v>4.4E+11</v></c>", "440000000000")]
    [InlineData("<c r=\"A1\"><v>1234567890123456</v></c>", "1234567890123456")]
    [InlineData("<c r=\"A1\"><v>12345678901234567890</v></c>", "12345678901234567890")]
    [InlineData("<c r=\"A1\"><v>0.30000000000000004</v></c>", "0.3")]
    [InlineData("<c r=\"A1\"><v>-0.5</v></c>", "-0.5")]
    [InlineData("<c r=\"A1\"><v>1E-7</v></c>", "0.0000001")]
    [InlineData("<c r=\"A1\"><v>-0</v></c>", "0")]
    [InlineData("<c r=\"A1\"><v>12.50</v></c>", "12.5")]
    [InlineData("<c r=\"A1\" t=\"b\"><v>1</v></c>", "TRUE")]
    [InlineData("<c r=\"A1\" t=\"b\"><v>0</v></c>", "FALSE")]
    [InlineData("<c r=\"A1\" t=\"e\"><v>#N/A</v></c>", "#N/A")]
    [InlineData("<c r=\"A1\"><f>1+1</f><v>2</v></c>", "2")]
    [InlineData("<c r=\"A1\"><f t=\"shared\" ref=\"A1:A9\" si=\"0\">B1&lt;C1</f><v>2</v></c>", "2")]
    [InlineData("<c r=\"A1\" t=\"str\"><f>\"a\"&amp;\"b\"</f><v>a&amp;b</v></c>", "a&b")]
    [InlineData("<c r=\"A1\" t=\"inlineStr\"><is><r><t>Ri</t></r><r><rPr><b/></rPr><t xml:space=\"preserve\">ch </t></r></is></c>", "Rich ")]
    [InlineData("<c r=\"A1\" t=\"inlineStr\"><is><t>東京</t><rPh sb=\"0\" eb=\"2\"><t>トウキョウ</t></rPh><phoneticPr fontId=\"1\"/></is></c>", "東京")]
    [InlineData("<c r=\"A1\" t=\"inlineStr\"><is><t>a_x000D_b_x005F_x000D_</t></is></c>", "a\rb_x000D_")]
    [InlineData("<c r=\"A1\" t=\"inlineStr\"><is><t>_xD83D__xDE00_</t></is></c>", "😀")]
    [InlineData("<c r=\"A1\" t=\"inlineStr\"><is><t>&#x1F600;&#65;&quot;&apos;&gt;</t></is></c>", "😀A\"'>")]
    [InlineData("<c r=\"A1\" t=\"inlineStr\"><is><t>a\r\nb</t></is></c>", "a\nb")]
    [InlineData("<c r=\"A1\" t=\"inlineStr\"><is><t><![CDATA[<a>]]></t></is></c>", "<a>")]
    [InlineData("<c r='A1' t='d'><v>2026-01-31T00:00:00</v></c>", "2026-01-31T00:00:00")]
    [InlineData("<c><v>7</v></c><c r=\"C1\"><v>8</v></c><c><v>9</v></c>", "7||8|9")]
    [InlineData("<c r=\"C1\"><v>3</v></c><c r=\"A1\"><v>1</v></c>", "1||3")]
    [InlineData("<c r=\"A1\"><v>1</v></c><c r=\"A1\"><v>2</v></c>", "1 InvalidCell@0")]
    [InlineData("<c r=\"A1\" t=\"s\"><v>999999999</v></c><c r=\"B1\"><v>1</v></c>", "|1 InvalidCell@0")]
    [InlineData("<c r=\"A1\" t=\"s\"><v>-1</v></c>", " InvalidCell@0")]
    [InlineData("<c r=\"A1\"><v>abc</v></c>", "abc InvalidCell@0")]
    [InlineData("<c r=\"A1\" t=\"x\"><v>abc</v></c>", "abc InvalidCell@0")]
    [InlineData("<c r=\"A1\" s=\"99\"><v>5</v></c>", "5")]
    [InlineData("<c r=\"A1\" t=\"inlineStr\"><is><t>_x0000_</t></is></c>", "\0 NulByte@0")]
    public void A_cell_is_read_as_a_person_sees_it(string markup, string expected) => Assert.Equal(expected, Cell(markup));

    [Fact]
    public void Half_a_surrogate_pair_costs_its_row() =>
        Assert.EndsWith("InvalidUtf8@0", Cell("<c r=\"A1\" t=\"inlineStr\"><is><t>_xD83D_x</t></is></c>"), StringComparison.Ordinal);

    [Theory]
    [InlineData("yyyy-mm-dd", "46053", "2026-01-31")]
    [InlineData("dd/mm/yyyy hh:mm", "46053.5", "2026-01-31T12:00:00")]
    [InlineData("yyyy-mm-dd", "46053.5", "2026-01-31")]
    [InlineData("mmm-yy", "46053", "2026-01-31")]
    [InlineData("[$-409]d\\-mmm\\-yyyy;@", "46053", "2026-01-31")]
    [InlineData("h:mm AM/PM", "0.75", "18:00:00")]
    [InlineData("mm:ss", "0.5", "12:00:00")]
    [InlineData("hh:mm:ss.000", "0.500001157407407", "12:00:00.100")]
    [InlineData("[h]:mm", "1.5", "36:00:00")]
    [InlineData("[mm]:ss", "0.5", "12:00:00")]
    [InlineData("yyyy-mm-dd", "60", "1900-02-29")]
    [InlineData("yyyy-mm-dd", "59", "1900-02-28")]
    [InlineData("yyyy-mm-dd", "61", "1900-03-01")]
    [InlineData("yyyy-mm-dd", "-1", "-1")]
    [InlineData("yyyy-mm-dd", "2958466", "2958466")]
    [InlineData("yyyy-mm-dd", "2958465", "9999-12-31")]
    [InlineData("0%", "0.15", "15%")]
    [InlineData("0.00%", "0.125", "12.50%")]
    [InlineData("0%", "0.12345", "12.345%")]
    [InlineData("00000", "42", "00042")]
    [InlineData("0000000000", "400000000", "0400000000")]
    [InlineData("\"+\"0", "61400000000", "+61400000000")]
    [InlineData("\\+#", "61400000000", "+61400000000")]
    [InlineData("000-00-0000", "12345678", "012-34-5678")]
    [InlineData("[<=9999999]###-####;\\(###\\) ###-####", "6145551234", "(614) 555-1234")]
    [InlineData("[<=9999999]###-####;\\(###\\) ###-####", "5551234", "555-1234")]
    [InlineData("\"ID-\"0000", "7", "ID-0007")]
    [InlineData("00000", "-42", "-00042")]
    [InlineData("00000", "1.5", "1.5")]
    [InlineData("#,##0.00", "1234.5", "1234.5")]
    [InlineData("#,##0.00\\ \"€\"", "1234.5", "1234.5")]
    [InlineData("[$€-407]0", "12", "12")]
    [InlineData("$0", "12", "12")]
    [InlineData("0.00E+00", "12345", "12345")]
    [InlineData("# ?/?", "0.5", "0.5")]
    [InlineData("General", "61400000000", "61400000000")]
    [InlineData("@", "61400000000", "61400000000")]
    [InlineData("0", "61412345678", "61412345678")]
    [InlineData("0.00", "61412345678", "61412345678")]
    [InlineData("\"day\" 0", "3", "day 3")]
    [InlineData("[Red]0", "3", "3")]
    [InlineData("#,##0_);[Red]\\(#,##0\\)", "-1500", "-1500")]
    public void A_number_follows_its_format(string format, string value, string expected) =>
        Assert.Equal(expected, Cell($"<c r=\"A1\" s=\"1\"><v>{value}</v></c>", b => b.Formats.Add(format)));

    [Theory]
    [InlineData(14, "46053", "2026-01-31")]
    [InlineData(22, "46053.25", "2026-01-31T06:00:00")]
    [InlineData(20, "0.25", "06:00:00")]
    [InlineData(46, "2.25", "54:00:00")]
    [InlineData(9, "0.5", "50%")]
    [InlineData(10, "0.5", "50.00%")]
    [InlineData(57, "46053", "2026-01-31")]
    [InlineData(49, "46053", "46053")]
    [InlineData(2, "3.14159", "3.14159")]
    public void A_built_in_format_has_its_meaning(int id, string value, string expected) =>
        Assert.Equal(expected, Cell($"<c r=\"A1\" s=\"1\"><v>{value}</v></c>", b => b.BuiltIns.Add(id)));

    [Fact]
    public void Dates_count_from_1904_when_the_workbook_says_so() =>
        Assert.Equal("2026-01-31", Cell("<c r=\"A1\" s=\"1\"><v>44591</v></c>", b =>
        {
            b.Since1904 = true;
            b.BuiltIns.Add(14);
        }));

    [Fact]
    public void Shared_strings_are_found_by_number() => Assert.Equal("two| three |", Cell(
        "<c r=\"A1\" t=\"s\"><v>1</v></c><c r=\"B1\" t=\"s\"><v>2</v></c><c r=\"C1\" t=\"s\"><v>0</v></c><c r=\"D1\" t=\"s\"><v>3</v></c>",
        b => b.Strings.AddRange(["<si><t/></si>", "<si><t>two</t></si>", "<si><t xml:space=\"preserve\"> three </t></si>", "<si/>"])).PadRight(12, '|')[..12]);

    [Fact]
    public void The_fast_scanner_and_the_XML_reader_read_alike()
    {
        var rows = new StringBuilder();
        for (var i = 1; i <= 500; i++)
            rows.Append(XlsxBook.Row(i, $"r{i}@example.com", i % 7 == 0 ? null : $"Zoë & <{i}>", "a\nb")).Append(i % 5 == 0 ? "\n" : "");
        var plain = new XlsxBook().Sheet("Sheet1", rows.ToString()).Bytes();
        var odd = new XlsxBook().Sheet("Sheet1", rows.ToString(), after: "<!-- a comment makes the scanner give up -->").Bytes();
        Assert.Equal(books.Told(plain), books.Told(odd));
        Assert.Equal(500, books.Told(odd).Length);
    }

    [Fact]
    public void Strings_beyond_their_memory_lie_in_a_file_and_read_alike()
    {
        var random = new Random(3);
        var book = new XlsxBook();
        var rows = new StringBuilder();
        for (var i = 0; i < 4_000; i++)
        {
            book.Strings.Add($"<si><t>text {i} {new string('x', random.Next(i % 100 == 0 ? 40_000 : 60))}</t></si>");
            rows.Append($"<row r=\"{i + 1}\"><c r=\"A{i + 1}\" t=\"s\"><v>{random.Next(i + 1)}</v></c></row>");
        }
        var bytes = book.Sheet("Sheet1", rows.ToString()).Bytes();
        Assert.Equal(books.Told(bytes), books.Told(bytes, books.Raw with { StringsMemory = 1 << 16 }));
        Assert.Equal(4_000, books.Told(bytes).Length);
    }

    [Fact]
    public void A_cell_that_is_too_long_costs_its_row()
    {
        var told = books.Told(XlsxBook.Of(XlsxBook.Row(1, "a", "b"), XlsxBook.Row(2, new string('x', 70_000), "kept"), XlsxBook.Row(3, "c", "d")));
        Assert.Equal(["1:a|b", "3:c|d"], [told[0], told[2]]);
        Assert.EndsWith("|kept CellTooLong@0", told[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_that_is_too_long_costs_itself_alone()
    {
        var options = books.Raw with { RecordBytesMax = 1_000, CellBytesMax = 900 };
        var told = books.Told(XlsxBook.Of(XlsxBook.Row(1, "a"), XlsxBook.Row(2, new string('x', 800), string.Concat(Enumerable.Repeat("y\n\"", 200)), "z"), XlsxBook.Row(3, "c")), options);
        Assert.Equal(["1:a", "3:c"], [told[0], told[^1]]);
        Assert.Equal(3, told.Length);
        Assert.EndsWith("RecordTooLong@-1", told[1], StringComparison.Ordinal);
    }
}
