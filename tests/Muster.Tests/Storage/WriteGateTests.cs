using Muster.Sqlite;

namespace Muster.Tests.Storage;

public sealed class WriteGateTests
{
    readonly WriteGate gate = new();

    [Fact]
    public async Task Waiters_enter_in_the_order_they_came()
    {
        var order = new List<int>();
        var first = await gate.EnterAsync(CancellationToken.None);
        var waiting = Enumerable.Range(0, 50).Select(async n =>
        {
            using var entered = await gate.EnterAsync(CancellationToken.None);
            order.Add(n);
        }).ToArray();
        Assert.Equal(50, gate.Waiters);
        first.Dispose();
        await Task.WhenAll(waiting);
        Assert.Equal(Enumerable.Range(0, 50), order);
        Assert.Equal(0, gate.Waiters);
    }

    [Fact]
    public async Task Bulk_writer_that_queues_anew_lets_a_waiter_in_between()
    {
        var bulk = await gate.EnterAsync(CancellationToken.None);
        var other = gate.EnterAsync(CancellationToken.None).AsTask();
        bulk.Dispose();
        var again = gate.EnterAsync(CancellationToken.None).AsTask();
        using (await other)
            Assert.False(again.IsCompleted);
        (await again).Dispose();
    }

    [Fact]
    public async Task Who_gives_up_leaves_the_queue_and_holds_nothing()
    {
        using var stop = new CancellationTokenSource();
        var holder = await gate.EnterAsync(CancellationToken.None);
        var quitter = gate.EnterAsync(stop.Token).AsTask();
        var patient = gate.EnterAsync(CancellationToken.None).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => quitter);
        Assert.Equal(1, gate.Waiters);
        holder.Dispose();
        (await patient).Dispose();
        (await gate.EnterAsync(CancellationToken.None)).Dispose();
    }

    [Fact]
    public async Task Disposing_twice_lets_one_in()
    {
        var holder = await gate.EnterAsync(CancellationToken.None);
        var second = gate.EnterAsync(CancellationToken.None).AsTask();
        var third = gate.EnterAsync(CancellationToken.None).AsTask();
        holder.Dispose();
        holder.Dispose();
        await second;
        Assert.False(third.IsCompleted);
    }

    [Fact]
    public async Task Never_two_at_once_while_some_give_up()
    {
        var inside = 0;
        var entered = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            for (var i = 0; i < 500; i++)
            {
                using var stop = new CancellationTokenSource();
                var entry = gate.EnterAsync(stop.Token);
                if (random.Next(4) == 0)
                    await stop.CancelAsync();
                try
                {
                    using var held = await entry;
                    Assert.Equal(1, Interlocked.Increment(ref inside));
                    entered++;
                    await Task.Yield();
                    Interlocked.Decrement(ref inside);
                }
                catch (OperationCanceledException)
                {
                    // Gave up in time.
                }
            }
        })));
        Assert.Equal(0, gate.Waiters);
        Assert.True(entered > 0);
        (await gate.EnterAsync(CancellationToken.None)).Dispose();
    }
}
