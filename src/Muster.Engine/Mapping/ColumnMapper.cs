using Muster.Contacts;

namespace Muster.Mapping;

/// <summary>Decides from their names where a source's columns go. The rules are in docs/formats-csv.md.</summary>
public static class ColumnMapper
{
    // What the contacts export writes besides fields; consent in NDJSON alone, where status says the same.
    static readonly string[] OwnColumns = ["id", "status", "lists", "tags", "consent", "created_at", "updated_at"];
    static readonly string[] OwnExport = [.. ExportColumns.Before, .. ExportColumns.After];

    // A weaker name that the account has a custom field for means that field.
    const double StrongSynonym = 0.95;

    // Values are less certain than a name: a column of colleagues' addresses is one of e-mail addresses, too.
    const double HintConfidence = 0.9;

    // Names of a product's own, in a file that is recognised as the product's.
    const double KnownConfidence = 0.98;

    // A name is not believed when this much of its column, at most, is what it says.
    const double BeliedShare = 0.1;

    const int NamesShown = 50;

    /// <summary>Maps every column: first what the caller says, then built-in fields by name and synonym, then custom fields.</summary>
    /// <param name="headers">The columns' names in the source's order; empty for a column without one.</param>
    /// <param name="mapping">Column name → wire text of a <see cref="FieldTarget"/>, or null. Names are matched exactly, then as synonyms are; a column without a name is <c>column_7</c>.</param>
    /// <param name="unknown">What becomes of columns that no field is known for.</param>
    /// <param name="existingFieldNames">The account's custom fields, compared without case; their spelling is kept.</param>
    /// <param name="fieldsMax">Most custom fields that the account may have.</param>
    /// <param name="hints">What the columns' values say, one a column; null when nobody looked.</param>
    public static MappingResult Map(
        IReadOnlyList<string> headers, IReadOnlyDictionary<string, string>? mapping, UnknownColumns unknown, IReadOnlyCollection<string> existingFieldNames, int fieldsMax,
        IReadOnlyList<ColumnHint>? hints = null, IReadOnlyList<MappingRule?>? rules = null)
    {
        var columns = Names(headers);
        var draft = new Draft(columns, hints ?? new ColumnHint[columns.Length], existingFieldNames, fieldsMax);
        if ((draft.TakeMapping(mapping) ?? draft.TakeRules(rules)) is { } refusal)
            return refusal;
        draft.TakeOwnExport();
        draft.TakeKnownExport();
        draft.TakeSynonyms();
        draft.TakeConsent();
        draft.TakeHints();
        var map = draft.TakeRest(unknown, out var unknownNames);
        if (unknown == UnknownColumns.Reject && unknownNames.Count > 0)
            return new MappingResult.Refused(ErrorCode.UnknownColumn, $"No field is known for these columns: {List(unknownNames)}. Name them in mapping, or set unknown_columns.", Option: null, map);
        return map.Has(BuiltInField.Phone) || map.Has(BuiltInField.Email) || map.Has(BuiltInField.ExternalId)
            ? new MappingResult.Mapped(map)
            : new MappingResult.Refused(
                ErrorCode.NoUsableColumn,
                $"Columns found: {List(columns)}. Expected is at least one of phone, email, external_id, or a name that means one, such as mobile, e-mail address, customer id; or name one in mapping.{IfOneColumn(columns)}", Option: null, map);
    }

    /// <summary>What else may be wrong where everything stands in one column.</summary>
    static string IfOneColumn(string[] columns) => columns is [var only] && only.AsSpan().ContainsAny(" ,;|\t")
        ? " The source was read as one column: if its cells are parted by another sign, set the option delimiter; if its lines stand in quotes as a whole, take those quotes off." : "";

    /// <summary>The rules of an import that was accepted, read again against its columns.</summary>
    public static MappingRules Reread(IReadOnlyList<string> headers, IReadOnlyList<MappingRule?>? rules)
    {
        var columns = Names(headers);
        return MappingRules.Read(rules ?? [], name => Find(columns, name));
    }

    static string[] Names(IReadOnlyList<string> headers) => [.. headers.Select((h, i) => ColumnName.Clean(h) is { Length: > 0 } name ? name : $"column_{i + 1}")];

    /// <summary>The column of a name: as written; then <c>Email_2</c> is the second of two columns Email; then as synonyms are compared. -1 when there is none.</summary>
    public static int Find(IReadOnlyList<string> columns, string name) => Find(Names(columns), name);

    static int Find(string[] columns, string name)
    {
        var clean = ColumnName.Clean(name);
        var index = Array.IndexOf(columns, clean);
        if (index >= 0)
            return index;
        if (clean.LastIndexOf('_') is > 0 and var at
            && int.TryParse(clean.AsSpan(at + 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var ordinal) && ordinal > 1)
        {
            var twin = ColumnName.Key(clean[..at]);
            for (var i = 0; i < columns.Length; i++)
            {
                if (ColumnName.Key(columns[i]) == twin && --ordinal == 0)
                    return i;
            }
        }
        var key = ColumnName.Key(name);
        return Array.FindIndex(columns, c => ColumnName.Key(c) == key);
    }

    static string List(IReadOnlyCollection<string> names) =>
        string.Join(", ", names.Take(NamesShown)) + (names.Count > NamesShown ? $" and {names.Count - NamesShown} more" : "");

    /// <summary>A map in the making: one slot a column, filled by the strongest claim first.</summary>
    sealed class Draft
    {
        readonly string[] columns;
        readonly IReadOnlyList<ColumnHint> hints;
        readonly MappedColumn?[] slots;
        readonly Dictionary<string, string> existing;
        readonly HashSet<string> takenNames = new(StringComparer.OrdinalIgnoreCase);
        readonly List<DerivedField> derived = [];
        readonly Dictionary<string, FieldType> types = new(StringComparer.OrdinalIgnoreCase);
        readonly SortedDictionary<int, List<string>> used = [];
        readonly int newFieldsMax;
        MappingRules? rules;
        KnownExport? export;
        int newFields;

        public Draft(string[] columns, IReadOnlyList<ColumnHint> hints, IReadOnlyCollection<string> existingFieldNames, int fieldsMax)
        {
            this.columns = columns;
            this.hints = hints;
            slots = new MappedColumn?[columns.Length];
            existing = existingFieldNames.DistinctBy(n => n, StringComparer.OrdinalIgnoreCase).ToDictionary(n => n, StringComparer.OrdinalIgnoreCase);
            newFieldsMax = Math.Max(0, fieldsMax - existing.Count);
        }

        public MappingResult.Refused? TakeMapping(IReadOnlyDictionary<string, string>? mapping)
        {
            foreach (var (name, text) in mapping ?? new Dictionary<string, string>())
            {
                var index = Find(columns, name);
                if (index < 0)
                    return new(ErrorCode.UnknownColumn, $"mapping names the column '{name}', which the source lacks. Its columns: {List(columns)}.");
                if (!FieldTarget.TryParse(text, out var target))
                    return new(ErrorCode.UnknownColumn, $"mapping sends the column '{name}' to '{text}', which is no field: use {MappingRules.Words}.");
                if (Claim(ref target, columns[index]) is { } refused)
                    return refused;
                if (slots[index] is not null)
                    return new(ErrorCode.UnknownColumn, $"mapping names the column '{columns[index]}' twice.");
                Put(index, target, 1, "As mapping says.");
            }

            return null;
        }

        /// <summary>A list of rules. A column may serve several; a field has one.</summary>
        public MappingResult.Refused? TakeRules(IReadOnlyList<MappingRule?>? given)
        {
            rules = MappingRules.Read(given ?? [], name => Find(columns, name));
            if (rules.Fault is { } fault)
                return new(ErrorCode.UnknownColumn, fault);
            foreach (var (index, asked, type, separator) in rules.Plain)
            {
                var target = asked;
                if (Claim(ref target, columns[index]) is { } refused)
                    return refused;
                if (slots[index] is not null)
                    return new(ErrorCode.UnknownColumn, $"mapping sends the column '{columns[index]}' to two fields as it is. One of them can be made by a rule with columns or fields.");
                Put(index, target, 1, "As mapping says.");
                slots[index] = slots[index]! with { Separator = separator }; // just put there
                Declare(target, type);
            }
            foreach (var field in rules.Derived)
            {
                var target = field.Target;
                if (Claim(ref target, field.Columns.Count == 0 ? "" : columns[field.Columns[0]]) is { } refused)
                    return refused;
                derived.Add(field with { Target = target });
                Declare(target, field.Type);
                foreach (var index in field.Columns)
                    Use(index, target.ToString());
            }
            foreach (var (index, uses) in used)
            {
                if (slots[index] is null)
                    slots[index] = new MappedColumn(index, columns[index], FieldTarget.Ignored, 1, "As mapping says.") { Rule = string.Join(" + ", uses.Distinct()) };
            }

            return null;
        }

        /// <summary>A field for the caller's wish: none twice, none that is Muster's own, no more new ones than there is room for.</summary>
        MappingResult.Refused? Claim(ref FieldTarget target, string column)
        {
            var from = column.Length == 0 ? "a value" : $"the column '{column}'";
            if (target is { Kind: TargetKind.Custom, Name: { } custom })
            {
                target = FieldTarget.ToCustom(existing.GetValueOrDefault(custom, custom));
                if (FieldTarget.IsReserved(custom))
                    return new(ErrorCode.UnknownColumn, $"mapping sends {from} to 'field:{custom}', a name that is Muster's own. Choose another.");
                if (!takenNames.Add(custom))
                    return new(ErrorCode.UnknownColumn, $"mapping sends two columns to field:{custom}, the second being '{column}'.");
                if (!existing.ContainsKey(custom) && ++newFields > newFieldsMax)
                    return new(ErrorCode.TooManyFields, $"mapping sends {from} to a new field, and the account has as many custom fields as fields_max allows.");
            }
            else if (target.Kind == TargetKind.BuiltIn && IsTaken(target))
            {
                var wanted = target;
                var twin = Array.Find(slots, s => s?.Target == wanted)?.Column;
                return new(ErrorCode.UnknownColumn, $"mapping sends two columns to {target}: {(twin is null ? "" : $"'{twin}' and ")}'{column}'.");
            }
            return null;
        }

        bool IsTaken(FieldTarget target) => Array.Exists(slots, s => s?.Target == target) || derived.Exists(d => d.Target == target);

        void Declare(FieldTarget target, FieldType? type)
        {
            if (target.Name is { } name && type is { } declared)
                types[name] = declared;
        }

        void Use(int index, string field)
        {
            if (!used.TryGetValue(index, out var uses))
                used[index] = uses = [];
            uses.Add(field);
        }

        /// <summary>The columns of Muster's own export that no import writes. A file counts as one when it has every column that the export begins and ends with.</summary>
        public void TakeOwnExport()
        {
            if (!OwnExport.All(name => columns.Contains(name, StringComparer.Ordinal)))
                return;
            foreach (var name in OwnColumns)
            {
                // A second column of the name is a custom field's.
                var i = Array.IndexOf(columns, name);
                if (i >= 0 && slots[i] is null)
                    Put(i, name == "status" ? FieldTarget.ToConsent(ConsentColumns.Status) : FieldTarget.Ignored, 1, name == "status" ? "Muster's own export: who has opted out stays so." : $"Muster's own export: an import does not write {name}{(name is "lists" or "tags" ? ", unless mapping says so" : "")}.");
            }
        }

        /// <summary>What the columns of a well-known product mean beyond their names. A custom field of a column's name comes first.</summary>
        public void TakeKnownExport()
        {
            export = KnownExport.Find(columns);
            for (var i = 0; export is not null && i < columns.Length; i++)
            {
                if (slots[i] is null && export.Columns.TryGetValue(ColumnName.Key(columns[i]), out var says) && FieldTarget.TryParse(says, out var target)
                    && !existing.ContainsKey(FieldName(i)) && (target.Kind != TargetKind.BuiltIn || !IsTaken(target)))
                    Put(i, target, KnownConfidence, $"{export.Title}'s export: the column is {target}.");
            }
        }

        /// <summary>Columns that tell who has opted out or in, unless a custom field has their name. A common name such as status is proven by its values.</summary>
        public void TakeConsent()
        {
            for (var i = 0; i < columns.Length; i++)
            {
                if (slots[i] is not null || existing.ContainsKey(FieldName(i)) || ConsentColumns.Find(columns[i]) is not { } told)
                    continue;
                if (ConsentColumns.NeedsProof(told) && (hints[i].Values == 0 || hints[i].ConsentShare < 1))
                    continue;
                Put(i, FieldTarget.ToConsent(told), 0.95, $"A name for {told}: it tells about consent.");
            }
        }

        public void TakeSynonyms()
        {
            var claims = columns.Select((c, i) => (Index: i, Synonym: Synonyms.Find(c)))
                .Where(c => slots[c.Index] is null && (c.Synonym?.Strength >= StrongSynonym || !existing.ContainsKey(columns[c.Index])))
                // Of two names that both mean a field, the one whose column has values; the field's own name stands, whatever is below it.
                .OrderByDescending(c => c.Synonym?.Strength >= 1).ThenByDescending(c => hints[c.Index].Values > 0).ThenByDescending(c => c.Synonym?.Strength);
            foreach (var (index, synonym) in claims)
            {
                if (synonym is not { } known || IsTaken(FieldTarget.To(known.Field)))
                    continue;
                if (known.Strength < 1 && IsBelied(index, known.Field))
                    continue;
                var target = FieldTarget.To(known.Field);
                Put(index, target, known.Strength, known.Strength >= 1 ? $"The name of the field {target}." : $"A name for {target}.");
            }
        }

        /// <summary>Columns whose name says nothing, and whose values do.</summary>
        public void TakeHints()
        {
            foreach (var field in (ReadOnlySpan<BuiltInField>)[BuiltInField.Email, BuiltInField.Phone])
            {
                var target = FieldTarget.To(field);
                if (IsTaken(target))
                    continue;
                var best = -1;
                for (var i = 0; i < columns.Length; i++)
                {
                    if (slots[i] is null && !existing.ContainsKey(FieldName(i)) && LooksLike(i, field) && (best < 0 || ShareOf(i, field) > ShareOf(best, field)))
                        best = i;
                }
                if (best < 0)
                    continue;
                var share = ShareOf(best, field);
                var what = field == BuiltInField.Email ? "e-mail addresses" : "phone numbers";
                Put(best, target, Math.Round(share * HintConfidence, 2), $"{ColumnHint.Percent(share)} of its {hints[best].Values} values looked at are {what}.");
            }
        }

        /// <summary>The name says e-mail or phone, hardly a value does, and another column's values do.</summary>
        bool IsBelied(int index, BuiltInField field)
        {
            if (field is not (BuiltInField.Email or BuiltInField.Phone) || hints[index].Values == 0 || ShareOf(index, field) > BeliedShare)
                return false;
            for (var i = 0; i < columns.Length; i++)
            {
                if (i != index && slots[i] is null && LooksLike(i, field))
                    return true;
            }
            return false;
        }

        bool LooksLike(int index, BuiltInField field) => field == BuiltInField.Email ? hints[index].LooksLikeEmail : hints[index].LooksLikePhone;

        double ShareOf(int index, BuiltInField field) => field == BuiltInField.Email ? hints[index].EmailShare : hints[index].PhoneShare;

        public ColumnMap TakeRest(UnknownColumns unknown, out List<string> unknownNames)
        {
            unknownNames = [];

            // Fields that exist first, so that no new field takes their names.
            for (var i = 0; i < columns.Length; i++)
            {
                if (slots[i] is null && existing.TryGetValue(FieldName(i), out var field) && takenNames.Add(field))
                    Put(i, FieldTarget.ToCustom(field), 1, "The name of a custom field.");
            }

            for (var i = 0; i < columns.Length; i++)
            {
                if (slots[i] is not null)
                    continue;
                unknownNames.Add(columns[i]);
                if (unknown == UnknownColumns.CreateField)
                    PutCustom(i, Loser(i));
                else
                    Put(i, FieldTarget.Ignored, 1, Loser(i) + "Left out, as unknown_columns says.");
            }

            var mapped = slots.OfType<MappedColumn>().Select(s => export?.Blanks.TryGetValue(ColumnName.Key(s.Column), out var blank) == true ? s with { BlankText = blank } : s);
            return new ColumnMap([.. mapped]) { Derived = derived, Types = types, Export = export };
        }

        void PutCustom(int index, string reason)
        {
            var name = FieldName(index);
            for (var n = 2; takenNames.Contains(name) || FieldTarget.IsReserved(name); n++)
                name = $"{FieldName(index)}_{n}";
            takenNames.Add(name);
            if (existing.TryGetValue(name, out var field))
                Put(index, FieldTarget.ToCustom(field), 1, reason + "The name of a custom field.");
            else if (++newFields > newFieldsMax)
                Put(index, FieldTarget.Ignored, 1, reason + "Left out: the account has as many custom fields as fields_max allows.");
            else
                Put(index, FieldTarget.ToCustom(name), 1, reason + "A new custom field of this name." + MayName(columns[index]));
        }

        static string MayName(string column) => BelongingColumns.Find(column) is { } kind && FieldTarget.ToBelonging(kind, removes: false) is var target
            ? $" It may name {target}: send it to {target} in mapping, and contacts get what it names."
            : "";

        /// <summary>Why a column that could mean a built-in field does not, or nothing.</summary>
        string Loser(int index) =>
            Synonyms.Find(columns[index]) is { } known && Array.Find(slots, s => s?.Target == FieldTarget.To(known.Field)) is { } winner
                ? $"The column '{winner.Column}' is the better match for {winner.Target}. "
                : "";

        /// <summary>The custom field that the column is called after: a column <c>field:city</c>, as JSON's nested members have it, means the field city.</summary>
        string FieldName(int index) => FieldTarget.TryParse(columns[index], out var named) && named is { Kind: TargetKind.Custom or TargetKind.Variable, Name: { } name } ? name : columns[index];

        void Put(int index, FieldTarget target, double confidence, string reason) => slots[index] = new MappedColumn(index, columns[index], target, confidence, reason);
    }
}
