namespace Muster.Contacts;

/// <summary>A custom field of an account. Contacts keep its values in one JSON object under <paramref name="Id"/>, so that renaming a field touches no contact.</summary>
/// <param name="Id">Per-account integer, never reused.</param>
/// <param name="Name">As a person wrote it; unique per account without regard to case.</param>
public sealed record FieldDefinition(int Id, string Name, FieldType Type);

/// <summary>A list of contacts. <paramref name="MembersMax"/> null means that nothing limits it.</summary>
public sealed record ContactList(int Id, string Name, string Kind, long Members, long? MembersMax, DateTimeOffset CreatedAt);

/// <summary>A tag and how many contacts carry it.</summary>
public sealed record Tag(int Id, string Name, long Contacts);

/// <summary>One contact as people and programs read it. Writing in bulk never builds this object: see <see cref="RowBlock"/>.</summary>
/// <param name="Phone">E.164 digits without the plus, or null.</param>
/// <param name="Fields">Custom fields by name; values are string, long, decimal, bool or JSON number text.</param>
public sealed record Contact(
    int Id, long? Phone, string? Email, string? ExternalId, string? FirstName, string? LastName, string? Company,
    IReadOnlyDictionary<string, object> Fields, IReadOnlyList<string> Lists, IReadOnlyList<string> Tags,
    int Rev, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>A tenant. Every row of every tenant table begins with its <paramref name="Id"/>.</summary>
/// <param name="Sid">The name in vendor paths such as /v2/accounts/{sid}.</param>
/// <param name="Region">ISO 3166-1 alpha-2 region of national phone numbers, or null when numbers must be international.</param>
/// <param name="Match">What contacts are matched by when an import does not say.</param>
public sealed record Account(int Id, string Name, string Sid, string? Region, KeyKind Match, DateTimeOffset CreatedAt)
{
    public AccountSettings Settings { get; init; } = new();
}

/// <summary>What an account chooses for its imports. Null leaves Muster's default.</summary>
public sealed record AccountSettings
{
    /// <summary>Limits of the hold rules by name (<see cref="HoldRules"/>); a null limit switches its rule off.</summary>
    public IReadOnlyDictionary<string, double?>? Hold { get; init; }
}

/// <summary>What a key may do. Each scope includes those before it.</summary>
public enum KeyScope : byte { Read = 0, Write = 1, Admin = 2 }

/// <summary>An API key as stored: the secret itself is shown once, when it is made, and kept as SHA-256 only.</summary>
public sealed record ApiKey(string Id, int AccountId, KeyScope Scope, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt, DateTimeOffset? RevokedAt);
