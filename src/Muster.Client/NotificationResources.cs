using System.Text.Json;

namespace Muster.Client;

/// <summary>An address that is told of the account's imports.</summary>
/// <param name="Url">Without user, password and query.</param>
/// <param name="Events">Names such as import.completed; empty: all of them.</param>
/// <param name="DisabledReason">gone: it answered 410; null otherwise.</param>
/// <param name="FormerSecretUntil">Until then, the secret before the present one signs, too.</param>
public sealed record WebhookResource(
    Guid Id, string Url, IReadOnlyList<string> Events, string? Description, bool Enabled, string? DisabledReason, DateTimeOffset CreatedAt, DateTimeOffset? FormerSecretUntil);

/// <summary>A webhook just made, or one whose secret was just changed: the only answers that hold its secret.</summary>
/// <param name="Secret"><c>whsec_</c> and Base64, as the libraries of Standard Webhooks take it.</param>
public sealed record NewWebhookResource(
    Guid Id, string Url, IReadOnlyList<string> Events, string? Description, bool Enabled, string? DisabledReason, DateTimeOffset CreatedAt, DateTimeOffset? FormerSecretUntil, string Secret);

/// <param name="Url">http or https; required when the webhook is made. Null leaves it.</param>
/// <param name="Events">Null leaves them; empty: all events.</param>
/// <param name="Secret">A secret of your own (<c>whsec_</c> and Base64 of 24 to 64 bytes); only when the webhook is made.</param>
public sealed record WebhookInput(string? Url = null, IReadOnlyList<string>? Events = null, string? Description = null, bool? Enabled = null, string? Secret = null);

/// <summary>What signs the webhooks that single imports name, and vendors' callbacks.</summary>
public sealed record SigningSecretResource(string Secret, DateTimeOffset? FormerSecretUntil);

/// <summary>One event for one receiver.</summary>
/// <param name="MessageId">The header webhook-id, the same at every try.</param>
/// <param name="Kind">webhook or mail.</param>
/// <param name="WebhookId">Null when the import itself named the receiver.</param>
/// <param name="Event">Such as import.completed.</param>
/// <param name="Target">URL without user, password and query, or e-mail address.</param>
/// <param name="Format">native, or the vendor's whose form the body has.</param>
/// <param name="Status">pending, delivered or failed.</param>
/// <param name="LastStatus">What the receiver answered at the last try; null when it did not.</param>
/// <param name="LastError">Stable snake_case name.</param>
public sealed record DeliveryResource(
    Guid Id, string MessageId, string Kind, Guid? WebhookId, Guid? ImportId, string Event, string Target, string Format, string Status, int Attempts,
    DateTimeOffset? NextAttemptAt, DateTimeOffset? LastAttemptAt, int? LastStatus, string? LastError, DateTimeOffset CreatedAt, DateTimeOffset? EndedAt);

/// <summary>The body of a webhook.</summary>
/// <param name="Type">Such as import.completed; the event stream's events have the same names.</param>
/// <param name="Timestamp">When the event was.</param>
/// <param name="Data">The import as it was then, as <c>GET /v1/imports/{id}</c> and the event stream tell it; of a test, an empty object.</param>
public sealed record NotificationResource(string Type, DateTimeOffset Timestamp, JsonElement Data);
