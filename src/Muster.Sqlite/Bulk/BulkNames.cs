using System.Text;
using Muster.Contacts;
using Muster.Merging;
using Muster.Storage;

namespace Muster.Sqlite.Bulk;

/// <summary>Lists and tags that the rows of a batch name: found, made when a contact comes into one that is missing, joined and left, within the batch's transaction.</summary>
sealed unsafe class BulkNames(BulkConnection connection, BulkSql sql, BulkRemovals removals, ImportIds importIds)
{
    /// <summary>A plan makes nothing: what would be made stands under numbers that nothing has.</summary>
    const int PlannedIds = 2_100_000_000;

    readonly BulkStatement allLists = connection.Prepare("SELECT id, no, name FROM contact_list WHERE account_id = ?1");
    readonly BulkStatement allTags = connection.Prepare("SELECT id, no, name FROM tag WHERE account_id = ?1");
    readonly BulkStatement makeList = connection.Prepare("INSERT INTO contact_list (account_id, id, name, created_at, created_by) VALUES (?1, ?2, ?3, ?4, ?5) RETURNING no");
    readonly BulkStatement makeTag = connection.Prepare("INSERT INTO tag (account_id, id, name, created_at, created_by) VALUES (?1, ?2, ?3, ?4, ?5) RETURNING no");
    readonly BulkStatement memberOf = connection.Prepare("SELECT since, import_no, variables FROM list_member WHERE id = ?1 AND status = 1");
    readonly BulkStatement endMember = connection.Prepare("DELETE FROM list_member WHERE id = ?1");
    readonly BulkStatement taggedWith = connection.Prepare("SELECT import_no FROM contact_tag WHERE id = ?1");
    readonly BulkStatement endTagged = connection.Prepare("DELETE FROM contact_tag WHERE id = ?1");

    // Once each, whichever batch names it first.
    readonly BulkStatement warn = connection.Prepare("""
        UPDATE import SET warnings = json_insert(warnings, '$[#]', ?2) WHERE no = ?1 AND NOT EXISTS (SELECT 1 FROM json_each(warnings) WHERE value = ?2)
        """);

    readonly List<string> announcements = [];
    readonly HashSet<(BelongingKind, int Row, int Id)> removed = [];

    /// <summary>By name of the batch: the list's or tag's id and number; 0 when the account has none of that name.</summary>
    (int Id, long Number)[] found = [];

    /// <summary>By name of the batch: whether somebody was taken out of it before.</summary>
    bool[] returns = [];
    RowNames names = new();

    /// <summary>Looks the batch's names up.</summary>
    public void Find(ContactBatch batch)
    {
        names = batch.Rows.Names;
        removed.Clear();
        announcements.Clear();
        if (found.Length < names.Names.Count)
            (found, returns) = (new (int, long)[names.Names.Count], new bool[names.Names.Count]);
        found.AsSpan(0, names.Names.Count).Clear();
        returns.AsSpan(0, names.Names.Count).Clear();
        Find(BelongingKind.List, allLists, batch.Lease.AccountId);
        Find(BelongingKind.Tag, allTags, batch.Lease.AccountId);
        // What the options name joins every row that does not leave it; whether the rows name it too is nothing then.
        foreach (var planned in batch.PlannedNames)
        {
            var kind = planned.Kind == NameKind.List ? BelongingKind.List : BelongingKind.Tag;
            if (names.Names.FindIndex(n => n.Kind == kind && string.Equals(n.Name, planned.Name, StringComparison.OrdinalIgnoreCase)) is >= 0 and var index)
                found[index] = (planned.Id, 0);
        }
        foreach (var belonging in names.Rows)
        {
            if (belonging.Removes && found[belonging.Name].Id != 0)
                removed.Add((names.Names[belonging.Name].Kind, belonging.Row, found[belonging.Name].Id));
        }
    }

    void Find(BelongingKind kind, BulkStatement all, int account)
    {
        Dictionary<string, int>? wanted = null;
        for (var i = 0; i < names.Names.Count; i++)
        {
            if (names.Names[i].Kind == kind)
                (wanted ??= new(StringComparer.OrdinalIgnoreCase))[names.Names[i].Name] = i;
        }
        if (wanted is null)
            return;
        all.Bind(1, account);
        while (all.Step())
        {
            if (!wanted.TryGetValue(Encoding.UTF8.GetString(all.Text(2)), out var index))
                continue;
            found[index] = ((int)all.Int64(0), all.Int64(1));
            returns[index] = removals.Any(account, kind, found[index].Id);
        }
        all.Reset();
    }

    /// <summary>Whether the row takes its contact out of the list, or the tag off: then nothing else of the import puts it there.</summary>
    public bool Removes(BelongingKind kind, int row, int id) => removed.Count > 0 && removed.Contains((kind, row, id));

    /// <summary>Adds the named lists that have a limit to those whose room and members the decision asks for.</summary>
    /// <returns>By name: the place among them, or −1. Empty when no list has a limit.</returns>
    /// <param name="planning">An import that only plans: what its earlier batches would have added takes up room, too.</param>
    public int[] AskLimits(List<(long Number, long Room)> asked, ImportRow? planning)
    {
        int[] places = [];
        var common = asked.Count;
        for (var i = 0; i < names.Names.Count; i++)
        {
            if (names.Names[i].Kind != BelongingKind.List || found[i].Number == 0 || sql.RoomOf(found[i].Number) is var room && room == long.MaxValue)
                continue;
            if (asked.FindIndex(0, common, a => a.Number == found[i].Number) >= 0)
                continue; // every row joins it
            if (places.Length == 0)
            {
                places = new int[names.Names.Count];
                places.AsSpan().Fill(-1);
            }
            places[i] = asked.Count;
            asked.Add((found[i].Number, planning is null ? room : room - sql.PlannedMembers(planning, found[i].Id)));
        }
        return places;
    }

    /// <summary>Brings the contacts of accepted rows into what their rows name, and out of what they name to be left. Who has left a list stays out of it.</summary>
    /// <param name="nextId">For lists and tags that are made.</param>
    /// <returns>How many ids were used.</returns>
    public int Write(ContactBatch batch, BatchDecision decision, long importNo, int nextId, bool plans)
    {
        if (names.Rows.Count == 0)
            return 0;
        var (first, now) = (nextId, batch.Now.ToUnixTimeMilliseconds());
        sql.BeginMembers(now, importNo);
        sql.BeginTags(importNo);
        foreach (var (row, name, removes) in names.Rows)
        {
            if (!decision.Outcome[row].IsAccepted())
                continue;
            var kind = names.Names[name].Kind;
            var contact = decision.ContactId[row];
            if (removes)
            {
                if (found[name].Number != 0 && decision.Outcome[row] != Outcome.Created)
                    Remove(row, kind, found[name].Id, found[name].Number << 32 | (uint)contact);
                continue;
            }
            if (!Joins(batch, decision, kind, row, found[name].Id) || IsRemovedByName(row, name))
                continue;
            if (found[name] is { Id: not 0, Number: 0 })
                continue; // planned by the options, for every row
            if (found[name].Number == 0)
            {
                found[name] = Make(kind, names.Names[name].Name, batch.Lease.AccountId, plans ? PlannedIds + name : nextId, now, importNo);
                if (plans)
                {
                    decision.PlannedNames.Add(new(kind == BelongingKind.List ? NameKind.List : NameKind.Tag, found[name].Id, names.Names[name].Name));
                    announcements.Add($"The {(kind == BelongingKind.List ? "list" : "tag")} \"{names.Names[name].Name}\" would be made.");
                }
                else
                {
                    nextId++;
                }
            }
            var (id, number) = found[name];
            if (kind == BelongingKind.List ? sql.TryAddMember(number, contact, null, -1) : sql.TryAddTag(number, contact))
                Joined(batch.Lease.AccountId, decision, kind, id, row, returns[name]);
        }
        return nextId - first;

        void Remove(int row, BelongingKind kind, int id, long place)
        {
            if (!(kind == BelongingKind.List ? EndMember(decision, row, id, place) : EndTagged(decision, row, id, place)))
                return;
            removals.Note(batch.Lease.AccountId, kind, id, decision.ContactId[row], importNo, now);
            if (decision.Outcome[row] == Outcome.Unchanged)
                decision.Outcome[row] = Outcome.Updated;
        }
    }

    /// <summary>Whether a row brings its contact into a list or gives it a tag that is for it. Who opts out is remembered, and joins nothing.</summary>
    public bool Joins(ContactBatch batch, BatchDecision decision, BelongingKind kind, int row, int id) =>
        decision.Outcome[row].IsAccepted() && !(kind == BelongingKind.List && (batch.Rows.Consent[row] & RowConsent.Out) != 0) && !Removes(kind, row, id);

    /// <summary>The row brought its contact in: it counts as updated, though the contact's own row stays as it is. Where somebody had taken it out before, an undo must know who.</summary>
    /// <param name="returns">Whether anybody was taken out of it before.</param>
    public void Joined(int account, BatchDecision decision, BelongingKind kind, int id, int row, bool returns)
    {
        decision.MarkAdded(kind == BelongingKind.List ? decision.MembersAdded : decision.TagsAdded, id, row);
        if (decision.Outcome[row] == Outcome.Unchanged)
            decision.Outcome[row] = Outcome.Updated;
        if (!returns || !removals.TryForget(account, kind, id, decision.ContactId[row], out var by))
            return;
        if (kind == BelongingKind.List)
            decision.MembersRemoved.Add(new(row, id, (byte)ListStanding.Removed, 0, importIds.Of(by), null));
        else
            decision.TagsRemoved.Add(new(row, id, importIds.Of(by), IsRemoval: true));
    }

    /// <summary>A list or tag that a plan would make: every row's contact is new to it.</summary>
    public void AddAll(ContactBatch batch, BatchDecision decision, BelongingKind kind, int id)
    {
        for (var row = 0; row < batch.Rows.Count; row++)
        {
            if (Joins(batch, decision, kind, row, id))
                Joined(batch.Lease.AccountId, decision, kind, id, row, returns: false);
        }
    }

    /// <summary>A plan's lists and tags that would be made are named in its warnings, in the batch's transaction.</summary>
    public void Announce(long importNo)
    {
        foreach (var announcement in announcements)
        {
            var text = Encoding.UTF8.GetBytes(announcement);
            fixed (byte* pinned = text)
            {
                warn.Bind(1, importNo);
                warn.BindText(2, pinned, text.Length);
                warn.Run();
            }
        }
    }

    /// <summary>A name that no list or tag has yet may be in the columns of both kinds, too.</summary>
    bool IsRemovedByName(int row, int name)
    {
        for (var at = names.FirstOf(row); at < names.Rows.Count && names.Rows[at].Row == row; at++)
        {
            if (names.Rows[at].Name == name && names.Rows[at].Removes)
                return true;
        }
        return false;
    }

    (int Id, long Number) Make(BelongingKind kind, string name, int account, int id, long now, long importNo)
    {
        var make = kind == BelongingKind.List ? makeList : makeTag;
        var text = Encoding.UTF8.GetBytes(name);
        fixed (byte* pinned = text)
        {
            make.Bind(1, account);
            make.Bind(2, id);
            make.BindText(3, pinned, text.Length);
            make.Bind(4, now);
            make.Bind(5, importNo);
            _ = make.Step();
            var number = make.Int64(0);
            make.Reset();
            return (id, number);
        }
    }

    bool EndMember(BatchDecision decision, int row, int list, long place)
    {
        memberOf.Bind(1, place);
        var isMember = memberOf.Step();
        if (isMember)
        {
            var variables = memberOf.Text(2);
            decision.MembersRemoved.Add(
                new(row, list, (byte)ListStanding.Member, memberOf.Int64(0), importIds.Of(memberOf.Int64(1)), variables.IsEmpty ? null : variables.ToArray()));
        }
        memberOf.Reset();
        if (isMember)
            Delete(endMember, place);
        return isMember;
    }

    bool EndTagged(BatchDecision decision, int row, int tag, long place)
    {
        taggedWith.Bind(1, place);
        var isTagged = taggedWith.Step();
        if (isTagged)
            decision.TagsRemoved.Add(new(row, tag, importIds.Of(taggedWith.Int64(0))));
        taggedWith.Reset();
        if (isTagged)
            Delete(endTagged, place);
        return isTagged;
    }

    static void Delete(BulkStatement statement, long place)
    {
        statement.Bind(1, place);
        statement.Run();
    }
}
