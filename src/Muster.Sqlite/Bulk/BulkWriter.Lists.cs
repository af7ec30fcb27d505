using Muster.Contacts;
using Muster.Merging;
using Muster.Storage;

namespace Muster.Sqlite.Bulk;

/// <summary>Memberships and tags of a batch.</summary>
public sealed unsafe partial class BulkWriter
{
    /// <summary>Reads room and members of the lists that the decision depends on. Lists without a limit, whose members are updated, cost nothing.</summary>
    /// <param name="planning">An import that only plans: what its earlier batches would have added takes up room, too.</param>
    void ReadLists(ContactBatch batch, bool skipsMembers, ImportRow? planning)
    {
        askedLists.Clear();
        foreach (var list in batch.ListIds)
        {
            var number = sql.NumberOfList(batch.Lease.AccountId, list);
            var room = number == 0 ? long.MaxValue : sql.RoomOf(number);
            if (batch.ListMembersMax is { } most)
                room = Math.Min(room, most - (number == 0 ? 0 : sql.MembersOf(number)));
            if (planning is not null && room != long.MaxValue)
                room -= sql.PlannedMembers(planning, list);
            // A list that would be made has no members yet.
            if ((number != 0 || planning is not null) && (skipsMembers || room != long.MaxValue))
                askedLists.Add((number, room));
        }
        var common = askedLists.Count;
        matched.ListOfName = names.AskLimits(askedLists, planning);
        matched.BeginLists(askedLists.Count, common);
        for (var i = 0; i < askedLists.Count; i++)
        {
            matched.Room[i] = askedLists[i].Room;
            for (var contact = 0; askedLists[i].Number != 0 && contact < matched.Count; contact++)
                matched.Standing(contact, i) = sql.StandingOf(askedLists[i].Number, matched.Id[contact]);
        }
    }

    /// <summary>A list that was deleted meanwhile stays deleted.</summary>
    void AddToList(ContactBatch batch, BatchDecision decision, int list, long importNo, byte* rowText, bool plans)
    {
        var number = sql.NumberOfList(batch.Lease.AccountId, list);
        if (number == 0 && plans)
            names.AddAll(batch, decision, BelongingKind.List, list);
        if (number == 0)
            return;
        var variables = batch.Rows.Variables;
        var returns = removals.Any(batch.Lease.AccountId, BelongingKind.List, list);
        sql.BeginMembers(batch.Now.ToUnixTimeMilliseconds(), importNo);
        for (var row = 0; row < batch.Rows.Count; row++)
        {
            if (!names.Joins(batch, decision, BelongingKind.List, row, list))
                continue;
            var own = row < variables.Length ? variables[row] : TextSpan.Absent;
            if (sql.TryAddMember(number, decision.ContactId[row], rowText + own.Offset, own.Length))
                names.Joined(batch.Lease.AccountId, decision, BelongingKind.List, list, row, returns);
        }
    }

    /// <summary>A tag that was deleted meanwhile stays deleted.</summary>
    void AddTag(ContactBatch batch, BatchDecision decision, int tag, long importNo, bool plans)
    {
        var number = sql.NumberOfTag(batch.Lease.AccountId, tag);
        if (number == 0 && plans)
            names.AddAll(batch, decision, BelongingKind.Tag, tag);
        if (number == 0)
            return;
        var returns = removals.Any(batch.Lease.AccountId, BelongingKind.Tag, tag);
        sql.BeginTags(importNo);
        for (var row = 0; row < batch.Rows.Count; row++)
        {
            if (names.Joins(batch, decision, BelongingKind.Tag, row, tag) && sql.TryAddTag(number, decision.ContactId[row]))
                names.Joined(batch.Lease.AccountId, decision, BelongingKind.Tag, tag, row, returns);
        }
    }
}
