using System.Text.Json;
using Muster.Contacts;
using Muster.Server.Hosting;
using Muster.Storage;

namespace Muster.Server.Facades.Cellcast;

/// <summary><c>/api/v1/apiClient</c>: what clients ask to see whether their key is good, and who has opted out.</summary>
static class ApiClient
{
    const int PageDefault = 100;

    /// <summary>Muster sends no messages, so there is no balance: 0.</summary>
    public static Task AccountAsync(HttpContext context) => CellcastWire.WriteAsync(context, 200, json =>
    {
        json.WriteStartObject("meta");
        json.WriteNumber("code", 200);
        json.WriteString("status", "success");
        json.WriteEndObject();
        json.WriteStartObject("data");
        json.WriteNumber("sms_balance", 0);
        json.WriteEndObject();
    });

    /// <summary>Who has opted out, by pages.</summary>
    public static async Task OptOutsAsync(HttpContext context, CellcastCaller caller, IContactStore contacts, ServerSettings server, CancellationToken cancellationToken)
    {
        var number = CellcastWire.QueryNumber(context.Request.Query, "page", 1, int.MaxValue, 1);
        var size = CellcastWire.QueryNumber(context.Request.Query, "size", 1, server.CellcastContactsMax, Math.Min(PageDefault, server.CellcastContactsMax));
        var first = (number - 1L) * size;
        List<(long? Phone, Contact? Contact)> items = [];
        var total = await OptOuts.ReadAsync(contacts, caller.Account.Id, (at, phone, contact) =>
        {
            if (at >= first && at < first + size)
                items.Add((phone, contact));
        }, cancellationToken);

        var pages = (total + size - 1) / size;
        await CellcastWire.WriteAsync(context, 200, json =>
        {
            json.WriteStartObject("meta");
            json.WriteNumber("code", 200);
            json.WriteString("status", "SUCCESS");
            json.WriteEndObject();
            json.WriteString("message", $"You have {total} optout contact(s)");
            json.WriteStartObject("data");
            json.WriteStartArray("items");
            foreach (var (phone, contact) in items)
                Item(json, phone, contact, server);
            json.WriteEndArray();
            json.WriteNumber("total", total);
            json.WriteNumber("limit", size);
            json.WriteNumber("current", number);
            json.WriteNumber("totalPages", pages);
            json.WriteBoolean("hasPrevPage", number > 1);
            json.WriteBoolean("hasNextPage", number < pages);
            CellcastWire.Place(json, "prevPage", number > 1 ? number - 1 : null);
            CellcastWire.Place(json, "nextPage", number < pages ? number + 1 : null);
            json.WriteEndObject();
            json.WriteStartObject("error");
            json.WriteEndObject();
        });
    }

    static void Item(Utf8JsonWriter json, long? phone, Contact? contact, ServerSettings server)
    {
        json.WriteStartObject();
        json.WriteString("number", CellcastWire.Number(phone, server.CellcastRegion));
        json.WriteString("last_name", contact?.LastName);
        json.WriteString("first_name", contact?.FirstName);
        json.WriteString("full_name", string.Join(' ', new[] { contact?.FirstName, contact?.LastName }.Where(n => !string.IsNullOrEmpty(n))));
        json.WriteString("birthday", Text(contact, "birthday"));
        json.WriteString("address", Text(contact, "address"));
        json.WriteString("email", contact?.Email);
        json.WriteString("postalcode", Text(contact, "postal_code"));
        json.WriteString("gender", Text(contact, "gender"));
        json.WriteString("post_code", Text(contact, "postal_code"));
        json.WriteString("date_of_birth", Text(contact, "birthday"));
        json.WriteEndObject();
    }

    static string? Text(Contact? contact, string field) =>
        contact?.Fields.FirstOrDefault(f => f.Key.Equals(field, StringComparison.OrdinalIgnoreCase)).Value?.ToString();
}
