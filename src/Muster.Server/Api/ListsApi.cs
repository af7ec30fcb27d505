using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Muster.Client;
using Muster.Contacts;
using Muster.Server.Auth;
using Muster.Storage;

namespace Muster.Server.Api;

/// <summary><c>/v1/lists</c>.</summary>
static class ListsApi
{
    public static void MapLists(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/lists").WithTags("lists").RequireScope(KeyScope.Read).Refuses(400, 401, 403);
        group.MapGet("", ListAsync).WithSummary("The account's lists.");
        group.MapPost("", CreateAsync).RequireScope(KeyScope.Write).WithSummary("Make a list. One that is there already is answered as it is, with 200.");
        group.MapGet("/{id}", GetAsync).Refuses(404).WithSummary("One list.");
        group.MapPatch("/{id}", RenameAsync).RequireScope(KeyScope.Write).Refuses(404, 409).WithSummary("Rename a list.");
        group.MapDelete("/{id}", DeleteAsync).RequireScope(KeyScope.Write).Refuses(404).WithSummary("Remove a list; its contacts stay.");
    }

    static async Task<Ok<Client.Page<ListResource>>> ListAsync(Caller caller, IContactStore contacts, string? cursor, string? limit, CancellationToken cancellationToken) =>
        TypedResults.Ok(Paging.Of(cursor, limit).Slice(await contacts.ListsAsync(caller.Account.Id, cancellationToken), l => l.Id, Wire.List));

    static async Task<Results<Created<ListResource>, Ok<ListResource>>> CreateAsync(NameInput input, Caller caller, IContactStore contacts, CancellationToken cancellationToken)
    {
        var name = Name.Checked(input.Name, "name");
        var known = await NamedAsync(contacts, caller, name, cancellationToken) is not null;
        var list = await contacts.EnsureListAsync(caller.Account.Id, name, cancellationToken);
        return known ? TypedResults.Ok(Wire.List(list)) : TypedResults.Created($"/v1/lists/{list.Id.ToString(CultureInfo.InvariantCulture)}", Wire.List(list));
    }

    static async Task<Results<Ok<ListResource>, Refusal>> GetAsync(string id, Caller caller, IContactStore contacts, CancellationToken cancellationToken) =>
        await FindAsync(contacts, caller, id, cancellationToken) is { } list ? TypedResults.Ok(Wire.List(list)) : NotFound;

    static async Task<Results<Ok<ListResource>, Refusal>> RenameAsync(string id, NameInput input, Caller caller, IContactStore contacts, CancellationToken cancellationToken)
    {
        if (await FindAsync(contacts, caller, id, cancellationToken) is not { } list)
            return NotFound;
        var name = Name.Checked(input.Name, "name");
        if (await NamedAsync(contacts, caller, name, cancellationToken) is { } other && other.Id != list.Id)
            return Refusal.Of(409, "name_taken", "Another list of the account has that name.", "name");
        if (!await contacts.RenameListAsync(caller.Account.Id, list.Id, name, cancellationToken))
            return NotFound;
        return TypedResults.Ok(Wire.List(list with { Name = name }));
    }

    static async Task<Results<NoContent, Refusal>> DeleteAsync(string id, Caller caller, IContactStore contacts, CancellationToken cancellationToken) =>
        Ids.TryNumber(id, out var listId) && await contacts.DeleteListAsync(caller.Account.Id, listId, cancellationToken) ? TypedResults.NoContent() : NotFound;

    static async Task<ContactList?> FindAsync(IContactStore contacts, Caller caller, string id, CancellationToken cancellationToken) =>
        Ids.TryNumber(id, out var listId) ? (await contacts.ListsAsync(caller.Account.Id, cancellationToken)).FirstOrDefault(l => l.Id == listId) : null;

    static async Task<ContactList?> NamedAsync(IContactStore contacts, Caller caller, string name, CancellationToken cancellationToken) =>
        (await contacts.ListsAsync(caller.Account.Id, cancellationToken)).FirstOrDefault(l => l.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    static Refusal NotFound => Refusal.NotFound("list");
}
