using Muster.Contacts;

namespace Muster.Merging;

/// <summary>Holds decisions against a plan.</summary>
public sealed partial class RowDecider
{
    LedgerBatch? planned;
    bool replans;

    /// <summary>The next batch is one that was planned: rows whose contact has moved since are left out, or go in as they are decided now.</summary>
    /// <param name="batch">The plan's ledger of that batch.</param>
    public void Follow(LedgerBatch batch, bool replan) => (planned, replans) = (batch, replan);

    /// <returns>True when a row that was accepted is not any more.</returns>
    bool HoldAgainstPlan(RowBlock rows)
    {
        if (planned is null)
            return false;
        if (planned.Count != rows.Count)
            throw new InvalidOperationException("A batch of an apply has other rows than its plan.");
        HashSet<int>? left = null;
        for (var row = 0; row < rows.Count; row++)
        {
            if (IsAsPlanned(row, planned))
                continue;
            rows.Warn(row, -1, ErrorCode.PlanConflict);
            if (replans || !Decision.Outcome[row].IsAccepted())
                continue;
            Decision.Outcome[row] = Outcome.Skipped;
            Decision.ContactId[row] = 0;
            Decision.Image[row] = -1;
            Decision.RevAfter[row] = 0;
            Decision.PreviousWrite[row] = default;
            (left ??= []).Add(row);
        }
        if (left is null)
            return false;
        Decision.Changes.RemoveAll(c => left.Contains(c.Row));
        return true;
    }

    /// <summary>Same outcome, same contact, and nothing has been written to that contact since. Whether a row joins a list or gets a tag is the store's to find out.</summary>
    bool IsAsPlanned(int row, LedgerBatch plan)
    {
        var (was, now) = (plan.Outcome[row], Decision.Outcome[row]);
        return was switch
        {
            Outcome.Created => now == Outcome.Created,
            Outcome.Updated when plan.RevAfter[row] != 0 =>
                now == Outcome.Updated && plan.ContactId[row] == Decision.ContactId[row] && plan.RevAfter[row] == Decision.RevAfter[row] && plan.PreviousWrite[row] == Decision.PreviousWrite[row],
            Outcome.Updated or Outcome.Unchanged => now == Outcome.Unchanged && plan.ContactId[row] == Decision.ContactId[row],
            _ => was == now,
        };
    }
}
