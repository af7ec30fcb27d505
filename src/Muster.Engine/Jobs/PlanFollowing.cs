using Muster.Contacts;
using Muster.Merging;
using Muster.Sources;
using Muster.Storage;

namespace Muster.Jobs;

/// <summary>An apply goes through its source in the batches of its plan, and holds each against what was planned.</summary>
static class PlanFollowing
{
    /// <summary>Rows of each of the plan's batches; empty for an import that applies none.</summary>
    public static async Task<IReadOnlyList<int>> SizesAsync(IImportStore imports, Import import, CancellationToken cancellationToken)
    {
        var sizes = new List<int>();
        if (import is not { Kind: ImportKind.Apply, TargetId: { } plan })
            return sizes;
        await foreach (var (_, blob) in imports.LedgerAsync(import.AccountId, plan, fromBatch: 0, cancellationToken))
            sizes.Add(Ledger.Decode(blob).Count);
        return sizes;
    }

    /// <exception cref="SourceException">The plan is gone.</exception>
    public static async Task<LedgerBatch> BatchAsync(IImportStore imports, int accountId, Guid plan, int batch, CancellationToken cancellationToken)
    {
        await foreach (var (number, blob) in imports.LedgerAsync(accountId, plan, batch, cancellationToken))
        {
            if (number == batch)
                return Ledger.Decode(blob);
            break;
        }
        throw new SourceException(ErrorCode.UndoExpired, "The plan's ledger is no longer kept. Make a new plan.");
    }
}
