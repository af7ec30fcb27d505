using System.Text;
using System.Text.Json;
using Muster.Contacts;
using Muster.Validation;

namespace Muster.Tests.Validation;

public sealed class NumberValueTests
{
    static string Read(string text, DecimalSign sign = DecimalSign.Unknown)
    {
        var destination = new byte[NumberValue.BytesMax];
        var code = NumberValue.TryRead(Encoding.UTF8.GetBytes(text), sign, destination, out var written);
        return code == ErrorCode.None ? Encoding.UTF8.GetString(destination, 0, written) : code.ToString();
    }

    [Theory]
    [InlineData("0", "0")]
    [InlineData("-0", "0")]
    [InlineData("0.000", "0")]
    [InlineData("007", "7")]
    [InlineData("+12", "12")]
    [InlineData("-12", "-12")]
    [InlineData("- 12", "-12")]
    [InlineData("−12", "-12")]
    [InlineData("12-", "-12")]
    [InlineData("(1,234.56)", "-1234.56")]
    [InlineData("1.50", "1.5")]
    [InlineData(".5", "0.5")]
    [InlineData("5.", "5")]
    [InlineData("0.001", "0.001")]
    [InlineData("1.234,56", "1234.56")]
    [InlineData("1,234.56", "1234.56")]
    [InlineData("1'234.56", "1234.56")]
    [InlineData("1’234’567", "1234567")]
    [InlineData("1 234,56", "1234.56")]
    [InlineData("1\u00A0234\u00A0567,8", "1234567.8")]
    [InlineData("1\u202F234,567", "1234.567")]
    [InlineData("1.234.567", "1234567")]
    [InlineData("1,234,567", "1234567")]
    [InlineData("12,34,567.8", "1234567.8")]
    [InlineData("1,5", "1.5")]
    [InlineData("0,123", "0.123")]
    [InlineData("1234,567", "1234.567")]
    [InlineData("1,2345", "1.2345")]
    [InlineData("1,234", "1234")]
    [InlineData("1.234", "1.234")]
    [InlineData("1e5", "100000")]
    [InlineData("1.5E+3", "1500")]
    [InlineData("25e-3", "0.025")]
    [InlineData("1e100", "1e100")]
    [InlineData("1.25e-99", "1.25e-99")]
    [InlineData("12345678901234567890123456789012345678901234567890", "12345678901234567890123456789012345678901234567890")]
    [InlineData("9007199254740993", "9007199254740993")]
    [InlineData("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827")]
    [InlineData("١٢٣٤٫٥", "1234.5")]
    [InlineData("१२३", "123")]
    [InlineData("１２３．５", "123.5")]
    [InlineData("  42 ", "42")]
    public void Numbers_are_read_exactly(string text, string json)
    {
        Assert.Equal(json, Read(text));
        Assert.Equal(json, Read(json));
        Assert.Equal(JsonValueKind.Number, JsonDocument.Parse(json).RootElement.ValueKind);
    }

    [Theory]
    [InlineData("1,234", DecimalSign.Comma, "1.234")]
    [InlineData("1.234", DecimalSign.Comma, "1234")]
    [InlineData("1,234", DecimalSign.Point, "1234")]
    [InlineData("1.234", DecimalSign.Point, "1.234")]
    [InlineData("1.5", DecimalSign.Comma, "1.5")]
    [InlineData("1,5", DecimalSign.Point, "1.5")]
    [InlineData("-1.234", DecimalSign.Comma, "-1234")]
    [InlineData("1.234,5", DecimalSign.Point, "1234.5")]
    public void Decimal_sign_decides_what_the_number_leaves_open(string text, DecimalSign sign, string json) => Assert.Equal(json, Read(text, sign));

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("-")]
    [InlineData(".")]
    [InlineData(",")]
    [InlineData("()")]
    [InlineData("(-1)")]
    [InlineData("--1")]
    [InlineData("+-1")]
    [InlineData("-1-")]
    [InlineData("abc")]
    [InlineData("12a")]
    [InlineData("1e")]
    [InlineData("e5")]
    [InlineData("1e5e5")]
    [InlineData("1e99999")]
    [InlineData("1e400")]
    [InlineData("1e-400")]
    [InlineData("0x1F")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("1..2")]
    [InlineData("1,,234")]
    [InlineData("1.2.3")]
    [InlineData("1,23,4")]
    [InlineData("1,234.567.890")]
    [InlineData("1.234,567,890.1")]
    [InlineData("1,234'567.8")]
    [InlineData("12 34")]
    [InlineData("1234,567.8")]
    [InlineData("'123")]
    [InlineData("12 %")]
    [InlineData("€ 12")]
    [InlineData("2026-01-31")]
    [InlineData("1/2")]
    [InlineData("１２x")]
    public void What_is_no_number_is_refused(string text) => Assert.Equal("InvalidNumber", Read(text));

    [Fact]
    public void Long_numbers_and_small_destinations_are_value_too_long()
    {
        Assert.Equal(new string('7', NumberValue.InputBytesMax), Read(new string('7', NumberValue.InputBytesMax)));
        Assert.Equal("ValueTooLong", Read(new string('7', NumberValue.InputBytesMax + 1)));
        Assert.Equal(ErrorCode.ValueTooLong, NumberValue.TryRead("123"u8, DecimalSign.Unknown, new byte[2], out var written));
        Assert.Equal(0, written);
        Assert.Equal(ErrorCode.InvalidNumber, NumberValue.TryRead([(byte)'1', 0xFF], DecimalSign.Unknown, new byte[9], out _));
    }

    [Fact]
    public void Random_text_of_numbers_never_throws_and_what_is_read_is_json_and_stays()
    {
        var random = new Random(7);
        const string alphabet = "0123456789..,,'' -+()eE";
        for (var i = 0; i < 20_000; i++)
        {
            var text = new string(Enumerable.Range(0, random.Next(12)).Select(_ => alphabet[random.Next(alphabet.Length)]).ToArray());
            var json = Read(text);
            if (json is "InvalidNumber" or "ValueTooLong")
                continue;
            using var parsed = JsonDocument.Parse(json);
            Assert.Equal(json, Read(json));
        }
    }
}
