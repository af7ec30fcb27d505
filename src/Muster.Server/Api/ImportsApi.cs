using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;
using Muster.Client;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Reports;
using Muster.Server.Auth;
using Muster.Server.Hosting;
using Muster.Sources;
using Muster.Storage;

namespace Muster.Server.Api;

/// <summary><c>/v1/imports</c>.</summary>
static class ImportsApi
{
    public const string Route = "/v1/imports";

    public static void MapImports(this IEndpointRouteBuilder routes, MusterSettings settings)
    {
        var group = routes.MapGroup(Route).WithTags("imports").RequireScope(KeyScope.Read).Refuses(400, 401, 403);
        group.MapPost("", SubmitAsync).RequireScope(KeyScope.Write).Refuses(409, 413, 415, 422, 429, 507).WithMetadata(new BodyLimit(settings.SourceBytesMax))
            .Produces<ImportResource>(202).DescribesSubmission()
            .WithSummary("Send a source; it is imported in the background.");
        group.MapGet("", ListAsync).WithSummary("The account's imports, newest first.");
        group.MapGet("/{id}", GetAsync).Refuses(404).WithSummary("One import: its status, counts and progress.");
        group.MapGet("/{id}/events", EventsAsync).Refuses(404).Produces(200, contentType: "text/event-stream").Produces(204)
            .WithSummary("Server-sent events: status, progress and first errors until the import ends. Resumes by Last-Event-ID.");
        group.MapGet("/{id}/rejects", RejectsAsync).Refuses(404, 410).Produces(200, contentType: "text/csv")
            .WithSummary("The rejects file: the source's header and each rejected record, byte for byte; with safe=true a CSV for people, in which no cell runs as a formula.");
        foreach (var outcome in (ReadOnlySpan<Outcome>)[Outcome.Created, Outcome.Updated, Outcome.Unchanged, Outcome.Duplicate, Outcome.Suppressed, Outcome.Skipped])
        {
            var word = Wire.Word(outcome);
            group.MapGet("/{id}/" + word, (string id, HttpContext context, Caller caller, IImportStore imports, ImportReports reports, SourceRecords records, Spool spool, [Description("true: as CSV for people, in which no cell runs as a formula, instead of the very bytes.")] string? safe, CancellationToken cancellationToken) =>
                    RecordsAsync(outcome, word, id, safe, context, caller, imports, reports, records, spool, cancellationToken))
                .Refuses(404, 410).Produces(200, contentType: "text/csv")
                .WithSummary($"The source's header and each record that was {word}, byte for byte.");
        }
        group.MapGet("/{id}/errors", ErrorReport.WriteAsync).Refuses(404, 406, 410).Produces<Client.Page<ErrorResource>>(200, "application/json", "application/x-ndjson", "text/csv")
            .WithSummary("Every error and warning: a JSON page, or all of them as NDJSON or CSV by Accept.");
        group.MapGet("/{id}/changes", ChangeReport.WriteAsync).Refuses(404, 406, 410).Produces<Client.Page<ChangeResource>>(200, "application/json", "application/x-ndjson", "text/csv")
            .WithSummary("Field by field what the import changed, or a plan would: a JSON page, or all of it as NDJSON or CSV by Accept.");
        group.MapGet("/{id}/rows", RowsAsync).Refuses(404, 410).WithSummary("What became of each row.");
        group.MapMove("/{id}/cancel", ImportMove.Cancel).RequireScope(KeyScope.Write).Refuses(404, 409).WithSummary("End the import; what is committed stays.");
        group.MapMove("/{id}/pause", ImportMove.Pause).RequireScope(KeyScope.Write).Refuses(404, 409).WithSummary("Stop at the next batch until resumed.");
        group.MapReversals();
        group.MapApplication();
        group.MapMove("/{id}/approve", ImportMove.Approve).RequireScope(KeyScope.Write).Refuses(404, 409).WithSummary("Let a held import go on from its checkpoint, in spite of what it was held for.");
        group.MapPost("/{id}/retry", RetryAsync).RequireScope(KeyScope.Write).Refuses(404, 409, 413, 415, 422, 429, 507).WithMetadata(new BodyLimit(settings.SourceBytesMax))
            .Produces<ImportResource>(202).DescribesSubmission()
            .WithSummary("Send the corrected rejects: a new import with the options of this one, linked to it.");
        group.MapMove("/{id}/resume", ImportMove.Resume).RequireScope(KeyScope.Write).Refuses(404, 409).WithSummary("Go on from the checkpoint.");
    }

    static Task<Results<Accepted<ImportResource>, Refusal>> SubmitAsync(HttpContext context, Caller caller, ImportReception reception, CancellationToken cancellationToken) =>
        reception.TakeAsync(context, caller, parent: null, cancellationToken);

    static async Task<Results<Accepted<ImportResource>, Refusal>> RetryAsync(
        string id, HttpContext context, Caller caller, IImportStore imports, ImportReception reception, CancellationToken cancellationToken)
    {
        if (await FindAsync(imports, caller, id, cancellationToken) is not { } parent)
            return NotFound;
        return ImportRetry.Refuse(parent) is { } refused
            ? Refusal.Of(409, "wrong_status", refused)
            : await reception.TakeAsync(context, caller, parent, cancellationToken);
    }

    static async Task<Ok<Client.Page<ImportResource>>> ListAsync(
        Caller caller, IImportStore imports, TimeProvider time, string? cursor, string? limit, CancellationToken cancellationToken)
    {
        var paging = Paging.Of(cursor, limit);
        var page = await paging.OfStoreAsync((at, items) => imports.ListAsync(caller.Account.Id, at, items, cancellationToken));
        var retries = await imports.RetriesAsync(caller.Account.Id, [.. page.Items.Select(i => i.Id)], cancellationToken);
        return TypedResults.Ok(new Client.Page<ImportResource>([.. page.Items.Select(i => Wire.Import(i, time, retries))], page.NextCursor));
    }

    static async Task<Results<Ok<ImportResource>, Refusal>> GetAsync(string id, Caller caller, IImportStore imports, TimeProvider time, CancellationToken cancellationToken) =>
        await FindAsync(imports, caller, id, cancellationToken) is { } import
            ? TypedResults.Ok(Wire.Import(import, time, await imports.RetriesAsync(caller.Account.Id, [import.Id], cancellationToken)))
            : NotFound;

    static async Task EventsAsync(string id, HttpContext context, Caller caller, IImportStore imports, ImportEvents events, CancellationToken cancellationToken)
    {
        if (await FindAsync(imports, caller, id, cancellationToken) is { } import)
            await events.WriteAsync(context, caller, import, cancellationToken);
        else
            await NotFound.ExecuteAsync(context);
    }

    static Task RejectsAsync(
        string id, HttpContext context, Caller caller, IImportStore imports, ImportReports reports, SourceRecords records, Spool spool, [Description("true: as CSV for people, in which no cell runs as a formula, instead of the very bytes.")] string? safe, CancellationToken cancellationToken) =>
        RecordsAsync(Outcome.Rejected, "rejects", id, safe, context, caller, imports, reports, records, spool, cancellationToken);

    /// <param name="safe">true: for people with spreadsheets, instead of the very bytes.</param>
    static async Task RecordsAsync(
        Outcome outcome, string word, string id, string? safe, HttpContext context, Caller caller, IImportStore imports, ImportReports reports, SourceRecords records, Spool spool,
        CancellationToken cancellationToken)
    {
        var isSafe = QueryValues.Boolean("safe", safe);
        if (await FindAsync(imports, caller, id, cancellationToken) is not { } import)
        {
            await NotFound.ExecuteAsync(context);
            return;
        }
        if (import.LedgerExpiredAt is not null)
        {
            await Refusal.Of(410, ErrorCode.LedgerExpired).ExecuteAsync(context);
            return;
        }
        if (isSafe && spool.Exists(import.Source.Spool))
        {
            await SafeRecords.WriteAsync(context.Response, records, import, outcome, word, cancellationToken);
            return;
        }
        var (media, extension) = MediaOf(import.Source);
        Download.Begin(context.Response, media, $"{Path.GetFileNameWithoutExtension(import.Source.FileName) ?? import.Id.ToString()}-{word}{extension}");
        if (await reports.WriteRejectsAsync(import, context.Response.Body, cancellationToken, outcome) == RejectsResult.Expired)
        {
            context.Response.Clear();
            await Refusal.Of(410, ErrorCode.SourceExpired).ExecuteAsync(context);
        }
    }

    static (string Media, string Extension) MediaOf(ImportSource source) => source switch
    {
        { Format: "json" } => ("application/json", ".json"),
        { Format: "ndjson" or "jsonl" } => ("application/x-ndjson", ".ndjson"),
        { Delimiter: "\t" or "tab" } => ("text/tab-separated-values; charset=" + source.Encoding, ".tsv"),
        _ => ("text/csv; charset=" + source.Encoding, ".csv"),
    };

    static async Task<Results<Ok<Client.Page<RowResource>>, Refusal>> RowsAsync(
        string id, Caller caller, IImportStore imports, ImportReports reports, [Description("Only rows of this outcome: created, updated, unchanged, duplicate, suppressed, skipped or rejected.")] string? outcome, string? cursor, string? limit, CancellationToken cancellationToken)
    {
        var paging = Paging.Of(cursor, limit);
        var from = paging.CursorPlace();
        Outcome? wanted = null;
        if (!string.IsNullOrEmpty(outcome))
        {
            if (!Wire.TryWord<Outcome>(outcome, out var word) || word == Outcome.None)
                return Refusal.BadParameter("outcome", $"write one of {Wire.WordsOf<Outcome>()}.");
            wanted = word;
        }
        if (await FindAsync(imports, caller, id, cancellationToken) is not { } import)
            return NotFound;
        if (import.LedgerExpiredAt is not null)
            return Refusal.Of(410, ErrorCode.LedgerExpired);
        return TypedResults.Ok(await paging.OfLedgerAsync(reports.RowsAsync(import, wanted, from, cancellationToken), r => r.Next, Wire.Row));
    }

    // The lambda stands in the call: handlers that only run time knows are built at run time, at the first request's expense.
    static RouteHandlerBuilder MapMove(this RouteGroupBuilder group, string path, ImportMove move) => group.MapPost(
        path,
        async Task<Results<Ok<ImportResource>, Refusal>> (string id, Caller caller, ImportMoves moves, TimeProvider time, CancellationToken cancellationToken) =>
            !Guid.TryParse(id, out var importId) ? NotFound : await moves.MoveAsync(caller.Account.Id, importId, move, cancellationToken) switch
            {
                MoveResult.Moved moved => TypedResults.Ok(Wire.Import(moved.Import, time)),
                MoveResult.WrongStatus wrong => Refusal.Of(409, "wrong_status", wrong.Detail),
                _ => NotFound,
            });

    public static Refusal NotFound => Refusal.NotFound("import");

    /// <summary>The caller's import of that id. An id that is none, a foreign one and an unknown one are the same.</summary>
    public static async Task<Import?> FindAsync(IImportStore imports, Caller caller, string id, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var importId) && await imports.GetAsync(caller.Account.Id, importId, cancellationToken) is { Kind: not ImportKind.Api } import ? import : null;
}

/// <summary>The largest body of a route, in bytes; some room for multipart headers comes on top.</summary>
/// <param name="overhead">Room beyond, so that a route which measures the source itself can answer before the connection is cut.</param>
/// <param name="setting">What the operator would raise.</param>
sealed class BodyLimit(long bytes, long overhead = 1 << 20, string setting = "source_bytes_max") : IRequestSizeLimitMetadata
{
    public long SourceBytesMax => bytes;
    public string Setting => setting;
    public long? MaxRequestBodySize => bytes + overhead;
}
