using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Muster.Client;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Server.Auth;
using Muster.Storage;

namespace Muster.Server.Api;

/// <summary><c>/v1/contacts</c>.</summary>
static class ContactsApi
{
    public static void MapContacts(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/contacts").WithTags("contacts").RequireScope(KeyScope.Read).Refuses(400, 401, 403);
        group.MapGet("", ListAsync).WithSummary("Contacts in order of id, all of them or those that every given filter fits.");
        group.MapGet("/export", ContactExport.WriteAsync).Produces(200, null, "text/csv", "application/x-ndjson").WithSummary("All contacts, or those that the filters fit, as one CSV or NDJSON file.");
        group.MapGet("/{id}", GetAsync).Refuses(404).WithSummary("One contact.");
        group.MapHistory();
        group.MapPost("", WriteAsync).RequireScope(KeyScope.Write).Accepts<ContactInput>("application/json").Refuses(413, 415, 422)
            .WithSummary("Create a contact, or update the one that the account's match finds.");
        group.MapPatch("/{id}", PatchAsync).RequireScope(KeyScope.Write).Accepts<ContactInput>("application/json").Refuses(404, 413, 415, 422)
            .WithSummary("Change one contact: absent leaves a field alone, null clears it.");
        group.MapDelete("/{id}", DeleteAsync).RequireScope(KeyScope.Write).Refuses(404).WithSummary("Erase a contact, with its values in the ledger and in the sources it came with.");
    }

    static async Task<Ok<Client.Page<ContactResource>>> ListAsync(
        Caller caller, IContactStore contacts, string? cursor, string? limit, [AsParameters] ContactFilterQuery query, CancellationToken cancellationToken)
    {
        var paging = Paging.Of(cursor, limit);
        if (await query.FilterAsync(contacts, caller.Account.Id, cancellationToken) is not { } filter)
            return TypedResults.Ok(new Client.Page<ContactResource>([], null));
        var page = await paging.OfStoreAsync((at, items) => contacts.ListAsync(caller.Account.Id, filter, at, items, cancellationToken));
        return TypedResults.Ok(new Client.Page<ContactResource>([.. page.Items.Select(Wire.Contact)], page.NextCursor));
    }

    static async Task<Results<Ok<ContactResource>, Refusal>> GetAsync(string id, Caller caller, IContactStore contacts, CancellationToken cancellationToken) =>
        Ids.TryNumber(id, out var contactId) && await contacts.GetAsync(caller.Account.Id, contactId, cancellationToken) is { } contact
            ? TypedResults.Ok(Wire.Contact(contact)) : NotFound;

    static async Task<Results<Created<ContactResource>, Ok<ContactResource>, Refusal>> WriteAsync(
        HttpRequest request, Caller caller, ContactWriter writer, IContactStore contacts, CancellationToken cancellationToken)
    {
        var change = await ContactReading.ReadAsync(request, cancellationToken);
        var result = await writer.UpsertAsync(caller.Account, change, cancellationToken);
        if (result is not ContactWriteResult.Written written)
            return RefusalOf(result);
        if (await contacts.GetAsync(caller.Account.Id, written.ContactId, cancellationToken) is not { } contact)
            return NotFound;
        return written.Outcome == Outcome.Created
            ? TypedResults.Created($"/v1/contacts/{contact.Id.ToString(CultureInfo.InvariantCulture)}", Wire.Contact(contact))
            : TypedResults.Ok(Wire.Contact(contact));
    }

    static async Task<Results<Ok<ContactResource>, Refusal>> PatchAsync(
        string id, HttpRequest request, Caller caller, ContactWriter writer, IContactStore contacts, CancellationToken cancellationToken)
    {
        if (!Ids.TryNumber(id, out var contactId) || await contacts.GetAsync(caller.Account.Id, contactId, cancellationToken) is null)
            return NotFound;
        var change = await ContactReading.ReadAsync(request, cancellationToken);
        var result = await writer.PatchAsync(caller.Account, contactId, change, cancellationToken);
        if (result is not ContactWriteResult.Written)
            return RefusalOf(result);
        return await contacts.GetAsync(caller.Account.Id, contactId, cancellationToken) is { } contact ? TypedResults.Ok(Wire.Contact(contact)) : NotFound;
    }

    static async Task<Results<NoContent, Refusal>> DeleteAsync(string id, Caller caller, ContactEraser eraser, CancellationToken cancellationToken) =>
        Ids.TryNumber(id, out var contactId) && await eraser.EraseAsync(caller.Account.Id, contactId, cancellationToken) ? TypedResults.NoContent() : NotFound;

    static Refusal RefusalOf(ContactWriteResult result)
    {
        if (result is not ContactWriteResult.Rejected { Errors: [var first, ..] errors })
            return NotFound;
        return Refusal.Of(422, first.Code.Name(), first.Code.Message(), first.Field, [.. errors.Select(e => new FieldProblem(e.Field, e.Code.Name(), e.Code.Message()))]);
    }

    static Refusal NotFound => Refusal.NotFound("contact");
}

/// <summary>The filters of a contact list. All hold at once.</summary>
/// <remarks>Properties and no constructor: what generates the route handlers cannot write down the types of nullable parameters.</remarks>
sealed record ContactFilterQuery
{
    [FromQuery(Name = "list_id"), Description("Id of a list that they are in.")]
    public string? ListId { get; init; }

    [FromQuery(Name = "list"), Description("Name of a list that they are in.")]
    public string? List { get; init; }

    [FromQuery(Name = "tag"), Description("Name of a tag that they have.")]
    public string? Tag { get; init; }

    [FromQuery(Name = "phone"), Description("E.164, with or without the plus.")]
    public string? Phone { get; init; }

    [FromQuery(Name = "email"), Description("The whole address.")]
    public string? Email { get; init; }

    [FromQuery(Name = "external_id"), Description("The whole external id.")]
    public string? ExternalId { get; init; }

    [FromQuery(Name = "q"), Description("Case-insensitive part of e-mail, external id, names or company, or of the phone's digits.")]
    public string? Q { get; init; }

    [FromQuery(Name = "status"), Description("active or opted_out.")]
    public string? Status { get; init; }

    /// <summary>The store's filter; null when no contact can fit, such as those of a list that does not exist.</summary>
    public async Task<ContactFilter?> FilterAsync(IContactStore contacts, int accountId, CancellationToken cancellationToken)
    {
        int? listId = null, tagId = null;
        if (Given(ListId) is { } idText)
        {
            if (!Ids.TryNumber(idText, out var id))
                throw new RefusedException(Refusal.BadParameter("list_id", "write a list's id."));
            if (!(await contacts.ListsAsync(accountId, cancellationToken)).Any(l => l.Id == id))
                return null;
            listId = id;
        }
        if (Given(List) is { } list)
        {
            var id = (await contacts.ListsAsync(accountId, cancellationToken)).FirstOrDefault(l => l.Name.Equals(list, StringComparison.OrdinalIgnoreCase))?.Id;
            if (id is null || (listId is not null && listId != id))
                return null;
            listId = id;
        }
        if (Given(Tag) is { } tag)
        {
            tagId = (await contacts.TagsAsync(accountId, cancellationToken)).FirstOrDefault(t => t.Name.Equals(tag, StringComparison.OrdinalIgnoreCase))?.Id;
            if (tagId is null)
                return null;
        }
        if (Given(Status) is not (null or "active" or ConsentRecord.OptedOut))
            throw new RefusedException(Refusal.BadParameter("status", "write active or opted_out."));
        if (Given(Q)?.Contains('\0', StringComparison.Ordinal) == true)
            throw new RefusedException(Refusal.BadParameter("q", "it holds a NUL, which no contact does.")); // the store's search would end there and find everybody
        return new(listId, tagId, PhoneDigits(), Given(Email)?.Trim().ToLowerInvariant(), Given(ExternalId), Given(Q)?.Trim(), Status: Given(Status));
    }

    /// <summary>In a query a bare plus arrives as a blank. A number without its country code is refused: nobody has it, and an empty answer would tell nothing.</summary>
    long? PhoneDigits()
    {
        if (Given(Phone) is not { } phone)
            return null;
        var text = phone.AsSpan().TrimStart(" +");
        return text is [not '0', ..] && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var digits)
            ? digits : throw new RefusedException(Refusal.BadParameter("phone", "write the number as E.164, such as %2B447700900123."));
    }

    static string? Given(string? value) => string.IsNullOrEmpty(value) ? null : value;
}

/// <summary>Ids in paths.</summary>
static class Ids
{
    public static bool TryNumber(string text, out int id) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id) && id > 0;
}
