using Muster.Validation;

namespace Muster.Tests.Validation;

public sealed class TextLookTests
{
    [Fact]
    public void Every_byte_at_every_place_of_a_text_of_any_length_is_seen()
    {
        for (var length = 1; length <= 50; length++)
        {
            var text = new byte[length];
            for (var place = 0; place < length; place++)
            {
                for (var b = 0; b <= 0xFF; b++)
                {
                    text.AsSpan().Fill((byte)'a');
                    text[place] = (byte)b;
                    var expected = (b > 0x7F ? TextTraits.NotAscii : 0) | (b is < 0x20 or '"' or '\\' ? TextTraits.Escapes : 0);
                    Assert.Equal(expected, TextLook.At(text));
                }
            }
        }
    }

    [Fact]
    public void Both_traits_of_one_text_are_told() => Assert.Equal(TextTraits.NotAscii | TextTraits.Escapes, TextLook.At("\"ü\" is a letter, and this text is long"u8));

    [Fact]
    public void An_empty_text_needs_nothing() => Assert.Equal(TextTraits.None, TextLook.At([]));
}
