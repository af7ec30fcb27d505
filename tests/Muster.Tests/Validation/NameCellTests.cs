using System.Text;
using Muster.Validation;

namespace Muster.Tests.Validation;

public sealed class NameCellTests
{
    [Theory]
    [InlineData("vip", null, "vip")]
    [InlineData("vip;news", null, "vip|news")]
    [InlineData(" vip ; ;news;", null, "vip|news")]
    [InlineData("vip|news\nold", null, "vip|news|old")]
    [InlineData("vip, news", null, "vip|news")]
    [InlineData("Smith, Jones; Acme", null, "Smith, Jones|Acme")] // a comma parts only where nothing else does
    [InlineData("Friends ::: * myContacts", null, "Friends|* myContacts")]
    [InlineData("\"Influencer\",\"2020, spring\"", null, "Influencer|2020, spring")]
    [InlineData("\"say \"\"hi\"\"\";b", null, "say \"hi\"|b")]
    [InlineData("\"open;b", null, "\"open|b")]
    [InlineData("a\"b\",c", null, "a\"b\"|c")]
    [InlineData("R\\;D;C\\\\D;E\\F", null, "R;D|C\\D|E\\F")] // as Muster's own export writes names
    [InlineData("Smith, Jones", ";", "Smith, Jones")]
    [InlineData("a / b / c;d", " / ", "a|b|c;d")]
    [InlineData("a||b|c", "||", "a|b|c")]
    [InlineData(" ; , ", null, ",")]
    [InlineData("", null, "")]
    public void A_cell_of_names_is_parted(string cell, string? separator, string names)
    {
        var parts = new NameCell(separator);
        ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(cell);
        var byComma = parts.IsByComma(rest);
        var taken = new List<string>();
        while (parts.TryTake(ref rest, byComma, out var name))
            taken.Add(Encoding.UTF8.GetString(name));
        Assert.Equal(names, string.Join('|', taken));
    }
}
