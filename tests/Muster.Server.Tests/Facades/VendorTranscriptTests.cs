namespace Muster.Server.Tests.Facades;

/// <summary>The vendors' pages' own examples and the forms of their clients, byte for byte.</summary>
public sealed class VendorTranscriptTests
{
    [Fact]
    public async Task Exotels_examples_are_answered_byte_for_byte()
    {
        await using var acme = new FacadeHost();
        await acme.InitializeAsync();
        Assert.Empty(await new WireTranscript(acme.Host.Address, new() { ["basic"] = FacadeHost.BasicOf(acme.Token) }).RunAsync("Exotel/exotel.http"));
    }

    [Fact]
    public async Task Cellcasts_examples_are_answered_byte_for_byte()
    {
        await using var acme = new FacadeHost();
        await acme.InitializeAsync();
        Assert.Empty(await new WireTranscript(acme.Host.Address, new() { ["key"] = acme.Token }).RunAsync("Cellcast/cellcast.http"));
    }
}
