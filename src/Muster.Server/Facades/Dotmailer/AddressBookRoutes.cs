using System.Globalization;
using Muster.Contacts;
using Muster.Server.Auth;
using Muster.Storage;

namespace Muster.Server.Facades.Dotmailer;

/// <summary>Address books and their contacts.</summary>
static class AddressBookRoutes
{
    public static void Map(RouteGroupBuilder group)
    {
        var books = group.MapGroup("/address-books");
        books.MapGet("", (HttpRequest r, Caller c, IContactStore s, IAccountStore a, CancellationToken t) => ListAsync(r, c, s, a, null, t));
        books.MapGet("/private", (HttpRequest r, Caller c, IContactStore s, IAccountStore a, CancellationToken t) => ListAsync(r, c, s, a, "Private", t));
        books.MapGet("/public", (HttpRequest r, Caller c, IContactStore s, IAccountStore a, CancellationToken t) => ListAsync(r, c, s, a, "Public", t));
        books.MapPost("", CreateAsync).RequireScope(KeyScope.Write);
        books.MapGet("/{book}", GetAsync);
        books.MapPut("/{book}", PutAsync).RequireScope(KeyScope.Write);
        books.MapDelete("/{book}", DeleteAsync).RequireScope(KeyScope.Write);
        books.MapGet("/{book}/contacts", (string book, HttpRequest r, Caller c, ContactForm f, IContactStore s, CancellationToken t) => ContactsAsync(book, r, c, f, s, new(), t));
        books.MapGet("/{book}/contacts/created-since/{date}", (string book, string date, HttpRequest r, Caller c, ContactForm f, IContactStore s, CancellationToken t) =>
            ContactsAsync(book, r, c, f, s, new(CreatedSince: RequestReading.Date(date)), t));
        books.MapGet("/{book}/contacts/modified-since/{date}", (string book, string date, HttpRequest r, Caller c, ContactForm f, IContactStore s, CancellationToken t) =>
            ContactsAsync(book, r, c, f, s, new(UpdatedSince: RequestReading.Date(date)), t));
        books.MapPost("/{book}/contacts", AddAsync).RequireScope(KeyScope.Write);
        books.MapDelete("/{book}/contacts", EmptyAsync).RequireScope(KeyScope.Write);
        books.MapDelete("/{book}/contacts/{contact}", RemoveAsync).RequireScope(KeyScope.Write);
        books.MapPost("/{book}/contacts/delete", RemoveSomeAsync).RequireScope(KeyScope.Write);
        books.MapPost("/{book}/contacts/delete-all", RemoveAllAsync).RequireScope(KeyScope.Write);
        books.MapPost("/{book}/delete-all", RemoveAllAsync).RequireScope(KeyScope.Write);
        group.MapGet("/contacts/deletion/{deletion}", Deletion);
    }

    static async Task<IResult> ListAsync(HttpRequest request, Caller caller, IContactStore contacts, IAccountStore accounts, string? visibility, CancellationToken cancellationToken)
    {
        var (select, skip) = RequestReading.Page(request);
        var books = (await AddressBooks.AllAsync(contacts, accounts, caller.Account, cancellationToken)).Where(b => visibility is null || b.Visibility == visibility);
        return Answer.Ok([.. books.Skip(skip).Take(select)], VendorJson.Wire.ListApiAddressBook);
    }

    static async Task<IResult> GetAsync(string book, Caller caller, IContactStore contacts, IAccountStore accounts, CancellationToken cancellationToken)
    {
        var id = AddressBooks.Id(book);
        var found = (await AddressBooks.AllAsync(contacts, accounts, caller.Account, cancellationToken)).Find(b => b.Id == id) ?? throw VendorError.AddressBookNotFound();
        return Answer.Ok(found, VendorJson.Wire.ApiAddressBook);
    }

    static async Task<IResult> CreateAsync(HttpRequest request, Caller caller, IContactStore contacts, CancellationToken cancellationToken)
    {
        var change = ChangeOf(await RequestReading.BodyAsync(request, VendorJson.Wire.AddressBookBody, cancellationToken));
        if (change.Name is not { } name)
            throw VendorError.AddressBookInvalid();
        var list = await contacts.CreateListAsync(caller.Account.Id, name, change with { Name = null }, cancellationToken) ?? throw VendorError.AddressBookDuplicate();
        return Answer.Of(201, AddressBooks.Wire(list), VendorJson.Wire.ApiAddressBook);
    }

    static async Task<IResult> PutAsync(string book, HttpRequest request, Caller caller, IContactStore contacts, CancellationToken cancellationToken)
    {
        var change = ChangeOf(await RequestReading.BodyAsync(request, VendorJson.Wire.AddressBookBody, cancellationToken));
        var list = await AddressBooks.WritableAsync(contacts, caller.Account, book, cancellationToken);
        try
        {
            if (!await contacts.ChangeListAsync(caller.Account.Id, list.Id, change, cancellationToken))
                throw VendorError.AddressBookNotFound();
        }
        catch (ArgumentException)
        {
            throw VendorError.AddressBookDuplicate();
        }
        return Answer.Ok(AddressBooks.Wire(await AddressBooks.WritableAsync(contacts, caller.Account, book, cancellationToken)), VendorJson.Wire.ApiAddressBook);
    }

    static ListChange ChangeOf(AddressBookBody body)
    {
        var name = body.Name?.Trim();
        if (name is not null && (name.Length is 0 or > AddressBooks.NameLengthMax || name.Any(char.IsControl)))
            throw VendorError.AddressBookInvalid();
        if (name is not null && AddressBooks.IsReservedName(name))
            throw VendorError.AddressBookDuplicate();
        return new(name, body.Visibility?.ToUpperInvariant() switch
        {
            null or "" => null,
            "PRIVATE" => Visibility.Private,
            "PUBLIC" => Visibility.Public,
            _ => throw VendorError.BadParameter(),
        });
    }

    static async Task<IResult> DeleteAsync(string book, Caller caller, IContactStore contacts, CancellationToken cancellationToken)
    {
        var list = await AddressBooks.WritableAsync(contacts, caller.Account, book, cancellationToken);
        return await contacts.DeleteListAsync(caller.Account.Id, list.Id, cancellationToken) ? Results.NoContent() : throw VendorError.AddressBookNotFound();
    }

    static async Task<IResult> ContactsAsync(string book, HttpRequest request, Caller caller, ContactForm form, IContactStore contacts, ContactSelection selection, CancellationToken cancellationToken) =>
        await form.PageAsync(request, caller.Account, selection with { ListIds = await AddressBooks.ReadableAsync(contacts, caller.Account, book, cancellationToken) is { } list ? [list] : null }, cancellationToken);

    static async Task<IResult> AddAsync(string book, HttpRequest request, Caller caller, ContactForm form, IContactStore contacts, CancellationToken cancellationToken)
    {
        var list = await AddressBooks.WritableAsync(contacts, caller.Account, book, cancellationToken);
        var body = await RequestReading.BodyAsync(request, VendorJson.Wire.ContactBody, cancellationToken);
        var contact = string.IsNullOrWhiteSpace(body.Email) && body.Id > 0
            ? await form.PatchAsync(caller.Account, body.Id.Value, body, cancellationToken)
            : await form.UpsertAsync(caller.Account, body, cancellationToken);
        await form.JoinAsync(caller.Account, list, contact.Id, cancellationToken);
        return Answer.Ok(ContactForm.Wire(contact, await form.FieldsAsync(caller.Account, cancellationToken)), VendorJson.Wire.ApiContact);
    }

    static async Task<IResult> RemoveAsync(string book, string contact, Caller caller, IContactStore contacts, CancellationToken cancellationToken)
    {
        var list = await AddressBooks.WritableAsync(contacts, caller.Account, book, cancellationToken);
        return int.TryParse(contact, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && await contacts.RemoveMembersAsync(caller.Account.Id, list.Id, [id], cancellationToken) == 1
            ? Results.NoContent() : throw VendorError.ContactNotFound();
    }

    static async Task<IResult> EmptyAsync(string book, Caller caller, IContactStore contacts, CancellationToken cancellationToken)
    {
        await contacts.RemoveMembersAsync(caller.Account.Id, (await AddressBooks.WritableAsync(contacts, caller.Account, book, cancellationToken)).Id, null, cancellationToken);
        return Results.NoContent();
    }

    static async Task<IResult> RemoveSomeAsync(string book, HttpRequest request, Caller caller, IContactStore contacts, CancellationToken cancellationToken)
    {
        var list = await AddressBooks.WritableAsync(contacts, caller.Account, book, cancellationToken);
        var ids = await RequestReading.BodyAsync(request, VendorJson.Wire.ListInt32, cancellationToken);
        await contacts.RemoveMembersAsync(caller.Account.Id, list.Id, ids, cancellationToken);
        return Started(caller, contacts);
    }

    static async Task<IResult> RemoveAllAsync(string book, Caller caller, IContactStore contacts, CancellationToken cancellationToken)
    {
        await EmptyAsync(book, caller, contacts, cancellationToken);
        return Started(caller, contacts);
    }

    static IResult Started(Caller caller, IContactStore contacts) =>
        Answer.Of(202, new ApiContactDeletion(DeletionId.New(contacts.KeySeed(caller.Account.Id)), "Started"), VendorJson.Wire.ApiContactDeletion);

    /// <remarks>A deletion is done before it is answered.</remarks>
    static IResult Deletion(string deletion, Caller caller, IContactStore contacts) =>
        Guid.TryParse(deletion, out var id) && DeletionId.IsOf(id, contacts.KeySeed(caller.Account.Id))
            ? Answer.Ok(new ApiContactDeletion(id, "Completed"), VendorJson.Wire.ApiContactDeletion) : throw VendorError.Text(404, "Error: ERROR_PARAMETER_INVALID");
}
