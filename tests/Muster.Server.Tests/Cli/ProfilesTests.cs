namespace Muster.Server.Tests.Cli;

public sealed class ProfilesTests : IDisposable
{
    readonly MusterProgram muster = new();

    public void Dispose() => muster.Dispose();

    [Fact]
    public async Task A_profile_is_made_read_by_changed_and_deleted()
    {
        var made = await muster.RunAsync("profiles", "create", "CRM", "--map", "Mail=email", "--map", "Groups=lists", "--map", "Gone=tags:remove", "--column", "Mail=email", "--column", "Groups", "--column", "Gone", "--json");
        Assert.True(made.ExitCode == 0, made.Error);
        Assert.Equal(("CRM", 1), (made.Json().GetProperty("name").GetString(), made.Json().GetProperty("version").GetInt32()));
        Assert.Equal("tags:remove", made.Json().GetProperty("options").GetProperty("mapping").GetProperty("Gone").GetString());

        var file = muster.Write("next.csv", "Mail,Groups,Gone\na@x.example,\"News;Fair\",old\n");
        var import = (await muster.RunAsync("import", file, "--profile", "crm", "--json")).Json();
        Assert.Equal("CRM@1", import.GetProperty("options").GetProperty("profile").GetString());
        Assert.Equal(["Fair", "News"], (await muster.RunAsync("lists", "--json")).Json().GetProperty("items").EnumerateArray().Select(l => l.GetProperty("name").GetString()).Order(StringComparer.Ordinal));

        var updated = await muster.RunAsync("profiles", "update", "crm", "--from-import", "last", "--region", "DE", "--json");
        Assert.True(updated.ExitCode == 0, updated.Error);
        Assert.Equal((2, "DE", 3), (updated.Json().GetProperty("version").GetInt32(), updated.Json().GetProperty("options").GetProperty("region").GetString(), updated.Json().GetProperty("columns").GetArrayLength()));
        Assert.Contains("CRM", (await muster.RunAsync("profiles", "list")).Output, StringComparison.Ordinal);
        Assert.Equal(1, (await muster.RunAsync("profiles", "get", "CRM", "--version-number", "1", "--json")).Json().GetProperty("version").GetInt32());
        Assert.Contains("region = \"DE\"", (await muster.RunAsync("profiles", "get", "CRM")).Output, StringComparison.Ordinal);

        Assert.Equal(0, (await muster.RunAsync("profiles", "delete", "CRM")).ExitCode);
        var gone = await muster.RunAsync("profiles", "get", "CRM");
        Assert.Equal(2, gone.ExitCode);
        Assert.Contains("muster profiles list", gone.Error, StringComparison.Ordinal);
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
