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
        group.MapPatch("", PatchAsync).RequireScope(KeyScope.Admin).WithSummary("Change the default region, match or hold limits of imports to come.");
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
        var limits = HoldWire.Limits(input.Hold);
        var account = await accounts.EnsureAsync(caller.Account.Name, null, region, match, cancellationToken);
        if (limits is not null)
        {
            // Rules that are not named keep the account's limits.
            var all = (account.Settings.Hold ?? new Dictionary<string, double?>()).Concat(limits).GroupBy(l => l.Key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last().Value, StringComparer.Ordinal);
            account = await accounts.SetSettingsAsync(account.Id, account.Settings with { Hold = all }, cancellationToken) ?? account;
        }
        keys.Forget(account.Id);
        return TypedResults.Ok(Wire.Account(account));
    }
}
