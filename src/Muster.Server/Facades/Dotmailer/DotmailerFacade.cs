using System.Buffers;
using System.Text.Json;
using Muster.Client;
using Muster.Contacts;
using Muster.Server.Auth;

namespace Muster.Server.Facades.Dotmailer;

/// <summary>dotmailer's API v2 below <c>/v2</c>, save what is Exotel's. docs/facades/dotmailer.md says what is the same and what differs.</summary>
sealed class DotmailerFacade : Facade
{
    public override string Name => "dotmailer";

    public override bool Owns(PathString path) =>
        path.StartsWithSegments("/v2", StringComparison.OrdinalIgnoreCase, out var rest) && !rest.StartsWithSegments("/accounts", StringComparison.OrdinalIgnoreCase);

    public override void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v2").RequireScope(KeyScope.Read);
        AccountRoutes.Map(group);
        ImportRoutes.Map(group);
        ContactRoutes.Map(group);
        ConsentRoutes.Map(group);
        AddressBookRoutes.Map(group);
        DataFieldRoutes.Map(group);
    }

    /// <summary><c>{"message":"…"}</c> and nothing else: clients take the word after the last space for the error's name.</summary>
    public override Task RefuseAsync(HttpContext context, Problem problem)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body, new() { Encoder = VendorJson.Wire.Options.Encoder }))
        {
            json.WriteStartObject();
            json.WriteString("message", Message(problem));
            json.WriteEndObject();
        }
        if (!XmlForm.IsWanted(context.Request))
            return WriteJsonAsync(context, problem.Status, body.WrittenMemory);
        return WriteXmlAsync(context, problem.Status, XmlForm.Of(body.WrittenSpan.ToArray(), typeof(ApiError)));
    }

    static string Message(Problem problem) => problem switch
    {
        { Code: VendorError.Code } => problem.Detail,
        { Status: 401 } => "Authorization has been denied for this request.",
        { Status: 403 } => "Forbidden: Access is denied. ERROR_FEATURENOTACTIVE",
        { Status: 404 or 405 } => "Error: ERROR_FEATURENOTACTIVE",
        { Status: 415 } => "Error: ERROR_CONTENT_TYPE_IS_NOT_SUPPORTED",
        { Status: 429 } => $"{problem.Detail} ERROR_APIUSAGE_EXCEEDED",
        { Status: >= 500 } => "Error: ERROR_SYSTEM_SERVICETEMPORARILYUNAVAILABLE",
        _ => $"{problem.Detail} ERROR_MALFORMED_REQUEST",
    };

    static async Task WriteXmlAsync(HttpContext context, int status, byte[] xml)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = XmlForm.ContentType;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentLength = xml.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.Body.WriteAsync(xml, context.RequestAborted);
    }
}
