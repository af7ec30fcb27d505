using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Muster.Server.Tests.Cli;
using Muster.Server.Tests.Notifications;

namespace Muster.Server.Tests.Crash;

/// <summary>The server is killed with <c>kill -9</c> while deliveries are due, under way or waiting: each is made at least once, as the same message.</summary>
public sealed class DeliveryKillTests
{
    const int Imports = 6;

    [Fact]
    public async Task What_was_to_be_told_is_told_after_a_kill_with_the_same_ids()
    {
        await using var receiver = new Receiver();
        await receiver.InitializeAsync();
        using var program = new MusterProgram();
        program.Environment["MUSTER_OUTBOUND_ALLOW"] = "127.0.0.1:*";
        var token = (await program.RunAsync("keys", "create", "--account", "main", "--scope", "admin", "--json")).Json().GetProperty("token").GetString()!; // always printed
        string secret;
        using (var server = await ServeProcess.StartAsync(program, token))
        {
            // Nobody answers yet: two tries hang, the others are due.
            receiver.Answer = HangAsync;
            using var made = await server.Client.PostAsync("/v1/webhooks", Answers.Json($$"""{"url":"{{receiver.Url("/account")}}","events":["import.completed"]}"""));
            secret = (await made.JsonAsync(HttpStatusCode.Created)).GetProperty("secret").GetString()!; // told once
            for (var i = 0; i < Imports; i++)
                await ImportAsync(server, i, receiver.Url("/import"));
            await Until.TrueAsync(() => Task.FromResult(receiver.All.Count >= 2));
            server.Kill();
        }
        var before = receiver.All.ToList();

        // A second life, in which the receiver takes them and is killed before the server can note it.
        using (var server = await ServeProcess.StartAsync(program, token))
        {
            await Until.TrueAsync(() => Task.FromResult(receiver.All.Count > before.Count));
            receiver.Answer = _ => Task.CompletedTask;
            server.Kill();
        }

        using (var server = await ServeProcess.StartAsync(program, token))
        {
            JsonElement[] deliveries = [];
            await Until.TrueAsync(async () =>
            {
                using var page = await server.Client.GetAsync("/v1/deliveries?limit=100");
                deliveries = [.. (await page.JsonAsync(HttpStatusCode.OK)).GetProperty("items").EnumerateArray()];
                return deliveries.Length == 2 * Imports && deliveries.All(d => d.GetProperty("status").GetString() == "delivered");
            });
            var ids = deliveries.Select(d => d.GetProperty("message_id").GetString()).Order(StringComparer.Ordinal);
            Assert.Equal(ids, receiver.All.Select(r => r.Id).Distinct().Order(StringComparer.Ordinal));
            // A message that was sent twice was the same both times, signed for its own moment.
            foreach (var message in receiver.All.GroupBy(r => r.Id))
                Assert.Single(message.Select(m => m.Text).Distinct());
            Assert.Contains(receiver.All.GroupBy(r => r.Id), m => m.Count() > 1);
            Assert.All(receiver.All.Where(r => r.Path == "/account"), r => Assert.True(r.IsSignedWith(secret)));
            using var own = await server.Client.GetAsync("/v1/webhooks/secret");
            var accountSecret = (await own.JsonAsync(HttpStatusCode.OK)).GetProperty("secret").GetString()!; // made at the first use
            Assert.All(receiver.All.Where(r => r.Path == "/import"), r => Assert.True(r.IsSignedWith(accountSecret)));
            server.Kill();
        }
    }

    static async Task HangAsync(HttpContext context)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var _ = context.RequestAborted.Register(() => ended.TrySetResult());
        await ended.Task;
    }

    static async Task ImportAsync(ServeProcess server, int number, string webhook)
    {
        using var content = new StringContent($"email\nperson{number}@example.com\n", System.Text.Encoding.UTF8, "text/csv");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/imports?webhook_url=" + Uri.EscapeDataString(webhook)) { Content = content, Headers = { { "Prefer", "wait=30" } } };
        using var response = await server.Client.SendAsync(request);
        Assert.Equal("completed", (await response.JsonAsync(HttpStatusCode.Accepted)).GetProperty("status").GetString());
    }
}
