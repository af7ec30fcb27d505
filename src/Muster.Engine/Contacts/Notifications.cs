namespace Muster.Contacts;

/// <summary>Keys that sign webhooks: the one in force, and for a while the one before it, so that a receiver can change over without missing anything.</summary>
/// <param name="Secret"><c>whsec_</c> and 32 bytes as Base64, as Standard Webhooks writes them.</param>
public sealed record SigningSecrets(string Secret, string? Former, DateTimeOffset? FormerUntil);

/// <summary>An address of an account that is told of its imports.</summary>
/// <param name="Events">Names such as import.completed; empty: all.</param>
/// <param name="DisabledAt">Null while it is told. Set by its owner, or by an answer 410.</param>
public sealed record Webhook(
    Guid Id, int AccountId, string Url, IReadOnlyList<string> Events, string? Description, SigningSecrets Secrets,
    DateTimeOffset CreatedAt, DateTimeOffset? DisabledAt, string? DisabledReason);

/// <summary>Where a delivery stands. Numbers are stored.</summary>
public enum DeliveryStatus : byte { Pending = 0, Delivered = 1, Failed = 2 }

/// <summary>One event for one receiver. Its id is the same at every try: receivers tell repetitions by it.</summary>
/// <param name="Event">Such as import.completed.</param>
/// <param name="Address">URL, complete, or e-mail address.</param>
/// <param name="LastStatus">What the receiver answered at the last try; null when it did not answer.</param>
/// <param name="LastError">Stable snake_case name of what was wrong with the last try.</param>
public sealed record Delivery(
    Guid Id, int AccountId, long? EventNo, Guid? ImportId, Guid? WebhookId, TargetMeans Means, string Address, string Format, string Event,
    DeliveryStatus Status, int Attempts, DateTimeOffset? NextAt, DateTimeOffset CreatedAt, DateTimeOffset? LastAt, int? LastStatus, string? LastError, DateTimeOffset? EndedAt);

/// <summary>Names of events, the same in webhooks and in the event stream.</summary>
public static class EventName
{
    public const string Progress = "import.progress";
    /// <summary>In the event stream alone: the first errors of an import.</summary>
    public const string Errors = "import.errors";
    public const string Test = "webhook.test";

    /// <summary>The event that an import's coming to this status is.</summary>
    public static string Of(ImportStatus status) => status switch
    {
        ImportStatus.Queued => "import.queued",
        ImportStatus.Running => "import.started",
        ImportStatus.Paused => "import.paused",
        ImportStatus.Held => "import.held",
        ImportStatus.Planned => "import.planned",
        ImportStatus.Completed => "import.completed",
        ImportStatus.Failed => "import.failed",
        ImportStatus.Canceled => "import.canceled",
        ImportStatus.Undone => "import.undone",
        _ => throw new ArgumentOutOfRangeException(nameof(status)),
    };

    /// <summary>Every event that a webhook can be told of.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Enum.GetValues<ImportStatus>().Select(Of)];
}
