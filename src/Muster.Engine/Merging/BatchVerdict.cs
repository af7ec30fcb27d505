using Muster.Contacts;

namespace Muster.Merging;

/// <summary>Looks at a batch once it is decided and before it commits.</summary>
/// <remarks>May be asked several times about one batch; what it counts stands only once <see cref="Keep"/> says that the batch was committed.</remarks>
public interface IBatchJudge
{
    BatchVerdict Judge(RowBlock rows, BatchDecision decision);

    /// <summary>The batch that was judged last is committed.</summary>
    void Keep();
}

/// <summary>Whether a batch may commit, and what is written with it.</summary>
/// <param name="Hold">What the import must be held for; the batch must not commit then.</param>
/// <param name="Cut">Rows of the batch that may be written before the import must end; the batch must not commit as it is. −1: all of them.</param>
/// <param name="Tally">What has been counted, this batch included: kept with the checkpoint.</param>
/// <param name="Flags">What a person should look at, or null when nothing has changed.</param>
public sealed record BatchVerdict(IReadOnlyList<HoldFinding> Hold, int Cut, string Tally, IReadOnlyList<HoldFinding>? Flags)
{
    public bool MayCommit => Hold.Count == 0 && Cut < 0;
}
