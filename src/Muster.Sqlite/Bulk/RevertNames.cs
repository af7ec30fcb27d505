using System.Globalization;
using System.Text;
using Muster.Merging;

namespace Muster.Sqlite.Bulk;

/// <summary>Lists, tags and fields that an import made: its undo removes those that nothing is left in, and a redo brings them back.</summary>
sealed unsafe class RevertNames(BulkConnection connection)
{
    readonly BulkStatement listsOf = connection.Prepare("""
        SELECT id, name, created_at, no, json_object('kind', kind, 'members_max', members_max, 'tag', tag, 'visibility', visibility, 'variables', variables, 'updated_at', updated_at)
        FROM contact_list WHERE account_id = ?1 AND created_by = ?2
        """);
    readonly BulkStatement tagsOf = connection.Prepare("SELECT id, name, created_at, no, '{}' FROM tag WHERE account_id = ?1 AND created_by = ?2");
    readonly BulkStatement fieldsOf = connection.Prepare("""
        SELECT id, name, created_at, 0, json_object('type', type, 'visibility', visibility, 'default_value', default_value) FROM field WHERE account_id = ?1 AND created_by = ?2
        """);
    readonly BulkStatement anyMember = connection.Prepare("SELECT EXISTS (SELECT 1 FROM list_member WHERE id > (?1 << 32) AND id < ((?1 + 1) << 32))");
    readonly BulkStatement anyTagged = connection.Prepare("SELECT EXISTS (SELECT 1 FROM contact_tag WHERE id > (?1 << 32) AND id < ((?1 + 1) << 32))");

    // Member names are field ids between quotes; a quote within a value is written with a backslash before it.
    readonly BulkStatement anyValue = connection.Prepare("""
        SELECT EXISTS (SELECT 1 FROM contact WHERE id > (?1 << 32) AND id < ((?1 + 1) << 32) AND instr(fields, '"' || ?2 || '":') > 0)
        """);
    readonly BulkStatement deleteList = connection.Prepare("DELETE FROM contact_list WHERE account_id = ?1 AND id = ?2");
    readonly BulkStatement deleteTag = connection.Prepare("DELETE FROM tag WHERE account_id = ?1 AND id = ?2");
    readonly BulkStatement deleteField = connection.Prepare("DELETE FROM field WHERE account_id = ?1 AND id = ?2");
    readonly BulkStatement insertList = connection.Prepare("""
        INSERT OR IGNORE INTO contact_list (account_id, id, name, created_at, created_by, kind, members_max, tag, visibility, variables, updated_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6 ->> '$.kind', ?6 ->> '$.members_max', ?6 ->> '$.tag', ?6 ->> '$.visibility', ?6 ->> '$.variables', ?6 ->> '$.updated_at')
        """);
    readonly BulkStatement insertTag = connection.Prepare("INSERT OR IGNORE INTO tag (account_id, id, name, created_at, created_by) VALUES (?1, ?2, ?3, ?4, ?5)");
    readonly BulkStatement insertField = connection.Prepare("""
        INSERT OR IGNORE INTO field (account_id, id, name, created_at, created_by, type, visibility, default_value)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6 ->> '$.type', ?6 ->> '$.visibility', ?6 ->> '$.default_value')
        """);
    readonly BulkStatement listExists = connection.Prepare("SELECT EXISTS (SELECT 1 FROM contact_list WHERE account_id = ?1 AND id = ?2)");
    readonly BulkStatement tagExists = connection.Prepare("SELECT EXISTS (SELECT 1 FROM tag WHERE account_id = ?1 AND id = ?2)");
    readonly BulkStatement fieldExists = connection.Prepare("SELECT EXISTS (SELECT 1 FROM field WHERE account_id = ?1 AND id = ?2)");

    /// <summary>Removes what the import made and nothing is left in. Whoever left a list counts as in it: that they left must not be forgotten.</summary>
    public void RemoveEmpty(int account, long importNo, Guid import, List<RemovedName> removed)
    {
        Remove(listsOf, NameKind.List, (number, _) => Any(anyMember, number), deleteList);
        Remove(tagsOf, NameKind.Tag, (number, _) => Any(anyTagged, number), deleteTag);
        Remove(fieldsOf, NameKind.Field, (_, id) => Any(anyValue, account, id), deleteField);

        void Remove(BulkStatement select, NameKind kind, Func<long, int, bool> isUsed, BulkStatement delete)
        {
            select.Bind(1, account);
            select.Bind(2, importNo);
            var made = new List<(long Number, RemovedName Name)>();
            while (select.Step())
            {
                made.Add((select.Int64(3), new(
                    kind, (int)select.Int64(0), Encoding.UTF8.GetString(select.Text(1)), Encoding.UTF8.GetString(select.Text(4)), select.Int64(2), import)));
            }
            select.Reset();
            foreach (var (number, name) in made)
            {
                if (isUsed(number, name.Id))
                    continue;
                delete.Bind(1, account);
                delete.Bind(2, name.Id);
                delete.Run();
                removed.Add(name);
            }
        }
    }

    /// <summary>Makes again what an undo removed, under its old id. A name that somebody else has taken meanwhile gets a number behind it.</summary>
    public void BringBack(int account, IReadOnlyList<RemovedName> removed, Func<Guid, long> numberOf)
    {
        foreach (var name in removed)
        {
            var (insert, exists) = name.Kind switch
            {
                NameKind.List => (insertList, listExists),
                NameKind.Tag => (insertTag, tagExists),
                _ => (insertField, fieldExists),
            };
            for (var turn = 1; !Any(exists, account, name.Id); turn++)
                Insert(insert, account, name, turn == 1 ? name.Name : string.Create(CultureInfo.InvariantCulture, $"{name.Name} ({turn})"), numberOf(name.CreatedBy));
        }
    }

    static void Insert(BulkStatement insert, int account, RemovedName name, string unique, long createdBy)
    {
        var (text, rest) = (Encoding.UTF8.GetBytes(unique), Encoding.UTF8.GetBytes(name.Rest));
        fixed (byte* pinned = text, pinnedRest = rest)
        {
            insert.Bind(1, account);
            insert.Bind(2, name.Id);
            insert.BindText(3, pinned, text.Length);
            insert.Bind(4, name.Created);
            insert.BindNonZero(5, createdBy);
            insert.BindText(6, pinnedRest, rest.Length);
            insert.Run();
        }
    }

    static bool Any(BulkStatement exists, long first, long second = 0)
    {
        exists.Bind(1, first);
        exists.Bind(2, second);
        _ = exists.Step();
        var any = exists.Int64(0) != 0;
        exists.Reset();
        return any;
    }
}
