using System.Text;
using Muster.Contacts;
using Muster.Validation;

namespace Muster.Tests.Validation;

public sealed class BooleanValueTests
{
    static string Read(string text)
    {
        var destination = new byte[BooleanValue.BytesMax];
        var code = BooleanValue.TryRead(Encoding.UTF8.GetBytes(text), destination, out var written);
        return code == ErrorCode.None ? Encoding.UTF8.GetString(destination, 0, written) : code.ToString();
    }

    [Theory]
    [InlineData("true TRUE True t yes YES y Y 1 on ON x X checked")]
    [InlineData("ja Ja oui OUI si Sí SÌ sim да ДА evet EVET 是 はい 예 네 １ ｙｅｓ ✓ ☑ tak ano igen ναι نعم כן हाँ 真")]
    public void Yes_in_many_languages_is_true(string words)
    {
        foreach (var word in words.Split(' '))
            Assert.Equal("true", Read(word));
    }

    [Theory]
    [InlineData("false FALSE f no NO n N 0 off OFF")]
    [InlineData("nein NEIN non não NÃO nao нет НЕТ hayır HAYIR 否 いいえ 아니요 아니오 ０ ✗ nie ne nem όχι لا לא नहीं 假")]
    public void No_in_many_languages_is_false(string words)
    {
        foreach (var word in words.Split(' '))
            Assert.Equal("false", Read(word));
    }

    [Fact]
    public void Blanks_and_composition_do_not_matter()
    {
        Assert.Equal("true", Read(" yes\u00A0"));
        Assert.Equal("false", Read("na\u0303o"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("maybe")]
    [InlineData("2")]
    [InlineData("-1")]
    [InlineData("10")]
    [InlineData("yes no")]
    [InlineData("yes!")]
    [InlineData("a word that is longer than any we know")]
    public void Everything_else_is_refused(string text) => Assert.Equal("InvalidBoolean", Read(text));

    [Fact]
    public void Broken_utf8_and_small_destinations_end_in_a_code()
    {
        Assert.Equal(ErrorCode.InvalidBoolean, BooleanValue.TryRead([0xFF], new byte[5], out _));
        Assert.Equal(ErrorCode.ValueTooLong, BooleanValue.TryRead("no"u8, new byte[4], out var written));
        Assert.Equal(0, written);
    }
}
