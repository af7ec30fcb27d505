namespace Muster.Client;

/// <summary>One page of a list. <paramref name="NextCursor"/> is null on the last one; otherwise it goes into <c>?cursor=</c>.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);

/// <summary>One run of one source into the account's contacts, as <c>GET /v1/imports/{id}</c> tells it.</summary>
public sealed record ImportResource
{
    public required Guid Id { get; init; }

    /// <summary>import, plan, apply, undo or redo.</summary>
    public required string Kind { get; init; }

    /// <summary>queued, running, paused, held, planned, completed, failed, canceled or undone.</summary>
    public required string Status { get; init; }

    public required SourceResource Source { get; init; }

    /// <summary>Frozen when the import was accepted, defaults filled in.</summary>
    public required ImportOptionsResource Options { get; init; }

    public required IReadOnlyList<MappingResource> Mapping { get; init; }
    public required CountsResource Counts { get; init; }
    public required ProgressResource Progress { get; init; }
    public required IReadOnlyList<string> Warnings { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset? StartedAt { get; init; }
    public required DateTimeOffset? FinishedAt { get; init; }
    public required FailureResource? Failure { get; init; }

    /// <summary>Why the import is held, or was until a person approved it; empty when it never was.</summary>
    public IReadOnlyList<HoldResource> Hold { get; init; } = [];

    /// <summary>What a person should look at; it stops nothing.</summary>
    public IReadOnlyList<HoldResource> Flags { get; init; } = [];

    /// <summary>The import that this one undoes, redoes, applies, or retries.</summary>
    public required Guid? ParentId { get; init; }

    /// <summary>The undo of this import; it stands when the status is undone.</summary>
    public required Guid? UndoneBy { get; init; }

    /// <summary>Of a plan: the import that applies it.</summary>
    public required Guid? AppliedBy { get; init; }

    /// <summary>Of an undo or redo: what it did, beside its counts.</summary>
    public required ReversalResource? Reversal { get; init; }

    /// <summary>The newest earlier import of the same bytes, or null. It is only said: the second import of one file may be meant.</summary>
    public Guid? PossibleDuplicateOf { get; init; }

    /// <summary>The imports that brought this one's corrected rejects, oldest first.</summary>
    public IReadOnlyList<Guid> Retries { get; init; } = [];

    /// <summary>Rows of <c>retries</c>, and of theirs, that went in and were not undone: created, updated or unchanged. To be held against <c>counts.rejected</c>.</summary>
    public long Healed { get; init; }

    public required ImportLinks Links { get; init; }

    /// <summary>True when nothing happens to the import any more unless somebody asks for it.</summary>
    public bool IsTerminal() => Status is ImportStatuses.Completed or ImportStatuses.Failed or ImportStatuses.Canceled or ImportStatuses.Undone or ImportStatuses.Planned;
}

/// <summary>The words of <see cref="ImportResource.Status"/>.</summary>
public static class ImportStatuses
{
    public const string Queued = "queued";
    public const string Running = "running";
    public const string Paused = "paused";
    public const string Held = "held";
    public const string Planned = "planned";
    public const string Completed = "completed";
    public const string Failed = "failed";
    public const string Canceled = "canceled";
    public const string Undone = "undone";
}

/// <summary>The bytes of an import as they were received and understood.</summary>
/// <param name="Kind">file, body, contacts, upload or url.</param>
/// <param name="Sha256">Of the bytes as received, lower-case hex.</param>
/// <param name="Format">csv, json, ndjson, xlsx or xls.</param>
/// <param name="Url">Where a remote source is, without user, password and query.</param>
/// <param name="Delimiter">One character, or null when the format has none.</param>
public sealed record SourceResource(
    string Kind, string? FileName, long Bytes, string Sha256, string Format, string Encoding, string? Delimiter, IReadOnlyList<string> Columns,
    string? Url = null)
{
    /// <summary>The sheet of a workbook that was read; null in other formats.</summary>
    public string? Sheet { get; init; }

    /// <summary>All sheets of the workbook, in the order of their tabs; null in other formats.</summary>
    public IReadOnlyList<string>? Sheets { get; init; }

    /// <summary>Whether a row of the source names the columns.</summary>
    public bool Header { get; init; }

    /// <summary>Rows above the header, blank ones and a line sep= counted; the header is the row behind them.</summary>
    public int PreambleRows { get; init; }

    /// <summary>Rows of totals at the end: they are rejected as totals_row.</summary>
    public int TotalsRows { get; init; }

    /// <summary>How the source was packed; null when it was not. Offsets, progress and rejects refer to what was inside.</summary>
    public PackingResource? Packing { get; init; }

    /// <summary>What says that the source is read rightly; each can be overridden by the option of its name. Null where the format leaves no question.</summary>
    public SourceEvidenceResource? Evidence { get; init; }

    /// <summary>The product whose export the header shows it to be: google_contacts, outlook, apple_contacts, hubspot, mailchimp, salesforce or linkedin. Null when it is none of these.</summary>
    public string? RecognizedAs { get; init; }
}

/// <summary>How a source was packed.</summary>
/// <param name="Kind">gzip or zip.</param>
/// <param name="Entry">Name of the file in the zip archive.</param>
/// <param name="Bytes">Length of what was inside.</param>
public sealed record PackingResource(string Kind, string? Entry, long Bytes);

/// <summary>Why the source's encoding, delimiter, header and totals were taken for what they are.</summary>
public sealed record SourceEvidenceResource(EvidenceResource? Encoding, EvidenceResource? Delimiter, EvidenceResource? Header, EvidenceResource? Totals)
{
    /// <summary>That it is the format it was read in.</summary>
    public EvidenceResource? Format { get; init; }
}

/// <param name="Confidence">0 to 1; 1 for what is certain or was asked for.</param>
/// <param name="Reason">One sentence.</param>
/// <param name="Candidates">What else it could have been, likeliest first, the one taken included; empty when there was no choice.</param>
public sealed record EvidenceResource(double Confidence, string Reason, IReadOnlyList<CandidateResource> Candidates);

public sealed record CandidateResource(string Value, double Confidence);

/// <summary>A source named by its address, with options.</summary>
public sealed record UrlSubmission(UrlSource Source, ImportOptionsResource? Options);

/// <param name="Url">http, https or s3://bucket/key.</param>
public sealed record UrlSource(string Url);

/// <summary>How one column of the source was understood.</summary>
/// <param name="Index">From 0.</param>
/// <param name="Field">email, phone, external_id, first_name, last_name, company, field:NAME, or ignore.</param>
/// <param name="Confidence">0 to 1.</param>
/// <param name="Type">What its values look like: text, number, date, boolean, email, phone, or empty.</param>
/// <param name="DateOrder">ymd, dmy or mdy: how its dates are read; null for other columns, and when nothing decides.</param>
/// <param name="DecimalSign">point or comma: how 1,234 is read in it, or null.</param>
public sealed record MappingResource(
    int Index, string Column, string Field, double Confidence, string Reason, string? Type = null, string? DateOrder = null, string? DecimalSign = null);

/// <summary>What became of the rows. <c>read = created + updated + unchanged + duplicate + suppressed + skipped + rejected</c>, at every moment; warnings stand outside.</summary>
public sealed record CountsResource(
    long Read, long Created, long Updated, long Unchanged, long Duplicate, long Suppressed, long Skipped, long Rejected, long Warnings);

/// <param name="BytesRead">Source bytes whose rows are committed.</param>
/// <param name="RowsPerSecond">Mean since the import started, or null before.</param>
/// <param name="Phase">fetching while a remote source is being copied, and bytes are those of the copy; of an atomic import checking, then writing; else null.</param>
/// <param name="EtaSeconds">Estimate, or null when there is nothing to go by.</param>
public sealed record ProgressResource(long BytesRead, long BytesTotal, double? RowsPerSecond, double? EtaSeconds, string? Phase = null);

/// <summary>What an undo or redo did, or in a preview would do, to contacts. A row is a row of the import that is taken back.</summary>
/// <param name="Removed">Contacts that the import had made and that are gone.</param>
/// <param name="Restored">Contacts that are there again.</param>
/// <param name="Changed">Contacts that hold again what they held before.</param>
/// <param name="Kept">Contacts that something wrote to later, and that stayed wholly as they were.</param>
/// <param name="Conflicts">Values and contacts that something wrote to later: <c>GET …/errors</c> of the undo lists them.</param>
public sealed record ReversalResource(long Removed, long Restored, long Changed, long Kept, long Conflicts);

/// <summary>What an undo or redo would do: the answer to <c>?dry_run=true</c>. Nothing was written.</summary>
/// <param name="Kind">undo or redo.</param>
/// <param name="ConflictsShown">The first conflicts, those of the import's last rows first.</param>
public sealed record ReversalPreviewResource(string Kind, Guid ParentId, CountsResource Counts, ReversalResource Reversal, IReadOnlyList<ConflictResource> ConflictsShown);

/// <summary>A value, or a whole contact, that something wrote to after the import.</summary>
/// <param name="Column">Header of the source's column, or null when the whole contact, a list or a field without a column is meant.</param>
public sealed record ConflictResource(long RowNumber, int ContactId, string? Column, string? Field, string Code, string Message);

/// <summary>How an undo or redo is to be done. An empty body leaves all to the defaults.</summary>
/// <param name="DryRun">Only say what it would do.</param>
/// <param name="OnConflict">What becomes of values that were written later: keep (default) or force.</param>
/// <param name="AllowResubscribe">Opt-outs that the import wrote are taken back, too; otherwise they stay and are conflicts.</param>
public sealed record ReversalInput(bool? DryRun = null, string? OnConflict = null, bool? AllowResubscribe = null);

/// <summary>A rule that the import passed: see docs/hold.md.</summary>
/// <param name="Value">What was measured: a share from 0 to 1, or a number.</param>
/// <param name="Limit">What the rule allows.</param>
/// <param name="Column">The column at fault, when it is one column's.</param>
/// <param name="ApprovedAt">When a person let the import go on in spite of it.</param>
public sealed record HoldResource(
    string Rule, double Value, double Limit, string Message, IReadOnlyList<HoldExampleResource> Examples, string? Column, DateTimeOffset? ApprovedAt);

/// <summary>A row or a value that shows what a rule found.</summary>
public sealed record HoldExampleResource(long? RowNumber, string? Column, string? Code, string? Value);

/// <summary>One write to a contact.</summary>
/// <param name="Rev">Number of the write among the contact's writes.</param>
/// <param name="At">When it was committed; null where an earlier Muster wrote it.</param>
/// <param name="Kind">import, apply, undo, redo, or api for a call of the API.</param>
/// <param name="ImportId">Null for a call of the API.</param>
/// <param name="Action">created, updated, removed or restored (by an undo and its redo).</param>
/// <param name="Row">Where in which file; null for a call of the API.</param>
public sealed record HistoryResource(int Rev, DateTimeOffset? At, string Kind, Guid? ImportId, string Action, HistoryRowResource? Row, IReadOnlyList<FieldHistoryResource> Fields);

/// <param name="Sha256">Of the file's bytes as received, lower-case hex.</param>
/// <param name="ByteOffset">Where the record starts in the source.</param>
public sealed record HistoryRowResource(string? FileName, string Sha256, long RowNumber, long Line, long ByteOffset, int ByteLength);

/// <param name="Field">email, phone, … or field:NAME.</param>
/// <param name="Before">Null: empty.</param>
public sealed record FieldHistoryResource(string Field, string? Before, string? After);

/// <param name="Code">See docs/error-codes.md.</param>
public sealed record FailureResource(string Code, string Detail);

/// <summary>Paths on the server that answered.</summary>
public sealed record ImportLinks(string Self, string Events, string Rejects, string Errors, string Rows, string Changes);

/// <summary>What an import is told. Null leaves a choice to the account's or Muster's default.</summary>
public sealed record ImportOptionsResource
{
    /// <summary>Lists by id; each must exist.</summary>
    public IReadOnlyList<int>? ListIds { get; init; }

    /// <summary>Lists by name; created when unknown.</summary>
    public IReadOnlyList<string>? Lists { get; init; }

    /// <summary>Tags by name; created when unknown.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>phone, email or external_id: what makes two rows one contact; or several in order, with commas (on the wire a list). Default: the account's.</summary>
    [System.Text.Json.Serialization.JsonConverter(typeof(WordsConverter))]
    public string? Match { get; init; }

    /// <summary>upsert (default), create_only or update_only.</summary>
    public string? Mode { get; init; }

    /// <summary>overwrite (default), fill_empty, keep, or append: custom text fields are sets with <c>;</c> between the values.</summary>
    public string? Policy { get; init; }

    /// <summary>The policy of single fields, by field name (built in, or field:NAME).</summary>
    public IReadOnlyDictionary<string, string>? Policies { get; init; }

    /// <summary>What a blank cell does: keep (default) or clear.</summary>
    public string? Blank { get; init; }

    /// <summary>A cell that consists of this text clears its field.</summary>
    public string? ClearToken { get; init; }

    /// <summary>first (default) or last: which of several rows with one key counts.</summary>
    public string? OnDuplicateRow { get; init; }

    /// <summary>update (default) or skip.</summary>
    public string? OnListMember { get; init; }

    /// <summary>reject_row (default) or drop_value.</summary>
    public string? OnInvalidValue { get; init; }

    /// <summary>remove or keep: whether a cell loses the apostrophe that keeps spreadsheets from running it.</summary>
    public string? FormulaEscapes { get; init; }

    /// <summary>create_field (default), ignore or reject.</summary>
    public string? UnknownColumns { get; init; }

    /// <summary>Column name → field (email, field:NAME, ignore, …), or a list of rules.</summary>
    public MappingOption? Mapping { get; init; }

    /// <summary>Name or id of a profile, or either with a version, <c>CRM@3</c>. Default: the one whose columns are the source's; empty: none.</summary>
    public string? Profile { get; init; }

    /// <summary>ISO 3166-1 alpha-2 region of national phone numbers.</summary>
    public string? Region { get; init; }

    /// <summary>any (default), plain or plain_or_international.</summary>
    public string? PhoneStyle { get; init; }

    /// <summary>One character, or tab, comma, semicolon, pipe. Default: found out.</summary>
    public string? Delimiter { get; init; }

    /// <summary>Whether a row names the columns. Default: it does unless it holds an e-mail address or a phone number.</summary>
    public bool? Header { get; init; }

    /// <summary>Rows above the header, blank ones counted. Default: found out.</summary>
    public int? PreambleRows { get; init; }

    /// <summary>Rows of totals at the end, which are rejected. Default: found out.</summary>
    public int? TotalsRows { get; init; }

    /// <summary>ymd, dmy or mdy: how dates of digits are read. Default: by column, what its dates prove; else as the account says.</summary>
    public string? DateOrder { get; init; }

    /// <summary>The sheet of a workbook, by name or by number from 1. Default: the first that is not hidden.</summary>
    [System.Text.Json.Serialization.JsonConverter(typeof(NameOrNumberConverter))]
    public string? Sheet { get; init; }

    /// <summary>Plan only: nothing is written, and the import ends as planned. POST …/apply carries the plan out.</summary>
    public bool? DryRun { get; init; }

    /// <summary>point or comma: what stands before the decimals of numbers such as 1,234. Default: what the column's other numbers prove.</summary>
    public string? DecimalSign { get; init; }

    /// <summary>Name of the column that says each row's country, for phone numbers without a country code. Default: found out; empty: none.</summary>
    public string? RegionColumn { get; init; }

    /// <summary>The source's encoding by its usual name, such as windows-1252 or shift_jis. Default: found out. A byte order mark beats it.</summary>
    public string? Encoding { get; init; }

    /// <summary>All or nothing: when a row is rejected (or more than <c>max_rejects</c> are), nothing is imported.</summary>
    public bool? Atomic { get; init; }

    /// <summary>Rejected rows that the import may have; one more ends it as failed.</summary>
    public long? MaxRejects { get; init; }

    /// <summary>An http or https URL that is told when the import comes to rest: completed, failed, canceled, held, …</summary>
    public string? WebhookUrl { get; init; }

    /// <summary>E-mail addresses with commas between, each told once when the import has ended.</summary>
    public string? NotifyEmail { get; init; }

    /// <summary>reject (default) or text: whether an object in a JSON source rejects its row, or its field keeps the JSON as it was sent.</summary>
    public string? Nested { get; init; }

    /// <summary>Whether a date whose year has fewer than four digits is invalid. Default false.</summary>
    public bool? FullYears { get; init; }

    /// <summary>What the import says about the consent of all its contacts. A status of opted_out makes the source a list of opt-outs.</summary>
    public ConsentInput? Consent { get; init; }

    /// <summary>Whether contacts who opted out, or who are suppressed, are opted in again: only with a consent of opted_in that has evidence.</summary>
    public bool? AllowResubscribe { get; init; }

    /// <summary>Most characters of a text field's value; a longer one is invalid. Default: no limit of its own.</summary>
    public int? TextMax { get; init; }

    /// <summary>Limits of the hold rules by name, such as <c>{"reject_share":0.5,"drift":false}</c>; false switches all rules off, true on. Default: the account's.</summary>
    public System.Text.Json.JsonElement? Hold { get; init; }
}

/// <summary>One error or warning of one row.</summary>
/// <param name="RowNumber">Ordinal of the record in the source, header, preamble and blank records counted: the number a spreadsheet shows beside it.</param>
/// <param name="Line">Physical line where the record starts, the first is 1; of an unclosed or stray quote the line where that quote stands.</param>
/// <param name="ByteOffset">Where the record starts in the source.</param>
/// <param name="Column">Header of the column at fault, or null when the whole row is.</param>
/// <param name="Severity">error or warning.</param>
/// <param name="Candidates">The contacts that the row's keys belong to, of an ambiguous match; else empty.</param>
/// <param name="Value">The cell as sent, or null once the source has expired or when the whole row is at fault.</param>
public sealed record ErrorResource(
    long RowNumber, long Line, long ByteOffset, string? Column, string? Field, string Code, string Severity, string Message, string? Value, IReadOnlyList<int> Candidates);

/// <summary>What became of one row.</summary>
/// <param name="Outcome">created, updated, unchanged, duplicate, suppressed, skipped or rejected.</param>
/// <param name="DuplicateOf">Row number of the row that won, for a duplicate.</param>
/// <param name="Codes">Its error and warning codes.</param>
/// <param name="Candidates">The contacts that the row's keys belong to, of an ambiguous match; else empty.</param>
public sealed record RowResource(
    long RowNumber, long Line, long ByteOffset, int ByteLength, string Outcome, int? ContactId, long? DuplicateOf, IReadOnlyList<string> Codes, IReadOnlyList<int> Candidates);

/// <summary>One field that one row changed, or in a plan would: null is empty.</summary>
/// <param name="ContactId">Null where a plan would make the contact.</param>
/// <param name="Outcome">Of the row: created or updated.</param>
/// <param name="Action">What became of the contact: created or updated; of an undo or redo also removed or restored.</param>
/// <param name="Field">email, phone, …, field:NAME, consent; or lists or tags, for one list or tag that the contact got or lost, by its name.</param>
public sealed record ChangeResource(long RowNumber, int? ContactId, string Outcome, string Action, string Field, string? Before, string? After);
