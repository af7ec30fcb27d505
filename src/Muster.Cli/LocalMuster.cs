namespace Muster.Cli;
static class LocalMuster { public static Task<IMuster> OpenAsync(Target target, CancellationToken cancellationToken) => throw new UsageException($"{target.Data} {cancellationToken.IsCancellationRequested}"); }
