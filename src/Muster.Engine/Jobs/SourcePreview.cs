using System.Globalization;
using System.Text;
using Muster.Contacts;
using Muster.Formats;
using Muster.Formats.Workbooks;
using Muster.Mapping;
using Muster.Merging;
using Muster.Sources;
using Muster.Storage;
using Muster.Validation;

namespace Muster.Jobs;

/// <summary>What one cell of a source would become.</summary>
/// <param name="Column">The column; of a field that a mapping rule makes, the first of its columns, or nothing.</param>
/// <param name="Value">The cell as it stands in the source, cut to 200 characters; empty for a field that a rule makes.</param>
/// <param name="Result">What would be kept; null when nothing is: a blank, a column left out, or an error.</param>
/// <param name="Code">What is wrong with it, or <see cref="ErrorCode.None"/>.</param>
public sealed record PreviewCell(string Column, string Field, string Value, string? Result, ErrorCode Code, Severity Severity);

/// <summary>What one row of a source would become, lists of contacts and earlier rows left aside.</summary>
/// <param name="RowNumber">As a spreadsheet shows it; null for a row from the middle of a large source, whose number nobody has counted.</param>
/// <param name="Line">Physical line, or null as above.</param>
/// <param name="Code">Why the row as a whole would be rejected, or <see cref="ErrorCode.None"/>.</param>
public sealed record PreviewRow(long? RowNumber, long? Line, long ByteOffset, bool IsRejected, ErrorCode Code, IReadOnlyList<PreviewCell> Cells);

/// <summary>One column of a source: where it would go, and what its values are.</summary>
/// <param name="Values">Of the rows looked at, how many have a value.</param>
/// <param name="Blanks">And how many have none.</param>
/// <param name="Invalid">And how many have one that its field does not take.</param>
public sealed record PreviewColumn(ImportColumn Column, IReadOnlyList<string> Examples, int Values, int Blanks, int Invalid);

/// <summary>What an import of a source would make of it.</summary>
/// <param name="HeaderRow">Row number of the header, or null without one.</param>
/// <param name="Hold">Why an import would wait for a person before its first row.</param>
/// <param name="Problem">Why an import with these options would be refused, or null.</param>
/// <param name="Rows">The first rows.</param>
/// <param name="WorstRows">Rows with errors or warnings: the most of them first.</param>
/// <param name="Scanned">Rows looked at; <paramref name="Rejected"/> of them would be rejected, <paramref name="Warned"/> go in with a remark.</param>
/// <param name="IsWhole">Whether these are all the rows there are.</param>
public sealed record SourcePreview(
    ImportOptions Options, SourceShape Shape, long? HeaderRow, IReadOnlyList<PreviewColumn> Columns, IReadOnlyList<PreviewRow> Rows, IReadOnlyList<PreviewRow> WorstRows,
    int Scanned, int Rejected, int Warned, bool IsWhole, IReadOnlyList<string> Warnings, IReadOnlyList<HoldFinding> Hold, IntakeResult.Refused? Problem)
{
    /// <summary>How the source was packed, or null.</summary>
    public SourcePacking? Packing { get; init; }

    /// <summary>What says that the source is read rightly.</summary>
    public SourceEvidence? Evidence { get; init; }

    /// <summary>Of a workbook: which sheet was read, and which there are.</summary>
    public SheetNotes? Sheet { get; init; }

    /// <summary>As <see cref="ImportSource.RecognizedAs"/>.</summary>
    public string? RecognizedAs { get; init; }
}

/// <summary>What became of a wish to see a preview.</summary>
public abstract record PreviewResult
{
    public sealed record Shown(SourcePreview Preview) : PreviewResult;

    /// <summary>The source cannot be read, or an option cannot be used.</summary>
    public sealed record Refused(IntakeResult.Refused Why) : PreviewResult;
}

/// <summary>Shows what an import would make of a source, by the import's own reader, mapper and checker. Writes nothing.</summary>
/// <remarks>Looks at a bounded part of the source: see <see cref="SourceScan"/>.</remarks>
public sealed class SourcePreviewer(MusterSettings settings, Spool spool, IContactStore contacts, IProfileStore? profiles)
{
    const int WorstRowsMax = 20;
    const int ValueChars = 200;

    /// <param name="rows">How many of the first rows to show.</param>
    /// <exception cref="SourceException">The source has expired.</exception>
    public async Task<PreviewResult> PreviewAsync(Account account, SpooledSource spooled, ImportOptions options, int rows, CancellationToken cancellationToken)
    {
        var examined = await new SourceExaminer(settings, spool, contacts, profiles).ExamineAsync(account, spooled, options, cancellationToken);
        if (examined is Examination.Refused refused)
            return new PreviewResult.Refused(refused.Why);
        var reading = ((Examination.Understood)examined).Reading;
        try
        {
            return Show(account, reading, rows);
        }
        finally
        {
            reading.DropUnpacked(spool);
        }
    }

    PreviewResult.Shown Show(Account account, SourceReading reading, int rows)
    {
        var planned = Planned(reading);
        var plan = ImportPlan.Create(reading.Options, planned, [], [], [], ImportPlan.RegionColumn(reading.Options, reading.Shape.Columns));
        plan = plan with { Rows = plan.Rows with { Names = Names(reading), NamesMax = settings.ColumnNamesMax } };

        var stream = spool.TryOpen(reading.ReadFrom.Name) ?? throw new SourceException(ErrorCode.SourceExpired, ErrorCode.SourceExpired.Message());
        if (SourceOpening.Open(stream, reading.Options, settings) is not OpenResult.Opened { Reader: var reader })
            throw new SourceException(ErrorCode.SourceUnreadable, ErrorCode.SourceUnreadable.Message());
        using (reader)
        {
            var look = new Look(reading, plan, planned.Where(c => c.Custom is not null).DistinctBy(c => c.Custom!.Id).ToDictionary(c => c.Custom!.Id, c => FieldTarget.ToCustom(c.Custom!.Name).ToString()), contacts.KeySeed(account.Id), rows);
            SourceScan.Run(reader, reading.ReadFrom.Bytes, settings, look.Take);
            return new PreviewResult.Shown(look.Preview());
        }
    }

    /// <summary>The columns with their fields; those that an import would create get ids that no field has.</summary>
    static List<PlannedColumn> Planned(SourceReading reading)
    {
        var known = reading.Fields.ToDictionary(f => f.Name, StringComparer.OrdinalIgnoreCase);
        var planned = new List<PlannedColumn>();
        var nextId = int.MaxValue - reading.Columns.Count - reading.Map.Derived.Count;
        foreach (var column in reading.Columns)
        {
            if (column.ByRule || !FieldTarget.TryParse(column.Field, out var target) || target.Kind is not (TargetKind.BuiltIn or TargetKind.Custom))
                continue;
            if (target.Kind == TargetKind.BuiltIn)
                planned.Add(new(column, target.BuiltIn, null));
            else
                planned.Add(new(column, null, Known(target.Name!, column.Declared is { } declared ? MappingRules.Types[declared] : FieldType.Text))); // a custom target has a name
        }
        foreach (var derived in reading.Map.Derived)
            planned.Add(ImportPlan.Planned(derived, derived.Target.Name is { } name ? Known(name, derived.Type ?? FieldType.Text) : null));
        return planned;

        FieldDefinition Known(string name, FieldType type) => known.GetValueOrDefault(name) ?? (known[name] = new(nextId++, name, type));
    }

    static List<CheckedNames> Names(SourceReading reading)
    {
        var names = new List<CheckedNames>();
        foreach (var column in reading.Columns)
        {
            if (!column.ByRule && FieldTarget.TryParse(column.Field, out var target) && target.Kind == TargetKind.Belonging)
                names.Add(ImportPlan.Names(column, target, reading.Shape.Format));
        }
        return names;
    }

    /// <summary>Row after row through the import's checker, one at a time.</summary>
    sealed class Look(SourceReading reading, ImportPlan plan, Dictionary<int, string> names, KeyHashSeed seed, int rowsShown)
    {
        readonly RowChecker checker = new(plan.Rows);
        readonly RowBlock block = new(plan.Rows.CustomFields, rowsHint: 1);
        readonly Dictionary<int, CheckedColumn> checkedColumns = plan.Rows.Columns.Where(c => c.Source is null).ToDictionary(c => c.Column);
        readonly CheckedColumn[] derivedColumns = [.. plan.Rows.Columns.Where(c => c.Source is not null)];
        readonly Dictionary<int, int> invalid = [];
        readonly List<PreviewRow> first = [];
        readonly List<(int Weight, PreviewRow Row)> worst = [];
        int scanned, rejected, warned;

        public void Take(RowReader record, bool isNumbered)
        {
            block.Clear();
            checker.Check(record, block);
            KeyText.HashAll(block, plan.Merge.Match, seed, kinds: plan.Merge.Kinds);
            scanned++;
            var isRejected = block.Fault[0] != ErrorCode.None;
            rejected += isRejected ? 1 : 0;
            warned += !isRejected && block.Errors.Count > 0 ? 1 : 0;
            foreach (var error in block.Errors)
            {
                if (error.Column >= 0)
                    invalid[error.Column] = invalid.GetValueOrDefault(error.Column) + 1;
            }
            var weight = block.Errors.Sum(e => e.Severity == Severity.Error ? 100 : 1);
            var isShown = first.Count < rowsShown && isNumbered;
            var isWorse = weight > 0 && (worst.Count < WorstRowsMax || weight > worst[^1].Weight);
            if (!isShown && !isWorse)
                return;
            var row = Row(record, isNumbered, isRejected);
            if (isShown)
                first.Add(row);
            if (!isWorse)
                return;
            var at = worst.FindIndex(w => w.Weight < weight);
            worst.Insert(at < 0 ? worst.Count : at, (weight, row));
            if (worst.Count > WorstRowsMax)
                worst.RemoveAt(WorstRowsMax);
        }

        public SourcePreview Preview() => new(
            reading.Options, reading.Shape, reading.Shape.HasHeader && reading.Shape.Format is not ("json" or "ndjson") ? reading.Shape.PreambleRows + 1 : null,
            [.. reading.Columns.Select(c => new PreviewColumn(
                c, reading.Evidence[c.Index].Examples, reading.Evidence[c.Index].Values, reading.Evidence[c.Index].Records - reading.Evidence[c.Index].Values, invalid.GetValueOrDefault(c.Index)))],
            first, [.. worst.Select(w => w.Row)], scanned, rejected, warned, reading.Scan.IsWhole, reading.Warnings, HoldRules.InForce(reading.Findings, reading.Options.Hold, []), reading.Problem)
        {
            Packing = reading.Packing, Evidence = reading.Understanding, Sheet = reading.Sheet?.Notes, RecognizedAs = reading.Map.Export?.Name,
        };

        PreviewRow Row(RowReader record, bool isNumbered, bool isRejected)
        {
            var cells = new List<PreviewCell>();
            foreach (var column in reading.Columns)
            {
                var error = block.Errors.Find(e => e.Column == column.Index);
                cells.Add(new(column.Column, column.Field, Text(record.GetCell(column.Index)), error.Code == ErrorCode.None ? Result(column) : null, error.Code, error.Severity));
            }
            foreach (var derived in derivedColumns)
            {
                var from = derived.Column < 0 ? "" : reading.Columns.First(c => c.Index == derived.Column).Column;
                var error = derived.Column < 0 ? default : block.Errors.Find(e => e.Column == derived.Column);
                cells.Add(new(from, FieldOf(derived), "", error.Code == ErrorCode.None ? Result(derived) : null, error.Code, error.Severity));
            }
            var whole = block.Errors.Find(e => e.Column < 0);
            return new(isNumbered ? record.RowNumber : null, isNumbered ? record.Line : null, record.ByteOffset, isRejected, whole.Code, cells);
        }

        /// <summary>The field that a rule makes, by the order in which the plan has its custom fields.</summary>
        string FieldOf(CheckedColumn column) =>
            column.BuiltIn is { } field ? FieldTarget.To(field).ToString() : names[plan.Rows.CustomFields[column.CustomIndex]];

        string? Result(ImportColumn column) => checkedColumns.TryGetValue(column.Index, out var target) ? Result(target)
            : plan.Rows.Names.FirstOrDefault(n => n.Column == column.Index) is { } names ? Result(names)
            : null;

        /// <summary>The lists or tags that the row names in columns of this kind, with commas between.</summary>
        string? Result(CheckedNames column)
        {
            var named = block.Names.Rows.Where(b => b.Removes == column.Removes && block.Names.Names[b.Name].Kind == column.Kind).Select(b => block.Names.Names[b.Name].Name).ToList();
            return named.Count == 0 ? null : Cut(string.Join(", ", named));
        }

        string? Result(CheckedColumn target)
        {
            if (target.BuiltIn == BuiltInField.Phone)
                return block.Phone[0] == 0 ? null : "+" + block.Phone[0].ToString(CultureInfo.InvariantCulture);
            var span = target.BuiltIn is { } field ? block.Cell(0, field) : block.CustomCell(0, target.CustomIndex);
            if (!span.HasValue)
                return null;
            // A custom cell is a JSON value: a text is shown without its quotes.
            return target.BuiltIn is null && block.Utf8(span)[0] == '"' ? Cut(System.Text.Json.JsonSerializer.Deserialize<string>(block.Utf8(span)) ?? "") : Text(block.Utf8(span));
        }

        static string Text(ReadOnlySpan<byte> utf8) =>
            Cut(Encoding.UTF8.GetString(utf8.Length > 4 * ValueChars ? utf8[..(4 * ValueChars)] : utf8));

        static string Cut(string text) =>
            text.Length <= ValueChars ? text : text[..(char.IsHighSurrogate(text[ValueChars - 1]) ? ValueChars - 1 : ValueChars)] + "…";
    }
}
