using Muster.Contacts;

namespace Muster.Sqlite.Bulk;

/// <summary>Who took contacts out of lists, and tags off them: noted when a row does, forgotten when one brings them back.</summary>
sealed unsafe class BulkRemovals(BulkConnection connection)
{
    readonly BulkStatement any = connection.Prepare("SELECT EXISTS (SELECT 1 FROM belonging_removal WHERE account_id = ?1 AND kind = ?2 AND owner_id = ?3)");
    readonly BulkStatement find = connection.Prepare("SELECT import_no FROM belonging_removal WHERE account_id = ?1 AND kind = ?2 AND owner_id = ?3 AND contact_id = ?4");
    readonly BulkStatement among = connection.Prepare("""
        SELECT contact_id, import_no FROM belonging_removal WHERE account_id = ?1 AND kind = ?2 AND owner_id = ?3 AND contact_id BETWEEN ?4 AND ?5
        """);
    readonly BulkStatement note = connection.Prepare("""
        INSERT OR REPLACE INTO belonging_removal (account_id, kind, owner_id, contact_id, import_no, removed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        """);
    readonly BulkStatement forget = connection.Prepare("DELETE FROM belonging_removal WHERE account_id = ?1 AND kind = ?2 AND owner_id = ?3 AND contact_id = ?4");

    /// <summary>Whether anybody was taken out of it. Lists that nobody is ever taken out of cost one question a batch.</summary>
    public bool Any(int accountId, BelongingKind kind, int owner)
    {
        Bind(any, accountId, kind, owner);
        _ = any.Step();
        var exists = any.Int64(0) != 0;
        any.Reset();
        return exists;
    }

    /// <summary>Forgets that the contact was taken out, since it is being brought in.</summary>
    /// <param name="importNo">Who had taken it out; 0 when that was no import.</param>
    /// <returns>False when nobody had.</returns>
    public bool TryForget(int accountId, BelongingKind kind, int owner, int contact, out long importNo)
    {
        Bind(find, accountId, kind, owner);
        find.Bind(4, contact);
        var found = find.Step();
        importNo = found ? find.Int64(0) : 0;
        find.Reset();
        if (found)
            Forget(accountId, kind, owner, contact);
        return found;
    }

    public void Forget(int accountId, BelongingKind kind, int owner, int contact)
    {
        Bind(forget, accountId, kind, owner);
        forget.Bind(4, contact);
        forget.Run();
    }

    /// <param name="importNo">Who takes it out; 0: no import.</param>
    public void Note(int accountId, BelongingKind kind, int owner, int contact, long importNo, long now)
    {
        Bind(note, accountId, kind, owner);
        note.Bind(4, contact);
        note.BindNonZero(5, importNo);
        note.Bind(6, now);
        note.Run();
    }

    /// <summary>Those among the contacts from one id to another who were taken out, and by whom.</summary>
    public void Read(int accountId, BelongingKind kind, int owner, int first, int last, Action<int, long> found)
    {
        Bind(among, accountId, kind, owner);
        among.Bind(4, first);
        among.Bind(5, last);
        while (among.Step())
            found((int)among.Int64(0), among.Int64(1));
        among.Reset();
    }

    static void Bind(BulkStatement statement, int accountId, BelongingKind kind, int owner)
    {
        statement.Bind(1, accountId);
        statement.Bind(2, (long)kind);
        statement.Bind(3, owner);
    }
}
