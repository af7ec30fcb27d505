namespace Muster.Sqlite.Bulk;

/// <summary>The ids of imports by the numbers that rows refer to them with.</summary>
sealed class ImportIds(BulkConnection connection)
{
    const int KeptMax = 100_000;

    readonly BulkStatement read = connection.Prepare("SELECT id FROM import WHERE no = ?1");
    readonly Dictionary<long, Guid> kept = [];

    /// <summary>Empty when there is none, as for what no import wrote.</summary>
    public Guid Of(long number)
    {
        if (number == 0)
            return Guid.Empty;
        if (kept.TryGetValue(number, out var known))
            return known;
        if (kept.Count > KeptMax)
            kept.Clear();
        read.Bind(1, number);
        var id = read.Step() ? new Guid(read.Blob(0), bigEndian: true) : Guid.Empty;
        read.Reset();
        return kept[number] = id;
    }
}
