using Muster.Contacts;

namespace Muster.Sources.Outbound;

/// <summary>A connection was not made, or broke. <paramref name="detail"/> never holds more of a URL than its host.</summary>
/// <param name="again">Whether another try may fare better.</param>
public sealed class OutboundException(ErrorCode code, string detail, bool again) : IOException(detail)
{
    public ErrorCode Code { get; } = code;

    public bool Again { get; } = again;

    /// <summary>The status that the other side refused with, or null.</summary>
    public int? HttpStatus { get; init; }

    public TimeSpan? RetryAfter { get; init; }
}
