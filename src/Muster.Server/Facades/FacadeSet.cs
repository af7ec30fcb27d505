using Muster.Client;
using Muster.Server.Api;
using Muster.Server.Facades.Cellcast;
using Muster.Server.Facades.Dotmailer;
using Muster.Server.Facades.Exotel;
using Muster.Server.Facades.Netcore;
using Muster.Server.Hosting;

namespace Muster.Server.Facades;

/// <summary>The façades that are switched on. One that is off leaves its paths to the native API's "unknown route".</summary>
sealed class FacadeSet(ServerSettings server)
{
    public const string None = "none";

    /// <summary>In the order in which they are asked whether a path is theirs.</summary>
    static readonly Facade[] All = [new NetcoreFacade(), new ExotelFacade(), new DotmailerFacade(), new CellcastFacade()];

    readonly Facade[] on = [.. NamesIn(server.Facades).Select(name => All.First(f => f.Name == name)).OrderBy(f => Array.IndexOf(All, f))];

    public static IEnumerable<string> Names => All.Select(f => f.Name);

    /// <summary>Whether a value of the setting <c>facades</c> names façades, or <c>none</c>.</summary>
    public static bool IsSetting(string value) =>
        value.Trim() == None || (NamesIn(value) is { Length: > 0 } names && names.All(Names.Contains) && names.Distinct().Count() == names.Length);

    public Facade? OwnerOf(PathString path)
    {
        foreach (var facade in on)
        {
            if (facade.Owns(path))
                return facade;
        }
        return null;
    }

    /// <summary>Answers a problem in the form of whoever owns the path: the vendor, or the native API.</summary>
    public Task RefuseAsync(HttpContext context, Refusal refusal)
    {
        if (OwnerOf(context.Request.Path) is not { } facade)
            return refusal.ExecuteAsync(context);
        if (refusal.RetryAfterSeconds is { } seconds)
            context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return facade.RefuseAsync(context, refusal.Problem);
    }

    public void Map(IEndpointRouteBuilder routes)
    {
        // The native API's document does not describe other people's.
        var hidden = routes.MapGroup("").ExcludeFromDescription();
        foreach (var facade in on)
            facade.Map(hidden);
    }

    static string[] NamesIn(string value) =>
        [.. value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(n => n != None)];
}
