using System.Text.Json;
using Muster.Contacts;
using Muster.Server.Hosting;
using Muster.Storage;

namespace Muster.Server.Facades.Exotel;

/// <summary><c>/lists</c>.</summary>
static class ExotelLists
{
    enum Order { Created, Name }

    static readonly Dictionary<string, Order> Orders = new() { ["date_created"] = Order.Created, ["name"] = Order.Name };

    /// <summary>The list of that sid. One that is none, a foreign one and an unknown one are the same.</summary>
    public static async Task<ContactList> FindAsync(IContactStore contacts, ExotelCaller caller, string sid, CancellationToken cancellationToken) =>
        await TryFindAsync(contacts, caller, sid, cancellationToken) ?? throw Reading.NotFound("list");

    /// <summary>E5.</summary>
    public static async Task CreateAsync(HttpContext context, ExotelCaller caller, IContactStore contacts, ServerSettings server, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ObjectAsync(context.Request, cancellationToken);
        var answers = new List<BulkItem>();
        foreach (var item in Reading.Items(body, "lists", server.ExotelItemsMax))
            answers.Add(await CreateOneAsync(item, caller, contacts, cancellationToken));
        await Envelope.BulkAsync(context, answers);
    }

    static async Task<BulkItem> CreateOneAsync(JsonElement item, ExotelCaller caller, IContactStore contacts, CancellationToken cancellationToken)
    {
        var name = JsonBody.Text(item, "name")?.Trim();
        var tag = JsonBody.Text(item, "tag");
        var kind = JsonBody.Text(item, "type")?.Trim().ToLowerInvariant() is { Length: > 0 } type ? type : ListKinds.Static;
        if ((Reading.NameFault(name) ?? TagFault(tag)) is { } fault)
            return new(400, fault, null);
        if (kind is not (ListKinds.Static or ListKinds.Dynamic))
            return new(400, "type must be static or dynamic", null);
        return await contacts.CreateListAsync(caller.Account.Id, name ?? "", new(Kind: kind, Tag: tag), cancellationToken) is { } list
            ? new(200, null, json => caller.Wire.List(json, list))
            : new(409, "List already exists", null);
    }

    /// <summary>E6. The list that has exactly the name asked for comes first, unless an order is asked for.</summary>
    public static async Task PageAsync(HttpContext context, ExotelCaller caller, IContactStore contacts, ServerSettings server, CancellationToken cancellationToken)
    {
        var query = context.Request.Query;
        var (offset, limit) = Reading.Page(query, server.ExotelItemsMax);
        var sort = Reading.Sort(query, Orders);
        IEnumerable<ContactList> lists = await contacts.ListsAsync(caller.Account.Id, cancellationToken);
        if (query["name"].FirstOrDefault()?.Trim() is { Length: > 0 } name)
        {
            lists = lists.Where(l => l.Name.Contains(name, StringComparison.OrdinalIgnoreCase))
                .OrderBy(l => l.Name.Equals(name, StringComparison.Ordinal) ? 0 : l.Name.Equals(name, StringComparison.OrdinalIgnoreCase) ? 1 : 2).ThenBy(l => l.Id);
        }
        lists = sort switch
        {
            (Order.Name, false) => lists.OrderBy(l => l.Name, StringComparer.OrdinalIgnoreCase),
            (Order.Name, true) => lists.OrderByDescending(l => l.Name, StringComparer.OrdinalIgnoreCase),
            (_, false) => lists.OrderBy(l => l.Id),
            (_, true) => lists.OrderByDescending(l => l.Id),
            _ => lists,
        };
        var all = lists.ToList();
        var page = all.Skip((int)Math.Min(offset, int.MaxValue)).Take(limit).Select(l => new BulkItem(200, null, json => caller.Wire.List(json, l))).ToList();
        await Envelope.PageAsync(context, page, new(all.Count, limit, offset));
    }

    /// <summary>E7.</summary>
    public static async Task GetAsync(string listSid, HttpContext context, ExotelCaller caller, IContactStore contacts, CancellationToken cancellationToken)
    {
        var list = await FindAsync(contacts, caller, listSid, cancellationToken);
        await Envelope.SingleAsync(context, json => caller.Wire.List(json, list));
    }

    /// <summary>E8.</summary>
    public static async Task ChangeAsync(string listSid, HttpContext context, ExotelCaller caller, IContactStore contacts, CancellationToken cancellationToken)
    {
        await FindAsync(contacts, caller, listSid, cancellationToken);
        using var body = await JsonBody.ObjectAsync(context.Request, cancellationToken);
        var answer = await ChangeOneAsync(Reading.One(body, "lists"), listSid, caller, contacts, cancellationToken);
        if (answer.Description is { } fault)
            await Envelope.FailAsync(context, answer.Code, fault);
        else
            await Envelope.SingleAsync(context, answer.Data!); // what succeeds has data
    }

    /// <summary>E9.</summary>
    public static async Task ChangeManyAsync(HttpContext context, ExotelCaller caller, IContactStore contacts, ServerSettings server, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ObjectAsync(context.Request, cancellationToken);
        var answers = new List<BulkItem>();
        foreach (var item in Reading.Items(body, "lists", server.ExotelItemsMax))
            answers.Add(await ChangeOneAsync(item, JsonBody.Text(item, "sid"), caller, contacts, cancellationToken));
        await Envelope.BulkAsync(context, answers);
    }

    static async Task<BulkItem> ChangeOneAsync(JsonElement item, string? sid, ExotelCaller caller, IContactStore contacts, CancellationToken cancellationToken)
    {
        var tag = JsonBody.Text(item, "tag");
        var name = JsonBody.Text(item, "name")?.Trim();
        if ((name is null && tag is not null ? TagFault(tag) : Reading.NameFault(name) ?? TagFault(tag)) is { } fault)
            return new(400, fault, null);
        if (await TryFindAsync(contacts, caller, sid, cancellationToken) is not { } list)
            return new(404, "There is no such list in this account.", null);
        try
        {
            await contacts.ChangeListAsync(caller.Account.Id, list.Id, new(name, Tag: tag), cancellationToken);
        }
        catch (ArgumentException)
        {
            return new(409, "List already exists", null);
        }
        return await TryFindAsync(contacts, caller, sid, cancellationToken) is { } changed
            ? new(200, null, json => caller.Wire.List(json, changed)) : new(404, "There is no such list in this account.", null);
    }

    /// <summary>E10: answers the list that was.</summary>
    public static async Task DeleteAsync(string listSid, HttpContext context, ExotelCaller caller, IContactStore contacts, CancellationToken cancellationToken)
    {
        var list = await FindAsync(contacts, caller, listSid, cancellationToken);
        if (!await contacts.DeleteListAsync(caller.Account.Id, list.Id, cancellationToken))
            throw Reading.NotFound("list");
        await Envelope.SingleAsync(context, json => caller.Wire.List(json, list));
    }

    static async Task<ContactList?> TryFindAsync(IContactStore contacts, ExotelCaller caller, string? sid, CancellationToken cancellationToken) =>
        caller.Wire.ListId(sid) is { } id ? (await contacts.ListsAsync(caller.Account.Id, cancellationToken)).FirstOrDefault(l => l.Id == id) : null;

    static string? TagFault(string? tag) => tag is { Length: > 200 } || tag?.Any(char.IsControl) == true ? "tag must have at most 200 characters and no control character" : null;
}
