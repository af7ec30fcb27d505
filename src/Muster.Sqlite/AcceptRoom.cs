using Muster.Contacts;
using Muster.Storage;

namespace Muster.Sqlite;

/// <summary>What an account has under way and keeps, against what it may.</summary>
static class AcceptRoom
{
    public static int Active(Session session, int accountId) => (int)session.Number(
        "SELECT count(*) FROM import INDEXED BY import_unfinished WHERE account_id = ?1 AND finished_at IS NULL AND kind <> 5 AND status IN (0, 1, 2)", accountId)!.Value; // a count is never NULL

    /// <summary>Bytes of what is kept: sources of imports, as they are read, and uploads.</summary>
    /// <remarks>A plan and its application share one spool, and so do an upload and the imports made from it.</remarks>
    public static long SpoolBytes(Session session, int accountId) => session.Number(
        """
        SELECT sum(bytes) FROM (SELECT max(bytes) AS bytes FROM (
          SELECT spool, coalesce(source ->> '$.text_bytes', source ->> '$.packing.bytes', source ->> '$.bytes') AS bytes FROM import WHERE account_id = ?1 AND spool IS NOT NULL
          UNION ALL SELECT spool, bytes FROM upload WHERE account_id = ?1) GROUP BY spool)
        """,
        accountId) ?? 0;

    /// <summary>Bytes that the import adds: none when it reads an upload's.</summary>
    static long Unheld(Session session, Import import) =>
        import.Source.Spool is { } spool && session.Number("SELECT 1 FROM upload WHERE account_id = ?1 AND spool = ?2", import.AccountId, spool) is not null ? 0 : import.Source.BytesToRead;

    /// <summary>Why the import may not be accepted now; null when it may.</summary>
    public static ErrorCode? Refuse(Session session, Import import, AcceptCaps caps)
    {
        if (caps.ActiveMax < int.MaxValue && Active(session, import.AccountId) >= caps.ActiveMax)
            return ErrorCode.TooManyActiveImports;
        if (caps.SpoolBytesMax > 0 && SpoolBytes(session, import.AccountId) + Unheld(session, import) > caps.SpoolBytesMax)
            return ErrorCode.SpoolQuotaExceeded;
        return null;
    }
}
