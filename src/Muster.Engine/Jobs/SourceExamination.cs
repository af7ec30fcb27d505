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
    IReadOnlyList<FieldDefinition> Fields, ColumnMap Map, IReadOnlyList<string> Warnings, IReadOnlyList<HoldFinding> Findings, IntakeResult.Refused? Problem)
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
sealed class SourceExaminer(MusterSettings settings, Spool spool, IContactStore contacts, IProfileStore? profiles)
{
    /// <param name="columns">Where the columns go, when the caller knows already; null: found out.</param>
    /// <param name="earlier">A source that this one was probably made from: its encoding is believed before a guess.</param>
    /// <param name="inside">What an earlier look found in the source, which is an archive; deleted unless the examination's reading is of it.</param>
    /// <exception cref="SourceException">The source has expired.</exception>
    public async Task<Examination> ExamineAsync(
        Account account, SpooledSource spooled, ImportOptions asked, CancellationToken cancellationToken, ColumnMap? columns = null, ImportSource? earlier = null, UnpackingResult.Unpacked? inside = null)
    {
        var saysMapping = asked.Mapping is not null || asked.MappingRules is not null;
        var (profile, ofProfile, badProfile) = await WithProfileAsync(account, asked, cancellationToken);
        if (badProfile is not null)
            return Refuse(badProfile);
        asked = ofProfile;
        var wish = new Wish(asked, profile, saysMapping);
        var (options, badOption) = await CheckWholeAsync(account, asked, cancellationToken);
        if (badOption is not null)
            return Refuse(badOption);
        // A workbook is an archive of its own kind: whether it is one is looked at before it is taken for a packed file, and again inside of one.
        if (inside is null && await SheetTaking.TakeAsync(spool, spooled.Name, options, settings, cancellationToken) is { } sheet)
            return await ReadSheetAsync(account, spooled, sheet, options, wish, columns, earlier, cancellationToken);
        var unpacking = inside ?? await SourceUnpacking.UnpackAsync(spool, spooled.Name, settings, cancellationToken);
        if (unpacking is UnpackingResult.Refused damaged)
            return new Examination.Refused(new(damaged.Code, damaged.Detail), damaged.Code == ErrorCode.DiskFull ? null : options);
        if (unpacking is not UnpackingResult.Unpacked unpacked)
            return await ReadAsync(account, spooled, options, wish, columns, earlier, cancellationToken);
        var isNeeded = false;
        try
        {
            var packedSheet = await SheetTaking.TakeAsync(spool, unpacked.Content.Name, options, settings, cancellationToken);
            var examination = packedSheet is null
                ? await ReadAsync(account, unpacked.Content, options, wish, columns, earlier, cancellationToken)
                : await ReadSheetAsync(account, unpacked.Content, packedSheet, options, wish, columns, earlier, cancellationToken);
            if (examination is not Examination.Understood understood)
                return examination;
            isNeeded = packedSheet is null;
            return new Examination.Understood(understood.Reading with { Packing = unpacked.Packing });
        }
        finally
        {
            if (!isNeeded)
                spool.Delete(unpacked.Content.Name);
        }
    }

    /// <param name="Asked">The options as they were asked for, with those of the profile that they name.</param>
    sealed record Wish(ImportOptions Asked, Profile? Profile, bool SaysMapping);

    async Task<Examination> ReadSheetAsync(
        Account account, SpooledSource workbook, SheetResult sheet, ImportOptions options, Wish wish, ColumnMap? columns, ImportSource? earlier, CancellationToken cancellationToken)
    {
        if (sheet is not SheetResult.Made made)
        {
            var refused = (SheetResult.Refused)sheet;
            return new Examination.Refused(new(refused.Code, refused.Detail, refused.Code == ErrorCode.UnknownSheet ? "sheet" : null), options);
        }
        var isNeeded = false;
        try
        {
            var examination = await ReadAsync(account, workbook with { Name = made.Name, Bytes = made.TextBytes }, options, wish, columns, earlier, cancellationToken);
            if (examination is not Examination.Understood understood)
                return examination is Examination.Refused unusable ? unusable with { Why = OfSheet(unusable.Why, made.Notes)! } : examination; // a reason stays one
            isNeeded = true;
            return new Examination.Understood(understood.Reading with { Sheet = made, Problem = OfSheet(understood.Reading.Problem, made.Notes) });
        }
        finally
        {
            if (!isNeeded)
                spool.Delete(made.Name);
        }
    }

    /// <summary>Where a sheet holds no contacts, another one may.</summary>
    static IntakeResult.Refused? OfSheet(IntakeResult.Refused? problem, SheetNotes notes) =>
        problem is { Code: ErrorCode.NoUsableColumn or ErrorCode.NoRows or ErrorCode.EmptySource } && notes.OtherSheets is { } others ? problem with { Detail = $"{problem.Detail} {others}" } : problem;

    async Task<Examination> ReadAsync(
        Account account, SpooledSource spooled, ImportOptions options, Wish wish, ColumnMap? columns, ImportSource? earlier, CancellationToken cancellationToken)
    {
        var stream = spool.TryOpen(spooled.Name) ?? throw new SourceException(ErrorCode.SourceExpired, ErrorCode.SourceExpired.Message());
        var opening = SourceOpening.Open(stream, options, settings, earlier: earlier, isPlain: spooled.IsPlain);
        if (opening is OpenResult.Refused refused)
            return new Examination.Refused(new(refused.Code, refused.Detail), options);
        var opened = (OpenResult.Opened)opening;
        using var reader = opened.Reader;
        var shape = reader.Shape;
        options = options with { Encoding = options.Encoding is null ? null : shape.Encoding, Header = shape.HasHeader };
        options = options with { FormulaEscapes = options.FormulaEscapes ?? EscapesOf(shape, spooled) };
        (shape, options) = HeaderEscapes.Remove(shape, options);

        var warnings = new List<string>(opened.Warnings);
        var (asked, profile, saysMapping) = wish;
        if (profiles is not null && asked.Profile is null && !saysMapping && columns is null && shape.HasHeader
            && (profile = await ProfileChoice.OfHeaderAsync(profiles, account.Id, shape.Columns, cancellationToken)) is not null)
        {
            options = WithDefaults(ProfileChoice.Merge(asked, profile), account) with { Encoding = options.Encoding, Header = options.Header, FormulaEscapes = options.FormulaEscapes };
            if (ImportChoices.Refuse(options) is { } unusable)
                return Refuse(unusable);
            warnings.Add($"Read by the profile '{profile.Name}', version {profile.Version}, whose columns these are. Set profile to another one, or to an empty text for none.");
        }
        if (profile is not null && !saysMapping)
            options = ProfileChoice.WithoutMissing(options, shape.Columns);

        _ = PhoneRegion.TryParse(options.Region, out var region);
        var evidence = shape.Columns.Select(c => new ColumnEvidence(region, namesCountries: options.RegionColumn is null && Country.IsColumnName(c))).ToArray();
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
                [.. evidence.Select(e => new ColumnHint(e.Values, e.EmailShare, e.PhoneShare, e.LooksLikeEmail, e.LooksLikePhone, e.ConsentShare))], options.MappingRules);
            if (mapped is MappingResult.Refused badMapping)
            {
                problem = new(badMapping.Code, badMapping.Detail, badMapping.Option);
                if (badMapping.Map is null)
                    return Refuse(problem);
            }
            map = mapped is MappingResult.Mapped whole ? whole.Map : ((MappingResult.Refused)mapped).Map!; // returned above when there is none
        }
        if (ConflictingType(map, fields) is { } conflict)
            return Refuse(conflict);
        if (ListVariables.Refuse(map, options, await contacts.ListsAsync(account.Id, cancellationToken)) is { } badVariables)
            return Refuse(badVariables);

        if (columns is null && map.Export?.AlsoMatch is { } also && asked.Match is null && map.Has(BuiltInField.ExternalId) && !options.Match!.Split(',').Contains(also, StringComparer.Ordinal))
        {
            options = options with { Match = $"{options.Match},{also}" };
            warnings.Add($"The source is an export of {map.Export.Title}: its rows are matched by {options.Match.Replace(",", ", then ", StringComparison.Ordinal)}. Set match to change that.");
        }
        if (columns is null && FallBack(options.Match!, map) is { } other)
        {
            warnings.Add($"The source has no column for {options.Match!.Replace(",", " or ", StringComparison.Ordinal)}: its rows are matched by {other}.");
            options = options with { Match = other };
        }
        if (options.RegionColumn is { Length: > 0 } column && ColumnMapper.Find(shape.Columns, column) < 0)
            return Refuse(ImportChoices.Refused("region_column", $"region_column names the column '{column}', which the source lacks."));
        if (options.RegionColumn is null && map.Has(BuiltInField.Phone) && Array.FindIndex(evidence, e => e.LooksLikeCountry) is >= 0 and var country)
        {
            options = options with { RegionColumn = shape.Columns[country] };
            warnings.Add($"Phone numbers without a country code are read by each row's country, in the column '{shape.Columns[country]}'. Set region_column to change that.");
        }
        if (fields.FirstOrDefault(f => f.Type != FieldType.Text && options.Policies?.Any(p => p.Value == "append" && p.Key.Equals("field:" + f.Name, StringComparison.OrdinalIgnoreCase)) == true) is { } typed)
            return Refuse(ImportChoices.Refused("policies", $"policies appends to field:{typed.Name}, which holds one {typed.Type.ToString().ToLowerInvariant()}. append is for text fields."));
        if (scan.Rows == 0)
            problem ??= new(ErrorCode.NoRows, ErrorCode.NoRows.Message());

        var readings = new ColumnReadings(options, account, fields, map.Types, evidence);
        var read = map.Columns.Select(readings.Read).ToList();
        warnings.AddRange(readings.Warnings);
        var findings = readings.Findings().ToList();
        if (profile is not null && ProfileChoice.Drift(profile, shape.Columns, evidence, options) is { } drift)
            findings.Add(drift);
        return new Examination.Understood(new(options, shape, read, evidence, scan, fields, map, warnings, findings, problem)
        {
            ReadFrom = spooled, Understanding = (opened.Evidence ?? new()) with { Format = FormatEvidence.Of(shape, opened.Evidence) },
        });
    }

    /// <summary>A mapping that declares a field as what it is not.</summary>
    static IntakeResult.Refused? ConflictingType(ColumnMap map, IReadOnlyList<FieldDefinition> fields)
    {
        foreach (var field in fields)
        {
            if (map.Types.TryGetValue(field.Name, out var declared) && declared != field.Type)
                return ImportChoices.Refused("mapping", $"mapping declares field:{field.Name} as {Word(declared)}, and the field is {Word(field.Type)}. Leave type out, or choose another field.");
        }
        return null;
        static string Word(FieldType type) => MappingRules.Types.First(t => t.Value == type).Key;
    }

    /// <summary>The options with every default filled in, and the first that cannot be used whatever the source is.</summary>
    public async Task<(ImportOptions Options, IntakeResult.Refused? Bad)> CheckAsync(Account account, ImportOptions asked, CancellationToken cancellationToken)
    {
        var (_, ofProfile, bad) = await WithProfileAsync(account, asked, cancellationToken);
        return bad is not null ? (asked, bad) : await CheckWholeAsync(account, ofProfile, cancellationToken);
    }

    /// <summary>The options with those of the profile that they name.</summary>
    async Task<(Profile? Profile, ImportOptions Options, IntakeResult.Refused? Bad)> WithProfileAsync(Account account, ImportOptions asked, CancellationToken cancellationToken)
    {
        if (asked.Profile is not { Length: > 0 } named)
            return (null, asked, null);
        if (profiles is null || await ProfileChoice.NamedAsync(profiles, account.Id, named, cancellationToken) is not { } profile)
            return (null, asked, ImportChoices.Refused("profile", "The account has no profile of that name, id or version. Profiles are listed at /v1/profiles."));
        return (profile, ProfileChoice.Merge(asked, profile), null);
    }

    async Task<(ImportOptions Options, IntakeResult.Refused? Bad)> CheckWholeAsync(Account account, ImportOptions asked, CancellationToken cancellationToken)
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
        return ImportRetry.HasMark(spool, spooled.Name) ? "remove" : "keep";
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
