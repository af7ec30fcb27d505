using System.Runtime.CompilerServices;

namespace Muster.Cli;

static class Connection
{
    /// <summary>Opens what the target names.</summary>
    /// <exception cref="UsageException">It names a data folder that holds no data.</exception>
    public static Task<IMuster> OpenAsync(Target target, CancellationToken cancellationToken) => OpenAsync(target, makesFolder: false, cancellationToken);

    /// <summary>For commands that put the first thing into a data folder: makes it when there is none.</summary>
    public static Task<IMuster> OpenOrMakeAsync(Target target, CancellationToken cancellationToken) => OpenAsync(target, makesFolder: true, cancellationToken);

    // Each way in is a method of its own, so that only its own libraries are loaded.
    static Task<IMuster> OpenAsync(Target target, bool makesFolder, CancellationToken cancellationToken) =>
        target is { Server: { } server, Key: { } key } ? Task.FromResult(Remote(server, key)) : LocalAsync(target, makesFolder, cancellationToken);

    [MethodImpl(MethodImplOptions.NoInlining)]
    static IMuster Remote(Uri server, string key) => new RemoteMuster(server, key);

    [MethodImpl(MethodImplOptions.NoInlining)]
    static Task<IMuster> LocalAsync(Target target, bool makesFolder, CancellationToken cancellationToken) => LocalMuster.OpenAsync(target, makesFolder, cancellationToken);
}
