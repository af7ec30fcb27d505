using Microsoft.AspNetCore.Http.HttpResults;
using Muster.Client;
using Muster.Contacts;
using Muster.Server.Auth;
using Muster.Server.Hosting;
using Muster.Storage;
using Muster.Validation.Phones;

namespace Muster.Server.Api;

/// <summary><c>/v1/account</c>: the account that the key opens.</summary>
static class AccountApi
{
    public static void MapAccount(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/account").WithTags("account").RequireScope(KeyScope.Read).Refuses(400, 401, 403);
        group.MapGet("", GetAsync).WithSummary("The account, what it may use and what it uses.");
        group.MapPatch("", PatchAsync).RequireScope(KeyScope.Admin).WithSummary("Change the default region, match, date order or hold limits of imports to come.");
    }

    static async Task<Ok<AccountResource>> GetAsync(Caller caller, IAccountStore accounts, MusterSettings settings, ServerSettings server, CancellationToken cancellationToken) =>
        TypedResults.Ok(Wire.Account(caller.Account, settings, server, await accounts.UsageAsync(caller.Account.Id, cancellationToken)));

    static async Task<Results<Ok<AccountResource>, Refusal>> PatchAsync(
        AccountInput input, Caller caller, IAccountStore accounts, KeyRing keys, MusterSettings settings, ServerSettings server, CancellationToken cancellationToken)
    {
        KeyKind? match = null;
        if (input.Match is not null)
        {
            if (!Wire.TryWord<KeyKind>(input.Match, out var kind))
                return Refusal.BadBody($"match is one of {Wire.WordsOf<KeyKind>()}.", "match");
            match = kind;
        }
        var region = input.Region?.ToUpperInvariant();
        if (region is not null && !PhoneRegion.TryParse(region, out _))
            return Refusal.BadBody("region is the ISO 3166-1 alpha-2 code of a country with phone numbers, such as GB.", "region");
        if (input.DateOrder is not (null or "" or "ymd" or "dmy" or "mdy"))
            return Refusal.BadBody("date_order is one of ymd, dmy, mdy; empty takes it away.", "date_order");
        var limits = HoldWire.Limits(input.Hold);
        var account = await accounts.EnsureAsync(caller.Account.Name, null, region, match, cancellationToken);
        if (limits is not null)
        {
            // Rules that are not named keep the account's limits.
            account = await accounts.ChangeSettingsAsync(account.Id, now => now with { Hold = Merged(now.Hold, limits) }, cancellationToken) ?? account;
        }
        if (input.DateOrder is { } order)
            account = await accounts.ChangeSettingsAsync(account.Id, now => now with { DateOrder = order.Length == 0 ? null : order }, cancellationToken) ?? account;
        keys.Forget(account.Id);
        return TypedResults.Ok(Wire.Account(account, settings, server, await accounts.UsageAsync(account.Id, cancellationToken)));
    }

    static Dictionary<string, double?> Merged(IReadOnlyDictionary<string, double?>? now, IReadOnlyDictionary<string, double?> changes)
    {
        var all = now?.ToDictionary(StringComparer.Ordinal) ?? new(StringComparer.Ordinal);
        foreach (var (rule, limit) in changes)
            all[rule] = limit;
        return all;
    }
}
