using System.Globalization;
using System.Text;
using System.Text.Json;
using Muster.Client;
using Muster.Contacts;
using Muster.Server.Auth;
using Muster.Server.Hosting;
using Muster.Storage;

namespace Muster.Server.Api;

/// <summary>An import as server-sent events (WHATWG HTML §9.2), named as webhooks name them: <c>import.started</c>, <c>import.completed</c>, … when its status is news, <c>import.progress</c> when only its counts are; data is the import. Ends with the import.</summary>
/// <remarks>An event's id names the state it tells, so <c>Last-Event-ID</c> skips what the caller has seen; who has seen the end gets 204, on which browsers stop coming back.</remarks>
sealed class ImportEvents(ImportWatch watch, IImportStore imports, KeyRing keys, ServerSettings server, TimeProvider time)
{
    /// <summary>At least this long between two events, so that small batches do not become a flood.</summary>
    static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(100);

    public async Task WriteAsync(HttpContext context, Caller caller, Import import, CancellationToken cancellationToken)
    {
        var seen = context.Request.Headers["Last-Event-ID"].ToString();
        if (import.Status.IsTerminal() && seen == StateOf(import))
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }
        var response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        await SendAsync(response, "retry: 2000\n\n", cancellationToken);

        ImportStatus? told = null;
        var quietSince = time.GetTimestamp();
        while (!watch.Stopping.IsCancellationRequested && await keys.StillOpensAsync(caller.Key.Id, cancellationToken))
        {
            var change = watch.ChangeOf(import.Id);
            import = await imports.GetAsync(import.AccountId, import.Id, cancellationToken) ?? import;
            var state = StateOf(import);
            if (state != seen)
            {
                await SendAsync(response, Event(told == import.Status ? EventName.Progress : EventName.Of(import.Status), state, import), cancellationToken);
                (seen, told, quietSince) = (state, import.Status, time.GetTimestamp());
                if (import.Status.IsTerminal())
                    return;
                await watch.PauseAsync(Spacing, cancellationToken);
            }
            else if (time.GetElapsedTime(quietSince) >= TimeSpan.FromSeconds(server.HeartbeatSeconds))
            {
                await SendAsync(response, ": still here\n\n", cancellationToken);
                quietSince = time.GetTimestamp();
            }
            await watch.NextLookAsync(change, cancellationToken);
        }
    }

    string Event(string name, string state, Import import) =>
        $"event: {name}\nid: {state}\ndata: {JsonSerializer.Serialize(Wire.Import(import, time), MusterJson.Wire.ImportResource)}\n\n";

    static string StateOf(Import import) =>
        string.Create(CultureInfo.InvariantCulture, $"{Wire.Word(import.Status)}-{import.NextBatch}-{import.Counts.Read}-{import.LeaseEpoch}-{import.SourcePosition}");

    static async Task SendAsync(HttpResponse response, string text, CancellationToken cancellationToken)
    {
        await response.WriteAsync(text, Encoding.UTF8, cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }
}
