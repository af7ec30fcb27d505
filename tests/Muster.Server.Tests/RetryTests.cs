using System.Net;
using System.Text;
using System.Text.Json;

namespace Muster.Server.Tests;

/// <summary>What was rejected, corrected and sent again; and what was sent twice.</summary>
public sealed class RetryTests(MusterHost host) : IClassFixture<MusterHost>
{
    const string Source = "email;first_name\r\nann@example.com;Ann\r\nbad;Bob\r\nalso bad;Cleo\r\n";

    [Fact]
    public async Task Corrected_rejects_go_in_with_the_options_of_their_parent_which_shows_what_they_healed()
    {
        using var client = host.Admin();
        var parent = await SendAsync(client, "/v1/imports", Source, """{"lists":["Healed"],"tags":["spring"],"mapping":{"first_name":"field:Nickname"}}""");
        var id = parent.GetProperty("id").GetString();
        Assert.Equal(2, Count(parent, "rejected"));
        Assert.Equal(0, parent.GetProperty("healed").GetInt64());
        var rejects = await client.GetStringAsync($"/v1/imports/{id}/rejects");
        Assert.Equal("email;first_name\r\nbad;Bob\r\nalso bad;Cleo\r\n", rejects);

        var child = await SendAsync(client, $"/v1/imports/{id}/retry", rejects.Replace("bad;Bob", "bob@example.com;Bob", StringComparison.Ordinal), options: null);
        Assert.Equal(id, child.GetProperty("parent_id").GetString());
        Assert.Equal((1, 1), (Count(child, "created"), Count(child, "rejected")));
        Assert.Equal("Healed", child.GetProperty("options").GetProperty("lists")[0].GetString());

        var after = JsonDocument.Parse(await client.GetStringAsync($"/v1/imports/{id}")).RootElement;
        Assert.Equal(1, after.GetProperty("healed").GetInt64());
        Assert.Equal(child.GetProperty("id").GetString(), Assert.Single(after.GetProperty("retries").EnumerateArray()).GetString());
        Assert.Equal(2, Count(after, "rejected"));
        var contact = JsonDocument.Parse(await client.GetStringAsync("/v1/contacts?email=bob@example.com")).RootElement.GetProperty("items")[0];
        Assert.Equal("Bob", contact.GetProperty("fields").GetProperty("Nickname").GetString());
        Assert.Equal("Healed", contact.GetProperty("lists")[0].GetString());
        Assert.Equal("spring", contact.GetProperty("tags")[0].GetString());
    }

    [Fact]
    public async Task What_retries_of_retries_brought_heals_the_first_import_as_long_as_it_is_not_undone()
    {
        using var client = host.Admin();
        var parent = await SendAsync(client, "/v1/imports", "email\nbad1\nbad2\nbad3\n", null);
        var child = await SendAsync(client, Retry(parent), "email\nchain1@example.com\nbad2\nbad3\n", null);
        var grandchild = await SendAsync(client, Retry(child), "email\nchain2@example.com\nbad3\n", null);
        Assert.Equal((2, 1, 0), (await HealedAsync(parent), await HealedAsync(child), await HealedAsync(grandchild)));
        Assert.Single((await NowAsync(parent)).GetProperty("retries").EnumerateArray());

        await UndoAsync(child);
        Assert.Equal((1, 1), (await HealedAsync(parent), await HealedAsync(child)));
        await UndoAsync(grandchild);
        Assert.Equal((0, 0), (await HealedAsync(parent), await HealedAsync(child)));

        static string? Id(JsonElement import) => import.GetProperty("id").GetString();
        static string Retry(JsonElement import) => $"/v1/imports/{Id(import)}/retry";
        async Task<JsonElement> NowAsync(JsonElement import) => JsonDocument.Parse(await client.GetStringAsync($"/v1/imports/{Id(import)}")).RootElement;
        async Task<long> HealedAsync(JsonElement import) => (await NowAsync(import)).GetProperty("healed").GetInt64();
        async Task UndoAsync(JsonElement import)
        {
            using var accepted = await client.PostAsync($"/v1/imports/{Id(import)}/undo", null);
            await accepted.JsonAsync(HttpStatusCode.Accepted);
            await Until.TrueAsync(async () => (await NowAsync(import)).GetProperty("status").GetString() == "undone");
        }
    }

    [Fact]
    public async Task A_corrected_file_may_be_written_in_another_way_and_takes_no_other_options()
    {
        using var client = host.Admin();
        var parent = await SendAsync(client, "/v1/imports", Source, """{"delimiter":";"}""");
        var path = $"/v1/imports/{parent.GetProperty("id").GetString()}/retry";
        var child = await SendAsync(client, path, "email,first_name\ndora@example.com,Dora\n", options: null);
        Assert.Equal(1, Count(child, "created"));
        child = await SendAsync(client, path, "email|first_name\nemil@example.com|Emil\n", """{"delimiter":"|"}""");
        Assert.Equal(1, Count(child, "created"));
        using var refused = await client.PostAsync(path, Answers.Form(Encoding.UTF8.GetBytes(Source), """{"lists":["Other"]}"""));
        await refused.ProblemAsync(HttpStatusCode.BadRequest, "invalid_option");
    }

    [Fact]
    public async Task An_import_that_has_not_ended_or_is_not_there_takes_no_retry()
    {
        using var client = host.Admin();
        var body = Encoding.UTF8.GetBytes(Source);
        foreach (var id in (string[])[Guid.CreateVersion7().ToString(), "x"])
        {
            using var unknown = await client.PostAsync($"/v1/imports/{id}/retry", Answers.Form(body, null));
            await unknown.ProblemAsync(HttpStatusCode.NotFound, "not_found");
        }
        await using var idle = new MusterHost { RunsImports = false };
        await idle.InitializeAsync();
        using var other = idle.Admin();
        using var accepted = await other.PostAsync("/v1/imports", Answers.Form(body, null));
        var queued = (await accepted.JsonAsync(HttpStatusCode.Accepted)).GetProperty("id").GetString();
        using var early = await other.PostAsync($"/v1/imports/{queued}/retry", Answers.Form(body, null));
        await early.ProblemAsync(HttpStatusCode.Conflict, "wrong_status");
    }

    [Fact]
    public async Task A_hundred_requests_with_one_key_at_once_make_one_import()
    {
        using var client = host.Admin();
        var body = Encoding.UTF8.GetBytes("email\nrace@example.com\n");
        var ids = await Task.WhenAll(Enumerable.Range(0, 100).Select(async _ =>
        {
            while (true)
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/imports") { Content = Answers.Form(body, null), Headers = { { "Idempotency-Key", "race-100" } } };
                using var response = await client.SendAsync(request);
                if (response.StatusCode != HttpStatusCode.Conflict)
                    return (await response.JsonAsync(HttpStatusCode.Accepted)).GetProperty("id").GetString();
                await response.ProblemAsync(HttpStatusCode.Conflict, "idempotency_key_in_use");
            }
        }));
        Assert.Single(ids.Distinct());
    }

    [Fact]
    public async Task A_repetition_is_answered_though_its_list_is_gone_meanwhile()
    {
        using var client = host.Admin();
        using var made = await client.PostAsync("/v1/lists", Answers.Json("""{"name":"Short-lived"}"""));
        var list = (await made.JsonAsync(HttpStatusCode.Created)).GetProperty("id").GetInt32();
        var first = await SendAsync(client, "/v1/imports", "email\nann2@example.com\n", $$"""{"list_ids":[{{list}}]}""", "gone-list");
        using (var deleted = await client.DeleteAsync($"/v1/lists/{list}"))
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        var second = await SendAsync(client, "/v1/imports", "email\nann2@example.com\n", $$"""{"list_ids":[{{list}}]}""", "gone-list");
        Assert.Equal(first.GetProperty("id").GetString(), second.GetProperty("id").GetString());
    }

    [Fact]
    public async Task The_same_bytes_without_a_key_go_in_again_and_name_the_earlier_import()
    {
        using var client = host.Admin();
        const string Text = "email\ntwice@example.com\n";
        var first = await SendAsync(client, "/v1/imports", Text, null);
        Assert.Equal(JsonValueKind.Null, first.GetProperty("possible_duplicate_of").ValueKind);
        var second = await SendAsync(client, "/v1/imports", Text, null);
        Assert.Equal(first.GetProperty("id").GetString(), second.GetProperty("possible_duplicate_of").GetString());
        Assert.Equal(1, Count(second, "unchanged"));
    }

    /// <summary>Sends a source and waits for its import's end.</summary>
    static async Task<JsonElement> SendAsync(HttpClient client, string path, string source, string? options, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = Answers.Form(Encoding.UTF8.GetBytes(source), options), Headers = { { "Prefer", "wait=30" } } };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        using var response = await client.SendAsync(request);
        var import = await response.JsonAsync(HttpStatusCode.Accepted);
        Assert.Equal("completed", import.GetProperty("status").GetString());
        return import;
    }

    static long Count(JsonElement import, string outcome) => import.GetProperty("counts").GetProperty(outcome).GetInt64();
}
