using Muster.Contacts;

namespace Muster.Merging;

/// <summary>Lets no batch of an all-or-nothing import commit that breaks what its check, or its plan, had found: more rejected rows than it may have, or contacts that have moved.</summary>
public sealed class AtomicJudge(Import import) : IBatchJudge
{
    readonly string tally = import.Tally ?? "{}";
    long kept = import.Counts.Rejected;
    long judged;

    /// <summary>Why the batch that was judged last may not commit: the row that broke it, and how; null when it may.</summary>
    public (long RowNumber, ErrorCode Code)? Broken { get; private set; }

    public BatchVerdict Judge(RowBlock rows, BatchDecision decision)
    {
        judged = kept;
        Broken = null;
        foreach (var error in rows.Errors)
        {
            // Left out for the plan's sake, and that is not all of it.
            if (error.Code == ErrorCode.PlanConflict && decision.Outcome[error.Row] == Outcome.Skipped)
                Broken ??= (rows.RowNumber[error.Row], error.Code);
        }
        for (var row = 0; row < rows.Count && Broken is null; row++)
        {
            if (decision.Outcome[row] == Outcome.Rejected && ++judged > import.RejectsAllowed)
                Broken = (rows.RowNumber[row], rows.Errors.Find(e => e.Row == row && e.Severity == Severity.Error).Code);
        }
        return new([], Broken is null ? -1 : 0, tally, null);
    }

    public void Keep() => kept = judged;
}
