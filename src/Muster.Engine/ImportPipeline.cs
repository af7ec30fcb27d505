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
/// Reading and checking, hashing and sorting keys, and writing are done at once, each for a block of its own, and share <see cref="Blocks"/> blocks: as many as there mostly are cores,
/// so that memory is the product of two constants.
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
        if (await GoThroughAsync(import, lease, stop) is not { } found || import.Phase != ImportPhase.Checking)
            return;
        // All or nothing: the whole source has been checked, and nothing written.
        if (found.Rejected > import.RejectsAllowed)
            await imports.FinishAsync(lease, ImportStatus.Failed, AtomicEnding.OfCheck(import, found), CancellationToken.None);
        else if (await imports.BeginWritingAsync(lease, CancellationToken.None) is { } checkedImport)
            await GoThroughAsync(checkedImport, lease, stop);
        signals.Changed(lease.ImportId);
    }

    /// <summary>One way through the source, or through what is left of it.</summary>
    /// <returns>The counts of all of it; null when it was broken off before its end.</returns>
    async Task<ImportCounts?> GoThroughAsync(Import import, ImportLease lease, CancellationToken stop)
    {
        using var source = SourceOpening.Open(import, spool, settings);
        var plan = await ImportPlan.PrepareAsync(import, lease, imports, contacts, settings, stop);
        using var lastRows = plan.LastRowCounts ? LastRows(import, plan, stop) : null;
        // Two sets share the memory that one may take.
        using var accepted = new AcceptedKeys(DedupeMemory(lastRows is null ? 1 : 2), settings.ScratchFolder);
        var decider = new RowDecider(plan.Merge, accepted, lastRows, contacts.KeySeed(import.AccountId)) { OnlyPlans = import.OnlyPlans };
        var blocks = new BlockReader(source, new RowChecker(plan.Rows), contacts.KeySeed(import.AccountId));

        await PassCommittedAsync(import, plan, blocks, decider, stop);

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var filled = Channel.CreateBounded<Task<RowBlock>>(Blocks);
        var empty = Channel.CreateUnbounded<RowBlock>();
        for (var i = 0; i < Blocks; i++)
            empty.Writer.TryWrite(new(plan.Rows.CustomFields));

        var sizes = await PlanFollowing.SizesAsync(imports, import, stop);
        var reading = Task.Run(() => ReadAsync(blocks, import.NextBatch, sizes, empty.Reader, filled.Writer, ended.Token), CancellationToken.None);
        try
        {
            return await WriteAsync(import, lease, plan, decider, JudgeOf(import, plan), filled.Reader, empty.Writer, stop);
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
                blocks.Hash(rows);
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
            blocks.Hash(rows);
            if (rows.Count != ledger.Count || (rows.Count > 0 && rows.RowNumber[rows.Count - 1] != ledger.RowNumber[^1]))
                throw new SourceException(ErrorCode.SourceUnreadable, $"The source no longer reads as it did when batch {number} was written.");
            decider.Remember(rows, ledger);
        }
    }

    /// <summary>Fills blocks until the source ends. Their keys are looked to while the next one is filled.</summary>
    /// <param name="sizes">Of an apply: the rows of its plan's batches. Empty for others.</param>
    async Task ReadAsync(BlockReader blocks, int firstBatch, IReadOnlyList<int> sizes, ChannelReader<RowBlock> empty, ChannelWriter<Task<RowBlock>> filled, CancellationToken ended)
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
                await filled.WriteAsync(Task.Run(() => WithKeys(blocks, rows), CancellationToken.None), ended);
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

    static RowBlock WithKeys(BlockReader blocks, RowBlock rows)
    {
        blocks.Hash(rows);
        rows.SortKeys();
        return rows;
    }

    /// <summary>Who lets batches pass. What a person has applied a plan of goes in as it is.</summary>
    static IBatchJudge? JudgeOf(Import import, ImportPlan plan) => import switch
    {
        { IsAllOrNothing: true } => new AtomicJudge(import),
        { Kind: ImportKind.Plan } => new HoldJudge(import, plan.Rows.Columns, import.Options.Atomic == true ? import.RejectsAllowed : import.Options.MaxRejects ?? -1) { OnlyFlags = true },
        { Phase: ImportPhase.Checking } => new HoldJudge(import, plan.Rows.Columns, rejectsMax: -1) { FailsBeyond = import.RejectsAllowed },
        { Kind: ImportKind.Import } => new HoldJudge(import, plan.Rows.Columns, import.Options.MaxRejects ?? -1),
        _ => null,
    };

    /// <summary>Writes block after block, as long as the judge lets them pass.</summary>
    async Task<ImportCounts?> WriteAsync(Import import, ImportLease lease, ImportPlan plan, RowDecider decider, IBatchJudge? judge, ChannelReader<Task<RowBlock>> filled, ChannelWriter<RowBlock> empty, CancellationToken stop)
    {
        ImportCounts? all = null;
        var number = import.NextBatch;
        await foreach (var withKeys in filled.ReadAllAsync(stop))
        {
            var block = await withKeys;
            if (number == import.NextBatch && block.Count > 0)
                decider.Foresee(RowsForeseen(import.Source, block));
            if (import is { Kind: ImportKind.Apply, TargetId: { } planned })
                decider.Follow(await PlanFollowing.BatchAsync(imports, import.AccountId, planned, number, stop), import.Options.OnConflict == "replan");
            await foreach (var (rows, _, result) in BlockParts.WriteAsync(block, (rows, _) => contacts.WriteAsync(BatchOf(rows), decider, CancellationToken.None)))
            {
                if (result is BatchResult.Refused { Verdict: var verdict })
                    await EndEarlyAsync(BatchOf(rows), decider, judge, verdict);
                signals.Changed(lease.ImportId);
                if (result is not BatchResult.Committed committed)
                    return null;
                all = rows.IsLast ? committed.Total : null;
                number++;
                judge?.Keep();
            }
            empty.TryWrite(block);
        }
        return all;

        ContactBatch BatchOf(RowBlock rows)
        {
            rows.BatchNumber = number;
            // A check has its end once it is known what it found.
            var end = rows.IsLast && import.Phase != ImportPhase.Checking ? new BatchEnd(import.Kind == ImportKind.Plan ? ImportStatus.Planned : ImportStatus.Completed, null) : null;
            return new(lease, rows, time.GetUtcNow(), plan.ListIds, plan.TagIds, end)
            {
                Judge = judge,
                ListMembersMax = import.Options.ListMembersMax,
                PlannedNames = plan.PlannedNames,
                // The batches of an apply are those of its plan, which were small enough.
                MatchedBytesMax = import.Kind == ImportKind.Apply ? long.MaxValue : settings.BatchBytesMax,
            };
        }
    }

    /// <summary>The judge would not have the batch: the import is held for a person at the checkpoint before it, or fails behind the row that was one reject too many, or is taken back wholly.</summary>
    async Task EndEarlyAsync(ContactBatch batch, RowDecider decider, IBatchJudge? judge, BatchVerdict verdict)
    {
        if (judge is AtomicJudge { Broken: var broken })
        {
            await imports.FinishAsync(batch.Lease, ImportStatus.Failed, AtomicEnding.OfWriting(broken), CancellationToken.None);
            signals.Queued(); // its undo
            return;
        }
        if (verdict.Cut < 0)
        {
            await imports.HoldAsync(batch.Lease, verdict.Hold, CancellationToken.None);
            return;
        }
        batch.Rows.Truncate(verdict.Cut);
        var failure = new ImportFailure(ErrorCode.TooManyRejects, ErrorCode.TooManyRejects.Message());
        await contacts.WriteAsync(batch with { End = new(ImportStatus.Failed, failure), Judge = null }, decider, CancellationToken.None);
    }

    /// <summary>The source's rows, were all as long as those of the block. A packed source has more.</summary>
    static long RowsForeseen(ImportSource source, RowBlock rows) =>
        (source.TextBytes ?? source.Bytes) * rows.Count / Math.Max(1, rows.EndOffset - rows.ByteOffset[0]);

    /// <summary>Batches begin small, so that the first result shows at once and a bad file is known early, and shrink while others wait for the store.</summary>
    int BatchRows(int batch)
    {
        var rows = batch >= 8 ? settings.BatchRowsMax : Math.Min(settings.BatchRowsMax, 1_000 << (2 * Math.Min(batch, 8)));
        return contacts.OthersWait ? Math.Max(1, Math.Min(rows, 2_000)) : rows;
    }
}
