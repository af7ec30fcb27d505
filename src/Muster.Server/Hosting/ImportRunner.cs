namespace Muster.Server.Hosting;

/// <summary>Runs imports as long as the server runs. A worker that fails takes the server's readiness with it, not the server: the API goes on answering and says so at /readyz.</summary>
sealed partial class ImportRunner(MusterEngine engine, Readiness readiness, ILogger<ImportRunner> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (engine.RunImports is not { } run)
            return;
        try
        {
            // Yield first: a worker that begins with synchronous work must not delay the listener.
            await Task.Yield();
            await run(stoppingToken);
            if (!stoppingToken.IsCancellationRequested)
                readiness.ImportsStopped("The import worker ended. Restart the server.");
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            readiness.ImportsStopped("The import worker failed; queued imports wait. Restart the server; its log names the cause.");
            WorkerFailed(logger, e.GetType().Name, e.StackTrace);
        }
    }

    [LoggerMessage(LogLevel.Critical, "The import worker failed with {Exception}. {StackTrace}")]
    static partial void WorkerFailed(ILogger logger, string exception, string? stackTrace);
}
