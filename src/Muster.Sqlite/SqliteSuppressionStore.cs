using Microsoft.Data.Sqlite;
using Muster.Contacts;
using Muster.Sqlite.Bulk;
using Muster.Storage;
using Muster.Validation;

namespace Muster.Sqlite;

/// <summary>Suppressions in SQLite. Every change is on the disk when its call returns.</summary>
public sealed class SqliteSuppressionStore : ISuppressionStore
{
    readonly SqliteDatabase database;

    internal SqliteSuppressionStore(SqliteDatabase database) => this.database = database;

    public Task<Page<Suppression>> ListAsync(int accountId, string? kind, string? cursor, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        var (afterKind, afterValue) = cursor?.Split(':', 2) switch
        {
            null => (-1, ""),
            [var k, var value] when KindOf(k) is { } known => (known, value),
            _ => throw new ArgumentException("No cursor of suppressions.", nameof(cursor)),
        };
        return database.ReadAsync(
            s =>
            {
                var rows = s.All(
                    """
                    SELECT kind, value, reason, created_at FROM suppression
                    WHERE account_id = ?1 AND (kind, value) > (?2, ?3) AND (?4 IS NULL OR kind = ?4) ORDER BY kind, value LIMIT ?5
                    """,
                    Read, accountId, afterKind, afterValue, kind is null ? null : KindOf(kind), limit + 1L);
                return new Page<Suppression>(rows.GetRange(0, Math.Min(limit, rows.Count)), rows.Count > limit ? rows[limit - 1].Id : null);
            },
            cancellationToken);
    }

    public Task<Suppression?> FindAsync(int accountId, string kind, string value, CancellationToken cancellationToken) => database.ReadAsync(
        s => s.One("SELECT kind, value, reason, created_at FROM suppression WHERE account_id = ?1 AND kind = ?2 AND value = ?3", Read, accountId, KindOf(kind), value), cancellationToken);

    public Task<int> AddAsync(int accountId, IReadOnlyList<Suppression> suppressions, CancellationToken cancellationToken) => database.WriteAsync(
        s => suppressions.Sum(item => s.Execute(
            "INSERT OR IGNORE INTO suppression (account_id, kind, value, reason, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            accountId, KindOf(item.Kind), item.Value, item.Reason, item.CreatedAt.ToUnixTimeMilliseconds())),
        cancellationToken);

    public Task<bool> RemoveAsync(int accountId, string kind, string value, CancellationToken cancellationToken) => database.WriteAsync(
        s => s.Execute("DELETE FROM suppression WHERE account_id = ?1 AND kind = ?2 AND value = ?3", accountId, KindOf(kind), value) == 1, cancellationToken);

    static int? KindOf(string kind) => kind switch
    {
        SuppressedValue.Phone => Suppressions.PhoneKind,
        SuppressedValue.Email => Suppressions.EmailKind,
        SuppressedValue.Domain => Suppressions.DomainKind,
        _ => null,
    };

    static Suppression Read(SqliteDataReader r) => new(
        r.GetInt32(0) switch { Suppressions.PhoneKind => SuppressedValue.Phone, Suppressions.EmailKind => SuppressedValue.Email, _ => SuppressedValue.Domain },
        r.GetString(1), r.Text(2), r.Time(3));
}
