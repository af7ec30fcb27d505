using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Muster.Server.Tests.Cli;

public sealed class ServeTests : IDisposable
{
    const string Contacts = "email,first_name\nann@example.org,Ann\nnot-an-address,Not\n";
    readonly MusterProgram muster = new();

    public void Dispose() => muster.Dispose();

    [Fact]
    public async Task First_start_prints_a_key_with_which_the_same_commands_work_on_the_server()
    {
        muster.Write("contacts.csv", Contacts);
        using var server = muster.Start("serve", "--urls", "http://127.0.0.1:0");
        try
        {
            var (key, url) = await ReadStartAsync(server);
            muster.Environment["MUSTER_SERVER"] = url;
            muster.Environment["MUSTER_KEY"] = key;

            var import = await muster.RunAsync("import", "contacts.csv", "--list", "Customers", "--json");
            Assert.True(import.ExitCode == 3, import.Error);
            Assert.Equal(1, import.Json().GetProperty("counts").GetProperty("created").GetInt64());
            Assert.Equal("email,first_name\nnot-an-address,Not\n", (await muster.RunAsync("rejects", "last")).Output);
            Assert.Contains("row 3, column email", (await muster.RunAsync("errors", "last")).Output, StringComparison.Ordinal);
            Assert.Contains("Customers", (await muster.RunAsync("lists")).Output, StringComparison.Ordinal);
            Assert.Contains("ann@example.org", (await muster.RunAsync("contacts", "export")).Output, StringComparison.Ordinal);
            Assert.Equal(2, (await muster.RunAsync("import", "contacts.csv", "--region", "ZZZ")).ExitCode);
        }
        finally
        {
            await StopAsync(server);
        }
        Assert.Equal(0, server.ExitCode);
    }

    [Theory]
    [InlineData(1, "--urls", "http://192.0.2.1:80")]
    [InlineData(2, "--data", "/dev/null/muster")]
    public async Task What_cannot_be_served_is_said_with_the_setting_and_without_a_trace(int exitCode, string option, string value)
    {
        var run = await muster.RunAsync("serve", option, value);
        Assert.True(run.ExitCode == exitCode, run.Error);
        Assert.Contains($"{option} '{value}'", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_imports_have_made_gets_its_first_key_when_it_is_served_and_no_second()
    {
        muster.Write("contacts.csv", Contacts);
        Assert.Equal(3, (await muster.RunAsync("import", "contacts.csv")).ExitCode);
        using (var server = muster.Start("serve", "--urls", "http://127.0.0.1:0"))
        {
            try
            {
                var (key, url) = await ReadStartAsync(server);
                var contacts = await muster.RunAsync("contacts", "export", "--server", url, "--key", key);
                Assert.Contains("ann@example.org", contacts.Output, StringComparison.Ordinal);
            }
            finally
            {
                await StopAsync(server);
            }
        }
        using var again = muster.Start("serve", "--urls", "http://127.0.0.1:0");
        try
        {
            Assert.StartsWith("Listening on ", await again.StandardOutput.ReadLineAsync(), StringComparison.Ordinal);
        }
        finally
        {
            await StopAsync(again);
        }
    }

    [Fact]
    public async Task Local_import_beside_a_server_is_run_by_the_server_and_watched()
    {
        muster.Write("contacts.csv", Contacts);
        using var server = muster.Start("serve", "--urls", "http://127.0.0.1:0");
        try
        {
            await ReadStartAsync(server);

            var import = await muster.RunAsync("import", "contacts.csv", "--json");

            Assert.True(import.ExitCode == 3, import.Error);
            Assert.Equal("completed", import.Json().GetProperty("status").GetString());
            Assert.Equal(0, (await muster.RunAsync("backup", "copy.db")).ExitCode);
        }
        finally
        {
            await StopAsync(server);
        }
    }

    [Fact]
    public async Task Stopped_import_says_how_to_go_on_and_goes_on_there()
    {
        const int Rows = 50_000;
        var csv = new StringBuilder("email\n");
        for (var i = 0; i < Rows; i++)
            csv.Append("contact").Append(i).Append("@example.org\n");
        muster.Write("contacts.csv", csv.ToString());
        muster.Environment["MUSTER_BATCH_ROWS_MAX"] = "50";

        using var import = muster.Start("import", "contacts.csv");
        await import.StandardError.ReadLineAsync();
        await StopAsync(import);
        var words = await import.StandardError.ReadToEndAsync();
        Assert.Equal(1, import.ExitCode);
        Assert.Contains("muster resume ", words, StringComparison.Ordinal);

        muster.Environment.Clear();
        var run = await muster.RunAsync("resume", "last", "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(Rows, run.Json().GetProperty("counts").GetProperty("created").GetInt64());
    }

    [Theory]
    [InlineData("import", "-")]
    [InlineData("suppressions", "import", "-")]
    public async Task Command_that_waits_for_its_input_ends_when_it_is_stopped(params string[] command)
    {
        using var waiting = muster.Start(command);
        await Until.TrueAsync(() => Task.FromResult(File.Exists(Path.Combine(muster.Folder, "muster-data", "muster.db"))));
        await waiting.StandardInput.WriteAsync("email\nann@example.org\n");
        await waiting.StandardInput.FlushAsync();
        await StopAsync(waiting);
        Assert.Equal(1, waiting.ExitCode);
        Assert.Contains("muster: stopped.", await waiting.StandardError.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopping_server_drains_its_imports_while_a_caller_is_still_sending()
    {
        var csv = new StringBuilder("email\n");
        for (var i = 0; i < 200_000; i++)
            csv.Append("contact").Append(i).Append("@example.org\n");
        muster.Write("contacts.csv", csv.ToString());
        using var server = muster.Start("serve", "--urls", "http://127.0.0.1:0", "--batch-rows-max", "20");
        using var hungUp = new CancellationTokenSource();
        try
        {
            var (key, url) = await ReadStartAsync(server);
            var sending = SendSlowlyAsync(new Uri(url), key, hungUp.Token);
            Assert.Equal(0, (await muster.RunAsync("import", "contacts.csv", "--no-wait", "--server", url, "--key", key)).ExitCode);
            await Until.TrueAsync(async () => await StatusAsync() == "running");
            using var kill = Process.Start("kill", ["-TERM", $"{server.Id}"]);
            await Until.TrueAsync(async () => await StatusAsync() != "running");
            Assert.Equal("queued", await StatusAsync());
            Assert.False(server.HasExited);
            await hungUp.CancelAsync();
            await sending;
            await Until.TrueAsync(() => Task.FromResult(server.HasExited));
            Assert.Equal(0, server.ExitCode);
        }
        finally
        {
            if (!server.HasExited)
                server.Kill();
        }

        async Task<string?> StatusAsync() => (await muster.RunAsync("imports", "--json")).Json().GetProperty("items")[0].GetProperty("status").GetString();
    }

    /// <summary>Sends a file that does not end, fast enough not to be hung up on.</summary>
    static async Task SendSlowlyAsync(Uri url, string key, CancellationToken hungUp)
    {
        using var caller = new TcpClient();
        await caller.ConnectAsync(url.Host, url.Port, CancellationToken.None);
        await caller.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /v1/imports HTTP/1.1\r\nHost: {url.Authority}\r\nAuthorization: Bearer {key}\r\nContent-Type: text/csv\r\nContent-Length: 1000000\r\n\r\nemail\n"), CancellationToken.None);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        try
        {
            while (await timer.WaitForNextTickAsync(hungUp))
                await caller.GetStream().WriteAsync(Encoding.ASCII.GetBytes("somebody.with.a.long.name@a.long.domain.example.org\n"), hungUp);
        }
        catch (OperationCanceledException)
        {
        }
    }

    [Fact]
    public async Task Server_runs_imports_once_the_process_that_ran_them_has_ended()
    {
        muster.Write("contacts.csv", Contacts);
        var data = Directory.CreateDirectory(Path.Combine(muster.Folder, "muster-data")).FullName;
        var elsewhere = new FileStream(Path.Combine(data, "worker.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        using var server = muster.Start("serve", "--urls", "http://127.0.0.1:0");
        try
        {
            var (key, url) = await ReadStartAsync(server);
            muster.Environment["MUSTER_SERVER"] = url;
            muster.Environment["MUSTER_KEY"] = key;
            Assert.Equal("queued", (await muster.RunAsync("import", "contacts.csv", "--no-wait", "--json")).Json().GetProperty("status").GetString());
            await elsewhere.DisposeAsync();
            var import = await muster.RunAsync("watch", "last", "--json");
            Assert.True(import.ExitCode == 3, import.Error);
            Assert.Equal("completed", import.Json().GetProperty("status").GetString());
        }
        finally
        {
            await elsewhere.DisposeAsync();
            await StopAsync(server);
        }
    }

    [Fact]
    public async Task Misspelt_variable_is_a_usage_error_and_a_foreign_one_is_told_and_ignored()
    {
        await muster.RunAsync("keys", "create");
        muster.Environment["MUSTER_PORT"] = "tcp://10.0.0.1:8080";
        var lists = await muster.RunAsync("lists", "--json");
        Assert.Equal(0, lists.ExitCode);
        Assert.Empty(lists.Json().GetProperty("items").EnumerateArray());
        Assert.Contains("MUSTER_PORT is no setting", lists.Error, StringComparison.Ordinal);

        muster.Environment["MUSTER_BATCH_ROW_MAX"] = "10";
        var run = await muster.RunAsync("serve");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("MUSTER_BATCH_ROWS_MAX", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Setting_out_of_its_range_is_a_usage_error_that_names_it()
    {
        var run = await muster.RunAsync("serve", "--batch-rows-max", "0");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--batch-rows-max", run.Error, StringComparison.Ordinal);
    }

    static async Task<(string Key, string Url)> ReadStartAsync(Process server)
    {
        const string Listening = "Listening on ";
        var key = "";
        while (await server.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Trim().StartsWith("muster_", StringComparison.Ordinal))
                key = line.Trim();
            if (line.StartsWith(Listening, StringComparison.Ordinal))
                return (key, line[Listening.Length..].Split(' ')[0]);
        }
        throw new InvalidOperationException(await server.StandardError.ReadToEndAsync());
    }

    static async Task StopAsync(Process process)
    {
        using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
        await kill.WaitForExitAsync();
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await process.WaitForExitAsync(deadline.Token);
    }
}
