using System.Buffers;
using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using Muster.Client;
using Muster.Contacts;
using Muster.Mapping;
using Muster.Server.Auth;
using Muster.Storage;

namespace Muster.Server.Api;

/// <summary><c>/v1/contacts/export</c>: a stream of pages, so that memory does not grow with the account.</summary>
static class ContactExport
{
    const int PageSize = 1_000;

    public static async Task WriteAsync(
        HttpContext context, Caller caller, IContactStore contacts, [Description("csv (default) or ndjson.")] string? format, [Description(QueryValues.SafeIs)] string? safe,
        [AsParameters] ContactFilterQuery query, CancellationToken cancellationToken)
    {
        var neutralise = QueryValues.Boolean("safe", safe);
        if (format is not (null or "" or "csv" or "ndjson"))
        {
            await Refusal.BadParameter("format", "write csv or ndjson.").ExecuteAsync(context);
            return;
        }
        var filter = await query.FilterAsync(contacts, caller.Account.Id, cancellationToken);
        if (format == "ndjson")
            await NdJsonAsync(context.Response, caller.Account.Id, contacts, filter, cancellationToken);
        else
            await CsvAsync(context.Response, caller.Account.Id, contacts, filter, neutralise, cancellationToken);
    }

    static async Task NdJsonAsync(HttpResponse response, int accountId, IContactStore contacts, ContactFilter? filter, CancellationToken cancellationToken)
    {
        Download.Begin(response, "application/x-ndjson", "contacts.ndjson");
        await foreach (var page in PagesAsync(accountId, contacts, filter, cancellationToken))
        {
            foreach (var contact in page)
            {
                using (var json = new Utf8JsonWriter(response.BodyWriter, new() { Encoder = MusterJson.Wire.Options.Encoder }))
                    JsonSerializer.Serialize(json, Wire.Contact(contact), MusterJson.Wire.ContactResource);
                response.BodyWriter.Write("\n"u8);
            }
            await response.BodyWriter.FlushAsync(cancellationToken);
        }
    }

    static async Task CsvAsync(HttpResponse response, int accountId, IContactStore contacts, ContactFilter? filter, bool safe, CancellationToken cancellationToken)
    {
        Download.Begin(response, "text/csv; charset=utf-8", "contacts.csv");
        var fields = (await contacts.FieldsAsync(accountId, cancellationToken)).OrderBy(f => f.Id).Select(f => f.Name).ToArray();
        var csv = new CsvCells(safe);
        foreach (var column in (string[])[.. ExportColumns.Before, .. fields.Select(Header), .. ExportColumns.After])
            csv.Cell(column);
        csv.EndRecord();
        await foreach (var page in PagesAsync(accountId, contacts, filter, cancellationToken))
        {
            foreach (var contact in page)
                Write(csv, contact, fields);
            await csv.FlushAsync(response, all: false, cancellationToken);
        }
        await csv.FlushAsync(response, all: true, cancellationToken);
    }

    static void Write(CsvCells csv, Contact contact, string[] fields)
    {
        csv.Cell(contact.Id.ToString(CultureInfo.InvariantCulture));
        csv.Cell(Wire.Phone(contact.Phone));
        csv.Cell(contact.Email);
        csv.Cell(contact.ExternalId);
        csv.Cell(contact.FirstName);
        csv.Cell(contact.LastName);
        csv.Cell(contact.Company);
        csv.Cell(contact.Status);
        csv.Cell(Names(contact.Lists));
        csv.Cell(Names(contact.Tags));
        foreach (var field in fields)
            csv.Cell(contact.Fields.TryGetValue(field, out var value) ? Text(value) : null);
        csv.Cell(Time(contact.CreatedAt));
        csv.Cell(Time(contact.UpdatedAt));
        csv.EndRecord();
    }

    /// <summary>A custom field whose name is one of our own columns, or would be read as another field's, says that it is a field.</summary>
    static string Header(string field) =>
        ExportColumns.Before.Concat(ExportColumns.After).Contains(field, StringComparer.OrdinalIgnoreCase) || field.StartsWith("field:", StringComparison.OrdinalIgnoreCase) ? "field:" + field : field;

    /// <summary>Names with semicolons between; a semicolon or backslash within a name has a backslash before it.</summary>
    static string Names(IReadOnlyList<string> names) =>
        string.Join(';', names.Select(n => n.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(";", "\\;", StringComparison.Ordinal)));

    static string? Text(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        JsonElement element => element.ValueKind == JsonValueKind.String ? element.GetString() : element.GetRawText(),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    static async IAsyncEnumerable<IReadOnlyList<Contact>> PagesAsync(
        int accountId, IContactStore contacts, ContactFilter? filter, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (filter is null)
            yield break;
        string? cursor = null;
        do
        {
            var page = await contacts.ListAsync(accountId, filter, cursor, PageSize, cancellationToken);
            yield return page.Items;
            cursor = page.NextCursor;
        }
        while (cursor is not null);
    }
}
