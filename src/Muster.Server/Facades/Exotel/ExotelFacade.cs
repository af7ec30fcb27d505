using System.Buffers;
using System.Text.Json;
using Muster.Client;

namespace Muster.Server.Facades.Exotel;

/// <summary>Exotel's contacts API below <c>/v2/accounts</c>.</summary>
sealed class ExotelFacade : Facade
{
    public override string Name => "exotel";

    public override bool Owns(PathString path) => path.StartsWithSegments("/v2/accounts", StringComparison.OrdinalIgnoreCase);

    public override void Map(IEndpointRouteBuilder routes)
    {
    }

    /// <summary>The envelope of a single answer; <c>error_data.description</c> is what clients show.</summary>
    public override Task RefuseAsync(HttpContext context, Problem problem)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("request_id", HexId.Of(Guid.CreateVersion7()));
            json.WriteString("method", context.Request.Method.ToUpperInvariant());
            json.WriteNumber("http_code", problem.Status);
            json.WriteStartObject("response");
            json.WriteNumber("code", problem.Status);
            json.WriteStartObject("error_data");
            json.WriteNumber("code", CodeOf(problem.Status));
            json.WriteString("message", problem.Title);
            json.WriteString("description", problem.Detail);
            json.WriteEndObject();
            json.WriteString("status", "failure");
            json.WriteNull("data");
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return WriteJsonAsync(context, problem.Status, body.WrittenMemory);
    }

    static int CodeOf(int status) => status switch
    {
        401 or 403 => 1010,
        409 => 1008,
        >= 500 => 1100,
        _ => 1001,
    };
}
