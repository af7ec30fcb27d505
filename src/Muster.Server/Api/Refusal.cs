using System.Text.Json;
using Muster.Client;
using Muster.Contacts;
using Muster.Sources;

namespace Muster.Server.Api;

/// <summary>A refused request: an RFC 9457 problem, made here and nowhere else. No refusal repeats an id or a value, so that foreign and unknown ids answer alike.</summary>
public sealed class Refusal(Problem problem, int? retryAfterSeconds = null) : IResult, IStatusCodeHttpResult
{
    public const string ContentType = "application/problem+json";

    public Problem Problem => problem;
    public int? StatusCode => problem.Status;
    public int? RetryAfterSeconds => retryAfterSeconds;

    public static Refusal Of(int status, string code, string detail, string? option = null, IReadOnlyList<FieldProblem>? errors = null) =>
        new(new("urn:muster:problem:" + code, TitleOf(status), status, detail, code, option, errors));

    public static Refusal Of(int status, ErrorCode code, string? detail = null, string? option = null) =>
        Of(status, code.Name(), detail ?? code.Message(), option);

    public static Refusal NotFound(string what) => Of(404, "not_found", $"There is no such {what} in this account.");

    public static Refusal Unauthorized(bool missing) => Of(401, "unauthorized", missing
        ? "The request carries no key. Send the header Authorization: Bearer muster_…"
        : "The key is unknown, revoked or incomplete. Send the whole token as it was shown when the key was made, or make another.");

    public static Refusal Forbidden(KeyScope needed) => Of(403, "forbidden",
        $"The key's scope is too small. Use a key of scope {Wire.Word(needed)}.");

    public static Refusal BadParameter(string name, string rule) => Of(400, "invalid_parameter", $"The query parameter {name} cannot be used: {rule}", name);

    public static Refusal BadBody(string detail, string? option = null) => Of(400, "invalid_body", detail, option);

    public static Refusal TooLarge(long bytesMax, string setting = "source_bytes_max") =>
        Of(413, ErrorCode.SourceTooLarge, $"The source is larger than {bytesMax} bytes, which {setting} allows. Split it, or have the operator raise the limit.");

    public static Refusal BodyTooLarge(long bytesMax) => Of(413, "body_too_large", $"The body is larger than {bytesMax} bytes, which body_bytes_max allows for requests that bring no source.");

    public static Refusal DiskFull() => new(Of(507, "disk_full", "The disk of the data folder is full, or has less room than free_disk_min asks for. Nothing was kept of this request; send it again when there is room.").Problem, retryAfterSeconds: 60);

    public static Refusal StoreBusy() => new(Of(503, "store_busy", "Another process holds the server's database. Nothing was written for this request; send it again in a moment.").Problem, retryAfterSeconds: 5);

    public static Refusal TooManyUploads(int most) => new(
        Of(429, "too_many_uploads", $"The account is sending {most} sources at once, as many as uploads_at_once_max allows. Send this one again when another has been answered.").Problem, retryAfterSeconds: 1);

    public static Refusal TooManyRequests(int retryAfterSeconds) =>
        new(Of(429, "too_many_requests", "The account has sent as many requests as it may in this span of time. Send this one again later.").Problem, retryAfterSeconds);

    /// <summary>A source that an import was not made of.</summary>
    public static Refusal OfIntake(ErrorCode code, string detail, string? option) => code switch
    {
        ErrorCode.DiskFull => DiskFull(),
        ErrorCode.TooManyActiveImports => new(Of(429, code, detail, option).Problem, retryAfterSeconds: 5),
        ErrorCode.SpoolQuotaExceeded => Of(507, code, detail, option),
        ErrorCode.ImportsOff => Of(403, code, detail, option),
        ErrorCode.SourceTooLarge => Of(413, code, detail, option),
        _ => Of(400, code, detail, option),
    };

    /// <summary>What the framework refused, told as everything else is.</summary>
    public static Refusal OfStatus(int status) => status switch
    {
        404 => Of(404, "unknown_route", "There is nothing at this path. The API is described at /docs."),
        405 => Of(405, "method_not_allowed", "The path exists and does not take this method; the header Allow names those it takes."),
        408 => Of(408, "request_timeout", "The request came too slowly. Send it again."),
        413 => Of(413, "body_too_large", "The body is larger than this route takes."),
        414 => Of(414, "request_line_too_long", "The request line is too long. Send the options in the body."),
        415 => Of(415, "unsupported_media_type", "The route does not take a body of this Content-Type."),
        431 => Of(431, "headers_too_large", "The request's headers are too large."),
        _ => Of(status, status < 500 ? "bad_request" : "internal_error", status < 500 ? "The request is malformed." : "Muster failed. The log of the server names the cause."),
    };

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = problem.Status;
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-store";
        if (retryAfterSeconds is { } seconds)
            response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var body = JsonSerializer.SerializeToUtf8Bytes(problem, MusterJson.Sparse.Problem);
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(httpContext.Request.Method))
            await response.Body.WriteAsync(body, httpContext.RequestAborted);
    }

    static string TitleOf(int status) => Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status) is { Length: > 0 } phrase ? phrase : "Error";
}

/// <summary>Ends a request with a refusal from below a handler, where a value cannot be handed up: in the reading of a body or a query.</summary>
sealed class RefusedException(Refusal refusal) : Exception(refusal.Problem.Code)
{
    public Refusal Refusal => refusal;
}

static class SpoolRefusals
{
    /// <summary>The source that lies in the spool.</summary>
    /// <exception cref="RefusedException">It is too large, or the disk too full for it.</exception>
    public static SpooledSource OrRefuse(this SpoolResult result) => result switch
    {
        SpoolResult.Spooled spooled => spooled.Source,
        SpoolResult.TooLarge tooLarge => throw new RefusedException(Refusal.TooLarge(tooLarge.BytesMax)),
        SpoolResult.DiskFull => throw new RefusedException(Refusal.DiskFull()),
        _ => throw new InvalidOperationException("Spooling has three results."),
    };
}

static class RefusalEndpoints
{
    /// <summary>Tells the OpenAPI document which refusals an endpoint or group knows.</summary>
    public static TBuilder Refuses<TBuilder>(this TBuilder builder, params int[] statuses) where TBuilder : IEndpointConventionBuilder
    {
        foreach (var status in statuses)
            builder.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(Problem), [Refusal.ContentType]));
        return builder;
    }
}
