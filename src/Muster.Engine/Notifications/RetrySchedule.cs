namespace Muster.Notifications;

/// <summary>When a delivery is tried again: after 10 s, 1 m, 5 m, 30 m, 2 h, 5 h, then every 8 h, each ten per cent more or less, until it is given up.</summary>
public static class RetrySchedule
{
    static readonly TimeSpan[] Pauses =
        [TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5), TimeSpan.FromHours(8)];

    const double Jitter = 0.1;

    /// <param name="attempts">Tries made so far, the last one included.</param>
    /// <param name="madeAt">When the delivery was made.</param>
    /// <param name="asked">Retry-After of the last answer: waited for when it is longer than the pause.</param>
    /// <param name="chance">Evenly from 0 to 1.</param>
    /// <returns>Null when the next try would come after the last moment for one. That moment itself still sees a try.</returns>
    public static DateTimeOffset? Next(int attempts, DateTimeOffset madeAt, DateTimeOffset now, TimeSpan? asked, TimeSpan lifetime, double chance)
    {
        var last = madeAt + lifetime;
        if (now >= last)
            return null;
        var pause = Pauses[Math.Min(Math.Max(attempts, 1), Pauses.Length) - 1] * (1 - Jitter + 2 * Jitter * chance);
        if (asked > pause)
            pause = asked.Value;
        return now + pause < last ? now + pause : last;
    }
}
