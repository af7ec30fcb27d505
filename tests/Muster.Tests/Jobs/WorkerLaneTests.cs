using Muster.Jobs;
using Muster.Tests.Sources;

namespace Muster.Tests.Jobs;

public sealed class WorkerLaneTests
{
    [Fact]
    public async Task A_failure_is_told_once_until_the_work_succeeds_or_fails_in_another_way()
    {
        Exception?[] looks = [new IOException("1"), new IOException("2"), new IOException("3"), new InvalidOperationException("4"), null, new InvalidOperationException("5"), new InvalidOperationException("6")];
        var told = new List<string>();
        var at = 0;
        using var stop = new CancellationTokenSource();
        await new WorkerLane(new(), new FastClock(), e => told.Add(e.Message)).RunAsync(
            async () =>
            {
                if (at == looks.Length)
                {
                    await stop.CancelAsync();
                    return true;
                }
                return looks[at++] is { } failure ? throw failure : true;
            },
            stop.Token);
        Assert.Equal(["1", "4", "5"], told);
    }
}
