using System.Buffers;
using System.Text.Json;
using Muster.Client;

namespace Muster.Server.Facades.Netcore;

/// <summary>Netcore Smartech's <c>/apiv2</c>, and <c>/API/mailing</c> of its older XML clients.</summary>
sealed class NetcoreFacade : Facade
{
    public override string Name => "netcore";

    public override bool Owns(PathString path) =>
        path.StartsWithSegments("/apiv2", StringComparison.OrdinalIgnoreCase) || path.StartsWithSegments("/API/mailing", StringComparison.OrdinalIgnoreCase);

    public override void Map(IEndpointRouteBuilder routes)
    {
    }

    /// <summary><c>{"result":"…"}</c>, never "Success".</summary>
    public override Task RefuseAsync(HttpContext context, Problem problem)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("result", problem.Status is 401 or 403 ? "Invalid API key" : problem.Detail);
            json.WriteEndObject();
        }
        return WriteJsonAsync(context, problem.Status, body.WrittenMemory);
    }
}
