using Muster.Validation;
using Muster.Validation.Phones;

namespace Muster.Tests.Validation;

public sealed class SuppressedValueTests
{
    [Theory]
    [InlineData("domain", "Example.ORG", "domain example.org")]
    [InlineData("domain", "@example.org", "domain example.org")]
    [InlineData("domain", "*.example.org", "domain example.org")]
    [InlineData("domain", "example.org.", "domain example.org")]
    [InlineData("domain", "bücher.example", "domain xn--bcher-kva.example")]
    [InlineData("domain", "XN--BCHER-KVA.example", "domain xn--bcher-kva.example")]
    [InlineData(null, "@Example.org", "domain example.org")]
    [InlineData(null, "example.org", "domain example.org")]
    [InlineData(null, " Ann@BÜCHER.example ", "email ann@xn--bcher-kva.example")]
    [InlineData(null, "+61 400 222 333", "phone +61400222333")]
    [InlineData("domain", "", null)]
    [InlineData("domain", "...", null)]
    [InlineData("domain", "two words.org", null)]
    [InlineData("email", "nobody", null)]
    [InlineData("phone", "12", null)]
    public void Each_spelling_of_an_address_a_number_or_a_domain_is_one_value(string? kind, string text, string? value) =>
        Assert.Equal(value, SuppressedValue.Read(kind, text, default) is { } read ? $"{read.Kind} {read.Value}" : null);
}
