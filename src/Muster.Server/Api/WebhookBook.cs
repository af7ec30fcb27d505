using Muster.Client;
using Muster.Contacts;
using Muster.Notifications;
using Muster.Sources.Outbound;
using Muster.Sources.Remote;
using Muster.Storage;

namespace Muster.Server.Api;

/// <summary>Makes and changes an account's webhooks by the rules of the native API, for it and for the command line.</summary>
sealed class WebhookBook(INotificationStore store, MusterSettings settings, TimeProvider time)
{
    const int DescriptionMax = 500;

    /// <exception cref="RefusedException">The webhook cannot be.</exception>
    public async Task<Webhook> CreateAsync(int accountId, WebhookInput input, CancellationToken cancellationToken)
    {
        if (input.Url is null)
            throw new RefusedException(Refusal.BadBody("A webhook needs a url.", "url"));
        Check(input);
        if (input.Secret is { } own && !WebhookSignature.IsSecret(own))
            throw new RefusedException(Refusal.BadBody("A secret is whsec_ followed by 24 to 64 bytes as Base64. Leave it out to have one made.", "secret"));
        if ((await store.WebhooksAsync(accountId, cancellationToken)).Count >= settings.WebhooksMax)
            throw new RefusedException(Refusal.Of(409, "too_many_webhooks", $"The account has {settings.WebhooksMax} webhooks, which is as many as webhooks_max allows. Remove one first."));
        var now = time.GetUtcNow();
        var webhook = new Webhook(
            Guid.CreateVersion7(now), accountId, input.Url, Events(input.Events), input.Description, new(input.Secret ?? WebhookSignature.NewSecret(), null, null),
            now, input.Enabled == false ? now : null, null);
        await store.AddWebhookAsync(webhook, cancellationToken);
        return webhook;
    }

    /// <returns>Null when it is gone.</returns>
    /// <exception cref="RefusedException">It cannot be changed so.</exception>
    public async Task<Webhook?> ChangeAsync(Webhook webhook, WebhookInput input, CancellationToken cancellationToken)
    {
        Check(input);
        if (input.Secret is not null)
            throw new RefusedException(Refusal.BadBody("A webhook's secret is changed by POST /v1/webhooks/{id}/rotate.", "secret"));
        webhook = webhook with
        {
            Url = input.Url ?? webhook.Url,
            Events = input.Events is null ? webhook.Events : Events(input.Events),
            Description = input.Description ?? webhook.Description,
            DisabledAt = input.Enabled is { } enabled ? enabled ? null : webhook.DisabledAt ?? time.GetUtcNow() : webhook.DisabledAt,
            DisabledReason = input.Enabled is null ? webhook.DisabledReason : null,
        };
        return await store.UpdateWebhookAsync(webhook, cancellationToken) ? webhook : null;
    }

    /// <summary>Gives a webhook another secret; the former one signs, too, for <c>webhook_overlap_hours</c>. Null when it is gone.</summary>
    public async Task<Webhook?> RotateAsync(int accountId, Guid id, CancellationToken cancellationToken)
    {
        if (await store.WebhookAsync(accountId, id, cancellationToken) is not { } webhook)
            return null;
        webhook = webhook with { Secrets = Rotated(webhook.Secrets) };
        return await store.UpdateWebhookAsync(webhook, cancellationToken) ? webhook : null;
    }

    /// <summary>What signs the webhooks that single imports name, and vendors' callbacks: made at the first use.</summary>
    public async Task<SigningSecrets> SecretAsync(int accountId, CancellationToken cancellationToken) =>
        await store.SecretsAsync(accountId, cancellationToken)
        ?? await store.SetSecretsAsync(accountId, new(WebhookSignature.NewSecret(), null, null), onlyIfNone: true, cancellationToken);

    public async Task<SigningSecrets> RotateSecretAsync(int accountId, CancellationToken cancellationToken) =>
        await store.SetSecretsAsync(accountId, Rotated(await store.SecretsAsync(accountId, cancellationToken)), onlyIfNone: false, cancellationToken);

    SigningSecrets Rotated(SigningSecrets? secrets) =>
        new(WebhookSignature.NewSecret(), secrets?.Secret, secrets is null ? null : time.GetUtcNow().AddHours(settings.WebhookOverlapHours));

    void Check(WebhookInput input)
    {
        if (input.Url is { } url && RemoteAddress.RefuseWebhook(url, settings) is { } refused)
            throw new RefusedException(Refusal.Of(400, refused.Code, refused.Detail, "url"));
        if (input.Events?.FirstOrDefault(e => e != "*" && !EventName.All.Contains(e, StringComparer.Ordinal)) is not null)
            throw new RefusedException(Refusal.BadBody($"events holds a name that no event has. Known are {string.Join(", ", EventName.All)}; empty or * means all.", "events"));
        if (input.Description is { Length: > DescriptionMax })
            throw new RefusedException(Refusal.BadBody($"A description has at most {DescriptionMax} characters.", "description"));
    }

    /// <summary>A star asks for all events, as none does.</summary>
    static IReadOnlyList<string> Events(IReadOnlyList<string>? events) => events is null || events.Contains("*") ? [] : [.. events.Distinct(StringComparer.Ordinal)];

    public static WebhookResource Resource(Webhook w) =>
        new(w.Id, WebAddress.Parse(w.Url)?.Shown ?? "", w.Events, w.Description, w.DisabledAt is null, w.DisabledReason, w.CreatedAt, w.Secrets.FormerUntil);

    public static NewWebhookResource WithSecret(Webhook w) =>
        new(w.Id, WebAddress.Parse(w.Url)?.Shown ?? "", w.Events, w.Description, w.DisabledAt is null, w.DisabledReason, w.CreatedAt, w.Secrets.FormerUntil, w.Secrets.Secret);
}
