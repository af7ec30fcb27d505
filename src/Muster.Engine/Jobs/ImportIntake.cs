using System.Security.Cryptography;
using System.Text.Json;
using Muster.Contacts;
using Muster.Mapping;
using Muster.Sources;
using Muster.Storage;

namespace Muster.Jobs;

/// <summary>A source that lies in the spool and waits to be accepted.</summary>
/// <param name="Kind">file (multipart or command line), body, contacts or upload.</param>
/// <param name="Route">Scope of the idempotency key beside the account.</param>
/// <param name="IsUpload">The source belongs to an upload and stays in the spool whatever becomes of the request.</param>
public sealed record IntakeRequest(
    Account Account, SpooledSource Spooled, string Kind, string? FileName, ImportOptions Options, string? IdempotencyKey, string Route, bool IsUpload = false)
{
    /// <summary>Whom to tell besides those that the options name.</summary>
    public IReadOnlyList<ImportTarget> Targets { get; init; } = [];

    /// <summary>The spooled file that the import reads, once it is examined: the request's own, or what was packed in it.</summary>
    internal string? ReadFrom { get; init; }

    /// <summary>Where each column goes, when the caller's protocol names the columns itself (after <see cref="SourceLook"/>); null: found out from their names and <see cref="ImportOptions.Mapping"/>.</summary>
    public ColumnMap? Columns { get; init; }

    /// <summary>An earlier look at the source, which this request takes over; null: nobody has looked.</summary>
    public LookResult? Look { get; init; }

    /// <summary>Somebody waits for the import's end: it takes the reserved lane, however many rows it has.</summary>
    public bool IsAwaited { get; init; }

    /// <summary>A source that is in no readable format is accepted all the same, and its import fails with the reason: for callers whose protocol tells of the file later.</summary>
    public bool KeepsUnreadable { get; init; }

    /// <summary>The import whose corrected rejects the source holds: its options are taken (see <see cref="ImportRetry"/>).</summary>
    public Import? Parent { get; init; }

    /// <summary>Imports that may be under way at once by the route's own rule, where that is stricter than the account's limit.</summary>
    public int ActiveMax { get; init; } = int.MaxValue;
}

/// <summary>What became of a request to import.</summary>
public abstract record IntakeResult
{
    public sealed record Accepted(Import Import) : IntakeResult;

    /// <summary>The same Idempotency-Key with the same bytes and options came before.</summary>
    public sealed record Replayed(Import Import) : IntakeResult;

    /// <summary>The same Idempotency-Key came before with other bytes or options.</summary>
    public sealed record KeyConflict(Guid ImportId) : IntakeResult;

    /// <summary>The source or an option cannot be used. <paramref name="Detail"/> names the rule, what was found and the remedy.</summary>
    /// <param name="Option">Name of the option at fault, or null when the source is.</param>
    public sealed record Refused(ErrorCode Code, string Detail, string? Option = null) : IntakeResult;
}

/// <summary>Accepts imports: looks at the source, freezes the options, and makes both durable before anybody is told so.</summary>
public sealed partial class ImportIntake(MusterSettings settings, Spool spool, IImportStore imports, IContactStore contacts, ImportSignals signals, TimeProvider time)
{
    /// <summary>Where the option profile looks; null: there are none.</summary>
    public IProfileStore? Profiles { get; init; }

    /// <summary>Accepts a spooled source. A source that is not needed, because it was refused or came before, leaves the spool.</summary>
    public async Task<IntakeResult> AcceptAsync(IntakeRequest request, CancellationToken cancellationToken)
    {
        IntakeResult result;
        try
        {
            result = await ExamineAsync(request, cancellationToken);
        }
        catch
        {
            Drop(request);
            throw;
        }
        if (result is not IntakeResult.Accepted { Import: var import })
        {
            Drop(request);
            return result;
        }
        request = request with { ReadFrom = import.Source.Spool };
        AcceptResult accepted;
        try
        {
            accepted = await imports.AcceptAsync(import, CapsOf(request.Account, request.ActiveMax), cancellationToken);
        }
        catch (IOException e) when (e is StoreFullException or StoreBusyException)
        {
            // Nothing was committed; after any other failure it may have been, and the source must stay.
            Drop(request);
            throw;
        }
        switch (accepted)
        {
            case AcceptResult.Replayed replayed:
                Drop(request);
                return new IntakeResult.Replayed(replayed.Import);
            case AcceptResult.Conflict conflict:
                Drop(request);
                return new IntakeResult.KeyConflict(conflict.ImportId);
            case AcceptResult.NoRoom noRoom:
                Drop(request);
                return new IntakeResult.Refused(noRoom.Code, noRoom.Code.Message());
            default:
                if (request.ReadFrom != request.Spooled.Name)
                    DropReceived(request); // what was packed in it is kept instead
                signals.Queued();
                return result;
        }
    }

    void Drop(IntakeRequest request)
    {
        DropReceived(request);
        if (request.ReadFrom is { } unpacked && unpacked != request.Spooled.Name)
            spool.Delete(unpacked);
        SourceLook.Drop(spool, request.Look);
    }

    void DropReceived(IntakeRequest request)
    {
        if (!request.IsUpload)
            spool.Delete(request.Spooled.Name);
    }

    AcceptCaps CapsOf(Account account, int activeMax)
    {
        var limits = account.Settings.Limits.With(settings);
        return new(Math.Min(limits.ImportsActiveMax ?? int.MaxValue, activeMax), limits.SpoolBytesMax ?? 0);
    }

    /// <summary>A true repetition is answered as it was before, whatever has become of its lists or fields meanwhile.</summary>
    async Task<IntakeResult?> FindEarlierAsync(int accountId, string route, string? key, string fingerprint, CancellationToken cancellationToken)
    {
        if (key is null || await imports.FindByKeyAsync(accountId, route, key, cancellationToken) is not { } earlier)
            return null;
        return earlier.Fingerprint == fingerprint ? new IntakeResult.Replayed(earlier) : new IntakeResult.KeyConflict(earlier.Id);
    }

    /// <summary>Reads as much of the source as it takes to know its shape, and builds the import from it.</summary>
    async Task<IntakeResult> ExamineAsync(IntakeRequest request, CancellationToken cancellationToken)
    {
        if (await FindEarlierAsync(request.Account.Id, request.Route, request.IdempotencyKey, Fingerprint(request.Spooled.Sha256, request.Options), cancellationToken) is { } answered)
            return answered;
        if (request.Account.Settings.ImportsOff)
            return new IntakeResult.Refused(ErrorCode.ImportsOff, ErrorCode.ImportsOff.Message());
        var given = request.Options;
        if (request.Parent is { } parent)
        {
            (given, var notOfRetry) = ImportRetry.OptionsOf(parent, given);
            if (notOfRetry is not null)
                return notOfRetry;
            given = ImportRetry.AskAnewOfEscapes(given, request.Options, parent, request.Spooled, spool);
        }
        var examined = await new SourceExaminer(settings, spool, contacts, Profiles).ExamineAsync(request.Account, request.Spooled, given, cancellationToken, request.Columns, request.Parent?.Source, (request.Look as LookResult.Seen)?.Inside);
        if (examined is Examination.Refused refused)
            return request.KeepsUnreadable && refused.Options is { } understood ? new IntakeResult.Accepted(Unreadable(request, understood)) : refused.Why;
        var reading = ((Examination.Understood)examined).Reading;
        if (reading.Problem is { } problem)
        {
            reading.DropUnpacked(spool);
            return problem;
        }
        var shape = reading.Shape;
        if (ImportNotices.Read(reading.Options, settings, out var targets, out var options, out var warning) is { } badNotice)
        {
            reading.DropUnpacked(spool);
            return badNotice;
        }
        if (request.Parent is not null)
            targets = []; // the parent's, which the store has whole; its options only show them
        // What speaks against importing before a row is read: the import then waits for a person from the start.
        var hold = HoldRules.InForce(reading.Findings, reading.Options.Hold, []);
        var plans = request.Options.DryRun == true;
        var flags = await FlagsAsync(request, reading.Options, cancellationToken);
        var source = new ImportSource(
            request.Kind, request.FileName, request.Spooled.Bytes, request.Spooled.Sha256, reading.ReadFrom.Name,
            shape.Format, shape.Encoding, shape.Delimiter?.ToString(), shape.Columns, shape.HeaderEnd, shape.HasHeader)
        {
            PreambleRows = shape.PreambleRows, TotalsRows = shape.TotalsRows, TotalsOffset = shape.TotalsOffset,
            Packing = reading.Packing, Evidence = reading.Understanding, RecognizedAs = reading.Map.Export?.Name,
            Sheet = reading.Sheet?.Notes.Sheet, Sheets = reading.Sheet?.Notes.Sheets, TextBytes = reading.Sheet?.TextBytes,
        };
        return new IntakeResult.Accepted(Waiting(request, options, source) with
        {
            Status = hold.Count > 0 && !plans ? ImportStatus.Held : ImportStatus.Queued,
            Hold = plans ? [] : hold,
            Flags = plans ? [.. flags, .. hold] : flags, // a plan says what would hold the import
            Mapping = reading.Columns,
            Warnings = [.. SheetTaking.Warnings(reading.Sheet?.Notes, request.FileName, shape.Format, request.Options), .. reading.Warnings, .. warning is null ? Array.Empty<string>() : [warning]],
            ParentId = request.Parent?.Id,
            Targets = [.. targets, .. request.Targets],
            Small = request.IsAwaited || reading.Scan.IsSmall,
        });
    }

    /// <summary>The import of a request, without what a look at its source says.</summary>
    Import Waiting(IntakeRequest request, ImportOptions options, ImportSource source)
    {
        var now = time.GetUtcNow();
        return new()
        {
            Id = Guid.CreateVersion7(now),
            AccountId = request.Account.Id,
            Kind = request.Options.DryRun == true ? ImportKind.Plan : ImportKind.Import,
            Status = ImportStatus.Queued,
            Options = options,
            Source = source,
            CreatedAt = now,
            IdempotencyKey = request.IdempotencyKey,
            IdempotencyRoute = request.IdempotencyKey is null ? null : request.Route,
            Fingerprint = Fingerprint(request.Spooled.Sha256, request.Options),
            Targets = [.. request.Targets],
        };
    }

    /// <summary>Opening the source again is what the import fails by.</summary>
    Import Unreadable(IntakeRequest request, ImportOptions options)
    {
        var source = new ImportSource(
            request.Kind, request.FileName, request.Spooled.Bytes, request.Spooled.Sha256, request.Spooled.Name, ImportSource.UnknownFormat, "unknown", null, [], 0, HasHeader: false);
        return Waiting(request, options, source) with { Small = true };
    }

    /// <summary>Sent twice by mistake? Only said, never dropped: the second import of one file may be meant.</summary>
    async Task<IReadOnlyList<HoldFinding>> FlagsAsync(IntakeRequest request, ImportOptions options, CancellationToken cancellationToken)
    {
        if (await imports.FindSameSourceAsync(request.Account.Id, request.Spooled.Sha256, cancellationToken) is not { } same)
            return [];
        var times = same.Imports == 1 ? "once before" : $"{same.Imports} times before";
        var flag = new HoldFinding(
            HoldRules.SameFile, same.Imports, options.Hold?[HoldRules.SameFile] ?? 0,
            $"The same bytes were imported {times}, last as import {same.Newest}.", [new(null, Value: same.Newest.ToString())]);
        return same.Imports > flag.Limit ? HoldRules.InForce([flag], options.Hold, []) : [];
    }

    /// <summary>The source's bytes, or its address, and the options as they were given: what makes two requests with one Idempotency-Key the same request.</summary>
    static string Fingerprint(string source, ImportOptions asked)
    {
        // Names in a JSON object have no order.
        var sorted = asked with { Mapping = Sorted(asked.Mapping), Policies = Sorted(asked.Policies), Hold = SortedLimits(asked.Hold) };
        var options = JsonSerializer.SerializeToUtf8Bytes(sorted, StoredJson.Compact.ImportOptions);
        return source + Convert.ToHexStringLower(SHA256.HashData(options));
    }

    static SortedDictionary<string, string>? Sorted(IReadOnlyDictionary<string, string>? names) =>
        names is null ? null : new(names.ToDictionary(), StringComparer.Ordinal);

    static SortedDictionary<string, double?>? SortedLimits(IReadOnlyDictionary<string, double?>? limits) =>
        limits is null ? null : new(limits.ToDictionary(), StringComparer.Ordinal);
}
