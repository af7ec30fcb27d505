using Microsoft.Extensions.Logging;
using Muster.Contacts;
using Muster.Sources;
using Muster.Sources.Remote;
using Muster.Storage;

namespace Muster.Jobs;

/// <summary>Brings the sources of imports that name an address into the spool, and then puts the imports into the queue. Slow servers keep only these lanes busy, and of them only an account's share.</summary>
/// <remarks>Runs in the process that holds <see cref="WorkerLock"/>. A fetch that a crash cuts off begins anew.</remarks>
public sealed partial class FetchWorker(
    MusterSettings settings, Spool spool, IImportStore imports, IFetchStore fetches, IAccountStore accounts, ImportIntake intake, ImportSignals signals, TimeProvider time, ILogger<FetchWorker> log)
{
    static readonly TimeSpan LookAtImport = TimeSpan.FromMilliseconds(500);

    readonly string owner = $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.CreateVersion7():N}";

    /// <summary>Runs until <paramref name="stop"/>; fetches that are cut off by it go back to the queue.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var fetch = new RemoteFetch(settings, spool, time);
        var lane = new WorkerLane(signals, time, e => LogLaneFailed(e.GetType().Name, e.StackTrace));
        var lanes = new List<Task>();
        for (var i = 0; i < settings.FetchesConcurrent; i++)
            lanes.Add(lane.RunAsync(() => TryFetchAsync(fetch, stop), stop));
        await Task.WhenAll(lanes);
    }

    async Task<bool> TryFetchAsync(RemoteFetch fetch, CancellationToken stop)
    {
        if (await fetches.ClaimAsync(owner, settings.FetchesPerAccount, stop) is not { } claim)
            return false;
        signals.Changed(claim.Import.Id);
        await FetchAsync(fetch, claim.Import, claim.Lease, stop);
        return true;
    }

    async Task FetchAsync(RemoteFetch fetch, Import import, ImportLease lease, CancellationToken stop)
    {
        LogStarted(import.Id);
        try
        {
            if (await SpoolAsync(fetch, lease, stop) is not { } fetched)
                return;
            await QueueAsync(import, lease, fetched);
            LogFetched(import.Id, fetched.Spooled.Bytes);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await imports.ReleaseAsync(lease, CancellationToken.None);
        }
        catch (SourceException e) when (e.Code == ErrorCode.DiskFull)
        {
            await imports.MoveAsync(import.AccountId, import.Id, [ImportStatus.Running], ImportStatus.Paused, new(ErrorCode.DiskFull, ErrorCode.DiskFull.Message()), CancellationToken.None);
        }
        catch (SourceException e)
        {
            LogFailed(import.Id, e.Code.Name());
            await imports.FinishAsync(lease, ImportStatus.Failed, new(e.Code, e.Message), CancellationToken.None);
        }
        catch (Exception e)
        {
            // The claim stands: after poison_claims_max of them the import is given up.
            LogBroke(import.Id, e.GetType().Name, e.StackTrace);
            await imports.AbandonAsync(lease, CancellationToken.None);
        }
        finally
        {
            signals.Changed(import.Id);
        }
    }

    /// <summary>Null when the import was canceled, paused or taken away meanwhile.</summary>
    async Task<FetchedSource?> SpoolAsync(RemoteFetch fetch, ImportLease lease, CancellationToken stop)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var progress = new FetchProgress();
        var addresses = await fetches.AddressesAsync(lease, stop);
        if (addresses.Count == 0)
            throw new SourceException(ErrorCode.SourceExpired, ErrorCode.SourceExpired.Message());
        var fetching = fetch.FetchAsync(addresses, progress, ended.Token);
        var mine = true;
        while (mine && !fetching.IsCompleted)
        {
            await Task.WhenAny(fetching, Task.Delay(LookAtImport, time, ended.Token));
            mine = await fetches.ProgressAsync(lease, progress.Bytes, progress.Total, CancellationToken.None);
            signals.Changed(lease.ImportId);
        }
        if (mine)
            return await fetching;
        await ended.CancelAsync();
        try
        {
            spool.Delete((await fetching).Spooled.Name);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
        }
        return null;
    }

    async Task QueueAsync(Import import, ImportLease lease, FetchedSource fetched)
    {
        string? readFrom = null;
        try
        {
            var account = await accounts.GetAsync(import.AccountId, CancellationToken.None) ?? throw new InvalidOperationException("An import's account is gone.");
            var known = await intake.ExamineFetchedAsync(import, account, fetched, CancellationToken.None);
            readFrom = known.Source.Spool;
            if (await fetches.FetchedAsync(lease, known, CancellationToken.None))
            {
                if (readFrom != fetched.Spooled.Name)
                    spool.Delete(fetched.Spooled.Name); // what was packed in it is kept instead
                signals.Queued();
                return;
            }
        }
        catch
        {
            DropFetched();
            throw;
        }
        DropFetched();

        void DropFetched()
        {
            spool.Delete(fetched.Spooled.Name);
            if (readFrom is not null)
                spool.Delete(readFrom);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Import {ImportId} fetches its source")]
    partial void LogStarted(Guid importId);

    [LoggerMessage(Level = LogLevel.Information, Message = "Import {ImportId} has its source of {Bytes} bytes")]
    partial void LogFetched(Guid importId, long bytes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Import {ImportId} failed to fetch its source: {Code}")]
    partial void LogFailed(Guid importId, string code);

    [LoggerMessage(Level = LogLevel.Error, Message = "Import {ImportId} broke off while fetching: {Exception} {StackTrace}")]
    partial void LogBroke(Guid importId, string exception, string? stackTrace);

    [LoggerMessage(Level = LogLevel.Error, Message = "A lane of the fetch worker met {Exception} and goes on. {StackTrace}")]
    partial void LogLaneFailed(string exception, string? stackTrace);
}
