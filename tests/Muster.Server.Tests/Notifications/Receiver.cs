using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Muster.Notifications;

namespace Muster.Server.Tests.Notifications;

/// <summary>A request that a receiver got.</summary>
sealed record Received(string Path, string Query, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public string Id => Headers["webhook-id"];

    /// <summary>Whether one of the signatures is right.</summary>
    public bool IsSignedWith(string secret) => Headers["webhook-signature"].Split(' ').Contains(
        WebhookSignature.Of(secret, Id, long.Parse(Headers["webhook-timestamp"], CultureInfo.InvariantCulture), Body));
}

/// <summary>Somebody's server on loopback, which writes down what it gets and answers as the test says.</summary>
sealed class Receiver : IAsyncLifetime
{
    WebApplication? app;

    public ConcurrentQueue<Received> All { get; } = new();

    public Func<HttpContext, Task> Answer { get; set; } = _ => Task.CompletedTask;

    public Uri Address { get; private set; } = new("http://127.0.0.1");

    public string Url(string path) => new Uri(Address, path).ToString();

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            All.Enqueue(new(context.Request.Path, context.Request.QueryString.ToString(), context.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString()), body.ToArray()));
            await Answer(context);
        });
        await app.StartAsync();
        Address = new(app.Urls.First());
    }

    public async ValueTask DisposeAsync()
    {
        if (app is not null)
            await app.DisposeAsync();
    }
}
