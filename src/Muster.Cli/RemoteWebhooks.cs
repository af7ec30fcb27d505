using Muster.Client;

namespace Muster.Cli;

/// <summary>A server's webhooks, of the account that the key opens.</summary>
sealed class RemoteWebhooks(MusterClient client) : IWebhooks
{
    public Task<IReadOnlyList<WebhookResource>> ListAsync(CancellationToken cancellationToken) => AllPages.ReadAsync(client.WebhooksAsync, cancellationToken);

    public Task<NewWebhookResource> AddAsync(WebhookInput webhook, CancellationToken cancellationToken) => client.CreateWebhookAsync(webhook, cancellationToken);

    public Task RemoveAsync(Guid id, CancellationToken cancellationToken) => client.DeleteWebhookAsync(id, cancellationToken);

    public Task<NewWebhookResource> RotateAsync(Guid id, CancellationToken cancellationToken) => client.RotateWebhookAsync(id, cancellationToken);

    public Task<Page<DeliveryResource>> DeliveriesAsync(DeliveryQuery query, string? cursor, int limit, CancellationToken cancellationToken) =>
        client.DeliveriesAsync(query.ImportId, query.Status, cursor, limit, cancellationToken, query.WebhookId);

    public Task<DeliveryResource> RedeliverAsync(Guid id, CancellationToken cancellationToken) => client.RedeliverAsync(id, cancellationToken);
}
