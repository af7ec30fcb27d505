using System.Text.Json.Serialization;

namespace Muster.Contacts;

/// <summary>What an import is told, frozen when it is accepted. Null means: the account's or Muster's default, which acceptance fills in. JSON names are snake_case.</summary>
public sealed record ImportOptions
{
    /// <summary>Lists by id; each must exist.</summary>
    public IReadOnlyList<int>? ListIds { get; init; }

    /// <summary>Lists by name; created when unknown.</summary>
    public IReadOnlyList<string>? Lists { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>The ids of <see cref="Tags"/>, once the import has begun. Never asked for by a caller.</summary>
    public IReadOnlyList<int>? TagIds { get; init; }

    /// <summary>The custom fields that the import reads into, as they were when it began. Never asked for by a caller.</summary>
    public IReadOnlyList<FrozenField>? Fields { get; init; }

    /// <summary>phone, email or external_id: what makes two rows one contact; or several of them in order, with commas. Default: the account's.</summary>
    public string? Match { get; init; }

    /// <summary>upsert (default), create_only or update_only. Rows that the mode leaves out are <c>skipped</c>.</summary>
    public string? Mode { get; init; }

    /// <summary>What a value does to the one that is there: overwrite (default), fill_empty, keep, or append: text fields are sets with <c>;</c> between the values.</summary>
    public string? Policy { get; init; }

    /// <summary>The policy of single fields, by field name (built in, or field:NAME).</summary>
    public IReadOnlyDictionary<string, string>? Policies { get; init; }

    /// <summary>What a blank cell does: keep (default) or clear.</summary>
    public string? Blank { get; init; }

    /// <summary>A cell that consists of this text clears its field, whatever <see cref="Blank"/> says.</summary>
    public string? ClearToken { get; init; }

    /// <summary>Which of several rows with one key counts: first (default) or last.</summary>
    public string? OnDuplicateRow { get; init; }

    /// <summary>What becomes of a row whose contact is in the list already: update (default) or skip (outcome duplicate).</summary>
    public string? OnListMember { get; init; }

    /// <summary>reject_row (default) or drop_value: the row goes in without the value, which is reported as a warning.</summary>
    public string? OnInvalidValue { get; init; }

    /// <summary>remove or keep: whether a cell loses the apostrophe that keeps spreadsheets from running it. Default: keep in an export of our own for machines, else remove.</summary>
    public string? FormulaEscapes { get; init; }

    /// <summary>create_field (default), ignore or reject.</summary>
    public string? UnknownColumns { get; init; }

    /// <summary>Column name → field (email, field:NAME, ignore, …). Columns that are not named are mapped by their header.</summary>
    public IReadOnlyDictionary<string, string>? Mapping { get; init; }

    /// <summary>Rules that a plain <see cref="Mapping"/> cannot say: several columns into one field, one into several, values for every row, columns of lists and tags. On the wire both are <c>mapping</c>.</summary>
    public IReadOnlyList<MappingRule>? MappingRules { get; init; }

    /// <summary>Name or id of a profile, or either with a version, <c>CRM@3</c>. Default: the one whose columns are the source's; empty: none. In an import, the version that was used.</summary>
    public string? Profile { get; init; }

    /// <summary>ISO 3166-1 alpha-2 region of national phone numbers. Default: the account's.</summary>
    public string? Region { get; init; }

    /// <summary>any (default), plain or plain_or_international.</summary>
    public string? PhoneStyle { get; init; }

    /// <summary>One character, or tab, comma, semicolon, pipe. Default: found out.</summary>
    public string? Delimiter { get; init; }

    /// <summary>Whether a record names the columns. Default: found out.</summary>
    public bool? Header { get; init; }

    /// <summary>Rows above the header, blank ones counted. Default: found out.</summary>
    public int? PreambleRows { get; init; }

    /// <summary>Rows of totals at the end, which are rejected. Default: found out.</summary>
    public int? TotalsRows { get; init; }

    /// <summary>ymd, dmy or mdy: how dates of digits are read. Default: by column, what its dates prove; else as the account says.</summary>
    public string? DateOrder { get; init; }

    /// <summary>Plan only: nothing is written, no list, tag or field is made, and the import ends as planned.</summary>
    public bool? DryRun { get; init; }

    /// <summary>Of an undo or redo, what becomes of values that were written later: keep (default) or force. Of an apply, what becomes of rows whose contact has moved: report (default) or replan.</summary>
    public string? OnConflict { get; init; }

    /// <summary>All or nothing: when more rows are rejected than <see cref="MaxRejects"/> allows (null: none), nothing is imported. docs/atomic.md.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Atomic { get; init; }

    /// <summary>Rejected rows that the import may have; one more ends it as failed. Null: any number.</summary>
    public long? MaxRejects { get; init; }

    /// <summary>point or comma: what stands before the decimals of numbers such as 1,234. Default: what the column's other numbers prove.</summary>
    public string? DecimalSign { get; init; }

    /// <summary>Name of the column that says each row's country, for phone numbers without a country code. Default: found out; empty: none.</summary>
    public string? RegionColumn { get; init; }

    /// <summary>Told when the import comes to rest. Kept without user, password and query.</summary>
    public string? WebhookUrl { get; init; }

    /// <summary>E-mail addresses with commas between, each told once when the import has ended.</summary>
    public string? NotifyEmail { get; init; }

    /// <summary>What becomes of a JSON object, or a list that holds more than plain values, in a column that goes to a field: reject (default) its row, or text: the field keeps the JSON as it was sent.</summary>
    public string? Nested { get; init; }

    /// <summary>What the import says about the consent of all its contacts, with its evidence.</summary>
    public ConsentOption? Consent { get; init; }

    /// <summary>Whether contacts who opted out, or who are suppressed, are opted in again: only with a <see cref="Consent"/> of opted_in that has evidence.</summary>
    public bool? AllowResubscribe { get; init; }

    /// <summary>Limits of the hold rules by name (<see cref="HoldRules"/>); a null limit switches its rule off, a rule that is not named has the account's limit.</summary>
    public IReadOnlyDictionary<string, double?>? Hold { get; init; }

    /// <summary>The sheet of a workbook, by name or by number from 1. Default: the first that is not hidden.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Sheet { get; init; }

    /// <summary>Whether a date whose year has fewer than four digits is invalid. Default false.</summary>
    public bool? FullYears { get; init; }

    /// <summary>Most characters of a text field's value, built in or custom; a longer one is invalid. Default: only cell_bytes_max limits it.</summary>
    public int? TextMax { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Encoding { get; init; }

    /// <summary>Members that the import's lists may come to hold, beside what each list itself allows. Null: that alone. Set by façades, for accounts that are limited so.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? ListMembersMax { get; init; }
}

/// <summary>A custom field as an import found or made it: what its rows were read into, whatever has become of the field since. A plan's new fields have ids that no field has.</summary>
public sealed record FrozenField(string Name, int Id, FieldType Type);
