using Muster.Contacts;
using Muster.Jobs;
using Muster.Storage;

namespace Muster.Server.Api;

/// <summary>Waits for imports to move: woken by this process's signals, and by a look at the store once a second, since another process may be the worker.</summary>
sealed class ImportWatch(IImportStore imports, ImportSignals signals, IHostApplicationLifetime lifetime, TimeProvider time)
{
    static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    public CancellationToken Stopping => lifetime.ApplicationStopping;

    /// <summary>The import once it stands still, or as it is when <paramref name="patience"/> or the server ends.</summary>
    public async Task<Import> UntilStillAsync(Import import, TimeSpan patience, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var change = signals.ChangeOf(import.Id);
            import = await imports.GetAsync(import.AccountId, import.Id, cancellationToken) ?? import;
            var left = patience - time.GetElapsedTime(started);
            if (import.Status is not (ImportStatus.Queued or ImportStatus.Running) || left <= TimeSpan.Zero || Stopping.IsCancellationRequested)
                return import;
            await AnyAsync(change, left < LookEvery ? left : LookEvery, cancellationToken);
        }
    }

    /// <summary>Returns when <paramref name="change"/> comes, a second is over, or the server stops.</summary>
    public Task NextLookAsync(Task change, CancellationToken cancellationToken) => AnyAsync(change, LookEvery, cancellationToken);

    /// <summary>Take it before reading the import, so that no move is missed.</summary>
    public Task ChangeOf(Guid importId) => signals.ChangeOf(importId);

    public Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken) => Task.Delay(pause, time, cancellationToken);

    async Task AnyAsync(Task change, TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Stopping);
        await Task.WhenAny(change, Task.Delay(atMost, time, stop.Token));
        await stop.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }
}
