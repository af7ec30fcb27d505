using Muster.Client;

namespace Muster.Cli;

/// <summary>A list that comes in pages, read to its end.</summary>
static class AllPages
{
    const int PageSize = 1_000;

    /// <param name="pageAt">The page behind a cursor (null: the first), of at most so many items.</param>
    public static async Task<IReadOnlyList<T>> ReadAsync<T>(Func<string?, int, CancellationToken, Task<Page<T>>> pageAt, CancellationToken cancellationToken)
    {
        var all = new List<T>();
        string? cursor = null;
        do
        {
            var page = await pageAt(cursor, PageSize, cancellationToken);
            all.AddRange(page.Items);
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        return all;
    }
}
