using Muster.Client;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Server.Api;
using Muster.Storage;

namespace Muster.Cli;

/// <summary>An account's webhooks in a data folder, by the rules of the native API.</summary>
sealed class LocalWebhooks(INotificationStore store, MusterSettings settings, ImportSignals signals, int accountId) : IWebhooks
{
    readonly WebhookBook book = new(store, settings, TimeProvider.System);

    public async Task<IReadOnlyList<WebhookResource>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await store.WebhooksAsync(accountId, cancellationToken)).Select(WebhookBook.Resource)];

    public async Task<NewWebhookResource> AddAsync(WebhookInput webhook, CancellationToken cancellationToken) =>
        WebhookBook.WithSecret(await book.CreateAsync(accountId, webhook, cancellationToken));

    public async Task RemoveAsync(Guid id, CancellationToken cancellationToken)
    {
        if (!await store.DeleteWebhookAsync(accountId, id, cancellationToken))
            throw NotFound("webhook");
    }

    public async Task<NewWebhookResource> RotateAsync(Guid id, CancellationToken cancellationToken) =>
        await book.RotateAsync(accountId, id, cancellationToken) is { } webhook ? WebhookBook.WithSecret(webhook) : throw NotFound("webhook");

    public async Task<Client.Page<DeliveryResource>> DeliveriesAsync(DeliveryQuery query, string? cursor, int limit, CancellationToken cancellationToken)
    {
        DeliveryStatus? status = Wire.TryWord<DeliveryStatus>(query.Status, out var word) ? word : null;
        try
        {
            var page = await store.DeliveriesAsync(accountId, new(query.ImportId, query.WebhookId, status), cursor, limit, cancellationToken);
            return new([.. page.Items.Select(DeliveriesApi.Resource)], page.NextCursor);
        }
        catch (ArgumentException)
        {
            throw new UsageException("--cursor is not the next_cursor of an earlier page.");
        }
    }

    public async Task<DeliveryResource> RedeliverAsync(Guid id, CancellationToken cancellationToken)
    {
        var delivery = await store.RedeliverAsync(accountId, id, TimeProvider.System.GetUtcNow(), cancellationToken) ?? throw NotFound("delivery");
        signals.Moved();
        return DeliveriesApi.Resource(delivery);
    }

    static MusterApiException NotFound(string what) => new(Refusal.NotFound(what).Problem);
}
