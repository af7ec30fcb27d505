using Muster.Contacts;

namespace Muster.Mapping;

/// <summary>Decides from their names where a source's columns go. The rules are in docs/formats-csv.md.</summary>
public static class ColumnMapper
{
    // What the contacts export writes besides fields; see OwnExport.
    static readonly string[] OwnColumns = ["id", "status", "lists", "tags", "created_at", "updated_at"];
    static readonly string[] OwnExport = ["id", .. FieldTarget.BuiltIns, "status", "lists", "tags", "created_at", "updated_at"];

    // A weaker name that the account has a custom field for means that field.
    const double StrongSynonym = 0.95;

    // Values are less certain than a name: a column of colleagues' addresses is one of e-mail addresses, too.
    const double HintConfidence = 0.9;

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
        IReadOnlyList<ColumnHint>? hints = null)
    {
        var columns = headers.Select((h, i) => ColumnName.Clean(h) is { Length: > 0 } name ? name : $"column_{i + 1}").ToArray();
        var draft = new Draft(columns, hints ?? new ColumnHint[columns.Length], existingFieldNames, fieldsMax);
        if (draft.TakeMapping(mapping) is { } refusal)
            return refusal;
        draft.TakeOwnExport();
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
                $"Columns found: {List(columns)}. Expected is at least one of phone, email, external_id, or a name that means one, such as mobile, e-mail address, customer id; or name one in mapping.", Option: null, map);
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
        readonly int newFieldsMax;
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
                var index = Find(name);
                if (index < 0)
                    return new(ErrorCode.UnknownColumn, $"mapping names the column '{name}', which the source lacks. Its columns: {List(columns)}.");
                if (!FieldTarget.TryParse(text, out var target))
                    return new(ErrorCode.UnknownColumn, $"mapping sends the column '{name}' to '{text}', which is no field: use {string.Join(", ", FieldTarget.BuiltIns)}, field:NAME, opt_out, opt_in, consent_status or ignore.");
                if (target is { Kind: TargetKind.Custom, Name: { } custom })
                {
                    target = FieldTarget.ToCustom(existing.GetValueOrDefault(custom, custom));
                    if (FieldTarget.IsReserved(custom))
                        return new(ErrorCode.UnknownColumn, $"mapping sends the column '{name}' to 'field:{custom}', a name that is Muster's own. Choose another.");
                    if (!takenNames.Add(custom))
                        return new(ErrorCode.UnknownColumn, $"mapping sends two columns to field:{custom}, the second being '{columns[index]}'.");
                    if (!existing.ContainsKey(custom) && ++newFields > newFieldsMax)
                        return new(ErrorCode.TooManyFields, $"mapping sends the column '{name}' to a new field, and the account has as many custom fields as fields_max allows.");
                }

                if (slots[index] is not null)
                    return new(ErrorCode.UnknownColumn, $"mapping names the column '{columns[index]}' twice.");
                if (target.Kind == TargetKind.BuiltIn && Array.Find(slots, s => s?.Target == target) is { } twin)
                    return new(ErrorCode.UnknownColumn, $"mapping sends two columns to {target}: '{twin.Column}' and '{columns[index]}'.");
                Put(index, target, 1, "As mapping says.");
            }

            return null;
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
                if (slots[i] is null)
                    Put(i, name == "status" ? FieldTarget.ToConsent(ConsentColumns.Status) : FieldTarget.Ignored, 1, name == "status" ? "Muster's own export: who has opted out stays so." : $"Muster's own export: an import does not write {name}.");
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
                if (synonym is not { } known || Array.Exists(slots, s => s?.Target == FieldTarget.To(known.Field)))
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
                if (Array.Exists(slots, s => s?.Target == target))
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

            return new ColumnMap([.. slots.OfType<MappedColumn>()]);
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
                Put(index, FieldTarget.ToCustom(name), 1, reason + "A new custom field of this name.");
        }

        /// <summary>Why a column that could mean a built-in field does not, or nothing.</summary>
        string Loser(int index) =>
            Synonyms.Find(columns[index]) is { } known && Array.Find(slots, s => s?.Target == FieldTarget.To(known.Field)) is { } winner
                ? $"The column '{winner.Column}' is the better match for {winner.Target}. "
                : "";

        /// <summary>The custom field that the column is called after: a column <c>field:city</c>, as JSON's nested members have it, means the field city.</summary>
        string FieldName(int index) => FieldTarget.TryParse(columns[index], out var named) && named is { Kind: not TargetKind.Consent, Name: { } name } ? name : columns[index];

        int Find(string name)
        {
            var clean = ColumnName.Clean(name);
            var index = Array.IndexOf(columns, clean);
            if (index >= 0)
                return index;
            var key = ColumnName.Key(name);
            return Array.FindIndex(columns, c => ColumnName.Key(c) == key);
        }

        void Put(int index, FieldTarget target, double confidence, string reason) => slots[index] = new MappedColumn(index, columns[index], target, confidence, reason);
    }
}
