namespace Muster.Merging;

/// <summary>Turns round what a batch took away: memberships and tags come back where nothing has changed them since, and go again when that is taken back in turn.</summary>
/// <remarks>Rows are asked in ascending order, as <see cref="RevertDecider"/> goes through them.</remarks>
sealed class RevertBelongings
{
    IReadOnlyList<RemovedMember> members = [];
    IReadOnlyList<RemovedTag> tags = [];
    IReadOnlyList<RemovedMember> returnedMembers = [];
    IReadOnlyList<RemovedTag> returnedTags = [];
    bool byRows;
    int nextMember;
    int nextTag;
    int nextReturnedMember;
    int nextReturnedTag;

    public void Begin(LedgerBatch target)
    {
        byRows = target.Revert is null;
        members = target.Revert?.Members ?? target.MembersRemoved;
        tags = target.Revert?.Tags ?? target.TagsRemoved;
        returnedMembers = target.Revert?.MembersReturned ?? [];
        returnedTags = target.Revert?.TagsReturned ?? [];
        (nextMember, nextTag, nextReturnedMember, nextReturnedTag) = (0, 0, 0, 0);
    }

    /// <summary>Gives back what was taken off the contact, but for lists that it is in again or has left.</summary>
    /// <param name="from">The target's row.</param>
    /// <param name="contact">−1: the contact is made again.</param>
    /// <returns>Whether there was anything to give.</returns>
    public bool Give(int row, int from, int contact, RevertContacts contacts, RevertTakings takings)
    {
        var gives = false;
        for (; nextMember < members.Count && members[nextMember].Row <= from; nextMember++)
        {
            var member = members[nextMember];
            if (member.Row != from || (contact >= 0 && contacts.IsIn(contact, member.List)))
                continue;
            takings.MembersBack.Add(member with { Row = row });
            if (byRows)
                takings.MembersReturned.Add(member with { Row = row });
            gives = true;
        }
        for (; nextTag < tags.Count && tags[nextTag].Row <= from; nextTag++)
        {
            var tag = tags[nextTag];
            if (tag.Row != from || (contact >= 0 && contacts.HasTag(contact, tag.Tag)))
                continue;
            takings.TagsBack.Add(tag with { Row = row });
            if (byRows)
                takings.TagsReturned.Add(tag with { Row = row });
            gives = true;
        }
        return gives;
    }

    /// <summary>Takes off again what an undo had given back to the contact, as long as it is still as the undo left it.</summary>
    /// <param name="conflict">Whether something of it has changed since and stays.</param>
    /// <returns>Whether there was anything to take.</returns>
    public bool TakeReturned(int row, int from, int contact, RevertContacts contacts, RevertTakings takings, out bool conflict)
    {
        var takes = conflict = false;
        for (; nextReturnedMember < returnedMembers.Count && returnedMembers[nextReturnedMember].Row <= from; nextReturnedMember++)
        {
            var member = returnedMembers[nextReturnedMember];
            if (member.Row != from)
                continue;
            foreach (var now in contacts.ListsOf(contact))
            {
                if (now.Owner != member.List)
                    continue;
                var isSame = now.Status == member.Status && now.Since == member.Since && now.Import == member.Import;
                if (isSame)
                    takings.Members.Add(member with { Row = row });
                takes |= isSame;
                conflict |= !isSame;
            }
        }
        for (; nextReturnedTag < returnedTags.Count && returnedTags[nextReturnedTag].Row <= from; nextReturnedTag++)
        {
            var tag = returnedTags[nextReturnedTag];
            if (tag.Row != from)
                continue;
            foreach (var now in contacts.TagsOf(contact))
            {
                if (now.Owner != tag.Tag)
                    continue;
                if (now.Import == tag.Import)
                    takings.Tags.Add(tag with { Row = row });
                takes |= now.Import == tag.Import;
                conflict |= now.Import != tag.Import;
            }
        }
        return takes;
    }
}
