using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Muster.Contacts;
using Muster.Storage;

namespace Muster.Sqlite;

/// <summary>Imports, their queue and their ledgers in SQLite. Every change is on the disk when its call returns.</summary>
/// <remarks>
/// A data folder has one worker process at a time (worker.lock). A running import whose owner is not the one who asks was therefore left behind
/// by a process that is gone, and is claimable at once: leases need no clock here.
/// </remarks>
public sealed class SqliteImportStore(SqliteDatabase database, MusterSettings settings, TimeProvider time) : IImportStore
{
    readonly ConcurrentDictionary<int, ImportLease> apiLeases = new();

    public Task<AcceptResult> AcceptAsync(Import import, AcceptCaps caps, CancellationToken cancellationToken) => database.WriteAsync<AcceptResult>(s =>
    {
        if (import.IdempotencyKey is not null)
        {
            if (FindByKey(s, import.AccountId, import.IdempotencyRoute ?? "", import.IdempotencyKey) is { } earlier)
                return earlier.Fingerprint == import.Fingerprint ? new AcceptResult.Replayed(earlier) : new AcceptResult.Conflict(earlier.Id);
        }
        if (AcceptRoom.Refuse(s, import, caps) is { } code)
            return new AcceptResult.NoRoom(code);
        ImportRow.Insert(s, import);
        Outbox.Note(s, import.Id, import.CreatedAt);
        return new AcceptResult.Accepted(ImportRow.Find(s, import.AccountId, import.Id)!); // just inserted
    }, cancellationToken);

    public Task<FollowUpResult> AcceptFollowUpAsync(Import followUp, CancellationToken cancellationToken) => database.WriteAsync<FollowUpResult>(s =>
    {
        var target = ImportRow.Find(s, followUp.AccountId, followUp.TargetId ?? Guid.Empty) ?? throw new ArgumentException("The import to follow does not exist.", nameof(followUp));
        var applies = followUp.Kind == ImportKind.Apply;
        var earlier = (applies ? target.AppliedBy : target.UndoneBy) is { } id ? ImportRow.Find(s, followUp.AccountId, id) : null;
        if (earlier is { Status: ImportStatus.Queued or ImportStatus.Running or ImportStatus.Paused or ImportStatus.Held })
            return new FollowUpResult.Underway(earlier);
        var allowed = applies
            ? target.Status == ImportStatus.Planned && earlier is null or { Status: not ImportStatus.Completed }
            : target.Status is ImportStatus.Completed or ImportStatus.Failed or ImportStatus.Canceled;
        if (!allowed)
            return new FollowUpResult.Refused(target);
        return new FollowUpResult.Accepted(InsertFollowUp(s, followUp));
    }, cancellationToken);

    static Import InsertFollowUp(Session s, Import followUp)
    {
        ImportRow.Insert(s, followUp);
        s.Execute(
            followUp.Kind == ImportKind.Apply ? "UPDATE import SET applied_by = ?3 WHERE id = ?2 AND account_id = ?1" : "UPDATE import SET undone_by = ?3 WHERE id = ?2 AND account_id = ?1",
            followUp.AccountId, followUp.TargetId?.ToBlob(), followUp.Id.ToBlob());
        return ImportRow.Find(s, followUp.AccountId, followUp.Id)!; // just inserted
    }

    /// <summary>What an all-or-nothing import had written when it failed or was canceled does not stay.</summary>
    static void TakeBack(Session s, Import ended, DateTimeOffset now)
    {
        if (ended.UndoWhenBroken(now) is { } undo)
            InsertFollowUp(s, undo);
    }

    public Task<Import?> GetAsync(int accountId, Guid importId, CancellationToken cancellationToken) =>
        database.ReadAsync(s => ImportRow.Find(s, accountId, importId), cancellationToken);

    public Task<Import?> FindByKeyAsync(int accountId, string route, string key, CancellationToken cancellationToken) =>
        database.ReadAsync(s => FindByKey(s, accountId, route, key), cancellationToken);

    static Import? FindByKey(Session session, int accountId, string route, string key) => session.One(
        $"{ImportRow.Columns} WHERE account_id = ?1 AND idempotency_route = ?2 AND idempotency_key = ?3", ImportRow.Read, accountId, route, key);

    public async Task<IReadOnlyList<Import>> RetriesAsync(int accountId, IReadOnlyCollection<Guid> parents, CancellationToken cancellationToken) => await database.ReadAsync(
        s => s.All(
            $"""
            {ImportRow.Columns} WHERE account_id = ?1 AND id IN (
              WITH RECURSIVE retry(id) AS (
                SELECT id FROM import WHERE account_id = ?1 AND kind = 0 AND parent_id IN (SELECT unhex(value) FROM json_each(?2))
                UNION SELECT i.id FROM import i JOIN retry r ON i.account_id = ?1 AND i.kind = 0 AND i.parent_id = r.id)
              SELECT id FROM retry) ORDER BY no
            """, ImportRow.Read,
            accountId, $"[{string.Join(',', parents.Select(p => $"\"{Convert.ToHexString(p.ToBlob())}\""))}]"),
        cancellationToken);

    public async Task<IReadOnlyList<Import>> UnfinishedAsync(int accountId, CancellationToken cancellationToken) => await database.ReadAsync(
        s => s.All($"{ImportRow.Columns} INDEXED BY import_unfinished WHERE account_id = ?1 AND finished_at IS NULL AND kind <> 5 ORDER BY no", ImportRow.Read, accountId),
        cancellationToken);

    public Task ForgetKeyAsync(int accountId, Guid importId, CancellationToken cancellationToken) => database.WriteAsync(
        s => s.Execute("UPDATE import SET idempotency_route = NULL, idempotency_key = NULL WHERE id = ?2 AND account_id = ?1", accountId, importId.ToBlob()), cancellationToken);

    public async Task<Page<Import>> ListAsync(int accountId, string? cursor, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        var before = Cursor.Read(cursor, long.MaxValue);
        var rows = await database.ReadAsync(
            s => s.All(
                $"{ImportRow.Columns} WHERE account_id = ?1 AND no < ?2 AND kind <> 5 ORDER BY no DESC LIMIT ?3", ImportRow.ReadNumbered,
                accountId, before, limit + 1L),
            cancellationToken);
        var next = rows.Count > limit ? Cursor.Of(rows[limit - 1].No) : null;
        return new([.. rows.Take(limit).Select(static r => r.Import)], next);
    }

    /// <remarks>Looks before it queues for the gate: an idle worker that waited there would make a running import's batches smaller.</remarks>
    public Task<(Import Import, ImportLease Lease)?> ClaimAsync(string owner, bool smallOnly, CancellationToken cancellationToken) =>
        ClaimAsync(owner, smallOnly ? ImportLane.Small : ImportLane.Any, int.MaxValue, cancellationToken);

    internal async Task<(Import Import, ImportLease Lease)?> ClaimAsync(string owner, ImportLane lane, int perAccount, CancellationToken cancellationToken) =>
        await database.ReadAsync(s => Next(s, owner, lane, perAccount) is not null, cancellationToken)
            ? await database.WriteAsync(s => Claim(s, owner, lane, perAccount), cancellationToken)
            : null;

    public Task ReleaseAsync(ImportLease lease, CancellationToken cancellationToken) => database.WriteAsync(
        s => s.Execute(
            "UPDATE import SET status = 0, lease_owner = NULL, claims = 0, claimed_batch = -1 WHERE id = ?2 AND account_id = ?1 AND lease_epoch = ?3 AND status = 1 AND kind <> 5",
            lease.AccountId, lease.ImportId.ToBlob(), lease.Epoch),
        cancellationToken);

    public Task AbandonAsync(ImportLease lease, CancellationToken cancellationToken) => database.WriteAsync(
        s => s.Execute(
            "UPDATE import SET lease_owner = NULL WHERE id = ?2 AND account_id = ?1 AND lease_epoch = ?3 AND status = 1 AND kind <> 5",
            lease.AccountId, lease.ImportId.ToBlob(), lease.Epoch),
        cancellationToken);

    public Task PrepareAsync(ImportLease lease, ImportPreparation prepared, CancellationToken cancellationToken) => database.WriteAsync(
        s =>
        {
            if (ImportRow.Find(s, lease.AccountId, lease.ImportId) is not { Status: ImportStatus.Running } import || import.LeaseEpoch != lease.Epoch)
                return false;
            var options = import.Options with { ListIds = prepared.ListIds, TagIds = prepared.TagIds, Fields = prepared.Fields };
            s.Execute(
                "UPDATE import SET mapping = ?3, options = ?4, warnings = ?5 WHERE id = ?2 AND account_id = ?1",
                lease.AccountId, lease.ImportId.ToBlob(), ImportRow.Json(prepared.Mapping), ImportRow.Json(options), ImportRow.Json(prepared.Warnings));
            return true;
        },
        cancellationToken);

    public Task<Import?> BeginWritingAsync(ImportLease lease, CancellationToken cancellationToken) => database.WriteAsync(
        s =>
        {
            var begun = s.Execute(
                """
                UPDATE import SET phase = 0, next_batch = 0, source_position = 0, claims = 1, claimed_batch = 0, planned = 0, tally = NULL,
                  created = 0, updated = 0, unchanged = 0, duplicate = 0, suppressed = 0, skipped = 0, rejected = 0, warned = 0
                WHERE id = ?2 AND account_id = ?1 AND lease_epoch = ?3 AND status = 1 AND phase = 1
                """,
                lease.AccountId, lease.ImportId.ToBlob(), lease.Epoch) == 1;
            if (!begun)
                return null;
            s.Execute("DELETE FROM import_batch WHERE import_no = (SELECT no FROM import WHERE id = ?2 AND account_id = ?1)", lease.AccountId, lease.ImportId.ToBlob());
            return ImportRow.Find(s, lease.AccountId, lease.ImportId);
        },
        cancellationToken);

    public Task<bool> FinishAsync(ImportLease lease, ImportStatus status, ImportFailure? failure, CancellationToken cancellationToken) => database.WriteAsync(
        s =>
        {
            var import = ImportRow.Find(s, lease.AccountId, lease.ImportId);
            var finished = s.Execute(
                """
                UPDATE import SET status = ?4, failure = ?5, finished_at = ?6, lease_owner = NULL
                WHERE id = ?2 AND account_id = ?1 AND lease_epoch = ?3 AND status = 1 AND kind <> 5
                """,
                lease.AccountId, lease.ImportId.ToBlob(), lease.Epoch, (int)status, ImportRow.Json(failure), EndOf(status)) == 1;
            if (!finished)
                return false;
            Outbox.Note(s, lease.ImportId, time.GetUtcNow());
            if (import is not null && status is ImportStatus.Failed or ImportStatus.Canceled)
                TakeBack(s, import, time.GetUtcNow());
            return true;
        },
        cancellationToken);

    public Task<bool> HoldAsync(ImportLease lease, IReadOnlyList<HoldFinding> findings, CancellationToken cancellationToken) => database.WriteAsync(
        s =>
        {
            if (ImportRow.Find(s, lease.AccountId, lease.ImportId) is not { Status: ImportStatus.Running } import || import.LeaseEpoch != lease.Epoch)
                return false;
            s.Execute(
                "UPDATE import SET status = ?3, hold = ?4, lease_owner = NULL, claims = 0, claimed_batch = -1 WHERE id = ?2 AND account_id = ?1",
                lease.AccountId, lease.ImportId.ToBlob(), (int)ImportStatus.Held, ImportRow.Json([.. import.Hold, .. findings]));
            Outbox.Note(s, lease.ImportId, time.GetUtcNow());
            return true;
        },
        cancellationToken);

    public Task<Import?> ApproveAsync(int accountId, Guid importId, CancellationToken cancellationToken) => database.WriteAsync(
        s =>
        {
            if (ImportRow.Find(s, accountId, importId) is not { } import || import.Kind == ImportKind.Api)
                return null;
            if (import.Status != ImportStatus.Held)
                return import;
            var now = time.GetUtcNow();
            s.Execute(
                "UPDATE import SET status = 0, hold = ?3 WHERE id = ?2 AND account_id = ?1",
                accountId, importId.ToBlob(), ImportRow.Json([.. import.Hold.Select(f => f with { ApprovedAt = f.ApprovedAt ?? now })]));
            Outbox.Note(s, importId, now);
            return ImportRow.Find(s, accountId, importId);
        },
        cancellationToken);

    public Task<(Guid Newest, int Imports)?> FindSameSourceAsync(int accountId, string sha256, CancellationToken cancellationToken) => database.ReadAsync(
        s => s.One<(Guid, int)?>(
            // max(no) makes id that row's: https://sqlite.org/lang_select.html#bareagg
            "SELECT id, count(*), max(no) FROM import WHERE account_id = ?1 AND json_extract(source, '$.sha256') = ?2 AND kind = 0 HAVING count(*) > 0",
            static r => (r.Id(0), r.GetInt32(1)), accountId, sha256),
        cancellationToken);

    public Task<Import?> MoveAsync(
        int accountId, Guid importId, ImportStatus[] from, ImportStatus to, ImportFailure? failure, CancellationToken cancellationToken) => database.WriteAsync(
        s =>
        {
            if (ImportRow.Find(s, accountId, importId) is not { } import || import.Kind == ImportKind.Api)
                return null;
            if (!from.Contains(import.Status))
                return import;
            // A person's decision, not a worker's death: what was counted towards poison_batch is forgotten.
            s.Execute(
                """
                UPDATE import SET status = ?3, failure = ?4, finished_at = ?5, lease_owner = NULL, claims = 0, claimed_batch = -1
                WHERE id = ?2 AND account_id = ?1
                """,
                accountId, importId.ToBlob(), (int)to, ImportRow.Json(failure), EndOf(to));
            Outbox.Note(s, importId, time.GetUtcNow());
            if (to is ImportStatus.Failed or ImportStatus.Canceled)
                TakeBack(s, import, time.GetUtcNow());
            return ImportRow.Find(s, accountId, importId);
        },
        cancellationToken);

    /// <remarks>Each batch is a query of its own: a slow reader must not keep the journal from being moved into the database.</remarks>
    public async IAsyncEnumerable<(int BatchNumber, byte[] Ledger)> LedgerAsync(
        int accountId, Guid importId, int fromBatch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var no = await database.ReadAsync(s => s.Number("SELECT no FROM import WHERE id = ?2 AND account_id = ?1", accountId, importId.ToBlob()), cancellationToken);
        if (no is null)
            yield break;
        var next = fromBatch;
        while (await database.ReadAsync(s => NextLedger(s, no.Value, next), cancellationToken) is { } batch)
        {
            yield return batch;
            next = batch.BatchNumber + 1;
        }
    }

    public Task<(byte[] Ledger, DateTimeOffset? At)?> BatchAsync(int accountId, Guid importId, int batch, CancellationToken cancellationToken) => database.ReadAsync(
        s => s.One(
            "SELECT b.ledger, b.written_at FROM import i JOIN import_batch b ON b.import_no = i.no WHERE i.id = ?2 AND i.account_id = ?1 AND b.batch_no = ?3",
            static r => ((byte[], DateTimeOffset?)?)(r.GetFieldValue<byte[]>(0), r.TimeOrNull(1)), accountId, importId.ToBlob(), batch),
        cancellationToken);

    public Task<IReadOnlyList<string>> ExpireSourcesAsync(DateTimeOffset endedBefore, CancellationToken cancellationToken) => database.WriteAsync<IReadOnlyList<string>>(
        s =>
        {
            // finished_at stands only while the status is terminal.
            var expired = s.All(
                "SELECT DISTINCT spool FROM import WHERE spool IS NOT NULL AND finished_at < ?1", static r => r.GetString(0), endedBefore.ToUnixTimeMilliseconds());
            s.Execute("UPDATE import SET spool = NULL WHERE spool IS NOT NULL AND finished_at < ?1", endedBefore.ToUnixTimeMilliseconds());
            s.Execute("DELETE FROM import_remote WHERE import_no IN (SELECT no FROM import WHERE finished_at < ?1)", endedBefore.ToUnixTimeMilliseconds());
            s.Execute("DELETE FROM spool_erasure WHERE import_no IN (SELECT no FROM import WHERE spool IS NULL)");
            // A plan and its application share one spool, and so do an upload and its imports.
            return expired.FindAll(name => s.Number("SELECT 1 FROM import WHERE spool = ?1 UNION ALL SELECT 1 FROM upload WHERE spool = ?1", name) is null);
        },
        cancellationToken);

    public Task<int> ExpireLedgersAsync(DateTimeOffset endedBefore, int limit, CancellationToken cancellationToken) => database.WriteAsync(
        s =>
        {
            var before = endedBefore.ToUnixTimeMilliseconds();
            var expired = s.All(
                """
                SELECT no FROM import i WHERE ledger_expired_at IS NULL AND finished_at < ?1 AND kind <> 5
                  AND NOT EXISTS (SELECT 1 FROM import f WHERE f.account_id = i.account_id AND f.target_id = i.id AND f.finished_at IS NULL)
                ORDER BY no LIMIT ?2
                """,
                static r => r.GetInt64(0), before, limit);
            foreach (var no in expired)
            {
                s.Execute("DELETE FROM import_batch WHERE import_no = ?1", no);
                s.Execute("UPDATE import SET ledger_expired_at = ?2 WHERE no = ?1", no, time.GetUtcNow().ToUnixTimeMilliseconds());
            }
            s.Execute(
                "DELETE FROM import_batch WHERE rowid IN (SELECT b.rowid FROM import i JOIN import_batch b ON b.import_no = i.no WHERE i.kind = 5 AND b.written_at < ?1 LIMIT 10000)", before);
            s.Execute(
                """
                DELETE FROM belonging_removal WHERE (account_id, kind, owner_id, contact_id) IN (
                  SELECT r.account_id, r.kind, r.owner_id, r.contact_id FROM belonging_removal r LEFT JOIN import i ON i.no = r.import_no
                  WHERE r.removed_at < ?1 AND (i.no IS NULL OR i.ledger_expired_at IS NOT NULL) LIMIT 100000)
                """,
                before);
            return expired.Count;
        },
        cancellationToken);

    public async Task<ImportLease> ApiLeaseAsync(int accountId, CancellationToken cancellationToken)
    {
        if (apiLeases.TryGetValue(accountId, out var known))
            return known;
        var lease = await database.ReadAsync(s => FindApiLease(s, accountId), cancellationToken)
            ?? await database.WriteAsync(s => FindApiLease(s, accountId) ?? MakeApiLease(s, accountId), cancellationToken);
        return apiLeases.GetOrAdd(accountId, lease);
    }

    public Task<IReadOnlyList<SpoolErasure>> SpoolErasuresAsync(int limit, CancellationToken cancellationToken) => database.ReadAsync<IReadOnlyList<SpoolErasure>>(
        s => s.All(
            """
            SELECT e.account_id, i.id, e.byte_offset, e.byte_length FROM spool_erasure e JOIN import i ON i.no = e.import_no
            WHERE NOT EXISTS (SELECT 1 FROM import u WHERE u.spool = i.spool AND u.finished_at IS NULL)
            ORDER BY e.import_no, e.byte_offset LIMIT ?1
            """,
            static r => new SpoolErasure(r.GetInt32(0), r.Id(1), r.GetInt64(2), r.GetInt32(3)), limit),
        cancellationToken);

    public Task ForgetSpoolErasuresAsync(IReadOnlyList<SpoolErasure> blanked, CancellationToken cancellationToken) => database.WriteAsync(
        s =>
        {
            foreach (var range in blanked)
            {
                s.Execute(
                    "DELETE FROM spool_erasure WHERE import_no = (SELECT no FROM import WHERE id = ?2 AND account_id = ?1) AND byte_offset = ?3",
                    range.AccountId, range.ImportId.ToBlob(), range.ByteOffset);
            }
            return blanked.Count;
        },
        cancellationToken);

    public Task<IReadOnlySet<string>> SpoolsInUseAsync(CancellationToken cancellationToken) => database.ReadAsync<IReadOnlySet<string>>(
        static s => s.All("SELECT spool FROM import WHERE spool IS NOT NULL UNION SELECT spool FROM upload", static r => r.GetString(0)).ToHashSet(), cancellationToken);

    (Import, ImportLease)? Claim(Session session, string owner, ImportLane lane, int perAccount)
    {
        while (Next(session, owner, lane, perAccount) is { } next)
        {
            if (next.ClaimsHere >= settings.PoisonClaimsMax)
            {
                var failure = new ImportFailure(ErrorCode.PoisonBatch, $"The import was begun {next.ClaimsHere} times at batch {next.Batch} and never got past it. What was committed before it stays.");
                session.Execute(
                    "UPDATE import SET status = ?2, failure = ?3, finished_at = ?4, lease_owner = NULL, lease_epoch = lease_epoch + 1 WHERE no = ?1",
                    next.No, (int)ImportStatus.Failed, ImportRow.Json(failure), EndOf(ImportStatus.Failed));
                Outbox.Note(session, next.No, time.GetUtcNow());
                TakeBack(session, session.One($"{ImportRow.Columns} WHERE no = ?1", ImportRow.Read, next.No)!, time.GetUtcNow()); // just changed
                continue;
            }
            session.Execute(
                """
                UPDATE import SET status = 1, lease_owner = ?2, lease_epoch = lease_epoch + 1, claims = ?3, claimed_batch = next_batch, started_at = coalesce(started_at, ?4)
                WHERE no = ?1
                """,
                next.No, owner, next.ClaimsHere + 1, time.GetUtcNow().ToUnixTimeMilliseconds());
            // A turn, not a time: the clock may stand still between two claims, or go back.
            session.Execute(
                "UPDATE account SET served_at = (SELECT max(served_at) + 1 FROM account) WHERE id = (SELECT account_id FROM import WHERE no = ?1)", next.No);
            var import = session.One($"{ImportRow.Columns} WHERE no = ?1", ImportRow.Read, next.No)!; // claimed above
            if (next.IsFirst)
                Outbox.Note(session, next.No, time.GetUtcNow());
            return (import, new(import.AccountId, import.Id, import.LeaseEpoch));
        }
        return null;
    }

    sealed record Candidate(long No, int Batch, int ClaimsHere, bool IsFirst);

    /// <summary>The account with the fewest imports running, then the one whose turn is longest ago; of it the oldest import.</summary>
    /// <remarks>An import that is left running was claimed further back and died here: the first death at this checkpoint.</remarks>
    static Candidate? Next(Session session, string owner, ImportLane lane, int perAccount) => session.One(
        """
        WITH
          running AS (
            SELECT account_id, count(*) AS imports FROM import
            WHERE status IN (0, 1) AND kind <> 5 AND status = 1 AND lease_owner = ?1 AND (small < 0) = (?2 < 0) GROUP BY account_id),
          waiting AS (
            SELECT account_id, min(no) AS no FROM import
            WHERE status IN (0, 1) AND kind <> 5 AND (status = 0 OR lease_owner IS NOT ?1) AND small BETWEEN ?2 AND ?3 GROUP BY account_id)
        SELECT i.no, i.next_batch, iif(i.claimed_batch = i.next_batch, i.claims, i.status = 1), i.started_at IS NULL
        FROM waiting
        JOIN account a ON a.id = waiting.account_id
        JOIN import i ON i.no = waiting.no
        LEFT JOIN running ON running.account_id = waiting.account_id
        WHERE coalesce(running.imports, 0) < ?4
        ORDER BY coalesce(running.imports, 0), a.served_at, i.no
        LIMIT 1
        """,
        static r => new Candidate(r.GetInt64(0), r.GetInt32(1), r.GetInt32(2), r.GetBoolean(3)), owner, (int)lane, lane == ImportLane.Fetch ? (int)ImportLane.Fetch : (int)ImportLane.Small, perAccount);

    static (int BatchNumber, byte[] Ledger)? NextLedger(Session session, long no, int fromBatch) => session.One<(int, byte[])?>(
        "SELECT batch_no, ledger FROM import_batch WHERE import_no = ?1 AND batch_no >= ?2 ORDER BY batch_no LIMIT 1",
        static r => (r.GetInt32(0), r.GetFieldValue<byte[]>(1)), no, fromBatch);

    static ImportLease? FindApiLease(Session session, int accountId) => session.One(
        "SELECT id, lease_epoch FROM import WHERE account_id = ?1 AND kind = 5", r => new ImportLease(accountId, r.Id(0), r.GetInt32(1)), accountId);

    ImportLease MakeApiLease(Session session, int accountId)
    {
        var now = time.GetUtcNow();
        var import = new Import
        {
            Id = Guid.CreateVersion7(now), AccountId = accountId, Kind = ImportKind.Api, Status = ImportStatus.Running, LeaseEpoch = 1,
            Options = new(), Source = new("api", null, 0, "", null, "api", "utf-8", null, [], 0, HasHeader: false), CreatedAt = now, StartedAt = now,
        };
        ImportRow.Insert(session, import);
        return new(accountId, import.Id, import.LeaseEpoch);
    }

    long? EndOf(ImportStatus status) => status.IsTerminal() ? time.GetUtcNow().ToUnixTimeMilliseconds() : null;
}
