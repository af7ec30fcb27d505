using System.Globalization;
using Muster.Client;
using Muster.Reports;

namespace Muster.Server.Api;

/// <summary><c>?cursor=&amp;limit=</c> as every list takes it.</summary>
sealed record Paging(string? Cursor, int Limit)
{
    public const int LimitDefault = 100;
    public const int LimitMax = 1_000;
    const int CursorLengthMax = 512;

    /// <summary>Reads the query; refuses what is no page.</summary>
    public static Paging Of(string? cursor, string? limit)
    {
        if (cursor is { Length: > CursorLengthMax })
            throw BadCursor();
        if (string.IsNullOrEmpty(limit))
            return new(Blank(cursor), LimitDefault);
        if (!int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var items) || items is < 1 or > LimitMax)
            throw new RefusedException(Refusal.BadParameter("limit", $"write a whole number from 1 to {LimitMax}."));
        return new(Blank(cursor), items);
    }

    public static RefusedException BadCursor() => new(Refusal.BadParameter("cursor", "send next_cursor of the page before, as it was."));

    /// <summary>The cursor as a number; 0 on the first page.</summary>
    public long CursorNumber() => Cursor is null ? 0
        : long.TryParse(Cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw BadCursor();

    /// <summary>A page from a store, which alone can read its cursors.</summary>
    public async Task<Storage.Page<T>> OfStoreAsync<T>(Func<string?, int, Task<Storage.Page<T>>> pageAt)
    {
        try
        {
            return await pageAt(Cursor, Limit);
        }
        catch (ArgumentException) when (Cursor is not null)
        {
            throw BadCursor();
        }
    }

    /// <summary>A page of an import's ledger. Reads on until it is full and one entry more is seen, or none is.</summary>
    /// <param name="entries">From <see cref="CursorPlace"/> on.</param>
    /// <param name="next">Where a page that ends with this entry goes on.</param>
    public async Task<Page<TItem>> OfLedgerAsync<TEntry, TItem>(IAsyncEnumerable<TEntry> entries, Func<TEntry, LedgerPlace> next, Func<TEntry, TItem> wire)
    {
        var items = new List<TItem>();
        var end = default(LedgerPlace);
        await foreach (var entry in entries)
        {
            if (items.Count == Limit)
                return new(items, end.ToCursor());
            items.Add(wire(entry));
            end = next(entry);
        }
        return new(items, null);
    }

    /// <summary>The cursor as a place in a ledger; null on the first page.</summary>
    public LedgerPlace? CursorPlace()
    {
        try
        {
            return LedgerPlace.Read(Cursor);
        }
        catch (ArgumentException)
        {
            throw BadCursor();
        }
    }

    /// <summary>One page of what is held whole: lists, tags, fields and keys of one account are few.</summary>
    public Page<TItem> Slice<T, TItem>(IEnumerable<T> all, Func<T, int> idOf, Func<T, TItem> wire)
    {
        var after = CursorNumber();
        var items = all.Where(t => idOf(t) > after).OrderBy(idOf).Take(Limit + 1).ToList();
        var more = items.Count > Limit;
        if (more)
            items.RemoveAt(Limit);
        return new([.. items.Select(wire)], more ? idOf(items[^1]).ToString(CultureInfo.InvariantCulture) : null);
    }

    static string? Blank(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
