using Muster.Storage;

namespace Muster.Sqlite;

/// <summary>Writes an event into the outbox: the import's status and counts as they now are. Called in the very transaction that changed them.</summary>
static class Outbox
{
    const string Insert = """
        INSERT INTO import_event (account_id, import_no, at, status, created, updated, unchanged, duplicate, suppressed, skipped, rejected, warned,
          next_batch, source_position, failure, started_at, finished_at, hold, flags)
        SELECT account_id, no, ?2, status, created, updated, unchanged, duplicate, suppressed, skipped, rejected, warned,
          next_batch, source_position, failure, started_at, finished_at, hold, flags
        FROM import
        """;

    /// <summary>1 the import's number, 2 the time in milliseconds.</summary>
    public const string NoteByNumber = Insert + " WHERE no = ?1 AND kind <> 5";

    public static void Note(Session session, Guid importId, DateTimeOffset at) =>
        session.Execute(Insert + " WHERE id = ?1 AND kind <> 5", importId.ToBlob(), at.ToUnixTimeMilliseconds());

    public static void Note(Session session, long importNo, DateTimeOffset at) => session.Execute(NoteByNumber, importNo, at.ToUnixTimeMilliseconds());
}
