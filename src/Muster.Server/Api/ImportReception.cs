using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Muster.Client;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Server.Auth;
using Muster.Server.Hosting;
using Muster.Sources;

namespace Muster.Server.Api;

/// <summary>Takes what <c>POST /v1/imports</c> and <c>POST /v1/imports/{id}/retry</c> bring from the wire to an import that is accepted.</summary>
sealed class ImportReception(
    ImportSubmission submissions, UploadGate uploads, ImportIntake intake, ImportWatch watch, Spool spool, ServerSettings server, TimeProvider time)
{
    const int IdempotencyKeyMax = 255;

    /// <param name="parent">The import whose corrected rejects the request brings; null: it brings an import of its own.</param>
    public async Task<Results<Accepted<ImportResource>, Refusal>> TakeAsync(HttpContext context, Caller caller, Import? parent, CancellationToken cancellationToken)
    {
        if (!TryReadKey(context.Request, out var key))
            return Refusal.Of(400, "invalid_idempotency_key", $"The header Idempotency-Key takes one text of 1 to {IdempotencyKeyMax} visible ASCII characters.");
        var wait = WaitSeconds(context.Request);

        using var held = submissions.TryHold(caller.Account.Id, key);
        if (held is null)
            return Refusal.Of(409, "idempotency_key_in_use", "A request with this Idempotency-Key is being received now. Send it again when that one has been answered.");

        using var place = uploads.Enter(caller.Account);
        var submission = await submissions.ReceiveAsync(context.Request, caller.Account, cancellationToken);
        place.Dispose();
        if (submission.Url is not null && parent is not null)
            return Refusal.Of(400, "unsupported_source", "A retry takes the corrected file itself, or an upload of it, not its address.");
        var result = await AcceptAsync(submission, caller.Account, parent, key);
        if (result is not IntakeResult.Accepted && !submission.IsUpload)
            spool.Delete(submission.Spooled.Name);
        held.Dispose();

        switch (result)
        {
            case IntakeResult.Accepted accepted:
                return await AnswerAsync(accepted.Import);
            case IntakeResult.Replayed replayed:
                return await AnswerAsync(replayed.Import);
            case IntakeResult.Refused refused:
                return Refusal.OfIntake(refused.Code, refused.Detail, refused.Option);
            case IntakeResult.KeyConflict:
                return Refusal.Of(422, "idempotency_key_reused", "This Idempotency-Key came before with other bytes or options. Use a new key for a new import.");
            default:
                throw new InvalidOperationException($"No answer is known for {result.GetType().Name}.");
        }

        async Task<Accepted<ImportResource>> AnswerAsync(Import import)
        {
            if (wait is { } seconds)
            {
                context.Response.Headers["Preference-Applied"] = "wait=" + seconds.ToString(CultureInfo.InvariantCulture);
                import = await watch.UntilStillAsync(import, TimeSpan.FromSeconds(seconds), cancellationToken);
            }
            return TypedResults.Accepted($"{ImportsApi.Route}/{import.Id}", Wire.Import(import, time));
        }
    }

    /// <remarks>Once the bytes lie in the spool, a caller who goes away no longer stops the import from being accepted.</remarks>
    Task<IntakeResult> AcceptAsync(Submission submission, Account account, Import? parent, string? key)
    {
        if (submission.Url is { } url)
            return intake.AcceptRemoteAsync(new(account, [url], submission.Options, key, ImportsApi.Route), CancellationToken.None);
        var route = parent is null ? ImportsApi.Route : $"{ImportsApi.Route}/{parent.Id}/retry";
        var request = new IntakeRequest(account, submission.Spooled, submission.Kind, submission.FileName, submission.Options, key, route, submission.IsUpload) { Parent = parent };
        return intake.AcceptAsync(request, CancellationToken.None);
    }

    /// <param name="key">Null: the request has none.</param>
    static bool TryReadKey(HttpRequest request, out string? key)
    {
        var given = request.Headers["Idempotency-Key"];
        key = given.Count == 0 ? null : given[0];
        return given.Count == 0 || (given.Count == 1 && key is { Length: > 0 and <= IdempotencyKeyMax } && !key.AsSpan().ContainsAnyExceptInRange(' ', '~'));
    }

    /// <summary>RFC 7240: <c>Prefer: wait=10</c>, at most <see cref="ServerSettings.WaitSecondsMax"/>. A preference that is not understood is ignored, as the RFC asks.</summary>
    int? WaitSeconds(HttpRequest request)
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
}
