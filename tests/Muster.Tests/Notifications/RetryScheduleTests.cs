using Muster.Notifications;

namespace Muster.Tests.Notifications;

public sealed class RetryScheduleTests
{
    static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    static readonly TimeSpan Day = TimeSpan.FromHours(24);

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(1)]
    public void Tries_grow_apart_and_end_after_a_day(double chance)
    {
        var (now, tries) = (Start, new List<TimeSpan>());
        for (var attempts = 1; RetrySchedule.Next(attempts, Start, now, null, Day, chance) is { } next; attempts++)
        {
            tries.Add(next - now);
            now = next;
        }
        Assert.Equal(Start + Day, now);
        Assert.InRange(tries.Count, 8, 10);
        Assert.InRange(tries[0].TotalSeconds, 9, 11);
        Assert.InRange(tries[4].TotalHours, 1.8, 2.2);
    }

    [Fact]
    public void The_receivers_wish_to_wait_is_kept_within_the_day()
    {
        Assert.Equal(Start.AddSeconds(90), RetrySchedule.Next(1, Start, Start, TimeSpan.FromSeconds(90), Day, 0.5));
        Assert.Equal(Start.AddSeconds(10), RetrySchedule.Next(1, Start, Start, TimeSpan.FromSeconds(1), Day, 0.5));
        Assert.Equal(Start + Day, RetrySchedule.Next(1, Start, Start, TimeSpan.FromDays(400), Day, 0.5));
        Assert.Null(RetrySchedule.Next(3, Start, Start + Day, null, Day, 0.5));
    }
}
