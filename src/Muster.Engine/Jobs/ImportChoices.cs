using Muster.Contacts;
using Muster.Formats.Encodings;
using Muster.Mapping;
using Muster.Merging;
using Muster.Validation;
using Muster.Validation.Phones;

namespace Muster.Jobs;

/// <summary>The words of <see cref="ImportOptions"/> as values, defaults filled in.</summary>
sealed record ImportChoices(
    KeyKind[] Matches, ImportMode Mode, MergePolicy Policy, PhoneRegion Region, PhoneStyle PhoneStyle,
    UnknownColumns UnknownColumns, bool BlankClears, bool DropInvalid, bool SkipsMembers, bool LastRow)
{
    public static readonly IReadOnlyDictionary<string, KeyKind> MatchWords =
        Words(("email", KeyKind.Email), ("phone", KeyKind.Phone), ("external_id", KeyKind.ExternalId));
    public static readonly IReadOnlyDictionary<string, ImportMode> Modes =
        Words(("upsert", ImportMode.Upsert), ("create_only", ImportMode.CreateOnly), ("update_only", ImportMode.UpdateOnly));
    public static readonly IReadOnlyDictionary<string, MergePolicy> Policies =
        Words(("overwrite", MergePolicy.Overwrite), ("fill_empty", MergePolicy.FillEmpty), ("keep", MergePolicy.Keep), ("append", MergePolicy.Append));
    public static readonly IReadOnlyDictionary<string, PhoneStyle> PhoneStyles =
        Words(("any", PhoneStyle.Any), ("plain", PhoneStyle.Plain), ("plain_or_international", PhoneStyle.PlainOrInternational));
    public static readonly IReadOnlyDictionary<string, DateOrder> DateOrders =
        Words(("ymd", DateOrder.Ymd), ("dmy", DateOrder.Dmy), ("mdy", DateOrder.Mdy));
    public static readonly IReadOnlyDictionary<string, UnknownColumns> UnknownColumnsWords =
        Words(("create_field", UnknownColumns.CreateField), ("ignore", UnknownColumns.Ignore), ("reject", UnknownColumns.Reject));
    public static readonly IReadOnlyDictionary<string, DecimalSign> DecimalSigns =
        Words(("point", DecimalSign.Point), ("comma", DecimalSign.Comma));
    static readonly Dictionary<string, bool> Blanks = Words(("keep", false), ("clear", true));
    static readonly Dictionary<string, bool> InvalidValues = Words(("reject_row", false), ("drop_value", true));
    static readonly Dictionary<string, bool> FormulaEscapesWords = Words(("keep", false), ("remove", true));
    static readonly Dictionary<string, bool> DuplicateRows = Words(("first", false), ("last", true));
    static readonly Dictionary<string, bool> ListMembers = Words(("update", false), ("skip", true));
    static readonly Dictionary<string, bool> NestedValues = Words(("reject", false), ("text", true));

    /// <summary>Longest name of a list or tag, in characters.</summary>
    const int NameLengthMax = RowChecker.NameLengthMax;

    /// <summary>Most rows that an option may put above the header or below the contacts.</summary>
    const int RowsAboveMax = 1_000;
    const int RowsBelowMax = 100;

    /// <summary>Reads options that <see cref="Refuse"/> let pass.</summary>
    public static ImportChoices Of(ImportOptions options) => new(
        KindsOf(options.Match ?? "email"),
        Modes[options.Mode ?? "upsert"],
        Policies[options.Policy ?? "overwrite"],
        PhoneRegion.TryParse(options.Region, out var region) ? region : PhoneRegion.None,
        PhoneStyles[options.PhoneStyle ?? "any"],
        UnknownColumnsWords[options.UnknownColumns ?? "create_field"],
        Blanks[options.Blank ?? "keep"],
        InvalidValues[options.OnInvalidValue ?? "reject_row"],
        ListMembers[options.OnListMember ?? "update"],
        DuplicateRows[options.OnDuplicateRow ?? "first"]);

    /// <summary>The kinds that <c>match</c> names, in its order.</summary>
    public static KeyKind[] KindsOf(string match) => [.. match.Split(',').Select(word => MatchWords[word])];

    static IntakeResult.Refused? BadMatch(string? match)
    {
        var words = match?.Split(',') ?? [];
        if (words.Distinct(StringComparer.Ordinal).Count() < words.Length)
            return Refused("match", "match names a kind twice.");
        return words.Select(word => Bad(MatchWords, word, "match")).FirstOrDefault(refused => refused is not null);
    }

    /// <summary>The first option that cannot be used, with what it may be; null when all can.</summary>
    public static IntakeResult.Refused? Refuse(ImportOptions options)
    {
        if (options.Region is { } code && !PhoneRegion.TryParse(code, out _))
            return Refused("region", $"\"{code}\" is not a region with phone numbers. Use an ISO 3166-1 code such as AU, IN or GB.");
        foreach (var (field, policy) in options.Policies ?? new Dictionary<string, string>())
        {
            if (!FieldTarget.TryParse(field, out var target) || target.Kind is TargetKind.Ignore or TargetKind.Belonging)
                return Refused("policies", $"policies names '{field}', which is no field: use {string.Join(", ", FieldTarget.BuiltIns)} or field:NAME.");
            if (Bad(Policies, policy, "policies") is { } refused)
                return refused;
            if (policy == "append" && target is { Kind: TargetKind.BuiltIn, BuiltIn: BuiltInField.Phone or BuiltInField.Email or BuiltInField.ExternalId })
                return Refused("policies", $"policies appends to {field}, which holds one value. append is for text fields.");
        }
        if (options.Mapping?.Values.Contains(null) == true)
            return Refused("mapping", "mapping sends a column to null. Use ignore for a column that is not to be imported.");
        if (options.Encoding is { } encoding && SourceEncoding.TryFind(encoding) is null)
            return Refused("encoding", $"\"{encoding}\" is no encoding that Muster reads. Use one of {string.Join(", ", SourceEncoding.Names)}.");
        if (options.PreambleRows is < 0 or > RowsAboveMax)
            return Refused("preamble_rows", $"preamble_rows is a number of rows, 0 to {RowsAboveMax}.");
        if (options.TotalsRows is < 0 or > RowsBelowMax)
            return Refused("totals_rows", $"totals_rows is a number of rows, 0 to {RowsBelowMax}.");
        if (options.TextMax is < 1)
            return Refused("text_max", "text_max is the most characters that a text may have: at least 1.");
        if ((BadNames(options.Lists, "lists") ?? BadNames(options.Tags, "tags")) is { } badName)
            return badName;
        if (ConsentOptions.Refuse(options) is { } badConsent)
            return badConsent;
        if (options.MaxRejects < 0)
            return Refused("max_rejects", "max_rejects is a whole number that is not negative.");
        return BadMatch(options.Match) ?? Bad(Modes, options.Mode, "mode") ?? Bad(Policies, options.Policy, "policy")
            ?? Bad(PhoneStyles, options.PhoneStyle, "phone_style") ?? Bad(DateOrders, options.DateOrder, "date_order") ?? Bad(DecimalSigns, options.DecimalSign, "decimal_sign")
            ?? Bad(UnknownColumnsWords, options.UnknownColumns, "unknown_columns") ?? Bad(Blanks, options.Blank, "blank")
            ?? Bad(InvalidValues, options.OnInvalidValue, "on_invalid_value") ?? Bad(FormulaEscapesWords, options.FormulaEscapes, "formula_escapes") ?? Bad(DuplicateRows, options.OnDuplicateRow, "on_duplicate_row")
            ?? Bad(ListMembers, options.OnListMember, "on_list_member") ?? Bad(NestedValues, options.Nested, "nested");
    }

    // A name that cannot be made would break off the import at its first batch.
    static IntakeResult.Refused? BadNames(IReadOnlyList<string?>? names, string option) =>
        names?.All(n => n?.Trim() is { Length: > 0 and <= NameLengthMax } name && !name.Any(char.IsControl)) == false
            ? Refused(option, $"Each of {option} has 1 to {NameLengthMax} characters and no control character.")
            : null;

    static IntakeResult.Refused? Bad<T>(IReadOnlyDictionary<string, T> words, string? word, string option) => word is null || words.ContainsKey(word)
        ? null
        : Refused(option, $"\"{word}\" is not a value of {option}. Use {string.Join(", ", words.Keys.Order(StringComparer.Ordinal))}.");

    public static IntakeResult.Refused Refused(string option, string detail) => new(ErrorCode.InvalidOption, detail, option);

    // Each has a handful of words: a frozen dictionary of them takes longer to make than all look-ups of a process.
    static Dictionary<string, T> Words<T>(params ReadOnlySpan<(string Word, T Value)> words)
    {
        var values = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var (word, value) in words)
            values.Add(word, value);
        return values;
    }
}
