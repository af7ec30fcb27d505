using System.Security.Cryptography;
using System.Text;
using Muster.Contacts;
using Muster.Sources;
using Muster.Sources.Remote;
using Muster.Storage;

namespace Muster.Jobs;

/// <summary>A source that is still somewhere else.</summary>
/// <param name="Urls">Where to fetch it, complete; a further one is tried when those before it are refused with 403 or 404.</param>
public sealed record RemoteRequest(Account Account, IReadOnlyList<string> Urls, ImportOptions Options, string? IdempotencyKey, string Route)
{
    /// <summary>Whom to tell besides those that the options name.</summary>
    public IReadOnlyList<ImportTarget> Targets { get; init; } = [];
}

public sealed partial class ImportIntake
{
    /// <summary>Accepts a source by its address. Nothing is fetched before the answer; what cannot be told without fetching fails the import later.</summary>
    public async Task<IntakeResult> AcceptRemoteAsync(RemoteRequest request, CancellationToken cancellationToken)
    {
        var fingerprint = Fingerprint(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', request.Urls)))), request.Options);
        if (await FindEarlierAsync(request.Account.Id, request.Route, request.IdempotencyKey, fingerprint, cancellationToken) is { } answered)
            return answered;
        foreach (var url in request.Urls)
        {
            if (RemoteAddress.Refuse(url, settings) is { } refused)
                return new IntakeResult.Refused(refused.Code, refused.Detail);
        }
        if (request.Account.Settings.ImportsOff)
            return new IntakeResult.Refused(ErrorCode.ImportsOff, ErrorCode.ImportsOff.Message());
        var (options, bad) = await new SourceExaminer(settings, spool, contacts).CheckAsync(request.Account, request.Options, cancellationToken);
        if (bad is not null)
            return bad;
        if (ImportNotices.Read(options, settings, out var targets, out options, out var warning) is { } badNotice)
            return badNotice;
        var now = time.GetUtcNow();
        var import = new Import
        {
            Id = Guid.CreateVersion7(now),
            AccountId = request.Account.Id,
            Kind = request.Options.DryRun == true ? ImportKind.Plan : ImportKind.Import,
            Status = ImportStatus.Queued,
            Options = options,
            Source = new(ImportSource.KindUrl, null, 0, "", null, "", "", null, [], 0, HasHeader: false, RemoteAddress.Parse(request.Urls[0])!.Shown), // not refused
            Warnings = warning is null ? [] : [warning],
            CreatedAt = now,
            IdempotencyKey = request.IdempotencyKey,
            IdempotencyRoute = request.IdempotencyKey is null ? null : request.Route,
            Fingerprint = fingerprint,
            Remote = request.Urls,
            Targets = [.. targets, .. request.Targets],
        };
        switch (await imports.AcceptAsync(import, CapsOf(request.Account, int.MaxValue), cancellationToken))
        {
            case AcceptResult.Replayed replayed:
                return new IntakeResult.Replayed(replayed.Import);
            case AcceptResult.Conflict conflict:
                return new IntakeResult.KeyConflict(conflict.ImportId);
            case AcceptResult.NoRoom noRoom:
                return new IntakeResult.Refused(noRoom.Code, noRoom.Code.Message());
            case AcceptResult.Accepted accepted:
                signals.Queued();
                return new IntakeResult.Accepted(accepted.Import);
            default:
                throw new InvalidOperationException("Accepting has three results.");
        }
    }

    /// <summary>What an import is whose source has been fetched: as <see cref="AcceptAsync"/> would have made it of the same bytes.</summary>
    /// <exception cref="SourceException">The source or an option cannot be used.</exception>
    public async Task<Import> ExamineFetchedAsync(Import import, Account account, FetchedSource fetched, CancellationToken cancellationToken)
    {
        var request = new IntakeRequest(account, fetched.Spooled, ImportSource.KindUrl, fetched.FileName, import.Options, null, "");
        return await ExamineAsync(request, cancellationToken) switch
        {
            IntakeResult.Accepted { Import: var known } => import with
            {
                Options = known.Options with { WebhookUrl = import.Options.WebhookUrl, NotifyEmail = import.Options.NotifyEmail },
                Source = known.Source with { Url = import.Source.Url },
                Status = known.Status,
                Hold = known.Hold,
                Flags = known.Flags,
                Mapping = known.Mapping,
                Warnings = known.Warnings,
                Small = known.Small,
            },
            IntakeResult.Refused refused => throw new SourceException(refused.Code, refused.Detail),
            _ => throw new InvalidOperationException("Examining has two results."),
        };
    }
}
