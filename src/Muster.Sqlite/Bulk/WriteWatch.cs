namespace Muster.Sqlite.Bulk;

/// <summary>What the database had seen when somebody looked at it.</summary>
/// <param name="Version">Changes with every commit of any other connection: https://sqlite.org/pragma.html#pragma_data_version.</param>
/// <param name="Commits">The bulk writer's own.</param>
/// <param name="Import">Whose batch the last of them was.</param>
sealed record WriteMark(long Version, long Commits, Guid Import, int Batch);

/// <summary>Tells whether what was read over another connection, outside of any transaction of the bulk writer, still holds within one.</summary>
sealed class WriteWatch(BulkConnection connection)
{
    readonly BulkStatement dataVersion = connection.Prepare("PRAGMA data_version");
    volatile WriteMark mark = new(-1, 0, Guid.Empty, -1);

    /// <summary>To be taken before reading begins. Any thread may ask.</summary>
    public WriteMark Mark => mark;

    /// <summary>A transaction that writes has begun: nobody else can commit now.</summary>
    public void Began()
    {
        _ = dataVersion.Step();
        mark = mark with { Version = dataVersion.Int64(0) };
        dataVersion.Reset();
    }

    public void Committed(Guid import, int batch) => mark = new(mark.Version, mark.Commits + 1, import, batch);

    /// <summary>Within a transaction: whether nothing has been committed since the mark, but perhaps one batch of an import.</summary>
    public bool Holds(WriteMark since, Guid import, int batch) =>
        since.Version == mark.Version && (since.Commits == mark.Commits || (since.Commits + 1 == mark.Commits && (mark.Import, mark.Batch) == (import, batch)));
}
