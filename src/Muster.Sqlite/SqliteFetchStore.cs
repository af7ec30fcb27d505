using Muster.Contacts;
using Muster.Storage;

namespace Muster.Sqlite;

/// <summary>Imports whose source is still somewhere else, in SQLite.</summary>
public sealed class SqliteFetchStore(SqliteDatabase database, SqliteImportStore imports, TimeProvider time) : IFetchStore
{
    public Task<(Import Import, ImportLease Lease)?> ClaimAsync(string owner, int perAccount, CancellationToken cancellationToken) =>
        imports.ClaimAsync(owner, ImportLane.Fetch, perAccount, cancellationToken);

    public async Task<IReadOnlyList<string>> AddressesAsync(ImportLease lease, CancellationToken cancellationToken) => await database.ReadAsync(
        s => s.All(
            "SELECT r.url FROM import_remote r JOIN import i ON i.no = r.import_no WHERE i.id = ?2 AND i.account_id = ?1 ORDER BY r.position",
            static r => r.GetString(0), lease.AccountId, lease.ImportId.ToBlob()),
        cancellationToken);

    /// <remarks>Looks first: a fetch that stands still costs no write.</remarks>
    public async Task<bool> ProgressAsync(ImportLease lease, long bytes, long total, CancellationToken cancellationToken)
    {
        var (runs, known) = await database.ReadAsync(
            s => s.One(
                "SELECT source_position FROM import WHERE id = ?2 AND account_id = ?1 AND lease_epoch = ?3 AND status = 1",
                static r => (true, r.GetInt64(0)), lease.AccountId, lease.ImportId.ToBlob(), lease.Epoch),
            cancellationToken);
        if (!runs || known == bytes)
            return runs;
        return await database.WriteAsync(
            s => s.Execute(
                "UPDATE import SET source_position = ?4, source = json_set(source, '$.bytes', ?5) WHERE id = ?2 AND account_id = ?1 AND lease_epoch = ?3 AND status = 1",
                lease.AccountId, lease.ImportId.ToBlob(), lease.Epoch, bytes, total) == 1,
            cancellationToken);
    }

    public Task<bool> FetchedAsync(ImportLease lease, Import import, CancellationToken cancellationToken) => database.WriteAsync(
        s =>
        {
            var found = s.Execute(
                """
                UPDATE import SET status = ?12, small = ?4, options = ?5, source = ?6, spool = ?7, mapping = ?8, warnings = ?9, hold = ?10, flags = ?11,
                  source_position = 0, lease_owner = NULL, claims = 0, claimed_batch = -1
                WHERE id = ?2 AND account_id = ?1 AND lease_epoch = ?3 AND status = 1
                """,
                lease.AccountId, lease.ImportId.ToBlob(), lease.Epoch, import.Small,
                ImportRow.Json(import.Options), ImportRow.Json(import.Source), import.Source.Spool, ImportRow.Json(import.Mapping), ImportRow.Json(import.Warnings),
                ImportRow.Json(import.Hold), ImportRow.Json(import.Flags), (int)import.Status) == 1;
            if (found && import.Status == ImportStatus.Held)
                Outbox.Note(s, lease.ImportId, time.GetUtcNow());
            if (found)
                s.Execute("DELETE FROM import_remote WHERE import_no = (SELECT no FROM import WHERE id = ?1)", lease.ImportId.ToBlob());
            return found;
        },
        cancellationToken);
}
