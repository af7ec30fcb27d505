using System.Text.Json;

namespace Muster.Client;

/// <summary>A contact.</summary>
/// <param name="Phone">E.164 with its plus, or null.</param>
/// <param name="Status">opted_out when the contact is opted out of every channel that it can be reached by, else active.</param>
/// <param name="Consent">By channel: email, sms, phone. A channel that nobody has said anything about is not there.</param>
/// <param name="Fields">Custom fields by name: text, number, date (text, 2026-01-31) or boolean.</param>
/// <param name="Lists">Names.</param>
/// <param name="Tags">Names.</param>
public sealed record ContactResource(
    int Id, string? Phone, string? Email, string? ExternalId, string? FirstName, string? LastName, string? Company, string Status,
    IReadOnlyDictionary<string, JsonElement> Fields, IReadOnlyList<string> Lists, IReadOnlyList<string> Tags, IReadOnlyDictionary<string, ConsentResource> Consent, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>What a contact is made of or changed to. What is absent is left alone; null on the wire, or an empty text, clears.</summary>
/// <param name="Fields">Custom fields by name; unknown ones are created.</param>
/// <param name="Lists">Lists to add the contact to, by name; unknown ones are created.</param>
/// <param name="Tags">Tags to add; unknown ones are created.</param>
public sealed record ContactInput(
    string? Phone = null, string? Email = null, string? ExternalId = null, string? FirstName = null, string? LastName = null, string? Company = null,
    IReadOnlyDictionary<string, JsonElement>? Fields = null, IReadOnlyList<string>? Lists = null, IReadOnlyList<string>? Tags = null,
    IReadOnlyDictionary<string, ConsentInput>? Consent = null);

/// <summary>What a contact has said about one channel, and how that is known.</summary>
/// <param name="Status">opted_in or opted_out.</param>
/// <param name="Source">Such as webform, api, or import and its id.</param>
/// <param name="Evidence">What proves it.</param>
/// <param name="Ip">Address that the contact said it from.</param>
public sealed record ConsentResource(string Status, DateTimeOffset? Time, string? Source, string? Evidence, string? Ip);

/// <summary>As <see cref="ConsentResource"/>, to be set.</summary>
/// <param name="Channels">Of an import: email, sms, phone; null: all of them.</param>
public sealed record ConsentInput(
    string Status, DateTimeOffset? Time = null, string? Source = null, string? Evidence = null, string? Ip = null, IReadOnlyList<string>? Channels = null);

/// <summary>An address, number or domain that imports leave alone.</summary>
/// <param name="Id">kind:value.</param>
/// <param name="Kind">email, phone or domain.</param>
public sealed record SuppressionResource(string Id, string Kind, string Value, string? Reason, DateTimeOffset CreatedAt);

/// <summary>One suppression to add: its value with or without its kind, or by the kind's own name.</summary>
public sealed record SuppressionInput(
    string? Value = null, string? Kind = null, string? Reason = null, string? Email = null, string? Phone = null, string? Domain = null);

/// <summary>Suppressions to add at once.</summary>
public sealed record SuppressionsInput(IReadOnlyList<SuppressionInput> Suppressions);

/// <summary>What became of adding suppressions at once.</summary>
/// <param name="Known">Those that were there already.</param>
public sealed record SuppressionsAdded(int Added, int Known);

/// <summary>A list of contacts.</summary>
/// <param name="Kind">static or dynamic.</param>
/// <param name="MembersMax">Null: nothing limits it. Rows of an import beyond it are rejected as list_full.</param>
/// <param name="Visibility">private or public: whom programs may show it to. Muster itself shows it to every key of the account.</param>
/// <param name="Tag">A word of the caller's own, or null.</param>
/// <param name="Variables">What a dynamic list keeps of each member, beside the contact's fields.</param>
/// <param name="UpdatedAt">When the list itself was last changed; members do not count.</param>
public sealed record ListResource(int Id, string Name, string Kind, long Members, long? MembersMax, string Visibility, string? Tag, DateTimeOffset CreatedAt,
    IReadOnlyList<string>? Variables = null, DateTimeOffset? UpdatedAt = null);

/// <summary>What a list is made with or changed to. What is absent is left as it is.</summary>
/// <param name="Visibility">private (default) or public.</param>
/// <param name="Tag">An empty text takes it away.</param>
/// <param name="MembersMax">Most members; 0 takes the limit away.</param>
/// <param name="Kind">static (default) or dynamic; a list keeps its kind.</param>
/// <param name="Variables">Of a dynamic list: the names that a mapping may send columns to, as variable:NAME.</param>
public sealed record ListInput(
    string? Name = null, string? Visibility = null, string? Tag = null, long? MembersMax = null, string? Kind = null, IReadOnlyList<string>? Variables = null);

/// <summary>A contact in a list.</summary>
/// <param name="Variables">As the row had them that brought the contact into a dynamic list.</param>
public sealed record MemberResource(int ContactId, DateTimeOffset Since, IReadOnlyDictionary<string, string> Variables);

/// <summary>A tag and how many contacts carry it.</summary>
public sealed record TagResource(int Id, string Name, long Contacts);

/// <summary>A custom field.</summary>
/// <param name="Type">text, number, date or boolean.</param>
/// <param name="Visibility">private or public: whom programs may show it to.</param>
/// <param name="DefaultValue">What programs may show for contacts without a value, or null. Contacts are not touched by it.</param>
public sealed record FieldResource(int Id, string Name, string Type, string Visibility, string? DefaultValue);

/// <summary>The name of a tag to make.</summary>
public sealed record NameInput(string Name);

/// <param name="Type">text (default), number, date or boolean.</param>
/// <param name="Visibility">private (default) or public.</param>
/// <param name="DefaultValue">Text that the type can read.</param>
public sealed record FieldInput(string Name, string? Type = null, string? Visibility = null, string? DefaultValue = null);

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
/// <param name="DateOrder">ymd, dmy or mdy: how dates are read when neither an import nor its file says; null holds such imports.</param>
/// <param name="ImportsOff">True: the operator has switched imports off for the account.</param>
/// <param name="Hold">Limits of the hold rules by name (docs/hold.md); null where a rule is off.</param>
public sealed record AccountResource(
    int Id, string Name, string Sid, string? Region, string Match, IReadOnlyDictionary<string, double?> Hold, DateTimeOffset CreatedAt, AccountLimitsResource Limits, AccountUsageResource? Usage, bool ImportsOff, string? DateOrder = null);

/// <summary>What the account may use. The operator sets it.</summary>
/// <param name="ContactsMax">Null: nothing limits it.</param>
/// <param name="ImportsActiveMax">Imports queued, running or paused at once.</param>
/// <param name="UploadsAtOnceMax">Sources being received at once.</param>
/// <param name="SpoolBytesMax">Bytes of kept sources. Null: nothing limits it.</param>
/// <param name="Exotel">What uploads through the Exotel façade may bring.</param>
public sealed record AccountLimitsResource(long? ContactsMax, int ImportsActiveMax, int UploadsAtOnceMax, long? SpoolBytesMax, ExotelLimitsResource? Exotel = null);

/// <param name="StaticListMax">Members of a static list. Null: nothing limits it.</param>
/// <param name="DynamicListMax">Members of a dynamic list. Null: nothing limits it.</param>
/// <param name="VariablesMax">Variables of a dynamic list.</param>
/// <param name="FileBytesMax">Bytes of one file.</param>
public sealed record ExotelLimitsResource(long? StaticListMax, long? DynamicListMax, int VariablesMax, long FileBytesMax);

/// <summary>What the account uses of its limits.</summary>
public sealed record AccountUsageResource(long Contacts, int ImportsActive, long SpoolBytes);

/// <summary>Null leaves a setting as it is.</summary>
/// <param name="DateOrder">ymd, dmy or mdy; empty takes it away.</param>
/// <param name="Hold">Limits of the hold rules by name, such as <c>{"reject_share":0.5,"drift":false}</c>; false switches all off, true gives all their defaults.</param>
public sealed record AccountInput(string? Region = null, string? Match = null, JsonElement? Hold = null, string? DateOrder = null);

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
