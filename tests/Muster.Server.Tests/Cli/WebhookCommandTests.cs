using System.Text.Json;
using Muster.Contacts;
using Muster.Server.Tests.Notifications;

namespace Muster.Server.Tests.Cli;

/// <summary><c>muster webhooks</c> and <c>muster deliveries</c>, on a data folder and on a server.</summary>
public sealed class WebhookCommandTests : IAsyncLifetime
{
    readonly MusterHost host = new() { Settings = s => s with { OutboundAllow = "127.0.0.1:*" } };
    readonly Receiver receiver = new();
    readonly MusterProgram program = new();

    public async ValueTask InitializeAsync()
    {
        program.Environment["MUSTER_OUTBOUND_ALLOW"] = "127.0.0.1:*";
        await host.InitializeAsync();
        await receiver.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        await receiver.DisposeAsync();
        program.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Webhook_is_made_listed_told_rotated_and_removed(bool remote)
    {
        string[] where = remote ? ["--server", host.Address.ToString(), "--key", host.AdminToken] : [];
        var added = await RunAsync(["webhooks", "add", receiver.Url("/hook?token=secret"), "--event", "import.completed", "--description", "Tests", .. where]);
        var id = Line(added.Output, "id");
        var secret = Line(added.Output, "secret");
        Assert.StartsWith("whsec_", secret, StringComparison.Ordinal);
        Assert.Equal(receiver.Url("/hook"), Line(added.Output, "url"));
        Assert.Contains("not be shown again", added.Error, StringComparison.Ordinal);

        var listed = await RunAsync(["webhooks", "list", .. where]);
        Assert.Contains(id, listed.Output, StringComparison.Ordinal);
        Assert.Contains("import.completed", listed.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", listed.Output, StringComparison.Ordinal);
        var page = (await RunAsync(["webhooks", "list", "--json", .. where])).Json();
        Assert.Equal((id, true), (page.GetProperty("items")[0].GetProperty("id").GetString(), page.GetProperty("items")[0].GetProperty("enabled").GetBoolean()));

        await RunAsync(["import", program.Write("a.csv", "email\nann@example.com\n"), .. where]);
        await Until.TrueAsync(() => Task.FromResult(!receiver.All.IsEmpty));
        Assert.True(receiver.All.Single().IsSignedWith(secret));

        JsonElement delivery = default;
        await Until.TrueAsync(async () =>
        {
            var all = (await RunAsync(["deliveries", "list", "--json", "--import", "last", "--webhook", id, .. where])).Json().GetProperty("items");
            delivery = all.GetArrayLength() == 1 ? all[0] : default;
            return delivery.ValueKind == JsonValueKind.Object && delivery.GetProperty("status").GetString() == "delivered";
        });
        var table = await RunAsync(["deliveries", "list", "--status", "delivered", .. where]);
        Assert.Contains(delivery.GetProperty("id").GetString()!, table.Output, StringComparison.Ordinal); // every delivery has one
        Assert.DoesNotContain(delivery.GetProperty("id").GetString()!, (await RunAsync(["deliveries", "list", "--status", "failed", .. where])).Output, StringComparison.Ordinal);

        var rotated = (await RunAsync(["webhooks", "rotate", id, "--json", .. where])).Json();
        Assert.NotEqual(secret, rotated.GetProperty("secret").GetString());
        Assert.NotEqual(JsonValueKind.Null, rotated.GetProperty("former_secret_until").ValueKind);

        var again = await RunAsync(["deliveries", "redeliver", delivery.GetProperty("id").GetString()!, .. where]);
        Assert.Contains("is due", again.Output, StringComparison.Ordinal);
        if (!remote)
            await RunAsync(["import", program.Write("b.csv", "email\nbob@example.com\n"), .. where]); // on a folder, the next to work there sends it
        await Until.TrueAsync(() => Task.FromResult(receiver.All.Count(r => r.Id == receiver.All.First().Id) == 2));
        var second = receiver.All.Last(r => r.Id == receiver.All.First().Id);
        Assert.True(second.IsSignedWith(secret) && second.IsSignedWith(rotated.GetProperty("secret").GetString()!)); // a rotation has one

        Assert.Contains(id, (await RunAsync(["webhooks", "remove", id, .. where])).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync(["webhooks", "list", "--json", .. where])).Json().GetProperty("items").GetArrayLength());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_cannot_be_is_refused_by_name(bool remote)
    {
        string[] where = remote ? ["--server", host.Address.ToString(), "--key", host.AdminToken] : [];
        foreach (var (arguments, says) in ((string[], string)[])
        [
            (["webhooks", "add", "ftp://example.org/"], "--url"), (["webhooks", "add", "http://10.0.0.1/"], "--url"), (["webhooks", "add", "https://example.org/", "--event", "import.eaten"], "import.completed"),
            (["webhooks", "add", "https://example.org/", "--secret", "whsec_short"], "whsec_"), (["webhooks", "remove", "0192f7d4-6a3b-7c1d-9e80-2b1f5a4c3d2e"], "webhook"),
            (["webhooks", "rotate", "0192f7d4-6a3b-7c1d-9e80-2b1f5a4c3d2e"], "webhook"), (["webhooks", "remove", "7"], "'7' is not an id"),
            (["deliveries", "redeliver", "0192f7d4-6a3b-7c1d-9e80-2b1f5a4c3d2e"], "delivery"), (["deliveries", "list", "--status", "eaten"], "--status"), (["deliveries", "list", "--limit", "0"], "--limit"),
        ])
        {
            var run = await program.RunAsync([.. arguments, .. where]);
            Assert.True(run.ExitCode == 2 && run.Error.Contains(says, StringComparison.Ordinal), $"{string.Join(' ', arguments)}: {run.ExitCode} {run.Error}");
        }
    }

    [Fact]
    public async Task A_key_that_may_not_manage_webhooks_is_told_so()
    {
        var write = await host.MintAsync("main", KeyScope.Write);
        var run = await program.RunAsync("webhooks", "list", "--server", host.Address.ToString(), "--key", write);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("admin", run.Error, StringComparison.Ordinal);
    }

    async Task<ProgramRun> RunAsync(string[] arguments)
    {
        var run = await program.RunAsync(arguments);
        Assert.True(run.ExitCode == 0, $"{string.Join(' ', arguments)}: {run.ExitCode}\n{run.Error}");
        return run;
    }

    static string Line(string output, string name) => output.Split('\n').Single(l => l.StartsWith(name + " ", StringComparison.Ordinal))[name.Length..].Trim();
}
