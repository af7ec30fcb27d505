using System.Text;
using Muster.Validation;

namespace Muster.Tests.Validation;

public sealed class PersonNameTests
{
    [Theory]
    [InlineData("Alice Liddell", "Alice", "Liddell")]
    [InlineData("Liddell, Alice", "Alice", "Liddell")]
    [InlineData("Anna Maria Weber", "Anna Maria", "Weber")]
    [InlineData("Vincent van Gogh", "Vincent", "van Gogh")]
    [InlineData("Wilhelm von der Heide", "Wilhelm", "von der Heide")]
    [InlineData("Juan de la Cruz", "Juan", "de la Cruz")]
    [InlineData("Martin Luther King Jr.", "Martin Luther", "King Jr.")]
    [InlineData("Martin King, Jr.", "Martin", "King Jr.")]
    [InlineData("Brown III", "Brown", "III")]
    [InlineData("van Gogh", "van", "Gogh")]
    [InlineData("Madonna", "Madonna", "")]
    [InlineData("山田太郎", "山田太郎", "")]
    [InlineData("Zoë  Ångström", "Zoë", "Ångström")]
    [InlineData("Smith,", "Smith", "")]
    [InlineData(",", "", "")]
    [InlineData("", "", "")]
    public void A_whole_name_parts_as_people_part_it(string name, string first, string last)
    {
        var utf8 = Encoding.UTF8.GetBytes(name);
        PersonName.Split(utf8, new byte[utf8.Length + 1], out var given, out var family);
        Assert.Equal((first, last), (Encoding.UTF8.GetString(given), Encoding.UTF8.GetString(family)));
    }

    [Fact]
    public void No_letter_of_any_name_is_lost()
    {
        const int Seed = 20261122;
        var random = new Random(Seed);
        string[] words = ["Ann", "van", "der", "Lee", "Jr.", "III", "de", "Ü", ",", " ", "O'Neil"];
        for (var i = 0; i < 2_000; i++)
        {
            var name = string.Join(' ', Enumerable.Range(0, random.Next(6)).Select(_ => words[random.Next(words.Length)])).Trim();
            var utf8 = Encoding.UTF8.GetBytes(name);
            PersonName.Split(utf8, new byte[utf8.Length + 1], out var given, out var family);
            static string Letters(string text) => new([.. text.Where(c => c is not (' ' or ',')).Order()]);
            Assert.Equal(Letters(name), Letters(Encoding.UTF8.GetString(given) + Encoding.UTF8.GetString(family)));
        }
    }
}
