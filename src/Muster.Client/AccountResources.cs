using System.Text.Json;

namespace Muster.Client;

/// <summary>A contact.</summary>
/// <param name="Phone">E.164 with its plus, or null.</param>
/// <param name="Status">active.</param>
/// <param name="Fields">Custom fields by name: text, number, date (text, 2026-01-31) or boolean.</param>
/// <param name="Lists">Names.</param>
/// <param name="Tags">Names.</param>
public sealed record ContactResource(
    int Id, string? Phone, string? Email, string? ExternalId, string? FirstName, string? LastName, string? Company, string Status,
    IReadOnlyDictionary<string, JsonElement> Fields, IReadOnlyList<string> Lists, IReadOnlyList<string> Tags, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>What a contact is made of or changed to. What is absent is left alone; null on the wire, or an empty text, clears.</summary>
/// <param name="Fields">Custom fields by name; unknown ones are created.</param>
/// <param name="Lists">Lists to add the contact to, by name; unknown ones are created.</param>
/// <param name="Tags">Tags to add; unknown ones are created.</param>
public sealed record ContactInput(
    string? Phone = null, string? Email = null, string? ExternalId = null, string? FirstName = null, string? LastName = null, string? Company = null,
    IReadOnlyDictionary<string, JsonElement>? Fields = null, IReadOnlyList<string>? Lists = null, IReadOnlyList<string>? Tags = null);

/// <summary>A list of contacts.</summary>
/// <param name="Kind">static or dynamic.</param>
/// <param name="MembersMax">Null: nothing limits it.</param>
public sealed record ListResource(int Id, string Name, string Kind, long Members, long? MembersMax, DateTimeOffset CreatedAt);

/// <summary>A tag and how many contacts carry it.</summary>
public sealed record TagResource(int Id, string Name, long Contacts);

/// <summary>A custom field.</summary>
/// <param name="Type">text, number, date or boolean.</param>
public sealed record FieldResource(int Id, string Name, string Type);

/// <summary>The name of a list or tag to make or to rename to.</summary>
public sealed record NameInput(string Name);

/// <param name="Type">text (default), number, date or boolean.</param>
public sealed record FieldInput(string Name, string? Type = null);

/// <summary>An API key, without its secret.</summary>
/// <param name="Scope">read, write or admin; each includes those before it.</param>
public sealed record KeyResource(string Id, string Scope, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt, DateTimeOffset? RevokedAt);

/// <summary>A key just made: the only answer that ever holds its secret.</summary>
/// <param name="Token">What goes after <c>Authorization: Bearer</c>.</param>
public sealed record NewKeyResource(string Id, string Scope, string Secret, string Token, DateTimeOffset CreatedAt);

/// <param name="Scope">read, write (default) or admin.</param>
public sealed record KeyInput(string? Scope = null);

/// <summary>The account that the key belongs to.</summary>
/// <param name="Region">ISO 3166-1 alpha-2 region of national phone numbers, or null.</param>
/// <param name="Match">phone, email or external_id: what contacts are matched by when an import does not say.</param>
/// <param name="Hold">Limits of the hold rules by name (docs/hold.md); null where a rule is off.</param>
public sealed record AccountResource(
    int Id, string Name, string Sid, string? Region, string Match, IReadOnlyDictionary<string, double?> Hold, DateTimeOffset CreatedAt);

/// <summary>Null leaves a setting as it is.</summary>
/// <param name="Hold">Limits of the hold rules by name, such as <c>{"reject_share":0.5,"drift":false}</c>; false switches all off, true gives all their defaults.</param>
public sealed record AccountInput(string? Region = null, string? Match = null, JsonElement? Hold = null);

/// <summary>Why a request was refused (RFC 9457).</summary>
/// <param name="Type">URI reference of the code's page.</param>
/// <param name="Detail">The rule, what was found and the remedy.</param>
/// <param name="Code">Stable snake_case name that programs switch on.</param>
/// <param name="Option">The import option or parameter at fault.</param>
/// <param name="Errors">What is wrong with single fields of a contact.</param>
public sealed record Problem(
    string Type, string Title, int Status, string Detail, string Code,
    string? Option = null, IReadOnlyList<FieldProblem>? Errors = null);

/// <param name="Field">Null when the contact as a whole is at fault.</param>
public sealed record FieldProblem(string? Field, string Code, string Message);
