using System.Text.Json;
using Microsoft.Data.Sqlite;
using Muster.Contacts;
using Muster.Storage;

namespace Muster.Sqlite;

/// <summary>The outbox and whom to tell, in SQLite. Every change is on the disk when its call returns.</summary>
public sealed class SqliteNotificationStore(SqliteDatabase database) : INotificationStore
{
    /// <summary>An import with what an event keeps of it in place of what it has become since: the columns of <see cref="ImportRow.Columns"/>, then the event's number and time.</summary>
    const string EventColumns = """
        SELECT i.no, i.id, i.account_id, i.kind, e.status, i.small, i.options, i.source, i.spool, i.mapping, i.warnings,
          e.created, e.updated, e.unchanged, e.duplicate, e.suppressed, e.skipped, e.rejected, e.warned,
          e.next_batch, e.source_position, i.lease_epoch, e.failure, i.parent_id,
          i.idempotency_route, i.idempotency_key, i.fingerprint, i.created_at, e.started_at, e.finished_at, e.hold, e.flags, NULL AS tally,
          i.target_id, i.undone_by, i.applied_by, i.removed, i.phase, i.ledger_expired_at,
          e.no AS event_no, e.at AS event_at
        FROM import_event e JOIN import i ON i.no = e.import_no
        """;

    const int EventNo = ImportRow.ColumnCount;

    const string DeliveryColumns = """
        SELECT d.id, d.account_id, d.event_no, i.id, d.webhook_id, d.means, d.address, d.format, e.status,
          d.status, d.attempts, d.next_at, d.created_at, d.last_at, d.last_status, d.last_error, d.ended_at
        FROM delivery d LEFT JOIN import_event e ON e.no = d.event_no LEFT JOIN import i ON i.no = e.import_no
        """;

    const string WebhookColumns = """
        SELECT id, account_id, url, events, description, secret, former_secret, former_until, created_at, disabled_at, disabled_reason FROM webhook
        """;

    public async Task<IReadOnlyList<OutboxEvent>> EventsAsync(int limit, CancellationToken cancellationToken) => await database.ReadAsync(
        s => s.All($"{EventColumns} WHERE e.spread = 0 ORDER BY e.no LIMIT ?1", ReadEvent, limit).ConvertAll(e => new OutboxEvent(e.No, e.Import, e.At, s.All(
            "SELECT t.means, t.address, t.format FROM import_target t JOIN import i ON i.no = t.import_no WHERE i.id = ?1 ORDER BY t.position",
            static r => new ImportTarget((TargetMeans)r.GetByte(0), r.GetString(1), r.GetString(2)), e.Import.Id.ToBlob()))),
        cancellationToken);

    public Task SpreadAsync(long eventNo, int accountId, IReadOnlyList<NewDelivery> deliveries, CancellationToken cancellationToken) => database.WriteAsync(
        s =>
        {
            if (s.Execute("UPDATE import_event SET spread = 1 WHERE no = ?1 AND spread = 0", eventNo) == 0)
                return 0;
            foreach (var delivery in deliveries)
                Insert(s, accountId, eventNo, delivery);
            return deliveries.Count;
        },
        cancellationToken);

    public async Task<IReadOnlyList<Delivery>> DueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) => await database.ReadAsync(
        s => s.All($"{DeliveryColumns} WHERE d.status = 0 AND d.next_at <= ?1 ORDER BY d.next_at, d.id LIMIT ?2", ReadDelivery, now.ToUnixTimeMilliseconds(), limit),
        cancellationToken);

    public Task<(Import Import, DateTimeOffset At)?> EventAsync(long eventNo, CancellationToken cancellationToken) => database.ReadAsync(
        s => s.One<(Import, DateTimeOffset)?>($"{EventColumns} WHERE e.no = ?1", static r => (ImportRow.Read(r), r.Time(EventNo + 1)), eventNo), cancellationToken);

    public Task TriedAsync(Guid deliveryId, DeliveryTry tried, CancellationToken cancellationToken) => database.WriteAsync(
        s => s.Execute(
            """
            UPDATE delivery SET status = ?2, attempts = attempts + 1, last_at = ?3, last_status = ?4, last_error = ?5, next_at = ?6, ended_at = ?7
            WHERE id = ?1 AND status = 0
            """,
            deliveryId.ToBlob(), (int)tried.Status, tried.At.ToUnixTimeMilliseconds(), tried.HttpStatus, tried.Error,
            tried.NextAt?.ToUnixTimeMilliseconds(), tried.Status == DeliveryStatus.Pending ? null : tried.At.ToUnixTimeMilliseconds()),
        cancellationToken);

    public Task PostponeAsync(Guid deliveryId, DateTimeOffset nextAt, CancellationToken cancellationToken) => database.WriteAsync(
        s => s.Execute("UPDATE delivery SET next_at = ?2 WHERE id = ?1 AND status = 0", deliveryId.ToBlob(), nextAt.ToUnixTimeMilliseconds()), cancellationToken);

    public async Task<IReadOnlyList<DateTimeOffset>> MailsSinceAsync(string address, DateTimeOffset since, CancellationToken cancellationToken) => await database.ReadAsync(
        s => s.All(
            "SELECT last_at FROM delivery WHERE means = 1 AND address = ?1 COLLATE NOCASE AND last_at > ?2 AND status = 1 ORDER BY last_at", static r => r.Time(0),
            address, since.ToUnixTimeMilliseconds()),
        cancellationToken);

    public async Task<bool> HasMailAsync(int accountId, Guid importId, string address, CancellationToken cancellationToken) => await database.ReadAsync(
        s => s.Number(
            """
            SELECT 1 FROM delivery d JOIN import_event e ON e.no = d.event_no JOIN import i ON i.no = e.import_no
            WHERE i.id = ?2 AND i.account_id = ?1 AND d.means = 1 AND d.address = ?3 COLLATE NOCASE LIMIT 1
            """,
            accountId, importId.ToBlob(), address),
        cancellationToken) is not null;

    public async Task<IReadOnlyList<Webhook>> WebhooksAsync(int accountId, CancellationToken cancellationToken) =>
        await database.ReadAsync(s => s.All($"{WebhookColumns} WHERE account_id = ?1 ORDER BY id", ReadWebhook, accountId), cancellationToken);

    public Task<Webhook?> WebhookAsync(int accountId, Guid id, CancellationToken cancellationToken) =>
        database.ReadAsync(s => s.One($"{WebhookColumns} WHERE account_id = ?1 AND id = ?2", ReadWebhook, accountId, id.ToBlob()), cancellationToken);

    public Task AddWebhookAsync(Webhook webhook, CancellationToken cancellationToken) => database.WriteAsync(
        s => s.Execute(
            """
            INSERT INTO webhook (id, account_id, url, events, description, secret, former_secret, former_until, created_at, disabled_at, disabled_reason)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
            """,
            webhook.Id.ToBlob(), webhook.AccountId, webhook.Url, Json(webhook.Events), webhook.Description,
            webhook.Secrets.Secret, webhook.Secrets.Former, webhook.Secrets.FormerUntil?.ToUnixTimeMilliseconds(),
            webhook.CreatedAt.ToUnixTimeMilliseconds(), webhook.DisabledAt?.ToUnixTimeMilliseconds(), webhook.DisabledReason),
        cancellationToken);

    public Task<bool> UpdateWebhookAsync(Webhook webhook, CancellationToken cancellationToken) => database.WriteAsync(
        s =>
        {
            var found = s.Execute(
                """
                UPDATE webhook SET url = ?3, events = ?4, description = ?5, secret = ?6, former_secret = ?7, former_until = ?8, disabled_at = ?9, disabled_reason = ?10
                WHERE account_id = ?1 AND id = ?2
                """,
                webhook.AccountId, webhook.Id.ToBlob(), webhook.Url, Json(webhook.Events), webhook.Description,
                webhook.Secrets.Secret, webhook.Secrets.Former, webhook.Secrets.FormerUntil?.ToUnixTimeMilliseconds(),
                webhook.DisabledAt?.ToUnixTimeMilliseconds(), webhook.DisabledReason) == 1;
            if (found && webhook.DisabledAt is { } at)
                EndPending(s, webhook.AccountId, webhook.Id, "webhook_disabled", at.ToUnixTimeMilliseconds());
            else if (found)
                s.Execute("UPDATE delivery SET address = ?3 WHERE webhook_id = ?2 AND account_id = ?1 AND status = 0", webhook.AccountId, webhook.Id.ToBlob(), webhook.Url);
            return found;
        },
        cancellationToken);

    public Task<bool> DeleteWebhookAsync(int accountId, Guid id, CancellationToken cancellationToken) => database.WriteAsync(
        s =>
        {
            if (s.Execute("DELETE FROM webhook WHERE account_id = ?1 AND id = ?2", accountId, id.ToBlob()) == 0)
                return false;
            EndPending(s, accountId, id, "webhook_deleted", null);
            return true;
        },
        cancellationToken);

    public Task<SigningSecrets?> SecretsAsync(int accountId, CancellationToken cancellationToken) => database.ReadAsync(s => FindSecrets(s, accountId), cancellationToken);

    public Task<SigningSecrets> SetSecretsAsync(int accountId, SigningSecrets secrets, bool onlyIfNone, CancellationToken cancellationToken) => database.WriteAsync(
        s =>
        {
            if (onlyIfNone && FindSecrets(s, accountId) is { } known)
                return known;
            s.Execute(
                "UPDATE account SET webhook_secret = ?2, webhook_former_secret = ?3, webhook_former_until = ?4 WHERE id = ?1",
                accountId, secrets.Secret, secrets.Former, secrets.FormerUntil?.ToUnixTimeMilliseconds());
            return secrets;
        },
        cancellationToken);

    public Task AddDeliveryAsync(int accountId, NewDelivery delivery, CancellationToken cancellationToken) =>
        database.WriteAsync(s => Insert(s, accountId, null, delivery), cancellationToken);

    public Task<Delivery?> DeliveryAsync(int accountId, Guid id, CancellationToken cancellationToken) => database.ReadAsync(s => Find(s, accountId, id), cancellationToken);

    public async Task<Page<Delivery>> DeliveriesAsync(int accountId, DeliveryFilter filter, string? cursor, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        byte[]? before = null;
        if (cursor is not null)
            before = Guid.TryParseExact(cursor, "N", out var id) ? id.ToBlob() : throw new ArgumentException("The cursor is not one that an earlier page ended with.", nameof(cursor));
        var rows = await database.ReadAsync(
            s => s.All(
                $"""
                {DeliveryColumns} WHERE d.account_id = ?1 AND (?2 IS NULL OR d.id < ?2) AND (?3 IS NULL OR i.id = ?3) AND (?4 IS NULL OR d.webhook_id = ?4) AND (?5 IS NULL OR d.status = ?5)
                ORDER BY d.id DESC LIMIT ?6
                """,
                ReadDelivery, accountId, before, filter.ImportId?.ToBlob(), filter.WebhookId?.ToBlob(), (int?)filter.Status, limit + 1L),
            cancellationToken);
        return new([.. rows.Take(limit)], rows.Count > limit ? rows[limit - 1].Id.ToString("N") : null);
    }

    public Task<Delivery?> RedeliverAsync(int accountId, Guid id, DateTimeOffset now, CancellationToken cancellationToken) => database.WriteAsync(
        s =>
        {
            // Its age counts from now on, or a delivery that was given up would be given up at once.
            s.Execute(
                "UPDATE delivery SET status = 0, attempts = 0, next_at = ?3, created_at = ?3, ended_at = NULL WHERE account_id = ?1 AND id = ?2",
                accountId, id.ToBlob(), now.ToUnixTimeMilliseconds());
            return Find(s, accountId, id);
        },
        cancellationToken);

    public Task ForgetAsync(DateTimeOffset endedBefore, CancellationToken cancellationToken) => database.WriteAsync(
        s =>
        {
            s.Execute("DELETE FROM delivery WHERE ended_at < ?1", endedBefore.ToUnixTimeMilliseconds());
            return s.Execute(
                "DELETE FROM import_event WHERE spread = 1 AND at < ?1 AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.event_no = import_event.no)", endedBefore.ToUnixTimeMilliseconds());
        },
        cancellationToken);

    static int Insert(Session session, int accountId, long? eventNo, NewDelivery delivery) => session.Execute(
        """
        INSERT INTO delivery (id, account_id, event_no, webhook_id, means, address, format, next_at, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)
        """,
        delivery.Id.ToBlob(), accountId, eventNo, delivery.WebhookId?.ToBlob(), (int)delivery.Means, delivery.Address, delivery.Format, delivery.At.ToUnixTimeMilliseconds());

    static void EndPending(Session session, int accountId, Guid webhookId, string error, long? at) => session.Execute(
        "UPDATE delivery SET status = 2, last_error = ?3, ended_at = coalesce(?4, next_at), next_at = NULL WHERE account_id = ?1 AND webhook_id = ?2 AND status = 0",
        accountId, webhookId.ToBlob(), error, at);

    static Delivery? Find(Session session, int accountId, Guid id) =>
        session.One($"{DeliveryColumns} WHERE d.account_id = ?1 AND d.id = ?2", ReadDelivery, accountId, id.ToBlob());

    static SigningSecrets? FindSecrets(Session session, int accountId) => session.One(
        "SELECT webhook_secret, webhook_former_secret, webhook_former_until FROM account WHERE id = ?1 AND webhook_secret IS NOT NULL",
        static r => new SigningSecrets(r.GetString(0), r.Text(1), r.TimeOrNull(2)), accountId);

    static (long No, Import Import, DateTimeOffset At) ReadEvent(SqliteDataReader r) => (r.GetInt64(EventNo), ImportRow.Read(r), r.Time(EventNo + 1));

    static Delivery ReadDelivery(SqliteDataReader r) => new(
        r.Id(0), r.GetInt32(1), r.Number(2), r.IsDBNull(3) ? null : r.Id(3), r.IsDBNull(4) ? null : r.Id(4), (TargetMeans)r.GetByte(5), r.GetString(6), r.GetString(7),
        r.IsDBNull(8) ? EventName.Test : EventName.Of((ImportStatus)r.GetByte(8)),
        (DeliveryStatus)r.GetByte(9), r.GetInt32(10), r.TimeOrNull(11), r.Time(12), r.TimeOrNull(13), (int?)r.Number(14), r.Text(15), r.TimeOrNull(16));

    static Webhook ReadWebhook(SqliteDataReader r) => new(
        r.Id(0), r.GetInt32(1), r.GetString(2), JsonSerializer.Deserialize(r.GetString(3), StoredJson.Compact.IReadOnlyListString)!, // written by Json below
        r.Text(4), new(r.GetString(5), r.Text(6), r.TimeOrNull(7)), r.Time(8), r.TimeOrNull(9), r.Text(10));

    static string Json(IReadOnlyList<string> texts) => JsonSerializer.Serialize(texts, StoredJson.Compact.IReadOnlyListString);
}
