using Microsoft.AspNetCore.Http.HttpResults;
using Muster.Client;
using Muster.Contacts;
using Muster.Server.Auth;
using Muster.Storage;

namespace Muster.Server.Api;

/// <summary><c>/v1/keys</c>: the account's API keys. All of it takes a key of scope admin.</summary>
static class KeysApi
{
    public static void MapKeys(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/keys").WithTags("keys").RequireScope(KeyScope.Admin).Refuses(400, 401, 403);
        group.MapGet("", ListAsync).WithSummary("The account's keys, revoked ones included, without their secrets.");
        group.MapPost("", CreateAsync).WithSummary("Make a key. Its secret is in this answer and nowhere else.");
        group.MapGet("/{id}", GetAsync).Refuses(404).WithSummary("One key.");
        group.MapDelete("/{id}", RevokeAsync).Refuses(404).WithSummary("Revoke a key: it is refused within five seconds.");
    }

    static async Task<Ok<Client.Page<KeyResource>>> ListAsync(Caller caller, IAccountStore accounts, string? cursor, string? limit, CancellationToken cancellationToken)
    {
        var paging = Paging.Of(cursor, limit);
        if (paging.Cursor is { } after && !KeyMint.IsId(after))
            throw Paging.BadCursor();
        var keys = (await accounts.KeysAsync(caller.Account.Id, cancellationToken)).OrderBy(k => k.Id, StringComparer.Ordinal)
            .Where(k => paging.Cursor is null || string.CompareOrdinal(k.Id, paging.Cursor) > 0).Take(paging.Limit + 1).Select(Wire.Key).ToList();
        var more = keys.Count > paging.Limit;
        if (more)
            keys.RemoveAt(paging.Limit);
        return TypedResults.Ok(new Client.Page<KeyResource>(keys, more ? keys[^1].Id : null));
    }

    static async Task<Results<Created<NewKeyResource>, Refusal>> CreateAsync(KeyInput input, HttpContext context, Caller caller, IAccountStore accounts, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!Wire.TryWord<KeyScope>(input.Scope ?? "write", out var scope))
            return Refusal.BadBody($"The scope of a key is one of {Wire.WordsOf<KeyScope>()}.", "scope");
        var minted = KeyMint.Create(caller.Account.Id, scope, time);
        await accounts.AddKeyAsync(minted.Key, minted.SecretSha256, cancellationToken);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"/v1/keys/{minted.Key.Id}", new NewKeyResource(minted.Key.Id, Wire.Word(scope), minted.Secret, minted.Token, minted.Key.CreatedAt));
    }

    static async Task<Results<Ok<KeyResource>, Refusal>> GetAsync(string id, Caller caller, IAccountStore accounts, CancellationToken cancellationToken) =>
        (await accounts.KeysAsync(caller.Account.Id, cancellationToken)).FirstOrDefault(k => k.Id == id) is { } key ? TypedResults.Ok(Wire.Key(key)) : NotFound;

    static async Task<Results<NoContent, Refusal>> RevokeAsync(string id, Caller caller, IAccountStore accounts, KeyRing keys, CancellationToken cancellationToken)
    {
        if (!await accounts.RevokeKeyAsync(caller.Account.Id, id, cancellationToken))
            return NotFound;
        keys.Forget(caller.Account.Id);
        return TypedResults.NoContent();
    }

    static Refusal NotFound => Refusal.NotFound("key");
}
