using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Muster.Server.Tests.Notifications;

namespace Muster.Server.Tests.Faults;

/// <summary>Imports by address over connections that break, drip, hang, lie about their length or never end.</summary>
public sealed class FetchFaultTests : IAsyncLifetime
{
    static readonly byte[] Csv = Encoding.UTF8.GetBytes(
        "email,note\n" + string.Concat(Enumerable.Range(0, 60_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"someone{i:000000}@example.com,Someone {i:000000}\n"))));

    readonly MusterHost host = new()
    {
        Settings = s => s with { OutboundAllow = "127.0.0.1:*", FetchRetriesMax = 2, FetchStallSeconds = 2, ConnectSeconds = 5, SourceBytesMax = 16 << 20, FetchesPerAccount = 4 },
    };

    readonly Receiver origin = new() { Answer = RangesAsync };

    public async ValueTask InitializeAsync()
    {
        await host.InitializeAsync();
        await origin.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        await origin.DisposeAsync();
    }

    [Fact]
    public async Task A_connection_that_is_cut_again_and_again_goes_on_where_it_broke()
    {
        using var proxy = await ChaosProxy.StartAsync(origin.Address);
        await proxy.TellAsync("set?rate=2000000");
        var id = await SubmitAsync(proxy.Address + "/contacts.csv");
        for (var cut = 1; cut <= 3; cut++)
        {
            await Until.TrueAsync(async () => await proxy.DownAsync() > cut * Csv.Length / 8);
            await proxy.TellAsync("kill");
        }
        await proxy.TellAsync("reset");
        var import = await EndAsync(id);
        Assert.True(import.GetProperty("status").GetString() == "completed", import.ToString());
        Assert.Equal(60_000, import.GetProperty("counts").GetProperty("created").GetInt32());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Csv)), import.GetProperty("source").GetProperty("sha256").GetString());
        var froms = origin.All.Select(r => r.Headers.TryGetValue("range", out var range) ? long.Parse(range["bytes=".Length..].TrimEnd('-'), CultureInfo.InvariantCulture) : 0).ToList();
        Assert.InRange(froms.Count, 3, 10);
        Assert.Equal(froms.Order(), froms);
        Assert.All(froms.Skip(1), from => Assert.True(from > 0));
    }

    [Theory]
    [InlineData("length")]
    [InlineData("chunked")]
    public async Task A_body_that_is_always_cut_off_is_not_imported(string form)
    {
        origin.Answer = async context =>
        {
            if (form == "length")
                context.Response.ContentLength = Csv.Length;
            await context.Response.Body.WriteAsync(Csv.AsMemory(0, 100_000));
            await context.Response.Body.FlushAsync();
            context.Abort();
        };
        var import = await EndAsync(await SubmitAsync(origin.Url("/contacts.csv")));
        Assert.Equal(("failed", "fetch_cut_off"), Failure(import));
        Assert.Equal(0, import.GetProperty("counts").GetProperty("read").GetInt32());
        Assert.Empty(Directory.EnumerateFiles(host.SpoolFolder));
    }

    [Fact]
    public async Task A_slow_connection_is_waited_for()
    {
        using var proxy = await ChaosProxy.StartAsync(origin.Address);
        await proxy.TellAsync("set?delay=0.02");
        Assert.Equal("completed", (await EndAsync(await SubmitAsync(proxy.Address + "/contacts.csv"))).GetProperty("status").GetString());
        Assert.Single(origin.All);
    }

    [Theory]
    [InlineData("set?blackhole=1", "fetch_timed_out", 3)]
    [InlineData("set?half=1", "fetch_timed_out", 3)]
    [InlineData("set?refuse=1", "host_unreachable", 9)] // the HTTP client itself connects anew when it could not yet write its request
    public async Task A_connection_that_hangs_or_breaks_at_once_fails_in_the_end_and_keeps_nobody_waiting(string fault, string code, int connectionsMax)
    {
        using var proxy = await ChaosProxy.StartAsync(origin.Address);
        await proxy.TellAsync(fault);
        var id = await SubmitAsync(proxy.Address + "/contacts.csv");
        // Another account's import, and another of this one, go their way meanwhile.
        Assert.Equal("completed", (await EndAsync(await SubmitAsync(origin.Url("/contacts.csv")))).GetProperty("status").GetString());
        var import = await EndAsync(id);
        Assert.Equal(("failed", code), Failure(import));
        Assert.InRange((await proxy.TellAsync("stats")).GetProperty("conns").GetInt32(), 2, connectionsMax);
    }

    [Fact]
    public async Task A_connection_that_hangs_in_the_middle_is_given_up_and_made_anew()
    {
        using var proxy = await ChaosProxy.StartAsync(origin.Address);
        await proxy.TellAsync("set?rate=2000000");
        var id = await SubmitAsync(proxy.Address + "/contacts.csv");
        await Until.TrueAsync(async () => await proxy.DownAsync() > Csv.Length / 8);
        await proxy.TellAsync("set?half=1");
        await Until.TrueAsync(async () => (await proxy.TellAsync("stats")).GetProperty("conns").GetInt32() == 2);
        await proxy.TellAsync("reset");
        Assert.Equal("completed", (await EndAsync(id)).GetProperty("status").GetString());
        Assert.StartsWith("bytes=", origin.All.Last().Headers["range"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_endless_body_ends_at_the_limit_through_whatever_it_comes(bool proxied)
    {
        origin.Answer = async context =>
        {
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.Body.WriteAsync(Csv, context.RequestAborted);
        };
        using var proxy = proxied ? await ChaosProxy.StartAsync(origin.Address) : null;
        var import = await EndAsync(await SubmitAsync((proxy?.Address ?? origin.Address.ToString().TrimEnd('/')) + "/endless.csv"));
        Assert.Equal(("failed", "source_too_large"), Failure(import));
        Assert.Empty(Directory.EnumerateFiles(host.SpoolFolder));
    }

    [Fact]
    public async Task A_source_that_changes_between_two_connections_is_never_mixed()
    {
        var version = 0;
        var other = Encoding.UTF8.GetBytes("email,note\n" + string.Concat(Enumerable.Range(0, 40_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"another{i:000000}@example.org,Another {i:000000}\n"))));
        origin.Answer = context => ServeAsync(context, Volatile.Read(ref version) == 0 ? Csv : other, $"\"v{Volatile.Read(ref version)}\"");
        using var proxy = await ChaosProxy.StartAsync(origin.Address);
        await proxy.TellAsync("set?rate=2000000");
        var id = await SubmitAsync(proxy.Address + "/contacts.csv");
        await Until.TrueAsync(async () => await proxy.DownAsync() > Csv.Length / 8);
        Volatile.Write(ref version, 1);
        await proxy.TellAsync("kill");
        await proxy.TellAsync("reset");
        var import = await EndAsync(id);
        Assert.Equal(("completed", 40_000), (import.GetProperty("status").GetString(), import.GetProperty("counts").GetProperty("created").GetInt32()));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(other)), import.GetProperty("source").GetProperty("sha256").GetString());
    }

    static Task RangesAsync(HttpContext context) => ServeAsync(context, Csv, "\"v1\"");

    /// <summary>A file as servers of files give it: whole, or from where a Range asks while it has not changed.</summary>
    static async Task ServeAsync(HttpContext context, byte[] file, string tag)
    {
        var (request, response) = (context.Request, context.Response);
        response.Headers.ETag = tag;
        response.Headers.AcceptRanges = "bytes";
        var from = 0;
        if (RangeHeaderValue.TryParse(request.Headers.Range, out var range) && request.Headers.IfRange == tag)
        {
            from = (int)(range.Ranges.First().From ?? 0);
            response.StatusCode = 206;
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {from}-{file.Length - 1}/{file.Length}");
        }
        response.ContentLength = file.Length - from;
        await response.Body.WriteAsync(file.AsMemory(from), context.RequestAborted);
    }

    static (string?, string?) Failure(JsonElement import) =>
        (import.GetProperty("status").GetString(), import.GetProperty("failure") is { ValueKind: JsonValueKind.Object } failure ? failure.GetProperty("code").GetString() : null);

    async Task<string> SubmitAsync(string url)
    {
        using var admin = host.Admin();
        using var response = await admin.PostAsync("/v1/imports", Answers.Json($$$"""{"source":{"url":"{{{url}}}"}}"""));
        return (await response.JsonAsync(HttpStatusCode.Accepted)).GetProperty("id").GetString()!; // every import has one
    }

    async Task<JsonElement> EndAsync(string id)
    {
        using var admin = host.Admin();
        JsonElement import = default;
        await Until.TrueAsync(async () =>
        {
            import = await (await admin.GetAsync("/v1/imports/" + id)).JsonAsync(HttpStatusCode.OK);
            return import.GetProperty("status").GetString() is not ("queued" or "running");
        });
        return import;
    }
}
