using System.Text;
using Muster.Contacts;
using Muster.Formats;

namespace Muster.Tests.Formats;

/// <summary>What is found out about a text before its first row: header, preamble, totals, delimiter, and what is no table at all.</summary>
public sealed class TextOpeningTests
{
    const string LinkedIn = "Notes:\r\n\"When exporting your connection data, you may notice that some of the email addresses are missing.\"\r\n\r\n";

    [Theory]
    [InlineData(LinkedIn + "First Name,Last Name,Email Address\r\nA,B,a@x.org\r\n", 3)]
    [InlineData("Report of 2026-11-22;;\r\n;;\r\nEmail;Name;City\r\na@x.org;A;Pune\r\nb@x.org;B;Oslo\r\n", 2)]
    [InlineData("Contacts\n\nemail\tname\na@x.org\tAnn\n", 2)]
    [InlineData("email,name\na@x.org,Ann\n", 0)]
    [InlineData("\n\nemail,name\na@x.org,Ann\n", 2)]
    [InlineData("sep=;\nemail;name\na@x.org;Ann\n", 1)]
    [InlineData("email\na@x.org\nSmith, John, Old, Friend\n", 0)]
    public void Lines_above_the_header_are_passed_over_and_counted(string text, int rows)
    {
        var shape = Open(text).Reader.Shape;
        Assert.Equal((rows, true), (shape.PreambleRows, shape.HasHeader));
        Assert.Contains(shape.Columns, c => c.Contains("mail", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(500)]
    public void ISO_2022_JP_is_called_by_its_name_however_short_the_text(int rows)
    {
        var text = "email,name\r\n" + string.Concat(Enumerable.Range(0, rows).Select(i => $"p{i}@x.org,\u001B$B:4F#2V;R\u001B(B\r\n"));
        var refused = Assert.IsType<OpenResult.Refused>(TextOpening.Open(new MemoryStream(Encoding.ASCII.GetBytes(text)), new()));
        Assert.Equal(ErrorCode.UnsupportedEncoding, refused.Code);
        Assert.Contains("ISO-2022-JP", refused.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("email,name\na@x.org,Zo\u00C3\u00AB\nb@x.org,M\u00C3\u00BCller\n", "windows-1252")]
    [InlineData("email,name\na@x.org,Zo\uFFFD\nb@x.org,M\u00FCller\n", "\uFFFD")]
    public void Text_that_was_damaged_before_it_came_is_told_of(string text, string sign) =>
        Assert.Contains(Open(text).Warnings, w => w.Contains(sign, StringComparison.Ordinal));

    [Theory]
    [InlineData("email,name\na@x.org,Zoë Ãlvares\nb@x.org,São João\n")]
    [InlineData("email,name\na@x.org,ÃO\nb@x.org,€ £ § ½\nc@x.org,Łukasz\nd@x.org,Ã\u00AD\ne@x.org,São\n")]
    public void Text_as_people_write_it_is_not_taken_for_damaged(string text) =>
        Assert.Empty(Open(text).Warnings);

    [Fact]
    public void Marks_and_blanks_without_width_are_no_part_of_a_columns_name() =>
        Assert.Equal(["email", "name"], Open("\uFEFF\uFEFFemail,\u200Bname\na@x.org,Ann\n").Reader.Shape.Columns);

    [Fact]
    public void The_preamble_that_is_said_beats_the_one_that_is_found()
    {
        using var reader = Open("x,y\nemail,name\na@x.org,Ann\n", new() { Csv = new() { HasHeader = null, PreambleRows = 1 } }).Reader;
        Assert.Equal(["email", "name"], reader.Shape.Columns);
        Assert.True(reader.Read());
        Assert.Equal(3, reader.RowNumber);
    }

    [Theory]
    [InlineData("a@x.org,Ann\nb@x.org,Bob\n", 2)]
    [InlineData("Ann,+61 400 000 000\nBob,+61 400 000 001\n", 2)]
    public void A_first_row_that_is_a_contact_is_no_header(string text, int rows)
    {
        var opened = Open(text);
        Assert.False(opened.Reader.Shape.HasHeader);
        Assert.Equal(rows, Count(opened.Reader));
        Assert.Contains(opened.Warnings, w => w.Contains("without a header", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    public void Looking_for_totals_at_the_end_loses_nothing_before_it(string encoding)
    {
        var text = "email,name\n" + new string('\n', 400_000) + string.Concat(Enumerable.Range(0, 50_000).Select(i => $"a{i}@x.org,Ann\n")) + "Total,50000\n";
        var coded = Encoding.GetEncoding(encoding);
        var opened = Open([.. coded.GetPreamble(), .. coded.GetBytes(text)]);
        Assert.Equal(1, opened.Reader.Shape.TotalsRows);
        Assert.Equal(50_001, Count(opened.Reader));
    }

    [Theory]
    [InlineData("email,amount\na@x.org,1\nTotal,1\n", 1)]
    [InlineData("email,amount\na@x.org,1\n\nSumme:,1\n", 1)]
    [InlineData("email,amount\na@x.org,1\n----,----\n(1 rows)\n", 2)]
    [InlineData("email,name\na@x.org,1\n合計,1\n", 1)]
    [InlineData("name,email\nTotal,total@x.org\n", 0)]
    [InlineData("email,name\na@x.org,Total\n", 0)]
    public void Rows_of_totals_are_rejected_as_such(string text, int rows)
    {
        foreach (var encoding in (Encoding[])[new UTF8Encoding(false), Encoding.Unicode])
        {
            var opened = Open([.. encoding.GetPreamble(), .. encoding.GetBytes(text)]);
            Assert.Equal(rows, opened.Reader.Shape.TotalsRows);
            var faults = new List<ErrorCode>();
            while (opened.Reader.Read())
                faults.Add(opened.Reader.Fault);
            Assert.Equal(rows, faults.Count(f => f == ErrorCode.TotalsRow));
            Assert.All(faults.SkipLast(rows), f => Assert.Equal(ErrorCode.None, f));
        }
    }

    [Fact]
    public void Totals_that_are_said_beat_those_that_are_found()
    {
        Assert.Equal(0, Open("email,n\na@x.org,1\nTotal,1\n", new() { TotalsRows = 0 }).Reader.Shape.TotalsRows);
        Assert.Equal(2, Open("email,n\na@x.org,1\nThat is\nall\n", new() { TotalsRows = 2 }).Reader.Shape.TotalsRows);
    }

    [Theory]
    [InlineData(',')]
    [InlineData(';')]
    [InlineData('\t')]
    [InlineData('|')]
    [InlineData('^')]
    [InlineData('~')]
    [InlineData(':')]
    [InlineData('!')]
    [InlineData('¦')]
    [InlineData('§')]
    public void Any_sign_that_cuts_the_records_alike_is_the_delimiter(char delimiter)
    {
        var opened = Open(string.Concat(Enumerable.Range(0, 20).Select(i => i == 0 ? $"email{delimiter}name{delimiter}city\n" : $"a{i}@x.org{delimiter}\"A{delimiter}B\"{delimiter}Pune\n")));
        Assert.Equal(delimiter, opened.Reader.Shape.Delimiter);
        Assert.Equal(3, opened.Reader.Shape.Columns.Count);
        Assert.True(opened.Evidence?.Delimiter?.Confidence > 0.9);
    }

    [Theory]
    [InlineData("<html><body><table><tr><th>email</th></tr></table></body></html>", "HTML")]
    [InlineData("\r\n<!-- saved --><!DOCTYPE html><html>", "HTML")]
    [InlineData("<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">", "Excel 2003")]
    [InlineData("<?xml version=\"1.0\"?><contacts/>", "XML")]
    [InlineData("{\\rtf1\\ansi email}", "RTF")]
    [InlineData("BEGIN:VCARD\nVERSION:3.0\n", "vCard")]
    [InlineData("SQLite format 3\0", "SQLite")]
    [InlineData("BZh91AY&SY", "bzip2")]
    [InlineData("MZ\u0090\0\u0003\0\0\0", "program")]
    public void Other_documents_are_refused_by_name(string start, string name)
    {
        var refused = Assert.IsType<OpenResult.Refused>(TextOpening.Open(new MemoryStream(Encoding.Latin1.GetBytes(start + new string(' ', 100))), new()));
        Assert.Equal(ErrorCode.UnsupportedFormat, refused.Code);
        Assert.Contains(name, refused.Detail, StringComparison.Ordinal);
    }

    static OpenResult.Opened Open(string text, TextOptions? options = null) => Open(Encoding.UTF8.GetBytes(text), options);

    static OpenResult.Opened Open(byte[] bytes, TextOptions? options = null) => Assert.IsType<OpenResult.Opened>(TextOpening.Open(new MemoryStream(bytes), options ?? new()));

    static int Count(RowReader reader)
    {
        var rows = 0;
        while (reader.Read())
            rows++;
        return rows;
    }
}
