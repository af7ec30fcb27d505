using Microsoft.Data.Sqlite;
using Muster.Contacts;
using Muster.Storage;

namespace Muster.Sqlite;

/// <summary>Uploads in SQLite. Every change is on the disk when its call returns.</summary>
public sealed class SqliteUploadStore(SqliteDatabase database) : IUploadStore
{
    const string Columns = "SELECT id, account_id, file_name, bytes, sha256, spool, created_at, expires_at, no FROM upload";

    public Task<UploadRoom> AddAsync(Upload upload, int uploadsMax, long spoolBytesMax, CancellationToken cancellationToken) => database.WriteAsync(
        s =>
        {
            var held = s.Number("SELECT count(*) FROM upload WHERE account_id = ?1 AND expires_at > ?2", upload.AccountId, upload.CreatedAt.ToUnixTimeMilliseconds());
            if (held >= uploadsMax)
                return UploadRoom.UploadsFull;
            if (spoolBytesMax > 0 && AcceptRoom.SpoolBytes(s, upload.AccountId) + upload.Bytes > spoolBytesMax)
                return UploadRoom.SpoolFull;
            s.Execute(
                "INSERT INTO upload (id, account_id, file_name, bytes, sha256, spool, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                upload.Id.ToBlob(), upload.AccountId, upload.FileName, upload.Bytes, upload.Sha256, upload.Spool,
                upload.CreatedAt.ToUnixTimeMilliseconds(), upload.ExpiresAt.ToUnixTimeMilliseconds());
            return UploadRoom.Taken;
        },
        cancellationToken);

    public Task<Upload?> GetAsync(int accountId, Guid uploadId, DateTimeOffset now, CancellationToken cancellationToken) => database.ReadAsync(
        s => s.One($"{Columns} WHERE account_id = ?1 AND id = ?2 AND expires_at > ?3", Read, accountId, uploadId.ToBlob(), now.ToUnixTimeMilliseconds()), cancellationToken);

    public async Task<Page<Upload>> ListAsync(int accountId, DateTimeOffset now, string? cursor, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        var before = Cursor.Read(cursor, long.MaxValue);
        var rows = await database.ReadAsync(
            s => s.All(
                $"{Columns} WHERE account_id = ?1 AND no < ?2 AND expires_at > ?3 ORDER BY no DESC LIMIT ?4", static r => (No: r.GetInt64(8), Upload: Read(r)),
                accountId, before, now.ToUnixTimeMilliseconds(), limit + 1L),
            cancellationToken);
        return new([.. rows.Take(limit).Select(static r => r.Upload)], rows.Count > limit ? Cursor.Of(rows[limit - 1].No) : null);
    }

    public Task<IReadOnlyList<string>?> DeleteAsync(int accountId, Guid uploadId, CancellationToken cancellationToken) => database.WriteAsync<IReadOnlyList<string>?>(
        s =>
        {
            var spool = s.One("SELECT spool FROM upload WHERE account_id = ?1 AND id = ?2", static r => r.GetString(0), accountId, uploadId.ToBlob());
            if (spool is null)
                return null;
            s.Execute("DELETE FROM upload WHERE account_id = ?1 AND id = ?2", accountId, uploadId.ToBlob());
            return [.. Unneeded(s, [spool])];
        },
        cancellationToken);

    public Task<IReadOnlyList<string>> ExpireAsync(DateTimeOffset expiredBefore, CancellationToken cancellationToken) => database.WriteAsync<IReadOnlyList<string>>(
        s =>
        {
            var expired = s.All("SELECT spool FROM upload WHERE expires_at < ?1", static r => r.GetString(0), expiredBefore.ToUnixTimeMilliseconds());
            if (expired.Count > 0)
                s.Execute("DELETE FROM upload WHERE expires_at < ?1", expiredBefore.ToUnixTimeMilliseconds());
            return [.. Unneeded(s, expired)];
        },
        cancellationToken);

    static IEnumerable<string> Unneeded(Session session, List<string> spools) =>
        spools.FindAll(name => session.Number("SELECT 1 FROM import WHERE spool = ?1 UNION ALL SELECT 1 FROM upload WHERE spool = ?1", name) is null);

    static Upload Read(SqliteDataReader r) => new(r.Id(0), r.GetInt32(1), r.Text(2), r.GetInt64(3), r.GetString(4), r.GetString(5), r.Time(6), r.Time(7));
}
