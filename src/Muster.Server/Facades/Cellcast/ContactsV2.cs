using System.Globalization;
using System.Text.Json;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Server.Api;
using Muster.Server.Hosting;
using Muster.Storage;

namespace Muster.Server.Facades.Cellcast;

/// <summary><c>/api/v2/contact</c>: read, change one, and the names of fields.</summary>
static class ContactsV2
{
    const int PageDefault = 1_000;

    public static async Task PageAsync(HttpContext context, CellcastCaller caller, IContactStore contacts, WireIds ids, ServerSettings server, CancellationToken cancellationToken)
    {
        var query = context.Request.Query;
        var page = CellcastWire.QueryNumber(query, "page", 1, int.MaxValue, 1);
        var limit = CellcastWire.QueryNumber(query, "limit", 1, server.CellcastContactsMax, Math.Min(PageDefault, server.CellcastContactsMax));
        var lists = await contacts.ListsAsync(caller.Account.Id, cancellationToken);
        var tags = await contacts.TagsAsync(caller.Account.Id, cancellationToken);
        var selection = new ContactSelection(
            Wanted(query, "list", "listName", WireKind.List, [.. lists.Select(l => (l.Id, l.Name))], caller, ids),
            Wanted(query, "tag", "tagName", WireKind.Tag, [.. tags.Select(t => (t.Id, t.Name))], caller, ids));
        var slice = await contacts.SliceAsync(caller.Account.Id, selection, new((page - 1L) * limit, limit), cancellationToken);
        var optedOut = new List<bool>();
        foreach (var contact in slice.Items)
            optedOut.Add(await OptOuts.HoldsAsync(contacts, caller.Account.Id, contact, cancellationToken));
        var listIds = lists.ToDictionary(l => l.Name, l => l.Id, StringComparer.OrdinalIgnoreCase);
        var tagIds = tags.ToDictionary(t => t.Name, t => t.Id, StringComparer.OrdinalIgnoreCase);
        await CellcastWire.WriteAsync(context, 200, json =>
        {
            json.WriteString("message", "Success");
            json.WriteStartObject("data");
            json.WriteStartArray("items");
            foreach (var (contact, isOut) in slice.Items.Zip(optedOut))
                Item(json, contact, isOut, caller, ids, server, listIds, tagIds);
            json.WriteEndArray();
            CellcastWire.Place(json, "next", (long)page * limit < slice.Total ? page + 1 : null);
            json.WriteNumber("current", page);
            CellcastWire.Place(json, "prev", page > 1 ? page - 1 : null);
            json.WriteEndObject();
        });
    }

    /// <summary>The vendor's answer is not published; ours is the contact as the list shows it.</summary>
    public static async Task ChangeAsync(
        string contactId, HttpContext context, CellcastCaller caller, IContactStore contacts, ContactWriter writer, WireIds ids, ServerSettings server, CancellationToken cancellationToken)
    {
        if (ids.Read(WireKind.Contact, caller.Account.Id, contactId, WireIds.CellcastDigits) is not { } id || await contacts.GetAsync(caller.Account.Id, id, cancellationToken) is null)
            throw NotFound;
        using var body = await JsonBody.ObjectAsync(context.Request, cancellationToken);
        var fields = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var member in body.RootElement.EnumerateObject())
        {
            if (CellcastWire.FieldOf(member.Name) is not "ignore" and var field)
                fields[field] = JsonBody.Text(member.Value) is { Length: > 0 } text ? text : null;
        }
        if (fields.TryGetValue("phone", out var number) && number is null)
            throw Bad("phone_number empty");
        if (fields.Count == 0)
            throw Bad("there is nothing to change");
        if (await writer.PatchAsync(caller.Account with { Region = server.CellcastRegion }, id, new(fields), cancellationToken) is ContactWriteResult.Rejected { Errors: [var error, ..] })
            throw Bad(error.Code is >= ErrorCode.InvalidPhone and <= ErrorCode.PhoneDamagedBySpreadsheet ? "phone_number is not valid" : error.Code.Message());
        var contact = await contacts.GetAsync(caller.Account.Id, id, cancellationToken) ?? throw NotFound;
        var isOut = await OptOuts.HoldsAsync(contacts, caller.Account.Id, contact, cancellationToken);
        var lists = (await contacts.ListsAsync(caller.Account.Id, cancellationToken)).ToDictionary(l => l.Name, l => l.Id, StringComparer.OrdinalIgnoreCase);
        var tags = (await contacts.TagsAsync(caller.Account.Id, cancellationToken)).ToDictionary(t => t.Name, t => t.Id, StringComparer.OrdinalIgnoreCase);
        await CellcastWire.WriteAsync(context, 200, json =>
        {
            json.WriteString("message", "Success");
            json.WritePropertyName("data");
            Item(json, contact, isOut, caller, ids, server, lists, tags);
        });
    }

    /// <summary>No envelope here.</summary>
    public static async Task FieldsAsync(HttpContext context, CellcastCaller caller, IContactStore contacts, CancellationToken cancellationToken)
    {
        var fields = await contacts.FieldsAsync(caller.Account.Id, cancellationToken);
        await CellcastWire.WriteAsync(context, 200, json =>
        {
            json.WriteStartArray("staticFields");
            foreach (var (wire, _) in CellcastWire.StaticFields)
                json.WriteStringValue(wire);
            json.WriteEndArray();
            json.WriteStartArray("dynamicFields");
            foreach (var name in fields.Select(CellcastWire.NameOf).Where(n => n != "Birthday"))
                json.WriteStringValue(name);
            json.WriteEndArray();
        });
    }

    static void Item(
        Utf8JsonWriter json, Contact contact, bool isOut, CellcastCaller caller, WireIds ids, ServerSettings server, IReadOnlyDictionary<string, int> lists, IReadOnlyDictionary<string, int> tags)
    {
        json.WriteStartObject();
        json.WriteString("ID", ids.Of(WireKind.Contact, caller.Account.Id, contact.Id, WireIds.CellcastDigits));
        json.WriteString("Number", CellcastWire.Number(contact.Phone, server.CellcastRegion));
        json.WriteString("First Name", contact.FirstName);
        json.WriteString("Last Name", contact.LastName);
        json.WriteString("Email", contact.Email);
        json.WriteBoolean("Unsubscribe", isOut);
        Named(json, "Tags", contact.Tags, tags, id => ids.Of(WireKind.Tag, caller.Account.Id, id, WireIds.CellcastDigits));
        Named(json, "Lists", contact.Lists, lists, id => ids.Of(WireKind.List, caller.Account.Id, id, WireIds.CellcastDigits));
        json.WriteEndObject();
    }

    static void Named(Utf8JsonWriter json, string member, IReadOnlyList<string> names, IReadOnlyDictionary<string, int> known, Func<int, string> wireId)
    {
        json.WriteStartArray(member);
        foreach (var name in names)
        {
            if (!known.TryGetValue(name, out var id))
                continue; // gone since the contact was read
            json.WriteStartObject();
            json.WriteString("ID", wireId(id));
            json.WriteString("Name", name);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>Ids of lists or tags that the query names by id or by name; null when it names none.</summary>
    static List<int>? Wanted(
        IQueryCollection query, string byId, string byName, WireKind kind, (int Id, string Name)[] known, CellcastCaller caller, WireIds ids)
    {
        var wireIds = Texts(query, byId);
        var names = Texts(query, byName);
        if (wireIds.Count + names.Count == 0)
            return null;
        var found = wireIds.Select(w => ids.Read(kind, caller.Account.Id, w, WireIds.CellcastDigits)).OfType<int>().ToList();
        found.AddRange(known.Where(k => names.Contains(k.Name, StringComparer.OrdinalIgnoreCase)).Select(k => k.Id));
        return found;
    }

    static List<string> Texts(IQueryCollection query, string name) =>
        [.. query[name].SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];

    static RefusedException NotFound => new(Refusal.Of(404, "not_found", "Contact not found"));

    static RefusedException Bad(string detail) => new(Refusal.Of(400, "invalid_parameter", detail));
}
