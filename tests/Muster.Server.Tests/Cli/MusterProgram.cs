using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Muster.Server.Tests.Cli;

/// <summary>What a run of the program said and how it ended.</summary>
sealed record ProgramRun(int ExitCode, string Output, string Error)
{
    /// <summary>Stdout as the one JSON document that <c>--json</c> promises; anything before or after it fails.</summary>
    public JsonElement Json()
    {
        using var document = JsonDocument.Parse(Output);
        return document.RootElement.Clone();
    }
}

/// <summary>The built <c>muster</c>, run as a process in a folder of its own that goes when the test ends.</summary>
sealed class MusterProgram : IDisposable
{
    static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    readonly TestFolder folder = new();

    public string Folder => folder.Path;

    public Dictionary<string, string> Environment { get; } = [];

    public string Write(string name, string content)
    {
        var path = folder.File(name);
        File.WriteAllBytes(path, Encoding.UTF8.GetBytes(content));
        return path;
    }

    public Task<ProgramRun> RunAsync(params string[] arguments) => RunAsync(input: null, arguments);

    public async Task<ProgramRun> RunWithInputAsync(string input, params string[] arguments) => await RunAsync(input, arguments);

    /// <summary>Starts the program and leaves it running; whoever started it ends it.</summary>
    public Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(DotnetHost())
        {
            UseShellExecute = false,
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "muster.dll"));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("MUSTER_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        return Process.Start(start) ?? throw new InvalidOperationException("The program did not start.");
    }

    async Task<ProgramRun> RunAsync(string? input, string[] arguments)
    {
        using var process = Start(arguments);
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            if (input is not null)
                await process.StandardInput.WriteAsync(input.AsMemory(), deadline.Token);
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var error = process.StandardError.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return new(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException e)
        {
            process.Kill();
            throw new TimeoutException($"muster {string.Join(' ', arguments)} did not end within {Deadline}.", e);
        }
    }

    /// <summary>The host that runs this test: …/dotnet, three folders above its shared framework.</summary>
    static string DotnetHost() =>
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    public void Dispose() => folder.Dispose();
}
