using System.Globalization;
using System.Text;
using Muster.Server.Tests.Crash;

namespace Muster.Server.Tests.Cli;

/// <summary>Plans, changes and suppressions by the command line, on a data folder and on a server.</summary>
public sealed class TrustCommandTests : IDisposable
{
    readonly MusterProgram muster = new();

    public void Dispose() => muster.Dispose();

    public static TheoryData<bool> Places => [false, true];

    /// <summary>Runs the test on the folder, or on a server over it.</summary>
    async Task OnAsync(bool server, Func<Task> test)
    {
        if (!server)
        {
            await test();
            return;
        }
        var token = (await muster.RunAsync("keys", "create", "--account", "main", "--scope", "admin", "--json")).Json().GetProperty("token").GetString()!; // always printed
        using var process = await ServeProcess.StartAsync(muster, token);
        muster.Environment["MUSTER_SERVER"] = process.Client.BaseAddress!.ToString(); // set when it listens
        muster.Environment["MUSTER_KEY"] = token;
        await test();
    }

    async Task<ProgramRun> DoneAsync(int exitCode, params string[] arguments)
    {
        var run = await muster.RunAsync(arguments);
        Assert.True(run.ExitCode == exitCode, $"{run.ExitCode}\n{run.Output}\n{run.Error}");
        return run;
    }

    [Fact]
    public async Task Cancelling_a_held_import_says_how_to_take_back_what_is_in()
    {
        var csv = new StringBuilder("email\n");
        for (var i = 0; i < 5_000; i++)
            csv.Append(CultureInfo.InvariantCulture, $"{(i < 1_000 ? $"a{i}@example.org" : "none")}\n");
        muster.Write("contacts.csv", csv.ToString());
        await DoneAsync(4, "import", "contacts.csv");
        var canceled = await DoneAsync(0, "cancel", "last");
        Assert.Contains("1,000 rows are done.", canceled.Output, StringComparison.Ordinal);
        Assert.Contains("Take it back with: muster undo ", canceled.Output, StringComparison.Ordinal);
        Assert.Contains("1,000  removed", (await DoneAsync(0, "undo", "last")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public Task A_plan_is_looked_at_field_by_field_and_applied(bool server) => OnAsync(server, async () =>
    {
        muster.Write("a.csv", "email,first_name\nann@example.org,Ann\n");
        muster.Write("b.csv", "email,first_name\nann@example.org,Anna\nbob@example.org,Bob\n");
        await DoneAsync(0, "import", "a.csv");
        var plan = await DoneAsync(0, "import", "b.csv", "--dry-run");
        Assert.Contains("muster apply", plan.Output, StringComparison.Ordinal);
        var changes = await DoneAsync(0, "changes", "last");
        Assert.Contains("first_name: Ann → Anna", changes.Output, StringComparison.Ordinal);
        Assert.Contains("row 3 created: email: (empty) → bob@example.org", changes.Output, StringComparison.Ordinal);
        Assert.Equal(3, (await DoneAsync(0, "changes", "last", "--json")).Json().GetProperty("items").GetArrayLength());
        Assert.Equal(3, (await DoneAsync(0, "changes", "last", "--format", "ndjson")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        var apply = await DoneAsync(0, "apply", "last", "--json");
        Assert.Equal("apply", apply.Json().GetProperty("kind").GetString());
        Assert.Equal("completed", apply.Json().GetProperty("status").GetString());
        await DoneAsync(1, "apply", apply.Json().GetProperty("id").GetString()!); // an apply is no plan
    });

    [Theory]
    [MemberData(nameof(Places))]
    public Task Suppressions_are_added_listed_lifted_and_taken_from_a_file(bool server) => OnAsync(server, async () =>
    {
        Assert.StartsWith("2 suppressions added", (await DoneAsync(0, "suppressions", "add", "Ann@Example.org", "example.com", "--reason", "asked")).Output, StringComparison.Ordinal);
        muster.Write("list.csv", "email,reason\n# bounced in May\nbob@example.org,\"bounced\"\n\nann@example.org\nnonsense here\n+61412345678;complained\n");
        var run = await DoneAsync(3, "suppressions", "import", "list.csv", "--reason", "from a file");
        Assert.Contains("line 6:", run.Error, StringComparison.Ordinal);
        Assert.Equal("2 suppressions added; 1 was there before.", run.Output.Trim());
        var all = (await DoneAsync(0, "suppressions", "list", "--json")).Json().GetProperty("items").EnumerateArray().ToDictionary(s => s.GetProperty("id").GetString()!, s => s.GetProperty("reason").GetString());
        Assert.Equal(["domain:example.com", "email:ann@example.org", "email:bob@example.org", "phone:+61412345678"], all.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(("asked", "bounced", "complained"), (all["email:ann@example.org"], all["email:bob@example.org"], all["phone:+61412345678"]));
        await DoneAsync(0, "suppressions", "remove", "bob@example.org", "domain:example.com");
        Assert.DoesNotContain("bob@", (await DoneAsync(0, "suppressions", "list")).Output, StringComparison.Ordinal);
        await DoneAsync(2, "suppressions", "remove", "bob@example.org");

        muster.Write("contacts.csv", "email\nann@example.org\nbob@example.org\n");
        Assert.Contains("1  suppressed", (await DoneAsync(0, "import", "contacts.csv")).Output, StringComparison.Ordinal);
    });

    [Theory]
    [MemberData(nameof(Places))]
    public Task All_or_nothing_and_its_rejects_for_people(bool server) => OnAsync(server, async () =>
    {
        muster.Write("contacts.csv", "email,note\nann@example.org,fine\nno-address,=1+1\n");
        var failed = await DoneAsync(1, "import", "contacts.csv", "--atomic", "--json");
        var counts = failed.Json().GetProperty("counts");
        Assert.Equal(("atomic_rejected", 2, 1, 1), (
            failed.Json().GetProperty("failure").GetProperty("code").GetString(), counts.GetProperty("read").GetInt32(), counts.GetProperty("skipped").GetInt32(), counts.GetProperty("rejected").GetInt32()));
        Assert.Empty((await DoneAsync(0, "contacts", "export", "--format", "ndjson")).Output);
        await DoneAsync(0, "rejects", "last", "--safe", "-o", "safe.csv");
        Assert.Equal("\uFEFFemail,note\r\nno-address,'=1+1\r\n", Encoding.UTF8.GetString(await File.ReadAllBytesAsync(Path.Combine(muster.Folder, "safe.csv"))));
        await DoneAsync(3, "import", "contacts.csv", "--atomic", "--max-rejects", "1");
    });
}
