using System.Diagnostics;

namespace Muster.Server.Tests.Cli;

/// <summary>Where <c>-o</c> writes to.</summary>
public sealed class OutputFileTests : IAsyncLifetime
{
    const string Rejects = "email\nnot-an-address\n";
    readonly MusterProgram muster = new();

    public async ValueTask InitializeAsync()
    {
        muster.Write("contacts.csv", "email\nann@example.org\nnot-an-address\n");
        Assert.Equal(3, (await muster.RunAsync("import", "contacts.csv")).ExitCode);
    }

    public ValueTask DisposeAsync()
    {
        muster.Dispose();
        return ValueTask.CompletedTask;
    }

    string In(string name) => Path.Combine(muster.Folder, name);

    [Fact]
    public async Task File_that_was_there_is_replaced_and_a_link_to_it_stays_a_link()
    {
        muster.Write("old.csv", "what was there before, and longer");
        if (!OperatingSystem.IsWindows())
            File.CreateSymbolicLink(In("link.csv"), "old.csv");
        else
            Assert.Skip("A link needs a privilege.");

        var run = await muster.RunAsync("rejects", "last", "-o", "link.csv");

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal("old.csv", new FileInfo(In("link.csv")).LinkTarget);
        Assert.Equal(Rejects, await File.ReadAllTextAsync(In("old.csv")));
        Assert.Empty(Directory.GetFiles(muster.Folder, "*.part"));
    }

    [Fact]
    public async Task Pipe_is_written_through_and_not_replaced_by_a_file()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("There are no named pipes among the files.");
        using (var made = Process.Start("mkfifo", [In("pipe")]))
            await made.WaitForExitAsync();

        var running = muster.RunAsync("rejects", "last", "-o", "pipe");
        using var reader = Process.Start(new ProcessStartInfo("cat", [In("pipe")]) { RedirectStandardOutput = true, UseShellExecute = false })!; // a process of its own
        Assert.Equal(Rejects, await reader.StandardOutput.ReadToEndAsync());

        Assert.Equal(0, (await running).ExitCode);
        Assert.Empty(Directory.GetFiles(muster.Folder, "*.part"));
    }

    [Fact]
    public async Task Empty_name_is_a_usage_error()
    {
        var run = await muster.RunAsync("rejects", "last", "-o", "");

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("muster rejects: -o is empty", run.Error, StringComparison.Ordinal);
    }
}
