using Muster.Client;
using Muster.Contacts;
using Muster.Server.Api;
using Muster.Server.Auth;
using Muster.Server.Hosting;

namespace Muster.Server.Facades.Exotel;

/// <summary>Exotel's contacts API below <c>/v2/accounts/{account_sid}</c>, and below <c>/v1/accounts</c>, where some clients look for it.</summary>
/// <remarks>What the vendor's clients read and where its names differ from each other: docs/facades/exotel.md. Every answer is JSON, and none has members that the vendor's lacks.</remarks>
sealed class ExotelFacade : Facade
{
    static readonly string[] Roots = ["/v2/accounts", "/v1/accounts"];

    public override string Name => "exotel";

    public override bool Owns(PathString path) => Roots.Any(root => path.StartsWithSegments(root, StringComparison.OrdinalIgnoreCase));

    public override void Map(IEndpointRouteBuilder routes)
    {
        var server = routes.ServiceProvider.GetRequiredService<ServerSettings>();
        var rate = new RequestRate(server.ExotelRequestsPerMinute, TimeSpan.FromMinutes(1));
        foreach (var root in Roots)
        {
            var group = routes.MapGroup(root + "/{accountSid}").AddEndpointFilter(IsOwnAccountAsync).AddEndpointFilter(rate).WithMetadata(new BodyLimit(server.FacadeBodyBytesMax, overhead: 0, "facade_body_bytes_max"));
            Map(group, server);
        }
    }

    static void Map(RouteGroupBuilder group, ServerSettings server)
    {
        var file = new BodyLimit(server.ExotelFileBytesMax, CsvIntake.BodyOverhead, "exotel_file_bytes_max");
        Writing(group.MapPost("/contacts/csv-upload", CsvUploads.CreateAsync)).WithMetadata(file);
        Writing(group.MapPut("/contacts/csv-upload/{listSid}", CsvUploads.AddAsync)).WithMetadata(file);
        Reading(group.MapGet("/contacts/csv-upload/{listSid}", CsvUploads.HeadersAsync));
        Reading(group.MapGet("/csv-status/{uploadId}", CsvUploads.StatusAsync));

        Writing(group.MapPost("/lists", ExotelLists.CreateAsync));
        Reading(group.MapGet("/lists", ExotelLists.PageAsync));
        Writing(group.MapPut("/lists", ExotelLists.ChangeManyAsync));
        Reading(group.MapGet("/lists/{listSid}", ExotelLists.GetAsync));
        Writing(group.MapPut("/lists/{listSid}", ExotelLists.ChangeAsync));
        Writing(group.MapDelete("/lists/{listSid}", ExotelLists.DeleteAsync));
        Writing(group.MapPost("/lists/{listSid}/contacts", ListContacts.AddAsync));
        Reading(group.MapGet("/lists/{listSid}/contacts", ListContacts.PageAsync));
        Writing(group.MapDelete("/lists/{listSid}/contacts/{contactSid}", ListContacts.RemoveAsync));

        Writing(group.MapPost("/contacts", ExotelContacts.CreateAsync));
        Reading(group.MapGet("/contacts", ExotelContacts.PageAsync));
        Writing(group.MapPut("/contacts", ExotelContacts.ChangeManyAsync));
        Reading(group.MapGet("/contacts/{contactSid}", ExotelContacts.GetAsync));
        Writing(group.MapPut("/contacts/{contactSid}", ExotelContacts.ChangeAsync));
        Writing(group.MapDelete("/contacts/{contactSid}", ExotelContacts.DeleteAsync));
    }

    static RouteHandlerBuilder Reading(RouteHandlerBuilder route) => route.RequireScope(KeyScope.Read);

    static RouteHandlerBuilder Writing(RouteHandlerBuilder route) => route.RequireScope(KeyScope.Write);

    /// <summary>An account that is not the key's own is answered as a wrong key.</summary>
    static ValueTask<object?> IsOwnAccountAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (http.Features.Get<Caller>()?.Account.Sid is { } sid && sid == http.GetRouteValue("accountSid") as string)
            return next(context);
        throw new RefusedException(Refusal.Unauthorized(missing: false));
    }

    /// <summary>The envelope of a single answer; <c>error_data.description</c> is what clients show.</summary>
    public override Task RefuseAsync(HttpContext context, Problem problem) => Envelope.FailAsync(context, StatusOf(problem), problem.Status == 401 ? "Authentication failed" : problem.Detail);

    /// <summary>The vendor's documents know no 413, 415 and 507.</summary>
    static int StatusOf(Problem problem) => problem.Status switch
    {
        413 or 414 or 415 or 422 => 400,
        507 => problem.Code == ErrorCode.SpoolQuotaExceeded.Name() ? 402 : 503,
        _ => problem.Status,
    };
}
