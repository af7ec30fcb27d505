using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using Muster.Server.Tests.Cli;

namespace Muster.Server.Tests.Crash;

/// <summary><c>muster serve</c> as a process of its own on a free port, to be killed.</summary>
sealed class ServeProcess : IDisposable
{
    const string Listening = "Listening on ";
    static readonly TimeSpan StartDeadline = TimeSpan.FromMinutes(1);

    readonly Process process;
    readonly ConcurrentQueue<string> said = new();

    ServeProcess(Process process) => this.process = process;

    public HttpClient Client { get; private set; } = new();

    public static async Task<ServeProcess> StartAsync(MusterProgram program, string token)
    {
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var server = new ServeProcess(program.Start("serve", "--urls", "http://127.0.0.1:0"));
        server.process.OutputDataReceived += (_, line) =>
        {
            server.Note(line.Data);
            if (line.Data?.StartsWith(Listening, StringComparison.Ordinal) == true)
                address.TrySetResult(new(line.Data[Listening.Length..].Split(' ')[0]));
            else if (line.Data is null)
                address.TrySetException(new InvalidOperationException("The server ended before it listened."));
        };
        server.process.ErrorDataReceived += (_, line) => server.Note(line.Data);
        server.process.BeginOutputReadLine();
        server.process.BeginErrorReadLine();
        try
        {
            server.Client = new()
            {
                BaseAddress = await address.Task.WaitAsync(StartDeadline),
                DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
            };
        }
        catch (Exception e)
        {
            server.Dispose();
            throw new InvalidOperationException($"The server did not start: {server.Log}", e);
        }
        return server;
    }

    /// <summary>What the server has said so far.</summary>
    public string Log => string.Join('\n', said);

    /// <summary>kill -9: the process ends at once, whatever it is doing.</summary>
    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    public void Dispose()
    {
        Client.Dispose();
        if (!process.HasExited)
            Kill();
        process.Dispose();
    }

    void Note(string? line)
    {
        if (line is not null)
            said.Enqueue(line);
    }
}
