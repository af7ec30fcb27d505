using System.Diagnostics;
using System.Text.Json;

namespace Muster.Server.Tests.Facades;

/// <summary>Clients of vendors as other people wrote them, run as processes of their own: tests/clients, with its packages from npm, and Python's requests.</summary>
static class ClientProgram
{
    static readonly SemaphoreSlim Installing = new(1);

    static string Folder => Repository.Full("tests/clients");

    /// <summary>What a client printed: a JSON line for each of its calls, by name. Null, with the test skipped, where the program is missing and nobody insists.</summary>
    public static async Task<Dictionary<string, (int Status, JsonElement Body)>> RunAsync(string program, string script, params string[] arguments)
    {
        if (program == "node")
            await InstallAsync();
        var (code, output, error) = await StartAsync(program, [script, .. arguments]);
        Assert.True(code == 0, $"{program} {script}: {error}\n{output}");
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)
            .ToDictionary(l => l.GetProperty("name").GetString() ?? "", l => (l.GetProperty("status").GetInt32(), l.GetProperty("body")));
    }

    static async Task InstallAsync()
    {
        await Installing.WaitAsync();
        try
        {
            if (Directory.Exists(Path.Combine(Folder, "node_modules", "axios")))
                return;
            var (code, output, error) = await StartAsync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
            Assert.True(code == 0, $"npm ci: {error}\n{output}");
        }
        finally
        {
            Installing.Release();
        }
    }

    static async Task<(int Code, string Output, string Error)> StartAsync(string program, string[] arguments)
    {
        Process? process = null;
        try
        {
            process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false });
        }
        catch (System.ComponentModel.Win32Exception) when (Environment.GetEnvironmentVariable("CI") != "true")
        {
            Assert.Skip($"{program} is not installed.");
        }
        Assert.NotNull(process);
        using (process)
        {
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return (process.ExitCode, await output, await error);
        }
    }
}
