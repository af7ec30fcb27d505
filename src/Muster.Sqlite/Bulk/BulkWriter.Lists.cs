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
        matched.BeginLists(askedLists.Count);
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
            AddAll(batch, decision, decision.MembersAdded, list, static consent => (consent & RowConsent.Out) == 0);
        if (number == 0)
            return;
        var variables = batch.Rows.Variables;
        sql.BeginMembers(batch.Now.ToUnixTimeMilliseconds(), importNo);
        for (var row = 0; row < batch.Rows.Count; row++)
        {
            // Who opts out is remembered, and joins nothing.
            if (!decision.Outcome[row].IsAccepted() || (batch.Rows.Consent[row] & RowConsent.Out) != 0)
                continue;
            var own = row < variables.Length ? variables[row] : TextSpan.Absent;
            if (sql.TryAddMember(number, decision.ContactId[row], rowText + own.Offset, own.Length))
                Added(decision, decision.MembersAdded, list, row);
        }
    }

    /// <summary>A tag that was deleted meanwhile stays deleted.</summary>
    void AddTag(ContactBatch batch, BatchDecision decision, int tag, long importNo, bool plans)
    {
        var number = sql.NumberOfTag(batch.Lease.AccountId, tag);
        if (number == 0 && plans)
            AddAll(batch, decision, decision.TagsAdded, tag, static _ => true);
        if (number == 0)
            return;
        sql.BeginTags(importNo);
        for (var row = 0; row < batch.Rows.Count; row++)
        {
            if (decision.Outcome[row].IsAccepted() && sql.TryAddTag(number, decision.ContactId[row]))
                Added(decision, decision.TagsAdded, tag, row);
        }
    }

    /// <summary>A list or tag that a plan would make: every row's contact is new to it.</summary>
    static void AddAll(ContactBatch batch, BatchDecision decision, Dictionary<int, ulong[]> added, int id, Predicate<byte> joins)
    {
        for (var row = 0; row < batch.Rows.Count; row++)
        {
            if (decision.Outcome[row].IsAccepted() && joins(batch.Rows.Consent[row]))
                Added(decision, added, id, row);
        }
    }

    /// <summary>A row that only brought its contact into a list or gave it a tag did change something: it counts as updated, though the contact's own row stays as it is.</summary>
    static void Added(BatchDecision decision, Dictionary<int, ulong[]> added, int id, int row)
    {
        decision.MarkAdded(added, id, row);
        if (decision.Outcome[row] == Outcome.Unchanged)
            decision.Outcome[row] = Outcome.Updated;
    }
}
