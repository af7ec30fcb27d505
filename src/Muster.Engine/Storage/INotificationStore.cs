using Muster.Contacts;

namespace Muster.Storage;

/// <summary>An event in the outbox: what an import's status became, and the import as it was then.</summary>
public sealed record OutboxEvent(long No, Import Import, DateTimeOffset At, IReadOnlyList<ImportTarget> Targets);

/// <summary>A delivery to make. Its id comes from the engine.</summary>
public sealed record NewDelivery(Guid Id, Guid? WebhookId, TargetMeans Means, string Address, string Format, DateTimeOffset At);

/// <summary>What became of one try.</summary>
/// <param name="NextAt">When to try again; null: it ends here.</param>
public sealed record DeliveryTry(DeliveryStatus Status, DateTimeOffset At, int? HttpStatus, string? Error, DateTimeOffset? NextAt);

/// <summary>Which deliveries a list call wants.</summary>
public sealed record DeliveryFilter(Guid? ImportId = null, Guid? WebhookId = null, DeliveryStatus? Status = null);

/// <summary>The outbox, and whom to tell. Events themselves are written by the import store, in the transactions that make them true.</summary>
public interface INotificationStore
{
    /// <summary>The oldest events whose deliveries are not made yet.</summary>
    Task<IReadOnlyList<OutboxEvent>> EventsAsync(int limit, CancellationToken cancellationToken);

    /// <summary>Makes the deliveries of an event, all or none, once: an event whose deliveries are made is left alone.</summary>
    Task SpreadAsync(long eventNo, int accountId, IReadOnlyList<NewDelivery> deliveries, CancellationToken cancellationToken);

    /// <summary>Pending deliveries whose time has come, the longest due first.</summary>
    Task<IReadOnlyList<Delivery>> DueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken);

    /// <summary>The import as it was at the event, and when that was. Null when the event is gone.</summary>
    Task<(Import Import, DateTimeOffset At)?> EventAsync(long eventNo, CancellationToken cancellationToken);

    /// <summary>Notes a try, durably.</summary>
    Task TriedAsync(Guid deliveryId, DeliveryTry tried, CancellationToken cancellationToken);

    /// <summary>Moves a delivery's next try without counting one.</summary>
    Task PostponeAsync(Guid deliveryId, DateTimeOffset nextAt, CancellationToken cancellationToken);

    /// <summary>When mails went to this address since, the oldest first.</summary>
    Task<IReadOnlyList<DateTimeOffset>> MailsSinceAsync(string address, DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>Whether a mail about this import to this address was made already.</summary>
    Task<bool> HasMailAsync(int accountId, Guid importId, string address, CancellationToken cancellationToken);

    /// <summary>Oldest first.</summary>
    Task<IReadOnlyList<Webhook>> WebhooksAsync(int accountId, CancellationToken cancellationToken);

    Task<Webhook?> WebhookAsync(int accountId, Guid id, CancellationToken cancellationToken);

    Task AddWebhookAsync(Webhook webhook, CancellationToken cancellationToken);

    /// <summary>Replaces a webhook's data, its id and times of making apart. One that is disabled fails its pending deliveries. False when there is none.</summary>
    Task<bool> UpdateWebhookAsync(Webhook webhook, CancellationToken cancellationToken);

    /// <summary>Its pending deliveries end as failed. False when there is none.</summary>
    Task<bool> DeleteWebhookAsync(int accountId, Guid id, CancellationToken cancellationToken);

    /// <summary>What signs the webhooks that the account's imports name. Null before the first use.</summary>
    Task<SigningSecrets?> SecretsAsync(int accountId, CancellationToken cancellationToken);

    /// <param name="onlyIfNone">Leaves secrets that are there. Returns those in force.</param>
    Task<SigningSecrets> SetSecretsAsync(int accountId, SigningSecrets secrets, bool onlyIfNone, CancellationToken cancellationToken);

    /// <summary>A delivery that no event asks for, such as a test.</summary>
    Task AddDeliveryAsync(int accountId, NewDelivery delivery, CancellationToken cancellationToken);

    Task<Delivery?> DeliveryAsync(int accountId, Guid id, CancellationToken cancellationToken);

    /// <summary>Newest first.</summary>
    Task<Page<Delivery>> DeliveriesAsync(int accountId, DeliveryFilter filter, string? cursor, int limit, CancellationToken cancellationToken);

    /// <summary>Makes a delivery due again, with the same id. Null when there is none.</summary>
    Task<Delivery?> RedeliverAsync(int accountId, Guid id, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Forgets deliveries that ended before, and events that no delivery needs any more.</summary>
    Task ForgetAsync(DateTimeOffset endedBefore, CancellationToken cancellationToken);
}
