using System.Net;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Muster.Server.Tests.Cli;

namespace Muster.Server.Tests.Crash;

/// <summary>The server is killed with <c>kill -9</c> during undo, redo, apply and an all-or-nothing import, at seeded moments: the database comes to what it would have come to. More runs with MUSTER_LONG=1.</summary>
public sealed class UndoKillTests
{
    const int Rows = 20_000;

    public static TheoryData<int, int> Runs()
    {
        var runs = new TheoryData<int, int>();
        for (var run = 0; run < (Environment.GetEnvironmentVariable("MUSTER_LONG") == "1" ? 20 : 2); run++)
            runs.Add(1 + run % 3, 2_000 + run);
        return runs;
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task Undo_and_redo_come_to_their_end_however_often_the_server_dies(int kills, int seed)
    {
        var (random, truth) = (new Random(seed), new TruthFile(Rows, seed));
        using var program = new MusterProgram();
        var token = await TokenAsync(program);
        var before = "";
        Guid import;
        using (var server = await ServeProcess.StartAsync(program, token))
        {
            // Some of the file's contacts are there before, and get other names by it.
            var known = truth.Contacts.Take(3_000).Select(c => $"{c.Key},Before\n");
            await PostAsync(server, "/v1/imports?lists=Before", "email,first_name\n" + string.Concat(known), completed: true);
            before = await StateAsync(server);
            import = await PostAsync(server, "/v1/imports?lists=Crash&hold=false", System.Text.Encoding.UTF8.GetString(truth.Bytes), completed: true);
        }
        var after = "";
        using (var server = await ServeProcess.StartAsync(program, token))
            after = await StateAsync(server);
        Assert.NotEqual(before, after);

        Assert.Equal(before, await ReverseAsync(program, token, import, "undo", kills, random));
        Assert.Equal(after, await ReverseAsync(program, token, import, "redo", kills, random));
        await AssertSoundAsync(program);
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task Undo_and_redo_of_an_import_that_took_contacts_out_of_lists_come_to_their_end_however_often_the_server_dies(int kills, int seed)
    {
        var random = new Random(seed);
        using var program = new MusterProgram();
        var token = await TokenAsync(program);
        var (before, after) = ("", "");
        Guid import;
        using (var server = await ServeProcess.StartAsync(program, token))
        {
            var contacts = Enumerable.Range(0, Rows).Select(i => $"c{i}@example.org").ToArray();
            await PostAsync(server, "/v1/imports?lists=Customers&tags=spring&hold=false", "email\n" + string.Join('\n', contacts), completed: true);
            // Some were taken out before: an undo that brings them in again is to leave them out as they were.
            await PostAsync(server, Columns, "email,in,out,tag,off\n" + string.Join('\n', contacts.Where((_, i) => i % 7 == 0).Select(c => c + ",,Customers,,spring")), completed: true);
            before = await StateAsync(server);
            import = await PostAsync(
                server, Columns,
                "email,in,out,tag,off\n" + string.Join('\n', contacts.Select((c, i) => (i % 3) switch { 0 => c + ",Customers;Others,,spring,", 1 => c + ",Others,Customers,,spring", _ => c + ",,Customers,summer," })),
                completed: true);
            after = await StateAsync(server);
        }
        Assert.NotEqual(before, after);
        Assert.Equal(before, await ReverseAsync(program, token, import, "undo", kills, random));
        Assert.Equal(after, await ReverseAsync(program, token, import, "redo", kills, random));
        Assert.Equal(before, await ReverseAsync(program, token, import, "undo", kills, random));
        await AssertSoundAsync(program);
    }

    const string Columns = "/v1/imports?hold=false&mapping=%7B%22in%22%3A%22lists%22%2C%22out%22%3A%22lists%3Aremove%22%2C%22tag%22%3A%22tags%22%2C%22off%22%3A%22tags%3Aremove%22%7D";

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task An_apply_comes_to_its_plan_however_often_the_server_dies(int kills, int seed)
    {
        var (random, truth) = (new Random(seed), new TruthFile(Rows, seed));
        using var program = new MusterProgram();
        var token = await TokenAsync(program);
        Guid apply;
        using (var server = await ServeProcess.StartAsync(program, token))
        {
            var plan = await PostAsync(server, "/v1/imports?lists=Crash&dry_run=true", System.Text.Encoding.UTF8.GetString(truth.Bytes), completed: true);
            using var answer = await server.Client.PostAsync($"/v1/imports/{plan}/apply", null);
            apply = (await answer.JsonAsync(HttpStatusCode.Accepted)).GetProperty("id").GetGuid();
            await KillTests.UntilReadAsync(server, apply, random.Next(Rows));
            server.Kill();
        }
        await DieAsync(program, token, apply, kills - 1, random);
        using (var server = await ServeProcess.StartAsync(program, token))
            await KillTests.AssertTrueAsync(server, apply, truth);
        await AssertSoundAsync(program);
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task An_all_or_nothing_import_is_in_or_has_changed_nothing_however_often_the_server_dies(int kills, int seed)
    {
        var (random, truth) = (new Random(seed), new TruthFile(Rows, seed));
        using var program = new MusterProgram();
        var token = await TokenAsync(program);
        foreach (var allowed in (int[])[truth.Errors.Count - 1, truth.Errors.Count])
        {
            Guid import;
            using (var server = await ServeProcess.StartAsync(program, token))
            {
                import = await PostAsync(server, $"/v1/imports?lists=Crash&atomic=true&max_rejects={allowed}", System.Text.Encoding.UTF8.GetString(truth.Bytes), completed: false);
                await UntilAsync(server, import, random.Next(Rows));
                server.Kill();
            }
            for (var kill = 1; kill < kills; kill++)
            {
                using var server = await ServeProcess.StartAsync(program, token);
                await UntilAsync(server, import, random.Next(Rows));
                server.Kill();
            }
            using (var server = await ServeProcess.StartAsync(program, token))
            {
                if (allowed == truth.Errors.Count)
                {
                    await UntilAsync(server, import, long.MaxValue);
                    await KillTests.AssertTrueAsync(server, import, truth);
                    continue;
                }
                var failed = await UntilAsync(server, import, long.MaxValue);
                Assert.Equal(("failed", "atomic_rejected"), (failed.GetProperty("status").GetString(), failed.GetProperty("failure").GetProperty("code").GetString()));
                Assert.Equal((Rows, 0, truth.Errors.Count), (Count(failed, "read"), Count(failed, "created"), Count(failed, "rejected")));
                Assert.Empty(await server.Client.GetStringAsync("/v1/contacts/export?format=ndjson"));
                Assert.Equal(0, (await (await server.Client.GetAsync("/v1/lists")).JsonAsync(HttpStatusCode.OK)).GetProperty("items").GetArrayLength());
            }
        }
        await AssertSoundAsync(program);
    }

    static int Count(JsonElement import, string name) => import.GetProperty("counts").GetProperty(name).GetInt32();

    static async Task<string> TokenAsync(MusterProgram program)
    {
        program.Environment["MUSTER_BATCH_ROWS_MAX"] = "1000";
        return (await program.RunAsync("keys", "create", "--account", "main", "--scope", "admin", "--json")).Json().GetProperty("token").GetString()!; // always printed
    }

    static async Task<Guid> PostAsync(ServeProcess server, string path, string csv, bool completed)
    {
        using var content = new StringContent(csv, System.Text.Encoding.UTF8, "text/csv");
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        using var response = await server.Client.SendAsync(request);
        var id = (await response.JsonAsync(HttpStatusCode.Accepted)).GetProperty("id").GetGuid();
        if (completed)
            Assert.Contains((await KillTests.UntilReadAsync(server, id, long.MaxValue)).GetProperty("status").GetString(), (string[])["completed", "planned"]);
        return id;
    }

    /// <summary>Asks for an undo or redo, kills the server as often, and waits for its end.</summary>
    /// <returns>The state that a server started anew then shows.</returns>
    static async Task<string> ReverseAsync(MusterProgram program, string token, Guid import, string verb, int kills, Random random)
    {
        Guid id;
        using (var server = await ServeProcess.StartAsync(program, token))
        {
            using var answer = await server.Client.PostAsync($"/v1/imports/{import}/{verb}", null);
            id = (await answer.JsonAsync(HttpStatusCode.Accepted)).GetProperty("id").GetGuid();
            await KillTests.UntilReadAsync(server, id, random.Next(Rows / 2));
            server.Kill();
        }
        await DieAsync(program, token, id, kills - 1, random);
        using (var server = await ServeProcess.StartAsync(program, token))
        {
            var done = await KillTests.UntilReadAsync(server, id, long.MaxValue);
            Assert.Equal("completed", done.GetProperty("status").GetString());
            Assert.Equal(0, done.GetProperty("reversal").GetProperty("conflicts").GetInt32());
        }
        using (var server = await ServeProcess.StartAsync(program, token))
            return await StateAsync(server);
    }

    static async Task DieAsync(MusterProgram program, string token, Guid import, int kills, Random random)
    {
        for (var kill = 0; kill < kills; kill++)
        {
            using var server = await ServeProcess.StartAsync(program, token);
            await KillTests.UntilReadAsync(server, import, random.Next(Rows));
            server.Kill();
        }
    }

    /// <summary>As <see cref="KillTests.UntilReadAsync"/>, of an import whose counts begin anew once it has been checked.</summary>
    static async Task<JsonElement> UntilAsync(ServeProcess server, Guid import, long rows)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (true)
        {
            using var response = await server.Client.GetAsync($"/v1/imports/{import}", deadline.Token);
            var state = await response.JsonAsync(HttpStatusCode.OK);
            if (Count(state, "read") >= rows || state.GetProperty("status").GetString() is not ("queued" or "running"))
                return state;
            await timer.WaitForNextTickAsync(deadline.Token);
        }
    }

    /// <summary>Contacts without id and times, their lists, and the lists with their sizes.</summary>
    static async Task<string> StateAsync(ServeProcess server)
    {
        var contacts = (await server.Client.GetStringAsync("/v1/contacts/export?format=ndjson")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<JsonElement>(line).EnumerateObject().Where(m => m.Name is not ("id" or "created_at" or "updated_at")).Select(m => m.Value.GetRawText()))
            .Select(values => string.Join(' ', values)).Order(StringComparer.Ordinal);
        var lists = (await (await server.Client.GetAsync("/v1/lists")).JsonAsync(HttpStatusCode.OK)).GetProperty("items").EnumerateArray().Select(l => $"{l.GetProperty("name")} {l.GetProperty("members")}");
        return string.Join('\n', contacts.Concat(lists.Order(StringComparer.Ordinal)));
    }

    static async Task AssertSoundAsync(MusterProgram program)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(program.Folder, "muster-data", "muster.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT group_concat(integrity_check) FROM pragma_integrity_check";
        Assert.Equal("ok", await command.ExecuteScalarAsync());
    }
}
