namespace Muster.Tests.Sources;

/// <summary>A clock on which pauses pass a hundred times faster.</summary>
sealed class FastClock : TimeProvider
{
    const int Speed = 100;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, Faster(dueTime), Faster(period));

    static TimeSpan Faster(TimeSpan span) => span <= TimeSpan.Zero ? span : span / Speed;
}
