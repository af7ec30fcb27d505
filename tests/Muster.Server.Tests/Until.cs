namespace Muster.Server.Tests;

/// <summary>Waits for a condition with a deadline.</summary>
static class Until
{
    static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    public static async Task TrueAsync(Func<Task<bool>> condition)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!await condition())
            await timer.WaitForNextTickAsync(deadline.Token);
    }
}
