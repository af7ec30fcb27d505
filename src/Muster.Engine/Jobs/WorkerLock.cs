namespace Muster.Jobs;

/// <summary>The right to run the imports of a data folder: an exclusive lock on worker.lock, given back by the operating system when the process ends, however it ends.</summary>
public sealed class WorkerLock : IDisposable
{
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

    public void Dispose() => file.Dispose();
}
