using System.Buffers.Text;
using Muster.Contacts;

namespace Muster.Merging;

/// <summary>How an undo or redo meets what was written since.</summary>
/// <param name="Target">The import whose batches are turned round.</param>
/// <param name="Keys">The fields that contacts of that import were found by: a contact that stays keeps the first of them that it has.</param>
/// <param name="Force">Values written later give way too. Whoever left a list stays out of it all the same.</param>
/// <param name="MayResubscribe">Opt-outs may go, too. Without it no opt-out that stands is lost, whoever wrote it.</param>
/// <param name="ColumnOf">Field (as in <see cref="FieldChange"/>) → column of the source, or −1.</param>
public sealed record RevertRules(Guid Target, IReadOnlyList<BuiltInField> Keys, bool Force, bool MayResubscribe, Func<int, int> ColumnOf);

/// <summary>Decides what taking back a batch does to each contact that it wrote: one implementation for all stores.</summary>
/// <remarks>
/// A store calls, inside its transaction and in this order: <see cref="Begin"/>; its look-up of <see cref="Wanted"/> into <see cref="Contacts"/>;
/// <see cref="Follow"/>, and the ledgers that <see cref="Chains"/> wants; <see cref="Decide"/>; then it writes <see cref="Decision"/> and <see cref="Takings"/>.
/// The rules are those of docs/undo.md.
/// </remarks>
public sealed class RevertDecider(RevertRules rules)
{
    readonly List<CustomMember> members = [];
    readonly List<int> rowChanges = [];
    readonly FieldsMerge fieldsMerge = new();
    readonly RevertBelongings lists = new(BelongingKind.List, rules.Force);
    readonly RevertBelongings tags = new(BelongingKind.Tag, rules.Force);
    readonly Dictionary<int, List<int>> rowsOfContact = [];
    LedgerBatch target = null!; // set by Begin, which comes first
    LedgerChanges changes = null!; // as above
    int targetBatch;
    LedgerRows part;
    int[] targetRows = [];
    int[] wanted = [];
    int[] index = [];
    int rowCount;
    int wantedCount;
    bool repeats;

    /// <summary>The rows of the target's batch that wrote something, in its order; errors are the conflicts.</summary>
    public RowBlock Rows { get; } = new([]);

    public BatchDecision Decision { get; } = new();

    public RevertTakings Takings { get; } = new();

    public RevertContacts Contacts { get; } = new();

    public WriteChains Chains { get; } = new();

    /// <summary>Ids of the contacts to look up, ascending.</summary>
    public ReadOnlySpan<int> Wanted => wanted.AsSpan(0, wantedCount);

    /// <summary>Whether lists and tags of the contacts are to be looked up too.</summary>
    public bool WantsBelongings { get; private set; }

    /// <summary>Set by a store that has looked and decided ahead of the transaction: what it knows the state by that it saw. Null: not decided, or not to be relied on.</summary>
    public object? DecidedAt { get; set; }

    /// <summary>The target's batch, as it is turned round.</summary>
    public LedgerBatch Target => target;

    /// <summary>How many rows of the part, counted from where it begins, hold this share of those that wrote something: at least one of them and never all. An undo's part begins at its last row.</summary>
    public int RowsOf(double share)
    {
        var fit = Math.Clamp((int)(rowCount * share), 1, rowCount - 1);
        return target.Revert is null ? part.End - targetRows[rowCount - fit] : targetRows[fit] - part.First;
    }

    /// <param name="rows">The part of the batch that is decided now. All rows of a contact are decided with the last of them.</param>
    public void Begin(LedgerBatch batch, int batchNumber, LedgerRows rows)
    {
        part = rows;
        (target, targetBatch, changes) = (batch, batchNumber, LedgerChanges.Of(batch.Changes));
        if (targetRows.Length < batch.Count)
            (targetRows, wanted, index) = (new int[batch.Count], new int[batch.Count], new int[batch.Count]);
        rowCount = 0;
        DecidedAt = null;
        WantsBelongings = batch.MembersAdded.Count > 0 || batch.TagsAdded.Count > 0 || batch.MembersRemoved.Count > 0 || batch.TagsRemoved.Count > 0
            || batch.Revert is { } r && (r.Members.Count + r.Tags.Count + r.MembersReturned.Count + r.TagsReturned.Count > 0);
        for (var row = rows.First; row < rows.End; row++)
        {
            if (!batch.HasWritten(row))
                continue;
            WantsBelongings |= batch.Outcome[row] == Outcome.Created;
            wanted[rowCount] = batch.ContactId[row];
            targetRows[rowCount++] = row;
        }
        wantedCount = rowCount;
        var sorted = wanted.AsSpan(0, wantedCount);
        sorted.Sort();
        wantedCount = 0;
        foreach (var id in sorted)
        {
            if (wantedCount == 0 || wanted[wantedCount - 1] != id)
                wanted[wantedCount++] = id;
        }
        repeats = wantedCount < rowCount || rows.Count < batch.Count;
        Contacts.Clear(wantedCount);
    }

    /// <summary>Whether both decide about one contact.</summary>
    public bool Meets(RevertDecider other)
    {
        var ours = Wanted;
        var theirs = other.Wanted;
        for (int i = 0, j = 0; i < ours.Length && j < theirs.Length;)
        {
            if (ours[i] == theirs[j])
                return true;
            if (ours[i] < theirs[j])
                i++;
            else
                j++;
        }
        return false;
    }

    /// <summary>The contacts are known: begins their chains.</summary>
    public void Follow()
    {
        Chains.Clear(Contacts.Count, rules.Target, targetBatch);
        rowsOfContact.Clear();
        for (var i = 0; i < rowCount; i++)
        {
            var row = targetRows[i];
            var contact = index[i] = Contacts.IndexOf(target.ContactId[row]);
            // A row that only added to a list or tag has written no contact, and stands in no chain.
            if (contact >= 0 && !repeats && target.RevAfter[row] != 0)
                Chains.Follow(contact, Contacts.Contacts.LastWrite[contact]);
        }
        if (repeats)
            FollowRepeats();
    }

    /// <summary>Where a contact may have several rows: all rows of the batch that wrote it, whatever part they are of.</summary>
    void FollowRepeats()
    {
        for (var row = 0; row < target.Count; row++)
        {
            if (!target.HasWritten(row) || Contacts.IndexOf(target.ContactId[row]) is not (>= 0 and var contact))
                continue;
            if (!rowsOfContact.TryGetValue(contact, out var rows))
            {
                rowsOfContact[contact] = rows = [];
                Chains.Follow(contact, Contacts.Contacts.LastWrite[contact]);
            }
            rows.Add(row);
        }
    }

    public void Decide()
    {
        Rows.Clear();
        Rows.EnsureRows(Math.Max(1, rowCount));
        Decision.Clear(rowCount);
        Takings.Clear(rowCount);
        lists.Begin(target, rules.Target);
        tags.Begin(target, rules.Target);
        for (var i = 0; i < rowCount; i++)
        {
            var from = targetRows[i];
            var row = Rows.AddRow(target.RowNumber[from], target.Line[from], target.ByteOffset[from], target.ByteLength[from]);
            Decision.ContactId[row] = target.ContactId[from];
            Decision.Outcome[row] = Outcome.Unchanged;
            var contact = index[i];
            if (target.Revert is { } revert && (revert.Fate[from] & RowFate.Removed) != RowFate.None)
            {
                if (contact < 0)
                    Restore(row, from, revert);
            }
            else if (contact >= 0 && IsLastRowOf(contact, from))
            {
                if (IsCreation(contact, from))
                    TakeBack(row, from, contact);
                else
                    PutBack(row, from, contact);
            }
        }
    }

    /// <summary>Where several rows of one batch wrote a contact, the last one stands for all.</summary>
    bool IsLastRowOf(int contact, int from) => !rowsOfContact.TryGetValue(contact, out var rows) || rows[^1] == from;

    bool IsCreation(int contact, int from) => target.Revert is null
        && (target.Outcome[from] == Outcome.Created || (rowsOfContact.TryGetValue(contact, out var rows) && rows.Exists(r => target.Outcome[r] == Outcome.Created)));

    FieldStanding Standing(int contact, int field) => Chains.Of(contact, field);

    /// <summary>A contact that the import made: it goes, unless something was written to it later.</summary>
    void TakeBack(int row, int from, int contact)
    {
        var later = Chains.IsWrittenLater(contact) || HasLaterBelonging(contact);
        // Whoever opted out would be a stranger to the next import, and subscribed by it.
        var optedOut = !rules.MayResubscribe && ConsentJson.Parse(Contacts.Contacts.Utf8(Contacts.Consent(contact))).OptedOut != 0;
        if ((later && !rules.Force) || optedOut)
        {
            Rows.Warn(row, -1, optedOut ? ErrorCode.UndoOptOutKept : ErrorCode.UndoContactKept);
            Strip(row, contact, keepsIdentities: optedOut);
            TurnBelongings(row, from, contact);
            return;
        }
        if (later)
            Rows.Warn(row, -1, ErrorCode.UndoConflict);
        NoteAll(row, contact);
        foreach (var kind in BothKinds)
        {
            foreach (var place in Contacts.Of(kind, contact))
            {
                // Who was taken out stays so: the contact may come back.
                if (place.Status != (byte)ListStanding.Removed)
                    Takings.Take(kind, Contacts.AsTaken(row, place));
            }
        }
        Takings.Fate[row] = later ? RowFate.Removed | RowFate.Forced : RowFate.Removed;
        Takings.CreatedAt[row] = Contacts.CreatedAt(contact);
        Takings.RemovedCount++;
        Wrote(row, contact);
    }

    bool HasLaterBelonging(int contact)
    {
        foreach (var kind in BothKinds)
        {
            foreach (var place in Contacts.Of(kind, contact))
            {
                if (place.Status == (byte)ListStanding.Left || (place.Status == (byte)ListStanding.Member && place.Import != rules.Target))
                    return true;
            }
        }
        return false;
    }

    /// <summary>Every value of a contact that goes is a change to nothing.</summary>
    void NoteAll(int row, int contact)
    {
        foreach (var (field, value) in ValuesOf(contact))
            Decision.Changes.Add(new(row, field, value));
    }

    /// <summary>A contact that stays loses the fields that the import alone has written, but for the key it is found by.</summary>
    /// <param name="keepsIdentities">Keeps every identity: an opt-out of a channel is worth nothing without what it is reached by.</param>
    void Strip(int row, int contact, bool keepsIdentities)
    {
        var key = rules.Keys.Select(k => (BuiltInField?)k).FirstOrDefault(k => k is { } kind && Has(contact, kind));
        var changed = Decision.Changes.Count;
        bool Stays(int field) => field == (int?)key || field == FieldChange.Consent || (keepsIdentities && field <= (int)BuiltInField.ExternalId);
        foreach (var (field, value) in ValuesOf(contact))
        {
            switch (Standing(contact, field))
            {
                case FieldStanding.Last when !Stays(field):
                    Decision.Changes.Add(new(row, field, value));
                    break;
                case FieldStanding.Later when rules.Force && !Stays(field):
                    if (!Chains.WasEmptyBefore(contact, field))
                        Conflict(row, field);
                    Takings.ForcedChanges.Add(Decision.Changes.Count);
                    Decision.Changes.Add(new(row, field, value));
                    break;
                case FieldStanding.Later when !Chains.WasEmptyBefore(contact, field):
                    Conflict(row, field);
                    break;
            }
        }
        WriteImage(row, contact, changed, static _ => []);
    }

    bool Has(int contact, BuiltInField field) =>
        field == BuiltInField.Phone ? Contacts.Contacts.Phone[contact] != 0 : Contacts.Contacts.Cell(contact, field).HasValue;

    /// <summary>A contact that was there before: the fields that nobody has written since hold again what they held.</summary>
    void PutBack(int row, int from, int contact)
    {
        Collect(contact, from);
        var changed = Decision.Changes.Count;
        foreach (var change in rowChanges)
        {
            var field = changes.Field(change);
            var standing = Standing(contact, field);
            if (standing == FieldStanding.Undone)
                continue;
            var forced = standing == FieldStanding.Later;
            if (forced)
                Conflict(row, field);
            if (forced && !rules.Force)
                continue;
            var now = ValueOf(contact, field);
            var keptOptOut = field == FieldChange.Consent && KeepsOptOuts(row, change, standing);
            if (keptOptOut ? Decision.Utf8(now).SequenceEqual(consentBack) : Decision.Utf8(now).SequenceEqual(changes.Before(change)) && now.HasValue != changes.WasEmpty(change))
                continue;
            if (forced)
                Takings.ForcedChanges.Add(Decision.Changes.Count);
            Decision.Changes.Add(new(row, field, now));
            restored.Add((field, change));
        }
        WriteImage(row, contact, changed, BeforeOf);
        restored.Clear();
        consentBack = null;
        TurnBelongings(row, from, contact);
    }

    readonly List<(int Field, int Change)> restored = [];

    /// <summary>The consent that the contact gets instead of the one before, where that would have lost an opt-out.</summary>
    byte[]? consentBack;

    /// <summary>Whether a channel that is opted out now was not before: then the opt-out stays, and the other channels hold again what they held.</summary>
    /// <remarks>A redo that finds its contact as the undo left it lifts no opt-out but those that the import had lifted itself, with its evidence.</remarks>
    bool KeepsOptOuts(int row, int change, FieldStanding standing)
    {
        if (rules.MayResubscribe || (target.Revert is not null && standing != FieldStanding.Later))
            return false;
        var contact = Contacts.IndexOf(Decision.ContactId[row]);
        if (!ConsentJson.TryKeepOptOuts(Contacts.Contacts.Utf8(Contacts.Consent(contact)), changes.Before(change), out consentBack))
            return false;
        Rows.Warn(row, -1, ErrorCode.UndoOptOutKept);
        if (Decision.Outcome[row] == Outcome.Unchanged)
            Decision.Outcome[row] = Outcome.Skipped;
        return true;
    }

    ReadOnlySpan<byte> BeforeOf(int field)
    {
        if (field == FieldChange.Consent && consentBack is not null)
            return consentBack;
        foreach (var (restoredField, change) in restored)
        {
            if (restoredField == field)
                return changes.Before(change);
        }
        return [];
    }

    /// <summary>The changes of a contact in the batch, in order of field; of several to one field the first, which knew it as it was.</summary>
    void Collect(int contact, int from)
    {
        rowChanges.Clear();
        if (!rowsOfContact.TryGetValue(contact, out var rows))
            rows = one;
        one[0] = from;
        foreach (var row in rows)
        {
            for (var i = changes.FirstOf(row); i < changes.Count && changes.Row(i) == row; i++)
            {
                var field = changes.Field(i);
                if (rows.Count == 1 || !rowChanges.Exists(c => changes.Field(c) == field))
                    rowChanges.Add(i);
            }
        }
        if (rows.Count > 1)
            rowChanges.Sort((a, b) => changes.Field(a).CompareTo(changes.Field(b)));
    }

    readonly List<int> one = [0];

    static readonly BelongingKind[] BothKinds = [BelongingKind.List, BelongingKind.Tag];

    void TurnBelongings(int row, int from, int contact)
    {
        if (!rowsOfContact.TryGetValue(contact, out var rows))
            rows = one;
        one[0] = from;
        foreach (var belongings in (ReadOnlySpan<RevertBelongings>)[lists, tags])
        {
            if (belongings.Turn(row, from, rows, IsCreation(contact, from), contact, Contacts, Takings, out var conflicts))
                Decision.Outcome[row] = Outcome.Updated;
            for (; conflicts > 0; conflicts--)
                Conflict(row, -1);
        }
    }

    /// <summary>Makes a contact again that an undo removed, from the before-values of its row.</summary>
    void Restore(int row, int from, LedgerRevert revert)
    {
        Decision.Outcome[row] = Outcome.Created;
        Decision.RevAfter[row] = target.RevAfter[from] + 1;
        Decision.PreviousWrite[row] = new(rules.Target, targetBatch, target.RowNumber[from]);
        Takings.Fate[row] = RowFate.Restored;
        Takings.CreatedAt[row] = revert.CreatedAt[from];
        Decision.Image[row] = Decision.ImagePhone.Count;
        long phone = 0;
        Span<TextSpan> cells = stackalloc TextSpan[RowBlock.BuiltInSlots];
        cells.Fill(TextSpan.Absent);
        var consent = TextSpan.Absent;
        fieldsMerge.Clear();
        for (var i = changes.FirstOf(from); i < changes.Count && changes.Row(i) == from; i++)
        {
            var field = changes.Field(i);
            var before = changes.Before(i);
            if (field == (int)BuiltInField.Phone)
                _ = Utf8Parser.TryParse(before, out phone, out _);
            else if (field < RowBlock.BuiltInSlots)
                cells[field] = Decision.Append(before);
            else if (field == FieldChange.Consent)
                consent = Decision.Append(before);
            else
                fieldsMerge.Add(field - FieldChange.CustomFieldBase, before);
        }
        AddImage(phone, cells, fieldsMerge.IsEmpty ? TextSpan.Absent : Decision.Append(fieldsMerge.ToJson()), consent);
        lists.Restore(row, from, Contacts, Takings);
        tags.Restore(row, from, Contacts, Takings);
    }

    delegate ReadOnlySpan<byte> NewValue(int field);

    /// <summary>Writes the contact as it is after its row's changes, if there are any.</summary>
    /// <param name="changed">The first of the row's changes.</param>
    void WriteImage(int row, int contact, int changed, NewValue valueOf)
    {
        if (Decision.Changes.Count == changed)
        {
            if (HasConflict(row))
                Decision.Outcome[row] = Outcome.Skipped;
            return;
        }
        var contacts = Contacts.Contacts;
        var phone = contacts.Phone[contact];
        Span<TextSpan> cells = stackalloc TextSpan[RowBlock.BuiltInSlots];
        cells.Fill(TextSpan.Absent);
        for (var field = BuiltInField.Email; field <= BuiltInField.Company; field++)
        {
            if (contacts.Cell(contact, field) is { HasValue: true } cell)
                cells[(int)field] = Decision.Append(contacts.Utf8(cell));
        }
        var consent = Contacts.Consent(contact) is { HasValue: true } kept ? Decision.Append(contacts.Utf8(kept)) : TextSpan.Absent;
        var at = changed;
        for (; at < Decision.Changes.Count && Decision.Changes[at].Field < FieldChange.CustomFieldBase; at++)
        {
            var field = Decision.Changes[at].Field;
            var value = valueOf(field);
            if (field == (int)BuiltInField.Phone)
                phone = Utf8Parser.TryParse(value, out long digits, out _) ? digits : 0;
            else if (field == FieldChange.Consent)
                consent = value.IsEmpty ? TextSpan.Absent : Decision.Append(value);
            else
                cells[field] = value.IsEmpty ? TextSpan.Absent : Decision.Append(value);
        }
        AddImage(phone, cells, MergeFields(contact, at, valueOf), consent);
        Decision.Image[row] = Decision.ImagePhone.Count - 1;
        Wrote(row, contact);
    }

    TextSpan MergeFields(int contact, int at, NewValue valueOf)
    {
        var existing = Contacts.Contacts.Utf8(Contacts.Contacts.Fields[contact]);
        if (at == Decision.Changes.Count)
            return existing.IsEmpty ? TextSpan.Absent : Decision.Append(existing);
        CustomMember.ReadAll(existing, members);
        fieldsMerge.Clear();
        var next = 0;
        for (; at < Decision.Changes.Count; at++)
        {
            var id = Decision.Changes[at].Field - FieldChange.CustomFieldBase;
            while (next < members.Count && members[next].FieldId < id)
                fieldsMerge.Add(members[next].FieldId, members[next++].In(existing));
            if (next < members.Count && members[next].FieldId == id)
                next++;
            var value = valueOf(id + FieldChange.CustomFieldBase);
            if (!value.IsEmpty)
                fieldsMerge.Add(id, value);
        }
        while (next < members.Count)
            fieldsMerge.Add(members[next].FieldId, members[next++].In(existing));
        return fieldsMerge.IsEmpty ? TextSpan.Absent : Decision.Append(fieldsMerge.ToJson());
    }

    void AddImage(long phone, ReadOnlySpan<TextSpan> cells, TextSpan fields, TextSpan consent)
    {
        Decision.ImagePhone.Add(phone);
        foreach (var cell in cells)
            Decision.ImageCells.Add(cell);
        Decision.ImageFields.Add(fields);
        Takings.ImageConsent.Add(consent);
    }

    void Wrote(int row, int contact)
    {
        Decision.Outcome[row] = Outcome.Updated;
        Decision.RevAfter[row] = Contacts.Contacts.Rev[contact] + 1;
        Decision.PreviousWrite[row] = Contacts.Contacts.LastWrite[contact];
    }

    /// <summary>What the contact holds, in order of field, as text of <see cref="Decision"/>.</summary>
    List<(int Field, TextSpan Value)> ValuesOf(int contact)
    {
        values.Clear();
        var contacts = Contacts.Contacts;
        if (contacts.Phone[contact] != 0)
            values.Add(((int)BuiltInField.Phone, ValueOf(contact, (int)BuiltInField.Phone)));
        for (var field = BuiltInField.Email; field <= BuiltInField.Company; field++)
        {
            if (contacts.Cell(contact, field).HasValue)
                values.Add(((int)field, ValueOf(contact, (int)field)));
        }
        if (Contacts.Consent(contact).HasValue)
            values.Add((FieldChange.Consent, ValueOf(contact, FieldChange.Consent)));
        var json = contacts.Utf8(contacts.Fields[contact]);
        CustomMember.ReadAll(json, members);
        foreach (var member in members)
            values.Add((FieldChange.CustomFieldBase + member.FieldId, Decision.Append(member.In(json))));
        return values;
    }

    readonly List<(int Field, TextSpan Value)> values = [];

    TextSpan ValueOf(int contact, int field)
    {
        var contacts = Contacts.Contacts;
        if (field == (int)BuiltInField.Phone)
        {
            if (contacts.Phone[contact] == 0)
                return TextSpan.Absent;
            Span<byte> digits = stackalloc byte[20];
            _ = contacts.Phone[contact].TryFormat(digits, out var written);
            return Decision.Append(digits[..written]);
        }
        if (field < RowBlock.BuiltInSlots)
            return Text(contacts.Cell(contact, (BuiltInField)field));
        if (field == FieldChange.Consent)
            return Text(Contacts.Consent(contact));
        var json = contacts.Utf8(contacts.Fields[contact]);
        CustomMember.ReadAll(json, members);
        foreach (var member in members)
        {
            if (member.FieldId == field - FieldChange.CustomFieldBase)
                return Decision.Append(member.In(json));
        }
        return TextSpan.Absent;

        TextSpan Text(TextSpan cell) => cell.HasValue ? Decision.Append(contacts.Utf8(cell)) : TextSpan.Absent;
    }

    void Conflict(int row, int field)
    {
        Rows.Warn(row, field < 0 ? -1 : rules.ColumnOf(field), ErrorCode.UndoConflict);
        if (Decision.Outcome[row] == Outcome.Unchanged)
            Decision.Outcome[row] = Outcome.Skipped;
    }

    bool HasConflict(int row) => Rows.Errors.Count > 0 && Rows.Errors[^1].Row == row;
}
