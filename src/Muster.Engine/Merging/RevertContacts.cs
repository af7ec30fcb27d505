using Muster.Contacts;

namespace Muster.Merging;

/// <summary>A contact's place in a list (or its tag) as the store read it.</summary>
/// <param name="Owner">Id of the list or tag.</param>
/// <param name="Status">A <see cref="ListStanding"/>, of tags too: member, left, or removed where somebody has taken the contact out and nothing has brought it back.</param>
/// <param name="Since">Milliseconds since 1970-01-01 UTC; of tags and of removals 0.</param>
/// <param name="Import">Who added it, or removed it; empty when that is not known.</param>
/// <param name="Variables">Text of <see cref="RevertContacts.Contacts"/>.</param>
public readonly record struct Belonging(int Next, int Owner, byte Status, long Since, Guid Import, TextSpan Variables);

/// <summary>The contacts that a batch of an undo or redo meets, with all that it may have to put back one day. Filled by the store, in order of id; reused for every batch.</summary>
public sealed class RevertContacts
{
    readonly List<Belonging> belongings = [];
    readonly HashSet<(BelongingKind Kind, int Owner)> known = [];
    long[] createdAt = [];
    int[] firstList = [];
    int[] firstTag = [];
    int lastFound = -1;

    public MatchedContacts Contacts { get; } = new();

    public int Count => Contacts.Count;

    /// <param name="expected">How many contacts will be added, at most.</param>
    public void Clear(int expected)
    {
        Contacts.Clear(0);
        Contacts.Expect(expected);
        if (createdAt.Length < expected)
        {
            createdAt = new long[expected];
            firstList = new int[expected];
            firstTag = new int[expected];
        }
        belongings.Clear();
        lastFound = -1;
        known.Clear();
    }

    /// <summary>Adds a contact. Ids come in ascending order.</summary>
    public void Add(int id, in StoredValues values, int rev, WriteRef lastWrite, long created)
    {
        var index = Contacts.Add(id, values, rev, lastWrite);
        createdAt[index] = created;
        firstList[index] = firstTag[index] = -1;
    }

    public TextSpan Consent(int index) => Contacts.Consent[index];

    public long CreatedAt(int index) => createdAt[index];

    /// <summary>−1 when the store has no such contact.</summary>
    /// <remarks>Who asks goes through them in order, most often.</remarks>
    public int IndexOf(int id)
    {
        if (lastFound + 1 < Contacts.Count && Contacts.Id[lastFound + 1] == id)
            return ++lastFound;
        var index = Array.BinarySearch(Contacts.Id, 0, Contacts.Count, id);
        if (index < 0)
            return -1;
        return lastFound = index;
    }

    /// <summary>The account has this list or tag. What it has not, nothing is put back into.</summary>
    public void Know(BelongingKind kind, int owner) => known.Add((kind, owner));

    public bool Knows(BelongingKind kind, int owner) => known.Contains((kind, owner));

    public void AddList(int index, int list, byte status, long since, Guid import, TextSpan variables) =>
        Add(ref firstList[index], list, status, since, import, variables);

    public void AddTag(int index, int tag, Guid import) => Add(ref firstTag[index], tag, (byte)ListStanding.Member, 0, import, TextSpan.Absent);

    /// <summary>Somebody has taken the contact out of the list, or the tag off it, and nothing has put it back.</summary>
    /// <param name="import">Who did; empty when that was no import.</param>
    public void AddRemoval(BelongingKind kind, int index, int owner, Guid import) =>
        Add(ref FirstOf(kind)[index], owner, (byte)ListStanding.Removed, 0, import, TextSpan.Absent);

    void Add(ref int first, int owner, byte status, long since, Guid import, TextSpan variables)
    {
        belongings.Add(new(first, owner, status, since, import, variables));
        first = belongings.Count - 1;
    }

    int[] FirstOf(BelongingKind kind) => kind == BelongingKind.List ? firstList : firstTag;

    /// <summary>Where a contact is, has left, and has been taken out.</summary>
    public BelongingsOf Of(BelongingKind kind, int index) => new(belongings, FirstOf(kind)[index]);

    /// <summary>How the contact stands to a list or tag; null: not at all.</summary>
    public Belonging? PlaceOf(BelongingKind kind, int index, int owner)
    {
        foreach (var place in Of(kind, index))
        {
            if (place.Owner == owner)
                return place;
        }
        return null;
    }

    /// <summary>The place as a ledger tells that it was taken away.</summary>
    public RemovedMember AsTaken(int row, in Belonging place) =>
        new(row, place.Owner, place.Status, place.Since, place.Import, place.Variables.HasValue ? Contacts.Utf8(place.Variables).ToArray() : null);

    /// <summary>Walks one contact's lists or tags without an object.</summary>
    public struct BelongingsOf(List<Belonging> all, int first)
    {
        int next = first;

        public Belonging Current { get; private set; }

        public readonly BelongingsOf GetEnumerator() => this;

        public bool MoveNext()
        {
            if (next < 0)
                return false;
            Current = all[next];
            next = Current.Next;
            return true;
        }
    }
}
