using System.Text.Json;
using Microsoft.Data.Sqlite;
using Muster.Contacts;
using Muster.Storage;

namespace Muster.Sqlite;

/// <summary>Accounts and keys in SQLite. Every change is on the disk when its call returns.</summary>
public sealed class SqliteAccountStore(SqliteDatabase database, TimeProvider time) : IAccountStore
{
    const string AccountColumns = "SELECT id, name, sid, region, match, created_at, settings FROM account";
    const string KeyColumns = "SELECT id, account_id, scope, created_at, last_used_at, revoked_at, secret_sha256 FROM api_key";
    const long TouchMilliseconds = 60_000;

    public async Task<IReadOnlyList<Account>> AccountsAsync(CancellationToken cancellationToken) =>
        await database.ReadAsync(static s => s.All($"{AccountColumns} ORDER BY id", ReadAccount), cancellationToken);

    public Task<Account?> GetAsync(int accountId, CancellationToken cancellationToken) =>
        database.ReadAsync(s => s.One($"{AccountColumns} WHERE id = ?1", ReadAccount, accountId), cancellationToken);

    public Task<Account?> FindAsync(string name, CancellationToken cancellationToken) => database.ReadAsync(s => Find(s, name), cancellationToken);

    /// <exception cref="ArgumentException">The sid belongs to another account.</exception>
    public Task<Account> EnsureAsync(string name, string? sid, string? region, KeyKind? match, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return database.WriteAsync(s => Ensure(s, name, sid, region, match), cancellationToken);
    }

    public Task<Account?> ChangeSettingsAsync(int accountId, Func<AccountSettings, AccountSettings> change, CancellationToken cancellationToken) => database.WriteAsync(
        s =>
        {
            if (s.One($"{AccountColumns} WHERE id = ?1", ReadAccount, accountId) is not { } account)
                return null;
            var settings = change(account.Settings);
            s.Execute("UPDATE account SET settings = ?2 WHERE id = ?1", accountId, JsonSerializer.Serialize(settings, StoredJson.Compact.AccountSettings));
            return account with { Settings = settings };
        },
        cancellationToken);

    public Task<AccountUsage?> UsageAsync(int accountId, CancellationToken cancellationToken) => database.ReadAsync(
        s => s.Number("SELECT contacts FROM account WHERE id = ?1", accountId) is { } contacts
            ? new AccountUsage(contacts, AcceptRoom.Active(s, accountId), AcceptRoom.SpoolBytes(s, accountId))
            : null,
        cancellationToken);

    public Task AddKeyAsync(ApiKey key, byte[] secretSha256, CancellationToken cancellationToken) => database.WriteAsync(
        s => s.Execute(
            "INSERT INTO api_key (id, account_id, secret_sha256, scope, created_at, last_used_at, revoked_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            key.Id, key.AccountId, secretSha256, (int)key.Scope,
            key.CreatedAt.ToUnixTimeMilliseconds(), key.LastUsedAt?.ToUnixTimeMilliseconds(), key.RevokedAt?.ToUnixTimeMilliseconds()),
        cancellationToken);

    public Task<(ApiKey Key, byte[] SecretSha256)?> FindKeyAsync(string keyId, CancellationToken cancellationToken) => database.ReadAsync(
        s => s.One<(ApiKey, byte[])?>($"{KeyColumns} WHERE id = ?1", static r => (ReadKey(r), r.GetFieldValue<byte[]>(6)), keyId), cancellationToken);

    public async Task<IReadOnlyList<ApiKey>> KeysAsync(int accountId, CancellationToken cancellationToken) =>
        await database.ReadAsync(s => s.All($"{KeyColumns} WHERE account_id = ?1 ORDER BY created_at, id", ReadKey, accountId), cancellationToken);

    /// <remarks>A key that is revoked again keeps the time of the first revocation.</remarks>
    public Task<bool> RevokeKeyAsync(int accountId, string keyId, CancellationToken cancellationToken) => database.WriteAsync(
        s => s.Execute(
            "UPDATE api_key SET revoked_at = coalesce(revoked_at, ?3) WHERE account_id = ?1 AND id = ?2",
            accountId, keyId, time.GetUtcNow().ToUnixTimeMilliseconds()) == 1,
        cancellationToken);

    /// <remarks>Kept to the minute: a key in constant use costs one write a minute.</remarks>
    public async Task TouchKeyAsync(string keyId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var stale = await database.ReadAsync(
            s => s.Number("SELECT 1 FROM api_key WHERE id = ?1 AND coalesce(last_used_at, 0) <= ?2", keyId, now - TouchMilliseconds), cancellationToken);
        if (stale is not null)
            await database.WriteAsync(s => s.Execute("UPDATE api_key SET last_used_at = max(coalesce(last_used_at, 0), ?2) WHERE id = ?1", keyId, now), cancellationToken);
    }

    // The index knows case in ASCII only, so names are compared here.
    static Account? Find(Session session, string name) =>
        session.All(AccountColumns, ReadAccount).Find(a => string.Equals(a.Name, name, StringComparison.OrdinalIgnoreCase));

    Account Ensure(Session session, string name, string? sid, string? region, KeyKind? match)
    {
        var account = Find(session, name);
        if (sid is not null && session.Number("SELECT id FROM account WHERE sid = ?1", sid) is { } owner && owner != account?.Id)
            throw new ArgumentException("The sid belongs to another account.", nameof(sid));

        if (account is null)
        {
            session.Execute(
                "INSERT INTO account (name, sid, region, match, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
                name, sid ?? FreeSid(session, name), region, (int)(match ?? KeyKind.Email), time.GetUtcNow().ToUnixTimeMilliseconds());
        }
        else if (sid is not null || region is not null || match is not null)
        {
            session.Execute(
                "UPDATE account SET sid = coalesce(?2, sid), region = coalesce(?3, region), match = coalesce(?4, match) WHERE id = ?1",
                account.Id, sid, region, (int?)match);
        }
        else
        {
            return account;
        }
        return Find(session, name)!; // written above
    }

    /// <summary>The name as it may stand in a path: ASCII letters, digits, dashes; with a number when another account has that one.</summary>
    static string FreeSid(Session session, string name)
    {
        var letters = string.Concat(name.Trim().ToLowerInvariant().Select(static c => char.IsAsciiLetterOrDigit(c) ? c : '-')).Trim('-');
        var stem = letters.Length == 0 ? "account" : letters;
        var sid = stem;
        for (var n = 2; session.Number("SELECT 1 FROM account WHERE sid = ?1", sid) is not null; n++)
            sid = $"{stem}-{n}";
        return sid;
    }

    static Account ReadAccount(SqliteDataReader r) => new(r.GetInt32(0), r.GetString(1), r.GetString(2), r.Text(3), (KeyKind)r.GetByte(4), r.Time(5))
    {
        Settings = r.Text(6) is { } settings ? JsonSerializer.Deserialize(settings, StoredJson.Compact.AccountSettings) ?? new() : new(),
    };

    static ApiKey ReadKey(SqliteDataReader r) => new(r.GetString(0), r.GetInt32(1), (KeyScope)r.GetByte(2), r.Time(3), r.TimeOrNull(4), r.TimeOrNull(5));
}
