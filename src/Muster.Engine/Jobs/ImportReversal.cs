using Muster.Contacts;
using Muster.Merging;
using Muster.Storage;

namespace Muster.Jobs;

/// <summary>What became of a request to undo or redo.</summary>
public abstract record ReversalResult
{
    /// <summary>The undo or redo waits or runs; <paramref name="Import"/> is that one.</summary>
    public sealed record Accepted(Import Import) : ReversalResult;

    /// <summary>What it would do.</summary>
    public sealed record Previewed(ReversalPreview Preview) : ReversalResult;

    public sealed record NotFound : ReversalResult;

    /// <summary>Its status, or what it is, stands against it. <paramref name="Detail"/> names the remedy.</summary>
    public sealed record WrongStatus(string Detail) : ReversalResult;

    /// <summary>The import ended more than <c>undo_days</c> ago.</summary>
    public sealed record Expired : ReversalResult;
}

/// <summary>What an undo or redo would do.</summary>
/// <param name="Counts">By outcome, as the undo itself would count.</param>
/// <param name="Removed">Contacts that would go; they count as updated.</param>
/// <param name="Conflicts">All of them; the first <see cref="ImportReversal.ConflictsShown"/> are listed.</param>
public sealed record ReversalPreview(Import Import, ImportCounts Counts, long Removed, long Conflicts, IReadOnlyList<ReversalConflict> Shown);

/// <summary>A value, or a whole contact, that something wrote to later.</summary>
/// <param name="Column">Index of the source's column, or −1.</param>
public sealed record ReversalConflict(long RowNumber, int ContactId, int Column, ErrorCode Code);

/// <summary>Takes imports back, and takes that back.</summary>
public sealed class ImportReversal(MusterSettings settings, IImportStore imports, IContactStore contacts, ImportSignals signals, TimeProvider time)
{
    /// <summary>Conflicts that a preview lists.</summary>
    public const int ConflictsShown = 100;

    static readonly ImportStatus[] Unended = [ImportStatus.Queued, ImportStatus.Running, ImportStatus.Paused, ImportStatus.Held];

    /// <summary>Takes an import back. One that still runs is canceled first; a preview leaves it as it is.</summary>
    public async Task<ReversalResult> UndoAsync(int accountId, Guid importId, ReversalChoices choices, bool preview, CancellationToken cancellationToken)
    {
        if (await FindAsync(accountId, importId, cancellationToken) is not { } import)
            return new ReversalResult.NotFound();
        if (import.Kind is not (ImportKind.Import or ImportKind.Apply))
            return new ReversalResult.WrongStatus(import.Kind == ImportKind.Plan
                ? "A plan has changed nothing. Undo the import that applied it."
                : $"An {Word(import.Kind)} is not undone itself: undo or redo the import that it belongs to.");
        if (Unended.Contains(import.Status) && !preview)
        {
            import = await imports.MoveAsync(accountId, importId, Unended, ImportStatus.Canceled, new(ErrorCode.Canceled, ErrorCode.Canceled.Message()), cancellationToken) ?? import;
            signals.Changed(importId);
        }
        if (import.Status == ImportStatus.Undone)
            return new ReversalResult.WrongStatus("The import is undone already. Redo brings it back.");
        return await ReverseAsync(import, importId, ImportKind.Undo, choices, preview, cancellationToken);
    }

    /// <summary>Takes an undo back.</summary>
    /// <param name="importId">The undone import, or its undo.</param>
    public async Task<ReversalResult> RedoAsync(int accountId, Guid importId, ReversalChoices choices, bool preview, CancellationToken cancellationToken)
    {
        if (await FindAsync(accountId, importId, cancellationToken) is not { } import)
            return new ReversalResult.NotFound();
        var undo = import.Kind == ImportKind.Undo ? import : import.UndoneBy is { } by ? await FindAsync(accountId, by, cancellationToken) : null;
        if (undo is null || undo.Kind != ImportKind.Undo)
            return new ReversalResult.WrongStatus("There is no undo to take back.");
        if (undo.Status == ImportStatus.Undone)
            return new ReversalResult.WrongStatus("That undo has been taken back already.");
        if (Unended.Contains(undo.Status))
            return new ReversalResult.WrongStatus("The undo has not ended yet. Wait for it, or cancel it.");
        return await ReverseAsync(undo, importId, ImportKind.Redo, choices, preview, cancellationToken);
    }

    async Task<ReversalResult> ReverseAsync(Import target, Guid parent, ImportKind kind, ReversalChoices choices, bool preview, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (target.LedgerExpiredAt is not null || (target.FinishedAt is { } ended && ended.AddDays(settings.UndoDays) < now))
            return new ReversalResult.Expired();
        var reversal = target.Reversal(kind, parent, choices, now) with { Small = target.Counts.Read <= settings.SmallImportRows };
        if (preview)
            return new ReversalResult.Previewed(await PreviewAsync(reversal, target, cancellationToken));
        switch (await imports.AcceptFollowUpAsync(reversal, cancellationToken))
        {
            case FollowUpResult.Accepted accepted:
                signals.Queued();
                return new ReversalResult.Accepted(accepted.Import);
            case FollowUpResult.Underway underway:
                return new ReversalResult.Accepted(underway.Import);
            case FollowUpResult.Refused { Target.Status: var status }:
                return new ReversalResult.WrongStatus($"The import is {Word(status)}. Only one that is completed, failed or canceled can be taken back.");
            default:
                throw new InvalidOperationException("A follow-up has three answers.");
        }
    }

    async Task<ReversalPreview> PreviewAsync(Import reversal, Import target, CancellationToken cancellationToken)
    {
        var decider = new RevertDecider(RevertPipeline.RulesOf(reversal, target));
        var (counts, removed, conflicts) = (default(ImportCounts), 0L, 0L);
        var shown = new List<ReversalConflict>();
        for (var batch = RevertPipeline.BatchesOf(target) - 1; batch >= 0; batch--)
        {
            var ledger = await RevertPipeline.LedgerAsync(imports, target, batch, cancellationToken);
            var number = batch;
            await foreach (var _ in RevertParts.GoAsync(
                ledger.AllRows, target.Kind.Reverts(), rows => contacts.PreviewRevertAsync(target.AccountId, number, ledger, rows, settings.BatchBytesMax, decider, cancellationToken)))
            {
                counts += decider.Decision.Count(decider.Rows.Errors);
                removed += decider.Takings.RemovedCount;
                conflicts += decider.Rows.Errors.Count;
                foreach (var error in decider.Rows.Errors.Take(ConflictsShown - shown.Count))
                    shown.Add(new(decider.Rows.RowNumber[error.Row], decider.Decision.ContactId[error.Row], error.Column, error.Code));
            }
        }
        return new(reversal, counts, removed, conflicts, shown);
    }

    async Task<Import?> FindAsync(int accountId, Guid importId, CancellationToken cancellationToken) =>
        await imports.GetAsync(accountId, importId, cancellationToken) is { Kind: not ImportKind.Api } import ? import : null;

    static string Word<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();
}
