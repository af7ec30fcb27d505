using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Muster.Client;

/// <summary>How the native API writes JSON: snake_case names, text as it is, times as ISO 8601.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(ImportResource))]
[JsonSerializable(typeof(ImportOptionsResource))]
[JsonSerializable(typeof(ReversalPreviewResource))]
[JsonSerializable(typeof(ReversalInput))]
[JsonSerializable(typeof(Page<HistoryResource>))]
[JsonSerializable(typeof(ErrorResource))]
[JsonSerializable(typeof(RowResource))]
[JsonSerializable(typeof(ChangeResource))]
[JsonSerializable(typeof(Page<ChangeResource>))]
[JsonSerializable(typeof(ContactResource))]
[JsonSerializable(typeof(ContactInput))]
[JsonSerializable(typeof(ListResource))]
[JsonSerializable(typeof(MemberResource))]
[JsonSerializable(typeof(Page<MemberResource>))]
[JsonSerializable(typeof(TagResource))]
[JsonSerializable(typeof(FieldResource))]
[JsonSerializable(typeof(KeyResource))]
[JsonSerializable(typeof(NewKeyResource))]
[JsonSerializable(typeof(AccountResource))]
[JsonSerializable(typeof(NameInput))]
[JsonSerializable(typeof(ListInput))]
[JsonSerializable(typeof(FieldInput))]
[JsonSerializable(typeof(KeyInput))]
[JsonSerializable(typeof(AccountInput))]
[JsonSerializable(typeof(MappingRuleResource))]
[JsonSerializable(typeof(MappingOption))]
[JsonSerializable(typeof(ConsentInput))]
[JsonSerializable(typeof(SuppressionResource))]
[JsonSerializable(typeof(SuppressionInput))]
[JsonSerializable(typeof(SuppressionsInput))]
[JsonSerializable(typeof(SuppressionsAdded))]
[JsonSerializable(typeof(Page<SuppressionResource>))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(ProfileResource))]
[JsonSerializable(typeof(ProfileInput))]
[JsonSerializable(typeof(Page<ProfileResource>))]
[JsonSerializable(typeof(UploadResource))]
[JsonSerializable(typeof(PreviewResource))]
[JsonSerializable(typeof(UploadImportInput))]
[JsonSerializable(typeof(Page<UploadResource>))]
[JsonSerializable(typeof(Page<ImportResource>))]
[JsonSerializable(typeof(Page<ErrorResource>))]
[JsonSerializable(typeof(Page<RowResource>))]
[JsonSerializable(typeof(Page<ContactResource>))]
[JsonSerializable(typeof(Page<ListResource>))]
[JsonSerializable(typeof(Page<TagResource>))]
[JsonSerializable(typeof(Page<FieldResource>))]
[JsonSerializable(typeof(Page<KeyResource>))]
[JsonSerializable(typeof(UrlSubmission))]
[JsonSerializable(typeof(WebhookResource))]
[JsonSerializable(typeof(NewWebhookResource))]
[JsonSerializable(typeof(WebhookInput))]
[JsonSerializable(typeof(SigningSecretResource))]
[JsonSerializable(typeof(DeliveryResource))]
[JsonSerializable(typeof(NotificationResource))]
[JsonSerializable(typeof(Page<WebhookResource>))]
[JsonSerializable(typeof(Page<DeliveryResource>))]
public sealed partial class MusterJson : JsonSerializerContext
{
    /// <summary>The context to use: text is not escaped beyond what JSON asks for, so that names stay readable.</summary>
    public static MusterJson Wire { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>As <see cref="Wire"/>, without members that are null: what requests and problems are written with.</summary>
    public static MusterJson Sparse { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    });
}
