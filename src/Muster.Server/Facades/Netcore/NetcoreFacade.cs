using Muster.Client;
using Muster.Contacts;
using Muster.Server.Auth;
using Muster.Server.Hosting;
using Muster.Storage;

namespace Muster.Server.Facades.Netcore;

/// <summary>Netcore Smartech's <c>/apiv2</c>, and <c>/API/mailing</c> of its older XML clients: one address, dispatched by type and activity.</summary>
sealed class NetcoreFacade : Facade
{
    const int NameMax = 200;

    public override string Name => "netcore";

    public override bool Owns(PathString path) =>
        path.StartsWithSegments("/apiv2", StringComparison.OrdinalIgnoreCase) || path.StartsWithSegments("/API/mailing", StringComparison.OrdinalIgnoreCase);

    public override void Map(IEndpointRouteBuilder routes)
    {
        foreach (var path in (string[])["/apiv2", "/API/mailing"])
            routes.MapMethods(path, [HttpMethods.Get, HttpMethods.Post], AnswerAsync);
    }

    /// <summary><c>{"result":"…"}</c>, never "Success".</summary>
    public override Task RefuseAsync(HttpContext context, Problem problem) =>
        new NetcoreAnswer(problem.Status, problem.Status is 401 or 403 ? "Invalid API key" : problem.Detail)
            .WriteAsync(context, xml: false, context.RequestServices.GetRequiredService<ServerSettings>());

    static async Task AnswerAsync(HttpContext context, KeyRing keys, BulkUpload uploads, ContactActivities activities, IContactStore contacts, ServerSettings server, CancellationToken cancellationToken)
    {
        var request = await NetcoreRequest.ReadAsync(context.Request, cancellationToken);
        var xml = request.IsXml;
        var document = xml ? NetcoreXml.Parse(request["data"]!) : null; // IsXml says that there is data
        var answer = await CallerAsync(context, keys, document?.ApiKey ?? request["apikey"], cancellationToken) is { } caller
            ? await DispatchAsync(request, document, caller, uploads, activities, contacts, cancellationToken)
            : NetcoreAnswer.BadKey;
        await answer.WriteAsync(context, xml, server);
    }

    static async Task<NetcoreAnswer> DispatchAsync(
        NetcoreRequest request, NetcoreXml? document, Caller caller, BulkUpload uploads, ContactActivities activities, IContactStore contacts, CancellationToken cancellationToken)
    {
        var called = $"{request["type"]} {request["activity"]}".ToLowerInvariant();
        if (request.IsXml)
        {
            if (document is null)
                return NetcoreAnswer.Bad("Invalid data");
            return called switch
            {
                "list add" => await AddListAsync(document, caller, contacts, cancellationToken),
                "list dataupload" => document["LID"] is null
                    ? NetcoreAnswer.Bad("Invalid listid")
                    : await uploads.StartAsync(caller, new(document.Raw("Path"), document["LID"], document["NotifyEmail"], document["CallbackUrl"]), cancellationToken),
                _ => NetcoreAnswer.Bad("Invalid type or activity"),
            };
        }
        var (data, list) = (request["data"], request["listid"]);
        return called switch
        {
            "contact bulkupload" => await uploads.StartAsync(caller, new(request.Raw("path"), list, request["notifyemail"], request["callback"]), cancellationToken),
            "contact add" or "contact update" => await activities.WriteAsync(caller, data, list, told: false, cancellationToken),
            "contact addsync" => await activities.WriteAsync(caller, data, list, told: true, cancellationToken),
            "contact delete" => await activities.RemoveAsync(caller, data, list, cancellationToken),
            _ => NetcoreAnswer.Bad("Invalid type or activity"),
        };
    }

    static async Task<NetcoreAnswer> AddListAsync(NetcoreXml document, Caller caller, IContactStore contacts, CancellationToken cancellationToken)
    {
        if (document["Name"] is not { Length: <= NameMax } name || name.Any(char.IsControl))
            return NetcoreAnswer.Bad("Invalid data");
        return NetcoreAnswer.Done(default, (await contacts.EnsureListAsync(caller.Account.Id, name, cancellationToken)).Id);
    }

    /// <summary>The caller whose key may write; the vendor's key, or else an Authorization header.</summary>
    static async Task<Caller?> CallerAsync(HttpContext context, KeyRing keys, string? key, CancellationToken cancellationToken)
    {
        var given = key is not null ? KeyMint.TrySplit(key, out var id, out var secret) : KeyHeader.TryRead(context.Request, out id, out secret);
        return given && await keys.FindAsync(id, secret, cancellationToken) is { Key.Scope: >= KeyScope.Write } caller ? caller : null;
    }
}
