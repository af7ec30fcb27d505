using Microsoft.AspNetCore.Http.HttpResults;
using Muster.Client;
using Muster.Contacts;
using Muster.Server.Auth;
using Muster.Storage;

namespace Muster.Server.Api;

/// <summary><c>/v1/account</c>: the account that the key opens.</summary>
static class AccountApi
{
    public static void MapAccount(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/account").WithTags("account").RequireScope(KeyScope.Read).Refuses(400, 401, 403);
        group.MapGet("", GetAsync).WithSummary("The account, what it may use and what it uses.");
        group.MapPatch("", PatchAsync).RequireScope(KeyScope.Admin).WithSummary("Change the default region or match of imports to come.");
    }

    static async Task<Ok<AccountResource>> GetAsync(Caller caller, IAccountStore accounts, MusterSettings settings, CancellationToken cancellationToken) =>
        TypedResults.Ok(Wire.Account(caller.Account, settings, await accounts.UsageAsync(caller.Account.Id, cancellationToken)));

    static async Task<Results<Ok<AccountResource>, Refusal>> PatchAsync(
        AccountInput input, Caller caller, IAccountStore accounts, KeyRing keys, MusterSettings settings, CancellationToken cancellationToken)
    {
        KeyKind? match = null;
        if (input.Match is not null)
        {
            if (!Wire.TryWord<KeyKind>(input.Match, out var kind))
                return Refusal.BadBody($"match is one of {Wire.WordsOf<KeyKind>()}.", "match");
            match = kind;
        }
        var region = input.Region?.ToUpperInvariant();
        if (region is not null && (region.Length != 2 || !region.All(char.IsAsciiLetterUpper)))
            return Refusal.BadBody("region is an ISO 3166-1 alpha-2 code, such as GB.", "region");
        var account = await accounts.EnsureAsync(caller.Account.Name, null, region, match, cancellationToken);
        keys.Forget(account.Id);
        return TypedResults.Ok(Wire.Account(account, settings, await accounts.UsageAsync(account.Id, cancellationToken)));
    }
}
