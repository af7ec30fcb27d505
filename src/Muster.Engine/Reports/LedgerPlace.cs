using Muster.Storage;

namespace Muster.Reports;

/// <summary>A place in an import's ledger, from which a page goes on without looking at the batches before it. Committed batches never move, so it stays good while the import runs.</summary>
/// <param name="Index">Of a row of the batch, or of one of its findings: whatever the page is of.</param>
public readonly record struct LedgerPlace(int Batch, int Index)
{
    public string ToCursor() => Cursor.Of(((long)Batch << 32) | (uint)Index);

    /// <summary>Null for no cursor: the beginning.</summary>
    /// <exception cref="ArgumentException">The text is none that <see cref="ToCursor"/> made.</exception>
    public static LedgerPlace? Read(string? cursor)
    {
        if (cursor is null)
            return null;
        var key = Cursor.Read(cursor, 0);
        return (int)key >= 0 ? new((int)(key >> 32), (int)key) : throw new ArgumentException("The cursor is not one that an earlier page ended with.", nameof(cursor));
    }
}
