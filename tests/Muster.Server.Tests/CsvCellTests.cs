using Microsoft.AspNetCore.Http;
using Muster.Server.Api;

namespace Muster.Server.Tests;

public sealed class CsvCellTests
{
    static async Task<string> WriteAsync(bool safe, string? value)
    {
        var csv = new CsvCells(safe);
        csv.Cell("x");
        csv.Cell(value);
        csv.EndRecord();
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { Response = { Body = body } };
        await csv.FlushAsync(context.Response, all: true, CancellationToken.None);
        return System.Text.Encoding.UTF8.GetString(body.ToArray());
    }

    [Theory]
    [InlineData("a", "a")]
    [InlineData(null, "")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("a\nb", "\"a\nb\"")]
    [InlineData(" a", "\" a\"")]
    [InlineData("=1", "=1")]
    public async Task Cells_are_quoted_where_they_must_be(string? value, string cell) => Assert.Equal($"x,{cell}\r\n", await WriteAsync(false, value));

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@x", "'@x")]
    [InlineData("\tx", "'\tx")]
    [InlineData("\rx", "\"'\rx\"")]
    [InlineData("+447400123456", "+447400123456")]
    [InlineData("+1+1", "'+1+1")]
    [InlineData("+", "'+")]
    [InlineData("'=1", "''=1")]
    [InlineData("'hello", "'hello")]
    [InlineData("hello", "hello")]
    public async Task Formulas_are_neutralised_and_numbers_left_alone(string value, string cell) => Assert.Equal($"\uFEFFx,{cell}\r\n", await WriteAsync(true, value));
}
