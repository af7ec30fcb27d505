using System.Globalization;

namespace Muster.Sources.Outbound;

/// <summary>The header Retry-After (RFC 9110 §10.2.3).</summary>
public static class RetryAfter
{
    /// <summary>How long to wait, or null when the answer does not say so in a way that can be read. A date is measured by the answer's own Date, so that clocks need not agree.</summary>
    public static TimeSpan? Of(HttpResponseMessage response)
    {
        if (!response.Headers.TryGetValues("Retry-After", out var values) || values.FirstOrDefault()?.Trim() is not { Length: > 0 } text)
            return null;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            return TimeSpan.FromSeconds(Math.Min(seconds, 31_536_000));
        return response.Headers.RetryAfter?.Date is { } date && response.Headers.Date is { } now && date > now ? date - now : null;
    }
}
