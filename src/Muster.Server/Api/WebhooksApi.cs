using Microsoft.AspNetCore.Http.HttpResults;
using Muster.Client;
using Muster.Contacts;
using Muster.Notifications;
using Muster.Server.Auth;
using Muster.Sources.Outbound;
using Muster.Sources.Remote;
using Muster.Storage;

namespace Muster.Server.Api;

/// <summary><c>/v1/webhooks</c>: addresses that are told of the account's imports.</summary>
static class WebhooksApi
{
    const int DescriptionMax = 500;

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
        var items = (await store.WebhooksAsync(caller.Account.Id, cancellationToken)).Where(w => w.Id.CompareTo(after) > 0).Take(paging.Limit + 1).Select(Resource).ToList();
        var more = items.Count > paging.Limit;
        if (more)
            items.RemoveAt(paging.Limit);
        return TypedResults.Ok(new Client.Page<WebhookResource>(items, more ? items[^1].Id.ToString() : null));
    }

    static async Task<Results<Created<NewWebhookResource>, Refusal>> CreateAsync(
        WebhookInput input, HttpContext context, Caller caller, INotificationStore store, MusterSettings settings, TimeProvider time, CancellationToken cancellationToken)
    {
        if (input.Url is null)
            return Refusal.BadBody("A webhook needs a url.", "url");
        if (Refuse(input, settings) is { } refused)
            return refused;
        if (input.Secret is { } own && !WebhookSignature.IsSecret(own))
            return Refusal.BadBody("A secret is whsec_ followed by 24 to 64 bytes as Base64. Leave it out to have one made.", "secret");
        if ((await store.WebhooksAsync(caller.Account.Id, cancellationToken)).Count >= settings.WebhooksMax)
            return Refusal.Of(409, "too_many_webhooks", $"The account has {settings.WebhooksMax} webhooks, which is as many as webhooks_max allows. Remove one first.");
        var now = time.GetUtcNow();
        var webhook = new Webhook(
            Guid.CreateVersion7(now), caller.Account.Id, input.Url, Events(input.Events), input.Description, new(input.Secret ?? WebhookSignature.NewSecret(), null, null),
            now, input.Enabled == false ? now : null, null);
        await store.AddWebhookAsync(webhook, cancellationToken);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"/v1/webhooks/{webhook.Id.ToString()}", WithSecret(webhook));
    }

    static async Task<Results<Ok<WebhookResource>, Refusal>> GetAsync(string id, Caller caller, INotificationStore store, CancellationToken cancellationToken) =>
        await FindAsync(store, caller, id, cancellationToken) is { } webhook ? TypedResults.Ok(Resource(webhook)) : NotFound;

    static async Task<Results<Ok<WebhookResource>, Refusal>> PatchAsync(
        string id, WebhookInput input, Caller caller, INotificationStore store, MusterSettings settings, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await FindAsync(store, caller, id, cancellationToken) is not { } webhook)
            return NotFound;
        if (Refuse(input, settings) is { } refused)
            return refused;
        if (input.Secret is not null)
            return Refusal.BadBody("A webhook's secret is changed by POST /v1/webhooks/{id}/rotate.", "secret");
        webhook = webhook with
        {
            Url = input.Url ?? webhook.Url,
            Events = input.Events is null ? webhook.Events : Events(input.Events),
            Description = input.Description ?? webhook.Description,
            DisabledAt = input.Enabled is { } enabled ? enabled ? null : webhook.DisabledAt ?? time.GetUtcNow() : webhook.DisabledAt,
            DisabledReason = input.Enabled is null ? webhook.DisabledReason : null,
        };
        return await store.UpdateWebhookAsync(webhook, cancellationToken) ? TypedResults.Ok(Resource(webhook)) : NotFound;
    }

    static async Task<Results<NoContent, Refusal>> DeleteAsync(string id, Caller caller, INotificationStore store, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var webhookId) && await store.DeleteWebhookAsync(caller.Account.Id, webhookId, cancellationToken) ? TypedResults.NoContent() : NotFound;

    static async Task<Results<Ok<NewWebhookResource>, Refusal>> RotateAsync(
        string id, HttpContext context, Caller caller, INotificationStore store, MusterSettings settings, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await FindAsync(store, caller, id, cancellationToken) is not { } webhook)
            return NotFound;
        webhook = webhook with { Secrets = Rotated(webhook.Secrets, settings, time) };
        if (!await store.UpdateWebhookAsync(webhook, cancellationToken))
            return NotFound;
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(WithSecret(webhook));
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

    static async Task<Ok<SigningSecretResource>> SecretAsync(HttpContext context, Caller caller, INotificationStore store, CancellationToken cancellationToken)
    {
        var secrets = await store.SecretsAsync(caller.Account.Id, cancellationToken)
            ?? await store.SetSecretsAsync(caller.Account.Id, new(WebhookSignature.NewSecret(), null, null), onlyIfNone: true, cancellationToken);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new SigningSecretResource(secrets.Secret, secrets.FormerUntil));
    }

    static async Task<Ok<SigningSecretResource>> RotateSecretAsync(
        HttpContext context, Caller caller, INotificationStore store, MusterSettings settings, TimeProvider time, CancellationToken cancellationToken)
    {
        var secrets = await store.SetSecretsAsync(caller.Account.Id, Rotated(await store.SecretsAsync(caller.Account.Id, cancellationToken), settings, time), onlyIfNone: false, cancellationToken);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new SigningSecretResource(secrets.Secret, secrets.FormerUntil));
    }

    static SigningSecrets Rotated(SigningSecrets? secrets, MusterSettings settings, TimeProvider time) =>
        new(WebhookSignature.NewSecret(), secrets?.Secret, secrets is null ? null : time.GetUtcNow().AddHours(settings.WebhookOverlapHours));

    static Refusal? Refuse(WebhookInput input, MusterSettings settings)
    {
        if (input.Url is { } url && RemoteAddress.RefuseWebhook(url, settings) is { } refused)
            return Refusal.Of(400, refused.Code, refused.Detail, "url");
        if (input.Events?.FirstOrDefault(e => e != "*" && !EventName.All.Contains(e, StringComparer.Ordinal)) is not null)
            return Refusal.BadBody($"events holds a name that no event has. Known are {string.Join(", ", EventName.All)}; empty or * means all.", "events");
        return input.Description is { Length: > DescriptionMax } ? Refusal.BadBody($"A description has at most {DescriptionMax} characters.", "description") : null;
    }

    /// <summary>A star asks for all events, as none does.</summary>
    static IReadOnlyList<string> Events(IReadOnlyList<string>? events) => events is null || events.Contains("*") ? [] : [.. events.Distinct(StringComparer.Ordinal)];

    static async Task<Webhook?> FindAsync(INotificationStore store, Caller caller, string id, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var webhookId) ? await store.WebhookAsync(caller.Account.Id, webhookId, cancellationToken) : null;

    static WebhookResource Resource(Webhook w) =>
        new(w.Id, WebAddress.Parse(w.Url)?.Shown ?? "", w.Events, w.Description, w.DisabledAt is null, w.DisabledReason, w.CreatedAt, w.Secrets.FormerUntil);

    static NewWebhookResource WithSecret(Webhook w) =>
        new(w.Id, WebAddress.Parse(w.Url)?.Shown ?? "", w.Events, w.Description, w.DisabledAt is null, w.DisabledReason, w.CreatedAt, w.Secrets.FormerUntil, w.Secrets.Secret);

    static Refusal NotFound => Refusal.NotFound("webhook");
}
