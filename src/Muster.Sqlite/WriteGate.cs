namespace Muster.Sqlite;

/// <summary>The one door to writing: first come, first served, across all writers of the process.</summary>
/// <remarks>
/// SQLite lets one connection write at a time and leaves who is next to chance; a bulk import would starve everybody else.
/// Whoever leaves hands the gate to the one who waits longest, so that nobody overtakes: a bulk writer that queues anew for every batch lets each waiter in between.
/// </remarks>
public sealed class WriteGate
{
    readonly Lock sync = new();
    readonly LinkedList<TaskCompletionSource<Releaser>> waiting = [];
    bool taken;

    /// <summary>How many wait at this moment.</summary>
    public int Waiters
    {
        get
        {
            lock (sync)
                return waiting.Count;
        }
    }

    /// <summary>Completes when the caller may write; disposing the answer, once, lets the next one in.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up and holds nothing.</exception>
    public ValueTask<Releaser> EnterAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<Releaser>(cancellationToken);
        lock (sync)
        {
            if (!taken)
            {
                taken = true;
                return new(new Releaser(this));
            }
            var place = waiting.AddLast(new TaskCompletionSource<Releaser>(TaskCreationOptions.RunContinuationsAsynchronously));
            return new(cancellationToken.CanBeCanceled ? WaitAsync(place, cancellationToken) : place.Value.Task);
        }
    }

    async Task<Releaser> WaitAsync(LinkedListNode<TaskCompletionSource<Releaser>> place, CancellationToken cancellationToken)
    {
        await using var registration = cancellationToken.Register(() => GiveUp(place, cancellationToken));
        return await place.Value.Task;
    }

    void GiveUp(LinkedListNode<TaskCompletionSource<Releaser>> place, CancellationToken cancellationToken)
    {
        lock (sync)
        {
            // No longer in the queue: the gate was handed over first, and the caller holds it.
            if (place.List is null)
                return;
            waiting.Remove(place);
        }
        place.Value.TrySetCanceled(cancellationToken);
    }

    void Leave()
    {
        TaskCompletionSource<Releaser> next;
        lock (sync)
        {
            if (waiting.First is not { } first)
            {
                taken = false;
                return;
            }
            waiting.RemoveFirst();
            next = first.Value;
        }
        next.SetResult(new Releaser(this));
    }

    /// <summary>The right to write. Dispose it once.</summary>
    public sealed class Releaser(WriteGate gate) : IDisposable
    {
        WriteGate? gate = gate;

        public void Dispose() => Interlocked.Exchange(ref gate, null)?.Leave();
    }
}
