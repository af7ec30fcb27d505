using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Muster.Client;
using Muster.Contacts;
using Muster.Server.Auth;
using Muster.Storage;

namespace Muster.Server.Api;

/// <summary><c>/v1/tags</c>.</summary>
static class TagsApi
{
    public static void MapTags(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/tags").WithTags("tags").RequireScope(KeyScope.Read).Refuses(400, 401, 403);
        group.MapGet("", ListAsync).WithSummary("The account's tags.");
        group.MapPost("", CreateAsync).RequireScope(KeyScope.Write).WithSummary("Make a tag. One that is there already is answered as it is, with 200.");
        group.MapGet("/{id}", GetAsync).Refuses(404).WithSummary("One tag.");
        group.MapDelete("/{id}", DeleteAsync).RequireScope(KeyScope.Write).Refuses(404).WithSummary("Remove a tag from the account and its contacts.");
    }

    static async Task<Ok<Client.Page<TagResource>>> ListAsync(Caller caller, IContactStore contacts, string? cursor, string? limit, CancellationToken cancellationToken) =>
        TypedResults.Ok(Paging.Of(cursor, limit).Slice(await contacts.TagsAsync(caller.Account.Id, cancellationToken), t => t.Id, Wire.Tag));

    static async Task<Results<Created<TagResource>, Ok<TagResource>>> CreateAsync(NameInput input, Caller caller, IContactStore contacts, CancellationToken cancellationToken)
    {
        var name = Name.Checked(input.Name, "name");
        var known = (await contacts.TagsAsync(caller.Account.Id, cancellationToken)).Any(t => t.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        var tag = await contacts.EnsureTagAsync(caller.Account.Id, name, cancellationToken);
        return known ? TypedResults.Ok(Wire.Tag(tag)) : TypedResults.Created($"/v1/tags/{tag.Id.ToString(CultureInfo.InvariantCulture)}", Wire.Tag(tag));
    }

    static async Task<Results<Ok<TagResource>, Refusal>> GetAsync(string id, Caller caller, IContactStore contacts, CancellationToken cancellationToken) =>
        Ids.TryNumber(id, out var tagId) && (await contacts.TagsAsync(caller.Account.Id, cancellationToken)).FirstOrDefault(t => t.Id == tagId) is { } tag
            ? TypedResults.Ok(Wire.Tag(tag)) : NotFound;

    static async Task<Results<NoContent, Refusal>> DeleteAsync(string id, Caller caller, IContactStore contacts, CancellationToken cancellationToken) =>
        Ids.TryNumber(id, out var tagId) && await contacts.DeleteTagAsync(caller.Account.Id, tagId, cancellationToken) ? TypedResults.NoContent() : NotFound;

    static Refusal NotFound => Refusal.NotFound("tag");
}
