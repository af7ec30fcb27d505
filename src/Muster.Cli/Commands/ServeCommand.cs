using System.CommandLine;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Muster.Jobs;
using Muster.Server.Hosting;

namespace Muster.Cli.Commands;

/// <summary><c>muster serve</c>: the HTTP server on a data folder.</summary>
static class ServeCommand
{
    public const string Name = "serve";

    public static Command Build(bool withSettings)
    {
        var command = new MusterCommand(Name, "Serve the API on a data folder, and run its imports. The first start makes the account main and prints its key once.",
            "muster serve",
            "muster serve --urls http://0.0.0.0:8080 --data /var/lib/muster",
            "MUSTER_BATCH_ROWS_MAX=10000 muster serve");
        Target.AddDataOption(command);
        if (withSettings)
            SettingOptions.AddTo(command, hidden: false);
        command.SetAction((parsed, stop) => ServeAsync(Target.Of(parsed), stop));
        return command;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static async Task<int> ServeAsync(Target target, CancellationToken stop)
    {
        var (settings, server) = SettingOptions.Load(target);
        using var folder = DataFolder.Open(settings);
        using var taken = WorkerLock.TryTake(settings);
        if (taken is null)
            await Console.Error.WriteLineAsync($"muster: another process runs the imports of '{settings.Data}'; this one answers requests, and runs them once that one has ended.");

        if (await FirstStart.EnsureKeyAsync(folder.Stores.Accounts, TimeProvider.System, stop) is { } first)
        {
            Console.WriteLine(first.MadeAccount
                ? $"Made the account {first.Account}. Its key, of scope admin, is shown this once:"
                : $"Nobody has a key yet. One of scope admin for the account {first.Account} is shown this once:");
            Console.WriteLine($"  {first.Token}");
        }

        var log = new Output.StderrLog(Microsoft.Extensions.Logging.LogLevel.Information);
        await using var app = MusterServer.Build(settings, server, folder.Engine(RunImportsAsync), TimeProvider.System);
        try
        {
            await app.StartAsync(stop);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            await app.StopAsync(CancellationToken.None); // what has been started works on the folder, which is closed below
            throw new IOException($"--urls '{server.Urls}' cannot be listened at. {e.Message}", e);
        }
        foreach (var url in app.Urls)
            Console.WriteLine($"Listening on {url} (API described at {url}/docs)");
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var onStop = stop.Register(() => ended.TrySetResult());
        using var onEnd = app.Lifetime.ApplicationStopping.Register(() => ended.TrySetResult());
        await ended.Task;
        await app.StopAsync(CancellationToken.None);
        return ExitCode.Done;

        async Task RunImportsAsync(CancellationToken ending)
        {
            using var worker = taken is null ? await WorkerLock.TakeAsync(settings, TimeProvider.System, ending) : null;
            await folder.RunImportsAsync(log, ending);
        }
    }
}
