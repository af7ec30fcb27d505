using System.Globalization;
using System.Text;
using System.Text.Json;
using Muster.Contacts;
using Muster.Mapping;
using Muster.Merging;
using Muster.Storage;
using Muster.Validation;
using Muster.Validation.Phones;

namespace Muster.Jobs;

/// <summary>A column on its way into a field: built in, or custom.</summary>
/// <param name="Source">How a mapping rule makes the field's text; null when it is the column's.</param>
sealed record PlannedColumn(ImportColumn Column, BuiltInField? BuiltIn, FieldDefinition? Custom, CellSource? Source = null);

/// <summary>What an import's frozen options and mapping mean for its rows: the rules of reading and merging, with every list, tag and field by id.</summary>
sealed record ImportPlan(RowRules Rows, MergeRules Merge, int[] ListIds, int[] TagIds)
{
    /// <summary>Of an import that only plans: the lists and tags of its options that would be made.</summary>
    public IReadOnlyList<PlannedName> PlannedNames { get; init; } = [];

    /// <summary>Of several rows with one key the last counts, not the first.</summary>
    public bool LastRowCounts { get; init; }

    /// <summary>Makes the fields, lists and tags that the import names and that are missing. An import that has begun keeps those it began with.</summary>
    public static async Task<ImportPlan> PrepareAsync(
        Import import, ImportLease lease, IImportStore imports, IContactStore contacts, MusterSettings settings, CancellationToken cancellationToken)
    {
        var known = await KnownFieldsAsync(import, contacts, cancellationToken);
        var used = new List<FrozenField>();
        var warnings = import.Warnings.ToList();
        var read = await ReadColumnsAsync(import, async (name, type) =>
        {
            var field = known.GetValueOrDefault(name) ?? await MakeAsync(name, type);
            if (field is not null && !used.Exists(f => f.Id == field.Id))
                used.Add(new(field.Name, field.Id, field.Type));
            return field;
        });
        var names = import switch
        {
            { OnlyPlans: true } => await PlanNamesAsync(import, read.Columns, contacts, warnings, cancellationToken),
            { NextBatch: 0 } => await MakeNamesAsync(import, contacts, warnings, cancellationToken),
            _ => await NamesThatRemainAsync(import, contacts, cancellationToken),
        };
        if (import.NextBatch == 0)
        {
            // What only plans freezes no list or tag that it would make; the check of an import of all or nothing leaves the warnings to the writing.
            var prepared = import.OnlyPlans
                ? new ImportPreparation(read.Mapping, import.Options.ListIds ?? [], [], used, import.Kind == ImportKind.Plan ? warnings : import.Warnings)
                : new ImportPreparation(read.Mapping, names.ListIds, names.TagIds, used, warnings);
            await imports.PrepareAsync(lease, prepared, cancellationToken);
        }
        return Create(import, read, names.ListIds, names.TagIds, settings.ColumnNamesMax) with { PlannedNames = names.Planned };

        // There was room when the import was accepted, and other imports may have taken it since.
        async Task<FieldDefinition?> MakeAsync(string name, FieldType type)
        {
            FieldDefinition? field;
            if (import.OnlyPlans)
                field = known.Count < settings.FieldsMax ? new(PlannedIds + known.Count, name, type) : null;
            else
                field = (await contacts.MakeFieldAsync(import.AccountId, new(0, name, type), import.Id, settings.FieldsMax, cancellationToken)).Field;
            if (field is not null)
                known[field.Name] = field;
            else if (import.NextBatch == 0)
                warnings.Add($"The field \"{name}\" was not made, and what would go there is left out: the account has {settings.FieldsMax} custom fields, as many as fields_max allows.");
            return field;
        }
    }

    /// <summary>Those of the lists that the account has no more: deleted while the import waited.</summary>
    public static async Task<IReadOnlyList<int>> GoneAsync(int accountId, IReadOnlyList<int> listIds, IContactStore contacts, CancellationToken cancellationToken) =>
        [.. listIds.Except((await contacts.ListsAsync(accountId, cancellationToken)).Select(l => l.Id))];

    static string Gone(int list) => string.Create(CultureInfo.InvariantCulture, $"The list {list} was deleted while the import waited: nobody is brought into it.");

    /// <summary>The plan by which an import that has begun reads its rows, to read them again. Makes nothing.</summary>
    /// <param name="current">The account's fields, for imports of an older Muster, which froze none.</param>
    public static async Task<ImportPlan> AgainAsync(Import import, IReadOnlyList<FieldDefinition> current)
    {
        var known = FieldsOf(import) ?? current.ToDictionary(f => f.Name, StringComparer.OrdinalIgnoreCase);
        var read = await ReadColumnsAsync(import, (name, _) => Task.FromResult(known.GetValueOrDefault(name)));
        return Create(import, read with { Names = [] }, [], [], namesMax: 0);
    }

    static async Task<Dictionary<string, FieldDefinition>> KnownFieldsAsync(Import import, IContactStore contacts, CancellationToken cancellationToken) =>
        (import.NextBatch > 0 ? FieldsOf(import) : null)
        ?? (await contacts.FieldsAsync(import.AccountId, cancellationToken)).ToDictionary(f => f.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>The fields that the import froze; null before it has.</summary>
    static Dictionary<string, FieldDefinition>? FieldsOf(Import import) =>
        import.Options.Fields?.ToDictionary(f => f.Name, f => new FieldDefinition(f.Id, f.Name, f.Type), StringComparer.OrdinalIgnoreCase);

    /// <summary>What an import's mapping says of its columns.</summary>
    sealed record ReadColumns(List<PlannedColumn> Columns, List<CheckedVariable> Variables, List<ConsentColumn> Consent, List<CheckedNames> Names, List<ImportColumn> Mapping);

    /// <param name="fieldOf">The custom field of that name, of that type where it is new; null: there is none, and the column is passed over.</param>
    static async Task<ReadColumns> ReadColumnsAsync(Import import, Func<string, FieldType, Task<FieldDefinition?>> fieldOf)
    {
        var read = new ReadColumns([], [], [], [], []);
        foreach (var column in import.Mapping)
        {
            if (column.ByRule || !FieldTarget.TryParse(column.Field, out var target) || target.Kind == TargetKind.Ignore)
            {
                read.Mapping.Add(column);
                continue;
            }
            switch (target)
            {
                case { Kind: TargetKind.Consent, Name: { } told }:
                    read.Consent.Add(ConsentOptions.ColumnOf(column.Index, told));
                    read.Mapping.Add(column);
                    break;
                case { Kind: TargetKind.Belonging }:
                    read.Names.Add(Names(column, target, import.Source.Format));
                    read.Mapping.Add(column);
                    break;
                case { Kind: TargetKind.Variable, Name: { } variable }:
                    read.Variables.Add(new(column.Index, [.. JsonSerializer.SerializeToUtf8Bytes(variable), (byte)':']));
                    read.Mapping.Add(column);
                    break;
                case { Kind: TargetKind.BuiltIn }:
                    read.Columns.Add(new(column, target.BuiltIn, null));
                    read.Mapping.Add(column);
                    break;
                default:
                    var type = column.Declared is { } declared ? MappingRules.Types[declared] : FieldType.Text;
                    var field = await fieldOf(target.Name!, type); // a custom field has a name
                    if (field is not null)
                        read.Columns.Add(new(column, null, field));
                    read.Mapping.Add(field is null ? column with { Field = "ignore", Reason = ErrorCode.TooManyFields.Message() } : column with { FieldId = field.Id });
                    break;
            }
        }
        foreach (var derived in ColumnMapper.Reread(import.Source.Columns, import.Options.MappingRules).Derived)
        {
            var field = derived.Target.Name is { } name ? await fieldOf(name, derived.Type ?? FieldType.Text) : null;
            if (field is not null || derived.Target.Name is null)
                read.Columns.Add(Planned(derived, field));
        }
        return read;
    }

    static ImportPlan Create(Import import, ReadColumns read, List<int> listIds, List<int> tagIds, int namesMax)
    {
        var options = import.Options;
        var plan = Create(options, read.Columns, read.Variables, listIds, tagIds, RegionColumn(options, import.Source.Columns));
        return plan with
        {
            Rows = plan.Rows with { Consent = read.Consent, Names = read.Names, NamesMax = namesMax },
            Merge = plan.Merge with { Consent = ConsentRules.OfImport(options.Consent, options.AllowResubscribe == true, "import " + import.Id, import.CreatedAt) },
        };
    }

    /// <summary>Index of the column that says each row's country, or -1.</summary>
    public static int RegionColumn(ImportOptions options, IReadOnlyList<string> columns) =>
        options.RegionColumn is { Length: > 0 } name ? ColumnMapper.Find(columns, name) : -1;

    /// <summary>A column of lists or tags. A list of JSON has become a cell with semicolons already, and nothing else parts it.</summary>
    public static CheckedNames Names(ImportColumn column, FieldTarget target, string? format) => new(
        column.Index, target.Belonging, target.Removes, new(column.Separator ?? (format is "json" or "ndjson" ? ";" : null)));

    /// <summary>A field that a mapping rule makes. Its errors are told at the first of its columns.</summary>
    public static PlannedColumn Planned(DerivedField derived, FieldDefinition? field)
    {
        int[] columns = [.. derived.Columns];
        var text = Encoding.UTF8.GetBytes(derived.Text ?? "");
        CellSource source = derived.Kind switch
        {
            DerivedKind.Constant => new CellSource.Constant(text),
            DerivedKind.First => new CellSource.First(columns),
            DerivedKind.Joined => new CellSource.Joined(columns, text),
            DerivedKind.Part => new CellSource.Part(columns[0], text, derived.Part, derived.IsLastPart),
            _ => new CellSource.NamePart(columns[0], isLast: derived.Kind == DerivedKind.FamilyName),
        };
        var column = new ImportColumn(columns.Length == 0 ? -1 : columns[0], "", derived.Target.ToString(), 1, "As mapping says.") { ByRule = true };
        return new(column, field is null ? derived.Target.BuiltIn : null, field, source);
    }

    /// <summary>A plan makes nothing: what would be made stands under numbers that nothing has, and is named in a warning.</summary>
    public const int PlannedIds = 2_000_000_000;

    /// <summary>The lists and tags that every row of an import comes into.</summary>
    /// <param name="Planned">Those among them that would be made.</param>
    sealed record NamesOfAll(List<int> ListIds, List<int> TagIds, IReadOnlyList<PlannedName> Planned);

    static async Task<NamesOfAll> PlanNamesAsync(Import import, List<PlannedColumn> columns, IContactStore contacts, List<string> warnings, CancellationToken cancellationToken)
    {
        var (listIds, tagIds, planned) = (ListIdsOf(import), TagIdsOf(import), new List<PlannedName>());
        var lists = await contacts.ListsAsync(import.AccountId, cancellationToken);
        var tags = await contacts.TagsAsync(import.AccountId, cancellationToken);
        foreach (var name in import.Options.Lists ?? [])
            Plan(NameKind.List, name.Trim(), lists.FirstOrDefault(l => string.Equals(l.Name, name.Trim(), StringComparison.OrdinalIgnoreCase))?.Id, listIds);
        foreach (var name in import.Options.Tags ?? [])
            Plan(NameKind.Tag, name.Trim(), tags.FirstOrDefault(t => string.Equals(t.Name, name.Trim(), StringComparison.OrdinalIgnoreCase))?.Id, tagIds);
        foreach (var field in columns.Select(c => c.Custom).OfType<FieldDefinition>().Where(f => f.Id >= PlannedIds).DistinctBy(f => f.Id))
            warnings.Add($"The field \"{field.Name}\" would be made.");
        return new(listIds, tagIds, planned);

        void Plan(NameKind kind, string name, int? known, List<int> ids)
        {
            ids.Add(known ?? PlannedIds + ids.Count);
            if (known is not null)
                return;
            planned.Add(new(kind, ids[^1], name));
            warnings.Add($"The {(kind == NameKind.List ? "list" : "tag")} \"{name}\" would be made.");
        }
    }

    static async Task<NamesOfAll> MakeNamesAsync(Import import, IContactStore contacts, List<string> warnings, CancellationToken cancellationToken)
    {
        var (listIds, tagIds) = (ListIdsOf(import), TagIdsOf(import));
        if (listIds.Count > 0)
            warnings.AddRange((await GoneAsync(import.AccountId, listIds, contacts, cancellationToken)).Select(Gone).Except(warnings, StringComparer.Ordinal));
        foreach (var name in import.Options.Lists ?? [])
            listIds.Add((await contacts.EnsureListAsync(import.AccountId, name.Trim(), import.Id, cancellationToken)).Id);
        foreach (var name in import.Options.Tags ?? [])
            tagIds.Add((await contacts.EnsureTagAsync(import.AccountId, name.Trim(), import.Id, cancellationToken)).Id);
        return new(listIds, tagIds, []);
    }

    /// <summary>Those that the import began with, whatever their names are by now. What was deleted meanwhile stays deleted.</summary>
    static async Task<NamesOfAll> NamesThatRemainAsync(Import import, IContactStore contacts, CancellationToken cancellationToken)
    {
        var (listIds, tagIds) = (ListIdsOf(import), TagIdsOf(import));
        if (listIds.Count > 0)
            listIds = [.. listIds.Intersect((await contacts.ListsAsync(import.AccountId, cancellationToken)).Select(l => l.Id))];
        if (tagIds.Count > 0)
            tagIds = [.. tagIds.Intersect((await contacts.TagsAsync(import.AccountId, cancellationToken)).Select(t => t.Id))];
        return new(listIds, tagIds, []);
    }

    static List<int> ListIdsOf(Import import) => import.Options.ListIds?.ToList() ?? [];

    static List<int> TagIdsOf(Import import) => import.Options.TagIds?.ToList() ?? [];

    /// <summary>The plan of options that <see cref="ImportChoices.Refuse"/> let pass.</summary>
    public static ImportPlan Create(ImportOptions options, List<PlannedColumn> columns, List<CheckedVariable> variables, List<int> listIds, List<int> tagIds, int regionColumn)
    {
        var choices = ImportChoices.Of(options);
        var customFields = columns.Where(c => c.Custom is not null).Select(c => c.Custom!).DistinctBy(f => f.Id).OrderBy(f => f.Id).ToArray();
        var ids = customFields.Select(f => f.Id).ToArray();
        var rows = new RowRules(
            [.. columns
                .Select(c => new CheckedColumn(
                    c.Column.Index, c.BuiltIn, c.Custom is null ? -1 : Array.IndexOf(ids, c.Custom.Id), c.Custom?.Type ?? FieldType.Text,
                    (c.Column.DateOrder ?? options.DateOrder) is { } order ? ImportChoices.DateOrders[order] : DateOrder.Unknown,
                    (c.Column.DecimalSign ?? options.DecimalSign) is { } sign ? ImportChoices.DecimalSigns[sign] : DecimalSign.Unknown, c.Source)
                    { Blank = c.Source is null && c.Column.BlankText is { } blank ? new(blank) : null })
                .OrderBy(c => c.CustomIndex)],
            ids, choices.Matches[0], choices.Region, choices.PhoneStyle, choices.BlankClears,
            options.ClearToken is { Length: > 0 } token ? Encoding.UTF8.GetBytes(token) : null, choices.DropInvalid)
        {
            Variables = variables,
            RegionColumn = regionColumn,
            MatchKinds = choices.Matches,
            FullYears = options.FullYears == true,
            TextMax = options.TextMax ?? int.MaxValue,
            RemovesFormulaEscapes = options.FormulaEscapes == "remove",
            ConsentOfAll = ConsentOptions.OfAll(options.Consent),
        };

        var policies = options.Policies ?? new Dictionary<string, string>();
        // append as the policy of all fields means the custom text fields: identities and names hold one value.
        MergePolicy PolicyOf(string field, MergePolicy append) =>
            policies.FirstOrDefault(p => string.Equals(p.Key, field, StringComparison.OrdinalIgnoreCase)).Value is { } word
                ? ImportChoices.Policies[word] : choices.Policy == MergePolicy.Append ? append : choices.Policy;
        var merge = new MergeRules(
            choices.Matches[0], choices.Mode,
            [.. Enum.GetValues<BuiltInField>().Select(f => PolicyOf(FieldTarget.To(f).ToString(), MergePolicy.Overwrite))],
            [.. customFields.Select(f => PolicyOf("field:" + f.Name, f.Type == FieldType.Text ? MergePolicy.Append : MergePolicy.Overwrite))])
        { Kinds = choices.Matches, SkipsMembers = choices.SkipsMembers };
        return new(rows, merge, [.. listIds.Distinct()], [.. tagIds.Distinct()]) { LastRowCounts = choices.LastRow };
    }
}
