using Muster.Client;
using Muster.Contacts;
using Muster.Server.Api;
using Muster.Server.Auth;
using Muster.Server.Hosting;

namespace Muster.Server.Facades.Cellcast;

/// <summary>Cellcast's contacts API below <c>/api/v1</c> and <c>/api/v2</c>.</summary>
sealed class CellcastFacade : Facade
{
    public override string Name => "cellcast";

    public override bool Owns(PathString path) =>
        path.StartsWithSegments("/api/v1", StringComparison.OrdinalIgnoreCase) || path.StartsWithSegments("/api/v2", StringComparison.OrdinalIgnoreCase);

    public override void Map(IEndpointRouteBuilder routes)
    {
        var server = routes.ServiceProvider.GetRequiredService<ServerSettings>();
        var group = routes.MapGroup("").AddEndpointFilter(new RequestRate(server.CellcastRequestsPerSecond, TimeSpan.FromSeconds(1)))
            .WithMetadata(new BodyLimit(server.FacadeBodyBytesMax, overhead: 0, "facade_body_bytes_max")).RequireScope(KeyScope.Read);
        group.MapPost("/api/v1/contact/bulk", ContactsV1.BulkAsync).RequireScope(KeyScope.Write);
        group.MapPost("/api/v1/contact/single", ContactsV1.SingleAsync).RequireScope(KeyScope.Write);
        group.MapGet("/api/v2/contact", ContactsV2.PageAsync);
        group.MapPut("/api/v2/contact/{contactId}", ContactsV2.ChangeAsync).RequireScope(KeyScope.Write);
        group.MapGet("/api/v2/contact/fields/available", ContactsV2.FieldsAsync);
        group.MapGet("/api/v1/apiClient/account", ApiClient.AccountAsync);
        group.MapGet("/api/v1/apiClient/getOptout", ApiClient.OptOutsAsync);
    }

    /// <summary>Authorization in each manner, or the older product's header APPKEY.</summary>
    public override bool TryReadKey(HttpRequest request, out string id, out string secret) =>
        request.Headers.Authorization.Count == 0 && request.Headers["APPKEY"] is { Count: 1 } key
            ? KeyMint.TrySplit(key[0].AsSpan().Trim(), out id, out secret)
            : base.TryReadKey(request, out id, out secret);

    public override Task RefuseAsync(HttpContext context, Problem problem) => FailAsync(context, problem.Status, problem.Status switch
    {
        401 => "Invalid token",
        429 => "Too many requests",
        _ => problem.Detail,
    });

    /// <summary><c>{"code":…,"message":…}</c>; 401 has the <c>stack</c> that the vendor sends, a fixed text here.</summary>
    public static Task FailAsync(HttpContext context, int status, string message) => CellcastWire.WriteAsync(context, status, json =>
    {
        json.WriteNumber("code", status);
        json.WriteString("message", message);
        if (status == 401)
            json.WriteString("stack", "APIError: Invalid token");
    });
}
