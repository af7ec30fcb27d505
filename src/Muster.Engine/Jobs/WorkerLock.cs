namespace Muster.Jobs;

/// <summary>The right to run the imports of a data folder: an exclusive lock on worker.lock, given back by the operating system when the process ends, however it ends.</summary>
public sealed class WorkerLock : IDisposable
{
    static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(500);
    readonly FileStream file;

    WorkerLock(FileStream file) => this.file = file;

    /// <summary>Null when another process runs this folder's imports.</summary>
    public static WorkerLock? TryTake(MusterSettings settings)
    {
        Directory.CreateDirectory(settings.Data);
        try
        {
            return new(new(settings.WorkerLockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Waits until no other process runs this folder's imports.</summary>
    public static async Task<WorkerLock> TakeAsync(MusterSettings settings, TimeProvider time, CancellationToken cancellationToken)
    {
        WorkerLock? taken;
        while ((taken = TryTake(settings)) is null)
            await Task.Delay(AskEvery, time, cancellationToken);
        return taken;
    }

    public void Dispose() => file.Dispose();
}
