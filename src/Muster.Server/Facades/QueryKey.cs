using System.Text;
using Microsoft.Extensions.Primitives;

namespace Muster.Server.Facades;

/// <summary>A key that came in a query, which is where some vendors put it. Held apart from the request, whose query no longer has it.</summary>
sealed record QueryKey(string Value)
{
    const string Parameter = "apikey";
    const string Redacted = "redacted";

    /// <summary>Takes keys out of every request's query before anything that might write a URL down sees it: logs, traces, metrics, stored options.</summary>
    public static void TakeFromQueries(IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.Request.QueryString is { HasValue: true } query && query.Value!.Contains(Parameter, StringComparison.OrdinalIgnoreCase))
            Take(context, query.Value);
        return next(context);
    });

    static void Take(HttpContext context, string query)
    {
        string? key = null;
        var rest = new StringBuilder(query.Length);
        foreach (var parameter in query.AsSpan(1).ToString().Split('&'))
        {
            rest.Append(rest.Length == 0 ? '?' : '&');
            var at = parameter.IndexOf('=', StringComparison.Ordinal);
            var name = at < 0 ? parameter : parameter[..at];
            if (!Uri.UnescapeDataString(name).Equals(Parameter, StringComparison.OrdinalIgnoreCase))
            {
                rest.Append(parameter);
                continue;
            }
            // The first counts, as in the queries of most frameworks.
            key ??= at < 0 ? "" : Uri.UnescapeDataString(parameter[(at + 1)..].Replace('+', ' ')).Trim();
            rest.Append(name).Append('=').Append(Redacted);
        }
        if (key is null)
            return;
        context.Features.Set(new QueryKey(key));
        context.Request.QueryString = new QueryString(rest.ToString());
        if (context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>() is { } raw)
            raw.RawTarget = raw.RawTarget.Split('?')[0] + rest;
    }

    /// <summary>Whether a parameter's name is one whose value must never be shown.</summary>
    public static bool IsKey(StringSegment name) => name.Equals(Parameter, StringComparison.OrdinalIgnoreCase);
}
