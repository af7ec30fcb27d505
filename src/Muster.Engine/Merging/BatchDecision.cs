using Muster.Contacts;

namespace Muster.Merging;

/// <summary>A field that a row changed, and what it held before.</summary>
/// <param name="Row">Index of the row in its batch.</param>
/// <param name="Field">A <see cref="BuiltInField"/> by number, or <see cref="CustomFieldBase"/> plus the custom field's id.</param>
/// <param name="Before">In <see cref="BatchDecision.Text"/>: UTF-8 text, the phone's digits, or a custom field's JSON value; absent when the field was empty.</param>
public readonly record struct FieldChange(int Row, int Field, TextSpan Before)
{
    public const int CustomFieldBase = 16;

    /// <summary>The contact's consent as a whole, as it is stored: see <see cref="ConsentJson"/>.</summary>
    public const int Consent = 15;
}

/// <summary>What became of each row of a batch and what the store shall write for it. Filled by <see cref="RowDecider"/>, then by the store with what it found out; encoded by <see cref="Ledger"/>.</summary>
public sealed class BatchDecision
{
    readonly TextBuffer text = new(1_024);
    int rows;

    public Outcome[] Outcome { get; private set; } = [];
    public int[] ContactId { get; private set; } = [];

    /// <summary>Row number of the row that won, for duplicates.</summary>
    public long[] DuplicateOf { get; private set; } = [];

    /// <summary>The contact's rev after the row, for created and updated rows.</summary>
    public int[] RevAfter { get; private set; } = [];

    /// <summary>The write before this one, for updated rows.</summary>
    public WriteRef[] PreviousWrite { get; private set; } = [];

    /// <summary>Index of the contact's image after an update, or -1.</summary>
    public int[] Image { get; private set; } = [];

    /// <summary>Bits by <see cref="KeyKind"/>: keys that the row's contact took; and, where rows are matched by several kinds, by <see cref="GivenBack"/> those that were its own and that it gave back. Set by the store.</summary>
    public byte[] KeysClaimed { get; private set; } = [];

    /// <summary>Contacts after their update: phone, built-in cells, custom fields.</summary>
    public List<long> ImagePhone { get; } = [];
    public List<TextSpan> ImageCells { get; } = [];
    public List<TextSpan> ImageFields { get; } = [];
    public List<TextSpan> ImageConsent { get; } = [];

    /// <summary>Of created contacts, by row: the consent that they begin with.</summary>
    public Dictionary<int, TextSpan> CreatedConsent { get; } = [];

    /// <summary>Rows that opted a contact out of a channel that it was not out of before.</summary>
    public List<int> OptOuts { get; } = [];

    /// <summary>In order of row.</summary>
    public List<FieldChange> Changes { get; } = [];

    /// <summary>Of rows rejected as <see cref="ErrorCode.AmbiguousMatch"/>, in order of row: the contacts that the row's keys belong to.</summary>
    public List<(int Row, int ContactId)> Candidates { get; } = [];

    /// <summary>By list id: the rows (bit by index) whose contact became a member through this batch. Set by the store.</summary>
    public Dictionary<int, ulong[]> MembersAdded { get; } = [];

    /// <summary>By tag id: the rows whose contact got the tag through this batch. Set by the store.</summary>
    public Dictionary<int, ulong[]> TagsAdded { get; } = [];

    /// <summary>How contacts stood to lists before rows took them out or, where somebody had taken them out before, brought them in. Set by the store; in order of row after <see cref="OrderRemovals"/>.</summary>
    public List<RemovedMember> MembersRemoved { get; } = [];

    /// <summary>The same of tags.</summary>
    public List<RemovedTag> TagsRemoved { get; } = [];

    /// <summary>Lists and tags that the rows of a plan would make. Set by the store.</summary>
    public List<PlannedName> PlannedNames { get; } = [];

    /// <summary>How many contact ids the batch used.</summary>
    public int IdsUsed { get; set; }

    public byte[] Text => text.Bytes;
    public int TextLength => text.Length;

    public void Clear(int count)
    {
        rows = count;
        if (Outcome.Length < count)
        {
            Outcome = new Outcome[count];
            ContactId = new int[count];
            DuplicateOf = new long[count];
            RevAfter = new int[count];
            PreviousWrite = new WriteRef[count];
            Image = new int[count];
            KeysClaimed = new byte[count];
        }
        Array.Clear(Outcome, 0, count);
        Array.Clear(ContactId, 0, count);
        Array.Clear(DuplicateOf, 0, count);
        Array.Clear(RevAfter, 0, count);
        Array.Clear(PreviousWrite, 0, count);
        Array.Clear(KeysClaimed, 0, count);
        Image.AsSpan(0, count).Fill(-1);
        ImagePhone.Clear();
        ImageCells.Clear();
        ImageFields.Clear();
        ImageConsent.Clear();
        CreatedConsent.Clear();
        OptOuts.Clear();
        Changes.Clear();
        Candidates.Clear();
        MembersAdded.Clear();
        TagsAdded.Clear();
        MembersRemoved.Clear();
        TagsRemoved.Clear();
        PlannedNames.Clear();
        text.Clear();
        IdsUsed = 0;
    }

    /// <summary>Nothing of the batch is written, since its import is all or nothing and is only being checked: rows that would be accepted are skipped, and say why.</summary>
    public void Withhold(RowBlock block)
    {
        for (var row = 0; row < rows; row++)
        {
            if (!Outcome[row].IsAccepted())
                continue;
            if (Outcome[row] == Contacts.Outcome.Created)
                ContactId[row] = 0;
            Outcome[row] = Contacts.Outcome.Skipped;
            RevAfter[row] = 0;
            PreviousWrite[row] = default;
            KeysClaimed[row] = 0;
            block.Errors.Add(new(row, -1, ErrorCode.AtomicRejected, Severity.Note));
        }
        // Memberships stay told: the next batches have that much less room in the lists, or more.
        Changes.Clear();
        TagsAdded.Clear();
        TagsRemoved.Clear();
    }

    /// <summary>The bit in <see cref="KeysClaimed"/> of a key that was given back.</summary>
    public static byte GivenBack(KeyKind kind) => (byte)(8 << (int)kind);

    /// <summary>Puts what was removed in order of row, as the ledger tells it: a store goes through it list by list.</summary>
    public void OrderRemovals()
    {
        MembersRemoved.Sort(static (a, b) => (a.Row, a.List).CompareTo((b.Row, b.List)));
        TagsRemoved.Sort(static (a, b) => (a.Row, a.Tag).CompareTo((b.Row, b.Tag)));
    }

    public TextSpan Append(ReadOnlySpan<byte> utf8) => text.Append(utf8);

    public ReadOnlySpan<byte> Utf8(TextSpan span) => text.Utf8(span);

    /// <summary>Marks a row in a bitmap of <see cref="MembersAdded"/> or <see cref="TagsAdded"/>.</summary>
    public void MarkAdded(Dictionary<int, ulong[]> added, int id, int row)
    {
        if (!added.TryGetValue(id, out var bits))
            added[id] = bits = new ulong[(rows + 63) / 64];
        bits[row >> 6] |= 1UL << (row & 63);
    }

    public static bool IsMarked(ulong[] bits, int row) => (bits[row >> 6] >> (row & 63) & 1) != 0;

    /// <summary>How many rows had which outcome. Throws when a row has none: the law is kept in release builds too.</summary>
    public ImportCounts Count(List<RowError> errors)
    {
        var warnings = 0;
        foreach (var error in errors)
            warnings += error.Severity == Severity.Warning ? 1 : 0;
        return ImportCounts.Of(Outcome.AsSpan(0, rows), warnings);
    }
}
