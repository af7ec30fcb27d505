using Muster.Client;
using Muster.Server.Auth;

namespace Muster.Server.Facades;

/// <summary>A vendor's wire protocol in front of the engine: its paths, its routes, where it carries keys, and the form of its errors.</summary>
/// <remarks>
/// A façade translates and adds nothing. Everything that goes wrong below one of its paths, unknown routes, bad keys and too large bodies
/// included, comes to <see cref="RefuseAsync"/> as the problem that the native API would answer.
/// </remarks>
abstract class Facade
{
    /// <summary>As in the setting <c>facades</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Whether what is at this path, or is not there, is this vendor's to answer.</summary>
    public abstract bool Owns(PathString path);

    public abstract void Map(IEndpointRouteBuilder routes);

    /// <summary>Writes a refusal as the vendor does: status, headers and the whole body.</summary>
    public abstract Task RefuseAsync(HttpContext context, Problem problem);

    /// <summary>Reads the key of a request to an endpoint with a <see cref="RequiredScope"/>: from Authorization in each manner that the native API knows, unless the vendor has another.</summary>
    public virtual bool TryReadKey(HttpRequest request, out string id, out string secret) => KeyHeader.TryRead(request, out id, out secret);

    /// <summary>Writes JSON text whole, with the body left out for HEAD.</summary>
    internal static Task WriteJsonAsync(HttpContext context, int status, ReadOnlyMemory<byte> json) => WriteAsync(context, status, "application/json; charset=utf-8", json);

    internal static async Task WriteAsync(HttpContext context, int status, string contentType, ReadOnlyMemory<byte> body)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        response.Headers.CacheControl = "no-store";
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await response.Body.WriteAsync(body, context.RequestAborted);
    }
}
