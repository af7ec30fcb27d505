using Muster.Contacts;
using Muster.Merging;
using Muster.Validation;

namespace Muster.Sqlite.Bulk;

/// <summary>Gives back and takes the keys of contacts that an undo or redo changed, by their values, in the order of the index.</summary>
sealed unsafe class RevertKeys(BulkConnection connection, BulkSql sql, Func<int, KeyHashSeed> seedOf)
{
    /// <param name="Phone">Of a phone that is taken: its digits; the other values are text of the decision.</param>
    readonly record struct Move(long Contact, KeyKind Kind, TextSpan Value, long Phone = 0);

    readonly BulkStatement anyShared = connection.Prepare("SELECT EXISTS (SELECT 1 FROM contact_key_shared)");
    readonly BulkStatement selectIdentities = connection.Prepare("SELECT phone, email, external_id FROM contact WHERE id = ?1");
    readonly Moves released = new();
    readonly Moves claimed = new();

    /// <summary>Finds out which keys are given back and which are taken. Needs no database: another thread may write meanwhile what the decision says.</summary>
    public void Collect(int accountId, RevertDecider decider)
    {
        var seed = seedOf(accountId);
        released.Clear();
        claimed.Clear();
        var decision = decider.Decision;
        Span<byte> room = stackalloc byte[KeyText.BytesMax];
        foreach (var change in decision.Changes)
        {
            if (change.Field > (int)BuiltInField.ExternalId)
                continue;
            var contact = ContactRow.RowId(accountId, decision.ContactId[change.Row]);
            if (change.Before.HasValue)
                Add(released, decision, new(contact, (KeyKind)change.Field, change.Before), seed, room);
            if (decision.Image[change.Row] >= 0)
                Want(decision, contact, decision.Image[change.Row], (KeyKind)change.Field, seed, room);
        }
        for (var row = 0; row < decider.Rows.Count; row++)
        {
            if (decider.Takings.Fate[row] != RowFate.Restored)
                continue;
            var contact = ContactRow.RowId(accountId, decision.ContactId[row]);
            for (var kind = KeyKind.Phone; kind <= KeyKind.ExternalId; kind++)
                Want(decision, contact, decision.Image[row], kind, seed, room);
        }
        released.Sort();
        claimed.Sort();
    }

    /// <summary>First all that are given back, each to the next contact that shows the value; then those that are taken, as far as they are free.</summary>
    public void Write(int accountId, BatchDecision decision)
    {
        if (released.Count > 0)
            Release(accountId, decision);
        if (claimed.Count > 0)
            Claim(accountId, decision);
    }

    void Want(BatchDecision decision, long contact, int image, KeyKind kind, KeyHashSeed seed, Span<byte> room)
    {
        if (kind == KeyKind.Phone)
            Add(claimed, decision, new(contact, kind, TextSpan.Absent, decision.ImagePhone[image]), seed, room);
        else
            Add(claimed, decision, new(contact, kind, decision.ImageCells[image * RowBlock.BuiltInSlots + (int)kind]), seed, room);
    }

    static void Add(Moves moves, BatchDecision decision, Move move, KeyHashSeed seed, Span<byte> room)
    {
        if ((move.Value.HasValue || move.Phone > 0) && TryText(decision, move, room, out var text))
            moves.Add((long)KeyHash.Of(move.Kind, text, seed).IndexKey(move.Kind), move);
    }

    void Release(int accountId, BatchDecision decision)
    {
        _ = anyShared.Step();
        var shared = anyShared.Int64(0) != 0;
        anyShared.Reset();
        var collisions = sql.AnyCollision();
        Span<byte> room = stackalloc byte[KeyText.BytesMax];
        for (var i = 0; i < released.Count; i++)
        {
            var (key, contact) = released[i];
            if (sql.ReleaseKey(key, contact, shared) && shared)
                sql.HandOverKey(key);
            if (collisions && released.MoveAt(i) is var move && TryText(decision, move, room, out var text))
                sql.ReleaseCollision(accountId, move.Kind, text, contact);
        }
    }

    void Claim(int accountId, BatchDecision decision)
    {
        Span<byte> room = stackalloc byte[KeyText.BytesMax];
        for (var i = 0; i < claimed.Count; i++)
        {
            var (key, contact) = claimed[i];
            if (sql.TryTakeKey(key, contact))
                continue;
            var move = claimed.MoveAt(i);
            var owner = sql.ContactOfKey(key);
            if (owner == contact || !TryText(decision, move, room, out var text))
                continue;
            if (Carries(owner, move.Kind, text))
                sql.ShareKey(key, contact);
            else
                sql.TryTakeCollision(accountId, move.Kind, text, contact);
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

    static bool TryText(BatchDecision decision, in Move move, Span<byte> room, out ReadOnlySpan<byte> text)
    {
        if (move.Phone > 0)
        {
            text = room[..KeyText.WritePhone(move.Phone, room)];
            return true;
        }
        text = decision.Utf8(move.Value);
        if (move.Kind != KeyKind.Email)
            return true;
        if (!EmailAddress.TryGetKey(text, room, out var length))
            return false;
        text = room[..length];
        return true;
    }

    /// <summary>Keys and who gives them back or takes them. Reused for every batch.</summary>
    sealed class Moves
    {
        readonly KeySort sort = new();
        readonly List<Move> moves = [];
        long[] keys = [];
        int[] order = [];

        // In order of key, since most moves need no more: going through them in memory's order is several times as fast.
        long[] contacts = [];

        public int Count => moves.Count;

        /// <summary>In order of key.</summary>
        public (long Key, long Contact) this[int place] => (keys[place], contacts[place]);

        public Move MoveAt(int place) => moves[order[place]];

        public void Clear() => moves.Clear();

        public void Add(long key, Move move)
        {
            if (keys.Length == moves.Count)
            {
                var size = Math.Max(256, moves.Count * 2);
                Array.Resize(ref keys, size);
                Array.Resize(ref order, size);
            }
            keys[moves.Count] = key;
            order[moves.Count] = moves.Count;
            moves.Add(move);
        }

        /// <summary>Equal keys in order of contact: who gets a free key must not hang on chance.</summary>
        public void Sort()
        {
            sort.Sort(keys, order, Count);
            for (int start = 0, end = 1; end <= Count; end++)
            {
                if (end < Count && keys[end] == keys[start])
                    continue;
                if (end - start > 1)
                    order.AsSpan(start, end - start).Sort((a, b) => moves[a].Contact.CompareTo(moves[b].Contact));
                start = end;
            }
            if (contacts.Length < Count)
                contacts = new long[keys.Length];
            for (var place = 0; place < Count; place++)
                contacts[place] = moves[order[place]].Contact;
        }
    }
}
