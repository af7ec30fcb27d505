using System.Collections.Frozen;
using Muster.Contacts;

namespace Muster.Mapping;

/// <summary>Reads mapping rules against a source's columns: what each is, and what is wrong with one that cannot be followed.</summary>
/// <remarks>Depends on names alone, so that an import that is resumed reads its frozen rules as it did at first.</remarks>
public sealed class MappingRules
{
    public static readonly FrozenDictionary<string, FieldType> Types = new Dictionary<string, FieldType>
    {
        ["text"] = FieldType.Text, ["number"] = FieldType.Number, ["date"] = FieldType.Date, ["boolean"] = FieldType.Boolean,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    const string Add = "add";
    const string Remove = "remove";

    /// <summary>What a field may be called, for people.</summary>
    public static readonly string Words = $"{string.Join(", ", FieldTarget.BuiltIns)}, field:NAME, lists, tags, lists:remove, tags:remove, opt_out, opt_in, consent_status or ignore";

    readonly Func<string, int> find;

    /// <param name="find">Index of the column of a name; -1 when there is none.</param>
    MappingRules(Func<string, int> find) => this.find = find;

    /// <summary>Columns that go to one field as they are.</summary>
    public List<(int Column, FieldTarget Target, FieldType? Type, string? Separator)> Plain { get; } = [];

    public List<DerivedField> Derived { get; } = [];

    /// <summary>What is wrong with the first rule that cannot be followed; null when all can.</summary>
    public string? Fault { get; private set; }

    public static MappingRules Read(IReadOnlyList<MappingRule?> rules, Func<string, int> find)
    {
        var read = new MappingRules(find);
        for (var i = 0; i < rules.Count && read.Fault is null; i++)
        {
            if ((rules[i] is { } rule ? read.Take(rule) : "it is null.") is { } fault)
                read.Fault = $"Rule {i + 1} of mapping cannot be followed: {fault}";
        }
        return read;
    }

    string? Take(MappingRule rule)
    {
        if ((rule.Column is null ? 0 : 1) + (rule.Columns is null ? 0 : 1) + (rule.Value is null ? 0 : 1) != 1)
            return "it names one of column, columns and value.";
        if ((rule.Field is null) == (rule.Fields is null))
            return "it names one of field and fields.";
        FieldType? type = null;
        if (rule.Type is { } word)
        {
            if (!Types.TryGetValue(word, out var known))
                return $"type '{word}' is none of {string.Join(", ", Types.Keys.Order(StringComparer.Ordinal))}.";
            if (rule.Field is null || !FieldTarget.TryParse(rule.Field, out var typed) || typed.Kind != TargetKind.Custom)
                return "type belongs to a rule for one custom field, field:NAME.";
            type = known;
        }
        var columns = new List<int>();
        foreach (var name in rule.Columns ?? (rule.Column is null ? [] : [rule.Column]))
        {
            if (name is null || find(name) is var index && index < 0)
                return $"the source has no column '{name}'.";
            columns.Add(find(name));
        }
        if (rule.Columns is not null && columns.Count < 2)
            return "columns names two columns or more.";
        if (rule.Separator is { Length: 0 })
            return "separator is empty.";
        if (rule.Action is not (null or Add or Remove))
            return $"action '{rule.Action}' is none of {Add}, {Remove}.";
        if (rule.Action is not null && (rule.Field is null || !FieldTarget.TryParse(rule.Field, out var acted) || acted.Kind != TargetKind.Belonging))
            return "action belongs to rules for lists and tags.";
        if (rule.Fields is not null)
            return TakeParts(rule, columns);

        if (!FieldTarget.TryParse(rule.Field!, out var target)) // one of the two is there
            return $"'{rule.Field}' is no field: use {Words}.";
        if (target.Kind == TargetKind.Belonging)
            return TakeBelonging(rule, target, columns);
        if (target is { Kind: TargetKind.Custom, Name: { } custom } && FieldTarget.IsReserved(custom))
            return $"'field:{custom}' is a name that is Muster's own.";
        if (target.Kind is not (TargetKind.BuiltIn or TargetKind.Custom or TargetKind.Ignore) && (rule.Value is not null || rule.Columns is not null))
            return $"{target} comes from one column as it is.";
        if (rule.Value is { } text)
        {
            if (target.Kind == TargetKind.Ignore)
                return "a value goes to a field.";
            if (target.Kind == TargetKind.BuiltIn && target.BuiltIn is BuiltInField.Phone or BuiltInField.Email or BuiltInField.ExternalId)
                return $"one {target} cannot belong to every row.";
            if (rule.Separator is not null)
                return "separator belongs to a rule with columns, or with fields.";
            if (text.Length > 1_000 || text.Contains('\0', StringComparison.Ordinal))
                return "value has at most 1,000 characters and no NUL.";
            Derived.Add(new(target, DerivedKind.Constant, [], text, 0, false, type));
            return null;
        }
        if (rule.Columns is null)
        {
            if (rule.Separator is not null)
                return "separator belongs to a rule with columns, or with fields.";
            Plain.Add((columns[0], target, type, null));
            return null;
        }
        if (target.Kind == TargetKind.Ignore)
            return "several columns cannot be ignored as one: name each in a rule of its own.";
        Derived.Add(new(target, rule.Separator is null ? DerivedKind.First : DerivedKind.Joined, columns, rule.Separator, 0, false, type));
        return null;
    }

    string? TakeBelonging(MappingRule rule, FieldTarget target, List<int> columns)
    {
        if (rule.Column is null)
            return $"{target} come from one column; what every row's contact gets is said by the options lists and tags.";
        if (rule.Action == Add && target.Removes)
            return $"action {Add} contradicts '{rule.Field}'.";
        Plain.Add((columns[0], FieldTarget.ToBelonging(target.Belonging, target.Removes || rule.Action == Remove), null, rule.Separator));
        return null;
    }

    string? TakeParts(MappingRule rule, List<int> columns)
    {
        if (rule.Column is null || rule.Fields!.Count < 2)
            return "fields names two fields or more, for one column.";
        var targets = new List<FieldTarget>();
        foreach (var field in rule.Fields)
        {
            if (field is null || !FieldTarget.TryParse(field, out var target) || target is { Kind: TargetKind.Custom, Name: { } name } && FieldTarget.IsReserved(name))
                return $"'{field}' is no field: use {string.Join(", ", FieldTarget.BuiltIns)}, field:NAME or ignore.";
            if (target.Kind is not (TargetKind.BuiltIn or TargetKind.Custom or TargetKind.Ignore))
                return $"{target} comes from one column as it is.";
            targets.Add(target);
        }
        if (rule.Separator is null)
        {
            if (targets is not [{ Kind: TargetKind.BuiltIn, BuiltIn: BuiltInField.FirstName }, { Kind: TargetKind.BuiltIn, BuiltIn: BuiltInField.LastName }])
                return "without a separator, fields are first_name and last_name of a whole name.";
            Derived.Add(new(targets[0], DerivedKind.GivenName, columns, null, 0, false, null));
            Derived.Add(new(targets[1], DerivedKind.FamilyName, columns, null, 1, true, null));
            return null;
        }
        for (var i = 0; i < targets.Count; i++)
        {
            if (targets[i].Kind != TargetKind.Ignore)
                Derived.Add(new(targets[i], DerivedKind.Part, columns, rule.Separator, i, i == targets.Count - 1, null));
        }
        return null;
    }
}
