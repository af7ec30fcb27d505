using System.ComponentModel;
using System.Globalization;
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
    const string Route = "/v1/imports";
    const int IdempotencyKeyMax = 255;

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

    static Task<Results<Accepted<ImportResource>, Refusal>> SubmitAsync(
        HttpContext context, Caller caller, ImportSubmission submissions, UploadGate uploads, ImportIntake intake, ImportWatch watch, Spool spool, ServerSettings server, TimeProvider time, CancellationToken cancellationToken) =>
        TakeAsync(parent: null, context, caller, submissions, uploads, intake, watch, spool, server, time, cancellationToken);

    static async Task<Results<Accepted<ImportResource>, Refusal>> RetryAsync(
        string id, HttpContext context, Caller caller, IImportStore imports, ImportSubmission submissions, UploadGate uploads, ImportIntake intake, ImportWatch watch, Spool spool, ServerSettings server, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await FindAsync(imports, caller, id, cancellationToken) is not { } parent)
            return NotFound;
        return ImportRetry.Refuse(parent) is { } refused
            ? Refusal.Of(409, "wrong_status", refused)
            : await TakeAsync(parent, context, caller, submissions, uploads, intake, watch, spool, server, time, cancellationToken);
    }

    /// <param name="parent">The import whose corrected rejects the request brings; null: it brings an import of its own.</param>
    static async Task<Results<Accepted<ImportResource>, Refusal>> TakeAsync(
        Import? parent, HttpContext context, Caller caller, ImportSubmission submissions, UploadGate uploads, ImportIntake intake, ImportWatch watch, Spool spool, ServerSettings server, TimeProvider time, CancellationToken cancellationToken)
    {
        var key = context.Request.Headers["Idempotency-Key"];
        if (key.Count > 1 || (key.Count == 1 && (key[0] is not { Length: > 0 and <= IdempotencyKeyMax } text || text.AsSpan().ContainsAnyExceptInRange(' ', '~'))))
            return Refusal.Of(400, "invalid_idempotency_key", $"The header Idempotency-Key takes one text of 1 to {IdempotencyKeyMax} visible ASCII characters.");
        var wait = WaitSeconds(context.Request, server);

        using var held = submissions.TryHold(caller.Account.Id, key.Count == 0 ? null : key[0]);
        if (held is null)
            return Refusal.Of(409, "idempotency_key_in_use", "A request with this Idempotency-Key is being received now. Send it again when that one has been answered.");

        using var place = uploads.Enter(caller.Account);
        var submission = await submissions.ReceiveAsync(context.Request, caller.Account, cancellationToken);
        place.Dispose();
        // Once the bytes lie in the spool, a caller who goes away no longer stops the import from being accepted.
        var idempotencyKey = key.Count == 0 ? null : key[0];
        if (submission.Url is not null && parent is not null)
            return Refusal.Of(400, "unsupported_source", "A retry takes the corrected file itself, or an upload of it, not its address.");
        var result = submission.Url is { } url
            ? await intake.AcceptRemoteAsync(new(caller.Account, [url], submission.Options, idempotencyKey, Route), CancellationToken.None)
            : await intake.AcceptAsync(
                new(caller.Account, submission.Spooled, submission.Kind, submission.FileName, submission.Options, idempotencyKey, parent is null ? Route : $"{Route}/{parent.Id}/retry", submission.IsUpload) { Parent = parent },
                CancellationToken.None);
        if (result is not IntakeResult.Accepted && !submission.IsUpload)
            spool.Delete(submission.Spooled.Name);
        held.Dispose();

        switch (result)
        {
            case IntakeResult.Refused refused:
                return Refusal.OfIntake(refused.Code, refused.Detail, refused.Option);
            case IntakeResult.KeyConflict:
                return Refusal.Of(422, "idempotency_key_reused", "This Idempotency-Key came before with other bytes or options. Use a new key for a new import.");
        }
        var import = result switch
        {
            IntakeResult.Accepted accepted => accepted.Import,
            IntakeResult.Replayed replayed => replayed.Import,
            _ => throw new InvalidOperationException($"No answer is known for {result.GetType().Name}."),
        };
        if (wait is { } seconds)
        {
            context.Response.Headers["Preference-Applied"] = "wait=" + seconds.ToString(CultureInfo.InvariantCulture);
            import = await watch.UntilStillAsync(import, TimeSpan.FromSeconds(seconds), cancellationToken);
        }
        return TypedResults.Accepted($"{Route}/{import.Id}", Wire.Import(import, time));
    }

    /// <summary>RFC 7240: <c>Prefer: wait=10</c>, at most <see cref="ServerSettings.WaitSecondsMax"/>. A preference that is not understood is ignored, as the RFC asks.</summary>
    static int? WaitSeconds(HttpRequest request, ServerSettings server)
    {
        foreach (var preference in request.Headers["Prefer"].SelectMany(line => (line ?? "").Split(',')))
        {
            var word = preference.Split(';')[0].Trim();
            if (word.StartsWith("wait", StringComparison.OrdinalIgnoreCase) && word[4..].TrimStart() is ['=', .. var value]
                && int.TryParse(value.Trim().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
                return Math.Min(seconds, server.WaitSecondsMax);
        }
        return null;
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
