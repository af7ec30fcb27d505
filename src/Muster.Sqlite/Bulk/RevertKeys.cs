using System.Buffers.Text;
using Muster.Contacts;
using Muster.Merging;
using Muster.Validation;

namespace Muster.Sqlite.Bulk;

/// <summary>Gives back and takes the keys of contacts that an undo or redo changed, by their values, in the order of the index.</summary>
sealed unsafe class RevertKeys(BulkConnection connection, BulkSql sql, Func<int, KeyHashSeed> seedOf)
{
    readonly record struct Move(long Contact, KeyKind Kind, TextSpan Value);

    readonly BulkStatement anyShared = connection.Prepare("SELECT EXISTS (SELECT 1 FROM contact_key_shared)");
    readonly BulkStatement selectIdentities = connection.Prepare("SELECT phone, email, external_id FROM contact WHERE id = ?1");
    readonly List<long> releasedKeys = [];
    readonly List<Move> released = [];
    readonly List<long> claimedKeys = [];
    readonly List<Move> claimed = [];

    /// <summary>First all that are given back, each to the next contact that shows the value; then those that are taken, as far as they are free.</summary>
    public void Write(int accountId, RevertDecider decider)
    {
        var decision = decider.Decision;
        var seed = seedOf(accountId);
        Collect(accountId, decider, seed);
        if (released.Count > 0)
            Release(accountId, decision);
        if (claimed.Count > 0)
            Claim(accountId, decision);
    }

    void Collect(int accountId, RevertDecider decider, KeyHashSeed seed)
    {
        releasedKeys.Clear();
        released.Clear();
        claimedKeys.Clear();
        claimed.Clear();
        var decision = decider.Decision;
        foreach (var change in decision.Changes)
        {
            if (change.Field > (int)BuiltInField.ExternalId)
                continue;
            var contact = ContactRow.RowId(accountId, decision.ContactId[change.Row]);
            var kind = (KeyKind)change.Field;
            if (change.Before.HasValue && TryHash(decision, kind, change.Before, seed, out var key))
            {
                releasedKeys.Add(key);
                released.Add(new(contact, kind, change.Before));
            }
            if (decision.Image[change.Row] >= 0)
                Want(decision, contact, decision.Image[change.Row], kind, seed);
        }
        for (var row = 0; row < decider.Rows.Count; row++)
        {
            if (decider.Takings.Fate[row] != RowFate.Restored)
                continue;
            var contact = ContactRow.RowId(accountId, decision.ContactId[row]);
            for (var kind = KeyKind.Phone; kind <= KeyKind.ExternalId; kind++)
                Want(decision, contact, decision.Image[row], kind, seed);
        }
    }

    void Want(BatchDecision decision, long contact, int image, KeyKind kind, KeyHashSeed seed)
    {
        TextSpan value;
        if (kind != KeyKind.Phone)
        {
            value = decision.ImageCells[image * RowBlock.BuiltInSlots + (int)kind];
        }
        else
        {
            Span<byte> digits = stackalloc byte[20];
            value = decision.ImagePhone[image] is > 0 and var phone && Utf8Formatter.TryFormat(phone, digits, out var written) ? decision.Append(digits[..written]) : TextSpan.Absent;
        }
        if (!value.HasValue || !TryHash(decision, kind, value, seed, out var key))
            return;
        claimedKeys.Add(key);
        claimed.Add(new(contact, kind, value));
    }

    void Release(int accountId, BatchDecision decision)
    {
        _ = anyShared.Step();
        var shared = anyShared.Int64(0) != 0;
        anyShared.Reset();
        var collisions = sql.AnyCollision();
        var (keys, moves) = Sorted(releasedKeys, released);
        Span<byte> room = stackalloc byte[KeyText.BytesMax];
        for (var i = 0; i < keys.Length; i++)
        {
            if (sql.ReleaseKey(keys[i], moves[i].Contact, shared) && shared)
                sql.HandOverKey(keys[i]);
            if (collisions && TryText(decision, moves[i].Kind, moves[i].Value, room, out var text))
                sql.ReleaseCollision(accountId, moves[i].Kind, text, moves[i].Contact);
        }
    }

    void Claim(int accountId, BatchDecision decision)
    {
        var (keys, moves) = Sorted(claimedKeys, claimed);
        Span<byte> room = stackalloc byte[KeyText.BytesMax];
        for (var i = 0; i < keys.Length; i++)
        {
            var (key, move) = (keys[i], moves[i]);
            if (sql.TryTakeKey(key, move.Contact))
                continue;
            var owner = sql.ContactOfKey(key);
            if (owner == move.Contact || !TryText(decision, move.Kind, move.Value, room, out var text))
                continue;
            if (Carries(owner, move.Kind, text))
                sql.ShareKey(key, move.Contact);
            else
                sql.TryTakeCollision(accountId, move.Kind, text, move.Contact);
        }
    }

    /// <summary>Equal hashes are not equal values: whether the key's owner has this very one.</summary>
    bool Carries(long contact, KeyKind kind, ReadOnlySpan<byte> text)
    {
        selectIdentities.Bind(1, contact);
        var carries = false;
        if (selectIdentities.Step())
        {
            Span<byte> own = stackalloc byte[KeyText.BytesMax];
            var value = selectIdentities.Text((int)kind);
            carries = kind != KeyKind.Email ? value.SequenceEqual(text) : EmailAddress.TryGetKey(value, own, out var length) && own[..length].SequenceEqual(text);
        }
        selectIdentities.Reset();
        return carries;
    }

    static (long[] Keys, Move[] Moves) Sorted(List<long> keys, List<Move> moves)
    {
        var (sortedKeys, sortedMoves) = (keys.ToArray(), moves.ToArray());
        Array.Sort(sortedKeys, sortedMoves);
        // Equal keys in order of contact: who gets a free key must not hang on chance.
        for (int start = 0, end = 1; end <= sortedKeys.Length; end++)
        {
            if (end < sortedKeys.Length && sortedKeys[end] == sortedKeys[start])
                continue;
            if (end - start > 1)
                Array.Sort(sortedMoves, start, end - start, ByContact);
            start = end;
        }
        return (sortedKeys, sortedMoves);
    }

    static readonly Comparer<Move> ByContact = Comparer<Move>.Create(static (a, b) => a.Contact.CompareTo(b.Contact));

    static bool TryHash(BatchDecision decision, KeyKind kind, TextSpan value, KeyHashSeed seed, out long key)
    {
        Span<byte> room = stackalloc byte[KeyText.BytesMax];
        key = 0;
        if (!TryText(decision, kind, value, room, out var text))
            return false;
        key = (long)KeyHash.Of(kind, text, seed).IndexKey(kind);
        return true;
    }

    static bool TryText(BatchDecision decision, KeyKind kind, TextSpan value, Span<byte> room, out ReadOnlySpan<byte> text)
    {
        text = decision.Utf8(value);
        if (kind != KeyKind.Email)
            return true;
        if (!EmailAddress.TryGetKey(text, room, out var length))
            return false;
        text = room[..length];
        return true;
    }
}
