using System.Text.Json;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Server.Hosting;
using Muster.Storage;

namespace Muster.Server.Facades.Exotel;

/// <summary><c>/lists/{list_sid}/contacts</c>: contacts that are there already, into a list and out of it.</summary>
static class ListContacts
{
    /// <summary>E11. Who is in the list already counts as success; nobody's fields change.</summary>
    public static async Task AddAsync(
        string listSid, HttpContext context, ExotelCaller caller, IContactStore contacts, ContactWriter writer, ServerSettings server, CancellationToken cancellationToken)
    {
        var list = await ExotelLists.FindAsync(contacts, caller, listSid, cancellationToken);
        using var body = await JsonBody.ObjectAsync(context.Request, cancellationToken);
        var ids = Reading.Items(body, "contact_references", server.ExotelItemsMax)
            .ConvertAll(item => caller.Wire.ContactId(item.ValueKind == JsonValueKind.String ? item.GetString() : JsonBody.Text(item, "contact_sid") ?? JsonBody.Text(item, "sid")));
        int[] distinct = [.. ids.OfType<int>().Distinct()];
        var most = ExotelLimits.Of(caller.Account, server).MembersMax(list.Kind);
        var results = distinct.Length == 0 ? [] : await writer.JoinAsync(caller.Account, list.Id, distinct, cancellationToken, most);
        var byContact = distinct.Zip(results).ToDictionary(p => p.First, p => p.Second);
        await Envelope.BulkAsync(context, ids.ConvertAll(id => AnswerOf(id is { } known ? byContact[known] : null, id, caller, list, most)));
    }

    static BulkItem AnswerOf(ContactWriteResult? result, int? contact, ExotelCaller caller, ContactList list, long? most) => result switch
    {
        ContactWriteResult.Written when contact is { } id => new(200, null, json => ExotelWire.Member(json, caller.Wire.ContactSid(id), caller.Wire.SidOf(list))),
        ContactWriteResult.Rejected { Errors: [var error, ..] } => new(400, error.Code == ErrorCode.ListFull ? $"The list holds as many contacts as it may: {Math.Min(list.MembersMax ?? long.MaxValue, most ?? long.MaxValue)}" : error.Code.Message(), null),
        _ => new(404, ExotelContacts.Unknown, null),
    };

    /// <summary>E12. A dynamic list's contacts carry its variables as <c>custom</c>.</summary>
    public static async Task PageAsync(string listSid, HttpContext context, ExotelCaller caller, IContactStore contacts, ServerSettings server, CancellationToken cancellationToken)
    {
        var list = await ExotelLists.FindAsync(contacts, caller, listSid, cancellationToken);
        var (offset, limit) = Reading.Page(context.Request.Query, server.ExotelItemsMax);
        var slice = await contacts.SliceAsync(caller.Account.Id, new([list.Id]), new(offset, limit), cancellationToken);
        var variables = new Dictionary<int, IReadOnlyDictionary<string, string>>();
        if (list.Kind == ListKinds.Dynamic && slice.Items is [var first, ..])
        {
            foreach (var member in await contacts.MembersAsync(caller.Account.Id, list.Id, first.Id - 1, slice.Items.Count, cancellationToken))
                variables[member.ContactId] = member.Variables;
        }
        var items = slice.Items.Select(c => new BulkItem(200, null, json => caller.Wire.Contact(json, c, variables.GetValueOrDefault(c.Id)))).ToList();
        await Envelope.PageAsync(context, items, new(slice.Total, limit, offset));
    }

    /// <summary>E13: the contact stays in the account.</summary>
    public static async Task RemoveAsync(string listSid, string contactSid, HttpContext context, ExotelCaller caller, IContactStore contacts, CancellationToken cancellationToken)
    {
        var list = await ExotelLists.FindAsync(contacts, caller, listSid, cancellationToken);
        if (caller.Wire.ContactId(contactSid) is not { } contact || await contacts.RemoveMembersAsync(caller.Account.Id, list.Id, [contact], cancellationToken) == 0)
            throw Reading.NotFound("contact in the list");
        await Envelope.SingleAsync(context, json => ExotelWire.Member(json, caller.Wire.ContactSid(contact), caller.Wire.SidOf(list)));
    }
}
