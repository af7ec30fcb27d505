using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Storage;
using Muster.Tests.Storage;

namespace Muster.Tests.Jobs;

/// <summary>What a worker does when it cannot even say that it gives an import up: no import is left behind as running.</summary>
public abstract class WorkerFaultContract : StoreContract
{
    const int Refusals = 2;

    [Fact]
    public async Task A_full_disk_that_takes_no_status_either_pauses_the_import_once_it_does()
    {
        using var scene = await ImportScene.CreateAsync(Open());
        var log = new LogLines();
        await RunUntilAsync(scene, ImportStatus.Paused, static () => throw new StoreFullException(), times: 1, log);
        Assert.Equal(ErrorCode.DiskFull, (await scene.ImportAsync()).Failure?.Code);
        Assert.Equal(1, log.Lines.Count(l => l.Contains("is paused: the disk is full", StringComparison.Ordinal)));
        Assert.Equal(1, log.Lines.Count(l => l.Contains("broke off", StringComparison.Ordinal))); // however often it was refused
    }

    [Fact]
    public async Task An_import_that_could_not_be_abandoned_is_claimed_again()
    {
        using var scene = await ImportScene.CreateAsync(Open());
        await RunUntilAsync(scene, ImportStatus.Completed, static () => throw new InvalidOperationException("once"), times: 1);
    }

    [Fact]
    public async Task A_disk_without_room_for_scratch_files_pauses_the_import()
    {
        using var scene = await ImportScene.CreateAsync(Open());
        const int NoSpaceLeft = 28; // ENOSPC, as .NET carries it
        await RunUntilAsync(scene, ImportStatus.Paused, static () => throw new IOException("No space left on device", NoSpaceLeft), times: 1);
        Assert.Equal(ErrorCode.DiskFull, (await scene.ImportAsync()).Failure?.Code);
    }

    static async Task RunUntilAsync(ImportScene scene, ImportStatus status, Action fault, int times, LogLines? log = null)
    {
        var contacts = scene.Faulty((batch, write) =>
        {
            if (batch.Rows.BatchNumber == 4 && times-- > 0)
                fault();
            return write(batch);
        });
        var imports = new FaultyImports(scene.Stores.Imports, Refusals);
        using var stop = new CancellationTokenSource();
        var running = new ImportWorker(scene.Settings, scene.Spool, imports, contacts, new(), TimeProvider.System, log ?? (ILogger<ImportWorker>)NullLogger<ImportWorker>.Instance).RunAsync(stop.Token);
        await Until.TrueAsync(async () => (await scene.ImportAsync()).Status == status);
        await stop.CancelAsync();
        await running;
        Assert.Equal(0, imports.Refusals);
    }

    /// <summary>What the worker told whoever runs it.</summary>
    sealed class LogLines : ILogger<ImportWorker>
    {
        readonly System.Collections.Concurrent.ConcurrentQueue<string> lines = new();

        public IReadOnlyCollection<string> Lines => lines;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel logLevel) => true;
        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => lines.Enqueue(formatter(state, exception));
    }
}
