using System.Security.Cryptography;
using System.Text.Json;
using Muster.Contacts;
using Muster.Formats;
using Muster.Formats.Workbooks;
using Muster.Mapping;
using Muster.Sources;
using Muster.Storage;

namespace Muster.Jobs;

/// <summary>A source that lies in the spool and waits to be accepted.</summary>
/// <param name="Kind">file (multipart or command line), body or contacts.</param>
/// <param name="Route">Scope of the idempotency key beside the account.</param>
public sealed record IntakeRequest(
    Account Account, SpooledSource Spooled, string Kind, string? FileName, ImportOptions Options, string? IdempotencyKey, string Route);

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
public sealed class ImportIntake(MusterSettings settings, Spool spool, IImportStore imports, IContactStore contacts, ImportSignals signals, TimeProvider time)
{
    readonly SemaphoreSlim workbooks = new(settings.WorkbooksConcurrent);

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
            spool.Delete(request.Spooled.Name);
            throw;
        }
        if (result is not IntakeResult.Accepted { Import: var import })
        {
            spool.Delete(request.Spooled.Name);
            return result;
        }
        AcceptResult accepted;
        try
        {
            accepted = await imports.AcceptAsync(import, cancellationToken);
        }
        catch (StoreFullException)
        {
            // Nothing was committed; after any other failure it may have been, and the source must stay.
            DeleteBoth(request, import);
            throw;
        }
        switch (accepted)
        {
            case AcceptResult.Replayed replayed:
                DeleteBoth(request, import);
                return new IntakeResult.Replayed(replayed.Import);
            case AcceptResult.Conflict conflict:
                DeleteBoth(request, import);
                return new IntakeResult.KeyConflict(conflict.ImportId);
            default:
                // Of a workbook only the sheet's text is kept.
                if (import.Source.Spool != request.Spooled.Name)
                    spool.Delete(request.Spooled.Name);
                signals.Queued();
                return result;
        }
    }

    /// <summary>The bytes as they came, and what a workbook's sheet became.</summary>
    void DeleteBoth(IntakeRequest request, Import import)
    {
        spool.Delete(request.Spooled.Name);
        if (import.Source.Spool is { } text && text != request.Spooled.Name)
            spool.Delete(text);
    }

    /// <summary>Reads as much of the source as it takes to know its shape, and builds the import from it.</summary>
    async Task<IntakeResult> ExamineAsync(IntakeRequest request, CancellationToken cancellationToken)
    {
        var options = WithDefaults(request.Options, request.Account);
        if (ImportChoices.Refuse(options) is { } badOption)
            return badOption;
        if (options.Delimiter is { } delimiter && SourceOpening.DelimiterOf(delimiter) is null or > '\x7F' or '"' or '\r' or '\n' or '\0')
            return ImportChoices.Refused("delimiter", "delimiter is one ASCII character that is no quote and no line end, or comma, semicolon, tab or pipe.");
        if (await FindListsAsync(request.Account.Id, options, cancellationToken) is { } unknownList)
            return unknownList;

        var stream = spool.TryOpen(request.Spooled.Name) ?? throw new SourceException(ErrorCode.SourceExpired, ErrorCode.SourceExpired.Message());
        var opening = await OpenAsync(stream, options, cancellationToken);
        if (opening is OpenResult.Refused refused)
            return new IntakeResult.Refused(refused.Code, refused.Detail, refused.Code == ErrorCode.UnknownSheet ? "sheet" : null);
        using var reader = ((OpenResult.Opened)opening).Reader;
        var shape = reader.Shape;

        var fields = await contacts.FieldsAsync(request.Account.Id, cancellationToken);
        var mapped = ColumnMapper.Map(
            shape.Columns, options.Mapping, ImportChoices.UnknownColumnsWords[options.UnknownColumns!], [.. fields.Select(f => f.Name)], settings.FieldsMax);
        if (mapped is MappingResult.Refused badMapping)
            return new IntakeResult.Refused(badMapping.Code, badMapping.Detail, badMapping.Option);
        var map = ((MappingResult.Mapped)mapped).Map;

        var workbook = reader as WorkbookRowReader;
        List<string> warnings = [.. workbook?.Notes?.Warnings() ?? [], .. WorkbookNames.Warnings(request.FileName, shape.Format)];
        if (workbook is null && options.Sheet is not null)
            warnings.Add($"The option sheet says nothing here: the source is {shape.Format} and has no sheets.");
        if (FallBack(options.Match!, map) is { } other)
        {
            warnings.Add($"The source has no column for {options.Match}: its rows are matched by {other}.");
            options = options with { Match = other };
        }

        // What speaks against importing before a row is read goes in here: the import then waits for a person from the start.
        List<HoldFinding> findings = [];
        var hold = HoldRules.InForce(findings, options.Hold, []);

        if (!reader.Read())
            return new IntakeResult.Refused(ErrorCode.NoRows, ErrorCode.NoRows.Message());
        var isSmall = IsSmall(reader);
        return new IntakeResult.Accepted(new()
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()),
            AccountId = request.Account.Id,
            Kind = ImportKind.Import,
            Status = hold.Count > 0 ? ImportStatus.Held : ImportStatus.Queued,
            Hold = hold,
            Flags = await FlagsAsync(request, options, cancellationToken),
            Options = options,
            Source = new(
                request.Kind, request.FileName, request.Spooled.Bytes, request.Spooled.Sha256, workbook?.Keep() ?? request.Spooled.Name,
                shape.Format, shape.Encoding, shape.Delimiter?.ToString(), shape.Columns, shape.HeaderEnd, shape.HasHeader)
            {
                Sheet = workbook?.Notes?.Sheet,
                Sheets = workbook?.Notes?.Sheets,
                TextBytes = workbook?.TextBytes,
            },
            Mapping = [.. map.Columns.Select(c => new ImportColumn(c.Index, c.Column, c.Target.ToString(), c.Confidence, c.Reason))],
            Warnings = warnings,
            CreatedAt = time.GetUtcNow(),
            IdempotencyKey = request.IdempotencyKey,
            IdempotencyRoute = request.IdempotencyKey is null ? null : request.Route,
            Fingerprint = Fingerprint(request),
            Small = isSmall,
        });
    }

    /// <summary>Opens the source. Workbooks are read here, and only so many at once: each takes memory and a core for a while.</summary>
    async Task<OpenResult> OpenAsync(FileStream stream, ImportOptions options, CancellationToken cancellationToken)
    {
        if (!SourceOpening.MayBeWorkbook(stream))
            return SourceOpening.Open(stream, options, settings, spool, cancellationToken);
        await workbooks.WaitAsync(cancellationToken);
        try
        {
            return SourceOpening.Open(stream, options, settings, spool, cancellationToken);
        }
        finally
        {
            workbooks.Release();
        }
    }

    static ImportOptions WithDefaults(ImportOptions options, Account account) => options with
    {
        Match = options.Match ?? FieldTarget.To(KeyField(account.Match)).ToString(),
        Mode = options.Mode ?? "upsert",
        Policy = options.Policy ?? "overwrite",
        Blank = options.Blank ?? "keep",
        OnDuplicateRow = options.OnDuplicateRow ?? "first",
        OnListMember = options.OnListMember ?? "update",
        OnInvalidValue = options.OnInvalidValue ?? "reject_row",
        UnknownColumns = options.UnknownColumns ?? "create_field",
        PhoneStyle = options.PhoneStyle ?? "any",
        Region = options.Region?.ToUpperInvariant() ?? account.Region,
        Header = options.Header ?? true,
        Hold = HoldRules.Resolve(options.Hold, account.Settings.Hold),
    };

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

    async Task<IntakeResult.Refused?> FindListsAsync(int accountId, ImportOptions options, CancellationToken cancellationToken)
    {
        if (options.ListIds is not { Count: > 0 } wanted)
            return null;
        var known = (await contacts.ListsAsync(accountId, cancellationToken)).Select(l => l.Id).ToHashSet();
        var unknown = wanted.Where(id => !known.Contains(id)).ToList();
        return unknown.Count == 0 ? null : ImportChoices.Refused("list_ids", $"There is no list {string.Join(", ", unknown)}. Name lists by \"lists\" to create them.");
    }

    /// <summary>The identity to match by when the source lacks the one that was meant; null when it has that, or none.</summary>
    static string? FallBack(string match, ColumnMap map)
    {
        bool Has(KeyKind kind) => map.Has(KeyField(kind));
        if (Has(ImportChoices.Matches[match]))
            return null;
        foreach (var kind in (ReadOnlySpan<KeyKind>)[KeyKind.Email, KeyKind.Phone, KeyKind.ExternalId])
        {
            if (Has(kind))
                return FieldTarget.To(KeyField(kind)).ToString();
        }
        return null;
    }

    static BuiltInField KeyField(KeyKind kind) => kind switch
    {
        KeyKind.Phone => BuiltInField.Phone,
        KeyKind.Email => BuiltInField.Email,
        _ => BuiltInField.ExternalId,
    };

    /// <summary>The file's bytes and the options as they were given: what makes two requests with one Idempotency-Key the same request.</summary>
    static string Fingerprint(IntakeRequest request)
    {
        // Names in a JSON object have no order.
        var sorted = request.Options with { Mapping = Sorted(request.Options.Mapping), Policies = Sorted(request.Options.Policies), Hold = SortedLimits(request.Options.Hold) };
        var options = JsonSerializer.SerializeToUtf8Bytes(sorted, StoredJson.Compact.ImportOptions);
        return request.Spooled.Sha256 + Convert.ToHexStringLower(SHA256.HashData(options));
    }

    static SortedDictionary<string, string>? Sorted(IReadOnlyDictionary<string, string>? names) =>
        names is null ? null : new(names.ToDictionary(), StringComparer.Ordinal);

    static SortedDictionary<string, double?>? SortedLimits(IReadOnlyDictionary<string, double?>? limits) =>
        limits is null ? null : new(limits.ToDictionary(), StringComparer.Ordinal);

    bool IsSmall(RowReader reader)
    {
        for (var rows = 1; rows <= settings.SmallImportRows; rows++)
        {
            if (!reader.Read())
                return true;
        }
        return false;
    }
}
