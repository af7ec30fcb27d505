using Muster.Merging;

namespace Muster.Jobs;

/// <summary>Goes through a batch of a ledger that is turned round: whole, or, when its contacts have become too much to hold at once, in parts from its last row to its first.</summary>
static class RevertParts
{
    /// <summary>The parts that were taken, in that order.</summary>
    /// <param name="end">Behind the last row that is left.</param>
    /// <param name="take">Takes a part and tells how many of its last rows fit: all, when it was taken.</param>
    public static async IAsyncEnumerable<LedgerRows> GoAsync(int end, Func<LedgerRows, Task<int>> take)
    {
        do
        {
            var rows = new LedgerRows(0, end);
            for (var fit = await take(rows); fit < rows.Count; fit = await take(rows))
            {
                if (fit < 1)
                    throw new InvalidOperationException($"A part of {rows.Count} rows cannot be cut to its last {fit}.");
                rows = new(end - fit, end);
            }
            yield return rows;
            end = rows.First;
        }
        while (end > 0);
    }
}
