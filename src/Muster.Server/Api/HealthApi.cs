using Muster.Server.Hosting;

namespace Muster.Server.Api;

/// <summary><c>/healthz</c>: the process answers. <c>/readyz</c>: it also reaches its store and runs imports.</summary>
static class HealthApi
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").WithTags("health");
        group.MapGet("/healthz", Healthy).WithSummary("Whether the process answers.");
        group.MapGet("/readyz", ReadyAsync).Produces(200, contentType: "application/json").Refuses(503).WithSummary("Whether the server reaches its store and runs imports.");
        // Monitors often ask by HEAD (RFC 9110 §9.3.2).
        routes.MapMethods("/healthz", [HttpMethods.Head], Healthy).ExcludeFromDescription();
        routes.MapMethods("/readyz", [HttpMethods.Head], ReadyAsync).ExcludeFromDescription();
    }

    static IResult Healthy() => TypedResults.Text("{\"status\":\"ok\"}", "application/json");

    static async Task<IResult> ReadyAsync(Readiness readiness, CancellationToken cancellationToken) =>
        await readiness.WhyNotAsync(cancellationToken) is { } reason
            ? Refusal.Of(503, "not_ready", reason)
            : TypedResults.Text("{\"status\":\"ready\"}", "application/json");
}
