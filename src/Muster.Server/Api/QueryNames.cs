using System.Collections.Frozen;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.OpenApi;

namespace Muster.Server.Api;

/// <summary>A query parameter that a route reads by itself, not as an argument of its handler.</summary>
sealed record QueryParameter(string Name, string Description, JsonSchemaType Type = JsonSchemaType.String);

/// <summary>The route takes every import option as a query parameter of its name.</summary>
sealed record ImportOptionParameters;

/// <summary>Which query parameters each route below <c>/v1</c> takes. A name that is none of them is refused rather than ignored: a misspelt filter would answer with everything.</summary>
/// <remarks>Read from what the OpenAPI document is made of, so that what is described and what is taken are the same.</remarks>
sealed class QueryNames(IApiDescriptionGroupCollectionProvider described)
{
    const string Root = "v1/";
    const int ShownMax = 64;

    readonly Lazy<FrozenDictionary<(string Method, string Path), Taken>> routes = new(() => described.ApiDescriptionGroups.Items.SelectMany(g => g.Items)
        .Where(d => d.RelativePath?.StartsWith(Root, StringComparison.Ordinal) == true)
        .ToFrozenDictionary(d => (d.HttpMethod ?? "", d.RelativePath ?? ""), Taken.By));

    /// <summary>Null when the route takes all that the query names, each once unless it is an import option.</summary>
    public Refusal? Refuse(HttpContext context)
    {
        if (context.Request.Query.Count == 0 || context.GetEndpoint() is not RouteEndpoint { RoutePattern.RawText: { } pattern }
            || !routes.Value.TryGetValue((context.Request.Method, pattern.TrimStart('/')), out var taken))
            return null;
        foreach (var (name, values) in context.Request.Query)
        {
            if (taken.Options && ImportOptionsReading.Names.Contains(name, StringComparer.Ordinal))
                continue;
            if (!taken.Own.Contains(name, StringComparer.Ordinal))
                return Unknown(name, taken);
            if (values.Count > 1)
                return Refusal.BadParameter(name, "it is given more than once.");
        }
        return null;
    }

    static Refusal Unknown(string name, Taken taken)
    {
        string[] known = [.. taken.Own, .. taken.Options ? ImportOptionsReading.Names : []];
        var shown = name.Length <= ShownMax ? name : name[..ShownMax] + "…";
        var detail = $"This route takes no query parameter {shown}. {(known.Length == 0 ? "It takes none." : $"Known are {string.Join(", ", known)}.")}";
        return Refusal.Of(400, taken.Options ? "unknown_option" : "invalid_parameter", detail, shown);
    }

    /// <param name="Own">Names of the route's own parameters, as they are spelt.</param>
    /// <param name="Options">Whether import options come on top.</param>
    sealed record Taken(string[] Own, bool Options)
    {
        public static Taken By(ApiDescription route)
        {
            var metadata = route.ActionDescriptor.EndpointMetadata;
            return new(
                [.. route.ParameterDescriptions.Where(p => p.Source == BindingSource.Query).Select(p => p.Name), .. metadata.OfType<QueryParameter>().Select(p => p.Name)],
                metadata.OfType<ImportOptionParameters>().Any());
        }
    }
}

static class QueryNameRules
{
    public static RouteHandlerBuilder TakesQuery(this RouteHandlerBuilder route, params QueryParameter[] parameters) => route.WithMetadata([.. parameters]);

    public static RouteHandlerBuilder TakesImportOptions(this RouteHandlerBuilder route, params QueryParameter[] others) => route.WithMetadata([new ImportOptionParameters(), .. others]);

    /// <summary>Refuses what a route does not take before its handler runs, and after the caller is known.</summary>
    public static void UseQueryNames(this IApplicationBuilder app) => app.Use((context, next) =>
        context.RequestServices.GetRequiredService<QueryNames>().Refuse(context) is { } refusal ? refusal.ExecuteAsync(context) : next(context));
}
