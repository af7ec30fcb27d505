using System.Collections;
using System.Net;
using Muster.Server.Hosting;

namespace Muster.Server.Tests.Facades;

/// <summary>What all façades share.</summary>
public sealed class FacadeSetTests(MusterHost host) : IClassFixture<MusterHost>
{
    [Theory]
    [InlineData("/v2/accounts/acme/campaigns", "\"http_code\":404")]
    [InlineData("/V2/ACCOUNTS", "\"http_code\":404")]
    [InlineData("/v2/nothing-of-that-kind", "{\"message\":")]
    [InlineData("/v2", "{\"message\":")]
    [InlineData("/apiv2/nothing-of-that-kind", "{\"result\":")]
    [InlineData("/api/v1/nothing-of-that-kind", "{\"code\":404,\"message\":")]
    [InlineData("/api/v3", "urn:muster:problem:unknown_route")]
    [InlineData("/v20", "urn:muster:problem:unknown_route")]
    public async Task An_unknown_path_is_answered_by_the_vendor_whose_it_is(string path, string sign)
    {
        using var client = host.Client(null);
        using var response = await client.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains(sign, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_facade_that_is_off_leaves_its_paths_unknown()
    {
        await using var own = new MusterHost { Server = s => s with { Facades = "netcore" } };
        await own.InitializeAsync();
        using var client = own.Client(null);
        foreach (var path in (string[])["/v2/accounts/acme/lists", "/v2/address-books", "/api/v1/contact/bulk"])
        {
            using var response = await client.GetAsync(path);
            await response.ProblemAsync(HttpStatusCode.NotFound, "unknown_route");
        }
        using var netcore = await client.GetAsync("/apiv2/nothing-of-that-kind");
        Assert.StartsWith("{\"result\":", await netcore.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exotle")]
    [InlineData("exotel,exotel")]
    [InlineData(",")]
    public void A_misspelt_facade_stops_the_start(string value)
    {
        var e = Assert.Throws<SettingsException>(() => SettingsLoader.Load(new Dictionary<string, string?> { ["facades"] = value }, new Hashtable(), null));
        Assert.Contains("netcore, exotel, dotmailer, cellcast; or none", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_native_document_does_not_describe_facades()
    {
        using var client = host.Client(null);
        var document = await client.GetStringAsync("/openapi/v1.json");
        Assert.DoesNotContain("apiv2", document, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("\"/v2", document, StringComparison.Ordinal);
    }
}
