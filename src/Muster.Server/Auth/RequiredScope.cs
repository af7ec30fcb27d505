using Muster.Contacts;
using Muster.Server.Api;
using Muster.Server.Facades;

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
        var facade = context.RequestServices.GetRequiredService<FacadeSet>().OwnerOf(context.Request.Path);
        string id, secret;
        var given = facade is null ? KeyHeader.TryRead(context.Request, out id, out secret) : facade.TryReadKey(context.Request, out id, out secret);
        var caller = given
            ? await context.RequestServices.GetRequiredService<KeyRing>().FindAsync(id, secret, context.RequestAborted)
            : null;
        if (caller is null)
        {
            context.Response.Headers.WWWAuthenticate = facade is null ? "Bearer realm=\"muster\"" : "Basic realm=\"muster\"";
            await RefuseAsync(context, facade, Refusal.Unauthorized(context.Request.Headers.Authorization.Count == 0));
        }
        else if (caller.Key.Scope < required.Scope)
            await RefuseAsync(context, facade, Refusal.Forbidden(required.Scope));
        else
        {
            context.Features.Set(caller);
            await next(context);
        }
    });

    static Task RefuseAsync(HttpContext context, Facade? facade, Refusal refusal) =>
        facade is null ? refusal.ExecuteAsync(context) : facade.RefuseAsync(context, refusal.Problem);
}
