using System.Text.Json;
using Microsoft.Data.Sqlite;
using Muster.Server.Api;
using Muster.Server.Facades;
using Muster.Storage;

namespace Muster.Server.Hosting;

/// <summary>The outermost step of every request: whatever goes wrong below becomes a problem, and what is logged of it holds no value, name, key or query.</summary>
static partial class Boundary
{
    const int SqliteBusy = 5; // SQLITE_BUSY
    const int SqliteLocked = 6; // SQLITE_LOCKED
    const int SqliteFull = 13; // SQLITE_FULL
    const int NoSpaceLeft = 28; // ENOSPC
    const string UnreadableText = "System.Text.Json.Rethrowable"; // the mark by which its own serializer knows what JsonElement throws for broken UTF-8 and lone surrogates

    public static void UseBoundary(this IApplicationBuilder app)
    {
        var logger = app.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger("Muster.Server");
        app.Use(async (context, next) =>
        {
            var headers = context.Response.Headers;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";
            headers.ContentSecurityPolicy = context.Request.Path.StartsWithSegments("/docs", StringComparison.Ordinal)
                // The page that shows the document styles its elements in place and draws small images from data URLs.
                ? "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
                : "default-src 'none'; frame-ancestors 'none'";
            try
            {
                await next(context);
            }
            catch (Exception e) when (context.RequestAborted.IsCancellationRequested && e is (OperationCanceledException or IOException))
            {
                // The caller went away: there is nobody to answer.
            }
            catch (Exception e)
            {
                await RefuseAsync(context, e, logger);
            }
        });
        var facades = app.ApplicationServices.GetRequiredService<FacadeSet>();
        app.UseStatusCodePages(pages => facades.RefuseAsync(
            pages.HttpContext, pages.HttpContext.Response.StatusCode == StatusCodes.Status413PayloadTooLarge ? TooLarge(pages.HttpContext) : Refusal.OfStatus(pages.HttpContext.Response.StatusCode)));
    }

    static async Task RefuseAsync(HttpContext context, Exception e, ILogger logger)
    {
        var refusal = e switch
        {
            RefusedException refused => refused.Refusal,
            BadHttpRequestException { InnerException: JsonException json } => OfJson(json),
            BadHttpRequestException { StatusCode: 413 } => TooLarge(context),
            InvalidOperationException { Source: UnreadableText } => Refusal.Of(400, "malformed_json", "The body's JSON holds a text that is no Unicode: broken UTF-8, or half of a surrogate pair such as \\ud83d alone. Send it as UTF-8."),
            BadHttpRequestException bad when bad.StatusCode != 400 => Refusal.OfStatus(bad.StatusCode),
            BadHttpRequestException => Refusal.Of(400, "bad_request", "The request is malformed, or its body was cut off or is missing."),
            StoreFullException or SqliteException { SqliteErrorCode: SqliteFull } => Refusal.DiskFull(),
            StoreBusyException or SqliteException { SqliteErrorCode: SqliteBusy or SqliteLocked } => Refusal.StoreBusy(),
            IOException io when (io.HResult & 0xFFFF) == NoSpaceLeft => Refusal.DiskFull(),
            _ => null,
        };
        if (refusal is null)
        {
            RequestFailed(logger, context.Request.Method, context.GetEndpoint()?.DisplayName ?? "no route", e.GetType().Name, e.StackTrace);
            refusal = Refusal.OfStatus(500);
        }
        if (context.Response.HasStarted)
        {
            // Half an answer must not look like a whole one.
            context.Abort();
            return;
        }
        var security = context.Response.Headers.ContentSecurityPolicy;
        context.Response.Clear();
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.ContentSecurityPolicy = security;
        await context.RequestServices.GetRequiredService<FacadeSet>().RefuseAsync(context, refusal);
    }

    static Refusal TooLarge(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<Api.BodyLimit>() is { } limit
        ? Refusal.TooLarge(limit.SourceBytesMax, limit.Setting)
        : Refusal.BodyTooLarge(context.RequestServices.GetRequiredService<ServerSettings>().BodyBytesMax);

    static Refusal OfJson(JsonException json) => Refusal.Of(400, "malformed_json", json.Path is { Length: > 2 and < 66 } path && !path.Contains('[', StringComparison.Ordinal)
        ? $"The body does not fit: {path[2..]} is unknown, missing or of the wrong type. It is described at /docs."
        : $"The body is not the JSON that this route takes: line {(json.LineNumber ?? 0) + 1}. It is described at /docs.");

    [LoggerMessage(LogLevel.Error, "{Method} {Route} failed with {Exception}. {StackTrace}")]
    static partial void RequestFailed(ILogger logger, string method, string route, string exception, string? stackTrace);
}
