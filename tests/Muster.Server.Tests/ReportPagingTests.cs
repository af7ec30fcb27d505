using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Muster.Server.Tests;

/// <summary>Rows and errors of an import of many batches, page by page.</summary>
public sealed class ReportPagingTests(ReportPagingTests.SmallBatches batches) : IClassFixture<ReportPagingTests.SmallBatches>
{
    const int Rows = 230;

    /// <summary>A server whose batches have at most ten rows, and an import of <see cref="Rows"/> rows of which every third is wrong in two ways.</summary>
    public sealed class SmallBatches : IAsyncLifetime
    {
        public MusterHost Host { get; } = new() { Settings = s => s with { BatchRowsMax = 10 } };

        public string Import { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            await Host.InitializeAsync();
            using var client = Host.Admin();
            var csv = new StringBuilder("email,phone\n");
            for (var i = 0; i < Rows; i++)
                csv.Append(i % 3 == 0 ? "nobody,123\n" : string.Create(CultureInfo.InvariantCulture, $"row{i}@example.com,\n"));
            var import = await client.CompletedAsync(csv.ToString(), """{"on_invalid_value":"drop_value","hold":false}""");
            Import = import.GetProperty("links").GetProperty("self").GetString() ?? "";
        }

        public ValueTask DisposeAsync() => Host.DisposeAsync();
    }

    [Theory]
    [InlineData("rows", 7)]
    [InlineData("rows", 10)]
    [InlineData("rows", 229)]
    [InlineData("rows", 230)]
    [InlineData("rows?outcome=rejected", 1)]
    [InlineData("rows?outcome=created", 25)]
    [InlineData("rows?outcome=updated", 3)]
    [InlineData("errors", 1)]
    [InlineData("errors", 9)]
    public async Task Pages_of_any_length_add_up_to_the_whole_in_order(string report, int limit)
    {
        using var client = batches.Host.Admin();
        var whole = await PageAsync(client, report, 1_000, cursor: null);
        Assert.Null(whole.Next);
        var items = new List<string>();
        string? cursor = null;
        do
        {
            var page = await PageAsync(client, report, limit, cursor);
            Assert.Equal(page, await PageAsync(client, report, limit, cursor), Same);
            Assert.True(page.Items.Count == limit || page.Next is null);
            items.AddRange(page.Items);
            cursor = page.Next;
        }
        while (cursor is not null);
        Assert.Equal(whole.Items, items);
    }

    [Theory]
    [InlineData("5")]
    [InlineData("5-1")]
    [InlineData("____________")]
    [InlineData("AAAAAAAAAA")]
    [InlineData("AAAAAP____8=")]
    [InlineData("AAAAAP____8")]
    public async Task A_cursor_that_no_page_ended_with_is_refused(string cursor)
    {
        using var client = batches.Host.Admin();
        foreach (var report in (string[])["rows", "errors"])
        {
            using var response = await client.GetAsync($"{batches.Import}/{report}?cursor={cursor}");
            Assert.Equal("cursor", (await response.ProblemAsync(HttpStatusCode.BadRequest, "invalid_parameter")).Option);
        }
    }

    static bool Same((List<string> Items, string? Next) a, (List<string> Items, string? Next) b) => a.Items.SequenceEqual(b.Items) && a.Next == b.Next;

    async Task<(List<string> Items, string? Next)> PageAsync(HttpClient client, string report, int limit, string? cursor)
    {
        var query = string.Create(CultureInfo.InvariantCulture, $"{(report.Contains('?', StringComparison.Ordinal) ? '&' : '?')}limit={limit}");
        using var response = await client.GetAsync($"{batches.Import}/{report}{query}{(cursor is null ? "" : "&cursor=" + cursor)}");
        var page = await response.JsonAsync(HttpStatusCode.OK);
        return ([.. page.GetProperty("items").EnumerateArray().Select(i => i.GetRawText())], page.GetProperty("next_cursor").GetString());
    }
}
