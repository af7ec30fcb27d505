using Muster.Contacts;
using Muster.Mapping;
using Muster.Merging;
using Muster.Sources;
using Muster.Storage;

namespace Muster.Jobs;

/// <summary>Runs an undo or redo: its target's batches from the last to the first, one of its own for each, so that a broken off run goes on behind the last committed one.</summary>
/// <remarks>Two deciders: one is written from while the other looks ahead.</remarks>
public sealed class RevertPipeline(IImportStore imports, IContactStore contacts, ImportSignals signals, TimeProvider time)
{
    /// <summary>Runs a claimed undo or redo until it ends, is stopped from outside, or <paramref name="stop"/> asks for a pause between two batches.</summary>
    /// <exception cref="SourceException">The target's ledger is no longer kept: the undo has failed.</exception>
    public async Task RunAsync(Import import, ImportLease lease, CancellationToken stop)
    {
        var target = await TargetAsync(imports, import, stop);
        var rules = RulesOf(import, target);
        var (decider, free) = (new RevertDecider(rules), new RevertDecider(rules));
        var batches = BatchesOf(target);
        var ahead = Task.Run(() => LedgerAsync(imports, target, batches - 1 - import.NextBatch, stop), CancellationToken.None);
        try
        {
            for (var number = import.NextBatch; number < batches; number++)
            {
                stop.ThrowIfCancellationRequested();
                var of = batches - 1 - number;
                var ledger = await ahead;
                if (decider.Meets(free))
                    decider.DecidedAt = null; // by a state that the batch before has changed
                // One core looks at the next batch while the other writes this one.
                var next = free;
                if (of > 0)
                    ahead = Task.Run(() => LookAheadAsync(target, of - 1, next, ledger, stop), CancellationToken.None);
                var done = of == 0 || ledger.Count == 0 ? target.Source.BytesToRead : Math.Max(0, target.Source.BytesToRead - ledger.ByteOffset[0]);
                var batch = new RevertBatch(
                    lease, number, target.Id, of, ledger, time.GetUtcNow(), done, of == 0 ? new(ImportStatus.Completed, null) : null);
                var result = await contacts.RevertAsync(batch, decider, CancellationToken.None);
                signals.Changed(import.Id);
                if (result is BatchResult.Stopped)
                    return;
                (decider, free) = (free, decider);
            }
        }
        finally
        {
            await ahead.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        signals.Changed(target.Id);
        if (target.TargetId is { } original)
            signals.Changed(original);
    }

    /// <summary>Reads a batch's ledger and decides about it, for as long as nothing else is written; the store judges that.</summary>
    /// <param name="written">The ledger that is being turned round meanwhile. Lists, tags and fields that it brings back must be there first.</param>
    async Task<LedgerBatch> LookAheadAsync(Import target, int batch, RevertDecider decider, LedgerBatch written, CancellationToken cancellationToken)
    {
        var ledger = await LedgerAsync(imports, target, batch, cancellationToken);
        decider.DecidedAt = null;
        if (written.Revert is not { Names.Count: > 0 } && ledger.Revert is not { Names.Count: > 0 })
            await contacts.PreviewRevertAsync(target.AccountId, batch, ledger, decider, cancellationToken);
        return ledger;
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
