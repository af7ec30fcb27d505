using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Muster.Client;
using Muster.Contacts;
using Muster.Mapping;
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
        group.MapPatch("/{id}", ChangeAsync).RequireScope(KeyScope.Write).Refuses(404, 409).WithSummary("Change a list's name, tag, limit or variables.");
        group.MapGet("/{id}/members", MembersAsync).Refuses(404).WithSummary("A list's members in order of contact, with their variables.");
        group.MapDelete("/{id}", DeleteAsync).RequireScope(KeyScope.Write).Refuses(404).WithSummary("Remove a list; its contacts stay.");
    }

    static async Task<Ok<Client.Page<ListResource>>> ListAsync(Caller caller, IContactStore contacts, string? cursor, string? limit, CancellationToken cancellationToken) =>
        TypedResults.Ok(Paging.Of(cursor, limit).Slice(await contacts.ListsAsync(caller.Account.Id, cancellationToken), l => l.Id, Wire.List));

    static async Task<Results<Created<ListResource>, Ok<ListResource>, Refusal>> CreateAsync(
        ListInput input, Caller caller, IContactStore contacts, MusterSettings settings, CancellationToken cancellationToken)
    {
        var name = Name.Checked(input.Name, "name");
        if (input.Kind is not (null or ListKinds.Static or ListKinds.Dynamic))
            return Refusal.BadBody("kind is static or dynamic.", "kind");
        if (Refuse(input, input.Kind ?? ListKinds.Static, settings) is { } refusal)
            return refusal;
        var definition = new ListDefinition(
            name, input.Kind ?? ListKinds.Static, input.MembersMax is 0 ? null : input.MembersMax, input.Tag is { Length: > 0 } tag ? tag : null, Clean(input.Variables));
        var (list, made) = await contacts.EnsureListAsync(caller.Account.Id, definition, cancellationToken);
        return made ? TypedResults.Created($"/v1/lists/{list.Id.ToString(CultureInfo.InvariantCulture)}", Wire.List(list)) : TypedResults.Ok(Wire.List(list));
    }

    static async Task<Results<Ok<ListResource>, Refusal>> GetAsync(string id, Caller caller, IContactStore contacts, CancellationToken cancellationToken) =>
        await FindAsync(contacts, caller, id, cancellationToken) is { } list ? TypedResults.Ok(Wire.List(list)) : NotFound;

    static async Task<Results<Ok<ListResource>, Refusal>> ChangeAsync(
        string id, ListInput input, Caller caller, IContactStore contacts, MusterSettings settings, CancellationToken cancellationToken)
    {
        if (await FindAsync(contacts, caller, id, cancellationToken) is not { } list)
            return NotFound;
        if (input.Kind is not null && input.Kind != list.Kind)
            return Refusal.BadBody("A list keeps its kind. Make another list.", "kind");
        if (Refuse(input, list.Kind, settings) is { } refusal)
            return refusal;
        var name = input.Name is null ? null : Name.Checked(input.Name, "name");
        if (name is not null && await NamedAsync(contacts, caller, name, cancellationToken) is { } other && other.Id != list.Id)
            return Refusal.Of(409, "name_taken", "Another list of the account has that name.", "name");
        var change = new ListChange(name, input.MembersMax, input.Tag, input.Variables is null ? null : Clean(input.Variables));
        return await contacts.ChangeListAsync(caller.Account.Id, list.Id, change, cancellationToken) is { } changed ? TypedResults.Ok(Wire.List(changed)) : NotFound;
    }

    static async Task<Results<Ok<Client.Page<MemberResource>>, Refusal>> MembersAsync(
        string id, Caller caller, IContactStore contacts, string? cursor, string? limit, CancellationToken cancellationToken)
    {
        var paging = Paging.Of(cursor, limit);
        var after = (int)Math.Min(paging.CursorNumber(), int.MaxValue);
        if (await FindAsync(contacts, caller, id, cancellationToken) is not { } list)
            return NotFound;
        var members = await contacts.MembersAsync(caller.Account.Id, list.Id, after, paging.Limit + 1, cancellationToken);
        var page = members.Take(paging.Limit).Select(Wire.Member).ToList();
        return TypedResults.Ok(new Client.Page<MemberResource>(page, members.Count > page.Count ? page[^1].ContactId.ToString(CultureInfo.InvariantCulture) : null));
    }

    static Refusal? Refuse(ListInput input, string kind, MusterSettings settings)
    {
        if (input.MembersMax < 0)
            return Refusal.BadBody("members_max is a number of contacts; 0 takes the limit away.", "members_max");
        if (input.Tag is { Length: > Name.LengthMax } || input.Tag?.Any(char.IsControl) == true)
            return Refusal.BadBody($"tag has at most {Name.LengthMax} characters and no control character.", "tag");
        if (input.Variables is not { Count: > 0 } variables)
            return null;
        if (kind != ListKinds.Dynamic)
            return Refusal.BadBody("Only a list of kind dynamic has variables.", "variables");
        var clean = Clean(variables);
        return clean.Length != variables.Count || clean.Length > settings.ListVariablesMax || !clean.All(v => FieldTarget.TryParse("variable:" + v, out _))
            ? Refusal.BadBody($"variables are up to {settings.ListVariablesMax} different names of at most {FieldTarget.NameBytesMax} bytes.", "variables")
            : null;
    }

    static string[] Clean(IReadOnlyList<string>? variables) =>
        [.. (variables ?? []).Select(v => FieldTarget.TryParse("variable:" + v, out var target) ? target.Name ?? "" : "").Distinct(StringComparer.OrdinalIgnoreCase)];

    static async Task<Results<NoContent, Refusal>> DeleteAsync(string id, Caller caller, IContactStore contacts, CancellationToken cancellationToken) =>
        Ids.TryNumber(id, out var listId) && await contacts.DeleteListAsync(caller.Account.Id, listId, cancellationToken) ? TypedResults.NoContent() : NotFound;

    static async Task<ContactList?> FindAsync(IContactStore contacts, Caller caller, string id, CancellationToken cancellationToken) =>
        Ids.TryNumber(id, out var listId) ? (await contacts.ListsAsync(caller.Account.Id, cancellationToken)).FirstOrDefault(l => l.Id == listId) : null;

    static async Task<ContactList?> NamedAsync(IContactStore contacts, Caller caller, string name, CancellationToken cancellationToken) =>
        (await contacts.ListsAsync(caller.Account.Id, cancellationToken)).FirstOrDefault(l => l.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    static Refusal NotFound => Refusal.NotFound("list");
}
