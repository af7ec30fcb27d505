using Muster.Contacts;
using Muster.Formats;
using Muster.Formats.Workbooks;
using Muster.Mapping;
using Muster.Sources;
using Muster.Storage;
using Muster.Validation;
using Muster.Validation.Phones;

namespace Muster.Jobs;

/// <summary>A source as it was understood, from a look at its beginning and a sample of the rest: what an import of it is accepted with, and what a preview shows.</summary>
/// <param name="Options">With every default filled in.</param>
/// <param name="Evidence">One a column of the source.</param>
/// <param name="Fields">The account's custom fields.</param>
/// <param name="Findings">What a person should decide before its rows go in, whether or not the import's hold rules ask for it.</param>
/// <param name="Problem">Why the source cannot be imported with these options although it can be read; null when it can.</param>
sealed record SourceReading(
    ImportOptions Options, SourceShape Shape, IReadOnlyList<ImportColumn> Columns, IReadOnlyList<ColumnEvidence> Evidence, SourceScan Scan,
    IReadOnlyList<FieldDefinition> Fields, IReadOnlyList<string> Warnings, IReadOnlyList<HoldFinding> Findings, IntakeResult.Refused? Problem)
{
    /// <summary>The spooled file that was read: the source, or what was packed in it.</summary>
    public required SpooledSource ReadFrom { get; init; }

    /// <summary>How the source was packed, or null.</summary>
    public SourcePacking? Packing { get; init; }

    /// <summary>What says that encoding, delimiter, header and totals are as the shape has them.</summary>
    public SourceEvidence? Understanding { get; init; }

    /// <summary>The sheet that was read, of a workbook; then <see cref="ReadFrom"/> is its text.</summary>
    public SheetResult.Made? Sheet { get; init; }

    /// <summary>For when nobody goes on with it.</summary>
    public void DropUnpacked(Spool spool)
    {
        if (Packing is not null || Sheet is not null)
            spool.Delete(ReadFrom.Name);
    }
}

/// <summary>What became of looking at a source.</summary>
abstract record Examination
{
    public sealed record Understood(SourceReading Reading) : Examination;

    /// <param name="Options">With every default filled in, when they can be used and the source itself cannot be read; else null.</param>
    public sealed record Refused(IntakeResult.Refused Why, ImportOptions? Options = null) : Examination;
}

/// <summary>Looks at a source before it is imported: one way for imports and previews, so that a preview promises nothing else than an import does.</summary>
sealed class SourceExaminer(MusterSettings settings, Spool spool, IContactStore contacts)
{
    /// <param name="columns">Where the columns go, when the caller knows already; null: found out.</param>
    /// <param name="earlier">A source that this one was probably made from: its encoding is believed before a guess.</param>
    /// <exception cref="SourceException">The source has expired.</exception>
    public async Task<Examination> ExamineAsync(
        Account account, SpooledSource spooled, ImportOptions asked, CancellationToken cancellationToken, ColumnMap? columns = null, ImportSource? earlier = null)
    {
        var (options, badOption) = await CheckAsync(account, asked, cancellationToken);
        if (badOption is not null)
            return Refuse(badOption);
        // A workbook is an archive of its own kind: whether it is one is looked at before it is taken for a packed file, and again inside of one.
        if (await SheetTaking.TakeAsync(spool, spooled.Name, options, settings, cancellationToken) is { } sheet)
            return await ReadSheetAsync(account, spooled, sheet, options, columns, earlier, cancellationToken);
        var unpacking = await SourceUnpacking.UnpackAsync(spool, spooled.Name, settings, cancellationToken);
        if (unpacking is UnpackingResult.Refused damaged)
            return Refuse(new(damaged.Code, damaged.Detail));
        if (unpacking is not UnpackingResult.Unpacked unpacked)
            return await ReadAsync(account, spooled, options, columns, earlier, cancellationToken);
        var isNeeded = false;
        try
        {
            var inside = await SheetTaking.TakeAsync(spool, unpacked.Content.Name, options, settings, cancellationToken);
            var examination = inside is null
                ? await ReadAsync(account, unpacked.Content, options, columns, earlier, cancellationToken)
                : await ReadSheetAsync(account, unpacked.Content, inside, options, columns, earlier, cancellationToken);
            if (examination is not Examination.Understood understood)
                return examination;
            isNeeded = inside is null;
            return new Examination.Understood(understood.Reading with { Packing = unpacked.Packing });
        }
        finally
        {
            if (!isNeeded)
                spool.Delete(unpacked.Content.Name);
        }
    }

    async Task<Examination> ReadSheetAsync(
        Account account, SpooledSource workbook, SheetResult sheet, ImportOptions options, ColumnMap? columns, ImportSource? earlier, CancellationToken cancellationToken)
    {
        if (sheet is not SheetResult.Made made)
        {
            var refused = (SheetResult.Refused)sheet;
            return new Examination.Refused(new(refused.Code, refused.Detail, refused.Code == ErrorCode.UnknownSheet ? "sheet" : null), options);
        }
        var isNeeded = false;
        try
        {
            var examination = await ReadAsync(account, workbook with { Name = made.Name, Bytes = made.TextBytes }, options, columns, earlier, cancellationToken);
            if (examination is not Examination.Understood understood)
                return examination;
            isNeeded = true;
            return new Examination.Understood(understood.Reading with { Sheet = made });
        }
        finally
        {
            if (!isNeeded)
                spool.Delete(made.Name);
        }
    }

    async Task<Examination> ReadAsync(
        Account account, SpooledSource spooled, ImportOptions options, ColumnMap? columns, ImportSource? earlier, CancellationToken cancellationToken)
    {
        var stream = spool.TryOpen(spooled.Name) ?? throw new SourceException(ErrorCode.SourceExpired, ErrorCode.SourceExpired.Message());
        var opening = SourceOpening.Open(stream, options, settings, earlier: earlier);
        if (opening is OpenResult.Refused refused)
            return new Examination.Refused(new(refused.Code, refused.Detail), options);
        var opened = (OpenResult.Opened)opening;
        using var reader = opened.Reader;
        var shape = reader.Shape;
        options = options with { Encoding = options.Encoding is null ? null : shape.Encoding, Header = shape.HasHeader };
        options = options with { FormulaEscapes = options.FormulaEscapes ?? EscapesOf(shape, spooled) };

        _ = PhoneRegion.TryParse(options.Region, out var region);
        var evidence = shape.Columns.Select(_ => new ColumnEvidence(region)).ToArray();
        var scan = SourceScan.Run(reader, spooled.Bytes, settings, (record, isNumbered) =>
        {
            if (record.Fault != ErrorCode.None)
                return;
            for (var i = 0; i < evidence.Length; i++)
                evidence[i].Take(record.GetCell(i), isNumbered ? record.RowNumber : 0);
        });

        var fields = await contacts.FieldsAsync(account.Id, cancellationToken);
        IntakeResult.Refused? problem = null;
        var map = columns;
        if (map is null)
        {
            var mapped = ColumnMapper.Map(
                shape.Columns, options.Mapping, ImportChoices.UnknownColumnsWords[options.UnknownColumns!], [.. fields.Select(f => f.Name)], settings.FieldsMax,
                [.. evidence.Select(e => new ColumnHint(e.Values, e.EmailShare, e.PhoneShare, e.LooksLikeEmail, e.LooksLikePhone, e.ConsentShare))]);
            if (mapped is MappingResult.Refused badMapping)
            {
                problem = new(badMapping.Code, badMapping.Detail, badMapping.Option);
                if (badMapping.Map is null)
                    return Refuse(problem);
            }
            map = mapped is MappingResult.Mapped whole ? whole.Map : ((MappingResult.Refused)mapped).Map!; // returned above when there is none
        }
        if (ListVariables.Refuse(map, options, await contacts.ListsAsync(account.Id, cancellationToken)) is { } badVariables)
            return Refuse(badVariables);

        var warnings = new List<string>(opened.Warnings);
        if (columns is null && FallBack(options.Match!, map) is { } other)
        {
            warnings.Add($"The source has no column for {options.Match!.Replace(",", " or ", StringComparison.Ordinal)}: its rows are matched by {other}.");
            options = options with { Match = other };
        }
        if (fields.FirstOrDefault(f => f.Type != FieldType.Text && options.Policies?.Any(p => p.Value == "append" && p.Key.Equals("field:" + f.Name, StringComparison.OrdinalIgnoreCase)) == true) is { } typed)
            return Refuse(ImportChoices.Refused("policies", $"policies appends to field:{typed.Name}, which holds one {typed.Type.ToString().ToLowerInvariant()}. append is for text fields."));
        if (scan.Rows == 0)
            problem ??= new(ErrorCode.NoRows, ErrorCode.NoRows.Message());

        var readings = new ColumnReadings(options, account, fields, evidence);
        var read = map.Columns.Select(readings.Read).ToList();
        warnings.AddRange(readings.Warnings);
        return new Examination.Understood(new(options, shape, read, evidence, scan, fields, warnings, readings.Findings(), problem)
        {
            ReadFrom = spooled, Understanding = opened.Evidence,
        });
    }

    /// <summary>The options with every default filled in, and the first that cannot be used whatever the source is.</summary>
    public async Task<(ImportOptions Options, IntakeResult.Refused? Bad)> CheckAsync(Account account, ImportOptions asked, CancellationToken cancellationToken)
    {
        var options = WithDefaults(asked, account);
        if (ImportChoices.Refuse(options) is { } badOption)
            return (options, badOption);
        if (options.Delimiter is { } delimiter && !SourceOpening.IsDelimiter(delimiter))
            return (options, ImportChoices.Refused("delimiter", "delimiter is one character that is no letter, digit, quote or line end; or comma, semicolon, tab or pipe."));
        return (options, await FindListsAsync(account.Id, options, cancellationToken));
    }

    /// <summary>An export for machines holds values as they are; it has no byte order mark, as the one for people has. In other tables an apostrophe before a formula is an escape.</summary>
    string EscapesOf(SourceShape shape, SpooledSource spooled)
    {
        if (shape.Format != "csv")
            return "keep";
        if (!ExportColumns.AreThese(shape.Columns))
            return "remove";
        Span<byte> start = stackalloc byte[3];
        using var source = spool.TryOpen(spooled.Name);
        var length = source?.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) ?? 0;
        return start[..length].SequenceEqual("\uFEFF"u8) ? "remove" : "keep";
    }

    static Examination.Refused Refuse(IntakeResult.Refused why) => new(why);

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
        Hold = HoldRules.Resolve(options.Hold, account.Settings.Hold),
    };

    async Task<IntakeResult.Refused?> FindListsAsync(int accountId, ImportOptions options, CancellationToken cancellationToken)
    {
        if (options.ListIds is not { Count: > 0 } wanted)
            return null;
        var known = (await contacts.ListsAsync(accountId, cancellationToken)).Select(l => l.Id).ToHashSet();
        var unknown = wanted.Where(id => !known.Contains(id)).ToList();
        return unknown.Count == 0 ? null : ImportChoices.Refused("list_ids", $"There is no list {string.Join(", ", unknown)}. Name lists by \"lists\" to create them.");
    }

    /// <summary>The identity to match by when the source lacks those that were meant; null when it has one of them, or none.</summary>
    static string? FallBack(string match, ColumnMap map)
    {
        bool Has(KeyKind kind) => map.Has(KeyField(kind));
        if (ImportChoices.KindsOf(match).Any(Has))
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
}
