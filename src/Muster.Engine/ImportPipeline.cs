using System.Threading.Channels;
using Muster.Contacts;
using Muster.Formats;
using Muster.Jobs;
using Muster.Merging;
using Muster.Sources;
using Muster.Storage;
using Muster.Validation;

namespace Muster;

/// <summary>The way of one import's data: source → format → mapping → validation → merging → storage with its ledger.</summary>
/// <remarks>
/// One core reads, checks and sorts; the other writes. They share <see cref="Blocks"/> blocks, so memory is the product of two constants.
/// Whatever ends a run early — a crash, a stop, a pause — the next run goes on behind the last committed batch, with the same answers.
/// </remarks>
public sealed class ImportPipeline(MusterSettings settings, Spool spool, IImportStore imports, IContactStore contacts, ImportSignals signals, TimeProvider time)
{
    const int Blocks = 2;

    /// <summary>Runs a claimed import until it ends, is stopped from outside, or <paramref name="stop"/> asks for a pause between two batches.</summary>
    /// <exception cref="SourceException">The source is gone or cannot be read: the import has failed.</exception>
    /// <exception cref="StoreFullException">The disk is full: the import can go on later.</exception>
    public async Task RunAsync(Import import, ImportLease lease, CancellationToken stop)
    {
        using var source = SourceOpening.Open(import, spool, settings);
        var plan = await ImportPlan.PrepareAsync(import, lease, imports, contacts, settings, stop);
        using var lastRows = plan.LastRowCounts ? LastRows(import, plan, stop) : null;
        // Two sets share the memory that one may take.
        using var accepted = new AcceptedKeys(DedupeMemory(lastRows is null ? 1 : 2), settings.ScratchFolder);
        var decider = new RowDecider(plan.Merge, accepted, lastRows);
        var blocks = new BlockReader(source, new RowChecker(plan.Rows), contacts.KeySeed(import.AccountId));

        await PassCommittedAsync(import, plan, blocks, decider, stop);

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var filled = Channel.CreateBounded<RowBlock>(Blocks);
        var empty = Channel.CreateUnbounded<RowBlock>();
        for (var i = 0; i < Blocks; i++)
            empty.Writer.TryWrite(new(plan.Rows.CustomFields));

        var sizes = await PlanFollowing.SizesAsync(imports, import, stop);
        var reading = Task.Run(() => ReadAsync(blocks, import.NextBatch, sizes, empty.Reader, filled.Writer, ended.Token), CancellationToken.None);
        try
        {
            var judge = new HoldJudge(import, plan.Rows.Columns, import.Options.MaxRejects ?? -1);
            await WriteAsync(import, lease, plan, decider, judge, filled.Reader, empty.Writer, stop);
        }
        finally
        {
            await ended.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Where the last row of a key counts: a pass over the source that only looks at keys.</summary>
    AcceptedKeys LastRows(Import import, ImportPlan plan, CancellationToken stop)
    {
        var last = new AcceptedKeys(DedupeMemory(2), settings.ScratchFolder);
        try
        {
            using var source = SourceOpening.Open(import, spool, settings);
            var blocks = new BlockReader(source, new RowChecker(plan.Rows), contacts.KeySeed(import.AccountId));
            var rows = new RowBlock(plan.Rows.CustomFields);
            do
            {
                blocks.Read(rows, settings.BatchRowsMax, settings.BatchBytesMax, skip: true, stop);
                RowDecider.NoteLast(rows, plan.Rows.MatchKinds, last);
            }
            while (!rows.IsLast);
            return last;
        }
        catch
        {
            last.Dispose();
            throw;
        }
    }

    long DedupeMemory(int sets) => Math.Max(settings.DedupeMemory / sets, AcceptedKeys.SmallestMemoryBytesMax);

    /// <summary>After a crash: reads what is committed once more, to know which keys the file has used and where to go on.</summary>
    async Task PassCommittedAsync(Import import, ImportPlan plan, BlockReader blocks, RowDecider decider, CancellationToken stop)
    {
        if (import.NextBatch == 0)
            return;
        var rows = new RowBlock(plan.Rows.CustomFields);
        await foreach (var (number, blob) in imports.LedgerAsync(import.AccountId, import.Id, fromBatch: 0, stop))
        {
            var ledger = Ledger.Decode(blob);
            blocks.Read(rows, ledger.Count, int.MaxValue, skip: true, stop);
            if (rows.Count != ledger.Count || (rows.Count > 0 && rows.RowNumber[rows.Count - 1] != ledger.RowNumber[^1]))
                throw new SourceException(ErrorCode.SourceUnreadable, $"The source no longer reads as it did when batch {number} was written.");
            decider.Remember(rows, ledger);
        }
    }

    /// <summary>One core: fills blocks until the source ends.</summary>
    /// <param name="sizes">Of an apply: the rows of its plan's batches. Empty for others.</param>
    async Task ReadAsync(BlockReader blocks, int firstBatch, IReadOnlyList<int> sizes, ChannelReader<RowBlock> empty, ChannelWriter<RowBlock> filled, CancellationToken ended)
    {
        try
        {
            for (var batch = firstBatch; ; batch++)
            {
                var rows = await empty.ReadAsync(ended);
                if (batch < sizes.Count)
                    blocks.Read(rows, sizes[batch], int.MaxValue, skip: false, ended);
                else
                    blocks.Read(rows, BatchRows(batch - firstBatch), settings.BatchBytesMax, skip: false, ended);
                var last = rows.IsLast;
                await filled.WriteAsync(rows, ended);
                if (last)
                    break;
            }
            filled.Complete();
        }
        catch (Exception e)
        {
            filled.Complete(e); // thrown where the blocks are awaited
        }
    }

    /// <summary>The other core: writes block after block, as long as the judge lets them pass.</summary>
    async Task WriteAsync(Import import, ImportLease lease, ImportPlan plan, RowDecider decider, HoldJudge judge, ChannelReader<RowBlock> filled, ChannelWriter<RowBlock> empty, CancellationToken stop)
    {
        // A plan writes nothing that a person would have to stop, and what it was approved for goes in as it is.
        var judged = import.Kind == ImportKind.Import;
        var number = import.NextBatch;
        await foreach (var block in filled.ReadAllAsync(stop))
        {
            if (import is { Kind: ImportKind.Apply, TargetId: { } planned })
                decider.Follow(await PlanFollowing.BatchAsync(imports, import.AccountId, planned, number, stop), import.Options.OnConflict == "replan");
            await foreach (var (rows, _, result) in BlockParts.WriteAsync(block, (rows, _) => contacts.WriteAsync(BatchOf(rows), decider, CancellationToken.None)))
            {
                if (result is BatchResult.Refused { Verdict: var verdict })
                    await EndEarlyAsync(lease, BatchOf(rows), decider, verdict);
                signals.Changed(lease.ImportId);
                if (result is not BatchResult.Committed)
                    return;
                number++;
                if (judged)
                    judge.Keep();
            }
            empty.TryWrite(block);
        }

        ContactBatch BatchOf(RowBlock rows)
        {
            rows.BatchNumber = number;
            var end = rows.IsLast ? new BatchEnd(import.Kind == ImportKind.Plan ? ImportStatus.Planned : ImportStatus.Completed, null) : null;
            return new(lease, rows, time.GetUtcNow(), plan.ListIds, plan.TagIds, end)
            {
                Judge = judged ? judge : null,
                ListMembersMax = import.Options.ListMembersMax,
                // The batches of an apply are those of its plan, which were small enough.
                MatchedBytesMax = import.Kind == ImportKind.Apply ? long.MaxValue : settings.BatchBytesMax,
            };
        }
    }

    /// <summary>The judge would not have the batch: the import is held for a person at the checkpoint before it, or fails behind the row that was one reject too many.</summary>
    async Task EndEarlyAsync(ImportLease lease, ContactBatch batch, RowDecider decider, BatchVerdict verdict)
    {
        if (verdict.Cut < 0)
        {
            await imports.HoldAsync(lease, verdict.Hold, CancellationToken.None);
            return;
        }
        batch.Rows.Truncate(verdict.Cut);
        var failure = new ImportFailure(ErrorCode.TooManyRejects, ErrorCode.TooManyRejects.Message());
        await contacts.WriteAsync(batch with { End = new(ImportStatus.Failed, failure), Judge = null }, decider, CancellationToken.None);
    }

    /// <summary>Batches begin small, so that the first result shows at once and a bad file is known early, and shrink while others wait for the store.</summary>
    int BatchRows(int batch)
    {
        var rows = batch >= 8 ? settings.BatchRowsMax : Math.Min(settings.BatchRowsMax, 1_000 << (2 * Math.Min(batch, 8)));
        return contacts.OthersWait ? Math.Max(1, Math.Min(rows, 2_000)) : rows;
    }
}
