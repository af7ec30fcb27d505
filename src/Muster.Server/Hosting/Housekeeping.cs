using Muster.Server.Auth;

namespace Muster.Server.Hosting;

/// <summary>What is done now and then: every minute note which keys were used and blank erased contacts in sources whose imports have ended, every hour expire sources and sweep the spool.</summary>
sealed partial class Housekeeping(MusterEngine engine, MusterSettings settings, KeyRing keys, TimeProvider time, ILogger<Housekeeping> logger) : BackgroundService
{
    static readonly TimeSpan Round = TimeSpan.FromMinutes(1);
    const int RoundsPerSweep = 60;
    const int LedgersAtOnce = 10;

    /// <summary>A file in the spool that no import names may still be on its way in, for this long.</summary>
    static readonly TimeSpan ArrivalMax = TimeSpan.FromDays(1);

    /// <summary>An import that found its upload just before it expired is accepted within this time.</summary>
    static readonly TimeSpan UploadGrace = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Round, time);
        for (var round = 0; ; round++)
        {
            try
            {
                await keys.NoteUseAsync(stoppingToken);
                await engine.Eraser.BlankSourcesAsync(stoppingToken);
                if (round % RoundsPerSweep == 0)
                    await SweepAsync(stoppingToken);
                await timer.WaitForNextTickAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Failed(logger, e.GetType().Name, e.StackTrace);
                await Task.Delay(Round, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Deletes the sources of imports that ended more than <c>spool_days</c> ago, the ledgers of those that ended more than <c>undo_days</c> ago, and what a crash left between spooling and accepting.</summary>
    internal async Task SweepAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (var name in await engine.Uploads.ExpireAsync(now - UploadGrace, cancellationToken))
            engine.Spool.Delete(name);
        var expired = await engine.Imports.ExpireSourcesAsync(now.AddDays(-settings.SpoolDays), cancellationToken);
        foreach (var name in expired)
            engine.Spool.Delete(name);
        while (await engine.Imports.ExpireLedgersAsync(now.AddDays(-settings.UndoDays), LedgersAtOnce, cancellationToken) == LedgersAtOnce)
        {
        }
        engine.Spool.Sweep(await engine.Imports.SpoolsInUseAsync(cancellationToken), now - ArrivalMax);
        if (expired.Count > 0)
            Expired(logger, expired.Count);
    }

    [LoggerMessage(LogLevel.Information, "{Count} sources expired.")]
    static partial void Expired(ILogger logger, int count);

    [LoggerMessage(LogLevel.Error, "Housekeeping failed with {Exception} and is tried again. {StackTrace}")]
    static partial void Failed(ILogger logger, string exception, string? stackTrace);
}
