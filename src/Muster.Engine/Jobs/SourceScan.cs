using Muster.Contacts;
using Muster.Formats;

namespace Muster.Jobs;

/// <summary>A bounded look at a source: the records of its beginning, then some at places spread over the rest.</summary>
/// <param name="Rows">Records that it looked at.</param>
/// <param name="Beginning">Those of them at the beginning.</param>
/// <param name="IsWhole">Whether these were all there are.</param>
/// <param name="IsSmall">Whether the source has at most <see cref="MusterSettings.SmallImportRows"/> records.</param>
sealed record SourceScan(int Rows, int Beginning, bool IsWhole, bool IsSmall)
{
    const int RowsPerPlace = 32;

    /// <summary>Runs over the source. The reader must stand before its first record, and stands anywhere afterwards.</summary>
    /// <param name="take">Told the reader, standing at a record, and whether row number and line are true rather than counted from a place in the middle.</param>
    public static SourceScan Run(RowReader reader, long sourceBytes, MusterSettings settings, Action<RowReader, bool> take)
    {
        var beginning = 0;
        var more = true;
        while (beginning < settings.ScanRows && (more = reader.Read()))
        {
            take(reader, true);
            beginning++;
        }
        var start = reader.BytesRead;
        var counted = beginning;
        while (more && counted <= Math.Max(settings.SmallImportRows, beginning) && (more = reader.Read()))
            counted++;
        var isSmall = !more && counted <= settings.SmallImportRows;
        if (counted == beginning)
            return new(beginning, beginning, IsWhole: true, isSmall);

        var rows = beginning;
        var columns = reader.Shape.Columns.Count;
        for (var place = 1; place <= settings.ScanPlaces; place++)
        {
            // From behind the beginning to short of the end, evenly.
            var offset = start + (sourceBytes - start) / (settings.ScanPlaces + 1) * place;
            if (offset <= start || !reader.TryJump(offset))
                break;
            for (var i = 0; i < RowsPerPlace && reader.Read(); i++)
            {
                // The jump may have landed inside a quoted cell: what does not look like a record proves nothing.
                if (reader.Fault != ErrorCode.None || reader.CellCount != columns)
                    continue;
                take(reader, false);
                rows++;
            }
        }
        return new(rows, beginning, IsWhole: false, isSmall);
    }
}
