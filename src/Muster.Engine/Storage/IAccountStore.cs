using Muster.Contacts;

namespace Muster.Storage;

/// <summary>Accounts and the keys that open them.</summary>
public interface IAccountStore
{
    Task<IReadOnlyList<Account>> AccountsAsync(CancellationToken cancellationToken);

    Task<Account?> GetAsync(int accountId, CancellationToken cancellationToken);

    /// <summary>Case is ignored.</summary>
    Task<Account?> FindAsync(string name, CancellationToken cancellationToken);

    /// <summary>The account of that name, made when missing. Values given for an account that exists change it.</summary>
    Task<Account> EnsureAsync(string name, string? sid, string? region, KeyKind? match, CancellationToken cancellationToken);

    /// <summary>Changes the settings of the account. Null when there is no such account; otherwise the account as it now is.</summary>
    Task<Account?> ChangeSettingsAsync(int accountId, Func<AccountSettings, AccountSettings> change, CancellationToken cancellationToken);

    /// <summary>Null when there is no such account.</summary>
    Task<AccountUsage?> UsageAsync(int accountId, CancellationToken cancellationToken);

    /// <summary>Stores a key's hash, durably. The secret itself never reaches the store.</summary>
    Task AddKeyAsync(ApiKey key, byte[] secretSha256, CancellationToken cancellationToken);

    /// <summary>The key of that public id with the hash of its secret; null when unknown. Revoked keys are returned as such.</summary>
    Task<(ApiKey Key, byte[] SecretSha256)?> FindKeyAsync(string keyId, CancellationToken cancellationToken);

    Task<IReadOnlyList<ApiKey>> KeysAsync(int accountId, CancellationToken cancellationToken);

    /// <summary>False when the account has no such key. A revoked key stays listed.</summary>
    Task<bool> RevokeKeyAsync(int accountId, string keyId, CancellationToken cancellationToken);

    Task TouchKeyAsync(string keyId, CancellationToken cancellationToken);
}
