using System.Buffers;
using System.Text.Json;
using Muster.Client;
using Muster.Server.Auth;

namespace Muster.Server.Facades.Cellcast;

/// <summary>Cellcast's contacts API below <c>/api/v1</c> and <c>/api/v2</c>.</summary>
sealed class CellcastFacade : Facade
{
    public override string Name => "cellcast";

    public override bool Owns(PathString path) =>
        path.StartsWithSegments("/api/v1", StringComparison.OrdinalIgnoreCase) || path.StartsWithSegments("/api/v2", StringComparison.OrdinalIgnoreCase);

    public override void Map(IEndpointRouteBuilder routes)
    {
    }

    /// <summary>Authorization in each manner, or the older product's header APPKEY.</summary>
    public override bool TryReadKey(HttpRequest request, out string id, out string secret) =>
        request.Headers.Authorization.Count == 0 && request.Headers["APPKEY"] is { Count: 1 } key
            ? KeyMint.TrySplit(key[0].AsSpan().Trim(), out id, out secret)
            : base.TryReadKey(request, out id, out secret);

    /// <summary><c>{"code":…,"message":…}</c>; 401 has the <c>stack</c> that the vendor sends, a fixed text here.</summary>
    public override Task RefuseAsync(HttpContext context, Problem problem)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteNumber("code", problem.Status);
            json.WriteString("message", problem.Status == 401 ? "Invalid token" : problem.Detail);
            if (problem.Status == 401)
                json.WriteString("stack", "APIError: Invalid token");
            json.WriteEndObject();
        }
        return WriteJsonAsync(context, problem.Status, body.WrittenMemory);
    }
}
