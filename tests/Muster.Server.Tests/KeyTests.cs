using System.Diagnostics;
using System.Net;
using System.Text;
using Muster.Contacts;
using Muster.Server.Auth;

namespace Muster.Server.Tests;

public sealed class KeyTests(MusterHost host) : IClassFixture<MusterHost>
{
    async Task<HttpResponseMessage> AskAsync(string? authorization)
    {
        using var client = host.Client(null);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/account");
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        return await client.SendAsync(request);
    }

    [Theory]
    [InlineData("Bearer {token}")]
    [InlineData("bearer {token}")]
    [InlineData("{token}")]
    [InlineData("Basic {basic}")]
    public async Task A_key_opens_in_every_manner(string manner)
    {
        Assert.True(KeyMint.TrySplit(host.AdminToken, out var id, out var secret));
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{id}:{secret}"));
        using var response = await AskAsync(manner.Replace("{token}", host.AdminToken, StringComparison.Ordinal).Replace("{basic}", basic, StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer")]
    [InlineData("Bearer nonsense")]
    [InlineData("Basic !!!")]
    [InlineData("Basic bm9jb2xvbg==")]
    [InlineData("Bearer muster_0000000000000000_0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task What_is_no_key_is_refused_with_a_challenge(string? authorization)
    {
        using var response = await AskAsync(authorization);
        await response.ProblemAsync(HttpStatusCode.Unauthorized, "unauthorized");
        Assert.Contains("Bearer", response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_secret_is_refused()
    {
        var last = host.AdminToken[^1] == '0' ? '1' : '0';
        using var response = await AskAsync("Bearer " + host.AdminToken[..^1] + last);
        await response.ProblemAsync(HttpStatusCode.Unauthorized, "unauthorized");
    }

    [Fact]
    public async Task A_reading_key_may_not_write_and_a_writing_key_may_not_make_keys()
    {
        using var reader = host.Client(host.ReadToken);
        using var list = await reader.PostAsync("/v1/lists", Answers.Json("""{"name":"A"}"""));
        await list.ProblemAsync(HttpStatusCode.Forbidden, "forbidden");
        using var writer = host.Client(await host.MintAsync("main", KeyScope.Write));
        using var key = await writer.PostAsync("/v1/keys", Answers.Json("{}"));
        await key.ProblemAsync(HttpStatusCode.Forbidden, "forbidden");
    }

    [Fact]
    public async Task A_new_key_opens_and_its_secret_is_never_told_again()
    {
        using var admin = host.Admin();
        using var made = await admin.PostAsync("/v1/keys", Answers.Json("""{"scope":"read"}"""));
        var key = await made.JsonAsync(HttpStatusCode.Created);
        var token = key.GetProperty("token").GetString()!; // just made
        using var opened = await AskAsync(token);
        Assert.Equal(HttpStatusCode.OK, opened.StatusCode);
        var listed = await admin.GetStringAsync("/v1/keys");
        Assert.Contains(key.GetProperty("id").GetString()!, listed, StringComparison.Ordinal); // just made
        Assert.DoesNotContain(key.GetProperty("secret").GetString()!, listed, StringComparison.Ordinal); // just made
    }

    [Fact]
    public async Task A_key_revoked_by_another_process_is_refused_within_five_seconds()
    {
        var token = await host.MintAsync("main", KeyScope.Read);
        using (var before = await AskAsync(token))
            Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        Assert.True(KeyMint.TrySplit(token, out var id, out _));
        var account = await host.Stores.Accounts.FindAsync("main", CancellationToken.None);
        Assert.NotNull(account);
        Assert.True(await host.Stores.Accounts.RevokeKeyAsync(account.Id, id, CancellationToken.None));
        var since = Stopwatch.GetTimestamp();
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            using var after = await AskAsync(token);
            if (after.StatusCode == HttpStatusCode.Unauthorized)
                break;
            Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(5));
            await tick.WaitForNextTickAsync();
        }
    }

    [Fact]
    public async Task A_key_revoked_through_the_api_is_refused_at_once()
    {
        var token = await host.MintAsync("main", KeyScope.Read);
        using (var before = await AskAsync(token))
            Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        Assert.True(KeyMint.TrySplit(token, out var id, out _));
        using var admin = host.Admin();
        using var revoked = await admin.DeleteAsync("/v1/keys/" + id);
        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        using var after = await AskAsync(token);
        Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
    }
}
