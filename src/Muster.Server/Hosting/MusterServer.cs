using System.Text.Json;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Console;
using Muster.Client;
using Muster.Jobs;
using Muster.Reports;
using Muster.Server.Api;
using Muster.Server.Auth;
using Muster.Server.Facades;

namespace Muster.Server.Hosting;

/// <summary>The HTTP host: Kestrel, the native API, the import worker, housekeeping.</summary>
public static class MusterServer
{
    /// <summary>Puts the server together without starting it. It binds what <see cref="ServerSettings.Urls"/> says; <c>WebApplication.Urls</c> names the real ports once it runs.</summary>
    /// <param name="describesRoutes">Answers <c>/openapi/v1.json</c> with what the routes say of themselves instead of the committed document, which a test compares with it.</param>
    public static WebApplication Build(MusterSettings settings, ServerSettings server, MusterEngine engine, TimeProvider time, bool describesRoutes = false)
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { ContentRootPath = AppContext.BaseDirectory, ApplicationName = typeof(MusterServer).Assembly.GetName().Name });
        builder.WebHost.UseKestrelCore().UseUrls(server.Urls.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        builder.WebHost.ConfigureKestrel(kestrel => Limit(kestrel, server));
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Information)
            // The framework's own lines below a warning hold paths and queries.
            .AddFilter("Microsoft", LogLevel.Warning).AddFilter("System", LogLevel.Warning)
            // What keeps the host from starting is thrown as well, and told in one line by whoever started it.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None)
            // A wrong file or a closed connection is the caller's business and told to the caller.
            .AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error);
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);

        var services = builder.Services;
        services.AddRouting();
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.Configure<HostOptions>(host =>
        {
            host.ShutdownTimeout = TimeSpan.FromSeconds(settings.DrainSeconds + 5);
            // Otherwise imports would run on until the last connection has ended, and be cut off where that takes all of the time.
            host.ServicesStopConcurrently = true;
            host.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.Ignore;
        });
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, MusterJson.Wire);
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.Encoder = MusterJson.Wire.Options.Encoder;
            json.SerializerOptions.RespectNullableAnnotations = true;
            json.SerializerOptions.RespectRequiredConstructorParameters = true;
            json.SerializerOptions.UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow;
        });
        if (describesRoutes)
            services.AddDescription();
        services.AddFacades();
        services.AddSingleton(settings).AddSingleton(server).AddSingleton(engine).AddSingleton(time)
            .AddSingleton(engine.Accounts).AddSingleton(engine.Notifications).AddSingleton(engine.Imports).AddSingleton(engine.Contacts).AddSingleton(engine.Intake)
            .AddSingleton<ImportReversal>().AddSingleton<ImportMoves>().AddSingleton<PlanApplication>().AddSingleton<ImportChanges>().AddSingleton<SourceRecords>().AddSingleton<ContactHistory>().AddSingleton(engine.Writer).AddSingleton(engine.Eraser).AddSingleton(engine.Reports).AddSingleton(engine.Signals).AddSingleton(engine.Spool)
            .AddSingleton(engine.Uploads).AddSingleton(engine.Profiles).AddSingleton(engine.Previewer)
            .AddSingleton<QueryNames>().AddSingleton<KeyRing>().AddSingleton<Readiness>().AddSingleton<UploadGate>().AddSingleton<ImportSubmission>().AddSingleton<ImportReception>().AddSingleton<ImportWatch>().AddSingleton<ImportEvents>().AddSingleton<WebhookBook>()
            .AddHostedService<ImportRunner>().AddHostedService<Housekeeping>();

        var app = builder.Build();
        QueryKey.TakeFromQueries(app);
        app.UseBoundary();
        app.UseRouting();
        app.UseKeys();
        app.UseQueryNames();
        if (describesRoutes)
            app.MapDescription();
        else
            app.MapCommitted();
        app.UsePage();
        app.MapHealth();
        app.MapImports(settings);
        app.MapUploads(settings);
        app.MapProfiles(settings);
        app.MapContacts();
        app.MapLists();
        app.MapTags();
        app.MapFields();
        app.MapSuppressions();
        app.MapKeys();
        app.MapAccount();
        app.MapWebhooks();
        app.MapDeliveries();
        app.Services.GetRequiredService<FacadeSet>().Map(app);
        return app;
    }

    static void Limit(KestrelServerOptions kestrel, ServerSettings server)
    {
        kestrel.AddServerHeader = false;
        var limits = kestrel.Limits;
        limits.MaxRequestBodySize = server.BodyBytesMax;
        limits.MaxRequestLineSize = server.RequestLineBytesMax;
        limits.MaxRequestBufferSize = Math.Max(server.RequestLineBytesMax, 1 << 20);
        limits.MaxRequestHeadersTotalSize = server.HeadersBytesMax;
        limits.MaxRequestHeaderCount = 100;
        limits.MaxConcurrentConnections = server.ConnectionsMax;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(30);
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(130);
        // Slower than this, after a grace of ten seconds, a sender is taken for one that only holds a connection.
        limits.MinRequestBodyDataRate = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(10));
    }
}
