using System.Globalization;
using System.Text.Json;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Server.Hosting;
using Muster.Storage;
using Muster.Validation;

namespace Muster.Server.Facades.Dotmailer;

/// <summary>Contacts as the vendor shows them, and what a client's contact asks of the engine.</summary>
sealed class ContactForm(IContactStore contacts, ContactWriter writer, ContactStanding standing, MusterSettings settings, ServerSettings server)
{
    static readonly string[] OptInTypes = ["Unknown", "Single", "Double", "VerifiedDouble"];
    static readonly string[] EmailTypes = ["Html", "PlainText"];

    public async Task<DataFields> FieldsAsync(Account account, CancellationToken cancellationToken) => new(await contacts.FieldsAsync(account.Id, cancellationToken));

    /// <param name="fields">Null: without data fields.</param>
    public static ApiContact Wire(Contact contact, DataFields? fields) => new(
        contact.Id, contact.Email?.ToLowerInvariant() ?? "", Word(contact, DataFields.OptInType, OptInTypes), Word(contact, DataFields.EmailType, EmailTypes),
        fields?.Of(contact), ContactStanding.StatusOf(contact));

    /// <summary>A page of contacts, with or without their data fields.</summary>
    public async Task<IResult> PageAsync(HttpRequest request, Account account, ContactSelection selection, CancellationToken cancellationToken)
    {
        var (select, skip) = RequestReading.Page(request);
        var fields = RequestReading.FullData(request) ? await FieldsAsync(account, cancellationToken) : null;
        var page = await contacts.SliceAsync(account.Id, selection, new(skip, select, Counted: false), cancellationToken);
        return Answer.Ok([.. page.Items.Select(c => Wire(c, fields))], VendorJson.Wire.ListApiContact);
    }

    /// <summary>The contact of an id, or of an address.</summary>
    public async Task<Contact> FindAsync(Account account, string idOrEmail, CancellationToken cancellationToken)
    {
        if (int.TryParse(idOrEmail, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            return await contacts.GetAsync(account.Id, id, cancellationToken) ?? throw VendorError.ContactNotFound();
        return await OfEmailAsync(account, idOrEmail, cancellationToken) ?? throw VendorError.ContactNotFound();
    }

    public async Task<Contact?> OfEmailAsync(Account account, string email, CancellationToken cancellationToken) => email.Contains('@', StringComparison.Ordinal)
        ? (await contacts.ListAsync(account.Id, new(Email: email.Trim().ToLowerInvariant()), null, 1, cancellationToken)).Items.FirstOrDefault() : null;

    /// <summary>Creates the contact of the body's address, or updates it.</summary>
    public async Task<Contact> UpsertAsync(Account account, ContactBody body, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(body.Email))
            throw VendorError.BadEmail();
        if (await standing.SuppressedAsync(account.Id, body.Email, cancellationToken) != FaultReason.None
            || (await OfEmailAsync(account, body.Email, cancellationToken) is { } known && ContactStanding.OptedOut(known) is not null))
            throw VendorError.ContactSuppressed();
        // The vendor knows contacts by their address, whatever the account matches by.
        var result = await writer.UpsertAsync(account with { Match = KeyKind.Email }, await ChangeAsync(account, body, cancellationToken), cancellationToken);
        return await WrittenAsync(account, result, cancellationToken);
    }

    /// <summary>Creates or updates the contact, and keeps what it said about being written to.</summary>
    public async Task<Contact> ResubscribeAsync(Account account, ContactBody body, ConsentRecord record, CancellationToken cancellationToken)
    {
        var change = await ChangeAsync(account, body, cancellationToken) with { Consent = new Dictionary<ConsentChannel, ConsentRecord> { [ConsentChannel.Email] = record } };
        return await WrittenAsync(account, await writer.UpsertAsync(account with { Match = KeyKind.Email }, change, cancellationToken), cancellationToken);
    }

    public async Task<Contact> PatchAsync(Account account, int id, ContactBody body, CancellationToken cancellationToken)
    {
        if (!string.IsNullOrWhiteSpace(body.Email) && await OfEmailAsync(account, body.Email, cancellationToken) is { } owner && owner.Id != id
            && await contacts.GetAsync(account.Id, id, cancellationToken) is not null)
            throw VendorError.NonUniqueEmail();
        return await WrittenAsync(account, await writer.PatchAsync(account, id, await ChangeAsync(account, body, cancellationToken), cancellationToken), cancellationToken);
    }

    /// <summary>Brings the contact into an address book, unless it has left that.</summary>
    public async Task JoinAsync(Account account, ContactList list, int contactId, CancellationToken cancellationToken)
    {
        if ((await contacts.LeaversAsync(account.Id, list.Id, DateTimeOffset.UnixEpoch, cancellationToken)).Any(l => l.ContactId == contactId))
            throw VendorError.ContactSuppressedHere();
        foreach (var result in await writer.JoinAsync(account, list.Id, [contactId], cancellationToken))
            await WrittenAsync(account, result, cancellationToken);
    }

    async Task<Contact> WrittenAsync(Account account, ContactWriteResult result, CancellationToken cancellationToken)
    {
        if (result is ContactWriteResult.Rejected { Errors: [var (_, code), ..] })
            throw Refused(code);
        return result is ContactWriteResult.Written written && await contacts.GetAsync(account.Id, written.ContactId, cancellationToken) is { } contact
            ? contact : throw VendorError.ContactNotFound();
    }

    static Api.RefusedException Refused(ErrorCode code) => code switch
    {
        ErrorCode.InvalidEmail or ErrorCode.MissingMatchKey => VendorError.BadEmail(),
        ErrorCode.ContactQuotaExceeded => VendorError.ContactsFull(),
        ErrorCode.Suppressed => VendorError.ContactSuppressed(),
        ErrorCode.ListFull => VendorError.AddressBookFull(),
        ErrorCode.TooManyFields => VendorError.FieldsFull(),
        ErrorCode.ValueTooLong => VendorError.FieldOverflow(),
        ErrorCode.InvalidNumber or ErrorCode.InvalidDate or ErrorCode.AmbiguousDate or ErrorCode.InvalidBoolean => VendorError.FieldInvalid(),
        _ => VendorError.ContactInvalid(),
    };

    async Task<ContactChange> ChangeAsync(Account account, ContactBody body, CancellationToken cancellationToken)
    {
        var fields = await FieldsAsync(account, cancellationToken);
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        if (!string.IsNullOrWhiteSpace(body.Email))
            values["email"] = body.Email.Trim();
        if (body.OptInType is { Length: > 0 } optIn)
            values["field:" + DataFields.OptInType] = Array.Find(OptInTypes, t => t.Equals(optIn, StringComparison.OrdinalIgnoreCase)) ?? throw VendorError.BadParameter();
        if (body.EmailType is { Length: > 0 } emailType)
            values["field:" + DataFields.EmailType] = Array.Find(EmailTypes, t => t.Equals(emailType, StringComparison.OrdinalIgnoreCase)) ?? throw VendorError.BadParameter();
        foreach (var (key, value) in body.DataFields ?? [])
        {
            var field = fields.Find(key) ?? throw VendorError.FieldNotFound(400);
            values[field.Target] = Text(field, value);
            if (field is { Id: 0, Type: not FieldType.Text }
                && await contacts.MakeFieldAsync(account.Id, new(0, field.Name, field.Type), createdBy: null, settings.FieldsMax, cancellationToken) is FieldMaking.NoRoom)
                throw VendorError.FieldsFull();
        }
        return new(values);
    }

    /// <summary>The value as the engine reads it; null clears.</summary>
    string? Text(DataField field, JsonElement value)
    {
        var text = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            JsonValueKind.Null or JsonValueKind.Undefined => null,
            _ => throw VendorError.FieldInvalid(),
        };
        if (string.IsNullOrWhiteSpace(text))
            return null;
        if (field.Type == FieldType.Text && text.Length > DataFields.TextLengthMax && text.EnumerateRunes().Count() > DataFields.TextLengthMax)
            throw VendorError.FieldOverflow();
        if (field.Type == FieldType.Date && !DateValue.HasFullYear(System.Text.Encoding.UTF8.GetBytes(text)))
            throw VendorError.FieldInvalid();
        return FieldValue.TryRead(field.Type, text, out var canonical, Order(server)) ? canonical : throw VendorError.FieldInvalid();
    }

    public static DateOrder Order(ServerSettings server) => server.DotmailerDateOrder switch { "mdy" => DateOrder.Mdy, "ymd" => DateOrder.Ymd, _ => DateOrder.Dmy };

    /// <summary>A word that is kept as a custom field, in the vendor's spelling; the first word when the contact has none that is known.</summary>
    static string Word(Contact contact, string field, string[] words) =>
        contact.Fields.TryGetValue(field, out var value) && value is string text && Array.Find(words, w => w.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } word ? word : words[0];
}
