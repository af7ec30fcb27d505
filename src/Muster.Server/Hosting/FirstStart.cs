using Muster.Contacts;
using Muster.Server.Auth;
using Muster.Storage;

namespace Muster.Server.Hosting;

/// <summary>The first start on a data folder that nobody has a key to: a new one, or one that imports by the command line have made.</summary>
public static class FirstStart
{
    public const string AccountName = "main";

    /// <summary>Makes a key of scope admin when no account has one, and account <c>main</c> when there is no account. Null otherwise, also when every key is revoked. Whoever calls shows the token once.</summary>
    public static async Task<FirstKey?> EnsureKeyAsync(IAccountStore accounts, TimeProvider time, CancellationToken cancellationToken)
    {
        var known = await accounts.AccountsAsync(cancellationToken);
        foreach (var account in known)
        {
            if ((await accounts.KeysAsync(account.Id, cancellationToken)).Count > 0)
                return null;
        }
        var opened = known.FirstOrDefault(a => a.Name == AccountName) ?? known.FirstOrDefault()
            ?? await accounts.EnsureAsync(AccountName, AccountName, null, KeyKind.Email, cancellationToken);
        var minted = KeyMint.Create(opened.Id, KeyScope.Admin, time);
        await accounts.AddKeyAsync(minted.Key, minted.SecretSha256, cancellationToken);
        return new(opened.Name, known.Count == 0, minted.Token);
    }
}

/// <param name="MadeAccount">The account was made, too.</param>
public sealed record FirstKey(string Account, bool MadeAccount, string Token);
