using Microsoft.Extensions.Logging.Abstractions;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Notifications;
using Muster.Notifications.Mail;
using Muster.Sources;
using Muster.Storage;
using Muster.Tests.Sources;
using Muster.Tests.Storage;

namespace Muster.Tests.Notifications;

/// <summary>What the outbox and its worker promise.</summary>
public sealed class OutboxTests
{
    static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_receiver_that_is_down_for_the_whole_schedule_is_tried_to_its_end_and_nothing_is_lost()
    {
        using var stores = new OpenSqliteStores();
        var clock = stores.Clock;
        await using var server = new RawServer((_, _, to) => RawServer.WriteAsync(to, "HTTP/1.1 500 Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        await ImportAsync(stores, server.Url);
        var worker = new Running(stores);

        var delivery = await worker.UntilAsync(d => d.Attempts == 1);
        var started = clock.Now;
        while (delivery.Status == DeliveryStatus.Pending)
        {
            var attempts = delivery.Attempts;
            Assert.NotNull(delivery.NextAt);
            clock.Advance(delivery.NextAt.Value - clock.Now + TimeSpan.FromMilliseconds(1));
            delivery = await worker.UntilAsync(d => d.Attempts == attempts + 1);
        }
        await worker.StopAsync();
        Assert.Equal((DeliveryStatus.Failed, 500, "refused"), (delivery.Status, delivery.LastStatus, delivery.LastError));
        Assert.InRange((clock.Now - started).TotalHours, 23.9, 24.1);
        Assert.Equal(delivery.Attempts, server.Connections);
        Assert.InRange(server.Connections, 9, 12);
        // Every try was the same message.
        Assert.Single(server.Requests.Select(r => r.Split("\r\n").Single(l => l.StartsWith("webhook-id: ", StringComparison.Ordinal))).Distinct());

        // It can still be asked for again, as long as the log is kept.
        await stores.Stores.Notifications.RedeliverAsync(delivery.AccountId, delivery.Id, clock.Now, None);
        var again = new Running(stores);
        await again.UntilAsync(d => d.Attempts == 1);
        await again.StopAsync();
    }

    [Fact]
    public async Task Retry_After_is_waited_for()
    {
        using var stores = new OpenSqliteStores();
        await using var server = new RawServer((_, n, to) => RawServer.WriteAsync(to, n == 0
            ? "HTTP/1.1 429 Slow down\r\nRetry-After: 3600\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" : "HTTP/1.1 204 OK\r\nConnection: close\r\n\r\n"));
        await ImportAsync(stores, server.Url);
        var worker = new Running(stores);
        var delivery = await worker.UntilAsync(d => d.Attempts == 1);
        Assert.Equal(TimeSpan.FromHours(1), delivery.NextAt - delivery.LastAt);
        stores.Clock.Advance(TimeSpan.FromMinutes(59));
        await worker.LookAsync();
        Assert.Equal(1, server.Connections);
        stores.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(DeliveryStatus.Delivered, (await worker.UntilAsync(d => d.Attempts == 2)).Status);
        await worker.StopAsync();
    }

    [Fact]
    public async Task What_waits_survives_the_process_that_made_it()
    {
        using var stores = new OpenSqliteStores();
        await using var server = new RawServer((_, _, to) => RawServer.WriteAsync(to, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        // The import ends while nobody tells anybody anything; then the process is gone.
        await ImportAsync(stores, server.Url);
        stores.Reopen();
        var worker = new Running(stores);
        var delivery = await worker.UntilAsync(d => d.Status == DeliveryStatus.Delivered);
        await worker.StopAsync();
        Assert.Equal(("import.completed", 1), (delivery.Event, server.Connections));
    }

    [Fact]
    public async Task An_event_is_read_as_it_was_however_many_came_before_it()
    {
        using var stores = new OpenSqliteStores();
        IReadOnlyList<OutboxEvent> events = [];
        for (var imports = 0; events.Count <= byte.MaxValue + 1; imports++)
        {
            await ImportAsync(stores, "https://example.org/hook");
            events = imports % 20 == 19 ? await stores.Stores.Notifications.EventsAsync(1_000, None) : events;
        }
        Assert.Equal(events.Select(e => e.No).Order(), events.Select(e => e.No));
        foreach (var told in events)
        {
            Assert.Equal((ImportPhase.Writing, null), (told.Import.Phase, told.Import.LedgerExpiredAt));
            Assert.Equal(told.At, (await stores.Stores.Notifications.EventAsync(told.No, None))!.Value.At); // it was just read
        }
    }

    [Fact]
    public async Task A_receiver_that_hangs_keeps_nobody_else_waiting()
    {
        using var stores = new OpenSqliteStores();
        RawServer? made = null;
        await using var hanging = made = new RawServer((_, _, _) => made!.StoppedAsync());
        await using var server = new RawServer((_, _, to) => RawServer.WriteAsync(to, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        var account = await stores.Accounts.EnsureAsync("main", null, null, null, None);
        for (var i = 0; i < 40; i++)
            await AddDeliveryAsync(stores, account.Id, hanging.Url);
        await AddDeliveryAsync(stores, account.Id, server.Url);
        var worker = new Running(stores);
        await Until.TrueAsync(async () => (await worker.AllAsync()).Any(d => d.Status == DeliveryStatus.Delivered));
        Assert.InRange(hanging.Connections, 0, 2);
        await worker.StopAsync();
    }

    static Task AddDeliveryAsync(OpenSqliteStores stores, int accountId, string url) => stores.Stores.Notifications.AddDeliveryAsync(
        accountId, new(Guid.CreateVersion7(), null, TargetMeans.Webhook, url, ImportTarget.Native, stores.Clock.Now), None);

    /// <summary>An import that runs to its end, with one webhook of its own.</summary>
    static async Task ImportAsync(OpenSqliteStores stores, string url)
    {
        var settings = stores.Settings with { OutboundAllow = "127.0.0.1:*", FreeDiskMin = 0 };
        Directory.CreateDirectory(settings.ScratchFolder);
        var account = await stores.Accounts.EnsureAsync("main", null, null, null, None);
        var spool = new Spool(settings);
        var spooled = Assert.IsType<SpoolResult.Spooled>(await spool.ReceiveAsync(new MemoryStream("email\nann@example.org\n"u8.ToArray()), None)).Source;
        var intake = new ImportIntake(settings, spool, stores.Imports, stores.Contacts, new(), stores.Clock);
        Assert.IsType<IntakeResult.Accepted>(await intake.AcceptAsync(new(account, spooled, "file", "a.csv", new() { WebhookUrl = url }, null, "test"), None));
        var claim = await stores.Imports.ClaimAsync("process", smallOnly: false, None);
        Assert.NotNull(claim);
        await new ImportPipeline(settings, spool, stores.Imports, stores.Contacts, new(), stores.Clock).RunAsync(claim.Value.Import, claim.Value.Lease, None);
    }

    /// <summary>The worker on the test's clock; pulsed, it looks at once.</summary>
    sealed class Running
    {
        readonly OpenSqliteStores stores;
        readonly CancellationTokenSource stop = new();
        readonly Task running;
        TaskCompletionSource pulse = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Running(OpenSqliteStores stores)
        {
            this.stores = stores;
            var settings = stores.Settings with { OutboundAllow = "127.0.0.1:*" };
            running = new NotificationWorker(
                settings, stores.Stores.Notifications, new PlainBodies(), new MailComposer(settings, stores.Imports, stores.Contacts, stores.Clock),
                () => Volatile.Read(ref pulse).Task, stores.Clock, NullLogger<NotificationWorker>.Instance).RunAsync(stop.Token);
        }

        public async Task<IReadOnlyList<Delivery>> AllAsync()
        {
            await LookAsync();
            return (await stores.Stores.Notifications.DeliveriesAsync(1, new(), null, 100, None)).Items;
        }

        public async Task<Delivery> UntilAsync(Func<Delivery, bool> condition)
        {
            Delivery? found = null;
            await Until.TrueAsync(async () => (found = (await AllAsync()).SingleOrDefault()) is not null && condition(found));
            return found!; // the condition holds for it
        }

        public Task LookAsync()
        {
            Interlocked.Exchange(ref pulse, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
            return Task.CompletedTask;
        }

        public async Task StopAsync()
        {
            await stop.CancelAsync();
            await running;
            stop.Dispose();
        }
    }

    sealed class PlainBodies : INotificationBodies
    {
        public NotificationBody Make(Delivery delivery, Import? import, DateTimeOffset at) => new("application/json", "{}"u8.ToArray());
    }
}
