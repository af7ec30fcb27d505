using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Notifications;
using Muster.Notifications.Mail;
using Muster.Reports;
using Muster.Server.Api;
using Muster.Server.Auth;
using Muster.Server.Hosting;
using Muster.Sources;
using Muster.Sqlite;

namespace Muster.Server.Tests;

/// <summary>A whole server on a real Kestrel at port 0, over a data folder of its own.</summary>
public sealed class MusterHost : IAsyncLifetime
{
    readonly TestFolder folder = new();
    SqliteStores? stores;
    WebApplication? app;

    /// <summary>What tests change before the server starts.</summary>
    public Func<MusterSettings, MusterSettings> Settings { get; init; } = s => s;
    public Func<ServerSettings, ServerSettings> Server { get; init; } = s => s;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>False: imports stay queued.</summary>
    public bool RunsImports { get; init; } = true;

    /// <summary>Whether the OpenAPI document is made from the routes rather than the committed one.</summary>
    public bool DescribesRoutes { get; init; }

    public string SpoolFolder => folder.File("spool");
    public SqliteStores Stores => stores ?? throw new InvalidOperationException("Not started.");
    public Uri Address { get; private set; } = new("http://127.0.0.1");
    public string AdminToken { get; private set; } = "";
    public string ReadToken { get; private set; } = "";

    /// <summary>A key of another account.</summary>
    public string OtherToken { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        var settings = Settings(new() { Data = folder.Path, FreeDiskMin = 0, DrainSeconds = 5 });
        var server = Server(new() { Urls = "http://127.0.0.1:0" });
        var time = Time;
        stores = SqliteStores.Open(settings, time);
        AdminToken = (await FirstStart.EnsureKeyAsync(stores.Accounts, time, CancellationToken.None))?.Token ?? throw new InvalidOperationException("The folder is not empty.");
        ReadToken = await MintAsync("main", KeyScope.Read);
        OtherToken = await MintAsync("other", KeyScope.Admin);

        var spool = new Spool(settings);
        var signals = new ImportSignals();
        var worker = new ImportWorker(settings, spool, stores.Imports, stores.Contacts, signals, time, NullLogger<ImportWorker>.Instance);
        var intake = new ImportIntake(settings, spool, stores.Imports, stores.Contacts, signals, time) { Profiles = stores.Profiles };
        var fetches = new FetchWorker(settings, spool, stores.Imports, stores.Fetches, stores.Accounts, intake, signals, time, NullLogger<FetchWorker>.Instance);
        var notifications = new NotificationWorker(
            settings, stores.Notifications, new NotificationBodies(), new MailComposer(settings, stores.Imports, stores.Contacts, time), () => signals.NextMove, time, NullLogger<NotificationWorker>.Instance);
        var engine = new MusterEngine(
            stores.Accounts, stores.Imports, stores.Contacts, intake,
            new ContactWriter(settings, stores.Imports, stores.Contacts, time), new ImportReports(stores.Imports, spool), signals, spool, RunsImports ? stop => Task.WhenAll(worker.RunAsync(stop), fetches.RunAsync(stop), notifications.RunAsync(stop)) : null)
        {
            Uploads = stores.Uploads,
            Profiles = stores.Profiles,
            Notifications = stores.Notifications,
            Previewer = new(settings, spool, stores.Contacts, stores.Profiles),
        };
        app = MusterServer.Build(settings, server, engine, time, DescribesRoutes);
        await app.StartAsync();
        Address = new(app.Urls.First());
    }

    public async ValueTask DisposeAsync()
    {
        if (app is not null)
            await app.DisposeAsync();
        stores?.Dispose();
        folder.Dispose();
    }

    public async Task<string> MintAsync(string account, KeyScope scope)
    {
        var found = await Stores.Accounts.EnsureAsync(account, null, null, null, CancellationToken.None);
        var minted = KeyMint.Create(found.Id, scope, TimeProvider.System);
        await Stores.Accounts.AddKeyAsync(minted.Key, minted.SecretSha256, CancellationToken.None);
        return minted.Token;
    }

    /// <summary>Every route that the server has, as METHOD and pattern.</summary>
    public IEnumerable<(string Method, string Pattern)> Routes =>
        (app ?? throw new InvalidOperationException("Not started.")).Services.GetRequiredService<Microsoft.AspNetCore.Routing.EndpointDataSource>().Endpoints.OfType<Microsoft.AspNetCore.Routing.RouteEndpoint>()
            .SelectMany(e => (e.Metadata.GetMetadata<Microsoft.AspNetCore.Routing.HttpMethodMetadata>()?.HttpMethods ?? ["GET"]).Select(m => (m, "/" + (e.RoutePattern.RawText ?? "").Trim('/')))).Distinct();

    /// <param name="token">Null: requests without a key.</param>
    public HttpClient Client(string? token) =>
        new() { BaseAddress = Address, DefaultRequestHeaders = { Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token) } };

    public HttpClient Admin() => Client(AdminToken);
}
