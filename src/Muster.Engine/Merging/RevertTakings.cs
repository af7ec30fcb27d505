using Muster.Contacts;

namespace Muster.Merging;

/// <summary>What an undo or redo does beyond changing fields: contacts removed and restored, memberships and tags ended and given back. Filled by <see cref="RevertDecider"/>, names by the store.</summary>
public sealed class RevertTakings
{
    /// <summary>By row.</summary>
    public RowFate[] Fate { get; private set; } = [];

    /// <summary>By row, for contacts removed or restored: milliseconds since 1970-01-01 UTC.</summary>
    public long[] CreatedAt { get; private set; } = [];

    /// <summary>Beside the images of <see cref="BatchDecision"/>: the contact's consent.</summary>
    public List<TextSpan> ImageConsent { get; } = [];

    /// <summary>Indices of the decision's changes that went over a later value.</summary>
    public List<int> ForcedChanges { get; } = [];

    /// <summary>In order of row, as are the next ones.</summary>
    public List<RemovedMember> Members { get; } = [];
    public List<RemovedTag> Tags { get; } = [];
    public List<RemovedMember> MembersBack { get; } = [];

    /// <summary>Of what is given back, what an undo's ledger has to tell: a redo's is not turned round again.</summary>
    public List<RemovedMember> MembersReturned { get; } = [];
    public List<RemovedTag> TagsReturned { get; } = [];
    public List<RemovedTag> TagsBack { get; } = [];
    public List<RemovedName> Names { get; } = [];

    public int RemovedCount { get; set; }

    public void Clear(int rows)
    {
        if (Fate.Length != rows)
        {
            Fate = new RowFate[rows];
            CreatedAt = new long[rows];
        }
        Array.Clear(Fate);
        Array.Clear(CreatedAt);
        ImageConsent.Clear();
        ForcedChanges.Clear();
        Members.Clear();
        Tags.Clear();
        MembersBack.Clear();
        TagsBack.Clear();
        MembersReturned.Clear();
        TagsReturned.Clear();
        Names.Clear();
        RemovedCount = 0;
    }

    public void Take(BelongingKind kind, RemovedMember place)
    {
        if (kind == BelongingKind.List)
            Members.Add(place);
        else
            Tags.Add(AsTag(place));
    }

    public void Back(BelongingKind kind, RemovedMember place)
    {
        if (kind == BelongingKind.List)
            MembersBack.Add(place);
        else
            TagsBack.Add(AsTag(place));
    }

    public void Returned(BelongingKind kind, RemovedMember place)
    {
        if (kind == BelongingKind.List)
            MembersReturned.Add(place);
        else
            TagsReturned.Add(AsTag(place));
    }

    static RemovedTag AsTag(RemovedMember place) => new(place.Row, place.List, place.Import, place.IsRemoval);

    /// <summary>The section of the batch's ledger.</summary>
    public LedgerRevert ToLedger(Guid target, int targetBatch) => new()
    {
        Target = target, TargetBatch = targetBatch, Fate = Fate, CreatedAt = CreatedAt, ForcedChanges = [.. ForcedChanges], Members = Members, Tags = Tags, Names = Names,
        MembersReturned = MembersReturned, TagsReturned = TagsReturned,
    };
}
