using System.Globalization;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Server.Auth;
using Muster.Storage;

namespace Muster.Server.Facades.Dotmailer;

/// <summary>Contacts one by one and in pages.</summary>
static class ContactRoutes
{
    public static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/contacts", ListAsync);
        group.MapGet("/contacts/created-since/{date}", CreatedSinceAsync);
        group.MapGet("/contacts/modified-since/{date}", ModifiedSinceAsync);
        group.MapGet("/contacts/count", CountAsync);
        group.MapPost("/contacts", CreateAsync).RequireScope(KeyScope.Write);
        group.MapGet("/contacts/{contact}", GetAsync);
        group.MapPut("/contacts/{contact}", PutAsync).RequireScope(KeyScope.Write);
        group.MapDelete("/contacts/{contact}", DeleteAsync).RequireScope(KeyScope.Write);
        group.MapGet("/contacts/{contact}/address-books", AddressBooksAsync);
    }

    static Task<IResult> ListAsync(HttpRequest request, Caller caller, ContactForm form, CancellationToken cancellationToken) =>
        form.PageAsync(request, caller.Account, new(), cancellationToken);

    static Task<IResult> CreatedSinceAsync(string date, HttpRequest request, Caller caller, ContactForm form, CancellationToken cancellationToken) =>
        form.PageAsync(request, caller.Account, new(CreatedSince: RequestReading.Date(date)), cancellationToken);

    static Task<IResult> ModifiedSinceAsync(string date, HttpRequest request, Caller caller, ContactForm form, CancellationToken cancellationToken) =>
        form.PageAsync(request, caller.Account, new(UpdatedSince: RequestReading.Date(date)), cancellationToken);

    static async Task<IResult> CountAsync(Caller caller, IAccountStore accounts, CancellationToken cancellationToken) =>
        Results.Text(((await accounts.UsageAsync(caller.Account.Id, cancellationToken))?.Contacts ?? 0).ToString(CultureInfo.InvariantCulture), "text/plain");

    static async Task<IResult> CreateAsync(HttpRequest request, Caller caller, ContactForm form, CancellationToken cancellationToken) =>
        await MakeAsync(caller.Account, await RequestReading.BodyAsync(request, VendorJson.Wire.ContactBody, cancellationToken), form, cancellationToken);

    static async Task<IResult> MakeAsync(Account account, ContactBody body, ContactForm form, CancellationToken cancellationToken)
    {
        var contact = await form.UpsertAsync(account, body, cancellationToken);
        return Answer.Of(201, ContactForm.Wire(contact, await form.FieldsAsync(account, cancellationToken)), VendorJson.Wire.ApiContact);
    }

    static async Task<IResult> GetAsync(string contact, Caller caller, ContactForm form, CancellationToken cancellationToken)
    {
        var found = await form.FindAsync(caller.Account, contact, cancellationToken);
        return Answer.Ok(ContactForm.Wire(found, await form.FieldsAsync(caller.Account, cancellationToken)), VendorJson.Wire.ApiContact);
    }

    /// <remarks>Id 0 creates.</remarks>
    static async Task<IResult> PutAsync(string contact, HttpRequest request, Caller caller, ContactForm form, CancellationToken cancellationToken)
    {
        var body = await RequestReading.BodyAsync(request, VendorJson.Wire.ContactBody, cancellationToken);
        if (Id(contact) is not (> 0 and var id))
            return await MakeAsync(caller.Account, body, form, cancellationToken);
        var changed = await form.PatchAsync(caller.Account, id, body, cancellationToken);
        return Answer.Ok(ContactForm.Wire(changed, await form.FieldsAsync(caller.Account, cancellationToken)), VendorJson.Wire.ApiContact);
    }

    static async Task<IResult> DeleteAsync(string contact, Caller caller, ContactEraser eraser, CancellationToken cancellationToken) =>
        await eraser.EraseAsync(caller.Account.Id, Id(contact), cancellationToken) ? Results.NoContent() : throw VendorError.ContactNotFound();

    static async Task<IResult> AddressBooksAsync(string contact, HttpRequest request, Caller caller, ContactForm form, IContactStore contacts, CancellationToken cancellationToken)
    {
        var (select, skip) = RequestReading.Page(request);
        var found = await form.FindAsync(caller.Account, contact, cancellationToken);
        var books = (await contacts.ListsAsync(caller.Account.Id, cancellationToken)).Where(l => found.Lists.Contains(l.Name, StringComparer.Ordinal)).OrderBy(l => l.Id);
        return Answer.Ok([.. books.Skip(skip).Take(select).Select(AddressBooks.Wire)], VendorJson.Wire.ListApiAddressBook);
    }

    static int Id(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : throw VendorError.ContactNotFound();
}
