using System.Text;
using Muster.Validation;

namespace Muster.Tests.Validation;

public sealed class BlanksTests
{
    [Theory]
    [InlineData(" Ann\t", "Ann")]
    [InlineData("\u00A0Ann\u200B", "Ann")]
    [InlineData("\uFEFFAnn\u200E", "Ann")]
    [InlineData("\u202Eabc", "\u202Eabc")]
    [InlineData(" \u202Babc\u202C ", "\u202Babc\u202C")]
    [InlineData("\u2067abc\u2069\u3000", "\u2067abc\u2069")]
    [InlineData("\u202A\u202C", "")]
    [InlineData(" \u202E ", "")]
    [InlineData("", "")]
    public void Text_keeps_the_signs_that_turn_its_direction_and_loses_the_blanks_around(string sent, string kept) =>
        Assert.Equal(kept, Encoding.UTF8.GetString(Blanks.TrimText(Encoding.UTF8.GetBytes(sent))));

    [Theory]
    [InlineData("\u202Aann@example.org\u202C", "ann@example.org")]
    [InlineData(" \u2068+49 30 1\u2069", "+49 30 1")]
    public void Addresses_and_numbers_lose_them_too(string sent, string kept) =>
        Assert.Equal(kept, Encoding.UTF8.GetString(Blanks.Trim(Encoding.UTF8.GetBytes(sent))));
}
