using System.Text.Json;
using Microsoft.Data.Sqlite;
using Muster.Contacts;
using Muster.Storage;

namespace Muster.Sqlite;

/// <summary>Profiles in SQLite. Every change is on the disk when its call returns.</summary>
public sealed class SqliteProfileStore(SqliteDatabase database, TimeProvider time) : IProfileStore
{
    const string Columns = "SELECT id, name, version, options, columns, created_at FROM profile";
    const string Newest = $"{Columns} p WHERE account_id = ?1 AND version = (SELECT max(version) FROM profile n WHERE n.account_id = p.account_id AND n.id = p.id)";

    public async Task<IReadOnlyList<Profile>> ProfilesAsync(int accountId, CancellationToken cancellationToken) =>
        await database.ReadAsync(s => All(s, accountId), cancellationToken);

    public Task<Profile?> GetAsync(int accountId, int profileId, int? version, CancellationToken cancellationToken) => database.ReadAsync(
        s => version is { } one
            ? s.One($"{Columns} WHERE account_id = ?1 AND id = ?2 AND version = ?3", Read, accountId, profileId, one)
            : s.One($"{Newest} AND id = ?2", Read, accountId, profileId),
        cancellationToken);

    public async Task<IReadOnlyList<Profile>> VersionsAsync(int accountId, int profileId, CancellationToken cancellationToken) =>
        await database.ReadAsync(s => s.All($"{Columns} WHERE account_id = ?1 AND id = ?2 ORDER BY version DESC", Read, accountId, profileId), cancellationToken);

    public Task<Profile?> CreateAsync(int accountId, string name, ImportOptions options, IReadOnlyList<ProfileColumn> columns, CancellationToken cancellationToken) => database.WriteAsync(
        s => All(s, accountId).Exists(p => SqliteContactStore.Same(p.Name, name))
            ? null
            : Insert(s, accountId, new(SqliteContactStore.TakeId(s, accountId), name, 1, options, columns, default)),
        cancellationToken);

    public Task<Profile?> ChangeAsync(int accountId, int profileId, string name, ImportOptions options, IReadOnlyList<ProfileColumn> columns, CancellationToken cancellationToken) => database.WriteAsync(
        s =>
        {
            var profiles = All(s, accountId);
            if (profiles.Find(p => p.Id == profileId) is not { } now)
                return null;
            if (profiles.Exists(p => p.Id != profileId && SqliteContactStore.Same(p.Name, name)))
                throw new ArgumentException("Another profile has that name.", nameof(name));
            return Insert(s, accountId, new(profileId, name, now.Version + 1, options, columns, default));
        },
        cancellationToken);

    public Task<bool> DeleteAsync(int accountId, int profileId, CancellationToken cancellationToken) => database.WriteAsync(
        s => s.Execute("DELETE FROM profile WHERE account_id = ?1 AND id = ?2", accountId, profileId) > 0, cancellationToken);

    static List<Profile> All(Session session, int accountId) => session.All($"{Newest} ORDER BY id", Read, accountId);

    Profile? Insert(Session session, int accountId, Profile profile)
    {
        session.Execute(
            "INSERT INTO profile (account_id, id, version, name, options, columns, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            accountId, profile.Id, profile.Version, profile.Name, ImportRow.Json(profile.Options),
            JsonSerializer.Serialize(profile.Columns, StoredJson.Compact.IReadOnlyListProfileColumn), time.GetUtcNow().ToUnixTimeMilliseconds());
        return session.One($"{Newest} AND id = ?2", Read, accountId, profile.Id);
    }

    static Profile Read(SqliteDataReader r) => new(
        r.GetInt32(0), r.GetString(1), r.GetInt32(2),
        JsonSerializer.Deserialize(r.GetString(3), StoredJson.Compact.ImportOptions)!, // written by Insert, as is the next one
        JsonSerializer.Deserialize(r.GetString(4), StoredJson.Compact.IReadOnlyListProfileColumn)!, r.Time(5));
}
