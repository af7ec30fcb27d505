using System.Globalization;
using System.Text;
using Muster.Merging;

namespace Muster.Sqlite.Bulk;

/// <summary>Lists, tags and fields that an import made: its undo removes those that nothing is left in, and a redo brings them back.</summary>
sealed unsafe class RevertNames(BulkConnection connection)
{
    readonly BulkStatement listsOf = connection.Prepare("SELECT id, name, kind, members_max, tag, created_at, no FROM contact_list WHERE account_id = ?1 AND created_by = ?2");
    readonly BulkStatement tagsOf = connection.Prepare("SELECT id, name, '', NULL, NULL, created_at, no FROM tag WHERE account_id = ?1 AND created_by = ?2");
    readonly BulkStatement fieldsOf = connection.Prepare("SELECT id, name, type, NULL, NULL, created_at, 0 FROM field WHERE account_id = ?1 AND created_by = ?2");
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
        INSERT OR IGNORE INTO contact_list (account_id, id, name, created_at, created_by, kind, members_max, tag) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        """);
    readonly BulkStatement insertTag = connection.Prepare("INSERT OR IGNORE INTO tag (account_id, id, name, created_at, created_by) VALUES (?1, ?2, ?3, ?4, ?5)");
    readonly BulkStatement insertField = connection.Prepare("INSERT OR IGNORE INTO field (account_id, id, name, created_at, created_by, type) VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
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
                made.Add((select.Int64(6), new(
                    kind, (int)select.Int64(0), Encoding.UTF8.GetString(select.Text(1)), Encoding.UTF8.GetString(select.Text(2)),
                    select.Int64(3) is > 0 and var most ? most : (long?)null, select.Text(4) is { Length: > 0 } tag ? Encoding.UTF8.GetString(tag) : null, select.Int64(5), import)));
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
        var (text, type, tag) = (Encoding.UTF8.GetBytes(unique), Encoding.UTF8.GetBytes(name.Type), Encoding.UTF8.GetBytes(name.Tag ?? ""));
        fixed (byte* pinned = text, pinnedType = type, pinnedTag = tag)
        {
            insert.Bind(1, account);
            insert.Bind(2, name.Id);
            insert.BindText(3, pinned, text.Length);
            insert.Bind(4, name.Created);
            insert.BindNonZero(5, createdBy);
            if (name.Kind == NameKind.Field)
                insert.Bind(6, int.Parse(name.Type, NumberStyles.None, CultureInfo.InvariantCulture));
            if (name.Kind == NameKind.List)
            {
                insert.BindText(6, pinnedType, type.Length);
                insert.BindNonZero(7, name.MembersMax ?? 0);
                insert.BindText(8, pinnedTag, tag.Length);
            }
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
