using System.Net;
using System.Text.Json;

namespace Muster.Server.Tests.Reading;

/// <summary>Every file of the robustness corpus over HTTP: an answer below 500, an end, and counts that obey the law whatever the import ended as.</summary>
public sealed class RobustnessTests(MusterHost host) : IClassFixture<MusterHost>
{
    static readonly string[] Outcomes = ["created", "updated", "unchanged", "duplicate", "suppressed", "skipped", "rejected"];

    /// <summary>Most of the files hold no contacts: their first column stands for an external id, so that their rows are read to the end.</summary>
    const string FirstColumn = """{"header":false,"mapping":{"column_1":"external_id"},"unknown_columns":"ignore","match":"external_id","tags":["seen"]}""";

    [Fact]
    public async Task Every_file_is_answered_and_an_import_of_it_is_conserved_to_its_undo()
    {
        var ends = new Dictionary<string, int>();
        foreach (var (name, bytes) in Files())
        {
            using var account = await Account.CreateAsync(host);
            foreach (var options in (string?[])[null, FirstColumn])
            {
                var answer = await account.ImportAsync(bytes, options, name);
                Assert.True(answer.Status < 500 && (answer.IsAccepted || !string.IsNullOrEmpty(answer.Code)), $"{name}: {answer}");
                if (!answer.IsAccepted)
                {
                    Count(ends, "refused");
                    continue;
                }
                var state = answer.State;
                if (state == "held")
                {
                    await AssertConservedAsync(account, name, answer.Body);
                    state = (await PostAsync(account, answer.Id, "approve")).GetProperty("status").GetString();
                }
                var import = await EndAsync(account, answer.Id);
                Count(ends, import.GetProperty("status").GetString()!); // every import has a status
                await AssertConservedAsync(account, name, import);
                if (options is null)
                    continue;

                await PostAsync(account, answer.Id, "undo", HttpStatusCode.Accepted);
                var undone = await EndAsync(account, answer.Id, "undone");
                Count(ends, "undone");
                await AssertConservedAsync(account, name, undone);
                Assert.Equal(import.GetProperty("counts").GetRawText(), undone.GetProperty("counts").GetRawText());
                Assert.DoesNotContain("\"seen\"", await account.Http.GetStringAsync("/v1/tags"), StringComparison.Ordinal);
            }
        }

        Assert.True(ends["completed"] > 300 && ends["undone"] > 300, string.Join(", ", ends));
    }

    [Fact]
    public async Task An_import_that_fails_at_its_first_reject_is_conserved()
    {
        var failed = 0;
        foreach (var (name, bytes) in Files())
        {
            using var account = await Account.CreateAsync(host);
            var answer = await account.ImportAsync(bytes, FirstColumn[..^1] + ""","max_rejects":0}""", name);
            Assert.True(answer.Status < 500, $"{name}: {answer}");
            if (!answer.IsAccepted)
                continue;
            await AssertConservedAsync(account, name, answer.Body);
            if (answer.State != "failed")
                continue;
            failed++;
            if (answer.Body.GetProperty("failure").GetProperty("code").GetString() == "too_many_rejects")
                Assert.Equal(1, answer.Count("rejected"));
        }

        Assert.True(failed > 50, $"{failed} failed");
    }

    [Fact]
    public async Task Imports_that_are_canceled_on_their_way_are_conserved()
    {
        await using var slow = Slow();
        await slow.InitializeAsync();
        using var account = await Account.CreateAsync(slow);
        var canceled = 0;
        foreach (var files in Files().Chunk(24))
        {
            var started = new List<(string Name, string Id)>();
            foreach (var (name, bytes) in files)
            {
                var answer = await account.StartAsync(bytes, FirstColumn);
                if (answer.IsAccepted)
                    started.Add((name, answer.Id));
            }
            started.Reverse(); // the last of them waits still
            foreach (var (name, id) in started)
            {
                var inTime = await MovedInTimeAsync(account, name, id, "cancel");
                var import = await EndAsync(account, id);
                Assert.Equal(inTime, import.GetProperty("status").GetString() == "canceled");
                canceled += inTime ? 1 : 0;
                await AssertConservedAsync(account, name, import);
            }
        }

        Assert.True(canceled > 20, $"{canceled} canceled");
    }

    [Fact]
    public async Task Imports_that_are_paused_and_resumed_are_conserved_at_every_look()
    {
        await using var slow = Slow();
        await slow.InitializeAsync();
        using var account = await Account.CreateAsync(slow);
        var (paused, looks) = (0, 0);
        foreach (var (name, bytes) in Files())
        {
            var answer = await account.StartAsync(bytes, FirstColumn[..^1] + ""","hold":false}""");
            if (!answer.IsAccepted)
                continue;
            if (await MovedInTimeAsync(account, name, answer.Id, "pause"))
            {
                var still = await EndAsync(account, answer.Id);
                Assert.Equal("paused", still.GetProperty("status").GetString());
                paused++;
                await AssertConservedAsync(account, name, still);
                await PostAsync(account, answer.Id, "resume");
            }
            var last = 0L;
            var end = await EndAsync(account, answer.Id, look: import =>
            {
                looks++;
                Assert.True(Read(import) == Sum(import) && Read(import) >= last, $"{name}: {import}");
                last = Read(import);
            });
            Assert.Contains(end.GetProperty("status").GetString(), (string[])["completed", "failed"]);
            await AssertConservedAsync(account, name, end);
        }

        Assert.True(paused > 20 && looks > 300, $"{paused} paused, {looks} looks");
    }

    [Fact]
    public async Task Plans_their_applications_undos_and_redos_are_conserved_and_a_plan_counts_as_its_application()
    {
        var applied = 0;
        foreach (var (name, bytes) in Files())
        {
            using var account = await Account.CreateAsync(host);
            var plan = await account.ImportAsync(bytes, FirstColumn[..^1] + ""","dry_run":true}""", name);
            Assert.True(plan.Status < 500, $"{name}: {plan}");
            if (plan.State != "planned")
                continue;
            await AssertConservedAsync(account, name, plan.Body);
            var apply = (await PostAsync(account, plan.Id, "apply", HttpStatusCode.Accepted)).GetProperty("id").GetString()!; // an import has an id
            var end = await EndAsync(account, apply);
            Assert.Equal("completed", end.GetProperty("status").GetString());
            await AssertConservedAsync(account, name, end);
            Assert.Equal(plan.Body.GetProperty("counts").GetRawText(), end.GetProperty("counts").GetRawText());
            applied++;
            foreach (var verb in (string[])["undo", "redo"])
            {
                var turned = (await PostAsync(account, apply, verb, HttpStatusCode.Accepted)).GetProperty("id").GetString()!; // as above
                var reversal = await EndAsync(account, turned, look: import => Assert.Equal(Sum(import), Read(import)));
                Assert.Equal(("completed", end.GetProperty("counts").GetProperty("created").GetInt64()), (reversal.GetProperty("status").GetString(), Read(reversal)));
            }
            await AssertConservedAsync(account, name, await EndAsync(account, apply, "completed"));
        }

        Assert.True(applied > 300, $"{applied} applied");
    }

    /// <summary>A server that takes a batch for each row, and one import at a time: what is said to an import meets it on its way.</summary>
    static MusterHost Slow() => new() { Settings = s => s with { BatchRowsMax = 1, ImportsConcurrent = 1, SmallImportRows = 0 } };

    static long Read(JsonElement import) => import.GetProperty("counts").GetProperty("read").GetInt64();

    static long Sum(JsonElement import) => Outcomes.Sum(o => import.GetProperty("counts").GetProperty(o).GetInt64());

    static IEnumerable<(string Name, byte[] Bytes)> Files()
    {
        using var corpus = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Path("corpora/csv_robustness.json")));
        foreach (var entry in corpus.RootElement.EnumerateArray())
        {
            var file = entry.GetProperty("file").GetString() ?? "";
            yield return (file, File.ReadAllBytes(SharedFolder.Path("corpora/files/" + file)));
        }
    }

    /// <summary>The counts sum to the rows read, the ledger has each of these rows once, in order, and no report fails.</summary>
    static async Task AssertConservedAsync(Account account, string name, JsonElement import)
    {
        var (counts, read) = (import.GetProperty("counts"), Read(import));
        Assert.True(read == Sum(import), $"{name}: {counts}");
        var path = "/v1/imports/" + import.GetProperty("id").GetString();
        var told = Outcomes.ToDictionary(o => o, _ => 0L);
        var (last, rows) = (0L, 0L);
        for (string? cursor = ""; cursor is not null;)
        {
            var page = JsonDocument.Parse(await account.Http.GetStringAsync($"{path}/rows?limit=1000{(cursor.Length == 0 ? "" : "&cursor=" + Uri.EscapeDataString(cursor))}")).RootElement;
            foreach (var row in page.GetProperty("items").EnumerateArray())
            {
                rows++;
                told[row.GetProperty("outcome").GetString()!]++; // every row has an outcome
                Assert.True(row.GetProperty("row_number").GetInt64() > last, $"{name}: row {row}");
                last = row.GetProperty("row_number").GetInt64();
            }
            cursor = page.GetProperty("next_cursor").GetString();
        }
        Assert.True(rows == read && Outcomes.All(o => told[o] == counts.GetProperty(o).GetInt64()), $"{name}: {counts}, and the ledger {string.Join(", ", told)}");
        foreach (var report in (string[])["errors?limit=1000", "rejects", "created"])
        {
            using var response = await account.Http.GetAsync($"{path}/{report}");
            Assert.True(response.StatusCode == HttpStatusCode.OK, $"{name}: {report}: {response.StatusCode}");
            await response.Content.ReadAsByteArrayAsync();
        }
    }

    static void Count(Dictionary<string, int> ends, string end) => ends[end] = ends.GetValueOrDefault(end) + 1;

    static async Task<JsonElement> PostAsync(Account account, string id, string verb, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var response = await account.Http.PostAsync($"/v1/imports/{id}/{verb}", null);
        return await response.JsonAsync(expected);
    }

    /// <summary>Cancels or pauses an import: false when it had ended before, and nothing else can be.</summary>
    static async Task<bool> MovedInTimeAsync(Account account, string name, string id, string verb)
    {
        using var response = await account.Http.PostAsync($"/v1/imports/{id}/{verb}", null);
        Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Conflict, $"{name}: {response.StatusCode}");
        return response.StatusCode == HttpStatusCode.OK;
    }

    /// <summary>The import once it rests, or has the status that is waited for.</summary>
    /// <param name="look">Sees every state on the way.</param>
    static async Task<JsonElement> EndAsync(Account account, string id, string? status = null, Action<JsonElement>? look = null)
    {
        JsonElement import = default;
        await Until.TrueAsync(async () =>
        {
            import = JsonDocument.Parse(await account.Http.GetStringAsync("/v1/imports/" + id)).RootElement;
            look?.Invoke(import);
            var now = import.GetProperty("status").GetString();
            return status is null ? now is not ("queued" or "running") : now == status;
        });
        return import;
    }
}
