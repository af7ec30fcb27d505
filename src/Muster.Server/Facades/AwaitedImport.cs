using System.Security.Cryptography;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Mapping;
using Muster.Reports;
using Muster.Server.Api;
using Muster.Sources;
using Muster.Storage;

namespace Muster.Server.Facades;

/// <summary>Contacts that a vendor's client sends as JSON and wants an answer about at once.</summary>
/// <param name="Body">The whole body, as it came: it becomes the import's source.</param>
/// <param name="Columns">Where the columns found in it go.</param>
/// <param name="Route">Scope of the answer's idempotency.</param>
sealed record AwaitedRequest(Account Account, byte[] Body, ImportOptions Options, Func<IReadOnlyList<string>, ColumnMap> Columns, string Route, TimeSpan Patience);

/// <summary>What became of an awaited import.</summary>
abstract record AwaitedResult
{
    /// <summary>It ended; rows by their number, which in JSON is the contact's place, from 1.</summary>
    public sealed record Ended(Import Import, IReadOnlyDictionary<long, RowEntry> Rows) : AwaitedResult;

    /// <summary>No contact in it can be read, or an option cannot be used: nothing was imported.</summary>
    public sealed record Refused(ErrorCode Code, string Detail) : AwaitedResult;

    /// <summary>It goes on. The same body again is answered from its ledger.</summary>
    public sealed record Unfinished(Import Import) : AwaitedResult;
}

/// <summary>Runs an import while its caller waits: the synchronous calls of façades are imports like any other, with ledger, rejects and undo.</summary>
/// <remarks>
/// The body's hash is the import's idempotency key until its outcome has been told. So a caller who was told to come back, or whose connection broke, finds
/// the import that is there; and a body that is sent again after an answer is imported again.
/// </remarks>
sealed class AwaitedImport(Spool spool, SourceLook look, ImportIntake intake, IImportStore imports, ImportReports reports, ImportWatch watch)
{
    public async Task<AwaitedResult> RunAsync(AwaitedRequest request, CancellationToken cancellationToken)
    {
        var spooled = (await spool.ReceiveAsync(new MemoryStream(request.Body), cancellationToken)).OrRefuse();
        ColumnMap columns;
        LookResult? seen = null;
        try
        {
            seen = look.At(spooled, request.Options);
            if (seen is LookResult.Refused unusable)
            {
                spool.Delete(spooled.Name);
                return new AwaitedResult.Refused(unusable.Code, unusable.Detail);
            }
            columns = request.Columns(((LookResult.Seen)seen).Shape.Columns);
        }
        catch
        {
            spool.Delete(spooled.Name);
            look.Drop(seen);
            throw;
        }

        // Once the bytes lie in the spool, a caller who goes away no longer stops the import.
        var result = await intake.AcceptAsync(
            new(request.Account, spooled, "contacts", null, request.Options, KeyOf(request.Body), request.Route) { Columns = columns, Look = seen, IsAwaited = true }, CancellationToken.None);
        Import import;
        switch (result)
        {
            case IntakeResult.Accepted accepted:
                import = accepted.Import;
                break;
            case IntakeResult.Replayed replayed:
                import = replayed.Import;
                break;
            case IntakeResult.Refused { Code: ErrorCode.InvalidOption } refused:
                return new AwaitedResult.Refused(refused.Code, refused.Detail);
            case IntakeResult.Refused refused:
                throw new RefusedException(Refusal.OfIntake(refused.Code, refused.Detail, refused.Option));
            default:
                throw new InvalidOperationException($"No answer is known for {result.GetType().Name}: the body holds its own options.");
        }

        if (import.LedgerExpiredAt is not null)
            return await FailAsync(import, cancellationToken); // ended long ago, and never told
        import = await watch.UntilStillAsync(import, request.Patience, cancellationToken);
        if (import.Status != ImportStatus.Completed)
            return import.Status is ImportStatus.Failed or ImportStatus.Canceled ? await FailAsync(import, cancellationToken) : new AwaitedResult.Unfinished(import);
        var rows = new Dictionary<long, RowEntry>();
        await foreach (var row in reports.RowsAsync(import, outcome: null, from: null, cancellationToken))
            rows[row.RowNumber] = row;
        await imports.ForgetKeyAsync(import.AccountId, import.Id, cancellationToken);
        return new AwaitedResult.Ended(import, rows);
    }

    async Task<AwaitedResult> FailAsync(Import import, CancellationToken cancellationToken)
    {
        await imports.ForgetKeyAsync(import.AccountId, import.Id, cancellationToken);
        throw new RefusedException(Refusal.Of(503, "import_not_completed", "The import of these contacts was broken off. What it had taken in stays; send them again."));
    }

    static string KeyOf(byte[] body) => "body-" + Convert.ToHexStringLower(SHA256.HashData(body));
}
