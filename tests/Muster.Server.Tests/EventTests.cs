using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
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

    [Theory]
    [InlineData(30, 20)]
    [InlineData(20, 20)]
    [InlineData(3, 3)]
    public async Task The_first_errors_come_once_each_and_their_cursor_leads_to_the_rest(int rejected, int told)
    {
        await using var small = new MusterHost { Settings = s => s with { BatchRowsMax = 4 } };
        await small.InitializeAsync();
        using var http = small.Admin();
        var csv = "email\n" + string.Concat(Enumerable.Range(0, rejected).Select(i => string.Create(CultureInfo.InvariantCulture, $"x{i}\ngood{i}@example.com\n")));
        var import = await http.CompletedAsync(csv, """{"hold":false}""");
        var all = await http.ErrorsAsync(import);
        var events = await EventsAsync(http, import, lastEventId: null);

        var errors = events.Where(e => e.Name == "import.errors").ToList();
        Assert.Equal(all.Take(told), errors.SelectMany(e => RowsOf(e.Data)));
        using var rest = await http.GetAsync($"{import.GetProperty("links").GetProperty("errors").GetString()}?cursor={errors[^1].Data.GetProperty("next_cursor").GetString()}");
        Assert.Equal(all.Skip(told), RowsOf(await rest.JsonAsync(HttpStatusCode.OK)));
        var last = events[^1];
        Assert.Equal("import.completed", last.Name);
        Assert.Equal(import.GetRawText(), last.Data.GetRawText());

        // Whoever was cut off behind any event hears the rest of it, and nothing twice.
        for (var i = 0; i < events.Count - 1; i++)
        {
            var resumed = await EventsAsync(http, import, events[i].Id);
            Assert.Equal(errors.Skip(events.Take(i + 1).Count(e => e.Name == "import.errors")).SelectMany(e => RowsOf(e.Data)), resumed.Where(e => e.Name == "import.errors").SelectMany(e => RowsOf(e.Data)));
            Assert.Equal((last.Name, last.Id), (resumed[^1].Name, resumed[^1].Id));
        }
    }

    [Fact]
    public async Task Errors_are_told_while_the_import_runs_in_the_order_of_its_rows()
    {
        await using var small = new MusterHost { Settings = s => s with { BatchRowsMax = 1 } };
        await small.InitializeAsync();
        using var http = small.Admin();
        var csv = "email\n" + string.Concat(Enumerable.Range(0, 400).Select(i => string.Create(CultureInfo.InvariantCulture, $"{(i % 100 == 50 ? "nobody" : $"run{i}@example.com")}\n")));
        using var sent = await http.PostAsync("/v1/imports", Answers.Form(Encoding.UTF8.GetBytes(csv), """{"hold":false}"""));
        var import = await sent.JsonAsync(HttpStatusCode.Accepted);
        var events = await EventsAsync(http, import, lastEventId: null);
        Assert.Equal([52L, 152, 252, 352], events.Where(e => e.Name == "import.errors").SelectMany(e => e.Data.GetProperty("items").EnumerateArray()).Select(i => i.GetProperty("row_number").GetInt64()));
        // An error is told no later than the counts that hold it.
        var rejected = 0;
        foreach (var e in events)
        {
            if (e.Name == "import.errors")
                rejected += e.Data.GetProperty("items").GetArrayLength();
            else
                Assert.True(e.Data.GetProperty("counts").GetProperty("rejected").GetInt32() <= rejected);
        }
        Assert.Equal("import.completed", events[^1].Name);
    }

    static IEnumerable<string> RowsOf(JsonElement page) =>
        page.GetProperty("items").EnumerateArray().Select(i => $"{i.GetProperty("row_number").GetInt64()} {i.GetProperty("code").GetString()}");

    static async Task<List<(string Name, string Id, JsonElement Data)>> EventsAsync(HttpClient http, JsonElement import, string? lastEventId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, import.GetProperty("links").GetProperty("events").GetString());
        if (lastEventId is not null)
            request.Headers.Add("Last-Event-ID", lastEventId);
        using var response = await http.SendAsync(request);
        var events = new List<(string, string, JsonElement)>();
        foreach (var block in (await response.Content.ReadAsStringAsync()).Split("\n\n").Where(b => b.StartsWith("event: ", StringComparison.Ordinal)))
        {
            var lines = block.Split('\n');
            events.Add((lines[0]["event: ".Length..], lines[1]["id: ".Length..], JsonDocument.Parse(lines[2]["data: ".Length..]).RootElement));
        }
        return events;
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
