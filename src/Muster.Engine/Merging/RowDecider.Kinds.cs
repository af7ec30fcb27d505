using Muster.Contacts;

namespace Muster.Merging;

/// <summary>Rows that are matched by several kinds of keys.</summary>
/// <remarks>
/// Whose key is whose is what the account held when the import began, and what earlier rows have said since. So a row becomes the same wherever batches are
/// cut, and in a plan, whose batches leave nothing behind: a key that an earlier row took stands for that row's contact, and so does one that its contact gave back.
/// </remarks>
public sealed partial class RowDecider
{
    /// <summary>Beside a contact's id: a row of this import made it.</summary>
    const long MadeHere = 1L << 39;

    /// <summary>Nothing is written: contacts that rows would make have no id that anybody could look up.</summary>
    public bool OnlyPlans { get; init; }

    /// <summary>Row by row, since a row's keys may belong to different rows and contacts: which of them it is may hang on any row before it.</summary>
    void DecideByKinds(RowBlock rows, int row, MatchedContacts matched, int id)
    {
        Span<long> candidates = stackalloc long[3];
        var count = 0;
        var winner = 0L;
        var contact = -1;
        foreach (var kind in Rules.Kinds)
        {
            if (rows.KeyOf(row, kind) == 0)
                continue;
            if (accepted.TryFind(KeyOf(rows, row, kind), out var first))
            {
                winner = winner == 0 ? first : winner;
                count = Add(candidates, count, ContactOf(first));
                continue;
            }
            if (matched.OfRow[row * matched.Stride + (int)kind] is not (>= 0 and var index))
                continue;
            contact = index;
            var isWritten = accepted.TryFind(OfContact(matched.Id[index]), out first);
            winner = isWritten && winner == 0 ? first : winner;
            count = Add(candidates, count, isWritten ? ContactOf(first) : matched.Id[index]);
        }
        if (count > 1)
        {
            Decision.Outcome[row] = Outcome.Rejected;
            rows.Errors.Add(new(row, -1, ErrorCode.AmbiguousMatch, Severity.Error));
            foreach (var candidate in candidates[..count])
            {
                if (candidate > 0 && (!OnlyPlans || candidate < MadeHere))
                    Decision.Candidates.Add((row, (int)(candidate & ~MadeHere)));
            }
        }
        else if (winner != 0)
        {
            Repeat(rows, row, winner);
        }
        else
        {
            if (!IsHeldBack(rows, row, matched, contact) && (matched.Room.Length == 0 || PassesLists(rows, row, matched, contact)))
            {
                if (contact >= 0)
                    Update(rows, row, matched, contact);
                else
                    Create(rows, row, id);
            }
            if (Decision.Outcome[row].IsAccepted())
                Accept(rows, row, Decision.ContactId[row], contact < 0);
        }
    }

    static int Add(Span<long> candidates, int count, long contact)
    {
        if (candidates[..count].Contains(contact))
            return count;
        candidates[count] = contact;
        return count + 1;
    }

    /// <summary>The contact of an accepted row; below 0, and its own, where it is not known any more.</summary>
    long ContactOf(long row) => accepted.TryFind(OfRow(row), out var contact) && contact != MadeHere ? contact : -row;

    void Accept(RowBlock rows, int row, int contactId, bool isNew)
    {
        foreach (var kind in Rules.Kinds)
        {
            if (rows.KeyOf(row, kind) != 0)
                accepted.TryAdd(KeyOf(rows, row, kind), rows.RowNumber[row], out _);
        }
        if (!bySeveralKinds)
            return;
        accepted.TryAdd(OfContact(contactId), rows.RowNumber[row], out _);
        accepted.TryAdd(OfRow(rows.RowNumber[row]), isNew || contactId == 0 ? (uint)contactId | MadeHere : contactId, out _);
    }

    /// <summary>Keys that contacts gave back in a batch stay theirs until the import has ended, whoever owns them by now.</summary>
    void KeepGivenBack(RowBlock rows)
    {
        foreach (var change in Decision.Changes)
        {
            if (IsGivenBack(Decision.KeysClaimed[change.Row], change.Field))
                KeepGivenBack(rows, change.Row, (KeyKind)change.Field, Decision.Utf8(change.Before));
        }
    }

    void KeepGivenBack(RowBlock rows, LedgerBatch ledger)
    {
        var changes = LedgerChanges.Of(ledger.Changes);
        for (var i = 0; i < changes.Count; i++)
        {
            if (IsGivenBack(ledger.KeysClaimed[changes.Row(i)], changes.Field(i)))
                KeepGivenBack(rows, changes.Row(i), (KeyKind)changes.Field(i), changes.Before(i));
        }
    }

    bool IsGivenBack(byte keys, int field) =>
        field <= (int)BuiltInField.ExternalId && (keys & BatchDecision.GivenBack((KeyKind)field)) != 0 && Rules.Kinds.Contains((KeyKind)field);

    void KeepGivenBack(RowBlock rows, int row, KeyKind kind, scoped ReadOnlySpan<byte> value)
    {
        Span<byte> key = stackalloc byte[KeyText.BytesMax];
        if (kind == KeyKind.Email)
        {
            if (!Validation.EmailAddress.TryGetKey(value, key, out var length))
                return;
            value = key[..length];
        }
        var hash = KeyHash.Of(kind, value, seed);
        accepted.TryAdd(new(hash.High, hash.IndexKey(kind)), rows.RowNumber[row], out _);
    }

    /// <summary>Stands for a contact among the keys: two rows may find one contact by different keys. A true key's low half is never 0.</summary>
    static KeyHash OfContact(int contactId) => new((ulong)contactId * Spread, 0);

    /// <summary>Stands for an accepted row among the keys, to find its contact. A true key's halves are both like this with a chance of 2⁻¹²⁶.</summary>
    static KeyHash OfRow(long row) => new((ulong)row * Spread, 1);

    /// <summary>2⁶⁴ divided by the golden ratio: numbers one after another lie far apart, as the set wants them.</summary>
    const ulong Spread = 0x9E3779B97F4A7C15;
}
