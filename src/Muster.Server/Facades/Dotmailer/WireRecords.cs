using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Muster.Server.Facades.Dotmailer;

sealed record ApiError(string Message);

/// <remarks>Strict clients refuse a member that they do not know: members are never added to these records.</remarks>
sealed record ApiContactImport(Guid Id, string Status);

sealed record ApiContactImportReport(
    int NewContacts, int UpdatedContacts, int GloballySuppressed, int InvalidEntries, int DuplicateEmails, int Blocked, int Unsubscribed, int HardBounced,
    int SoftBounced, int IspComplaints, int MailBlocked, int DomainSuppressed, int PendingDoubleOptin, int Failures,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? SuppressedContacts);

sealed record ApiData(string Key, JsonNode? Value);

/// <param name="DataFields">Null unless the caller asked for full data.</param>
sealed record ApiContact(int Id, string Email, string OptInType, string EmailType, IReadOnlyList<ApiData>? DataFields, string Status);

sealed record ApiAddressBook(int Id, string Name, string Visibility, long Contacts);

sealed record ApiDataField(string Name, string Type, string Visibility, JsonNode? DefaultValue);

sealed record ApiDependency(string Type, int ObjectId);

sealed record ApiDependencyResult(IReadOnlyList<ApiDependency>? Dependencies, bool Result);

/// <param name="DateRemoved">ISO 8601, UTC.</param>
sealed record ApiContactSuppression(ApiContact SuppressedContact, string DateRemoved, string Reason);

sealed record ApiResubscribeResult(ApiContact Contact, string Status);

sealed record ApiContactDeletion(Guid Id, string Status);

sealed record ApiAccount(int Id, IReadOnlyList<ApiProperty> Properties);

sealed record ApiProperty(string Name, string Type, string Value);

sealed record DataInput(string? Key, JsonElement Value);

sealed record ContactBody(int? Id, string? Email, string? OptInType, string? EmailType, IReadOnlyList<DataInput>? DataFields);

sealed record AddressBookBody(string? Name, string? Visibility);

sealed record DataFieldBody(string? Name, string? Type, string? Visibility, JsonElement DefaultValue);

sealed record ResubscribeBody(ContactBody? UnsubscribedContact, string? PreferredLocale, string? ReturnUrlToUseIfChallenged);

/// <summary>camelCase out; any case in, and numbers as text, too.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, PropertyNameCaseInsensitive = true, NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(ApiContactImport))]
[JsonSerializable(typeof(ApiContactImportReport))]
[JsonSerializable(typeof(ApiContact))]
[JsonSerializable(typeof(List<ApiContact>))]
[JsonSerializable(typeof(ApiAddressBook))]
[JsonSerializable(typeof(List<ApiAddressBook>))]
[JsonSerializable(typeof(ApiDataField))]
[JsonSerializable(typeof(List<ApiDataField>))]
[JsonSerializable(typeof(ApiDependencyResult))]
[JsonSerializable(typeof(ApiContactSuppression))]
[JsonSerializable(typeof(List<ApiContactSuppression>))]
[JsonSerializable(typeof(ApiResubscribeResult))]
[JsonSerializable(typeof(ApiContactDeletion))]
[JsonSerializable(typeof(ApiAccount))]
[JsonSerializable(typeof(List<string>))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(ContactBody))]
[JsonSerializable(typeof(AddressBookBody))]
[JsonSerializable(typeof(DataFieldBody))]
[JsonSerializable(typeof(ResubscribeBody))]
[JsonSerializable(typeof(List<int>))]
sealed partial class VendorJson : JsonSerializerContext
{
    public static VendorJson Wire { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        PropertyNameCaseInsensitive = true,
        NumberHandling = JsonNumberHandling.AllowReadingFromString,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
