using System.Net;
using Muster.Client;

namespace Muster.Server.Tests;

public sealed class EventTests(MusterHost host) : IClassFixture<MusterHost>
{
    [Fact]
    public async Task Watching_tells_the_counts_until_the_end_and_the_law_holds_at_every_event()
    {
        using var client = new MusterClient(host.Client(null), host.AdminToken);
        using var file = new MemoryStream("email,first_name\r\nann@example.com,Ann\r\nnonsense,Bob\r\n"u8.ToArray());
        var submitted = await client.SubmitAsync(file, "a.csv", null, null, CancellationToken.None);
        var seen = new List<ImportResource>();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await foreach (var import in client.WatchAsync(submitted.Id, patience.Token))
        {
            var c = import.Counts;
            Assert.Equal(c.Read, c.Created + c.Updated + c.Unchanged + c.Duplicate + c.Suppressed + c.Skipped + c.Rejected);
            seen.Add(import);
        }
        Assert.Equal("completed", seen[^1].Status);
        Assert.Equal(1, seen[^1].Counts.Created);
        Assert.Equal(1, seen[^1].Counts.Rejected);

        using var rejects = new MemoryStream();
        await client.DownloadRejectsAsync(submitted.Id, rejects, CancellationToken.None);
        Assert.Equal("email,first_name\r\nnonsense,Bob\r\n"u8.ToArray(), rejects.ToArray());
    }

    [Fact]
    public async Task Who_has_seen_the_end_is_told_not_to_come_back()
    {
        using var client = new MusterClient(host.Client(null), host.AdminToken);
        using var file = new MemoryStream("email\neve@example.com\n"u8.ToArray());
        var import = await client.SubmitAsync(file, "a.csv", null, null, CancellationToken.None, waitSeconds: 30);
        using var http = host.Admin();
        var events = await http.GetStringAsync(import.Links.Events);
        var id = events.Split('\n').Last(l => l.StartsWith("id: ", StringComparison.Ordinal))[4..];
        using var again = new HttpRequestMessage(HttpMethod.Get, import.Links.Events);
        again.Headers.Add("Last-Event-ID", id);
        using var response = await http.SendAsync(again);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    [Fact]
    public async Task Errors_come_as_a_page_as_lines_or_as_csv()
    {
        using var client = new MusterClient(host.Client(null), host.AdminToken);
        using var file = new MemoryStream("email\nx1\nx2\nx3\n"u8.ToArray());
        var import = await client.SubmitAsync(file, "a.csv", null, null, CancellationToken.None, waitSeconds: 30);
        var first = await client.ErrorsPageAsync(import.Id, null, 2, CancellationToken.None);
        var second = await client.ErrorsPageAsync(import.Id, first.NextCursor, 2, CancellationToken.None);
        Assert.Equal([2L, 3L, 4L], first.Items.Concat(second.Items).Select(e => e.RowNumber));
        Assert.Null(second.NextCursor);
        foreach (var (accept, media, lines) in ((string, string, int)[])[("application/x-ndjson", "application/x-ndjson", 3), ("text/csv", "text/csv", 4)])
        {
            using var http = host.Admin();
            http.DefaultRequestHeaders.Accept.ParseAdd(accept);
            using var response = await http.GetAsync(import.Links.Errors);
            Assert.Equal(media, response.Content.Headers.ContentType?.MediaType);
            Assert.Equal(lines, (await response.Content.ReadAsStringAsync()).Count(c => c == '\n'));
        }
        using var picky = host.Admin();
        picky.DefaultRequestHeaders.Accept.ParseAdd("image/png");
        using var refused = await picky.GetAsync(import.Links.Errors);
        await refused.ProblemAsync(HttpStatusCode.NotAcceptable, "not_acceptable");
    }
}
