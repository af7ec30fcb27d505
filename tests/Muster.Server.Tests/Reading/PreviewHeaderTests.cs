using System.Net;
using System.Text;
using System.Text.Json;
using Muster.Tests.Formats.Workbooks;

namespace Muster.Server.Tests.Reading;

/// <summary>A preview says what the source is and how sure that is, and which row names the columns.</summary>
public sealed class PreviewHeaderTests(MusterHost host) : IClassFixture<MusterHost>
{
    [Theory]
    [InlineData("email,name\na@x.example,Ann\n", null, 1)]
    [InlineData("\n\nemail,name\na@x.example,Ann\n", null, 3)]
    [InlineData("sep=;\nemail;name\na@x.example;Ann\n", null, 2)]
    [InlineData("Spring fair,\n\"printed\nby Ann\",\n\nemail,name\na@x.example,Ann\nb@x.example,Bob\n", null, 4)] // records, not lines
    [InlineData("a@x.example,Ann\nb@x.example,Bob\n", null, null)]
    [InlineData("email,name\na@x.example,Ann\n", "header=false", null)]
    [InlineData("one\nemail,name\na@x.example,Ann\n", "preamble_rows=1", 2)]
    [InlineData("\n\n\nemail,name\n\na@x.example,Ann\n", "preamble_rows=3", 4)]
    [InlineData("[{\"email\":\"a@x.example\"}]", null, null)]
    public async Task The_header_row_is_the_record_that_names_the_columns(string file, string? options, int? row)
    {
        var source = (await PreviewAsync(Encoding.UTF8.GetBytes(file), options)).GetProperty("source");
        var header = source.GetProperty("header_row");
        Assert.Equal(row, header.ValueKind == JsonValueKind.Null ? null : header.GetInt32());
        if (row is not null)
            Assert.Equal(["email", "name"], source.GetProperty("columns").EnumerateArray().Select(c => c.GetString()));
    }

    [Fact]
    public async Task A_workbooks_header_row_is_the_sheets_and_nothing_parts_its_cells()
    {
        var book = new XlsxBook().Sheet("People", XlsxBook.Row(3, "Spring fair") + XlsxBook.Row(5, "email", "name") + XlsxBook.Row(6, "a@x.example", "Ann") + XlsxBook.Row(7, "b@x.example", "Bob")).Sheet("Notes", XlsxBook.Row(1, "x"));
        var source = (await PreviewAsync(book.Bytes(), null)).GetProperty("source");
        Assert.Equal(("xlsx", 5, JsonValueKind.Null), (source.GetProperty("format").GetString(), source.GetProperty("header_row").GetInt32(), source.GetProperty("delimiter").ValueKind));
        Assert.Equal(JsonValueKind.Null, source.GetProperty("evidence").GetProperty("delimiter").ValueKind);
        Assert.Equal(("People", 2), (source.GetProperty("sheet").GetString(), source.GetProperty("sheets").GetArrayLength()));
        Assert.DoesNotContain("comma", source.GetRawText(), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("email,name,city\na@x.example,Ann,Pune\nb@x.example,Bob,Delhi\n", "csv", 0.8, 1)]
    [InlineData("email\na@x.example\n", "csv", 0.5, 0.5)]
    [InlineData("[{\"email\":\"a@x.example\"}]", "json", 1, 1)]
    [InlineData("{\"email\":\"a@x.example\"}\n{\"email\":\"b@x.example\"}\n", "ndjson", 1, 1)]
    public async Task The_format_has_a_confidence_and_a_reason(string file, string format, double least, double most)
    {
        var source = (await PreviewAsync(Encoding.UTF8.GetBytes(file), null)).GetProperty("source");
        var evidence = source.GetProperty("evidence").GetProperty("format");
        Assert.Equal(format, source.GetProperty("format").GetString());
        Assert.InRange(evidence.GetProperty("confidence").GetDouble(), least, most);
        Assert.NotEqual("", evidence.GetProperty("reason").GetString());
    }

    async Task<JsonElement> PreviewAsync(byte[] file, string? options)
    {
        using var client = host.Admin();
        using var body = new ByteArrayContent(file);
        using var uploaded = await client.PostAsync("/v1/uploads?file_name=x", body);
        var upload = await uploaded.JsonAsync(HttpStatusCode.Created);
        using var preview = await client.GetAsync($"/v1/uploads/{upload.GetProperty("id").GetString()}/preview?{options}");
        return await preview.JsonAsync(HttpStatusCode.OK);
    }
}
