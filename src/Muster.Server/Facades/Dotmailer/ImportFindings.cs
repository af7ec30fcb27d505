using System.Collections.Concurrent;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Reports;

namespace Muster.Server.Facades.Dotmailer;

/// <summary>How many rows of a finished import had which reason. Counted from the ledger once and kept for a while: clients ask again and again.</summary>
sealed class ImportFindings(ImportReports reports, SourceRecords records, ContactStanding standing)
{
    const int KeptMax = 1_000;
    readonly ConcurrentDictionary<Guid, Counts> kept = new();

    /// <param name="Quota">Rows rejected because the account has as many contacts as it may; also counted as failures.</param>
    sealed record Counts(long[] ByReason, long Quota);

    /// <summary>Every row became a contact.</summary>
    public static bool IsClean(Import import) => import.Counts is { Duplicate: 0, Suppressed: 0, Skipped: 0, Rejected: 0 };

    public async Task<bool> QuotaPassedAsync(Import import, CancellationToken cancellationToken) =>
        import.Status is ImportStatus.Completed or ImportStatus.Undone && import.Counts.Rejected > 0 && (await CountAsync(import, cancellationToken)).Quota > 0;

    public async Task<ApiContactImportReport> ReportAsync(Import import, bool withSuppressed, CancellationToken cancellationToken)
    {
        var counts = (await CountAsync(import, cancellationToken)).ByReason;
        int Of(FaultReason reason) => Clamp(counts[(int)reason]);
        return new(
            Clamp(import.Counts.Created), Clamp(import.Counts.Updated + import.Counts.Unchanged), Of(FaultReason.GloballySuppressed), Of(FaultReason.InvalidEmail),
            Of(FaultReason.Duplicate), Of(FaultReason.Blocker), Of(FaultReason.Unsubscribed), Of(FaultReason.HardBounced), Of(FaultReason.SoftBounced),
            Of(FaultReason.ComplainedToIsp), Of(FaultReason.MailBlocked), Of(FaultReason.SuppressedByDomain), Of(FaultReason.PendingOptin),
            withSuppressed ? Of(FaultReason.Failures) : Clamp(counts[(int)FaultReason.Failures] + counts[(int)FaultReason.SuppressedByYou]),
            withSuppressed ? Of(FaultReason.SuppressedByYou) : null);
    }

    async Task<Counts> CountAsync(Import import, CancellationToken cancellationToken)
    {
        if (kept.TryGetValue(import.Id, out var known))
            return known;
        var (byReason, quota) = (new long[Enum.GetValues<FaultReason>().Length], 0L);
        if (IsClean(import))
            return new(byReason, quota);
        foreach (var (outcome, code, rows) in await reports.TallyAsync(import, cancellationToken))
        {
            if (outcome != Outcome.Suppressed)
                byReason[(int)FaultReasons.Of(outcome, code)] += rows;
            if (code == ErrorCode.ContactQuotaExceeded)
                quota += rows;
        }
        if (import.Counts.Suppressed > 0)
        {
            await foreach (var record in records.ReadAsync(import, static outcome => outcome == Outcome.Suppressed, cancellationToken))
                byReason[(int)await standing.WhyAsync(import.AccountId, FaultsFile.EmailOf(import, record), cancellationToken)]++;
        }
        if (kept.Count >= KeptMax)
            kept.Clear();
        return kept[import.Id] = new(byReason, quota);
    }

    static int Clamp(long rows) => (int)Math.Min(rows, int.MaxValue);
}
