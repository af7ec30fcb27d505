using Muster.Contacts;
using Muster.Sources;
using Muster.Storage;

namespace Muster.Jobs;

/// <summary>What became of a request to apply a plan.</summary>
public abstract record ApplyResult
{
    public sealed record Accepted(Import Import) : ApplyResult;

    public sealed record NotFound : ApplyResult;

    public sealed record WrongStatus(string Detail) : ApplyResult;

    /// <summary>The plan is all or nothing, and rows of it were rejected.</summary>
    public sealed record Rejected(string Detail) : ApplyResult;

    /// <summary>The plan's source is no longer kept.</summary>
    public sealed record Expired : ApplyResult;
}

/// <summary>Carries out plans: the same source, options and batches as the plan, each row held against what was planned.</summary>
public sealed class PlanApplication(MusterSettings settings, Spool spool, IImportStore imports, IContactStore contacts, ImportSignals signals, TimeProvider time)
{
    /// <param name="replan">Rows whose contact has moved since go in as they are decided now; otherwise they are left out. Both are warnings.</param>
    public async Task<ApplyResult> ApplyAsync(int accountId, Guid planId, bool replan, CancellationToken cancellationToken)
    {
        if (await imports.GetAsync(accountId, planId, cancellationToken) is not { Kind: not ImportKind.Api } plan)
            return new ApplyResult.NotFound();
        if (plan.Kind != ImportKind.Plan)
            return new ApplyResult.WrongStatus("Only a plan is applied: an import that was sent with dry_run.");
        if (plan.Status != ImportStatus.Planned)
            return new ApplyResult.WrongStatus($"The plan is {plan.Status.ToString().ToLowerInvariant()}. Only a finished one is applied.");
        if (plan.LedgerExpiredAt is not null)
            return new ApplyResult.WrongStatus("What was planned is no longer kept. Make a new plan.");
        if (plan.Options.Atomic == true && plan.Counts.Rejected > plan.RejectsAllowed)
            return new ApplyResult.Rejected(AtomicEnding.OfCheck(plan, plan.Counts).Detail);
        if (plan.Options.ListIds is { Count: > 0 } lists && await ImportPlan.GoneAsync(accountId, lists, contacts, cancellationToken) is { Count: > 0 } gone)
            return new ApplyResult.WrongStatus($"The plan brings contacts into the list {string.Join(", ", gone)}, which is gone since. Make a new plan.");
        using (var source = spool.TryOpen(plan.Source.Spool))
        {
            if (source is null)
                return new ApplyResult.Expired();
        }
        var now = time.GetUtcNow();
        var apply = new Import
        {
            Id = Guid.CreateVersion7(now),
            AccountId = accountId,
            Kind = ImportKind.Apply,
            Status = ImportStatus.Queued,
            Options = plan.Options with { DryRun = null, TagIds = null, Fields = null, OnConflict = replan ? "replan" : "report" },
            Source = plan.Source,
            Mapping = [.. plan.Mapping.Select(c => c with { FieldId = null })],
            CreatedAt = now,
            ParentId = plan.Id,
            TargetId = plan.Id,
            Small = plan.Counts.Read <= settings.SmallImportRows,
        };
        switch (await imports.AcceptFollowUpAsync(apply, cancellationToken))
        {
            case FollowUpResult.Accepted accepted:
                signals.Queued();
                return new ApplyResult.Accepted(accepted.Import);
            case FollowUpResult.Underway underway:
                return new ApplyResult.Accepted(underway.Import);
            default:
                return new ApplyResult.WrongStatus("The plan has been applied already. Make a new plan.");
        }
    }
}
