using Muster.Client;

namespace Muster.Cli;

/// <summary>Whom an account tells of its imports, and what was told: of a data folder, or of a server.</summary>
interface IWebhooks
{
    Task<IReadOnlyList<WebhookResource>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Its secret is in this answer alone.</summary>
    Task<NewWebhookResource> AddAsync(WebhookInput webhook, CancellationToken cancellationToken);

    Task RemoveAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Another secret; the former one signs, too, for a while.</summary>
    Task<NewWebhookResource> RotateAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Newest first.</summary>
    Task<Page<DeliveryResource>> DeliveriesAsync(DeliveryQuery query, string? cursor, int limit, CancellationToken cancellationToken);

    /// <summary>Makes a delivery due again, with the same id; the process that runs the imports sends it.</summary>
    Task<DeliveryResource> RedeliverAsync(Guid id, CancellationToken cancellationToken);
}

/// <summary>Which deliveries are wanted; null asks nothing.</summary>
/// <param name="Status">pending, delivered or failed.</param>
sealed record DeliveryQuery(Guid? ImportId, Guid? WebhookId, string? Status);
