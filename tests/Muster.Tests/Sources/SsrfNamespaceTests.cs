using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Muster.Sources;
using Muster.Sources.Remote;

namespace Muster.Tests.Sources;

/// <summary>All ways of naming an inner address, in a network namespace where every address is this machine and whatever is dialled is written down. Needs root; nothing leaves the namespace.</summary>
public sealed class SsrfNamespaceTests
{
    const string Inside = "MUSTER_SSRF_NAMESPACE";
    const string Public = "93.184.216.34";

    [Fact]
    public async Task Nothing_but_public_addresses_is_ever_dialled()
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root")
            Assert.Skip("A network namespace needs root.");
        var vectors = Vectors();
        using var log = new TestFolder();
        var start = new ProcessStartInfo("bash", [SharedFolder.Path("tools/ssrf_netns.sh"), log.Path, Environment.ProcessPath!, "--no-progress", "--explicit", "only", "--filter-method", "*" + nameof(Each_vector_is_fetched_as_expected_inside_the_namespace)])
        {
            Environment = { [Inside] = "1" }, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        using var process = Process.Start(start)!; // a program of its own is always started
        var error = process.StandardError.ReadToEndAsync();
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, said + await error);

        var dialled = File.ReadLines(log.File("canary.log")).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("dst").GetString()!).ToList();
        var open = vectors.Where(v => Text(v, "expect") != "block").Select(v => Text(v, "target")).OfType<string>().Append(Public).Select(a => IPAddress.Parse(a)).ToHashSet();
        Assert.Empty(dialled.Where(a => !open.Contains(Plain(a))).Distinct());
        Assert.NotEmpty(dialled);
    }

    /// <summary>Started inside the namespace that the test above makes.</summary>
    [Fact(Explicit = true)]
    public async Task Each_vector_is_fetched_as_expected_inside_the_namespace()
    {
        Assert.Equal("1", Environment.GetEnvironmentVariable(Inside));
        using var folder = new TestFolder();
        var settings = new MusterSettings { Data = folder.Path, FreeDiskMin = 0, FetchRetriesMax = 0, ConnectSeconds = 10, FetchStallSeconds = 10 };
        var wrong = new ConcurrentBag<string>();
        var spool = new Spool(settings);
        using var fetch = new RemoteFetch(settings, spool, TimeProvider.System);
        await Parallel.ForEachAsync(Names().Concat(Vectors().Select(v => (Url: Text(v, "url")!, Expect: Text(v, "mode") == "http" ? Text(v, "expect")! : Text(v, "expect") == "block" ? "block" : "either"))), async (vector, stop) =>
        {
            var fetched = false;
            try
            {
                await fetch.FetchAsync([vector.Url], new(), stop);
                fetched = true;
            }
            catch (SourceException)
            {
            }
            if ((vector.Expect == "block" && fetched) || (vector.Expect == "allow" && !fetched))
                wrong.Add($"{vector.Url}: {(fetched ? "fetched" : "not fetched")}");
        });
        Assert.Empty(wrong);
    }

    /// <summary>Names that the namespace's own name server answers: see tools/fakedns.py.</summary>
    static IEnumerable<(string Url, string Expect)> Names()
    {
        yield return ("http://pub.test/x.csv", "allow");
        foreach (var inner in (string[])["127-0-0-1", "10-0-0-1", "169-254-169-254", "100-100-100-200", "0-0-0-0", "192-168-0-1"])
        {
            yield return ($"http://in-{inner}.test/x.csv", "block");
            yield return ($"http://multi-{inner}.test/x.csv", "block");
            yield return ($"http://cname-{inner}.test/x.csv", "block");
            yield return ($"http://rebind-{inner}.test/x.csv", "either");
        }
        foreach (var inner in (string[])["--1", "fd00--1", "fe80--1", "--ffff-7f00-1", "64-ff9b--7f00-1", "2002-7f00-1--1"])
            yield return ($"http://v6-{inner}.test/x.csv", "block");
        yield return ("http://nx.test/x.csv", "block");
    }

    static IPAddress Plain(string text) => IPAddress.Parse(text) is var address && address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    static List<JsonElement> Vectors() => [.. JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Path("corpora/ssrf_vectors.json"))).RootElement.EnumerateArray()];

    static string? Text(JsonElement vector, string name) => vector.GetProperty(name).GetString();
}
