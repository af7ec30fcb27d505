using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Muster.Client;
using Muster.Server.Tests.Cli;
using Muster.Server.Tests.Crash;
using Muster.Server.Tests.Notifications;

namespace Muster.Server.Tests.Facades;

/// <summary>Keys that come in a query leave no trace: not in what the server says, not in its data folder, not in traces and metrics, not in what others are told.</summary>
public sealed class KeyRedactionTests
{
    [Fact]
    public async Task After_a_session_no_log_and_no_file_of_the_data_folder_holds_the_key()
    {
        await using var files = new Receiver { Answer = context => context.Request.Method == "POST" ? Task.CompletedTask : context.Response.WriteAsync("EMAIL,FIRST_NAME\nann@example.com,Ann\nnonsense,B\n") };
        await files.InitializeAsync();
        using var program = new MusterProgram();
        program.Environment["MUSTER_OUTBOUND_ALLOW"] = "127.0.0.1:*";
        var token = (await program.RunAsync("keys", "create", "--account", "main", "--scope", "admin", "--json")).Json().GetProperty("token").GetString()!; // always printed
        var secret = token.Split('_')[2];
        string log;
        using (var server = await ServeProcess.StartAsync(program, token))
        {
            using var http = new HttpClient { BaseAddress = server.Client.BaseAddress };
            using var native = new MusterClient(new HttpClient { BaseAddress = server.Client.BaseAddress }, token);
            var file = files.Url("/contacts.csv");
            var ids = new List<string>();
            foreach (var call in (string[])
            [
                $"/apiv2?type=contact&activity=bulkupload&apikey={token}&path={file}&callback={files.Url("/callback")}",
                $"/apiv2/?APIKEY={token}&type=contact&activity=bulkupload&path={file}&notifyemail=a@example.com",
                $"/API/mailing/?type=contact&activity=addsync&ApiKey={Uri.EscapeDataString(token)}&data=%7B%22EMAIL%22%3A%22q@example.com%22%7D",
                $"/apiv2?type=contact&activity=add&apikey=wrong_{secret}&data=x", $"/apiv2?type=x&activity=y&a%70ikey={token}",
                $"/apiv2?type=contact&activity=bulkupload&apikey={token}&path=file:///etc/passwd", $"/apiv2/nothing?apikey={token}", $"/v2/accounts/main/lists?apikey={token}",
                $"/v2/contacts?apikey={token}", $"/api/v2/contact?apikey={token}", $"/v1/imports?apikey={token}", $"/nowhere?apikey={token}", $"/apiv2?apikey={token}&apikey={token}&type=contact&activity=delete&data=x",
            ])
            {
                using var response = await http.PostAsync(call, null);
                var text = await response.Content.ReadAsStringAsync();
                Assert.DoesNotContain(secret, text + response.Headers, StringComparison.Ordinal);
                if (text.Contains("requestid", StringComparison.Ordinal))
                    ids.Add(text);
            }
            using var body = await http.PostAsync("/apiv2", new FormUrlEncodedContent(new Dictionary<string, string> { ["apikey"] = token, ["type"] = "contact", ["activity"] = "bulkupload", ["path"] = file }));
            Assert.Equal(HttpStatusCode.OK, body.StatusCode);
            using var xml = await http.PostAsync("/apiv2", new StringContent($"type=list&activity=Add&data=<DATASET><CONSTANT><ApiKey>{token}</ApiKey></CONSTANT><INPUT><Name>Redacted</Name></INPUT></DATASET>"));
            Assert.Contains("<TYPE>success</TYPE>", await xml.Content.ReadAsStringAsync(), StringComparison.Ordinal);

            await Until.TrueAsync(async () => (await native.ImportsAsync(null, 100, CancellationToken.None)).Items is { Count: 3 } all && all.All(i => i.Status == "completed"));
            await Until.TrueAsync(() => Task.FromResult(files.All.Any(r => r.Path == "/callback")));
            using var admin = server.Client;
            foreach (var path in (string[])["/v1/imports?limit=100", "/v1/deliveries", "/v1/account", "/v1/keys", "/metrics"])
                Assert.DoesNotContain(secret, await admin.GetStringAsync(path).ContinueWith(t => t.IsCompletedSuccessfully ? t.Result : "", TaskScheduler.Default), StringComparison.Ordinal);
            log = server.Log;
        }
        Assert.DoesNotContain(secret, log, StringComparison.Ordinal);
        Assert.All(files.All, r => Assert.DoesNotContain(secret, r.Path + r.Query + r.Text + string.Join(' ', r.Headers.Values), StringComparison.Ordinal));
        var kept = Directory.EnumerateFiles(program.Folder, "*", SearchOption.AllDirectories).ToList();
        Assert.Contains(kept, f => f.EndsWith(".db", StringComparison.Ordinal));
        foreach (var file in kept)
            Assert.False((await File.ReadAllBytesAsync(file)).AsSpan().IndexOf(Encoding.ASCII.GetBytes(secret)) >= 0, $"{Path.GetFileName(file)} holds the key.");
    }

    [Fact]
    public async Task Neither_traces_nor_metrics_nor_the_framework_s_own_events_hold_the_key()
    {
        await using var host = new MusterHost();
        await host.InitializeAsync();
        var secret = host.AdminToken.Split('_')[2];
        var seen = new ConcurrentQueue<string>();
        using var traces = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => seen.Enqueue(activity.DisplayName + ' ' + string.Join(' ', activity.TagObjects) + ' ' + string.Join(' ', activity.Events.SelectMany(e => e.Tags)) + ' ' + string.Join(' ', activity.Baggage)),
        };
        ActivitySource.AddActivityListener(traces);
        using var meters = new MeterListener { InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument) };
        meters.SetMeasurementEventCallback<long>((instrument, _, tags, _) => seen.Enqueue(instrument.Name + ' ' + string.Join(' ', tags.ToArray())));
        meters.SetMeasurementEventCallback<double>((instrument, _, tags, _) => seen.Enqueue(instrument.Name + ' ' + string.Join(' ', tags.ToArray())));
        meters.Start();

        using var http = host.Client(null);
        foreach (var path in (string[])["/apiv2?type=contact&activity=addsync&data=x&apikey=", "/v1/imports?apikey=", "/v2/contacts?select=1&apikey=", "/nowhere?ApiKey="])
        {
            using var response = await http.GetAsync(path + host.AdminToken);
            await response.Content.ReadAsStringAsync();
        }
        await Until.TrueAsync(() => Task.FromResult(seen.Any(s => s.Contains("http.server.request.duration", StringComparison.Ordinal))));
        // What the client of this test says about itself is not the server's.
        Assert.DoesNotContain(seen.Where(s => !s.Contains("http.client", StringComparison.Ordinal) && !s.Contains("System.Net.Http", StringComparison.Ordinal) && !s.Contains("url.full", StringComparison.Ordinal)), s => s.Contains(secret, StringComparison.Ordinal));
    }
}
