using Muster.Contacts;

namespace Muster.Merging;

/// <summary>Decides what becomes of every row: one implementation for all stores, so that all stores agree. Used by one batch at a time.</summary>
/// <remarks>
/// A store calls, inside its transaction and in this order: <see cref="Prepare"/>; its look-up of the rows still undecided; <see cref="Decide"/>;
/// then <see cref="Committed"/> or <see cref="RolledBack"/>. After a roll-back the same batch may be decided again.
/// </remarks>
/// <param name="accepted">The keys that rows accepted so far have used.</param>
/// <param name="lastRows">The last row of each key, when that one counts and not the first; null: the first.</param>
/// <param name="seed">The secret of the rows' keys; wanted where rows are matched by several kinds.</param>
public sealed partial class RowDecider(MergeRules rules, AcceptedKeys accepted, AcceptedKeys? lastRows = null, KeyHashSeed seed = default)
{
    /// <summary>Rows between asking memory for a key's place and looking there.</summary>
    const int LookAhead = 16;

    readonly List<CustomMember> existingMembers = [];
    readonly FieldsMerge fieldsMerge = new();
    readonly ValueSet valueSet = new();
    readonly bool bySeveralKinds = rules.Kinds.Length > 1;
    readonly ConsentMerge? consent = rules.Consent is null ? null : new(rules.Consent);
    readonly List<int> namedLists = [];
    bool batchOpen;
    long room;

    public MergeRules Rules { get; } = rules;
    public BatchDecision Decision { get; } = new();

    /// <summary>Says how many rows the import will probably have: memory for their keys is then taken at once.</summary>
    public void Foresee(long rows) => accepted.Foreseen = rows * Rules.Kinds.Length;

    /// <summary>Settles what needs no look-up: rejected rows, rows without their key, and rows whose key an earlier batch accepted.</summary>
    public void Prepare(RowBlock rows)
    {
        if (batchOpen)
            RolledBack();
        accepted.Mark();
        batchOpen = true;
        Decision.Clear(rows.Count);
        rows.ForgetDecision();
        for (var row = 0; row < rows.Count; row++)
        {
            if (row + LookAhead < rows.Count)
                accepted.Expect(MatchKey(rows, row + LookAhead));
            if (IsOfStore(rows.Fault[row]))
                rows.Fault[row] = ErrorCode.None;
            if (rows.Fault[row] != ErrorCode.None)
                Decision.Outcome[row] = Outcome.Rejected;
            else if (lastRows is not null && LaterTwin(rows, row) is > 0 and var twin)
                Repeat(rows, row, twin);
            else if (!bySeveralKinds && rows.KeyOf(row, Rules.Match) != 0 && !accepted.TryAdd(MatchKey(rows, row), rows.RowNumber[row], out var first))
                Decision.DuplicateOf[row] = first;
        }
    }

    /// <summary>True when <see cref="Decide"/> needs to know which contact the row's match key belongs to.</summary>
    public bool NeedsContact(int row) => Decision.Outcome[row] == Outcome.None;

    /// <summary>Decides the rest. New contacts get ids from <paramref name="nextId"/> upward, in order of row.</summary>
    /// <param name="matched">The contact of each row that <see cref="NeedsContact"/>, duplicates of rows in this batch included.</param>
    /// <param name="idPerRow">A new contact gets <paramref name="nextId"/> plus the row's index: a store may then use the id before the decision. The ids of other rows are lost.</param>
    /// <param name="createMax">New contacts that the account has room for; a row beyond is rejected as <see cref="ErrorCode.ContactQuotaExceeded"/>.</param>
    public void Decide(RowBlock rows, MatchedContacts matched, int nextId, bool idPerRow = false, long createMax = long.MaxValue)
    {
        room = createMax;
        Decision.IdsUsed = 0;
        // Row number of a winner that was not accepted after all → row number of the twin that took its place, or 0 while none has.
        Dictionary<long, long>? heirs = null;
        for (var row = 0; row < rows.Count; row++)
        {
            if (Decision.Outcome[row] != Outcome.None)
                continue;
            if (bySeveralKinds)
            {
                DecideByKinds(rows, row, matched, nextId + Decision.IdsUsed);
                continue;
            }
            var first = Decision.DuplicateOf[row];
            var heir = 0L;
            var inherits = first != 0 && heirs is not null && heirs.TryGetValue(first, out heir) && heir == 0;
            if (first != 0 && !inherits)
            {
                Repeat(rows, row, heir != 0 ? heir : first);
                continue;
            }
            Decision.DuplicateOf[row] = 0;
            var contact = matched.OfRow[row];
            if (!IsHeldBack(rows, row, matched, contact) && (matched.Room.Length == 0 || PassesLists(rows, row, matched, contact)))
            {
                if (contact >= 0)
                    Update(rows, row, matched, contact);
                else
                    Create(rows, row, idPerRow ? nextId + row : nextId + Decision.IdsUsed);
            }

            var isAccepted = Decision.Outcome[row].IsAccepted();
            if (inherits && isAccepted)
                heirs![first] = rows.RowNumber[row];
            else if (!isAccepted)
                (heirs ??= []).TryAdd(rows.RowNumber[row], 0);
        }
        if (idPerRow && Decision.IdsUsed > 0)
            Decision.IdsUsed = rows.Count;
        if (HoldAgainstPlan(rows) || heirs is not null)
            ForgetUnaccepted(rows);
    }

    /// <summary>The store refused to write the row: it is rejected, and the rows around it are not.</summary>
    public void RejectByStore(RowBlock rows, int row)
    {
        rows.Reject(row, -1, ErrorCode.StoreRejectedRow);
        Decision.Outcome[row] = Outcome.Rejected;
        Decision.ContactId[row] = 0;
        Decision.Image[row] = -1;
        Decision.RevAfter[row] = 0;
        Decision.PreviousWrite[row] = default;
        Decision.Changes.RemoveAll(c => c.Row == row);
        ForgetUnaccepted(rows);
    }

    public void Committed(RowBlock rows)
    {
        batchOpen = false;
        if (bySeveralKinds)
            KeepGivenBack(rows);
    }

    public void RolledBack()
    {
        accepted.RollBack();
        batchOpen = false;
    }

    /// <summary>Enters a committed batch's accepted rows again, after a crash. The ledger says which they were.</summary>
    public void Remember(RowBlock rows, LedgerBatch ledger)
    {
        accepted.Mark();
        var standing = ledger.Accepted();
        for (var row = 0; row < rows.Count; row++)
        {
            if (standing[row])
                Accept(rows, row, ledger.ContactId[row], ledger.Outcome[row] == Outcome.Created);
        }
        if (bySeveralKinds)
            KeepGivenBack(rows, ledger);
    }

    /// <summary>Verdicts on what the store held when the batch was decided: a batch that is decided again begins without them.</summary>
    static bool IsOfStore(ErrorCode code) => code is ErrorCode.StoreRejectedRow or ErrorCode.ContactQuotaExceeded or ErrorCode.ListFull;

    KeyHash MatchKey(RowBlock rows, int row) => new(rows.KeyHigh[row], rows.KeyOf(row, Rules.Match));

    void ForgetUnaccepted(RowBlock rows)
    {
        accepted.RollBack();
        accepted.Mark();
        for (var row = 0; row < rows.Count; row++)
        {
            if (Decision.Outcome[row].IsAccepted())
                Accept(rows, row, Decision.ContactId[row], Decision.Outcome[row] == Outcome.Created);
        }
    }

    /// <summary>The last row that has one of this row's keys, when it comes later; else 0.</summary>
    long LaterTwin(RowBlock rows, int row)
    {
        var latest = 0L;
        foreach (var kind in Rules.Kinds)
        {
            if (rows.KeyOf(row, kind) != 0 && lastRows!.TryFind(KeyOf(rows, row, kind), out var last) && last > rows.RowNumber[row])
                latest = Math.Max(latest, last);
        }
        return latest;
    }

    void Repeat(RowBlock rows, int row, long winner)
    {
        Decision.DuplicateOf[row] = winner;
        Decision.Outcome[row] = Outcome.Duplicate;
        rows.Errors.Add(new(row, -1, ErrorCode.DuplicateInFile, Severity.Note));
    }

    KeyHash KeyOf(RowBlock rows, int row, KeyKind kind) =>
        new(bySeveralKinds ? rows.KeyHighs[row * 3 + (int)kind] : rows.KeyHigh[row], rows.KeyOf(row, kind));

    /// <summary>Fills <paramref name="last"/> with the last row of each key: what a pass over the source's rows, before the first is decided, is for.</summary>
    public static void NoteLast(RowBlock rows, KeyKind[] kinds, AcceptedKeys last)
    {
        last.Mark();
        for (var row = 0; row < rows.Count; row++)
        {
            if (rows.Fault[row] != ErrorCode.None)
                continue;
            foreach (var kind in kinds)
            {
                if (rows.KeyOf(row, kind) != 0)
                    last.Replace(new(kinds.Length > 1 ? rows.KeyHighs[row * 3 + (int)kind] : rows.KeyHigh[row], rows.KeyOf(row, kind)), rows.RowNumber[row]);
            }
        }
    }

    /// <summary>Asks the import's lists: a contact that is in all of them may be left alone, and each that is not takes up room in them.</summary>
    /// <returns>False when the lists have settled what becomes of the row.</returns>
    bool PassesLists(RowBlock rows, int row, MatchedContacts matched, int contact)
    {
        if (Rules.Mode == (contact < 0 ? ImportMode.UpdateOnly : ImportMode.CreateOnly))
            return true; // the mode leaves the row out, and it joins nothing
        var (inAll, isFull) = (contact >= 0 && matched.CommonLists > 0, false);
        for (var list = 0; list < matched.CommonLists; list++)
        {
            if (contact >= 0 && matched.Standing(contact, list) != ListStanding.Stranger)
                continue;
            inAll = false;
            isFull |= matched.Room[list] <= 0;
        }
        FindNamedLists(rows, row, matched, contact);
        foreach (var list in namedLists)
            isFull |= matched.Room[list] <= 0;
        if (inAll && Rules.SkipsMembers)
        {
            Decision.Outcome[row] = Outcome.Duplicate;
            rows.Errors.Add(new(row, -1, ErrorCode.AlreadyInList, Severity.Note));
            return false;
        }
        if (isFull)
        {
            rows.Reject(row, -1, ErrorCode.ListFull);
            Decision.Outcome[row] = Outcome.Rejected;
            return false;
        }
        for (var list = 0; list < matched.CommonLists; list++)
        {
            if (contact < 0 || matched.Standing(contact, list) == ListStanding.Stranger)
                matched.Room[list]--;
        }
        foreach (var list in namedLists)
            matched.Room[list]--;
        return true;
    }

    /// <summary>Finds the lists with a limit that the row names and its contact is new to.</summary>
    void FindNamedLists(RowBlock rows, int row, MatchedContacts matched, int contact)
    {
        namedLists.Clear();
        if (matched.ListOfName.Length == 0)
            return;
        var all = rows.Names.Rows;
        for (var at = rows.Names.FirstOf(row); at < all.Count && all[at].Row == row; at++)
        {
            var list = matched.ListOfName[all[at].Name];
            if (list >= 0 && !all[at].Removes && !namedLists.Contains(list) && (contact < 0 || matched.Standing(contact, list) == ListStanding.Stranger))
                namedLists.Add(list);
        }
    }

    /// <summary>A row that would bring back who has opted out or is suppressed is left alone, and says so.</summary>
    bool IsHeldBack(RowBlock rows, int row, MatchedContacts matched, int contact)
    {
        if (consent is null)
            return false;
        var isSuppressed = matched.Suppressed.Length > 0 && matched.Suppressed[row];
        if (!isSuppressed && (contact < 0 || !matched.Consent[contact].HasValue
            || !consent.HoldsBack(rows.Consent[row], matched.Utf8(matched.Consent[contact]), BroughtBy(rows, row), ReachOf(matched, contact))))
            return false;
        Decision.Outcome[row] = Outcome.Suppressed;
        Decision.ContactId[row] = contact < 0 ? 0 : matched.Id[contact];
        rows.Errors.Add(new(row, -1, ErrorCode.Suppressed, Severity.Note));
        return true;
    }

    static byte BroughtBy(RowBlock rows, int row) => ConsentJson.Reach(rows.Cell(row, BuiltInField.Email).HasValue, rows.Phone[row] != 0);

    static byte ReachOf(MatchedContacts matched, int contact) =>
        ConsentJson.Reach(matched.Cell(contact, BuiltInField.Email).HasValue, matched.Phone[contact] != 0);

    /// <summary>The contact's consent after the row, in the decision's text; absent when there is none.</summary>
    TextSpan MergeConsent(RowBlock rows, int row, MatchedContacts matched, int contact)
    {
        var existing = matched.Utf8(matched.Consent[contact]);
        if (consent is null || rows.Consent[row] == 0 || !consent.TryMerge(rows.Consent[row], existing, ReachOf(matched, contact), out var optsOut))
            return existing.IsEmpty ? TextSpan.Absent : Decision.Append(existing);
        if (optsOut)
            Decision.OptOuts.Add(row);
        Decision.Changes.Add(new(row, FieldChange.Consent, existing.IsEmpty ? TextSpan.Absent : Decision.Append(existing)));
        return Decision.Append(consent.Merged);
    }

    void Create(RowBlock rows, int row, int id)
    {
        if (Rules.Mode == ImportMode.UpdateOnly)
        {
            Skip(rows, row, ErrorCode.UnknownContact);
            return;
        }
        if (room <= 0)
        {
            rows.Reject(row, -1, ErrorCode.ContactQuotaExceeded);
            Decision.Outcome[row] = Outcome.Rejected;
            return;
        }
        room--;
        if (consent is not null && rows.Consent[row] != 0 && consent.TryMerge(rows.Consent[row], [], BroughtBy(rows, row), out var optsOut))
        {
            Decision.CreatedConsent[row] = Decision.Append(consent.Merged);
            if (optsOut)
                Decision.OptOuts.Add(row);
        }
        Decision.Outcome[row] = Outcome.Created;
        Decision.ContactId[row] = id;
        Decision.IdsUsed++;
        Decision.RevAfter[row] = 1;
    }

    void Update(RowBlock rows, int row, MatchedContacts matched, int contact)
    {
        Decision.ContactId[row] = matched.Id[contact];
        if (Rules.Mode == ImportMode.CreateOnly)
        {
            Skip(rows, row, ErrorCode.ContactExists);
            return;
        }
        if (matched.IsUnchanged[contact])
        {
            Decision.Outcome[row] = Outcome.Unchanged;
            return;
        }

        var changes = Decision.Changes.Count;
        var phone = MergePhone(rows, row, matched, contact);
        Span<TextSpan> winners = stackalloc TextSpan[RowBlock.BuiltInSlots];
        Span<Origin> origins = stackalloc Origin[RowBlock.BuiltInSlots];
        for (var field = BuiltInField.Email; field <= BuiltInField.Company; field++)
        {
            var incoming = rows.Cell(row, field);
            var existing = matched.Cell(contact, field);
            winners[(int)field] = existing;
            if (Rules.BuiltIn[(int)field] == MergePolicy.Append && incoming.HasValue && existing.HasValue)
            {
                if (!TryUnite(rows, row, matched.Utf8(existing), rows.Utf8(incoming)))
                    continue;
                Change(row, (int)field, matched, existing);
                winners[(int)field] = Decision.Append(valueSet.Union);
                origins[(int)field] = Origin.Decision;
                continue;
            }
            if (!Applies(Rules.BuiltIn[(int)field], incoming, !existing.HasValue) || Same(rows.Utf8(incoming), matched.Utf8(existing), field))
                continue;
            Change(row, (int)field, matched, existing);
            winners[(int)field] = incoming;
            origins[(int)field] = Origin.Row;
        }
        var fields = MergeFields(rows, row, matched, contact);
        var consentAfter = MergeConsent(rows, row, matched, contact);

        if (Decision.Changes.Count == changes)
        {
            Decision.Outcome[row] = Outcome.Unchanged;
            return;
        }
        Decision.Outcome[row] = Outcome.Updated;
        Decision.RevAfter[row] = matched.Rev[contact] + 1;
        Decision.PreviousWrite[row] = matched.LastWrite[contact];
        Decision.Image[row] = Decision.ImagePhone.Count;
        Decision.ImagePhone.Add(phone);
        Decision.ImageFields.Add(fields);
        Decision.ImageConsent.Add(consentAfter);
        for (var i = 0; i < RowBlock.BuiltInSlots; i++)
        {
            Decision.ImageCells.Add(!winners[i].HasValue ? TextSpan.Absent : origins[i] switch
            {
                Origin.Row => Decision.Append(rows.Utf8(winners[i])),
                Origin.Decision => winners[i],
                _ => Decision.Append(matched.Utf8(winners[i])),
            });
        }
    }

    /// <summary>Whose text a field of the image is.</summary>
    enum Origin : byte { Contact, Row, Decision }

    bool TryUnite(RowBlock rows, int row, ReadOnlySpan<byte> existing, ReadOnlySpan<byte> incoming)
    {
        var grows = valueSet.TryUnite(existing, incoming, out var isTooLong);
        if (isTooLong)
            rows.Warn(row, -1, ErrorCode.ValueTooLong);
        return grows;
    }

    long MergePhone(RowBlock rows, int row, MatchedContacts matched, int contact)
    {
        var existing = matched.Phone[contact];
        var cell = rows.Cell(row, BuiltInField.Phone);
        var incoming = rows.Phone[row];
        if (!Applies(Rules.BuiltIn[(int)BuiltInField.Phone], cell, existing == 0) || incoming == existing)
            return existing;
        Span<byte> digits = stackalloc byte[20];
        _ = existing.TryFormat(digits, out var written);
        Decision.Changes.Add(new(row, (int)BuiltInField.Phone, existing == 0 ? TextSpan.Absent : Decision.Append(digits[..written])));
        return incoming;
    }

    TextSpan MergeFields(RowBlock rows, int row, MatchedContacts matched, int contact)
    {
        var existing = matched.Utf8(matched.Fields[contact]);
        var incoming = rows.Utf8(rows.Fields[row]);
        if (rows.CustomFields.Length == 0 || (incoming.SequenceEqual(existing) && !rows.ClearsAnyCustom(row)))
            return existing.IsEmpty ? TextSpan.Absent : Decision.Append(existing);

        CustomMember.ReadAll(existing, existingMembers);
        fieldsMerge.Clear();
        var next = 0;
        for (var i = 0; i < rows.CustomFields.Length; i++)
        {
            var id = rows.CustomFields[i];
            while (next < existingMembers.Count && existingMembers[next].FieldId < id)
                fieldsMerge.Add(existingMembers[next].FieldId, existingMembers[next++].In(existing));
            var before = next < existingMembers.Count && existingMembers[next].FieldId == id ? existingMembers[next++].In(existing) : default;
            var cell = rows.CustomCell(row, i);
            if (Rules.Custom[i] == MergePolicy.Append && cell.HasValue && before is [(byte)'"', .., (byte)'"'])
            {
                // JSON escapes hold no semicolon, and equal texts are escaped alike: the values are united as they are written.
                if (TryUnite(rows, row, before[1..^1], rows.Utf8(cell)[1..^1]))
                {
                    Decision.Changes.Add(new(row, FieldChange.CustomFieldBase + id, Decision.Append(before)));
                    before = Quoted(valueSet.Union);
                }
                fieldsMerge.Add(id, before);
                continue;
            }
            if (!Applies(Rules.Custom[i], cell, before.IsEmpty) || rows.Utf8(cell).SequenceEqual(before))
            {
                if (!before.IsEmpty)
                    fieldsMerge.Add(id, before);
                continue;
            }
            Decision.Changes.Add(new(row, FieldChange.CustomFieldBase + id, before.IsEmpty ? TextSpan.Absent : Decision.Append(before)));
            if (cell.HasValue)
                fieldsMerge.Add(id, rows.Utf8(cell));
        }
        while (next < existingMembers.Count)
            fieldsMerge.Add(existingMembers[next].FieldId, existingMembers[next++].In(existing));
        return fieldsMerge.IsEmpty ? TextSpan.Absent : Decision.Append(fieldsMerge.ToJson());
    }

    byte[] quoted = new byte[256];

    ReadOnlySpan<byte> Quoted(ReadOnlySpan<byte> text)
    {
        if (quoted.Length < text.Length + 2)
            quoted = new byte[text.Length * 2 + 2];
        quoted[0] = (byte)'"';
        text.CopyTo(quoted.AsSpan(1));
        quoted[text.Length + 1] = (byte)'"';
        return quoted.AsSpan(0, text.Length + 2);
    }

    static bool Applies(MergePolicy policy, TextSpan incoming, bool existingIsEmpty) => !incoming.IsAbsent && policy switch
    {
        MergePolicy.Overwrite or MergePolicy.Append => true,
        MergePolicy.FillEmpty => existingIsEmpty && incoming.HasValue,
        _ => false,
    };

    /// <summary>An address that differs only in the case of its letters is the same address and stays as it was first written.</summary>
    static bool Same(ReadOnlySpan<byte> incoming, ReadOnlySpan<byte> existing, BuiltInField field) =>
        incoming.SequenceEqual(existing) || (field == BuiltInField.Email && KeyText.IsSameEmail(incoming, existing));

    void Change(int row, int field, MatchedContacts matched, TextSpan before) =>
        Decision.Changes.Add(new(row, field, before.HasValue ? Decision.Append(matched.Utf8(before)) : TextSpan.Absent));

    void Skip(RowBlock rows, int row, ErrorCode why)
    {
        Decision.Outcome[row] = Outcome.Skipped;
        rows.Errors.Add(new(row, -1, why, Severity.Note));
    }
}
