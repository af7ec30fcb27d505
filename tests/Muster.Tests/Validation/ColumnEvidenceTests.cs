using System.Text;
using Muster.Validation;
using Muster.Validation.Phones;

namespace Muster.Tests.Validation;

public sealed class ColumnEvidenceTests
{
    static ColumnEvidence Of(params string[] values)
    {
        _ = PhoneRegion.TryParse("AU", out var region);
        var evidence = new ColumnEvidence(region);
        for (var i = 0; i < values.Length; i++)
            evidence.Take(Encoding.UTF8.GetBytes(values[i]), i + 2);
        return evidence;
    }

    [Theory]
    [InlineData("email", "a@example.org", "b@example.org", "")]
    [InlineData("phone", "+61412345678", "0412 345 678", "(02) 9876 5432")]
    [InlineData("date", "2026-01-31", "01/02/2026", "31 Jan 2026")]
    [InlineData("number", "1", "2.5", "-3")]
    [InlineData("number", "0", "1", "1")]
    [InlineData("boolean", "yes", "no", "ja")]
    [InlineData("text", "Ann", "Bob", "1")]
    [InlineData("empty", "", " ", "\u00A0")]
    public void A_columns_type_is_what_its_values_are(string type, string a, string b, string c) => Assert.Equal(type, Of(a, b, c).Type);

    [Fact]
    public void One_odd_value_in_twenty_does_not_hide_what_a_column_is() =>
        Assert.Equal("date", Of([.. Enumerable.Repeat("2026-01-31", 19), "unknown"]).Type);

    [Theory]
    [InlineData(DateOrder.Dmy, "01/02/2026", "31/01/2026")]
    [InlineData(DateOrder.Mdy, "01/02/2026", "01/31/2026")]
    [InlineData(DateOrder.Ymd, "01-02-03", "50-01-31")]
    [InlineData(DateOrder.Unknown, "01/02/2026", "2026-01-31")]
    [InlineData(DateOrder.Unknown, "31/01/2026", "01/31/2026")]
    [InlineData(DateOrder.Unknown, "01/02/2026", "04/04/2026")]
    public void Dates_that_read_one_way_prove_an_order(DateOrder order, string a, string b) => Assert.Equal(order, Of(a, b).ProvenDateOrder(out _));

    [Fact]
    public void One_typing_error_in_twenty_does_not_undo_a_proof()
    {
        var evidence = Of([.. Enumerable.Repeat("31/01/2026", 20), "01/31/2026"]);
        Assert.Equal(DateOrder.Dmy, evidence.ProvenDateOrder(out var reason));
        Assert.Contains("row 2", reason, StringComparison.Ordinal);
        Assert.True(Of("31/01/2026", "01/31/2026").HasMixedDates);
    }

    [Theory]
    [InlineData(DecimalSign.Comma, "1,234", "1,5")]
    [InlineData(DecimalSign.Comma, "1.234.567", "1")]
    [InlineData(DecimalSign.Point, "1,234", "1,234.5")]
    [InlineData(DecimalSign.Point, "1,234,567", "0.5")]
    [InlineData(DecimalSign.Unknown, "1,234", "2.345")]
    [InlineData(DecimalSign.Unknown, "1.5", "1,5")]
    public void Numbers_that_read_one_way_prove_a_sign(DecimalSign sign, string a, string b) => Assert.Equal(sign, Of(a, b).ProvenDecimalSign);

    [Theory]
    [InlineData("DE", "DE")]
    [InlineData("deutschland", "DE")]
    [InlineData("Allemagne", "DE")]
    [InlineData("GERMANY", "DE")]
    [InlineData("DEU", "DE")]
    [InlineData("+49", "DE")]
    [InlineData("0049", "DE")]
    [InlineData("UK", "GB")]
    [InlineData("U.S.A.", "US")]
    [InlineData("Côte d'Ivoire", "CI")]
    [InlineData("日本", "JP")]
    [InlineData("Германия", "DE")]
    [InlineData("Kosovo", "XK")]
    [InlineData("Narnia", "")]
    [InlineData("", "")]
    [InlineData("49", "")]
    public void A_country_is_known_by_code_and_name(string text, string code)
    {
        Assert.Equal(code.Length > 0, Country.TryFind(Encoding.UTF8.GetBytes(text), out var region));
        Assert.Equal(code, region.Code);
    }

    [Fact]
    public void Text_is_composed_as_unicode_says_and_otherwise_left_as_it_is()
    {
        const int Seed = 20261122;
        var random = new Random(Seed);
        var composition = new Composition();
        string[] parts = ["a", "e\u0301", "\u00E9", "\u1100\u1161", "한", "Я", "И\u0306", "か\u3099", "\u2126", "漢", "\u0958", "α\u0301", "\uFB1D", "\U0001F600", "ö", "o\u0308\u0323"];
        for (var i = 0; i < 5_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => parts[random.Next(parts.Length)]));
            Assert.Equal(text.Normalize(NormalizationForm.FormC), Encoding.UTF8.GetString(composition.Compose(Encoding.UTF8.GetBytes(text))));
        }
        byte[] broken = [0xE2, 0x28, 0xA1];
        Assert.Equal(broken, composition.Compose(broken).ToArray());
    }
}
