using System.Text.Json;
using Muster.Client;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Server.Auth;

namespace Muster.Server.Api;

/// <summary><c>POST /v1/imports/{id}/undo</c> and <c>/redo</c>.</summary>
static class ReversalsApi
{
    static readonly QueryParameter DryRun = new("dry_run", "true: only say what it would do.", QueryType.Flag);
    static readonly QueryParameter OnConflict = new("on_conflict", "What becomes of values that were written later: keep (default) or force.");
    static readonly QueryParameter AllowResubscribe = new("allow_resubscribe", "true: opt-outs that the import wrote are taken back, too; otherwise they stay and are conflicts.", QueryType.Flag);

    public static void MapReversals(this RouteGroupBuilder group)
    {
        group.MapPost("/{id}/undo", (string id, HttpRequest request, Caller caller, ImportReversal reversal, TimeProvider time, CancellationToken cancellationToken) =>
                AnswerAsync(id, request, caller, reversal.UndoAsync, time, cancellationToken))
            .RequireScope(KeyScope.Write).Refuses(404, 409, 410, 413, 415).Accepts<ReversalInput>(isOptional: true, "application/json")
            .Produces<ReversalPreviewResource>(200).Produces<ImportResource>(202).TakesQuery(DryRun, OnConflict, AllowResubscribe)
            .WithSummary("Take the import back, as an import of its own; with dry_run, only say what that would do.");
        group.MapPost("/{id}/redo", (string id, HttpRequest request, Caller caller, ImportReversal reversal, TimeProvider time, CancellationToken cancellationToken) =>
                AnswerAsync(id, request, caller, reversal.RedoAsync, time, cancellationToken))
            .RequireScope(KeyScope.Write).Refuses(404, 409, 410, 413, 415).Accepts<ReversalInput>(isOptional: true, "application/json")
            .Produces<ReversalPreviewResource>(200).Produces<ImportResource>(202).TakesQuery(DryRun, OnConflict, AllowResubscribe)
            .WithSummary("Take the undo back: of an undone import, or of the undo itself.");
    }

    public static void MapApplication(this RouteGroupBuilder group) =>
        group.MapPost("/{id}/apply", async (string id, HttpRequest request, Caller caller, PlanApplication plans, TimeProvider time, CancellationToken cancellationToken) =>
            {
                var (dryRun, onConflict, mayResubscribe) = await FollowUpReading.ReadAsync(request, ["report", "replan"], cancellationToken);
                if (mayResubscribe)
                    return Refusal.Of(400, ErrorCode.InvalidOption, "An apply has its plan's options: plan with allow_resubscribe and consent.", "allow_resubscribe");
                if (dryRun)
                    return Refusal.Of(400, ErrorCode.InvalidOption, "An apply has no dry run: its plan is one.", "dry_run");
                if (!Guid.TryParse(id, out var planId))
                    return ImportsApi.NotFound;
                var result = await plans.ApplyAsync(caller.Account.Id, planId, onConflict == "replan", cancellationToken);
                return result is ApplyResult.Accepted accepted
                    ? (IResult)TypedResults.Accepted($"/v1/imports/{accepted.Import.Id}", Wire.Import(accepted.Import, time)) : RefusalOf(result);
            })
            .RequireScope(KeyScope.Write).Refuses(404, 409, 410, 413, 415).Accepts<ReversalInput>(isOptional: true, "application/json").Produces<ImportResource>(202)
            .TakesQuery(new QueryParameter("on_conflict", "What becomes of rows whose contact has moved since: report (default) or replan."))
            .WithSummary("Carry out a plan: rows whose contact has moved since are left out and reported, or planned anew.");

    static async Task<IResult> AnswerAsync(
        string id, HttpRequest request, Caller caller, Func<int, Guid, ReversalChoices, bool, CancellationToken, Task<ReversalResult>> reverse, TimeProvider time, CancellationToken cancellationToken)
    {
        var (dryRun, onConflict, mayResubscribe) = await FollowUpReading.ReadAsync(request, ["keep", "force"], cancellationToken);
        if (!Guid.TryParse(id, out var importId))
            return ImportsApi.NotFound;
        return Answer(await reverse(caller.Account.Id, importId, new(onConflict == "force", mayResubscribe), dryRun, cancellationToken), time);
    }

    static IResult Answer(ReversalResult result, TimeProvider time) => result switch
    {
        ReversalResult.Accepted accepted => TypedResults.Accepted($"/v1/imports/{accepted.Import.Id}", Wire.Import(accepted.Import, time)),
        ReversalResult.Previewed previewed => TypedResults.Ok(Wire.Preview(previewed.Preview)),
        _ => RefusalOf(result),
    };

    /// <summary>Why there is no apply.</summary>
    public static Refusal RefusalOf(ApplyResult result) => result switch
    {
        ApplyResult.WrongStatus wrong => Refusal.Of(409, "wrong_status", wrong.Detail),
        ApplyResult.Rejected rejected => Refusal.Of(409, ErrorCode.AtomicRejected, rejected.Detail),
        ApplyResult.Expired => Refusal.Of(410, ErrorCode.SourceExpired),
        _ => ImportsApi.NotFound,
    };

    /// <summary>Why there is no undo or redo.</summary>
    public static Refusal RefusalOf(ReversalResult result) => result switch
    {
        ReversalResult.Expired => Refusal.Of(410, ErrorCode.UndoExpired),
        ReversalResult.WrongStatus wrong => Refusal.Of(409, "wrong_status", wrong.Detail),
        _ => ImportsApi.NotFound,
    };
}

/// <summary>Reads how an undo, redo or apply is to be done: from the query, or a JSON body. What both say, the query decides.</summary>
static class FollowUpReading
{
    static readonly string[] Members = ["dry_run", "on_conflict", "allow_resubscribe"];

    /// <param name="conflictWords">What on_conflict may be; the first is the default.</param>
    public static async Task<(bool DryRun, string OnConflict, bool MayResubscribe)> ReadAsync(HttpRequest request, string[] conflictWords, CancellationToken cancellationToken)
    {
        var input = new ReversalInput();
        if (request.ContentLength is not 0 && request.HasJsonContentType())
            input = await BodyAsync(request, cancellationToken);
        else if (request.ContentLength > 0)
            throw new RefusedException(Refusal.OfStatus(415));
        var dryRun = request.Query.ContainsKey("dry_run") ? QueryValues.Boolean("dry_run", request.Query["dry_run"]) : input.DryRun ?? false;
        var onConflict = request.Query.ContainsKey("on_conflict") ? request.Query["on_conflict"].ToString() : input.OnConflict ?? conflictWords[0];
        if (!conflictWords.Contains(onConflict, StringComparer.Ordinal))
            throw new RefusedException(Refusal.Of(400, ErrorCode.InvalidOption, $"on_conflict takes {string.Join(" or ", conflictWords)}.", "on_conflict"));
        var mayResubscribe = request.Query.ContainsKey("allow_resubscribe") ? QueryValues.Boolean("allow_resubscribe", request.Query["allow_resubscribe"]) : input.AllowResubscribe ?? false;
        return (dryRun, onConflict, mayResubscribe);
    }

    static async Task<ReversalInput> BodyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            using var document = await JsonDocument.ParseAsync(request.Body, new() { MaxDepth = 8 }, cancellationToken);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new RefusedException(Refusal.BadBody("The body is a JSON object, such as {\"on_conflict\":\"keep\"}, or empty."));
            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (!Members.Contains(member.Name, StringComparer.Ordinal))
                    throw new RefusedException(Refusal.Of(400, "unknown_option", "There is no such option here. Known are dry_run, on_conflict and allow_resubscribe.", member.Name.Length <= 64 ? member.Name : null));
            }
            return document.RootElement.Deserialize(MusterJson.Wire.ReversalInput) ?? new();
        }
        catch (JsonException)
        {
            throw new RefusedException(Refusal.Of(400, "malformed_json", "The body is no JSON that fits: dry_run and allow_resubscribe are true or false, on_conflict a text."));
        }
    }
}
