using Muster.Contacts;
using Muster.Storage;

namespace Muster.Jobs;

/// <summary>Writes a block of rows as one batch; or, when the contacts that it matches are too much to hold at once, as several, each as large as it may be.</summary>
static class BlockParts
{
    /// <summary>What became of each part, in order of row, up to the first that was not committed.</summary>
    /// <param name="write">Writes a part that begins at this row of the block.</param>
    public static async IAsyncEnumerable<(RowBlock Part, int Start, BatchResult Result)> WriteAsync(RowBlock block, Func<RowBlock, int, Task<BatchResult>> write)
    {
        var waiting = new Stack<(RowBlock Rows, int Start)>();
        waiting.Push((block, 0));
        while (waiting.TryPop(out var next))
        {
            var (rows, start) = next;
            var result = await write(rows, start);
            if (result is BatchResult.TooLarge { RowsThatFit: var fit })
            {
                if (fit < 1 || fit >= rows.Count)
                    throw new InvalidOperationException($"A batch of {rows.Count} rows cannot be cut behind {fit}.");
                waiting.Push((rows.Part(fit, rows.Count - fit), start + fit));
                waiting.Push((rows.Part(0, fit), start));
                continue;
            }
            yield return (rows, start, result);
            if (result is not BatchResult.Committed)
                yield break;
        }
    }
}
