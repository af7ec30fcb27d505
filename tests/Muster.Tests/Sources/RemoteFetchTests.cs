using System.Globalization;
using System.IO.Compression;
using System.Text;
using Muster.Contacts;
using Muster.Sources;
using Muster.Sources.Remote;

namespace Muster.Tests.Sources;

public sealed class RemoteFetchTests : IDisposable
{
    const string Etag = "ETag: \"v1\"\r\n";
    static readonly string Body = string.Concat(Enumerable.Range(0, 5_000).Select(i => $"someone{i.ToString(CultureInfo.InvariantCulture)}@example.org\n"));

    readonly TestFolder folder = new();
    readonly MusterSettings settings;

    public RemoteFetchTests() => settings = new()
    {
        Data = folder.Path, FreeDiskMin = 0, OutboundAllow = "127.0.0.1:*", FetchStallSeconds = 3_000, FetchSecondsMax = 100_000,
    };

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_broken_connection_goes_on_where_it_broke()
    {
        await using var server = new RawServer(async (head, n, to) =>
        {
            var from = RangeOf(head);
            await RawServer.WriteAsync(to, from == 0
                ? $"HTTP/1.1 200 OK\r\n{Etag}Content-Length: {Body.Length}\r\n\r\n"
                : $"HTTP/1.1 206 Partial Content\r\n{Etag}Content-Range: bytes {from}-{Body.Length - 1}/{Body.Length}\r\nContent-Length: {Body.Length - from}\r\n\r\n");
            // Each connection lives for a third of the body.
            await RawServer.WriteAsync(to, Body[from..Math.Min(Body.Length, from + Body.Length / 3 + 1)]);
        });
        Assert.Equal(Body, await FetchAsync(server.Url));
        Assert.Equal(3, server.Connections);
        Assert.Contains("If-Range: \"v1\"", server.Requests[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ETag: \"v1\"\r\n")]
    public async Task A_source_that_cannot_go_on_in_the_middle_begins_anew(string validator)
    {
        await using var server = new RawServer(async (_, n, to) =>
        {
            await RawServer.WriteAsync(to, $"HTTP/1.1 200 OK\r\n{validator}Content-Length: {Body.Length}\r\n\r\n");
            await RawServer.WriteAsync(to, n == 0 ? Body[..1_000] : Body);
        });
        Assert.Equal(Body, await FetchAsync(server.Url));
    }

    [Theory]
    [InlineData("Content-Length: 999999\r\n\r\nemail\na@example.org\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n14\r\nemail\na@example.org\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n14\r\nemail\na@exa")]
    public async Task A_body_that_never_becomes_whole_is_not_imported(string rest)
    {
        await using var server = new RawServer((_, _, to) => RawServer.WriteAsync(to, "HTTP/1.1 200 OK\r\n" + rest));
        Assert.Equal(ErrorCode.FetchCutOff, await FailureAsync(server.Url));
        Assert.Empty(Directory.EnumerateFiles(settings.SpoolFolder));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    [InlineData("identity")]
    public async Task A_content_encoding_is_taken_off(string coding)
    {
        var sent = Packed(coding, Encoding.UTF8.GetBytes(Body));
        await using var server = new RawServer(async (_, _, to) =>
        {
            await RawServer.WriteAsync(to, $"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {sent.Length}\r\n\r\n");
            await to.WriteAsync(sent);
        });
        Assert.Equal(Body, await FetchAsync(server.Url));
    }

    [Fact]
    public async Task A_body_that_inflates_beyond_reason_is_cut_off()
    {
        var sent = Packed("gzip", new byte[64 << 20]);
        await using var server = new RawServer(async (_, _, to) =>
        {
            await RawServer.WriteAsync(to, $"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {sent.Length}\r\n\r\n");
            await to.WriteAsync(sent);
        });
        Assert.Equal(ErrorCode.SourceTooLarge, await FailureAsync(server.Url));
    }

    [Theory]
    [InlineData("gzip", "this is no gzip")]
    [InlineData("zstd", "whatever")]
    [InlineData("gzip, gzip, gzip", "whatever")]
    public async Task A_body_that_is_not_what_its_encoding_says_fails(string coding, string body)
    {
        await using var server = new RawServer((_, _, to) => RawServer.WriteAsync(to, $"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
        Assert.Equal(ErrorCode.ContentEncodingBroken, await FailureAsync(server.Url));
    }

    [Theory]
    [InlineData("gzip", 1)]
    [InlineData("gzip", 8)]
    [InlineData("gzip", 9)]
    [InlineData("gzip", 50)]
    [InlineData("deflate", 1)]
    [InlineData("deflate", 50)]
    [InlineData("br", 1)]
    [InlineData("br", 50)]
    public async Task A_packed_body_cut_off_anywhere_fails(string coding, int cut)
    {
        var sent = Packed(coding, Encoding.UTF8.GetBytes(Body))[..^cut];
        await using var server = new RawServer(async (_, _, to) =>
        {
            await RawServer.WriteAsync(to, $"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {sent.Length}\r\n\r\n");
            await to.WriteAsync(sent);
        });
        Assert.Equal(ErrorCode.ContentEncodingBroken, await FailureAsync(server.Url));
    }

    [Fact]
    public async Task A_gzip_body_of_several_members_in_small_pieces_is_whole()
    {
        var member = Packed("gzip", Encoding.UTF8.GetBytes(Body));
        byte[] sent = [.. member, .. member, .. new byte[1_000]];
        await using var server = new RawServer(async (_, _, to) =>
        {
            await RawServer.WriteAsync(to, $"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {sent.Length}\r\n\r\n");
            for (var at = 0; at < sent.Length; at += 7)
            {
                await to.WriteAsync(sent.AsMemory(at, Math.Min(7, sent.Length - at)));
                await to.FlushAsync();
            }
        });
        Assert.Equal(Body + Body, await FetchAsync(server.Url));
    }

    [Theory]
    [InlineData(3, null)]
    [InlineData(4, ErrorCode.TooManyRedirects)]
    public async Task Three_redirects_are_followed(int redirects, ErrorCode? failure)
    {
        await using var server = new RawServer((_, n, to) => RawServer.WriteAsync(to, n < redirects
            ? $"HTTP/1.1 30{(n % 2 == 0 ? 2 : 7)} Found\r\nLocation: /{n}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            : "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nemail\n"));
        if (failure is { } code)
            Assert.Equal(code, await FailureAsync(server.Url));
        else
            Assert.Equal("email\n", await FetchAsync(server.Url));
    }

    [Theory]
    [InlineData("http://127.0.0.2/", ErrorCode.ForbiddenAddress)]
    [InlineData("http://169.254.169.254/latest/meta-data/", ErrorCode.ForbiddenAddress)]
    [InlineData("http://[::ffff:169.254.169.254]/", ErrorCode.ForbiddenAddress)]
    [InlineData("file:///etc/passwd", ErrorCode.InvalidUrl)]
    [InlineData("gopher://127.0.0.1:6379/", ErrorCode.InvalidUrl)]
    public async Task A_redirect_leads_nowhere_that_the_address_itself_may_not(string location, ErrorCode code)
    {
        await using var server = new RawServer((_, _, to) => RawServer.WriteAsync(to, $"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"));
        Assert.Equal(code, await FailureAsync(server.Url));
    }

    [Fact]
    public async Task Credentials_go_to_their_own_host_only()
    {
        await using var other = new RawServer((_, _, to) => RawServer.WriteAsync(to, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nemail\n"));
        await using var server = new RawServer((_, _, to) => RawServer.WriteAsync(to, $"HTTP/1.1 302 Found\r\nLocation: {other.Url}\r\nContent-Length: 0\r\n\r\n"));
        await FetchAsync(server.Url.Replace("http://", "http://ann:s%40crit@", StringComparison.Ordinal));
        Assert.Contains("Authorization: Basic " + Convert.ToBase64String("ann:s@crit"u8), server.Requests[0], StringComparison.Ordinal);
        Assert.DoesNotContain("Authorization", other.Requests[0], StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_passing_error_is_tried_again_and_a_lasting_one_is_told()
    {
        await using var busy = new RawServer((_, n, to) => RawServer.WriteAsync(to, n == 0
            ? "HTTP/1.1 503 Busy\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n" : "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nemail\n"));
        Assert.Equal("email\n", await FetchAsync(busy.Url));
        await using var gone = new RawServer((_, _, to) => RawServer.WriteAsync(to, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"));
        Assert.Equal(ErrorCode.FetchRefused, await FailureAsync(gone.Url));
        Assert.Equal(1, gone.Connections);
    }

    [Fact]
    public async Task A_second_address_is_tried_when_the_first_is_refused()
    {
        await using var server = new RawServer((head, _, to) => RawServer.WriteAsync(to, head.StartsWith("GET /a.csv ", StringComparison.Ordinal)
            ? "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nemail\n" : "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"));
        var origin = $"http://127.0.0.1:{server.Port}";
        Assert.Equal("email\n", await FetchAsync(origin + "/a.csv%20", origin + "/a.csv"));
        Assert.StartsWith("GET /a.csv%20 HTTP", server.Requests[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_never_answers_fails_in_the_end()
    {
        RawServer? server = null;
        await using var hanging = server = new RawServer((_, _, _) => server!.StoppedAsync());
        Assert.Equal(ErrorCode.FetchTimedOut, await FailureAsync(settings with { FetchStallSeconds = 20, FetchRetriesMax = 1 }, hanging.Url));
    }

    [Fact]
    public async Task A_source_that_takes_too_long_fails()
    {
        RawServer? server = null;
        await using var dripping = server = new RawServer(async (_, _, to) =>
        {
            await RawServer.WriteAsync(to, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nemail\n");
            await server!.StoppedAsync();
        });
        Assert.Equal(ErrorCode.FetchTimedOut, await FailureAsync(settings with { FetchSecondsMax = 20 }, dripping.Url));
    }

    [Fact]
    public async Task A_source_announced_as_too_large_is_not_begun()
    {
        await using var server = new RawServer((_, _, to) => RawServer.WriteAsync(to, "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n"));
        Assert.Equal(ErrorCode.SourceTooLarge, await FailureAsync(settings with { SourceBytesMax = 1_000 }, server.Url));
    }

    [Fact]
    public async Task An_endless_body_ends_at_the_limit()
    {
        await using var server = new RawServer(async (_, _, to) =>
        {
            await RawServer.WriteAsync(to, "HTTP/1.1 200 OK\r\n\r\n");
            while (true)
                await RawServer.WriteAsync(to, Body);
        });
        Assert.Equal(ErrorCode.SourceTooLarge, await FailureAsync(settings with { SourceBytesMax = 1 << 20 }, server.Url));
    }

    [Fact]
    public async Task An_object_in_S3_is_asked_for_with_a_signature_at_the_operators_own_endpoint()
    {
        await using var server = new RawServer((_, _, to) => RawServer.WriteAsync(to, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nemail\n"));
        var s3 = settings with { OutboundAllow = "none", S3Endpoint = $"http://127.0.0.1:{server.Port}", S3AccessKey = "AK", S3SecretKey = "SK", S3Region = "eu-west-1" };
        Assert.Equal("email\n", await FetchAsync(s3, "s3://bucket/my list.csv"));
        Assert.StartsWith("GET /bucket/my%20list.csv HTTP/1.1", server.Requests[0], StringComparison.Ordinal);
        Assert.Contains("AWS4-HMAC-SHA256 Credential=AK/", server.Requests[0], StringComparison.Ordinal);
        // The endpoint is open to s3:// alone.
        Assert.Equal(ErrorCode.ForbiddenAddress, await FailureAsync(s3, $"http://127.0.0.1:{server.Port}/bucket/my%20list.csv"));
    }

    Task<string> FetchAsync(params string[] urls) => FetchAsync(settings, urls);

    static async Task<string> FetchAsync(MusterSettings settings, params string[] urls)
    {
        var spool = new Spool(settings);
        using var fetch = new RemoteFetch(settings, spool, new FastClock());
        var fetched = await fetch.FetchAsync(urls, new(), CancellationToken.None);
        return await File.ReadAllTextAsync(spool.PathOf(fetched.Spooled.Name));
    }

    Task<ErrorCode> FailureAsync(string url) => FailureAsync(settings, url);

    static async Task<ErrorCode> FailureAsync(MusterSettings settings, string url) =>
        (await Assert.ThrowsAsync<SourceException>(() => FetchAsync(settings, url))).Code;

    static int RangeOf(string head)
    {
        const string Range = "Range: bytes=";
        var at = head.IndexOf("\r\n" + Range, StringComparison.Ordinal);
        return at < 0 ? 0 : int.Parse(head[(at + 2 + Range.Length)..].Split('-')[0], CultureInfo.InvariantCulture);
    }

    static byte[] Packed(string coding, byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (Stream pack = coding switch
        {
            "gzip" => new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true),
            "deflate" => new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            "br" => new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            _ => new BufferedStream(packed),
        })
        {
            pack.Write(bytes);
            pack.Flush();
            if (pack is BufferedStream)
                return packed.ToArray();
        }
        return packed.ToArray();
    }
}
