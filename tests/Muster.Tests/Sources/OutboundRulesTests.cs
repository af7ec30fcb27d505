using System.Net;
using System.Text.Json;
using Muster.Contacts;
using Muster.Sources.Outbound;
using Muster.Sources.Remote;

namespace Muster.Tests.Sources;

public sealed class OutboundRulesTests
{
    static readonly MusterSettings Settings = new();

    [Fact]
    public void No_spelling_of_an_inner_address_passes() => Assert.Empty(
        from vector in Vectors("corpora/ssrf_vectors.json")
        let url = vector.GetProperty("url").GetString()
        where vector.GetProperty("expect").GetString() == "block" && vector.GetProperty("mode").GetString() is "http" or "scheme" or "port"
        where RemoteAddress.Refuse(url, Settings) is null && !IsName(url)
        select url);

    [Fact]
    public void Public_neighbours_of_special_ranges_pass() => Assert.Empty(
        from vector in Vectors("corpora/ssrf_vectors.json")
        let url = vector.GetProperty("url").GetString()
        where vector.GetProperty("expect").GetString() == "allow" && RemoteAddress.Refuse(url, Settings) is not null
        select url);

    [Fact]
    public void A_host_is_read_as_browsers_read_it() => Assert.Empty(
        from vector in Vectors("corpora/url_host_vectors.json")
        let input = vector.GetProperty("input").GetString()
        let address = WebAddress.Parse(input)
        let expected = vector.GetProperty("failure").GetBoolean() ? null : $"{vector.GetProperty("hostname").GetString()} {vector.GetProperty("port").GetString()}"
        let found = address is null ? null : $"{address.Host} {(address.IsDefaultPort ? "" : address.Port)}"
        where expected != found
        select $"{input}: {found} instead of {expected}");

    [Theory]
    [InlineData("10.1.2.3", 443, true)]
    [InlineData("10.1.3.3", 443, false)]
    [InlineData("10.1.2.3", 80, false)]
    [InlineData("::ffff:10.1.2.3", 443, true)]
    [InlineData("fd00::7", 9000, true)]
    [InlineData("fe80::7", 9000, false)]
    [InlineData("127.0.0.1", 12345, true)]
    [InlineData("127.0.0.2", 12345, false)]
    [InlineData("93.184.216.34", 8080, false)]
    [InlineData("93.184.216.34", 443, true)]
    public void The_operator_opens_ranges_with_their_ports(string address, int port, bool open)
    {
        var rules = OutboundRules.Parse("80,443", "10.1.2.0/24:443, [fd00::/8]:9000, 127.0.0.1:*");
        Assert.Equal(open, rules.Allows(IPAddress.Parse(address), port));
    }

    [Theory]
    [InlineData("10.0.0.0/8")]
    [InlineData("10.0.0.0/33:80")]
    [InlineData("intranet:80")]
    [InlineData("10.0.0.1:99999")]
    public void A_misspelt_range_is_refused(string allow) => Assert.Throws<FormatException>(() => OutboundRules.Parse("80", allow));

    [Fact]
    public void An_address_with_a_scope_is_refused() =>
        Assert.False(OutboundRules.Parse("80", "[::/0]:*").Allows(new IPAddress(IPAddress.Parse("2a00::1").GetAddressBytes(), 3), 80));

    [Theory]
    [InlineData("http://localhost/x.csv")]
    [InlineData("http://LOCALHOST/x.csv")]
    [InlineData("http://127.0.0.1/x.csv")]
    [InlineData("http://[::1]/x.csv")]
    public async Task A_name_that_leads_inside_is_not_connected_to(string url)
    {
        using var client = new OutboundClient(OutboundRules.Parse("80,443", "none"), TimeSpan.FromSeconds(10));
        using var request = new HttpRequestMessage(HttpMethod.Get, WebAddress.Parse(url)!.ToUri());
        var e = await Assert.ThrowsAsync<OutboundException>(() => client.SendAsync(request, CancellationToken.None));
        Assert.Equal(ErrorCode.ForbiddenAddress, e.Code);
    }

    [Theory]
    [InlineData("https://user:secret@example.org:8443/a/b.csv?X-Amz-Signature=abc#f", "https://example.org:8443/a/b.csv")]
    [InlineData("s3://bucket/a b.csv", "s3://bucket/a b.csv")]
    [InlineData("HTTP:\\\\Example.ORG\\x y.csv", "http://example.org/x%20y.csv")]
    public void What_is_shown_of_an_address_holds_no_secret(string url, string shown) => Assert.Equal(shown, RemoteAddress.Parse(url)?.Shown);

    [Theory]
    [InlineData("https://example.org/a/b", "c?d", "https://example.org/a/c?d")]
    [InlineData("https://example.org/a/b", "//other.example/x", "https://other.example/x")]
    [InlineData("https://example.org/a/b", "/x", "https://example.org/x")]
    [InlineData("https://example.org/a/b", "?q=1", "https://example.org/a/b?q=1")]
    [InlineData("https://example.org/a/b", "http://127.1/", "http://127.0.0.1/")]
    [InlineData("https://example.org/a/b", "file:///etc/passwd", null)]
    [InlineData("https://example.org/a/b", "gopher://example.org/", null)]
    [InlineData("https://example.org/a/b", null, null)]
    public void A_redirect_is_read_against_the_address_it_came_from(string from, string? location, string? to)
    {
        var next = WebAddress.Parse(from)!.Resolve(location);
        Assert.Equal(to, next is null ? null : next.Origin + next.PathAndQuery);
    }

    static bool IsName(string url) => WebAddress.Parse(url) is { } address && !IPAddress.TryParse(address.Host, out _);

    static IEnumerable<JsonElement> Vectors(string file) => JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Path(file))).RootElement.EnumerateArray();
}
