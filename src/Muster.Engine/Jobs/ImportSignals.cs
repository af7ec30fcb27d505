using System.Collections.Concurrent;

namespace Muster.Jobs;

/// <summary>Wakes whoever watches an import in this process. Only a hint: what is true stands in the store.</summary>
public sealed class ImportSignals
{
    const int WatchedMax = 10_000;
    readonly ConcurrentDictionary<Guid, TaskCompletionSource> waiting = new();
    TaskCompletionSource queued = NewSource();
    TaskCompletionSource moved = NewSource();

    /// <summary>Says that the import has moved.</summary>
    public void Changed(Guid importId)
    {
        if (waiting.TryRemove(importId, out var source))
            source.TrySetResult();
        Moved();
    }

    /// <summary>Says that there is something to tell.</summary>
    public void Moved() => Interlocked.Exchange(ref moved, NewSource()).TrySetResult();

    /// <summary>Completes when any import moves. Take it before looking at the outbox.</summary>
    public Task NextMove => Volatile.Read(ref moved).Task;

    /// <summary>Says that an import was queued.</summary>
    public void Queued() => Interlocked.Exchange(ref queued, NewSource()).TrySetResult();

    /// <summary>Completes at the import's next move. Take it before reading the import's state, so that no move is missed.</summary>
    public Task ChangeOf(Guid importId)
    {
        // Who looked at an import that had ended leaves a source that nothing completes. Waking all for nothing does no harm.
        if (waiting.Count >= WatchedMax)
        {
            foreach (var watched in waiting.Keys)
                Changed(watched);
        }
        return waiting.GetOrAdd(importId, static _ => NewSource()).Task;
    }

    /// <summary>Completes when an import is queued. Take it before looking at the queue.</summary>
    public Task NextQueued => Volatile.Read(ref queued).Task;

    static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
