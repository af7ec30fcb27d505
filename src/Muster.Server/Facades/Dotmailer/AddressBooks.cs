using System.Globalization;
using Muster.Contacts;
using Muster.Storage;

namespace Muster.Server.Facades.Dotmailer;

/// <summary>Lists as address books, and the two that every account of the vendor's has: they are in the listing and cannot be written to.</summary>
static class AddressBooks
{
    public const int NameLengthMax = 128;

    /// <summary>Ids that no list has: those begin at 1 and would have to reach the end of the range.</summary>
    public const int AllContactsId = int.MaxValue - 1;
    public const int TestId = int.MaxValue;
    const string AllContacts = "All Contacts";
    const string Test = "Test";

    public static bool IsReservedName(string name) => name.Equals(Test, StringComparison.OrdinalIgnoreCase) || name.Equals(AllContacts, StringComparison.OrdinalIgnoreCase);

    public static ApiAddressBook Wire(ContactList list) => new(list.Id, list.Name, list.Visibility == Visibility.Public ? "Public" : "Private", list.Members);

    /// <summary>All of them in order of id.</summary>
    public static async Task<List<ApiAddressBook>> AllAsync(IContactStore contacts, IAccountStore accounts, Account account, CancellationToken cancellationToken)
    {
        var books = (await contacts.ListsAsync(account.Id, cancellationToken)).OrderBy(l => l.Id).Select(Wire).ToList();
        if (!books.Exists(b => b.Name.Equals(AllContacts, StringComparison.OrdinalIgnoreCase)))
            books.Add(new(AllContactsId, AllContacts, "Private", (await accounts.UsageAsync(account.Id, cancellationToken))?.Contacts ?? 0));
        if (!books.Exists(b => b.Name.Equals(Test, StringComparison.OrdinalIgnoreCase)))
            books.Add(new(TestId, Test, "Private", 0));
        return books;
    }

    public static int Id(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : throw VendorError.AddressBookNotFound();

    /// <summary>A list that may be written to.</summary>
    public static async Task<ContactList> WritableAsync(IContactStore contacts, Account account, string text, CancellationToken cancellationToken)
    {
        var id = Id(text);
        if (id is AllContactsId or TestId)
            throw VendorError.AddressBookNotWritable();
        var list = (await contacts.ListsAsync(account.Id, cancellationToken)).FirstOrDefault(l => l.Id == id) ?? throw VendorError.AddressBookNotFound();
        return IsReservedName(list.Name) ? throw VendorError.AddressBookNotWritable() : list;
    }

    public static async Task<int[]> WritableAsync(IContactStore contacts, Account account, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        var lists = new List<int>();
        foreach (var id in ids)
            lists.Add((await WritableAsync(contacts, account, id, cancellationToken)).Id);
        return [.. lists.Distinct()];
    }

    /// <summary>What a filter of the store says of an address book's contacts; null for the account's.</summary>
    public static async Task<int?> ReadableAsync(IContactStore contacts, Account account, string text, CancellationToken cancellationToken)
    {
        var id = Id(text);
        if (id == AllContactsId)
            return null;
        return id == TestId || (await contacts.ListsAsync(account.Id, cancellationToken)).Any(l => l.Id == id) ? id : throw VendorError.AddressBookNotFound();
    }
}
