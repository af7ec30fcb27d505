using Muster.Contacts;
using Muster.Mapping;
using Muster.Merging;
using Muster.Sources;
using Muster.Storage;

namespace Muster.Jobs;

/// <summary>Runs an undo or redo: its target's batches from the last to the first.</summary>
/// <remarks>
/// Each becomes one of its own, or several where contacts have grown (<see cref="RevertParts"/>). Each names in its ledger what it turned round, so that a
/// broken off run goes on behind the last committed one. One core looks at the next batch while the other writes this one, with a decider each.
/// </remarks>
public sealed class RevertPipeline(MusterSettings settings, IImportStore imports, IContactStore contacts, ImportSignals signals, TimeProvider time)
{
    /// <summary>Two deciders share what a batch may hold.</summary>
    long ContactBytesMax => settings.BatchBytesMax / 2;

    /// <summary>Runs a claimed undo or redo until it ends, is stopped from outside, or <paramref name="stop"/> asks for a pause between two batches.</summary>
    /// <exception cref="SourceException">The target's ledger is no longer kept: the undo has failed.</exception>
    public async Task RunAsync(Import import, ImportLease lease, CancellationToken stop)
    {
        var target = await TargetAsync(imports, import, stop);
        var rules = RulesOf(import, target);
        var (decider, free) = (new RevertDecider(rules), new RevertDecider(rules));
        var forward = target.Kind.Reverts();
        var number = import.NextBatch;
        var (of, goOn) = await ToGoOnAsync(import, target, stop);
        var ahead = LookAhead(target, of, free, written: null, stop);
        try
        {
            for (; of >= 0; of--)
            {
                var ledger = await ahead;
                (decider, free) = (free, decider);
                if (decider.Meets(free))
                    decider.DecidedAt = null; // by a state that the batch before has changed
                if (of > 0)
                    ahead = LookAhead(target, of - 1, free, ledger, stop);
                if (await TakeAsync(ledger, goOn ?? ledger.AllRows) is BatchResult.Stopped)
                    return;
                goOn = null;
            }
        }
        finally
        {
            await ((Task)ahead).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        signals.Changed(target.Id);
        if (target.TargetId is { } original)
            signals.Changed(original);

        async Task<BatchResult?> TakeAsync(LedgerBatch ledger, LedgerRows left)
        {
            BatchResult? result = null;
            await foreach (var taken in RevertParts.GoAsync(left, forward, TakePartAsync))
            {
                signals.Changed(import.Id);
                if (result is BatchResult.Stopped)
                    break;
                number++;
                left = RevertParts.Rest(left, taken, forward);
            }
            return result;

            async Task<int> TakePartAsync(LedgerRows rows)
            {
                stop.ThrowIfCancellationRequested();
                var isLast = of == 0 && rows == left;
                var batch = new RevertBatch(
                    lease, number, target.Id, of, ledger, time.GetUtcNow(), isLast ? target.Source.BytesToRead : Done(target, ledger, rows, forward), isLast ? new(ImportStatus.Completed, null) : null)
                {
                    Rows = rows,
                    ContactBytesMax = ContactBytesMax,
                };
                result = await contacts.RevertAsync(batch, decider, CancellationToken.None);
                return result is BatchResult.TooLarge { RowsThatFit: var fit } ? fit : rows.Count;
            }
        }
    }

    /// <summary>Reads a batch's ledger and decides about it before its turn: that counts when nothing else has been written by then, as the store judges.</summary>
    /// <param name="written">The ledger that is being turned round meanwhile; null: none, and there is no time to decide in.</param>
    Task<LedgerBatch> LookAhead(Import target, int batch, RevertDecider decider, LedgerBatch? written, CancellationToken cancellationToken) => Task.Run(
        async () =>
        {
            var ledger = await LedgerAsync(imports, target, batch, cancellationToken);
            decider.DecidedAt = null;
            // Lists, tags and fields that come back must be there first.
            if (written is not null && written.Revert is not { Names.Count: > 0 } && ledger.Revert is not { Names.Count: > 0 })
                await contacts.PreviewRevertAsync(target.AccountId, batch, ledger, ledger.AllRows, ContactBytesMax, decider, cancellationToken);
            return ledger;
        },
        CancellationToken.None);

    /// <summary>How far the undo has got when it has taken these rows, in bytes of the source.</summary>
    static long Done(Import target, LedgerBatch ledger, LedgerRows rows, bool forward)
    {
        if (rows.Count == 0)
            return forward ? 0 : target.Source.BytesToRead;
        return forward ? ledger.ByteOffset[rows.End - 1] : Math.Max(0, target.Source.BytesToRead - ledger.ByteOffset[rows.First]);
    }

    /// <summary>Where to go on: the target's batch, and its rows that are left; null: all. The last committed batch tells which rows it turned round.</summary>
    async Task<(int Batch, LedgerRows? Left)> ToGoOnAsync(Import import, Import target, CancellationToken cancellationToken)
    {
        if (import.NextBatch == 0)
            return (BatchesOf(target) - 1, null);
        var last = await LedgerAsync(imports, import, import.NextBatch - 1, cancellationToken);
        var of = last.Revert?.TargetBatch ?? throw new InvalidOperationException("An undo's ledger does not tell what it turned round.");
        var ledger = await LedgerAsync(imports, target, of, cancellationToken);
        var left = default(LedgerRows);
        if (last.Count > 0)
        {
            var taken = new LedgerRows(Array.BinarySearch(ledger.RowNumber, last.RowNumber[0]), Array.BinarySearch(ledger.RowNumber, last.RowNumber[^1]) + 1);
            left = RevertParts.Rest(ledger.AllRows, taken, target.Kind.Reverts());
        }
        // The last part of all ends the undo: this one has more to do, if only that.
        return of == 0 || Enumerable.Range(left.First, left.Count).Any(ledger.HasWritten) ? (of, left) : (of - 1, null);
    }

    /// <summary>An import that ended before its first batch is undone by one empty batch.</summary>
    public static int BatchesOf(Import target) => Math.Max(1, target.NextBatch);

    public static async Task<Import> TargetAsync(IImportStore imports, Import import, CancellationToken cancellationToken) =>
        await imports.GetAsync(import.AccountId, import.TargetId ?? Guid.Empty, cancellationToken)
            ?? throw new SourceException(ErrorCode.UndoExpired, ErrorCode.UndoExpired.Message());

    /// <exception cref="SourceException">The ledger is no longer kept.</exception>
    public static async Task<LedgerBatch> LedgerAsync(IImportStore imports, Import target, int batch, CancellationToken cancellationToken)
    {
        if (target.NextBatch == 0)
            return LedgerBatch.Empty;
        await foreach (var (number, blob) in imports.LedgerAsync(target.AccountId, target.Id, batch, cancellationToken))
        {
            if (number == batch)
                return Ledger.Decode(blob);
            break;
        }
        throw new SourceException(ErrorCode.UndoExpired, ErrorCode.UndoExpired.Message());
    }

    public static RevertRules RulesOf(Import import, Import target)
    {
        var columns = new Dictionary<int, int>();
        foreach (var column in target.Mapping)
        {
            if (!FieldTarget.TryParse(column.Field, out var field))
                continue;
            if (field.Kind == TargetKind.BuiltIn)
                columns.TryAdd((int)field.BuiltIn, column.Index);
            else if (column.FieldId is { } id)
                columns.TryAdd(FieldChange.CustomFieldBase + id, column.Index);
        }
        BuiltInField[] keys = [.. ImportChoices.KindsOf(target.Options.Match ?? "email").Select(FieldOf), BuiltInField.ExternalId, BuiltInField.Email, BuiltInField.Phone];
        return new(target.Id, keys, import.Options.OnConflict == "force", import.Options.AllowResubscribe == true, field => columns.GetValueOrDefault(field, -1));
    }

    static BuiltInField FieldOf(KeyKind kind) => kind switch
    {
        KeyKind.Phone => BuiltInField.Phone,
        KeyKind.Email => BuiltInField.Email,
        _ => BuiltInField.ExternalId,
    };
}
