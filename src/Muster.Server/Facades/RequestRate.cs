using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Muster.Server.Api;
using Muster.Server.Auth;

namespace Muster.Server.Facades;

/// <summary>Requests of each account in a span of time, as some vendors limit them. Beyond it: 429 in the vendor's form, with Retry-After.</summary>
sealed class RequestRate(int permits, TimeSpan window) : IEndpointFilter
{
    readonly ConcurrentDictionary<int, FixedWindowRateLimiter> byAccount = new();

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        if (permits > 0 && context.HttpContext.Features.Get<Caller>() is { } caller)
        {
            var limiter = byAccount.GetOrAdd(caller.Account.Id, _ => new(new() { PermitLimit = permits, Window = window, QueueLimit = 0 }));
            using var lease = limiter.AttemptAcquire();
            if (!lease.IsAcquired)
            {
                var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var left) ? left : window;
                throw new RefusedException(Refusal.TooManyRequests(Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds))));
            }
        }
        return await next(context);
    }
}
