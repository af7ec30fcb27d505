using System.Runtime.CompilerServices;

namespace Muster.Cli;

static class Connection
{
    /// <summary>Opens what the target names. Each way in is a method of its own, so that only its own libraries are loaded.</summary>
    public static Task<IMuster> OpenAsync(Target target, CancellationToken cancellationToken) =>
        target is { Server: { } server, Key: { } key } ? Task.FromResult(Remote(server, key)) : LocalAsync(target, cancellationToken);

    [MethodImpl(MethodImplOptions.NoInlining)]
    static IMuster Remote(Uri server, string key) => new RemoteMuster(server, key);

    [MethodImpl(MethodImplOptions.NoInlining)]
    static Task<IMuster> LocalAsync(Target target, CancellationToken cancellationToken) => LocalMuster.OpenAsync(target, cancellationToken);
}
