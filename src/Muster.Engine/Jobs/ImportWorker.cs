using Microsoft.Extensions.Logging;
using Muster.Contacts;
using Muster.Sources;
using Muster.Storage;

namespace Muster.Jobs;

/// <summary>Runs the imports of a data folder: several at once, accounts by turns, small ones in a lane of their own so that a large one never delays them.</summary>
/// <remarks>One worker per data folder at a time, by <see cref="WorkerLock"/>. What it was doing when it died, the next one goes on with.</remarks>
public sealed partial class ImportWorker(
    MusterSettings settings, Spool spool, IImportStore imports, IContactStore contacts, ImportSignals signals, TimeProvider time, ILogger<ImportWorker> log)
{
    readonly string owner = $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.CreateVersion7():N}";

    /// <summary>Runs until <paramref name="stop"/>; then lets running batches commit, for at most <see cref="MusterSettings.DrainSeconds"/>, and gives the imports back to the queue.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        Directory.CreateDirectory(settings.ScratchFolder);
        var lane = new WorkerLane(signals, time, LogLaneFailed);
        var lanes = new List<Task> { lane.RunAsync(() => TryRunAsync(smallOnly: true, stop), stop) };
        for (var i = 0; i < settings.ImportsConcurrent; i++)
            lanes.Add(lane.RunAsync(() => TryRunAsync(smallOnly: false, stop), stop));
        var all = Task.WhenAll(lanes);
        await Task.WhenAny(all, Task.Delay(Timeout.InfiniteTimeSpan, time, stop));
        try
        {
            await all.WaitAsync(TimeSpan.FromSeconds(settings.DrainSeconds), time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            LogDrainTimedOut(settings.DrainSeconds);
        }
    }

    async Task<bool> TryRunAsync(bool smallOnly, CancellationToken stop)
    {
        if (await imports.ClaimAsync(owner, smallOnly, stop) is not { } claim)
            return false;
        signals.Changed(claim.Import.Id);
        await RunOneAsync(claim.Import, claim.Lease, stop);
        return true;
    }

    async Task RunOneAsync(Import import, ImportLease lease, CancellationToken stop)
    {
        LogStarted(import.Id, import.NextBatch);
        var started = time.GetTimestamp();
        try
        {
            if (import.Kind.Reverts())
                await new RevertPipeline(settings, imports, contacts, signals, time).RunAsync(import, lease, stop);
            else
                await new ImportPipeline(settings, spool, imports, contacts, signals, time).RunAsync(import, lease, stop);
            LogEnded(import.Id, time.GetElapsedTime(started).TotalMilliseconds);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            LogReleased(import.Id);
            await PartAsync(import.Id, () => imports.ReleaseAsync(lease, CancellationToken.None), stop);
        }
        catch (StoreBusyException e)
        {
            // Another process holds the database: no fault of the import's, and no death.
            LogFailed(e, import.Id);
            await PartAsync(import.Id, () => imports.ReleaseAsync(lease, CancellationToken.None), stop);
        }
        catch (SourceException e)
        {
            LogSourceFailed(import.Id, e.Code.Name());
            await PartAsync(import.Id, () => imports.FinishAsync(lease, ImportStatus.Failed, new(e.Code, e.Message), CancellationToken.None), stop);
        }
        catch (IOException e) when (e is StoreFullException || DurableFolder.IsDiskFull(e))
        {
            LogDiskFull(import.Id);
            var failure = new ImportFailure(ErrorCode.DiskFull, ErrorCode.DiskFull.Message());
            await PartAsync(
                import.Id, () => imports.MoveAsync(import.AccountId, import.Id, [ImportStatus.Running], ImportStatus.Paused, failure, CancellationToken.None), stop);
        }
        catch (Exception e)
        {
            // The claim stands as a death at this checkpoint: after PoisonClaimsMax of them the import is given up.
            LogFailed(e, import.Id);
            await PartAsync(import.Id, () => imports.AbandonAsync(lease, CancellationToken.None), stop);
        }
        finally
        {
            signals.Changed(import.Id);
        }
    }

    /// <summary>Says in the store what becomes of an import that this worker no longer runs, again and again while the store refuses.</summary>
    /// <remarks>
    /// No worker claims what it holds itself: an import left as running would stand still until the next start. Told in the log once: a full disk may stay
    /// full for days, and often the log lies on it.
    /// </remarks>
    async Task PartAsync(Guid importId, Func<Task> write, CancellationToken stop)
    {
        for (var told = false; ; told = true)
        {
            try
            {
                await write();
                return;
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                if (!told)
                    LogFailed(e, importId);
            }
            await Task.Delay(WorkerLane.LookAgain, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Import {ImportId} runs from batch {Batch}")]
    partial void LogStarted(Guid importId, int batch);

    [LoggerMessage(Level = LogLevel.Information, Message = "Import {ImportId} left the worker after {Milliseconds:0} ms")]
    partial void LogEnded(Guid importId, double milliseconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "Import {ImportId} goes back to the queue: the server stops")]
    partial void LogReleased(Guid importId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Import {ImportId} failed: {Code}")]
    partial void LogSourceFailed(Guid importId, string code);

    [LoggerMessage(Level = LogLevel.Error, Message = "Import {ImportId} is paused: the disk is full")]
    partial void LogDiskFull(Guid importId);

    [LoggerMessage(Level = LogLevel.Error, Message = "Import {ImportId} broke off")]
    partial void LogFailed(Exception exception, Guid importId);

    [LoggerMessage(Level = LogLevel.Error, Message = "A lane of the worker met an error and goes on")]
    partial void LogLaneFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Imports still ran after {Seconds} s of draining; they go on at the next start")]
    partial void LogDrainTimedOut(int seconds);
}
