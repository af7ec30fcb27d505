namespace Muster.Contacts;

/// <summary>A custom field of an account. Contacts keep its values in one JSON object under <paramref name="Id"/>, so that renaming a field touches no contact.</summary>
/// <param name="Id">Per-account integer, never reused.</param>
/// <param name="Name">As a person wrote it; unique per account without regard to case.</param>
public sealed record FieldDefinition(int Id, string Name, FieldType Type)
{
    /// <summary>Who is meant to see it. Muster shows it to every key of the account; programs that show contacts to others may heed it.</summary>
    public Visibility Visibility { get; init; }

    /// <summary>What programs may show for a contact that has no value; contacts themselves are not touched by it.</summary>
    public string? DefaultValue { get; init; }
}

/// <summary>Whether something is meant for the account's own people or for its contacts, too.</summary>
public enum Visibility : byte { Private = 0, Public = 1 }

/// <summary>A list of contacts. <paramref name="MembersMax"/> null means that nothing limits it.</summary>
/// <param name="Kind">One of <see cref="ListKinds"/>.</param>
public sealed record ContactList(int Id, string Name, string Kind, long Members, long? MembersMax, DateTimeOffset CreatedAt)
{
    public Visibility Visibility { get; init; }

    /// <summary>A word of the caller's own.</summary>
    public string? Tag { get; init; }

    /// <summary>Names of what a dynamic list keeps of each of its members; empty for a static list.</summary>
    public IReadOnlyList<string> Variables { get; init; } = [];

    /// <summary>When the list itself was last changed; members do not count.</summary>
    public DateTimeOffset UpdatedAt { get; init; } = CreatedAt;
}

/// <summary>What lists there are.</summary>
public static class ListKinds
{
    public const string Static = "static";

    /// <summary>A list whose members have variables of their own, beside the contact's fields.</summary>
    public const string Dynamic = "dynamic";
}

/// <summary>What a list is made with or changed to. Null leaves it as it is, or at its default.</summary>
/// <param name="Tag">An empty text takes it away.</param>
/// <param name="MembersMax">0 takes the limit away.</param>
/// <param name="Kind">One of <see cref="ListKinds"/>, static by default; a list that is there keeps its kind.</param>
/// <param name="Variables">All of them; empty takes them away.</param>
public sealed record ListChange(
    string? Name = null, Visibility? Visibility = null, string? Tag = null, long? MembersMax = null, string? Kind = null, IReadOnlyList<string>? Variables = null);

/// <summary>A contact in a list.</summary>
/// <param name="Variables">Name → text, as the row had them that brought the contact into a dynamic list.</param>
public sealed record ListMember(int ContactId, DateTimeOffset Since, IReadOnlyDictionary<string, string> Variables);

/// <summary>A tag and how many contacts carry it.</summary>
public sealed record Tag(int Id, string Name, long Contacts);

/// <summary>One contact as people and programs read it. Writing in bulk never builds this object: see <see cref="RowBlock"/>.</summary>
/// <param name="Phone">E.164 digits without the plus, or null.</param>
/// <param name="Fields">Custom fields by name; values are string, long, decimal, bool or JSON number text.</param>
public sealed record Contact(
    int Id, long? Phone, string? Email, string? ExternalId, string? FirstName, string? LastName, string? Company,
    IReadOnlyDictionary<string, object> Fields, IReadOnlyList<string> Lists, IReadOnlyList<string> Tags,
    int Rev, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    /// <summary>What is known of the contact's consent, by channel (email, sms, phone); a channel that nobody has said anything about is not there.</summary>
    public IReadOnlyDictionary<string, ConsentRecord> Consent { get; init; } = new Dictionary<string, ConsentRecord>();

    /// <summary>opted_out when the contact is opted out of every channel that it can be reached by, else active.</summary>
    public string Status
    {
        get
        {
            bool IsOut(string channel) => Consent.TryGetValue(channel, out var record) && record.Status == ConsentRecord.OptedOut;
            var isOut = Consent.Keys.Any(IsOut) && (Email is null || IsOut("email")) && (Phone is null || (IsOut("sms") && IsOut("phone")));
            return isOut ? ConsentRecord.OptedOut : "active";
        }
    }
}

/// <summary>A tenant. Every row of every tenant table begins with its <paramref name="Id"/>.</summary>
/// <param name="Sid">The name in vendor paths such as /v2/accounts/{sid}.</param>
/// <param name="Region">ISO 3166-1 alpha-2 region of national phone numbers, or null when numbers must be international.</param>
/// <param name="Match">What contacts are matched by when an import does not say.</param>
public sealed record Account(int Id, string Name, string Sid, string? Region, KeyKind Match, DateTimeOffset CreatedAt)
{
    public AccountSettings Settings { get; init; } = new();
}

/// <summary>What a key may do. Each scope includes those before it.</summary>
public enum KeyScope : byte { Read = 0, Write = 1, Admin = 2 }

/// <summary>An API key as stored: the secret itself is shown once, when it is made, and kept as SHA-256 only.</summary>
public sealed record ApiKey(string Id, int AccountId, KeyScope Scope, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt, DateTimeOffset? RevokedAt);
