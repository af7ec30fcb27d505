using Muster.Merging;

namespace Muster.Jobs;

/// <summary>Goes through a batch of a ledger that is turned round: whole, or, when its contacts have become too much to hold at once, in parts.</summary>
/// <remarks>An undo goes from the last row to the first, and its redo, which turns that round, from the first to the last.</remarks>
static class RevertParts
{
    /// <summary>The parts that were taken, in that order.</summary>
    /// <param name="left">The rows that are to be taken. None of them: one empty part.</param>
    /// <param name="take">Takes a part and tells how many of its rows fit, from where it begins: all, when it was taken.</param>
    public static async IAsyncEnumerable<LedgerRows> GoAsync(LedgerRows left, bool forward, Func<LedgerRows, Task<int>> take)
    {
        do
        {
            var rows = left;
            for (var fit = await take(rows); fit < rows.Count; fit = await take(rows))
            {
                if (fit < 1)
                    throw new InvalidOperationException($"A part of {rows.Count} rows cannot be cut to {fit}.");
                rows = forward ? new(rows.First, rows.First + fit) : new(rows.End - fit, rows.End);
            }
            yield return rows;
            left = Rest(left, rows, forward);
        }
        while (left.Count > 0);
    }

    /// <summary>What is left when a part has been taken.</summary>
    public static LedgerRows Rest(LedgerRows left, LedgerRows taken, bool forward) => forward ? new(taken.End, left.End) : new(left.First, taken.First);
}
