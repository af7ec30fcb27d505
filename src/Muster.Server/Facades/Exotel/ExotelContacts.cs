using System.Text.Json;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Mapping;
using Muster.Reports;
using Muster.Server.Hosting;
using Muster.Storage;
using Muster.Validation.Phones;

namespace Muster.Server.Facades.Exotel;

/// <summary><c>/contacts</c>.</summary>
static class ExotelContacts
{
    public const string Unknown = "There is no such contact in this account.";
    const string Route = "exotel-contacts";

    static readonly Dictionary<string, ContactOrder> Orders = new() { ["date_created"] = ContactOrder.Created, ["date_updated"] = ContactOrder.Updated, ["name"] = ContactOrder.Name };

    /// <summary>Members of a contact and the fields they go to: the columns of a file, and one more. The vendor's table says <c>custom</c>, its sample <c>custom_field</c>: both are one.</summary>
    static readonly Dictionary<string, FieldTarget> Members = new(CsvIntake.Optional, StringComparer.Ordinal)
    {
        [CsvIntake.NumberColumn] = FieldTarget.To(BuiltInField.Phone),
        ["custom"] = FieldTarget.ToCustom(ExotelWire.CustomField),
        ["custom_field"] = FieldTarget.ToCustom(ExotelWire.CustomField),
    };

    /// <summary>E14: an import of its own, answered contact by contact.</summary>
    public static async Task CreateAsync(HttpContext context, ExotelCaller caller, AwaitedImport awaited, IContactStore contacts, ServerSettings server, CancellationToken cancellationToken)
    {
        var body = await JsonBody.ReadAsync(context.Request, cancellationToken);
        int count;
        using (var document = JsonBody.Object(body))
            count = Reading.Items(document, "contacts", server.ExotelItemsMax).Count;
        var options = new ImportOptions
        {
            Match = "phone", Mode = "create_only", Region = server.ExotelRegion, PhoneStyle = "plain", OnInvalidValue = "drop_value", UnknownColumns = "ignore", Nested = "text", Hold = HoldRules.Off,
        };
        var result = await awaited.RunAsync(
            new(caller.Account, body, options, ColumnsOf, Route, TimeSpan.FromSeconds(server.FacadeWaitSeconds)), cancellationToken);
        switch (result)
        {
            case AwaitedResult.Unfinished:
                context.Response.Headers.RetryAfter = "5";
                await Envelope.FailAsync(context, 503, "The contacts are still being taken in. Send the same request again for the answer.");
                break;
            case AwaitedResult.Refused refused:
                await Envelope.BulkAsync(context, [.. Enumerable.Repeat(new BulkItem(400, refused.Code is ErrorCode.NoRows or ErrorCode.InvalidJson ? "number is missing" : refused.Detail, null), count)]);
                break;
            case AwaitedResult.Ended ended:
                await Envelope.BulkAsync(context, await AnswersAsync(ended, count, caller, contacts, cancellationToken));
                break;
        }
    }

    static ColumnMap ColumnsOf(IReadOnlyList<string> columns) => new([.. JsonBody.Spelled(columns, Members.Keys).Select((name, i) => Members.TryGetValue(name, out var target)
        ? new MappedColumn(i, columns[i], target, 1, "A member of Exotel's contact.")
        : new MappedColumn(i, columns[i], FieldTarget.Ignored, 1, "No member of Exotel's contact."))]);

    static async Task<List<BulkItem>> AnswersAsync(AwaitedResult.Ended ended, int count, ExotelCaller caller, IContactStore contacts, CancellationToken cancellationToken)
    {
        int? ContactOf(RowEntry? row) => row is null ? null : row.Outcome == Outcome.Duplicate ? row.DuplicateOf is { } first ? ended.Rows.GetValueOrDefault(first)?.ContactId : null : row.ContactId;
        var ids = ended.Rows.Values.Select(ContactOf).OfType<int>().Distinct().ToList();
        var found = (await contacts.SliceAsync(caller.Account.Id, new(Ids: ids), new(0, Math.Max(1, ids.Count)), cancellationToken)).Items.ToDictionary(c => c.Id);
        var answers = new List<BulkItem>(count);
        for (var i = 0; i < count; i++)
        {
            var row = ended.Rows.GetValueOrDefault(i + 1);
            var contact = ContactOf(row) is { } id ? found.GetValueOrDefault(id) : null;
            Action<Utf8JsonWriter>? data = contact is null ? null : json => caller.Wire.Contact(json, contact);
            answers.Add(row?.Outcome switch
            {
                Outcome.Created or Outcome.Updated or Outcome.Unchanged => new(200, null, data),
                Outcome.Skipped or Outcome.Duplicate => new(409, "Contact already exists", data),
                Outcome.Suppressed => new(400, ErrorCode.Suppressed.Message(), null),
                _ => new(400, Fault(row?.Codes.FirstOrDefault() ?? ErrorCode.MissingMatchKey), null),
            });
        }
        return answers;
    }

    static string Fault(ErrorCode code) => code switch
    {
        ErrorCode.MissingMatchKey => "number is missing",
        >= ErrorCode.InvalidPhone and <= ErrorCode.PhoneDamagedBySpreadsheet => "number is not a valid phone number",
        ErrorCode.InvalidEmail => "email is not a valid e-mail address",
        _ => code.Message(),
    };

    /// <summary>E15.</summary>
    public static async Task PageAsync(HttpContext context, ExotelCaller caller, IContactStore contacts, ServerSettings server, CancellationToken cancellationToken)
    {
        var query = context.Request.Query;
        var (offset, limit) = Reading.Page(query, server.ExotelItemsMax);
        var (order, descending) = Reading.Sort(query, Orders) ?? (ContactOrder.Created, false);
        var sids = query["list_sids"].SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToList();
        var selection = new ContactSelection(
            sids.Count == 0 ? null : [.. sids.Select(caller.Wire.ListId).OfType<int>()], Name: query["name"].FirstOrDefault()?.Trim() is { Length: > 0 } name ? name : null);
        var slice = await contacts.SliceAsync(caller.Account.Id, selection, new(offset, limit, order, descending), cancellationToken);
        var lists = query["filter"].Contains("show_list", StringComparer.OrdinalIgnoreCase)
            ? (await contacts.ListsAsync(caller.Account.Id, cancellationToken)).ToDictionary(l => l.Name, StringComparer.OrdinalIgnoreCase) : null;
        var items = slice.Items.Select(c => new BulkItem(200, null, json =>
            caller.Wire.Contact(json, c, lists: lists is null ? null : c.Lists.Select(lists.GetValueOrDefault).OfType<ContactList>()))).ToList();
        await Envelope.PageAsync(context, items, new(slice.Total, limit, offset));
    }

    /// <summary>E16.</summary>
    public static async Task GetAsync(string contactSid, HttpContext context, ExotelCaller caller, IContactStore contacts, CancellationToken cancellationToken)
    {
        var contact = await FindAsync(contacts, caller, contactSid, cancellationToken);
        await Envelope.SingleAsync(context, json => caller.Wire.Contact(json, contact));
    }

    /// <summary>E17: the object itself, or alone in <c>contacts</c>.</summary>
    public static async Task ChangeAsync(
        string contactSid, HttpContext context, ExotelCaller caller, IContactStore contacts, ContactWriter writer, ServerSettings server, CancellationToken cancellationToken)
    {
        await FindAsync(contacts, caller, contactSid, cancellationToken);
        using var body = await JsonBody.ObjectAsync(context.Request, cancellationToken);
        var answer = (await ChangeAsync([(contactSid, Reading.One(body, "contacts"))], caller, contacts, writer, server, cancellationToken))[0];
        if (answer.Description is { } fault)
            await Envelope.FailAsync(context, answer.Code, fault);
        else
            await Envelope.SingleAsync(context, answer.Data!); // what succeeds has data
    }

    /// <summary>E18.</summary>
    public static async Task ChangeManyAsync(
        HttpContext context, ExotelCaller caller, IContactStore contacts, ContactWriter writer, ServerSettings server, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ObjectAsync(context.Request, cancellationToken);
        var items = Reading.Items(body, "contacts", server.ExotelItemsMax);
        await Envelope.BulkAsync(context, await ChangeAsync(items.ConvertAll(i => (JsonBody.Text(i, "sid"), i)), caller, contacts, writer, server, cancellationToken));
    }

    static async Task<List<BulkItem>> ChangeAsync(
        List<(string? Sid, JsonElement Item)> items, ExotelCaller caller, IContactStore contacts, ContactWriter writer, ServerSettings server, CancellationToken cancellationToken)
    {
        var account = caller.Account with { Region = server.ExotelRegion };
        var answers = new BulkItem?[items.Count];
        var changes = new List<(int Place, int ContactId, ContactChange Change)>();
        for (var i = 0; i < items.Count; i++)
        {
            var (change, fault) = ChangeOf(items[i].Item);
            if (fault is not null)
                answers[i] = new(400, fault, null);
            else if (caller.Wire.ContactId(items[i].Sid) is not { } id)
                answers[i] = new(404, Unknown, null);
            else if (await IsTakenAsync(change, id, account, contacts, cancellationToken))
                answers[i] = new(409, "Another contact has this number", null);
            else
                changes.Add((i, id, change));
        }
        var results = await writer.PatchAsync(account, [.. changes.Select(c => (c.ContactId, c.Change))], cancellationToken);
        int[] written = [.. changes.Select(c => c.ContactId).Distinct()];
        var found = written.Length == 0 ? [] : (await contacts.SliceAsync(account.Id, new(Ids: written), new(0, written.Length), cancellationToken)).Items.ToDictionary(c => c.Id);
        for (var i = 0; i < changes.Count; i++)
        {
            answers[changes[i].Place] = results[i] switch
            {
                ContactWriteResult.Written when found.TryGetValue(changes[i].ContactId, out var contact) => new(200, null, json => caller.Wire.Contact(json, contact)),
                ContactWriteResult.Rejected { Errors: [var error, ..] } => new(400, Fault(error.Code), null),
                _ => new(404, Unknown, null),
            };
        }
        return [.. answers.OfType<BulkItem>()];
    }

    static (ContactChange Change, string? Fault) ChangeOf(JsonElement item)
    {
        var fields = new Dictionary<string, string?>(StringComparer.Ordinal);
        var change = new ContactChange(fields) { PhoneStyle = PhoneStyle.Plain };
        if (item.ValueKind != JsonValueKind.Object)
            return (change, "each contact must be an object");
        foreach (var member in item.EnumerateObject())
        {
            if (Members.TryGetValue(member.Name, out var target))
                fields[target.ToString()] = JsonBody.Text(member.Value) is { Length: > 0 } text ? text : null;
        }
        if (fields.TryGetValue("phone", out var number) && number is null)
            return (change, "number is missing");
        return (change, fields.Count == 0 ? "there is nothing to change" : null);
    }

    /// <summary>A number identifies one contact of this vendor's.</summary>
    static async Task<bool> IsTakenAsync(ContactChange change, int contactId, Account account, IContactStore contacts, CancellationToken cancellationToken)
    {
        if (change.Fields.GetValueOrDefault("phone") is not { } text || !PhoneRegion.TryParse(account.Region, out var region)
            || PhoneNumber.TryParse(System.Text.Encoding.UTF8.GetBytes(text.Trim()), region, PhoneStyle.Plain, out var number, out _) != ErrorCode.None)
            return false;
        return (await contacts.ListAsync(account.Id, new(Phone: number), null, 2, cancellationToken)).Items.Any(c => c.Id != contactId);
    }

    /// <summary>E19: answers the contact that was.</summary>
    public static async Task DeleteAsync(string contactSid, HttpContext context, ExotelCaller caller, IContactStore contacts, ContactEraser eraser, CancellationToken cancellationToken)
    {
        var contact = await FindAsync(contacts, caller, contactSid, cancellationToken);
        if (!await eraser.EraseAsync(caller.Account.Id, contact.Id, cancellationToken))
            throw Reading.NotFound("contact");
        await Envelope.SingleAsync(context, json => caller.Wire.Contact(json, contact));
    }

    static async Task<Contact> FindAsync(IContactStore contacts, ExotelCaller caller, string sid, CancellationToken cancellationToken) =>
        caller.Wire.ContactId(sid) is { } id && await contacts.GetAsync(caller.Account.Id, id, cancellationToken) is { } contact ? contact : throw Reading.NotFound("contact");
}
