namespace Muster.Merging;

/// <summary>What an undo or redo did with a row's contact as a whole.</summary>
[Flags]
public enum RowFate : byte
{
    None = 0,

    /// <summary>The contact was removed. Its row's changes hold every value that it had.</summary>
    Removed = 1,

    /// <summary>The contact that an undo had removed is there again, under its old id.</summary>
    Restored = 2,

    /// <summary>It was removed although something had written to it later.</summary>
    Forced = 4,
}

/// <summary>How a contact stood to a list before an undo or a row changed that, or stands again.</summary>
/// <param name="Status">A <see cref="ListStanding"/>; <see cref="ListStanding.Removed"/>: it was in the list no more, and <paramref name="Import"/> had taken it out.</param>
/// <param name="Since">Milliseconds since 1970-01-01 UTC; 0 where it was taken out.</param>
/// <param name="Import">The import that made the membership, or ended it; empty when none did.</param>
/// <param name="Variables">JSON, or null.</param>
public readonly record struct RemovedMember(int Row, int List, byte Status, long Since, Guid Import, byte[]? Variables)
{
    /// <summary>The contact was not in the list: somebody had taken it out.</summary>
    public bool IsRemoval => Status == (byte)ListStanding.Removed;
}

/// <summary>A tag that a contact had before an undo or a row changed that, or has again.</summary>
/// <param name="Import">The import that gave it, or took it off; empty when none did.</param>
/// <param name="IsRemoval">The contact did not have it: somebody had taken it off.</param>
public readonly record struct RemovedTag(int Row, int Tag, Guid Import, bool IsRemoval = false);

public enum NameKind : byte { List = 0, Tag = 1, Field = 2 }

/// <summary>A list, tag or field that an undo removed because the import had made it and nothing was left in it.</summary>
/// <param name="Rest">Whatever else the store keeps of it, as JSON that the store alone reads.</param>
/// <param name="Created">Milliseconds since 1970-01-01 UTC.</param>
public sealed record RemovedName(NameKind Kind, int Id, string Name, string Rest, long Created, Guid CreatedBy);

/// <summary>A list or tag that a plan's rows would make.</summary>
/// <param name="Id">Above every true id, and the same for all rows of the batch.</param>
public sealed record PlannedName(NameKind Kind, int Id, string Name);

/// <summary>What a batch of an undo or redo took away and brought back, beside the changes of its rows: enough to turn it round.</summary>
public sealed record LedgerRevert
{
    /// <summary>The import whose batch was turned round.</summary>
    public required Guid Target { get; init; }

    public required int TargetBatch { get; init; }

    /// <summary>By row.</summary>
    public required RowFate[] Fate { get; init; }

    /// <summary>By row: when the contact was first made, in milliseconds since 1970-01-01 UTC, for contacts removed or restored.</summary>
    public required long[] CreatedAt { get; init; }

    /// <summary>Indices of changes that went over a later value, ascending.</summary>
    public required int[] ForcedChanges { get; init; }

    public required IReadOnlyList<RemovedMember> Members { get; init; }
    public required IReadOnlyList<RemovedTag> Tags { get; init; }
    public required IReadOnlyList<RemovedName> Names { get; init; }

    /// <summary>How contacts stood to lists before the target's rows changed that, and stand again, in order of row. Who stands in no relation to a list again is not told.</summary>
    public IReadOnlyList<RemovedMember> MembersReturned { get; init; } = [];

    /// <summary>The same of tags.</summary>
    public IReadOnlyList<RemovedTag> TagsReturned { get; init; } = [];

    public bool IsForced(int change) => Array.BinarySearch(ForcedChanges, change) >= 0;

    /// <summary>The same without what it says of an erased contact's rows.</summary>
    /// <param name="changes">The batch's changes, those of the rows included.</param>
    public LedgerRevert Without(IReadOnlyList<int> rows, IReadOnlyList<(int Row, int Field, byte[]? Before)> changes)
    {
        var forced = new List<int>();
        for (int i = 0, left = 0; i < changes.Count && ForcedChanges.Length > 0; i++)
        {
            if (rows.Contains(changes[i].Row))
                continue;
            if (IsForced(i))
                forced.Add(left);
            left++;
        }
        var fate = (RowFate[])Fate.Clone();
        var created = (long[])CreatedAt.Clone();
        foreach (var row in rows)
        {
            fate[row] = RowFate.None;
            created[row] = 0;
        }
        return this with
        {
            Fate = fate,
            CreatedAt = created,
            ForcedChanges = [.. forced],
            Members = [.. Members.Where(m => !rows.Contains(m.Row))],
            Tags = [.. Tags.Where(t => !rows.Contains(t.Row))],
            MembersReturned = [.. MembersReturned.Where(m => !rows.Contains(m.Row))],
            TagsReturned = [.. TagsReturned.Where(t => !rows.Contains(t.Row))],
        };
    }
}
