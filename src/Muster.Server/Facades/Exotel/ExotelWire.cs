using System.Globalization;
using System.Text.Json;
using Muster.Contacts;
using Muster.Server.Api;
using Muster.Server.Auth;

namespace Muster.Server.Facades.Exotel;

/// <summary>Engine records as Exotel writes them, for one account.</summary>
sealed class ExotelWire(Account account, WireIds ids)
{
    /// <summary>Custom fields that hold what Exotel's contacts have beside the built-in ones.</summary>
    public const string TagField = "tag";
    public const string CustomField = "custom";

    static readonly TimeSpan India = TimeSpan.FromMinutes(330);

    public string SidOf(Contact contact) => ContactSid(contact.Id);

    public string ContactSid(int contactId) => ids.Of(WireKind.Contact, account.Id, contactId, WireIds.ExotelDigits);

    public string SidOf(ContactList list) => ListSid(list.Id);

    public string ListSid(int listId) => ids.Of(WireKind.List, account.Id, listId, WireIds.ExotelDigits);

    public int? ListId(string? sid) => ids.Read(WireKind.List, account.Id, sid, WireIds.ExotelDigits);

    public int? ContactId(string? sid) => ids.Read(WireKind.Contact, account.Id, sid, WireIds.ExotelDigits);

    /// <param name="fresh">True in the answer to an upload, which has nanoseconds and India's offset; elsewhere whole seconds of UTC.</param>
    public void List(Utf8JsonWriter json, ContactList list, bool fresh = false)
    {
        var sid = SidOf(list);
        json.WriteStartObject();
        json.WriteString("sid", sid);
        json.WriteString("date_created", Time(list.CreatedAt, fresh));
        json.WriteString("date_updated", Time(list.UpdatedAt, fresh));
        json.WriteString("account_sid", account.Sid);
        json.WriteString("name", list.Name);
        json.WriteString("uri", $"/v2/accounts/{account.Sid}/lists/{sid}");
        json.WriteString("tag", list.Tag);
        json.WriteNumber("contact_count", list.Members);
        json.WriteEndObject();
    }

    /// <param name="variables">Of a member of a dynamic list: what stands in the place of the contact's own custom value.</param>
    /// <param name="lists">Lists of the contact, when they were asked for.</param>
    public void Contact(Utf8JsonWriter json, Contact contact, IReadOnlyDictionary<string, string>? variables = null, IEnumerable<ContactList>? lists = null)
    {
        json.WriteStartObject();
        json.WriteString("sid", SidOf(contact));
        json.WriteString("account_sid", account.Sid);
        json.WriteString("number", Wire.Phone(contact.Phone));
        json.WriteString("first_name", contact.FirstName);
        json.WriteString("last_name", contact.LastName);
        json.WriteString("company_name", contact.Company);
        json.WriteString("email", contact.Email);
        json.WriteString("tag", Text(contact, TagField));
        json.WritePropertyName("custom");
        if (variables is null)
            Custom(json, Text(contact, CustomField));
        else
            Texts(json, variables);
        json.WriteString("date_created", Time(contact.CreatedAt, fresh: false));
        json.WriteString("date_updated", Time(contact.UpdatedAt, fresh: false));
        if (lists is not null)
        {
            json.WriteStartArray("lists");
            foreach (var list in lists)
            {
                json.WriteStartObject();
                json.WriteString("sid", SidOf(list));
                json.WriteString("name", list.Name);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    /// <summary>A contact in a list: the vendor's own clients read <c>sid</c> and <c>list_id</c>; the other two names are ours.</summary>
    public static void Member(Utf8JsonWriter json, string contactSid, string listSid)
    {
        json.WriteStartObject();
        json.WriteString("sid", contactSid);
        json.WriteString("contact_sid", contactSid);
        json.WriteString("list_id", listSid);
        json.WriteString("list_sid", listSid);
        json.WriteEndObject();
    }

    /// <summary>RFC 3339.</summary>
    public static string Time(DateTimeOffset time, bool fresh) => fresh
        ? time.ToOffset(India).ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff", CultureInfo.InvariantCulture) + "00+05:30"
        : time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    static string? Text(Contact contact, string field) => contact.Fields.TryGetValue(field, out var value) ? Convert.ToString(value, CultureInfo.InvariantCulture) : null;

    /// <summary>What was sent as JSON goes back as JSON.</summary>
    static void Custom(Utf8JsonWriter json, string? text)
    {
        if (text?.TrimStart() is ['{' or '[', ..] && JsonBody.TryParse(System.Text.Encoding.UTF8.GetBytes(text)) is { } document)
        {
            using (document)
                document.RootElement.WriteTo(json);
        }
        else
        {
            json.WriteStringValue(text);
        }
    }

    static void Texts(Utf8JsonWriter json, IReadOnlyDictionary<string, string> texts)
    {
        json.WriteStartObject();
        foreach (var (name, text) in texts)
            json.WriteString(name, text);
        json.WriteEndObject();
    }
}

/// <summary>Who asks, and how to write for them: what every handler of the façade begins with.</summary>
sealed record ExotelCaller(Account Account, ExotelWire Wire)
{
    public static ValueTask<ExotelCaller> BindAsync(HttpContext context)
    {
        var caller = context.Features.Get<Caller>() ?? throw new InvalidOperationException("The route asks for no key.");
        return ValueTask.FromResult(new ExotelCaller(caller.Account, new(caller.Account, context.RequestServices.GetRequiredService<WireIds>())));
    }
}
