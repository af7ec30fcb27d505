using System.Collections.Concurrent;
using System.Security.Cryptography;
using Muster.Contacts;
using Muster.Storage;

namespace Muster.Server.Auth;

/// <summary>Who calls: the key, and the account it opens.</summary>
public sealed record Caller(Account Account, ApiKey Key)
{
    /// <summary>Lets handlers take the caller as a parameter.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context) => ValueTask.FromResult(context.Features.Get<Caller>());
}

/// <summary>Finds the caller of a key, and keeps what it found for at most <see cref="Hosting.ServerSettings.KeyCacheSeconds"/>: a key revoked by another process is refused after that long.</summary>
/// <remarks>Only keys that exist are kept, so that guessing fills no memory.</remarks>
sealed class KeyRing(IAccountStore accounts, Hosting.ServerSettings settings, TimeProvider time)
{
    static readonly byte[] NoSecret = new byte[SHA256.HashSizeInBytes];
    readonly ConcurrentDictionary<string, Entry> known = new();
    readonly ConcurrentDictionary<string, bool> used = new();
    readonly TimeSpan keep = TimeSpan.FromSeconds(settings.KeyCacheSeconds);

    sealed record Entry(Caller Caller, byte[] SecretSha256, long ReadAt);

    /// <summary>The caller, or null when the key is unknown, revoked, or its secret wrong. Takes the same time for each.</summary>
    public async ValueTask<Caller?> FindAsync(string keyId, string secret, CancellationToken cancellationToken)
    {
        var entry = await EntryAsync(keyId, cancellationToken);
        var right = CryptographicOperations.FixedTimeEquals(KeyMint.Hash(secret), entry?.SecretSha256 ?? NoSecret);
        if (!right || entry is null)
            return null;
        used.TryAdd(keyId, true);
        return entry.Caller;
    }

    /// <summary>Whether a key that was right before still is: what long answers ask.</summary>
    public async ValueTask<bool> StillOpensAsync(string keyId, CancellationToken cancellationToken) => await EntryAsync(keyId, cancellationToken) is not null;

    /// <summary>Forgets what is known of an account: its settings or keys changed.</summary>
    public void Forget(int accountId)
    {
        foreach (var (id, entry) in known)
        {
            if (entry.Caller.Account.Id == accountId)
                known.TryRemove(id, out _);
        }
    }

    /// <summary>Writes down which keys were used since the last time.</summary>
    public async Task NoteUseAsync(CancellationToken cancellationToken)
    {
        foreach (var id in used.Keys)
        {
            used.TryRemove(id, out _);
            await accounts.TouchKeyAsync(id, cancellationToken);
        }
    }

    async ValueTask<Entry?> EntryAsync(string keyId, CancellationToken cancellationToken)
    {
        if (known.TryGetValue(keyId, out var entry) && time.GetElapsedTime(entry.ReadAt) < keep)
            return entry;
        var readAt = time.GetTimestamp();
        if (await accounts.FindKeyAsync(keyId, cancellationToken) is not { } found || found.Key.RevokedAt is not null
            || await accounts.GetAsync(found.Key.AccountId, cancellationToken) is not { } account)
        {
            known.TryRemove(keyId, out _);
            return null;
        }
        return known[keyId] = new(new(account, found.Key), found.SecretSha256, readAt);
    }
}
