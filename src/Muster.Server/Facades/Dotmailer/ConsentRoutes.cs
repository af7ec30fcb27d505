using Muster.Contacts;
using Muster.Jobs;
using Muster.Server.Auth;
using Muster.Storage;

namespace Muster.Server.Facades.Dotmailer;

/// <summary>Who has unsubscribed, from the account or from an address book, and who comes back.</summary>
static class ConsentRoutes
{
    const int PageSize = 1_000;
    const string Added = "ContactAdded";
    const string CannotBe = "ContactCannotBeUnsuppressed";

    public static void Map(RouteGroupBuilder group)
    {
        group.MapPost("/contacts/unsubscribe", UnsubscribeAsync).RequireScope(KeyScope.Write);
        group.MapPost("/address-books/{book}/contacts/unsubscribe", LeaveAsync).RequireScope(KeyScope.Write);
        foreach (var form in (string[])["resubscribe", "resubscribe-with-no-challenge"])
        {
            group.MapPost("/contacts/" + form, ResubscribeAsync).RequireScope(KeyScope.Write);
            group.MapPost("/address-books/{book}/contacts/" + form, RejoinAsync).RequireScope(KeyScope.Write);
        }
        group.MapGet("/contacts/suppressed-since/{date}", SuppressedSinceAsync);
        group.MapGet("/contacts/unsubscribed-since/{date}", SuppressedSinceAsync);
        group.MapGet("/address-books/{book}/contacts/unsubscribed-since/{date}", LeftSinceAsync);
    }

    static async Task<IResult> UnsubscribeAsync(HttpRequest request, Caller caller, ContactForm form, ContactWriter writer, TimeProvider time, CancellationToken cancellationToken)
    {
        var contact = await NamedAsync(caller.Account, await RequestReading.BodyAsync(request, VendorJson.Wire.ContactBody, cancellationToken), form, cancellationToken);
        if (ContactStanding.OptedOut(contact) is null)
        {
            await writer.PatchAsync(caller.Account, contact.Id, Saying(new(ConsentRecord.OptedOut, time.GetUtcNow(), "api", "POST /v2/contacts/unsubscribe")), cancellationToken);
            contact = await form.FindAsync(caller.Account, contact.Email ?? "", cancellationToken);
        }
        return Answer.Ok(Wire(contact, await form.FieldsAsync(caller.Account, cancellationToken), ContactStanding.OptedOut(contact)?.Time ?? time.GetUtcNow()), VendorJson.Wire.ApiContactSuppression);
    }

    static async Task<IResult> LeaveAsync(string book, HttpRequest request, Caller caller, ContactForm form, IContactStore contacts, TimeProvider time, CancellationToken cancellationToken)
    {
        var list = await AddressBooks.WritableAsync(contacts, caller.Account, book, cancellationToken);
        var contact = await NamedAsync(caller.Account, await RequestReading.BodyAsync(request, VendorJson.Wire.ContactBody, cancellationToken), form, cancellationToken);
        if (!await contacts.LeaveListAsync(caller.Account.Id, list.Id, contact.Id, cancellationToken))
            throw VendorError.ContactNotFound();
        return Answer.Ok(Wire(contact, await form.FieldsAsync(caller.Account, cancellationToken), time.GetUtcNow()), VendorJson.Wire.ApiContactSuppression);
    }

    static async Task<IResult> ResubscribeAsync(HttpRequest request, Caller caller, ContactForm form, ContactStanding standing, TimeProvider time, CancellationToken cancellationToken)
    {
        var body = await RequestReading.BodyAsync(request, VendorJson.Wire.ResubscribeBody, cancellationToken);
        return await BringBackAsync(caller.Account, body, form, standing, time, null, cancellationToken);
    }

    static async Task<IResult> RejoinAsync(
        string book, HttpRequest request, Caller caller, ContactForm form, ContactStanding standing, IContactStore contacts, TimeProvider time, CancellationToken cancellationToken)
    {
        var list = await AddressBooks.WritableAsync(contacts, caller.Account, book, cancellationToken);
        var body = await RequestReading.BodyAsync(request, VendorJson.Wire.ResubscribeBody, cancellationToken);
        return await BringBackAsync(caller.Account, body, form, standing, time, async contact =>
        {
            await contacts.ForgetLeavingAsync(caller.Account.Id, list.Id, contact.Id, cancellationToken);
            await form.JoinAsync(caller.Account, list, contact.Id, cancellationToken);
        }, cancellationToken);
    }

    /// <remarks>The call itself is the statement, and is kept as its evidence. An address that the suppression list names stays suppressed: that is lifted in the native API.</remarks>
    static async Task<IResult> BringBackAsync(
        Account account, ResubscribeBody body, ContactForm form, ContactStanding standing, TimeProvider time, Func<Contact, Task>? join, CancellationToken cancellationToken)
    {
        if (body.UnsubscribedContact is not { Email: { Length: > 0 } email } wanted)
            throw VendorError.ResubscriptionInvalid();
        var fields = await form.FieldsAsync(account, cancellationToken);
        if (await standing.SuppressedAsync(account.Id, email, cancellationToken) != FaultReason.None)
        {
            var barred = await form.OfEmailAsync(account, email, cancellationToken) ?? throw VendorError.ContactSuppressed();
            return Answer.Ok(new ApiResubscribeResult(ContactForm.Wire(barred, fields), CannotBe), VendorJson.Wire.ApiResubscribeResult);
        }
        var contact = await form.ResubscribeAsync(account, wanted, new(ConsentRecord.OptedIn, time.GetUtcNow(), "api", "POST /v2/contacts/resubscribe"), cancellationToken);
        if (join is not null)
            await join(contact);
        return Answer.Ok(new ApiResubscribeResult(ContactForm.Wire(contact, fields), Added), VendorJson.Wire.ApiResubscribeResult);
    }

    static async Task<IResult> SuppressedSinceAsync(string date, HttpRequest request, Caller caller, ContactForm form, IContactStore contacts, CancellationToken cancellationToken)
    {
        var since = RequestReading.Date(date);
        var (select, skip) = RequestReading.Page(request);
        var fields = RequestReading.FullData(request) ? await form.FieldsAsync(caller.Account, cancellationToken) : null;
        var found = new List<ApiContactSuppression>();
        string? cursor = null;
        do
        {
            // Opting out changes the contact: who has not changed since has not opted out since.
            var page = await contacts.ListAsync(caller.Account.Id, new(UpdatedSince: since), cursor, PageSize, cancellationToken);
            foreach (var contact in page.Items)
            {
                if (ContactStanding.OptedOut(contact) is { } record && (record.Time ?? contact.UpdatedAt) is var at && at >= since && skip-- <= 0)
                    found.Add(Wire(contact, fields, at));
                if (found.Count == select)
                    return Answer.Ok(found, VendorJson.Wire.ListApiContactSuppression);
            }
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        return Answer.Ok(found, VendorJson.Wire.ListApiContactSuppression);
    }

    static async Task<IResult> LeftSinceAsync(string book, string date, HttpRequest request, Caller caller, ContactForm form, IContactStore contacts, CancellationToken cancellationToken)
    {
        var since = RequestReading.Date(date);
        var (select, skip) = RequestReading.Page(request);
        var fields = RequestReading.FullData(request) ? await form.FieldsAsync(caller.Account, cancellationToken) : null;
        var found = new List<ApiContactSuppression>();
        if (await AddressBooks.ReadableAsync(contacts, caller.Account, book, cancellationToken) is { } list)
        {
            foreach (var (id, at) in (await contacts.LeaversAsync(caller.Account.Id, list, since, cancellationToken)).Skip(skip).Take(select))
            {
                if (await contacts.GetAsync(caller.Account.Id, id, cancellationToken) is { } contact)
                    found.Add(Wire(contact, fields, at));
            }
        }
        return Answer.Ok(found, VendorJson.Wire.ListApiContactSuppression);
    }

    static async Task<Contact> NamedAsync(Account account, ContactBody body, ContactForm form, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(body.Email))
            throw VendorError.BadEmail();
        return await form.OfEmailAsync(account, body.Email, cancellationToken) ?? throw VendorError.ContactNotFound();
    }

    static ContactChange Saying(ConsentRecord record) =>
        new(new Dictionary<string, string?>()) { Consent = new Dictionary<ConsentChannel, ConsentRecord> { [ConsentChannel.Email] = record } };

    static ApiContactSuppression Wire(Contact contact, DataFields? fields, DateTimeOffset at) =>
        new(ContactForm.Wire(contact, fields) with { Status = ContactStanding.Unsubscribed }, RequestReading.Iso(at), ContactStanding.Unsubscribed);
}
