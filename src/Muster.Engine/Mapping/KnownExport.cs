using System.Collections.Frozen;

namespace Muster.Mapping;

/// <summary>An export of a well-known product, recognised by its header: what its columns mean that their names alone do not say. docs/formats-exports.md tells the rules of each.</summary>
/// <param name="Name">The wire name: <c>google_contacts</c>.</param>
/// <param name="Title">For people.</param>
/// <param name="Signature">The source has a column of each group.</param>
public sealed record KnownExport(string Name, string Title, IReadOnlyList<IReadOnlySet<string>> Signature)
{
    /// <summary>Column (as names are compared) → where it goes: an identity that the product calls otherwise, or who has opted out.</summary>
    public IReadOnlyDictionary<string, string> Columns { get; private init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>Column → a text that means nothing there; with a <c>*</c> behind it, any text that begins so.</summary>
    public IReadOnlyDictionary<string, string> Blanks { get; private init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>An identity by which rows are matched, too, when the import does not say: most rows have no other.</summary>
    public string? AlsoMatch { get; private init; }

    static readonly KnownExport[] All =
    [
        // Of a contact without a birthday Outlook writes 0/0/00, and of one in the same company's directory an X.500 name instead of an address.
        Of("outlook", "Outlook", ["E-mail Address", "E-mail 1 Address"], ["E-mail Display Name", "E-mail 2 Address", "E-mail Type", "E-mail 2 Display Name"], ["Business Street", "Home Street", "Business Phone", "Home Phone", "Mobile Phone"]) with
        {
            Blanks = Columned(("Birthday", "0/0/00"), ("Anniversary", "0/0/00"), ("E-mail Address", "/o=*"), ("E-mail 2 Address", "/o=*"), ("E-mail 3 Address", "/o=*")),
        },
        Of("google_contacts", "Google Contacts", ["Group Membership", "Labels"], ["E-mail 1 - Value", "Phone 1 - Value", "E-mail 1 - Label", "Phone 1 - Label", "E-mail 1 - Type", "Phone 1 - Type"], ["Given Name", "First Name", "Name"]),
        Of("hubspot", "HubSpot", ["Record ID", "Record ID - Contact"], ["Contact owner", "Lifecycle Stage", "Lead Status", "Marketing contact status", "Associated Company", "Associated Company IDs", "Last Activity Date"], ["Email", "First Name"]) with
        {
            Columns = Columned(
                ("Record ID", "external_id"), ("Contact ID", "external_id"), ("Record ID - Contact", "external_id"),
                ("Unsubscribed from all email", "opt_out:email"), ("Opted out of all email", "opt_out:email"), ("Company name", "company"), ("Associated Company", "company")),
        },
        // Of the file of those who unsubscribed every row has UNSUB_TIME, of that of cleaned addresses CLEAN_TIME.
        Of("mailchimp", "Mailchimp", ["Email Address"], ["MEMBER_RATING", "LEID"], ["OPTIN_TIME", "CONFIRM_TIME", "LAST_CHANGED", "EUID"]) with
        {
            Columns = Columned(("EUID", "external_id"), ("UNSUB_TIME", "opt_out:email"), ("CLEAN_TIME", "opt_out:email")),
        },
        Of("salesforce", "Salesforce", ["Last Name", "LastName"], ["AccountId", "Account Name", "Account ID", "Lead Owner", "Company / Account", "OwnerId", "Contact Owner"], ["Contact ID", "Id", "Lead ID", "Mailing Street", "MailingStreet", "Lead Source", "LeadSource", "Account Owner", "Salutation", "IsDeleted", "Mailing City", "Lead Status"]) with
        {
            Columns = Columned(
                ("Contact ID", "external_id"), ("Lead ID", "external_id"), ("Id", "external_id"), ("Account Name", "company"), ("Company / Account", "company"),
                ("HasOptedOutOfEmail", "opt_out:email"), ("Email Opt Out", "opt_out:email"), ("DoNotCall", "opt_out:phone"), ("Do Not Call", "opt_out:phone")),
        },
        // Addresses are those of members who share theirs: few rows have one, and each has the address of its profile.
        Of("linkedin", "LinkedIn", ["Connected On"], ["Position", "URL"], ["First Name"], ["Last Name"]) with
        {
            Columns = Columned(("URL", "external_id"), ("Company", "company")),
            AlsoMatch = "external_id",
        },
    ];

    /// <summary>Apple writes its own labels between these signs: <c>Phone : _$!&lt;Mobile&gt;!$_</c>.</summary>
    const string AppleLabel = "_$!<";

    static readonly KnownExport Apple = Of("apple_contacts", "Apple Contacts");
    static readonly string[] OfApple = ["iPhone", "Phone: iPhone", "Phone (iPhone)", "iPhone (Phone)"];
    static readonly FrozenSet<string> AppleColumns = OfApple.Select(ColumnName.Key).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The export that a source with these columns is, or null.</summary>
    public static KnownExport? Find(IReadOnlyList<string> columns)
    {
        var keys = columns.Select(ColumnName.Key).ToHashSet(StringComparer.Ordinal);
        return Array.Find(All, export => export.Signature.All(group => group.Overlaps(keys)))
            ?? (columns.Any(c => c.Contains(AppleLabel, StringComparison.Ordinal)) || AppleColumns.Overlaps(keys) ? Apple : null);
    }

    /// <summary>A column's name without the signs that Apple puts around its own labels.</summary>
    public static string Plain(string column) =>
        column.Contains(AppleLabel, StringComparison.Ordinal) ? column.Replace(AppleLabel, "", StringComparison.Ordinal).Replace(">!$_", "", StringComparison.Ordinal) : column;

    static KnownExport Of(string name, string title, params string[][] groups) =>
        new(name, title, [.. groups.Select(group => group.Select(ColumnName.Key).ToFrozenSet(StringComparer.Ordinal))]);

    static FrozenDictionary<string, string> Columned(params (string Column, string Says)[] columns) =>
        columns.DistinctBy(c => ColumnName.Key(c.Column), StringComparer.Ordinal).ToFrozenDictionary(c => ColumnName.Key(c.Column), c => c.Says, StringComparer.Ordinal);
}
