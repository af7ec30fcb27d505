using System.Text.Json;
using Microsoft.Data.Sqlite;
using Muster.Contacts;
using Muster.Storage;

namespace Muster.Sqlite;

/// <summary>An import as a row of its table, both ways.</summary>
static class ImportRow
{
    /// <summary>Every column that <see cref="Read"/> reads, in its order.</summary>
    public const string Columns = """
        SELECT no, id, account_id, kind, status, small, options, source, spool, mapping, warnings,
          created, updated, unchanged, duplicate, suppressed, skipped, rejected, warned,
          next_batch, source_position, lease_epoch, failure, parent_id,
          idempotency_route, idempotency_key, fingerprint, created_at, started_at, finished_at, hold, flags, tally,
          target_id, undone_by, applied_by, removed, phase, ledger_expired_at
        FROM import
        """;

    public const int ColumnCount = 39;

    public const string WhereId = $"{Columns} WHERE id = ?2 AND account_id = ?1";

    public static Import? Find(Session session, int accountId, Guid importId) => session.One(WhereId, Read, accountId, importId.ToBlob());

    /// <summary>Writes the import, where to fetch it from and whom to tell.</summary>
    public static void Insert(Session session, Import import)
    {
        InsertRow(session, import);
        for (var i = 0; i < import.Remote.Count; i++)
            session.Execute("INSERT INTO import_remote (account_id, import_no, position, url) SELECT account_id, no, ?2, ?3 FROM import WHERE id = ?1", import.Id.ToBlob(), i, import.Remote[i]);
        // What was asked of a file holds for its correction and for its plan's application, too.
        if (import is { ParentId: { } parent, Kind: ImportKind.Import or ImportKind.Apply, Targets.Count: 0 })
        {
            session.Execute(
                """
                INSERT INTO import_target (account_id, import_no, position, means, address, format)
                SELECT t.account_id, c.no, t.position, t.means, t.address, t.format
                FROM import_target t JOIN import p ON p.no = t.import_no JOIN import c ON c.id = ?1 AND c.account_id = p.account_id WHERE p.id = ?2 AND t.format = 'native'
                """,
                import.Id.ToBlob(), parent.ToBlob());
        }
        for (var i = 0; i < import.Targets.Count; i++)
        {
            session.Execute(
                "INSERT INTO import_target (account_id, import_no, position, means, address, format) SELECT account_id, no, ?2, ?3, ?4, ?5 FROM import WHERE id = ?1",
                import.Id.ToBlob(), i, (int)import.Targets[i].Means, import.Targets[i].Address, import.Targets[i].Format);
        }
    }

    static void InsertRow(Session session, Import import) => session.Execute(
        """
        INSERT INTO import (id, account_id, kind, status, small, options, source, spool, mapping, warnings, lease_epoch,
          parent_id, idempotency_route, idempotency_key, fingerprint, created_at, started_at, hold, flags, target_id, phase)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)
        """,
        import.Id.ToBlob(), import.AccountId, (int)import.Kind, (int)import.Status, Lane(import),
        Json(import.Options), Json(import.Source), import.Source.Spool, Json(import.Mapping), Json(import.Warnings), import.LeaseEpoch,
        import.ParentId?.ToBlob(), import.IdempotencyKey is null ? null : import.IdempotencyRoute ?? "", import.IdempotencyKey, import.Fingerprint,
        import.CreatedAt.ToUnixTimeMilliseconds(), import.StartedAt?.ToUnixTimeMilliseconds(), Json(import.Hold), Json(import.Flags),
        import.TargetId?.ToBlob(), (int)import.FirstPhase);

    static int Lane(Import import) => (int)(import.Remote.Count > 0 ? ImportLane.Fetch : import.Small ? ImportLane.Small : ImportLane.Any);

    public static (long No, Import Import) ReadNumbered(SqliteDataReader r) => (r.GetInt64(0), Read(r));

    public static Import Read(SqliteDataReader r) => new()
    {
        Id = r.Id(1),
        AccountId = r.GetInt32(2),
        Kind = (ImportKind)r.GetByte(3),
        Status = (ImportStatus)r.GetByte(4),
        Small = r.GetInt32(5) == (int)ImportLane.Small,
        Options = JsonSerializer.Deserialize(r.GetString(6), StoredJson.Compact.ImportOptions)!, // written by Json below, as are the next ones
        Source = JsonSerializer.Deserialize(r.GetString(7), StoredJson.Compact.ImportSource)! with { Spool = r.Text(8) },
        Mapping = JsonSerializer.Deserialize(r.GetString(9), StoredJson.Compact.IReadOnlyListImportColumn)!,
        Warnings = JsonSerializer.Deserialize(r.GetString(10), StoredJson.Compact.IReadOnlyListString)!,
        Counts = new(r.GetInt64(11), r.GetInt64(12), r.GetInt64(13), r.GetInt64(14), r.GetInt64(15), r.GetInt64(16), r.GetInt64(17), r.GetInt64(18)),
        NextBatch = r.GetInt32(19),
        SourcePosition = r.GetInt64(20),
        LeaseEpoch = r.GetInt32(21),
        Failure = r.Text(22) is { } failure ? JsonSerializer.Deserialize(failure, StoredJson.Compact.ImportFailure) : null,
        ParentId = r.IsDBNull(23) ? null : r.Id(23),
        IdempotencyRoute = r.Text(24),
        IdempotencyKey = r.Text(25),
        Fingerprint = r.Text(26),
        CreatedAt = r.Time(27),
        StartedAt = r.TimeOrNull(28),
        FinishedAt = r.TimeOrNull(29),
        Hold = Findings(r.Text(30)),
        Flags = Findings(r.Text(31)),
        Tally = r.Text(32),
        TargetId = r.IdOrNull(33),
        UndoneBy = r.IdOrNull(34),
        AppliedBy = r.IdOrNull(35),
        Removed = r.GetInt64(36),
        Phase = (ImportPhase)r.GetByte(37),
        LedgerExpiredAt = r.TimeOrNull(38),
    };

    public static string Json(ImportOptions options) => JsonSerializer.Serialize(options, StoredJson.Compact.ImportOptions);

    // The spool's name is a column of its own, since it expires.
    public static string Json(ImportSource source) => JsonSerializer.Serialize(source with { Spool = null }, StoredJson.Compact.ImportSource);

    public static string Json(IReadOnlyList<ImportColumn> mapping) => JsonSerializer.Serialize(mapping, StoredJson.Compact.IReadOnlyListImportColumn);

    public static string Json(IReadOnlyList<string> warnings) => JsonSerializer.Serialize(warnings, StoredJson.Compact.IReadOnlyListString);

    public static string? Json(IReadOnlyList<HoldFinding> findings) =>
        findings.Count == 0 ? null : JsonSerializer.Serialize(findings, StoredJson.Compact.IReadOnlyListHoldFinding);

    static IReadOnlyList<HoldFinding> Findings(string? json) =>
        json is null ? [] : JsonSerializer.Deserialize(json, StoredJson.Compact.IReadOnlyListHoldFinding) ?? [];

    public static string? Json(ImportFailure? failure) => failure is null ? null : JsonSerializer.Serialize(failure, StoredJson.Compact.ImportFailure);
}

/// <summary>Which lane of the worker may take an import. Numbers are stored in import.small.</summary>
public enum ImportLane { Fetch = -1, Any = 0, Small = 1 }
