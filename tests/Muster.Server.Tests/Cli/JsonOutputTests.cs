using System.Text.Json;

namespace Muster.Server.Tests.Cli;

/// <summary>With <c>--json</c>, stdout holds exactly one document, whatever the command.</summary>
public sealed class JsonOutputTests : IDisposable
{
    readonly MusterProgram muster = new();

    public void Dispose() => muster.Dispose();

    [Fact]
    public async Task Every_command_prints_exactly_one_document()
    {
        muster.Write("contacts.csv", "email,first_name\nann@example.org,Ann\nnot-an-address,Not\n");
        var key = (await DocumentAsync(0, "keys", "create")).GetProperty("id").GetString() ?? "";
        await DocumentAsync(3, "import", "contacts.csv");
        foreach (var command in (string[][])
        [
            ["imports"], ["lists"], ["accounts"], ["limits"], ["keys", "list"], ["errors", "last"], ["preview", "contacts.csv"], ["undo", "last", "--dry-run"],
        ])
            await DocumentAsync(0, command);
        await DocumentAsync(3, "watch", "last");
        Assert.Equal("rejects.csv", (await DocumentAsync(0, "rejects", "last", "-o", "rejects.csv")).GetProperty("file").GetString());
        var export = await DocumentAsync(0, "contacts", "export", "-o", "all.csv");
        Assert.Equal(new FileInfo(Path.Combine(muster.Folder, "all.csv")).Length, export.GetProperty("bytes").GetInt64());
        Assert.True((await DocumentAsync(0, "backup", "copy.db")).GetProperty("bytes").GetInt64() > 0);
        Assert.Equal(JsonValueKind.String, (await DocumentAsync(0, "keys", "revoke", key)).GetProperty("revoked_at").ValueKind);
        var webhook = (await DocumentAsync(0, "webhooks", "add", "https://app.example.org/hook")).GetProperty("id").GetString() ?? "";
        await DocumentAsync(0, "webhooks", "list");
        await DocumentAsync(0, "webhooks", "rotate", webhook);
        await DocumentAsync(0, "deliveries", "list");
        Assert.Equal(webhook, (await DocumentAsync(0, "webhooks", "remove", webhook)).GetProperty("id").GetString());
        foreach (var report in (string[])["errors", "changes"])
        {
            Assert.Equal("report.json", (await DocumentAsync(0, report, "last", "-o", "report.json")).GetProperty("file").GetString());
            using var inFile = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(muster.Folder, "report.json")));
            Assert.NotEqual(0, inFile.RootElement.GetProperty("items").GetArrayLength());
        }
        muster.Write("left.txt", "bob@example.org\nnonsense\n");
        Assert.Equal(1, (await DocumentAsync(0, "suppressions", "add", "ann@example.org")).GetProperty("added").GetInt32());
        Assert.Equal(1, (await DocumentAsync(3, "suppressions", "import", "left.txt")).GetProperty("left_out").GetInt32());
        Assert.Equal("bob@example.org", (await DocumentAsync(0, "suppressions", "remove", "bob@example.org")).GetProperty("lifted")[0].GetString());
        await DocumentAsync(0, "profiles", "create", "CRM", "--map", "email=email");
        Assert.Equal("CRM", (await DocumentAsync(0, "profiles", "delete", "CRM")).GetProperty("name").GetString());
        await DocumentAsync(0, "undo", "last");
    }

    [Theory]
    [InlineData(2, "rejects", "last")]
    [InlineData(2, "contacts", "export")]
    [InlineData(2, "keys", "revoke", "nobody")]
    [InlineData(2, "watch", "nothing")]
    [InlineData(2, "import", "nowhere.csv")]
    public async Task A_command_that_fails_prints_nothing_on_stdout_and_says_why(int exitCode, params string[] command)
    {
        var run = await muster.RunAsync([.. command, "--json"]);
        Assert.Equal((exitCode, ""), (run.ExitCode, run.Output));
        Assert.NotEmpty(run.Error);
    }

    async Task<JsonElement> DocumentAsync(int exitCode, params string[] command)
    {
        var run = await muster.RunAsync([.. command, "--json"]);
        Assert.True(run.ExitCode == exitCode, $"{string.Join(' ', command)}: {run.ExitCode} {run.Error}");
        using var document = JsonDocument.Parse(run.Output);
        return document.RootElement.Clone();
    }
}
