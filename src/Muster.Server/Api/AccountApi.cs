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
        group.MapGet("", Get).WithSummary("The account.");
        group.MapPatch("", PatchAsync).RequireScope(KeyScope.Admin).WithSummary("Change the default region, match or date order of imports to come.");
    }

    static Ok<AccountResource> Get(Caller caller) => TypedResults.Ok(Wire.Account(caller.Account));

    static async Task<Results<Ok<AccountResource>, Refusal>> PatchAsync(AccountInput input, Caller caller, IAccountStore accounts, KeyRing keys, CancellationToken cancellationToken)
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
        if (input.DateOrder is not (null or "" or "ymd" or "dmy" or "mdy"))
            return Refusal.BadBody("date_order is one of ymd, dmy, mdy; empty takes it away.", "date_order");
        var account = await accounts.EnsureAsync(caller.Account.Name, null, region, match, cancellationToken);
        if (input.DateOrder is { } order)
            account = await accounts.SetDateOrderAsync(account.Id, order.Length == 0 ? null : order, cancellationToken) ?? account;
        keys.Forget(account.Id);
        return TypedResults.Ok(Wire.Account(account));
    }
}
