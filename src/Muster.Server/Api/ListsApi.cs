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
    const int TagLengthMax = 200;

    public static void MapLists(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/lists").WithTags("lists").RequireScope(KeyScope.Read).Refuses(400, 401, 403);
        group.MapGet("", ListAsync).WithSummary("The account's lists.");
        group.MapPost("", CreateAsync).RequireScope(KeyScope.Write).WithSummary("Make a list. One that is there already is answered as it is, with 200.");
        group.MapGet("/{id}", GetAsync).Refuses(404).WithSummary("One list.");
        group.MapPatch("/{id}", ChangeAsync).RequireScope(KeyScope.Write).Refuses(404, 409).WithSummary("Change a list: its name, visibility, tag, limit or variables.");
        group.MapGet("/{id}/members", MembersAsync).Refuses(404).WithSummary("A list's members in order of contact, with their variables.");
        group.MapDelete("/{id}", DeleteAsync).RequireScope(KeyScope.Write).Refuses(404).WithSummary("Remove a list; its contacts stay.");
        group.MapDelete("/{id}/contacts/{contactId}", RemoveMemberAsync).RequireScope(KeyScope.Write).Refuses(404).WithSummary("Take a contact off a list; it stays in the account.");
    }

    static async Task<Ok<Client.Page<ListResource>>> ListAsync(Caller caller, IContactStore contacts, string? cursor, string? limit, CancellationToken cancellationToken) =>
        TypedResults.Ok(Paging.Of(cursor, limit).Slice(await contacts.ListsAsync(caller.Account.Id, cancellationToken), l => l.Id, Wire.List));

    static async Task<Results<Created<ListResource>, Ok<ListResource>, Refusal>> CreateAsync(
        ListInput input, Caller caller, IContactStore contacts, MusterSettings settings, CancellationToken cancellationToken)
    {
        var name = Name.Checked(input.Name, "name");
        if (input.Kind is not (null or ListKinds.Static or ListKinds.Dynamic))
            return Refusal.BadBody($"kind is {ListKinds.Static} or {ListKinds.Dynamic}.", "kind");
        if (await contacts.CreateListAsync(caller.Account.Id, name, ChangeOf(input, input.Kind ?? ListKinds.Static, settings), cancellationToken) is { } list)
            return TypedResults.Created($"/v1/lists/{list.Id.ToString(CultureInfo.InvariantCulture)}", Wire.List(list));
        return await NamedAsync(contacts, caller, name, cancellationToken) is { } known ? TypedResults.Ok(Wire.List(known)) : NotFound;
    }

    static ListChange ChangeOf(ListInput input, string kind, MusterSettings settings)
    {
        Visibility? visibility = null;
        if (input.Visibility is not null)
            visibility = Wire.TryWord<Visibility>(input.Visibility, out var word) ? word : throw new RefusedException(Refusal.BadBody($"visibility is one of {Wire.WordsOf<Visibility>()}.", "visibility"));
        if (input.Tag is { Length: > TagLengthMax } || input.Tag?.Any(char.IsControl) == true)
            throw new RefusedException(Refusal.BadBody($"tag has at most {TagLengthMax} characters and no control character.", "tag"));
        if (input.MembersMax < 0)
            throw new RefusedException(Refusal.BadBody("members_max is a whole number; 0 takes the limit away.", "members_max"));
        return new(null, visibility, input.Tag, input.MembersMax, kind, VariablesOf(input, kind, settings));
    }

    static string[]? VariablesOf(ListInput input, string kind, MusterSettings settings)
    {
        if (input.Variables is not { } variables)
            return null;
        if (kind != ListKinds.Dynamic && variables.Count > 0)
            throw new RefusedException(Refusal.BadBody("Only a list of kind dynamic has variables.", "variables"));
        string[] names = [.. variables.Select(v => FieldTarget.TryParse("variable:" + v, out var target) ? target.Name ?? "" : "").Distinct(StringComparer.OrdinalIgnoreCase)];
        return names.Length == variables.Count && names.Length <= settings.ListVariablesMax && !names.Contains("") ? names : throw new RefusedException(Refusal.BadBody(
            $"variables are at most {settings.ListVariablesMax} different names (list_variables_max) of at most {FieldTarget.NameBytesMax} bytes.", "variables"));
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
        var change = ChangeOf(input, list.Kind, settings) with { Name = input.Name is null ? null : Name.Checked(input.Name, "name") };
        if (change.Name is { } name && await NamedAsync(contacts, caller, name, cancellationToken) is { } other && other.Id != list.Id)
            return Refusal.Of(409, "name_taken", "Another list of the account has that name.", "name");
        if (!await contacts.ChangeListAsync(caller.Account.Id, list.Id, change, cancellationToken) || await FindAsync(contacts, caller, id, cancellationToken) is not { } changed)
            return NotFound;
        return TypedResults.Ok(Wire.List(changed));
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

    static async Task<Results<NoContent, Refusal>> RemoveMemberAsync(string id, string contactId, Caller caller, IContactStore contacts, CancellationToken cancellationToken) =>
        Ids.TryNumber(id, out var listId) && Ids.TryNumber(contactId, out var contact) && await contacts.RemoveMembersAsync(caller.Account.Id, listId, [contact], cancellationToken) == 1
            ? TypedResults.NoContent() : Refusal.NotFound("member of the list");

    static async Task<Results<NoContent, Refusal>> DeleteAsync(string id, Caller caller, IContactStore contacts, CancellationToken cancellationToken) =>
        Ids.TryNumber(id, out var listId) && await contacts.DeleteListAsync(caller.Account.Id, listId, cancellationToken) ? TypedResults.NoContent() : NotFound;

    static async Task<ContactList?> FindAsync(IContactStore contacts, Caller caller, string id, CancellationToken cancellationToken) =>
        Ids.TryNumber(id, out var listId) ? (await contacts.ListsAsync(caller.Account.Id, cancellationToken)).FirstOrDefault(l => l.Id == listId) : null;

    static async Task<ContactList?> NamedAsync(IContactStore contacts, Caller caller, string name, CancellationToken cancellationToken) =>
        (await contacts.ListsAsync(caller.Account.Id, cancellationToken)).FirstOrDefault(l => l.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    static Refusal NotFound => Refusal.NotFound("list");
}
