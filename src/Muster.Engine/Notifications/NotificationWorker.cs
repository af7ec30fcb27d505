using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Muster.Contacts;
using Muster.Notifications.Mail;
using Muster.Sources.Outbound;
using Muster.Storage;

namespace Muster.Notifications;

/// <summary>Makes deliveries of what stands in the outbox, and tries them until they are taken or given up. At least once: a crash may repeat a try, with the same id.</summary>
/// <remarks>
/// Runs in the process that runs the imports, beside them: no import waits for a receiver. One receiver that hangs keeps a few of the lanes busy, never all:
/// at most <see cref="PerReceiver"/> tries go to one host at a time.
/// </remarks>
public sealed partial class NotificationWorker(
    MusterSettings settings, INotificationStore store, INotificationBodies bodies, MailComposer composer, Func<Task> nextMove, TimeProvider time, ILogger<NotificationWorker> log)
{
    const int EventsAtOnce = 100;
    const int PerReceiver = 2;
    static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);
    static readonly TimeSpan ForgetEvery = TimeSpan.FromHours(1);

    readonly ConcurrentDictionary<Guid, Task> running = new();
    readonly ConcurrentDictionary<string, int> busy = new(StringComparer.OrdinalIgnoreCase);

    public async Task RunAsync(CancellationToken stop)
    {
        using var client = new OutboundClient(OutboundRules.Parse(settings.OutboundPorts, settings.OutboundAllow), TimeSpan.FromSeconds(settings.ConnectSeconds));
        var sender = new WebhookSender(settings, client, time);
        // Tries under way at the stop may come to their end, and what the last import left to tell is tried once.
        using var cut = new CancellationTokenSource();
        await using var cutting = stop.Register(() => cut.CancelAfter(TimeSpan.FromSeconds(settings.DrainSeconds)));
        var forgotAt = DateTimeOffset.MinValue;
        while (!stop.IsCancellationRequested)
        {
            var moved = nextMove();
            try
            {
                await SpreadAsync(stop);
                await StartDueAsync(sender, stop, cut.Token);
                if (time.GetUtcNow() - forgotAt > ForgetEvery)
                {
                    await store.ForgetAsync(time.GetUtcNow().AddDays(-settings.DeliveryDays), stop);
                    forgotAt = time.GetUtcNow();
                }
                await Task.WhenAny([moved, Task.Delay(LookAgain, time, stop), .. running.Values]);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                LogFailed(e.GetType().Name, e.StackTrace);
                await Task.Delay(LookAgain, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        try
        {
            await SpreadAsync(cut.Token);
            await StartDueAsync(sender, cut.Token, cut.Token);
        }
        catch (Exception e)
        {
            LogFailed(e.GetType().Name, e.StackTrace);
        }
        await Task.WhenAll(running.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Makes the deliveries of new events.</summary>
    async Task SpreadAsync(CancellationToken stop)
    {
        while (await store.EventsAsync(EventsAtOnce, stop) is { Count: > 0 } events)
        {
            foreach (var happened in events)
                await store.SpreadAsync(happened.No, happened.Import.AccountId, await DeliveriesAsync(happened, stop), stop);
        }
    }

    async Task<List<NewDelivery>> DeliveriesAsync(OutboxEvent happened, CancellationToken stop)
    {
        var (import, at) = (happened.Import, happened.At);
        var deliveries = new List<NewDelivery>();
        var name = EventName.Of(import.Status);
        foreach (var webhook in await store.WebhooksAsync(import.AccountId, stop))
        {
            if (webhook.DisabledAt is null && (webhook.Events.Count == 0 || webhook.Events.Contains(name, StringComparer.Ordinal)))
                deliveries.Add(New(webhook.Id, new(TargetMeans.Webhook, webhook.Url, ImportTarget.Native)));
        }
        foreach (var target in happened.Targets)
        {
            // A single import's webhook is told when the import comes to rest; its callers in a vendor's form, and people, when it has ended.
            var wanted = target.Means == TargetMeans.Webhook && target.Format == ImportTarget.Native
                ? import.Status is not (ImportStatus.Queued or ImportStatus.Running)
                : import.Status is ImportStatus.Completed or ImportStatus.Failed or ImportStatus.Canceled;
            if (wanted && (target.Means != TargetMeans.Mail || !await store.HasMailAsync(import.AccountId, import.Id, target.Address, stop)))
                deliveries.Add(New(null, target));
        }
        return deliveries;

        NewDelivery New(Guid? webhook, ImportTarget target) => new(Guid.CreateVersion7(time.GetUtcNow()), webhook, target.Means, target.Address, target.Format, at);
    }

    async Task StartDueAsync(WebhookSender sender, CancellationToken stop, CancellationToken cut)
    {
        if (running.Count >= settings.WebhooksConcurrent)
            return;
        foreach (var delivery in await store.DueAsync(time.GetUtcNow(), settings.WebhooksConcurrent * 8 + running.Count, stop))
        {
            if (running.Count >= settings.WebhooksConcurrent)
                return;
            var lanes = LanesOf(delivery);
            if (running.ContainsKey(delivery.Id) || lanes.Any(lane => busy.GetValueOrDefault(lane.Name) >= lane.Max))
                continue;
            foreach (var (name, _) in lanes)
                busy.AddOrUpdate(name, 1, static (_, n) => n + 1);
            // Entered before it can leave.
            var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            running[delivery.Id] = TryAndLeaveAsync(sender, delivery, lanes, entered.Task, cut);
            entered.SetResult();
        }
    }

    async Task TryAndLeaveAsync(WebhookSender sender, Delivery delivery, (string Name, int Max)[] lanes, Task entered, CancellationToken stop)
    {
        await entered;
        try
        {
            await TryAsync(sender, delivery, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Not noted: the next start tries it again.
        }
        catch (Exception e)
        {
            LogDeliveryFailed(delivery.Id, e.GetType().Name, e.StackTrace);
            await store.PostponeAsync(delivery.Id, time.GetUtcNow() + TimeSpan.FromMinutes(1), CancellationToken.None);
        }
        finally
        {
            foreach (var (name, _) in lanes)
                busy.AddOrUpdate(name, 0, static (_, n) => n - 1);
            running.TryRemove(delivery.Id, out _);
        }
    }

    async Task TryAsync(WebhookSender sender, Delivery delivery, CancellationToken stop)
    {
        var happened = delivery.EventNo is { } no ? await store.EventAsync(no, stop) : null;
        if (delivery.EventNo is not null && happened is null)
        {
            await EndAsync(delivery, DeliveryStatus.Failed, new(null, "event_gone"));
            return;
        }
        var answer = delivery.Means == TargetMeans.Mail
            ? await MailAsync(delivery, happened!.Value.Import, stop) // mails are made for events only
            : await sender.SendAsync(
                delivery.Address, "msg_" + delivery.Id.ToString("N"), bodies.Make(delivery, happened?.Import, happened?.At ?? delivery.CreatedAt), await SecretsAsync(delivery, stop), stop);
        if (answer is null)
            return;
        if (answer.Error is null)
        {
            await EndAsync(delivery, DeliveryStatus.Delivered, answer);
            return;
        }
        LogNotTaken(delivery.Id, answer.Error, answer.Status);
        await EndAsync(delivery, answer.Final ? DeliveryStatus.Failed : DeliveryStatus.Pending, answer);
        if (answer.Gone && delivery.WebhookId is { } id && await store.WebhookAsync(delivery.AccountId, id, CancellationToken.None) is { DisabledAt: null } webhook)
            await store.UpdateWebhookAsync(webhook with { DisabledAt = time.GetUtcNow(), DisabledReason = "gone" }, CancellationToken.None);
    }

    async Task EndAsync(Delivery delivery, DeliveryStatus status, DeliveryAnswer answer)
    {
        var now = time.GetUtcNow();
        DateTimeOffset? next = null;
        if (status == DeliveryStatus.Pending)
        {
            next = RetrySchedule.Next(delivery.Attempts + 1, delivery.CreatedAt, now, answer.RetryAfter, TimeSpan.FromHours(settings.WebhookHoursMax), Random.Shared.NextDouble());
            status = next is null ? DeliveryStatus.Failed : DeliveryStatus.Pending;
        }
        // A try that was made is noted even while the server stops, or it would be made twice.
        await store.TriedAsync(delivery.Id, new(status, now, answer.Status, answer.Error, next), CancellationToken.None);
    }

    /// <summary>Null: not now, and no try; the delivery was put off.</summary>
    async Task<DeliveryAnswer?> MailAsync(Delivery delivery, Import import, CancellationToken stop)
    {
        var hourAgo = time.GetUtcNow().AddHours(-1);
        if (await store.MailsSinceAsync(delivery.Address, hourAgo, stop) is { } sent && sent.Count >= settings.MailsPerRecipientHour)
        {
            await store.PostponeAsync(delivery.Id, sent[0].AddHours(1), stop);
            return null;
        }
        return await composer.SendAsync(delivery, import, stop);
    }

    async Task<SigningSecrets> SecretsAsync(Delivery delivery, CancellationToken stop)
    {
        if (delivery.WebhookId is { } id && await store.WebhookAsync(delivery.AccountId, id, stop) is { } webhook)
            return webhook.Secrets;
        return await store.SecretsAsync(delivery.AccountId, stop)
            ?? await store.SetSecretsAsync(delivery.AccountId, new(WebhookSignature.NewSecret(), null, null), onlyIfNone: true, stop);
    }

    /// <summary>What a try keeps busy, and how many tries that may be. One mail at a time to each address: the next one counts it against the hour.</summary>
    static (string Name, int Max)[] LanesOf(Delivery delivery) => delivery.Means == TargetMeans.Mail
        ? [("mail", PerReceiver), ("mail " + delivery.Address, 1)]
        : [(WebAddress.Parse(delivery.Address)?.Origin ?? delivery.Address, PerReceiver)];

    [LoggerMessage(Level = LogLevel.Warning, Message = "Delivery {DeliveryId} was not taken: {Error} {Status}")]
    partial void LogNotTaken(Guid deliveryId, string error, int? status);

    [LoggerMessage(Level = LogLevel.Error, Message = "Delivery {DeliveryId} broke off with {Exception} and is tried again. {StackTrace}")]
    partial void LogDeliveryFailed(Guid deliveryId, string exception, string? stackTrace);

    [LoggerMessage(Level = LogLevel.Error, Message = "The notification worker met {Exception} and goes on. {StackTrace}")]
    partial void LogFailed(string exception, string? stackTrace);
}
