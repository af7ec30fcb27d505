namespace Muster.Notifications;

/// <summary>What became of one try at a delivery.</summary>
/// <param name="Status">What the receiver answered: an HTTP or SMTP status; null when it did not answer.</param>
/// <param name="Error">Stable snake_case name, or null when it was taken.</param>
/// <param name="Gone">The receiver said 410: it wants nothing more.</param>
/// <param name="Final">Trying again is of no use.</param>
public sealed record DeliveryAnswer(int? Status, string? Error, bool Gone = false, bool Final = false, TimeSpan? RetryAfter = null);
