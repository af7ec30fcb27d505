using Muster.Contacts;
using Muster.Server.Auth;
using Muster.Storage;

namespace Muster.Server.Hosting;

/// <summary>The first start on an empty data folder.</summary>
public static class FirstStart
{
    public const string AccountName = "main";

    /// <summary>Makes account <c>main</c> and a key of scope admin when there is no account yet. Null otherwise. Whoever calls shows the token once.</summary>
    public static async Task<MintedKey?> EnsureMainAsync(IAccountStore accounts, TimeProvider time, CancellationToken cancellationToken)
    {
        if ((await accounts.AccountsAsync(cancellationToken)).Count > 0)
            return null;
        var account = await accounts.EnsureAsync(AccountName, AccountName, null, KeyKind.Email, cancellationToken);
        var minted = KeyMint.Create(account.Id, KeyScope.Admin, time);
        await accounts.AddKeyAsync(minted.Key, minted.SecretSha256, cancellationToken);
        return minted;
    }
}
