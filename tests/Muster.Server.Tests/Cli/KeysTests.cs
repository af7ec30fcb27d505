namespace Muster.Server.Tests.Cli;

public sealed class KeysTests : IDisposable
{
    readonly MusterProgram muster = new();

    public void Dispose() => muster.Dispose();

    [Fact]
    public async Task Key_is_made_with_its_account_and_shown_once()
    {
        var run = await muster.RunAsync("keys", "create", "--account", "acme", "--sid", "acme1", "--region", "in", "--match", "phone", "--scope", "admin", "--json");

        Assert.True(run.ExitCode == 0, run.Error);
        var key = run.Json();
        var id = key.GetProperty("id").GetString()!;
        var secret = key.GetProperty("secret").GetString()!;
        Assert.Equal($"muster_{id}_{secret}", key.GetProperty("token").GetString());
        Assert.Equal("admin", key.GetProperty("scope").GetString());

        var account = Assert.Single((await muster.RunAsync("accounts", "--account", "acme", "--json")).Json().GetProperty("items").EnumerateArray());
        Assert.Equal("acme1", account.GetProperty("sid").GetString());
        Assert.Equal("IN", account.GetProperty("region").GetString());
        Assert.Equal("phone", account.GetProperty("match").GetString());

        var list = await muster.RunAsync("keys", "list", "--account", "acme");
        Assert.Contains(id, list.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, list.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Revoked_key_stays_listed_as_revoked()
    {
        var id = (await muster.RunAsync("keys", "create", "--json")).Json().GetProperty("id").GetString()!;

        Assert.Equal(0, (await muster.RunAsync("keys", "revoke", id)).ExitCode);

        var key = Assert.Single((await muster.RunAsync("keys", "list", "--json")).Json().GetProperty("items").EnumerateArray());
        Assert.NotEqual(System.Text.Json.JsonValueKind.Null, key.GetProperty("revoked_at").ValueKind);
        Assert.Equal(2, (await muster.RunAsync("keys", "revoke", "0000000000000000")).ExitCode);
    }
}
