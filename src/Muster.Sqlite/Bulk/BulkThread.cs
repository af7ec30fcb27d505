using System.Collections.Concurrent;

namespace Muster.Sqlite.Bulk;

/// <summary>A thread that does one kind of bulk work, one piece after the other: that writes batches, looks ahead of them, or moves the log.</summary>
/// <remarks>A thread of its own for each piece would take its memory from another arena of the native heap each time: one that stays needs a third less.</remarks>
sealed class BulkThread(string name) : TaskScheduler, IDisposable
{
    readonly BlockingCollection<Task> waiting = [];
    readonly Lock starting = new();
    Thread? thread;
    bool disposed;

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Runs the work; what awaits its answer goes on elsewhere.</summary>
    public Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken) => Task.Factory.StartNew(
        work, cancellationToken, TaskCreationOptions.RunContinuationsAsynchronously | TaskCreationOptions.HideScheduler | TaskCreationOptions.DenyChildAttach, this);

    protected override void QueueTask(Task task)
    {
        lock (starting)
        {
            if (thread is null)
            {
                thread = new(Run) { IsBackground = true, Name = name };
                thread.Start();
            }
        }
        waiting.Add(task);
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => [.. waiting];

    /// <summary>Ends the thread when it has done what was asked of it.</summary>
    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        waiting.CompleteAdding();
        thread?.Join();
        waiting.Dispose();
    }

    void Run()
    {
        foreach (var task in waiting.GetConsumingEnumerable())
            TryExecuteTask(task);
    }
}
