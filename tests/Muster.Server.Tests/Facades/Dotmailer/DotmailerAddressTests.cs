using System.Text.Json;

namespace Muster.Server.Tests.Facades.Dotmailer;

/// <summary>account-info tells clients where to go on, with their password.</summary>
public sealed class DotmailerAddressTests
{
    [Fact]
    public async Task Public_url_is_told_whatever_the_request_says()
    {
        await using var host = new MusterHost { Settings = s => s with { PublicUrl = "https://muster.example.org/" } };
        await host.InitializeAsync();
        Assert.Equal("https://muster.example.org", await EndpointAsync(host, null));
        Assert.Equal("https://muster.example.org", await EndpointAsync(host, "evil.example"));
    }

    [Fact]
    public async Task Without_it_only_an_address_of_this_server_is_told()
    {
        await using var host = new MusterHost();
        await host.InitializeAsync();
        var own = host.Address.ToString().TrimEnd('/');
        var port = host.Address.Port;
        Assert.Equal(own, await EndpointAsync(host, null));
        Assert.Equal($"http://localhost:{port}", await EndpointAsync(host, $"localhost:{port}"));
        foreach (var forged in (string[])["evil.example", $"evil.example:{port}", "127.0.0.1", "127.0.0.1:1", $"127.0.0.2:{port}", $"localhost.evil.example:{port}", $"[::1]:{port}", "169.254.169.254"])
            Assert.Equal(own, await EndpointAsync(host, forged));
    }

    static async Task<string?> EndpointAsync(MusterHost host, string? name)
    {
        using var client = host.Vendor(host.ReadToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v2/account-info");
        request.Headers.Host = name;
        request.Headers.Add("X-Forwarded-Host", "forwarded.example");
        using var response = await client.SendAsync(request);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("properties").EnumerateArray()
            .Single(p => p.GetProperty("name").GetString() == "ApiEndpoint").GetProperty("value").GetString();
    }
}
