namespace Muster.Sqlite.Bulk;

/// <summary>Moves pages from SQLite's log into the database while the next batches are being written, so that no batch waits for the disk: https://sqlite.org/wal.html#checkpointing.</summary>
/// <remarks>
/// What is being appended meanwhile stays in the log. So the bulk connection's own checkpoint, which lets the log begin anew, still comes; it finds little left to do.
/// </remarks>
sealed class BulkCheckpoints(string file, int busySeconds) : IDisposable
{
    /// <summary>Pages of 16 KiB that are written before they are moved.</summary>
    const long PagesBetween = 4_000;

    const long CacheBytes = 1 << 20;

    readonly BulkThread thread = new("Muster checkpoints");
    Task running = Task.CompletedTask;
    long moved;

    /// <summary>A transaction of the bulk writer has been committed.</summary>
    /// <param name="pagesWritten">By its connection, in all.</param>
    public void Committed(long pagesWritten)
    {
        if (pagesWritten - moved < PagesBetween || !running.IsCompleted)
            return;
        moved = pagesWritten;
        running = thread.RunAsync(Move, CancellationToken.None);
    }

    /// <summary>Waits for what is being moved.</summary>
    public void Dispose() => thread.Dispose();

    bool Move()
    {
        try
        {
            using var connection = new BulkConnection(file, CacheBytes, busySeconds);
            connection.Execute("PRAGMA wal_checkpoint(PASSIVE)");
            return true;
        }
        catch (IOException)
        {
            // The log keeps its pages, and the bulk connection's own checkpoint will meet whatever is wrong with the disk.
            return false;
        }
    }
}
