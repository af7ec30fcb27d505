using Muster.Contacts;

namespace Muster.Merging;

/// <summary>Turns round what a batch did to the lists, or the tags, of its contacts, as far as each still stands as the batch left it.</summary>
/// <remarks>
/// A contact's place in a list bears the mark of who wrote it last: an import that brought it in, or one that took it out; what is turned round gets the
/// place, and the mark, that it had before. So a place is given back by whoever wrote it last, and by nobody else. Rows are asked in ascending order.
/// By force a place gets what it had before whoever wrote it since, but for those who have left the list: see <see cref="GivesWay"/>.
/// </remarks>
/// <param name="force">As in <see cref="RevertRules.Force"/>.</param>
sealed class RevertBelongings(BelongingKind kind, bool force)
{
    readonly List<RemovedMember> held = [];
    readonly List<RemovedMember> left = [];
    IReadOnlyList<RemovedMember> before = [];
    IReadOnlyList<RemovedMember> after = [];
    IReadOnlyDictionary<int, ulong[]> added = new Dictionary<int, ulong[]>();
    Guid writer;
    bool byRows;
    int nextBefore;
    int nextAfter;

    /// <param name="import">The import whose batch this is.</param>
    public void Begin(LedgerBatch target, Guid import)
    {
        var lists = kind == BelongingKind.List;
        byRows = target.Revert is null;
        added = lists ? target.MembersAdded : target.TagsAdded;
        if (target.Revert is { } revert)
        {
            writer = revert.Target;
            before = lists ? revert.Members : OfTags(revert.Tags);
            after = lists ? revert.MembersReturned : OfTags(revert.TagsReturned);
        }
        else
        {
            writer = import;
            before = lists ? target.MembersRemoved : OfTags(target.TagsRemoved);
            after = [];
        }
        (nextBefore, nextAfter) = (0, 0);
    }

    static RemovedMember[] OfTags(IReadOnlyList<RemovedTag> tags) =>
        [.. tags.Select(static t => new RemovedMember(t.Row, t.Tag, (byte)(t.IsRemoval ? ListStanding.Removed : ListStanding.Member), 0, t.Import, null))];

    /// <summary>Gives a contact that is made again the places that it had when it went.</summary>
    public void Restore(int row, int from, RevertContacts contacts, RevertTakings takings)
    {
        Collect(from);
        foreach (var place in held)
        {
            if (!place.IsRemoval && contacts.Knows(kind, place.List))
                takings.Back(kind, place with { Row = row });
        }
    }

    /// <summary>Turns round what the row did to its contact.</summary>
    /// <param name="rows">The rows of the batch that wrote the contact.</param>
    /// <param name="created">The row made the contact: all places that its import gave it are the row's.</param>
    /// <param name="conflicts">How many places something has changed since, which stay as they are.</param>
    /// <returns>Whether there was anything to turn round.</returns>
    public bool Turn(int row, int from, List<int> rows, bool created, int contact, RevertContacts contacts, RevertTakings takings, out int conflicts)
    {
        conflicts = 0;
        Collect(from);
        var turns = byRows && TakeAdded(row, rows, created, contact, contacts, takings, ref conflicts);
        foreach (var was in held)
        {
            // What a row of an import found when it brought its contact in has been given back above.
            if ((byRows && was.IsRemoval) || !contacts.Knows(kind, was.List))
                continue;
            var now = contacts.PlaceOf(kind, contact, was.List);
            RemovedMember? made = byRows ? Removal(row, was.List) : Find(left, was.List);
            if (IsSame(now, was))
                continue; // turned round already
            if (IsSame(now, made))
            {
                Put(row, now, was, contacts, takings);
                turns = true;
            }
            else if (!IsOut(now) || !was.IsRemoval)
            {
                conflicts++;
                turns |= GivesWay(row, now, was, contacts, takings);
            }
        }
        foreach (var made in left)
        {
            // An undo of an older Muster did not note that it had found the contact taken out.
            if (byRows || made.IsRemoval || held.Exists(h => h.List == made.List) || !contacts.Knows(kind, made.List))
                continue;
            var now = contacts.PlaceOf(kind, contact, made.List);
            if (IsSame(now, made))
            {
                Put(row, now, Removal(row, made.List), contacts, takings);
                turns = true;
            }
            else if (!IsOut(now))
            {
                conflicts++;
                turns |= GivesWay(row, now, Removal(row, made.List), contacts, takings);
            }
        }
        return turns;
    }

    /// <summary>What was written later gives way by force. That a contact has left a list never does.</summary>
    /// <param name="was">The place that the contact gets; null: none.</param>
    bool GivesWay(int row, Belonging? now, RemovedMember? was, RevertContacts contacts, RevertTakings takings)
    {
        if (!force || now?.Status == (byte)ListStanding.Left)
            return false;
        Put(row, now, was, contacts, takings);
        return true;
    }

    /// <summary>Takes off what the import's row put on. Who has left a list stays out of it.</summary>
    bool TakeAdded(int row, List<int> rows, bool created, int contact, RevertContacts contacts, RevertTakings takings, ref int conflicts)
    {
        var takes = false;
        foreach (var now in contacts.Of(kind, contact))
        {
            // By force a contact that stays for its opt-out alone loses its other places too, as it loses its other values.
            var isAdded = added.TryGetValue(now.Owner, out var bits) && rows.Exists(r => BatchDecision.IsMarked(bits, r));
            if ((!created && !isAdded) || now.Status == (byte)ListStanding.Removed)
                continue;
            if (now.Import == writer && now.Status == (byte)ListStanding.Member)
            {
                Put(row, now, Find(held, now.Owner), contacts, takings);
                takes = true;
            }
            else
            {
                conflicts += now.Import == writer || isAdded ? 1 : 0;
                takes |= GivesWay(row, now, Find(held, now.Owner), contacts, takings);
            }
        }
        return takes;
    }

    /// <param name="was">The place that the contact gets; null: none, and nobody is known who took it out.</param>
    void Put(int row, Belonging? now, RemovedMember? was, RevertContacts contacts, RevertTakings takings)
    {
        if (now is { } place)
            takings.Take(kind, contacts.AsTaken(row, place));
        if (was is not { } back)
            return;
        takings.Back(kind, back with { Row = row });
        if (byRows) // a redo's ledger is not turned round again
            takings.Returned(kind, back with { Row = row });
    }

    RemovedMember Removal(int row, int owner) => new(row, owner, (byte)ListStanding.Removed, 0, writer, null);

    static RemovedMember? Find(List<RemovedMember> places, int owner)
    {
        foreach (var place in places)
        {
            if (place.List == owner)
                return place;
        }
        return null;
    }

    static bool IsOut(Belonging? place) => place is null or { Status: (byte)ListStanding.Removed };

    static bool IsSame(Belonging? now, RemovedMember? then) => (now, then) switch
    {
        (null, null) => true,
        ({ } n, { } t) => n.Status == t.Status && n.Import == t.Import && (t.IsRemoval || n.Since == t.Since),
        _ => false,
    };

    /// <summary>What the ledger tells of the row.</summary>
    void Collect(int from)
    {
        Collect(before, ref nextBefore, from, held);
        Collect(after, ref nextAfter, from, left);
    }

    static void Collect(IReadOnlyList<RemovedMember> all, ref int next, int from, List<RemovedMember> ofRow)
    {
        ofRow.Clear();
        for (; next < all.Count && all[next].Row <= from; next++)
        {
            if (all[next].Row == from)
                ofRow.Add(all[next]);
        }
    }
}
