using Muster.Contacts;
using Muster.Sources.Outbound;

namespace Muster.Sources.Remote;

/// <summary>Reads what a caller names as the address of a source, before anything is fetched.</summary>
/// <param name="Web">An http or https URL; null: the source is an S3 object.</param>
public sealed record RemoteAddress(WebAddress? Web, S3Object? S3)
{
    /// <summary>Without user, password, query and fragment: what may be shown and stored in the open.</summary>
    public string Shown => Web?.Shown ?? S3!.Shown; // one of the two is set

    /// <returns>Null when it is neither an absolute http or https URL nor s3://bucket/key.</returns>
    public static RemoteAddress? Parse(string url) =>
        S3Object.Parse(url) is { } s3 ? new(null, s3) : WebAddress.Parse(url) is { } web ? new(web, null) : null;

    /// <summary>Why a source at this address cannot be asked for, as far as that can be told without a look-up; null when it can.</summary>
    public static (ErrorCode Code, string Detail)? Refuse(string url, MusterSettings settings)
    {
        if (Parse(url) is not { } address)
            return (ErrorCode.InvalidUrl, "The source's url is no address that can be fetched. Write an absolute http or https URL, or s3://bucket/key.");
        if (address.S3 is { } s3)
            return s3.Refuse(settings);
        return RefuseWeb(address.Web!, settings);
    }

    /// <summary>The same for an address that is only ever written to: a webhook's.</summary>
    public static (ErrorCode Code, string Detail)? RefuseWebhook(string url, MusterSettings settings) => WebAddress.Parse(url) is { } address
        ? RefuseWeb(address, settings)
        : (ErrorCode.InvalidUrl, "A webhook's url is an absolute http or https URL.");

    static (ErrorCode, string)? RefuseWeb(WebAddress address, MusterSettings settings)
    {
        var rules = OutboundRules.Parse(settings.OutboundPorts, settings.OutboundAllow);
        if (address.ToUri() is null)
            return (ErrorCode.InvalidUrl, "The url's host is no name that could be looked up.");
        if (!rules.MayUsePort(address.Port) || (System.Net.IPAddress.TryParse(address.Host, out var literal) && !rules.Allows(literal, address.Port)))
            return (ErrorCode.ForbiddenAddress, $"{address.Host} at port {address.Port} is not open to imports and webhooks. Use a public address at a usual port, or have the operator list it in outbound_allow.");
        return null;
    }
}
