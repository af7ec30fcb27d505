using System.Runtime.CompilerServices;
using System.Text;
using Muster.Contacts;
using Muster.Merging;
using Muster.Reports;
using Muster.Sources;
using Muster.Storage;
using Muster.Validation;

namespace Muster.Jobs;

/// <summary>Tells field by field what an import changed, or a plan would: the value before from the ledger, the value after from the row itself.</summary>
/// <remarks>
/// After-values are read again from the kept source, by the frozen mapping and options, at the places that the ledger names (docs/decisions/0013). Those of an
/// undo or redo stand in the ledger that it turned round. One batch's ledger and one row are held at a time.
/// </remarks>
public sealed class ImportChanges(MusterSettings settings, Spool spool, IImportStore imports, IContactStore contacts)
{
    /// <summary>Why the changes cannot be told any more, or None.</summary>
    public async Task<ErrorCode> RefuseAsync(Import import, CancellationToken cancellationToken)
    {
        if (import.LedgerExpiredAt is not null)
            return ErrorCode.LedgerExpired;
        if (import.NextBatch == 0)
            return ErrorCode.None;
        if (await imports.BatchAsync(import.AccountId, import.Id, 0, cancellationToken) is null)
            return ErrorCode.LedgerExpired;
        if (!import.Kind.Reverts())
            return spool.Exists(import.Source.Spool) ? ErrorCode.None : ErrorCode.SourceExpired;
        return await imports.GetAsync(import.AccountId, import.TargetId ?? Guid.Empty, cancellationToken) is { } target
            && (target.NextBatch == 0 || await imports.BatchAsync(import.AccountId, target.Id, 0, cancellationToken) is not null) ? ErrorCode.None : ErrorCode.LedgerExpired;
    }

    /// <summary>Changes in order of row. A caller who asked <see cref="RefuseAsync"/> gets all of them.</summary>
    /// <param name="fromBatch">Where to begin, with <paramref name="fromRow"/>: as an earlier change told it. −1: at the first.</param>
    /// <exception cref="SourceException">The source is not what it was.</exception>
    public IAsyncEnumerable<RowChange> ReadAsync(Import import, int fromBatch, long fromRow, CancellationToken cancellationToken) =>
        import.Kind.Reverts() ? TurnedRoundAsync(import, fromBatch, fromRow, cancellationToken) : WrittenAsync(import, fromBatch, fromRow, cancellationToken);

    async IAsyncEnumerable<RowChange> WrittenAsync(Import import, int fromBatch, long fromRow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (import.NextBatch == 0)
            yield break;
        var names = await ChangeNames.ReadAsync(import, import, imports, contacts, cancellationToken);
        var plan = await ImportPlan.AgainAsync(import, await contacts.FieldsAsync(import.AccountId, cancellationToken));
        var after = new AfterValues(plan.Merge);
        using var source = new RowsAgain(SourceOpening.Open(import, spool, settings), new RowChecker(plan.Rows));
        await foreach (var (batch, blob) in imports.LedgerAsync(import.AccountId, import.Id, Math.Max(0, fromBatch), cancellationToken))
        {
            var ledger = Ledger.Decode(blob);
            names.Take(ledger.PlannedNames);
            var removed = Removals.Of(ledger.MembersRemoved, ledger.TagsRemoved);
            for (var row = 0; row < ledger.Count; row++)
            {
                if (ledger.RowNumber[row] < fromRow || ledger.Outcome[row] is not (Outcome.Created or Outcome.Updated) || ledger.ContactId[row] == 0)
                    continue;
                cancellationToken.ThrowIfCancellationRequested();
                foreach (var change in Of(import, batch, ledger, row, removed, source, after, names))
                    yield return change;
            }
        }
    }

    static List<RowChange> Of(Import import, int batch, LedgerBatch ledger, int row, Removals removed, RowsAgain source, AfterValues after, ChangeNames names)
    {
        var told = new List<RowChange>();
        var isNew = ledger.Outcome[row] == Outcome.Created;
        int? contact = isNew && import.Kind == ImportKind.Plan ? null : ledger.ContactId[row];
        void Tell(string field, string? was, string? now) =>
            told.Add(new(batch, ledger.RowNumber[row], contact, ledger.Outcome[row], isNew ? WriteAction.Created : WriteAction.Updated, field, was, now));

        var changes = LedgerChanges.Of(ledger.Changes);
        var first = changes.FirstOf(row);
        if (isNew || (first < changes.Count && changes.Row(first) == row))
            source.Read(ledger, row);
        if (isNew)
        {
            foreach (var (field, value) in after.OfNew(source.Rows))
                Tell(FieldWords.NameOf(field, names.Fields), null, FieldWords.Shown(field, value));
        }
        for (var i = first; i < changes.Count && changes.Row(i) == row; i++)
        {
            var field = changes.Field(i);
            var was = Before(changes, i);
            Tell(FieldWords.NameOf(field, names.Fields), FieldWords.Shown(field, was), FieldWords.Shown(field, after.Of(source.Rows, field, was)));
        }
        removed.Tell(row, names, Tell);
        TellAdded(ledger, row, names, Tell);
        return told;
    }

    async IAsyncEnumerable<RowChange> TurnedRoundAsync(Import import, int fromBatch, long fromRow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var names = await ChangeNames.ReadAsync(import, await OriginalAsync(import, cancellationToken), imports, contacts, cancellationToken);
        // An undo works from the last row to the first, and its redo through that from the last batch to the first.
        var (first, step) = import.Kind == ImportKind.Undo ? (import.NextBatch - 1, -1) : (0, 1);
        for (var number = fromBatch < 0 ? first : fromBatch; number >= 0 && number < import.NextBatch; number += step)
        {
            if (await imports.BatchAsync(import.AccountId, import.Id, number, cancellationToken) is not { } batch)
                yield break;
            var ledger = Ledger.Decode(batch.Ledger);
            if (ledger.Revert is not { } revert)
                continue;
            var turned = await imports.BatchAsync(import.AccountId, revert.Target, revert.TargetBatch, cancellationToken) is { } target ? Ledger.Decode(target.Ledger) : LedgerBatch.Empty;
            var removed = Removals.Of(revert.Members, revert.Tags);
            var keptOptOuts = ledger.Errors.Where(e => e.Code == ErrorCode.UndoOptOutKept).Select(e => e.Row).ToHashSet();
            for (var row = 0; row < ledger.Count; row++)
            {
                if (ledger.RowNumber[row] < fromRow || ledger.ContactId[row] == 0)
                    continue;
                cancellationToken.ThrowIfCancellationRequested();
                foreach (var change in OfTurned(number, ledger, revert.Fate[row], row, turned, removed, keptOptOuts, names))
                    yield return change;
            }
        }
    }

    /// <summary>A field holds again what it held before the row that is turned round; a contact that came back, what it held when it went.</summary>
    /// <param name="keptOptOuts">Rows whose consent did not become what it was before.</param>
    static List<RowChange> OfTurned(
        int batch, LedgerBatch ledger, RowFate fate, int row, LedgerBatch turned, Removals removed, HashSet<int> keptOptOuts, ChangeNames names)
    {
        var told = new List<RowChange>();
        var action = fate.HasFlag(RowFate.Removed) ? WriteAction.Removed : fate.HasFlag(RowFate.Restored) ? WriteAction.Restored : WriteAction.Updated;
        void Tell(string field, string? was, string? now) => told.Add(new(batch, ledger.RowNumber[row], ledger.ContactId[row], ledger.Outcome[row], action, field, was, now));

        var (changes, earlier) = (LedgerChanges.Of(ledger.Changes), LedgerChanges.Of(turned.Changes));
        var from = Array.BinarySearch(turned.RowNumber, ledger.RowNumber[row]);
        var firstEarlier = from < 0 ? earlier.Count : earlier.FirstOf(from);
        for (var i = firstEarlier; action == WriteAction.Restored && i < earlier.Count && earlier.Row(i) == from; i++)
            Tell(FieldWords.NameOf(earlier.Field(i), names.Fields), null, FieldWords.Shown(earlier.Field(i), Before(earlier, i)));
        for (var i = changes.FirstOf(row); i < changes.Count && changes.Row(i) == row; i++)
        {
            var field = changes.Field(i);
            string? now = null;
            for (var e = firstEarlier; action == WriteAction.Updated && e < earlier.Count && earlier.Row(e) == from; e++)
                now = earlier.Field(e) == field ? Before(earlier, e) : now;
            if (field == FieldChange.Consent && keptOptOuts.Contains(row)
                && ConsentJson.TryKeepOptOuts(changes.Before(i), Encoding.UTF8.GetBytes(now ?? ""), out var kept))
                now = Encoding.UTF8.GetString(kept);
            Tell(FieldWords.NameOf(field, names.Fields), FieldWords.Shown(field, Before(changes, i)), FieldWords.Shown(field, now));
        }
        removed.Tell(row, names, Tell);
        TellAdded(ledger, row, names, Tell);
        // By force a contact may stay where it is and be there by another import: nothing that a person would call a change.
        return told.FindAll(change => change.Field is not ("lists" or "tags") || !told.Exists(t => t.Field == change.Field && t.Before == change.After && t.After == change.Before));
    }

    /// <summary>By row of a batch: the lists and tags that its contact had, and has no more.</summary>
    sealed record Removals(ILookup<int, int> Lists, ILookup<int, int> Tags)
    {
        public static Removals Of(IReadOnlyList<RemovedMember> members, IReadOnlyList<RemovedTag> tags) => new(
            members.Where(static m => m.Status == (byte)ListStanding.Member).ToLookup(static m => m.Row, static m => m.List),
            tags.Where(static t => !t.IsRemoval).ToLookup(static t => t.Row, static t => t.Tag));

        public void Tell(int row, ChangeNames names, Action<string, string?, string?> tell)
        {
            foreach (var list in Lists[row].Order())
                tell("lists", names.List(list), null);
            foreach (var tag in Tags[row].Order())
                tell("tags", names.Tag(tag), null);
        }
    }

    static void TellAdded(LedgerBatch ledger, int row, ChangeNames names, Action<string, string?, string?> tell)
    {
        foreach (var (list, _) in ledger.MembersAdded.Where(m => BatchDecision.IsMarked(m.Value, row)).OrderBy(m => m.Key))
            tell("lists", null, names.List(list));
        foreach (var (tag, _) in ledger.TagsAdded.Where(t => BatchDecision.IsMarked(t.Value, row)).OrderBy(t => t.Key))
            tell("tags", null, names.Tag(tag));
    }

    static string? Before(LedgerChanges changes, int index) => changes.WasEmpty(index) ? null : Encoding.UTF8.GetString(changes.Before(index));

    /// <summary>The import that read a source, behind an undo, its redo, and so on.</summary>
    async Task<Import> OriginalAsync(Import import, CancellationToken cancellationToken)
    {
        while (import.Kind.Reverts() && import.TargetId is { } target && await imports.GetAsync(import.AccountId, target, cancellationToken) is { } before)
            import = before;
        return import;
    }
}
