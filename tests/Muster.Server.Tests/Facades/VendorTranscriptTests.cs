using System.Globalization;
using Microsoft.AspNetCore.Http;
using Muster.Client;
using Muster.Server.Tests.Notifications;

namespace Muster.Server.Tests.Facades;

/// <summary>The vendors' pages' own examples and the forms of their clients, byte for byte, each file against a server of its own.</summary>
public sealed class VendorTranscriptTests
{
    static string Folder => Repository.Full("tests/Muster.Server.Tests/Facades");

    public static TheoryData<string> Files() =>
        [.. Directory.EnumerateFiles(Folder, "*.http", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Folder, f)).Where(f => f.Contains("transcripts", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Transcript_is_answered_byte_for_byte(string file)
    {
        await using var acme = new FacadeHost { Host = new() { Settings = s => s with { OutboundAllow = "127.0.0.1:*" } } };
        await acme.InitializeAsync();
        await using var files = new Receiver { Answer = context => context.Response.WriteAsync("EMAIL,FIRST_NAME\nann@example.com,Ann\n") };
        await files.InitializeAsync();
        var values = new Dictionary<string, string> { ["key"] = acme.Token, ["basic"] = FacadeHost.BasicOf(acme.Token), ["server"] = acme.Host.Address.Authority };
        if (file.StartsWith("Netcore", StringComparison.Ordinal))
        {
            using var native = new MusterClient(acme.Host.Client(null), acme.Token);
            values["list"] = (await native.CreateListAsync("Contact list", CancellationToken.None)).Id.ToString(CultureInfo.InvariantCulture);
            values["files"] = files.Address.ToString().TrimEnd('/');
            values["escaped"] = Uri.EscapeDataString(values["files"]);
        }
        var differences = await new Transcript(acme.Host.Address, values).ReplayAsync(Path.Combine(Folder, file));
        Assert.True(differences.Count == 0, string.Join("\n\n", differences));
    }
}
