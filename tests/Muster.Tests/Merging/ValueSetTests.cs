using System.Text;
using Muster.Merging;

namespace Muster.Tests.Merging;

public sealed class ValueSetTests
{
    [Theory]
    [InlineData("red;blue", "blue;green", "red;blue;green")]
    [InlineData("red", "RED", null)]
    [InlineData("red ; blue", "blue; green ;green", "red ; blue;green")]
    [InlineData("", "a;b", "a;b")]
    [InlineData("é", "É;é", "é;É")]
    [InlineData("a", ";;", null)]
    public void Values_that_are_not_there_yet_are_added_in_their_order(string existing, string incoming, string? union)
    {
        var set = new ValueSet();
        Assert.Equal(union is not null, set.TryUnite(Encoding.UTF8.GetBytes(existing), Encoding.UTF8.GetBytes(incoming), out var isTooLong));
        Assert.False(isTooLong);
        if (union is not null)
            Assert.Equal(union, Encoding.UTF8.GetString(set.Union));
    }

    [Fact]
    public void A_set_does_not_grow_beyond_its_limit()
    {
        var set = new ValueSet();
        Assert.False(set.TryUnite(new byte[ValueSet.BytesMax], "one more"u8, out var isTooLong));
        Assert.True(isTooLong);
    }
}
