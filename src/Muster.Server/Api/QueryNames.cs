using System.Text.Json;
using Muster.Server.Hosting;

namespace Muster.Server.Api;

enum QueryType { Text, Integer, Flag }

/// <summary>A query parameter that a route reads by itself, not as an argument of its handler.</summary>
sealed record QueryParameter(string Name, string Description, QueryType Type = QueryType.Text);

/// <summary>The route takes every import option as a query parameter of its name.</summary>
sealed record ImportOptionParameters;

/// <summary>Which query parameters each route below <c>/v1</c> takes. A name that is none of them is refused rather than ignored: a misspelt filter would answer with everything.</summary>
/// <remarks>Read from the OpenAPI document, so that what is described and what is taken are the same.</remarks>
sealed class QueryNames
{
    const string Root = "/v1/";
    const int ShownMax = 64;

    readonly Lazy<Dictionary<(string Method, string Path), string[]>> routes = new(ReadDocument);

    /// <summary>Null when the route takes all that the query names, each once unless it is an import option.</summary>
    public Refusal? Refuse(HttpContext context)
    {
        if (context.Request.Query.Count == 0 || context.GetEndpoint() is not RouteEndpoint { RoutePattern.RawText: { } pattern } route
            || !routes.Value.TryGetValue((context.Request.Method, Rooted(pattern)), out var known))
            return null;
        var takesOptions = route.Metadata.GetMetadata<ImportOptionParameters>() is not null;
        foreach (var (name, values) in context.Request.Query)
        {
            if (!known.Contains(name, StringComparer.Ordinal))
                return Unknown(name, known, takesOptions);
            if (values.Count > 1 && !(takesOptions && ImportOptionsReading.Names.Contains(name, StringComparer.Ordinal)))
                return Refusal.BadParameter(name, "it is given more than once.");
        }
        return null;
    }

    static Refusal Unknown(string name, string[] known, bool takesOptions)
    {
        var shown = name.Length <= ShownMax ? name : name[..ShownMax] + "…";
        var detail = $"This route takes no query parameter {shown}. {(known.Length == 0 ? "It takes none." : $"Known are {string.Join(", ", known)}.")}";
        return Refusal.Of(400, takesOptions ? "unknown_option" : "invalid_parameter", detail, shown);
    }

    static string Rooted(string pattern) => "/" + pattern.Trim('/');

    /// <summary>The names of the query parameters of every route below <c>/v1</c>, by method and path.</summary>
    static Dictionary<(string Method, string Path), string[]> ReadDocument()
    {
        using var document = JsonDocument.Parse(ApiDocument.Committed());
        return document.RootElement.GetProperty("paths").EnumerateObject().Where(p => p.Name.StartsWith(Root, StringComparison.Ordinal))
            .SelectMany(path => path.Value.EnumerateObject(), (path, operation) => (path.Name, operation))
            .ToDictionary(o => (o.operation.Name.ToUpperInvariant(), o.Name), o => NamesOf(o.operation.Value));
    }

    static string[] NamesOf(JsonElement operation) => operation.TryGetProperty("parameters", out var parameters)
        ? [.. parameters.EnumerateArray().Where(p => p.GetProperty("in").ValueEquals("query")).Select(p => p.GetProperty("name").GetString() ?? "")]
        : [];
}

static class QueryNameRules
{
    public static RouteHandlerBuilder TakesQuery(this RouteHandlerBuilder route, params QueryParameter[] parameters) => route.WithMetadata([.. parameters]);

    public static RouteHandlerBuilder TakesImportOptions(this RouteHandlerBuilder route, params QueryParameter[] others) => route.WithMetadata([new ImportOptionParameters(), .. others]);

    /// <summary>Refuses what a route does not take before its handler runs, and after the caller is known.</summary>
    public static void UseQueryNames(this IApplicationBuilder app) => app.Use((context, next) =>
        context.RequestServices.GetRequiredService<QueryNames>().Refuse(context) is { } refusal ? refusal.ExecuteAsync(context) : next(context));
}
