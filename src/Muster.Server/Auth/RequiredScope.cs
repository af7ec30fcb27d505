using Muster.Contacts;
using Muster.Server.Api;

namespace Muster.Server.Auth;

/// <summary>What a key must be allowed for an endpoint to answer it. Endpoints without one are open.</summary>
sealed record RequiredScope(KeyScope Scope);

static class RequiredScopes
{
    public static TBuilder RequireScope<TBuilder>(this TBuilder builder, KeyScope scope) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new RequiredScope(scope));

    /// <summary>Names the caller of every request to an endpoint with a <see cref="RequiredScope"/>, or refuses it before its body is read.</summary>
    public static void UseKeys(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<RequiredScope>() is not { } required)
        {
            await next(context);
            return;
        }
        var header = context.Request.Headers.Authorization;
        var caller = header.Count == 1 && KeyHeader.TryRead(header[0], out var id, out var secret)
            ? await context.RequestServices.GetRequiredService<KeyRing>().FindAsync(id, secret, context.RequestAborted)
            : null;
        if (caller is null)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"muster\"";
            await Refusal.Unauthorized(header.Count == 0).ExecuteAsync(context);
        }
        else if (caller.Key.Scope < required.Scope)
            await Refusal.Forbidden(required.Scope).ExecuteAsync(context);
        else
        {
            context.Features.Set(caller);
            await next(context);
        }
    });
}
