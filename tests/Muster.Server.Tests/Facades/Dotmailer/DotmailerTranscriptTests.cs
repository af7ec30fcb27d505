namespace Muster.Server.Tests.Facades.Dotmailer;

/// <summary>The vendor page's own examples and the forms in which known clients send them, each file against a server of its own.</summary>
public sealed class DotmailerTranscriptTests
{
    public static TheoryData<string> Files() => [.. Directory.EnumerateFiles(Transcript.Folder("Dotmailer"), "*.http").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Transcript_is_answered_byte_for_byte(string file)
    {
        await using var host = new MusterHost();
        await host.InitializeAsync();
        await new Transcript(host.Address, host.AdminToken).ReplayAsync(Path.Combine(Transcript.Folder("Dotmailer"), file));
    }
}
