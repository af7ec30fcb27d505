namespace Muster.Server.Tests.Cli;

public sealed class ProfilesTests : IDisposable
{
    readonly MusterProgram muster = new();

    public void Dispose() => muster.Dispose();

    /// <summary>On the embedded store, or on a server.</summary>
    async Task<ProgramRun> RunAsync(MusterHost? server, params string[] arguments) =>
        await muster.RunAsync([.. arguments, .. server is null ? Array.Empty<string>() : ["--server", server.Address.ToString(), "--key", server.AdminToken]]);

    static async Task<MusterHost?> ServerAsync(bool isRemote)
    {
        if (!isRemote)
            return null;
        var server = new MusterHost();
        await server.InitializeAsync();
        return server;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_profile_is_made_read_by_changed_and_deleted(bool isRemote)
    {
        await using var server = await ServerAsync(isRemote);
        var made = await RunAsync(server, "profiles", "create", "CRM", "--map", "Mail=email", "--map", "Groups=lists", "--map", "Gone=tags:remove", "--column", "Mail=email", "--column", "Groups", "--column", "Gone", "--json");
        Assert.True(made.ExitCode == 0, made.Error);
        Assert.Equal(("CRM", 1), (made.Json().GetProperty("name").GetString(), made.Json().GetProperty("version").GetInt32()));
        Assert.Equal("tags:remove", made.Json().GetProperty("options").GetProperty("mapping").GetProperty("Gone").GetString());

        var file = muster.Write("next.csv", "Mail,Groups,Gone\na@x.example,\"News;Fair\",old\n");
        var import = (await RunAsync(server, "import", file, "--profile", "crm", "--json")).Json();
        Assert.Equal("CRM@1", import.GetProperty("options").GetProperty("profile").GetString());
        Assert.Equal(["Fair", "News"], (await RunAsync(server, "lists", "--json")).Json().GetProperty("items").EnumerateArray().Select(l => l.GetProperty("name").GetString()).Order(StringComparer.Ordinal));

        var updated = await RunAsync(server, "profiles", "update", "crm", "--from-import", "last", "--region", "DE", "--json");
        Assert.True(updated.ExitCode == 0, updated.Error);
        Assert.Equal((2, "DE", 3), (updated.Json().GetProperty("version").GetInt32(), updated.Json().GetProperty("options").GetProperty("region").GetString(), updated.Json().GetProperty("columns").GetArrayLength()));
        Assert.Contains("CRM", (await RunAsync(server, "profiles", "list")).Output, StringComparison.Ordinal);
        Assert.Equal(1, (await RunAsync(server, "profiles", "get", "CRM", "--version-number", "1", "--json")).Json().GetProperty("version").GetInt32());
        Assert.Contains("region = \"DE\"", (await RunAsync(server, "profiles", "get", "CRM")).Output, StringComparison.Ordinal);

        var taken = await RunAsync(server, "profiles", "create", "crm", "--map", "Mail=email");
        Assert.NotEqual(0, taken.ExitCode);
        Assert.Contains("profile", taken.Error, StringComparison.Ordinal);
        var renamed = await RunAsync(server, "profiles", "update", $"{made.Json().GetProperty("id").GetInt32()}", "--map", "Mail=email", "--rename", "Sales", "--json");
        Assert.True(renamed.ExitCode == 0, renamed.Error);
        Assert.Equal(("Sales", 3), (renamed.Json().GetProperty("name").GetString(), renamed.Json().GetProperty("version").GetInt32()));
        Assert.NotEqual(0, (await RunAsync(server, "profiles", "get", "Sales", "--version-number", "4")).ExitCode);
        Assert.Equal(0, (await RunAsync(server, "profiles", "update", "Sales", "--from-import", "last", "--rename", "CRM")).ExitCode);

        // A file that has lost a column waits, and says why.
        var changed = muster.Write("changed.csv", "Mail,Gone\nb@x.example,old\n");
        var held = await RunAsync(server, "import", changed, "--profile", "CRM", "--json");
        Assert.Equal("held", held.Json().GetProperty("status").GetString());
        Assert.Contains("Groups", held.Json().GetProperty("hold").GetRawText(), StringComparison.Ordinal);

        Assert.Equal(0, (await RunAsync(server, "profiles", "delete", "CRM")).ExitCode);
        var gone = await RunAsync(server, "profiles", "get", "CRM");
        Assert.Equal(2, gone.ExitCode);
        Assert.Contains("muster profiles list", gone.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_only_reads_changes_no_profile()
    {
        await using var server = await ServerAsync(isRemote: true);
        Assert.Equal(0, (await RunAsync(server, "profiles", "create", "CRM", "--map", "Mail=email")).ExitCode);
        string[] reader = ["--server", server!.Address.ToString(), "--key", server.ReadToken]; // made, since it is remote
        Assert.Contains("CRM", (await muster.RunAsync(["profiles", "list", .. reader])).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await muster.RunAsync(["profiles", "get", "CRM", .. reader])).ExitCode);
        foreach (var arguments in (string[][])[["create", "Other", "--map", "Mail=email"], ["update", "CRM", "--map", "Mail=phone"], ["delete", "CRM"]])
        {
            var refused = await muster.RunAsync(["profiles", .. arguments, .. reader]);
            Assert.NotEqual(0, refused.ExitCode);
            Assert.Contains("scope", refused.Error, StringComparison.OrdinalIgnoreCase);
        }
        Assert.Contains("version 1", (await RunAsync(server, "profiles", "get", "CRM")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--webhook-url", "https://example.org/hook")]
    [InlineData("--notify-email", "ann@example.org")]
    [InlineData("--consent", "opted_in")]
    [InlineData("--dry-run", null)]
    public async Task What_each_import_says_for_itself_cannot_stand_in_a_profile(string option, string? value)
    {
        var run = await muster.RunAsync(["profiles", "create", "Own", option, .. value is null ? Array.Empty<string>() : [value]]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(option, run.Error, StringComparison.Ordinal);
        Assert.Contains("import by import", run.Error, StringComparison.Ordinal);
    }
}
