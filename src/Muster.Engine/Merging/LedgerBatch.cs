using Muster.Contacts;

namespace Muster.Merging;

/// <summary>Rows of a batch's ledger that lie together.</summary>
/// <param name="End">Behind the last one.</param>
public readonly record struct LedgerRows(int First, int End)
{
    public int Count => End - First;
}

/// <summary>A batch's ledger, read back: for every row its outcome, contact, place in the source and findings, and for every change what was there before.</summary>
public sealed record LedgerBatch
{
    public required Outcome[] Outcome { get; init; }
    public required long[] RowNumber { get; init; }
    public required long[] Line { get; init; }
    public required long[] ByteOffset { get; init; }
    public required int[] ByteLength { get; init; }

    /// <summary>0 where the row has no contact, or none any more: see <see cref="IsErased"/>.</summary>
    public required int[] ContactId { get; init; }

    /// <summary>0 for rows that are no duplicates.</summary>
    public required long[] DuplicateOf { get; init; }

    /// <summary>0 for rows that wrote no contact.</summary>
    public required int[] RevAfter { get; init; }

    /// <summary>Default for rows that updated nothing.</summary>
    public required WriteRef[] PreviousWrite { get; init; }

    /// <summary>Bits as in <see cref="BatchDecision.KeysClaimed"/>.</summary>
    public required byte[] KeysClaimed { get; init; }

    /// <summary>In order of row. Field: see <see cref="FieldChange"/>; before: null when the field was empty.</summary>
    public required IReadOnlyList<(int Row, int Field, byte[]? Before)> Changes { get; init; }

    public required IReadOnlyDictionary<int, ulong[]> MembersAdded { get; init; }
    public required IReadOnlyDictionary<int, ulong[]> TagsAdded { get; init; }

    /// <summary>How contacts stood to lists before rows took them out or, where somebody had taken them out before, brought them in; in order of row.</summary>
    public IReadOnlyList<RemovedMember> MembersRemoved { get; init; } = [];

    /// <summary>The same of tags.</summary>
    public IReadOnlyList<RemovedTag> TagsRemoved { get; init; } = [];

    /// <summary>Of a plan: the lists and tags that its rows would make.</summary>
    public IReadOnlyList<PlannedName> PlannedNames { get; init; } = [];

    /// <summary>In order of row.</summary>
    public required IReadOnlyList<RowError> Errors { get; init; }

    /// <summary>Of an undo's or redo's batch: what it took away and brought back.</summary>
    public LedgerRevert? Revert { get; init; }

    /// <summary>Of rows rejected as <see cref="ErrorCode.AmbiguousMatch"/>, in order of row: the contacts that the row's keys belonged to.</summary>
    public IReadOnlyList<(int Row, int ContactId)> Candidates { get; init; } = [];

    public int Count => Outcome.Length;

    public LedgerRows AllRows => new(0, Count);

    /// <summary>Whether an undo has something to do with the row: it wrote a contact, or brought one into a list or out of it, and the contact has not been erased.</summary>
    public bool HasWritten(int row) => Outcome[row] is Contacts.Outcome.Created or Contacts.Outcome.Updated && ContactId[row] != 0;

    /// <summary>A batch of no rows.</summary>
    public static LedgerBatch Empty { get; } = new()
    {
        Outcome = [], RowNumber = [], Line = [], ByteOffset = [], ByteLength = [], ContactId = [], DuplicateOf = [], RevAfter = [], PreviousWrite = [], KeysClaimed = [],
        Changes = [], MembersAdded = new Dictionary<int, ulong[]>(), TagsAdded = new Dictionary<int, ulong[]>(), Errors = [],
    };

    /// <summary>How many rows had which outcome.</summary>
    public ImportCounts Tally() => ImportCounts.Of(Outcome, Errors.Count(e => e.Severity == Severity.Warning));

    /// <summary>The first finding of each row, errors before warnings before notes; None for rows without.</summary>
    public ErrorCode[] FirstCodes()
    {
        var codes = new ErrorCode[Count];
        var severities = new Severity[Count];
        foreach (var error in Errors)
        {
            if (codes[error.Row] != ErrorCode.None && severities[error.Row] <= error.Severity)
                continue;
            codes[error.Row] = error.Code;
            severities[error.Row] = error.Severity;
        }
        return codes;
    }

    /// <summary>By row: whether it stood for its contact, also where it was then withheld because its import is all or nothing.</summary>
    public bool[] Accepted()
    {
        var accepted = Array.ConvertAll(Outcome, static o => o.IsAccepted());
        foreach (var error in Errors)
            accepted[error.Row] |= error.Code == ErrorCode.AtomicRejected;
        return accepted;
    }

    /// <summary>True for a row that wrote or met a contact which has been erased since: its outcome stands, and nothing else is known of it.</summary>
    public bool IsErased(int row) => ContactId[row] == 0 && Outcome[row] is Contacts.Outcome.Created or Contacts.Outcome.Updated or Contacts.Outcome.Unchanged;

    /// <summary>The batch without a contact: its rows keep outcome, place and findings, and lose the contact's id, the before-values, memberships and tags.</summary>
    /// <returns>The batch, and by index the rows that told of the contact, its repeats within the batch included.</returns>
    public (LedgerBatch Batch, IReadOnlyList<int> Rows) Without(int contactId)
    {
        var own = new List<int>();
        for (var row = 0; row < Count; row++)
        {
            if (ContactId[row] == contactId)
                own.Add(row);
        }
        if (own.Count == 0)
            return (this, []);
        var contacts = (int[])ContactId.Clone();
        foreach (var row in own)
            contacts[row] = 0;
        var numbers = own.ConvertAll(row => RowNumber[row]);
        var repeats = Enumerable.Range(0, Count).Where(row => Outcome[row] == Contacts.Outcome.Duplicate && numbers.Contains(DuplicateOf[row]));
        var batch = this with
        {
            ContactId = contacts,
            Changes = Changes.Any(c => own.Contains(c.Row)) ? [.. Changes.Where(c => !own.Contains(c.Row))] : Changes,
            Candidates = [.. Candidates.Where(c => c.ContactId != contactId)],
            MembersAdded = Unmark(MembersAdded, own),
            TagsAdded = Unmark(TagsAdded, own),
            MembersRemoved = [.. MembersRemoved.Where(m => !own.Contains(m.Row))],
            TagsRemoved = [.. TagsRemoved.Where(t => !own.Contains(t.Row))],
            Revert = Revert?.Without(own, Changes),
        };
        return (batch, [.. own, .. repeats]);
    }

    static Dictionary<int, ulong[]> Unmark(IReadOnlyDictionary<int, ulong[]> added, List<int> rows)
    {
        var rest = new Dictionary<int, ulong[]>();
        foreach (var (id, bits) in added)
        {
            var left = (ulong[])bits.Clone();
            foreach (var row in rows)
                left[row >> 6] &= ~(1UL << (row & 63));
            rest[id] = left;
        }
        return rest;
    }
}
