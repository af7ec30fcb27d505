using System.Text.Json.Serialization;

namespace Muster.Contacts;

/// <summary>What an import does. Undo, redo, plan and apply are imports of their own; <c>Api</c> carries an account's single writes and is never listed.</summary>
public enum ImportKind : byte { Import = 0, Plan = 1, Apply = 2, Undo = 3, Redo = 4, Api = 5 }

/// <summary>Where an import stands. Numbers are stored.</summary>
public enum ImportStatus : byte { Queued = 0, Running = 1, Paused = 2, Held = 3, Planned = 4, Completed = 5, Failed = 6, Canceled = 7, Undone = 8 }

public static class ImportKindExtensions
{
    /// <summary>True for imports that work backwards through another one's ledger.</summary>
    public static bool Reverts(this ImportKind kind) => kind is ImportKind.Undo or ImportKind.Redo;
}

public static class ImportStatusExtensions
{
    /// <summary>True when nothing happens to the import any more unless somebody asks for it.</summary>
    public static bool IsTerminal(this ImportStatus status) =>
        status is ImportStatus.Completed or ImportStatus.Failed or ImportStatus.Canceled or ImportStatus.Undone or ImportStatus.Planned;
}

/// <summary>How far an import is that is all or nothing. Numbers are stored.</summary>
public enum ImportPhase : byte
{
    /// <summary>Rows go into contacts. The phase of every import that is not atomic, from its beginning.</summary>
    Writing = 0,

    /// <summary>The whole source is gone through first, and nothing is written.</summary>
    Checking = 1,
}

/// <summary>What became of a row. Numbers are stored in the ledger.</summary>
public enum Outcome : byte { None = 0, Created = 1, Updated = 2, Unchanged = 3, Duplicate = 4, Suppressed = 5, Skipped = 6, Rejected = 7 }

public static class OutcomeExtensions
{
    /// <summary>True when the row stands for its contact: created, updated or found as it is.</summary>
    public static bool IsAccepted(this Outcome outcome) => outcome is Outcome.Created or Outcome.Updated or Outcome.Unchanged;
}

/// <summary>How many rows had which outcome. The law: <see cref="Read"/> is the sum of the seven outcomes, at every moment. Warnings stand outside it.</summary>
public readonly record struct ImportCounts(long Created, long Updated, long Unchanged, long Duplicate, long Suppressed, long Skipped, long Rejected, long Warnings)
{
    public long Read => Created + Updated + Unchanged + Duplicate + Suppressed + Skipped + Rejected;

    /// <summary>Rows that are in, by <see cref="OutcomeExtensions.IsAccepted"/>.</summary>
    public long Accepted => Created + Updated + Unchanged;

    /// <exception cref="InvalidOperationException">A row has no outcome.</exception>
    public static ImportCounts Of(ReadOnlySpan<Outcome> outcomes, long warnings)
    {
        Span<long> by = stackalloc long[8];
        foreach (var outcome in outcomes)
            by[(int)outcome]++;
        if (by[0] != 0)
            throw new InvalidOperationException("A row of the batch has no outcome.");
        return new(by[1], by[2], by[3], by[4], by[5], by[6], by[7], warnings);
    }

    public static ImportCounts operator +(ImportCounts a, ImportCounts b) => new(
        a.Created + b.Created, a.Updated + b.Updated, a.Unchanged + b.Unchanged, a.Duplicate + b.Duplicate,
        a.Suppressed + b.Suppressed, a.Skipped + b.Skipped, a.Rejected + b.Rejected, a.Warnings + b.Warnings);
}

/// <summary>Why an import ended as failed or canceled. <paramref name="Detail"/> names rule and remedy, never a contact's value.</summary>
public sealed record ImportFailure(ErrorCode Code, string Detail);

/// <summary>The bytes of an import as they were received and understood.</summary>
/// <param name="Kind">file, body, contacts or url.</param>
/// <param name="FileName">As the caller named it; shown to the caller, never logged.</param>
/// <param name="Spool">File name in the spool folder, or null once it has expired.</param>
/// <param name="Url">Where a remote source is, without user, password and query.</param>
/// <param name="HeaderEnd">Byte offset of the end of the header record, its line end included; 0 without a header.</param>
public sealed record ImportSource(
    string Kind, string? FileName, long Bytes, string Sha256, string? Spool,
    string Format, string Encoding, string? Delimiter, IReadOnlyList<string> Columns, long HeaderEnd, bool HasHeader, string? Url = null)
{
    /// <summary>Rows above the header, blank ones counted: the header is the row behind them.</summary>
    public int PreambleRows { get; init; }

    /// <summary>Rows of totals at the end, which are rejected.</summary>
    public int TotalsRows { get; init; }

    /// <summary>Where the totals begin; 0 when there are none.</summary>
    public long TotalsOffset { get; init; }

    /// <summary>How the source was packed when it came; null when it was not. Offsets are those of what was inside.</summary>
    public SourcePacking? Packing { get; init; }

    public SourceEvidence? Evidence { get; init; }

    /// <summary>Length of what is read: of the source as it came, of what was packed in it, or of the sheet's text.</summary>
    [JsonIgnore]
    public long BytesToRead => TextBytes ?? Packing?.Bytes ?? Bytes;

    public const string KindUrl = "url";

    /// <summary>Format of a source that was accepted although it cannot be read: opening it again is what its import fails by.</summary>
    public const string UnknownFormat = "unknown";

    /// <summary>True until a remote source has been copied: nothing is known of it but its address.</summary>
    [JsonIgnore]
    public bool IsAwaited => Kind == KindUrl && Format.Length == 0;

    /// <summary>The sheet of a workbook that was read; null in other formats.</summary>
    public string? Sheet { get; init; }

    /// <summary>All sheets of the workbook, in the order of their tabs.</summary>
    public IReadOnlyList<string>? Sheets { get; init; }

    /// <summary>Length of the sheet's text, which lies in the spool in the workbook's stead: what offsets refer to.</summary>
    public long? TextBytes { get; init; }
}

/// <summary>One column as it was understood: the wire form of a mapping, frozen in the import.</summary>
/// <param name="Field">email, phone, …; field:NAME; or ignore.</param>
/// <param name="FieldId">The custom field's id once the import has begun.</param>
public sealed record ImportColumn(int Index, string Column, string Field, double Confidence, string Reason, int? FieldId = null)
{
    /// <summary>Mapping rules read the column; it does not go to <c>Field</c> as it is.</summary>
    public bool ByRule { get; init; }

    /// <summary>text, number, date or boolean: what its custom field is made as when it is missing; null: text.</summary>
    public string? Declared { get; init; }

    /// <summary>What its values look like: text, number, date, boolean, email, phone, or empty.</summary>
    public string? Type { get; init; }

    /// <summary>ymd, dmy or mdy: how the column's dates are read, decided before the first batch. Null for other columns, and when only dates that read one way are.</summary>
    public string? DateOrder { get; init; }

    /// <summary>point or comma: how 1,234 is read in the column. Null for other columns, and when nothing tells.</summary>
    public string? DecimalSign { get; init; }
}

/// <summary>One run of one source into the store.</summary>
/// <param name="NextBatch">The checkpoint: batches below it are committed, with their ledger.</param>
/// <param name="SourcePosition">Byte offset in the source after the last committed row.</param>
public sealed record Import
{
    public required Guid Id { get; init; }
    public required int AccountId { get; init; }
    public required ImportKind Kind { get; init; }
    public required ImportStatus Status { get; init; }
    public required ImportOptions Options { get; init; }
    public required ImportSource Source { get; init; }
    public IReadOnlyList<ImportColumn> Mapping { get; init; } = [];
    public IReadOnlyList<string> Warnings { get; init; } = [];
    public ImportPhase Phase { get; init; }

    /// <summary>The phase that the import begins with. A plan that is applied has been checked.</summary>
    [JsonIgnore]
    public ImportPhase FirstPhase => Options.Atomic == true && Kind == ImportKind.Import ? ImportPhase.Checking : ImportPhase.Writing;

    /// <summary>True while the import writes no contact, list, tag or field, and only finds out what it would come to.</summary>
    [JsonIgnore]
    public bool OnlyPlans => Kind == ImportKind.Plan || Phase == ImportPhase.Checking;

    /// <summary>True when the import must not stop half way: what it has written is taken back when it fails or is canceled.</summary>
    [JsonIgnore]
    public bool IsAllOrNothing => Options.Atomic == true && Phase == ImportPhase.Writing && Kind is ImportKind.Import or ImportKind.Apply;

    /// <summary>Rejected rows that an atomic import may have.</summary>
    [JsonIgnore]
    public long RejectsAllowed => Options.MaxRejects ?? 0;

    /// <summary>When the ledger was dropped; null while it is kept. Counts stay.</summary>
    public DateTimeOffset? LedgerExpiredAt { get; init; }

    /// <summary>Why the import is held, or was until a person approved it. Empty when it never was.</summary>
    public IReadOnlyList<HoldFinding> Hold { get; init; } = [];

    /// <summary>What a person should look at; it stops nothing.</summary>
    public IReadOnlyList<HoldFinding> Flags { get; init; } = [];

    /// <summary>What the hold rules have counted up to the checkpoint: see <see cref="Muster.Merging.HoldTally"/>.</summary>
    public string? Tally { get; init; }

    public ImportCounts Counts { get; init; }
    public int NextBatch { get; init; }
    public long SourcePosition { get; init; }
    public int LeaseEpoch { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }
    public ImportFailure? Failure { get; init; }
    public Guid? ParentId { get; init; }

    /// <summary>Of an undo, redo or apply: the import whose ledger it works through. A redo that was asked for at the import reads that import's undo.</summary>
    public Guid? TargetId { get; init; }

    /// <summary>The undo of this import, from when it is accepted until a redo takes it back. It stands when <see cref="Status"/> is <see cref="ImportStatus.Undone"/>.</summary>
    public Guid? UndoneBy { get; init; }

    /// <summary>Of a plan: the import that applies it.</summary>
    public Guid? AppliedBy { get; init; }

    /// <summary>Of an undo: contacts that it removed. They count as updated rows.</summary>
    public long Removed { get; init; }

    public string? IdempotencyKey { get; init; }

    /// <summary>Scope of the key beside the account.</summary>
    public string? IdempotencyRoute { get; init; }
    public string? Fingerprint { get; init; }

    /// <summary>Where to fetch the source, and where else when that is refused: complete, secrets included. Only on the way into the store; never read back with the import.</summary>
    public IReadOnlyList<string> Remote { get; init; } = [];

    /// <summary>Whom to tell of this import besides the account's webhooks. Only on the way into the store, as <see cref="Remote"/>.</summary>
    public IReadOnlyList<ImportTarget> Targets { get; init; } = [];

    /// <summary>True when the reserved lane may run it: at most <c>small_import_rows</c> rows.</summary>
    public bool Small { get; init; }

    /// <summary>The undo or redo of this import, as it is accepted.</summary>
    /// <param name="parent">The import that it was asked for at.</param>
    /// <param name="choices">How it meets later values and opt-outs.</param>
    public Import Reversal(ImportKind kind, Guid parent, ReversalChoices choices, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        AccountId = AccountId,
        Kind = kind,
        Status = ImportStatus.Queued,
        Options = new() { Match = Options.Match, OnConflict = choices.Force ? "force" : "keep", AllowResubscribe = choices.MayResubscribe ? true : null },
        Source = Source with { Spool = null },
        Mapping = Mapping,
        CreatedAt = now,
        ParentId = parent,
        TargetId = Id,
    };

    /// <summary>The undo that takes back what an all-or-nothing import had written when it failed or was canceled; null when there is nothing to take back.</summary>
    /// <remarks>Asked of the import as it stood before it ended. One that has begun to write has its tags' ids.</remarks>
    public Import? UndoWhenBroken(DateTimeOffset now) =>
        IsAllOrNothing && Options.TagIds is not null && UndoneBy is null ? Reversal(ImportKind.Undo, Id, new(MayResubscribe: true), now) : null;
}

/// <summary>What an undo or redo is told.</summary>
/// <param name="Force">Values written later give way too.</param>
/// <param name="MayResubscribe">Opt-outs that the import wrote are taken back, too.</param>
public readonly record struct ReversalChoices(bool Force = false, bool MayResubscribe = false);
