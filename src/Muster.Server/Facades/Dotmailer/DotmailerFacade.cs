using System.Buffers;
using System.Text.Json;
using Muster.Client;

namespace Muster.Server.Facades.Dotmailer;

/// <summary>dotmailer's API v2 below <c>/v2</c>, save what is Exotel's.</summary>
sealed class DotmailerFacade : Facade
{
    public override string Name => "dotmailer";

    public override bool Owns(PathString path) =>
        path.StartsWithSegments("/v2", StringComparison.OrdinalIgnoreCase, out var rest) && !rest.StartsWithSegments("/accounts", StringComparison.OrdinalIgnoreCase);

    public override void Map(IEndpointRouteBuilder routes)
    {
    }

    /// <summary><c>{"message":"…"}</c> and nothing else: clients take the word after the last space for the error's name.</summary>
    public override Task RefuseAsync(HttpContext context, Problem problem)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("message", problem.Status switch
            {
                401 => "Authorization has been denied for this request.",
                403 => "Error: ERROR_FEATURENOTACTIVE",
                404 or 405 => "Error: ERROR_FEATURENOTACTIVE",
                413 => $"{problem.Detail} ERROR_MALFORMED_REQUEST",
                415 => "Error: ERROR_CONTENT_TYPE_IS_NOT_SUPPORTED",
                >= 500 => "Error: ERROR_SYSTEM_SERVICETEMPORARILYUNAVAILABLE",
                _ => $"{problem.Detail} ERROR_MALFORMED_REQUEST",
            });
            json.WriteEndObject();
        }
        return WriteJsonAsync(context, problem.Status, body.WrittenMemory);
    }
}
