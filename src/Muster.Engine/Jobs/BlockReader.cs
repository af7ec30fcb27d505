using Muster.Contacts;
using Muster.Formats;
using Muster.Merging;
using Muster.Validation;

namespace Muster.Jobs;

/// <summary>Cuts a source into blocks of checked rows with hashed, sorted keys: all that is done before the store's turn.</summary>
public sealed class BlockReader(RowReader reader, RowChecker checker, KeyHashSeed seed)
{
    bool recordWaits;
    // Of the block before; 0 before the first.
    double textBytesPerRow;

    /// <summary>Fills the block with the source's next rows.</summary>
    /// <param name="rowsMax">Rows in the block, unless the source ends or text and cells reach <paramref name="bytesMax"/> before.</param>
    /// <param name="skip">The block only passes rows that are committed already: it may have more than <paramref name="bytesMax"/>.</param>
    public void Read(RowBlock rows, int rowsMax, int bytesMax, bool skip, CancellationToken cancellationToken)
    {
        rows.Clear();
        if (textBytesPerRow > 0)
            Expect(rows, rowsMax, bytesMax);
        while (true)
        {
            if (!recordWaits && !reader.Read())
            {
                rows.IsLast = true;
                break;
            }
            recordWaits = rows.Count >= rowsMax || (rows.Bytes >= bytesMax && !skip);
            if (recordWaits)
                break;
            checker.Check(reader, rows);
            if ((rows.Count & 0xFFF) == 0)
                cancellationToken.ThrowIfCancellationRequested();
        }
        if (rows.Count > 0)
            textBytesPerRow = (double)rows.TextLength / rows.Count;
        rows.EndOffset = rows.IsLast || rows.Count == 0 ? reader.BytesRead : rows.ByteOffset[rows.Count - 1] + rows.ByteLength[rows.Count - 1];
    }

    /// <summary>Hashes the block's keys; rows without the key that they are matched by are rejected. While one block's keys are hashed, the next one may be read.</summary>
    public void Hash(RowBlock rows) => KeyText.HashAll(rows, checker.Rules.Match, seed, kinds: checker.Rules.MatchKinds);

    /// <summary>A source that filled a block mostly fills the next, with rows like those before.</summary>
    void Expect(RowBlock rows, int rowsMax, int bytesMax)
    {
        var count = Math.Min(rowsMax, bytesMax / rows.CellBytesPerRow + 1L);
        rows.EnsureRows((int)count);
        rows.EnsureText((int)Math.Min(count * textBytesPerRow, bytesMax));
    }
}
