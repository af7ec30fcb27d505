namespace Muster.Jobs;

/// <summary>A lane of a worker: one piece of work at a time as long as there is any; then it waits to be woken, and looks by itself for what another process has queued.</summary>
/// <param name="failed">Told of what no piece of work may throw, once as long as nothing else happens: a full disk fails twice a second, and often the log lies on it. The lane goes on.</param>
sealed class WorkerLane(ImportSignals signals, TimeProvider time, Action<Exception> failed)
{
    public static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(500);

    /// <param name="tryWork">Does the next piece of work; false when there is none.</param>
    public async Task RunAsync(Func<Task<bool>> tryWork, CancellationToken stop)
    {
        Type? told = null;
        while (!stop.IsCancellationRequested)
        {
            var queued = signals.NextQueued;
            try
            {
                var worked = await tryWork();
                told = null;
                if (!worked)
                    await queued.WaitAsync(LookAgain, time, stop);
            }
            catch (TimeoutException)
            {
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                if (e.GetType() != told)
                    failed(e);
                told = e.GetType();
                await Task.Delay(LookAgain, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
