using System.Security.Cryptography;
using Muster.Contacts;

namespace Muster.Tests.Storage;

/// <summary>What every account store does.</summary>
public abstract class AccountStoreContract : StoreContract
{
    static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Account_is_made_once_whatever_the_case_of_its_name()
    {
        var first = await Stores.Accounts.EnsureAsync("Ärzte", null, null, null, None);
        var second = await Stores.Accounts.EnsureAsync("äRZTE", null, null, null, None);
        Assert.Equal(first, second);
        Assert.Equal(first, await Stores.Accounts.FindAsync("ÄRZTE", None));
        Assert.Equal(first, Assert.Single(await Stores.Accounts.AccountsAsync(None)));
    }

    [Fact]
    public async Task New_account_matches_by_email_and_has_no_region()
    {
        var account = await Stores.Accounts.EnsureAsync("main", null, null, null, None);
        Assert.Equal(KeyKind.Email, account.Match);
        Assert.Null(account.Region);
        Assert.Equal("main", account.Sid);
        Assert.Equal(Stores.Clock.Now, account.CreatedAt);
    }

    [Fact]
    public async Task Values_given_for_an_account_that_exists_change_it_and_the_others_stay()
    {
        var before = await Stores.Accounts.EnsureAsync("main", "acme1", "IN", KeyKind.Phone, None);
        var after = await Stores.Accounts.EnsureAsync("main", null, "AU", null, None);
        Assert.Equal(before with { Region = "AU" }, after);
        Assert.Equal(after, await Stores.Accounts.GetAsync(before.Id, None));
    }

    [Fact]
    public async Task Two_accounts_never_share_a_sid()
    {
        var a = await Stores.Accounts.EnsureAsync("A B", null, null, null, None);
        var b = await Stores.Accounts.EnsureAsync("A-B", null, null, null, None);
        Assert.NotEqual(a.Sid, b.Sid);
        await Assert.ThrowsAsync<ArgumentException>(() => Stores.Accounts.EnsureAsync("C", a.Sid, null, null, None));
        await Assert.ThrowsAsync<ArgumentException>(() => Stores.Accounts.EnsureAsync("A-B", a.Sid, null, null, None));
        Assert.Null(await Stores.Accounts.FindAsync("C", None));
    }

    [Fact]
    public async Task Unknown_account_is_null()
    {
        Assert.Null(await Stores.Accounts.GetAsync(4711, None));
        Assert.Null(await Stores.Accounts.FindAsync("nobody", None));
    }

    [Fact]
    public async Task Key_comes_back_with_its_hash_after_a_restart()
    {
        var key = await AddKeyAsync("main", "k1");
        Stores.Reopen();
        var found = await Stores.Accounts.FindKeyAsync("k1", None);
        Assert.Equal(key, found?.Key);
        Assert.Equal(SHA256.HashData("k1"u8), found?.SecretSha256);
        Assert.Null(await Stores.Accounts.FindKeyAsync("k2", None));
    }

    [Fact]
    public async Task Revoked_key_stays_listed_with_the_time_of_its_first_revocation()
    {
        var key = await AddKeyAsync("main", "k1");
        Stores.Clock.Advance(TimeSpan.FromHours(1));
        var revoked = Stores.Clock.Now;
        Assert.True(await Stores.Accounts.RevokeKeyAsync(key.AccountId, "k1", None));
        Stores.Clock.Advance(TimeSpan.FromHours(1));
        Assert.True(await Stores.Accounts.RevokeKeyAsync(key.AccountId, "k1", None));
        Assert.Equal(key with { RevokedAt = revoked }, Assert.Single(await Stores.Accounts.KeysAsync(key.AccountId, None)));
        Assert.Equal(revoked, (await Stores.Accounts.FindKeyAsync("k1", None))?.Key.RevokedAt);
    }

    [Fact]
    public async Task Key_of_another_account_is_neither_listed_nor_revoked()
    {
        var mine = await AddKeyAsync("mine", "k1");
        var theirs = await AddKeyAsync("theirs", "k2");
        Assert.False(await Stores.Accounts.RevokeKeyAsync(mine.AccountId, "k2", None));
        Assert.False(await Stores.Accounts.RevokeKeyAsync(mine.AccountId, "k3", None));
        Assert.Equal(mine, Assert.Single(await Stores.Accounts.KeysAsync(mine.AccountId, None)));
        Assert.Equal(theirs, (await Stores.Accounts.FindKeyAsync("k2", None))?.Key);
    }

    [Fact]
    public async Task Use_of_a_key_is_noted_to_the_minute()
    {
        await AddKeyAsync("main", "k1");
        var first = Stores.Clock.Now;
        await Stores.Accounts.TouchKeyAsync("k1", None);
        Stores.Clock.Advance(TimeSpan.FromSeconds(59));
        await Stores.Accounts.TouchKeyAsync("k1", None);
        Assert.Equal(first, (await Stores.Accounts.FindKeyAsync("k1", None))?.Key.LastUsedAt);
        Stores.Clock.Advance(TimeSpan.FromSeconds(1));
        await Stores.Accounts.TouchKeyAsync("k1", None);
        Assert.Equal(Stores.Clock.Now, (await Stores.Accounts.FindKeyAsync("k1", None))?.Key.LastUsedAt);
        await Stores.Accounts.TouchKeyAsync("unknown", None);
    }

    async Task<ApiKey> AddKeyAsync(string account, string id)
    {
        var owner = await Stores.Accounts.EnsureAsync(account, null, null, null, None);
        var key = new ApiKey(id, owner.Id, KeyScope.Write, Stores.Clock.Now, null, null);
        await Stores.Accounts.AddKeyAsync(key, SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(id)), None);
        return key;
    }
}
