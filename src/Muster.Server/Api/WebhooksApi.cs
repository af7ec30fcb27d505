using Microsoft.AspNetCore.Http.HttpResults;
using Muster.Client;
using Muster.Contacts;
using Muster.Server.Auth;
using Muster.Storage;

namespace Muster.Server.Api;

/// <summary><c>/v1/webhooks</c>: addresses that are told of the account's imports.</summary>
static class WebhooksApi
{
    public static void MapWebhooks(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/webhooks").WithTags("webhooks").RequireScope(KeyScope.Admin).Refuses(400, 401, 403);
        group.MapGet("", ListAsync).WithSummary("The account's webhooks, without their secrets.");
        group.MapPost("", CreateAsync).Refuses(409).WithSummary("Make a webhook. Its secret is in this answer.");
        group.MapGet("/{id}", GetAsync).Refuses(404).WithSummary("One webhook.");
        group.MapPatch("/{id}", PatchAsync).Refuses(404).WithSummary("Change a webhook; enabling one that answered 410 tells it again.");
        group.MapDelete("/{id}", DeleteAsync).Refuses(404).WithSummary("Remove a webhook; what waits for it is given up.");
        group.MapPost("/{id}/rotate", RotateAsync).Refuses(404).WithSummary("Give a webhook another secret. The former one signs, too, for webhook_overlap_hours.");
        group.MapPost("/{id}/test", TestAsync).Refuses(404).WithSummary("Send the event webhook.test.");
        group.MapGet("/secret", SecretAsync).WithSummary("What signs the webhooks that single imports name in webhook_url, and vendors' callbacks.");
        group.MapPost("/secret/rotate", RotateSecretAsync).WithSummary("Change that secret. The former one signs, too, for webhook_overlap_hours.");
    }

    static async Task<Ok<Client.Page<WebhookResource>>> ListAsync(Caller caller, INotificationStore store, string? cursor, string? limit, CancellationToken cancellationToken)
    {
        var paging = Paging.Of(cursor, limit);
        Guid after = default;
        if (paging.Cursor is not null && !Guid.TryParse(paging.Cursor, out after))
            throw Paging.BadCursor();
        var items = (await store.WebhooksAsync(caller.Account.Id, cancellationToken)).Where(w => w.Id.CompareTo(after) > 0).Take(paging.Limit + 1).Select(WebhookBook.Resource).ToList();
        var more = items.Count > paging.Limit;
        if (more)
            items.RemoveAt(paging.Limit);
        return TypedResults.Ok(new Client.Page<WebhookResource>(items, more ? items[^1].Id.ToString() : null));
    }

    static async Task<Created<NewWebhookResource>> CreateAsync(WebhookInput input, HttpContext context, Caller caller, WebhookBook book, CancellationToken cancellationToken)
    {
        var webhook = await book.CreateAsync(caller.Account.Id, input, cancellationToken);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"/v1/webhooks/{webhook.Id.ToString()}", WebhookBook.WithSecret(webhook));
    }

    static async Task<Results<Ok<WebhookResource>, Refusal>> GetAsync(string id, Caller caller, INotificationStore store, CancellationToken cancellationToken) =>
        await FindAsync(store, caller, id, cancellationToken) is { } webhook ? TypedResults.Ok(WebhookBook.Resource(webhook)) : NotFound;

    static async Task<Results<Ok<WebhookResource>, Refusal>> PatchAsync(
        string id, WebhookInput input, Caller caller, INotificationStore store, WebhookBook book, CancellationToken cancellationToken) =>
        await FindAsync(store, caller, id, cancellationToken) is { } webhook && await book.ChangeAsync(webhook, input, cancellationToken) is { } changed
            ? TypedResults.Ok(WebhookBook.Resource(changed)) : NotFound;

    static async Task<Results<NoContent, Refusal>> DeleteAsync(string id, Caller caller, INotificationStore store, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var webhookId) && await store.DeleteWebhookAsync(caller.Account.Id, webhookId, cancellationToken) ? TypedResults.NoContent() : NotFound;

    static async Task<Results<Ok<NewWebhookResource>, Refusal>> RotateAsync(string id, HttpContext context, Caller caller, WebhookBook book, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out var webhookId) || await book.RotateAsync(caller.Account.Id, webhookId, cancellationToken) is not { } webhook)
            return NotFound;
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(WebhookBook.WithSecret(webhook));
    }

    static async Task<Results<Accepted<DeliveryResource>, Refusal>> TestAsync(
        string id, Caller caller, INotificationStore store, Jobs.ImportSignals signals, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await FindAsync(store, caller, id, cancellationToken) is not { } webhook)
            return NotFound;
        var now = time.GetUtcNow();
        var delivery = new NewDelivery(Guid.CreateVersion7(now), webhook.Id, TargetMeans.Webhook, webhook.Url, ImportTarget.Native, now);
        await store.AddDeliveryAsync(caller.Account.Id, delivery, cancellationToken);
        signals.Moved();
        return await store.DeliveryAsync(caller.Account.Id, delivery.Id, cancellationToken) is { } made
            ? TypedResults.Accepted($"/v1/deliveries/{made.Id.ToString()}", DeliveriesApi.Resource(made)) : NotFound;
    }

    static async Task<Ok<SigningSecretResource>> SecretAsync(HttpContext context, Caller caller, WebhookBook book, CancellationToken cancellationToken) =>
        Told(context, await book.SecretAsync(caller.Account.Id, cancellationToken));

    static async Task<Ok<SigningSecretResource>> RotateSecretAsync(HttpContext context, Caller caller, WebhookBook book, CancellationToken cancellationToken) =>
        Told(context, await book.RotateSecretAsync(caller.Account.Id, cancellationToken));

    static Ok<SigningSecretResource> Told(HttpContext context, SigningSecrets secrets)
    {
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new SigningSecretResource(secrets.Secret, secrets.FormerUntil));
    }

    static async Task<Webhook?> FindAsync(INotificationStore store, Caller caller, string id, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var webhookId) ? await store.WebhookAsync(caller.Account.Id, webhookId, cancellationToken) : null;

    static Refusal NotFound => Refusal.NotFound("webhook");
}
