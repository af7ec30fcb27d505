using System.Globalization;
using System.Text;
using System.Text.Json;
using Muster.Client;
using Muster.Contacts;
using Muster.Reports;
using Muster.Server.Auth;
using Muster.Server.Hosting;
using Muster.Storage;

namespace Muster.Server.Api;

/// <summary>An import as server-sent events (WHATWG HTML §9.2), named as webhooks name them: <c>import.started</c>, <c>import.completed</c>, … when its status is news, <c>import.progress</c> when only its counts are; data is the import. Between them <c>import.errors</c> tells its first errors and warnings as they are found. Ends with the import.</summary>
/// <remarks>An event's id names the state it tells and how many errors have been told, so <c>Last-Event-ID</c> skips what the caller has seen; who has seen the end gets 204, on which browsers stop coming back.</remarks>
sealed class ImportEvents(ImportWatch watch, IImportStore imports, ImportReports reports, KeyRing keys, ServerSettings server, TimeProvider time)
{
    /// <summary>At least this long between two events, so that small batches do not become a flood.</summary>
    static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(100);

    public async Task WriteAsync(HttpContext context, Caller caller, Import import, CancellationToken cancellationToken)
    {
        var (seen, errorsTold) = Seen(context.Request.Headers["Last-Event-ID"].ToString());
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

        var errors = new FirstErrors(reports, errorsTold);
        ImportStatus? told = null;
        var quietSince = time.GetTimestamp();
        while (!watch.Stopping.IsCancellationRequested && await keys.StillOpensAsync(caller.Key.Id, cancellationToken))
        {
            var change = watch.ChangeOf(import.Id);
            import = await imports.GetAsync(import.AccountId, import.Id, cancellationToken) ?? import;
            var state = StateOf(import);
            if (state != seen)
            {
                if (await errors.NextAsync(import, cancellationToken) is { } found)
                    await SendAsync(response, Event(EventName.Errors, seen, errors, JsonSerializer.Serialize(found, MusterJson.Wire.PageErrorResource)), cancellationToken);
                await SendAsync(
                    response,
                    Event(told == import.Status ? EventName.Progress : EventName.Of(import.Status), state, errors, JsonSerializer.Serialize(Wire.Import(import, time), MusterJson.Wire.ImportResource)),
                    cancellationToken);
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

    /// <param name="state">The last state that the caller has seen once it has this event.</param>
    static string Event(string name, string state, FirstErrors errors, string data) =>
        string.Create(CultureInfo.InvariantCulture, $"event: {name}\nid: {state}~{errors.Told}\ndata: {data}\n\n");

    /// <summary>What the id of an event says; an id that is none says that nothing has been seen.</summary>
    static (string State, int ErrorsTold) Seen(string id)
    {
        var mark = id.LastIndexOf('~');
        return mark >= 0 && int.TryParse(id.AsSpan(mark + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var told) ? (id[..mark], told) : ("", 0);
    }

    static string StateOf(Import import) =>
        string.Create(CultureInfo.InvariantCulture, $"{Wire.Word(import.Status)}-{import.NextBatch}-{import.Counts.Read}-{import.LeaseEpoch}-{import.SourcePosition}");

    static async Task SendAsync(HttpResponse response, string text, CancellationToken cancellationToken)
    {
        await response.WriteAsync(text, Encoding.UTF8, cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }

    /// <summary>The first errors and warnings of an import, in portions as they are found: each a page of <c>…/errors</c> whose cursor leads to the others.</summary>
    sealed class FirstErrors(ImportReports reports, int told)
    {
        /// <summary>The stream tells so many; the report has all.</summary>
        const int Most = 20;

        LedgerPlace? from;
        long faultsSeen;
        int toPass = told;

        public int Told { get; private set; } = told;

        /// <summary>Those found since; null when there are none.</summary>
        public async Task<Client.Page<ErrorResource>?> NextAsync(Import import, CancellationToken cancellationToken)
        {
            var faults = import.Counts.Rejected + import.Counts.Warnings;
            // An undo works backwards: which of its conflicts are the first is known at its end.
            if (Told >= Most || faults == faultsSeen || (import.Kind.Reverts() && !import.Status.IsTerminal()))
                return null;
            faultsSeen = faults;
            var items = new List<ErrorResource>();
            await foreach (var error in reports.ErrorsAsync(import, from, cancellationToken))
            {
                from = error.Next;
                if (toPass > 0)
                {
                    toPass--;
                    continue;
                }
                items.Add(Wire.Error(error));
                if (++Told == Most)
                    break;
            }
            return items.Count == 0 ? null : new(items, from?.ToCursor());
        }
    }
}
