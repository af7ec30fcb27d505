using System.Globalization;
using Muster.Server.Auth;
using Muster.Server.Hosting;

namespace Muster.Server.Facades.Dotmailer;

/// <summary>The account, the clock, and senders, of which Muster has none.</summary>
static class AccountRoutes
{
    const int CallsPerHour = 2_000;

    /// <summary>What the vendor has and Muster has not, where another route would answer 405 instead.</summary>
    static readonly string[] NotHere =
    [
        "/contacts/with-consent", "/contacts/with-consent-and-preferences", "/contacts/with-preferences", "/contacts/score", "/contacts/transactional-data",
        "/address-books/{book}/contacts/with-consent", "/address-books/{book}/contacts/with-consent-and-preferences",
    ];

    public static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/account-info", Account);
        group.MapGet("/server-time", ServerTime);
        foreach (var path in NotHere)
            group.Map(path + "/{**rest}", IResult () => throw VendorError.NotActive());
        group.MapGet("/custom-from-addresses", () => Answer.Ok([], VendorJson.Wire.ListString));
    }

    /// <remarks>Clients go on at ApiEndpoint, with their password: it is an address of this server, whatever the request's Host says. Muster counts no calls; what remains is the vendor's own figure, so that nobody waits for more.</remarks>
    static IResult Account(HttpContext context, Caller caller, MusterSettings settings, ServerSettings server)
    {
        var account = caller.Account;
        return Answer.Ok(
            new ApiAccount(account.Id,
            [
                new("Name", "String", account.Name),
                new("MainMobilePhoneNumber", "String", ""),
                new("MainEmail", "String", ""),
                new("ApiCallsInLastHour", "Int", "0"),
                new("ApiCallsRemaining", "Int", CallsPerHour.ToString(CultureInfo.InvariantCulture)),
                new("APILocale", "String", "en-GB"),
                new("ListManagedUsers", "Boolean", "False"),
                new("ApiEndpoint", "String", PublicAddress.Of(context, settings, server)),
            ]),
            VendorJson.Wire.ApiAccount);
    }

    static IResult ServerTime(HttpRequest request, TimeProvider time)
    {
        var now = RequestReading.Iso(time.GetUtcNow());
        return request.GetTypedHeaders().Accept is [{ MediaType.Value: "text/plain" }, ..] ? Results.Text(now, "text/plain") : Answer.Ok(now, VendorJson.Wire.String);
    }
}
