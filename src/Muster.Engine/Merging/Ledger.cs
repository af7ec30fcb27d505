using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using Muster.Contacts;

namespace Muster.Merging;

/// <summary>The form in which a batch's ledger is stored: columns of variable-length integers, compressed with Brotli. About 3 bytes a row on a clean file.</summary>
/// <remarks>First byte: the version of the form; 2 has a section more, what rows took away; 3 says of each tag whether it had been taken off before; 4 names what a plan would make. Each is written only where there is any such. Integers: LEB128, signed ones zigzag. Positions are told as differences from what a gapless source would have.</remarks>
public static partial class Ledger
{
    const byte Version = 1;
    const byte VersionWithRemovals = 2;
    const byte VersionWithTagRemovals = 3;
    const byte VersionWithPlannedNames = 4;

    /// <param name="revert">Of an undo or redo: what it took away and brought back.</param>
    public static byte[] Encode(RowBlock rows, BatchDecision decision, LedgerRevert? revert = null)
    {
        using var writer = new LedgerWriter(rows.Count * 8 + decision.TextLength + 1_024);
        var sections = new Sections
        {
            Outcome = decision.Outcome.AsSpan(0, rows.Count),
            RowNumber = rows.RowNumber,
            Line = rows.Line,
            ByteOffset = rows.ByteOffset,
            ByteLength = rows.ByteLength,
            ContactId = decision.ContactId,
            DuplicateOf = decision.DuplicateOf,
            RevAfter = decision.RevAfter,
            PreviousWrite = decision.PreviousWrite,
            KeysClaimed = decision.KeysClaimed,
            MembersAdded = decision.MembersAdded,
            TagsAdded = decision.TagsAdded,
            Errors = rows.Errors,
            Candidates = decision.Candidates,
            MembersRemoved = decision.MembersRemoved,
            TagsRemoved = decision.TagsRemoved,
            PlannedNames = decision.PlannedNames,
            Revert = revert,
        };
        Rows(writer, sections);
        writer.Unsigned(decision.Changes.Count);
        var at = 0;
        foreach (var change in decision.Changes)
            Change(writer, ref at, change.Row, change.Field, change.Before.IsAbsent, decision.Utf8(change.Before));
        return Rest(writer, sections);
    }

    /// <summary>The bytes that <see cref="Decode"/> read the batch from, when nothing in it has been changed since.</summary>
    public static byte[] Encode(LedgerBatch batch)
    {
        using var writer = new LedgerWriter(batch.Count * 8 + 1_024);
        var sections = new Sections
        {
            Outcome = batch.Outcome,
            RowNumber = batch.RowNumber,
            Line = batch.Line,
            ByteOffset = batch.ByteOffset,
            ByteLength = batch.ByteLength,
            ContactId = batch.ContactId,
            DuplicateOf = batch.DuplicateOf,
            RevAfter = batch.RevAfter,
            PreviousWrite = batch.PreviousWrite,
            KeysClaimed = batch.KeysClaimed,
            MembersAdded = batch.MembersAdded,
            TagsAdded = batch.TagsAdded,
            Errors = batch.Errors,
            Candidates = batch.Candidates,
            MembersRemoved = batch.MembersRemoved,
            TagsRemoved = batch.TagsRemoved,
            PlannedNames = batch.PlannedNames,
            Revert = batch.Revert,
        };
        Rows(writer, sections);
        writer.Unsigned(batch.Changes.Count);
        var at = 0;
        foreach (var (row, field, before) in batch.Changes)
            Change(writer, ref at, row, field, before is null, before);
        return Rest(writer, sections);
    }

    /// <summary>What a ledger is written from, but for the changes. Of the columns of rows <see cref="Outcome"/> has exactly the batch's rows; the others have at least as many.</summary>
    readonly ref struct Sections
    {
        public required ReadOnlySpan<Outcome> Outcome { get; init; }
        public required ReadOnlySpan<long> RowNumber { get; init; }
        public required ReadOnlySpan<long> Line { get; init; }
        public required ReadOnlySpan<long> ByteOffset { get; init; }
        public required ReadOnlySpan<int> ByteLength { get; init; }
        public required ReadOnlySpan<int> ContactId { get; init; }
        public required ReadOnlySpan<long> DuplicateOf { get; init; }
        public required ReadOnlySpan<int> RevAfter { get; init; }
        public required ReadOnlySpan<WriteRef> PreviousWrite { get; init; }
        public required ReadOnlySpan<byte> KeysClaimed { get; init; }
        public required IReadOnlyDictionary<int, ulong[]> MembersAdded { get; init; }
        public required IReadOnlyDictionary<int, ulong[]> TagsAdded { get; init; }
        public required IReadOnlyList<RowError> Errors { get; init; }
        public required IReadOnlyList<(int Row, int ContactId)> Candidates { get; init; }
        public required IReadOnlyList<RemovedMember> MembersRemoved { get; init; }
        public required IReadOnlyList<RemovedTag> TagsRemoved { get; init; }
        public required IReadOnlyList<PlannedName> PlannedNames { get; init; }
        public required LedgerRevert? Revert { get; init; }
    }

    /// <summary>What stands behind the changes.</summary>
    static byte[] Rest(LedgerWriter writer, in Sections sections)
    {
        var revert = sections.Revert;
        var count = sections.Outcome.Length;
        Added(writer, sections.MembersAdded, count);
        Added(writer, sections.TagsAdded, count);
        Errors(writer, sections.Errors);
        // An undo gives back in the section in which an import takes away.
        var members = revert?.MembersReturned ?? sections.MembersRemoved;
        var tags = revert?.TagsReturned ?? sections.TagsRemoved;
        var version = VersionOf(revert, members, tags, sections.PlannedNames);
        Candidates(writer, sections.Candidates, always: revert is not null || version > Version);
        if (version > Version)
            Belongings(writer, [], members, tags, version);
        Planned(writer, sections.PlannedNames, version);
        Reverted(writer, revert, version);
        Restored(writer, revert is null ? [] : revert.Fate, sections.RevAfter, sections.PreviousWrite);
        return Compress(writer.Written, version);
    }

    static byte VersionOf(LedgerRevert? revert, IReadOnlyList<RemovedMember> members, IReadOnlyList<RemovedTag> tags, IReadOnlyList<PlannedName> planned)
    {
        if (planned.Count > 0)
            return VersionWithPlannedNames;
        if (tags.Any(static t => t.IsRemoval) || revert?.Tags.Any(static t => t.IsRemoval) == true)
            return VersionWithTagRemovals;
        return members.Count + tags.Count > 0 ? VersionWithRemovals : Version;
    }

    static void Rows(LedgerWriter writer, in Sections rows)
    {
        writer.Unsigned(rows.Outcome.Length);
        foreach (var outcome in rows.Outcome)
            writer.Byte((byte)outcome);
        Positions(writer, rows);
        Contacts(writer, rows);
        Writes(writer, rows);
    }

    static void Positions(LedgerWriter writer, in Sections rows)
    {
        var count = rows.Outcome.Length;
        long number = 0, line = 0, end = 0;
        for (var row = 0; row < count; row++)
        {
            writer.Unsigned(rows.RowNumber[row] - number);
            number = rows.RowNumber[row];
        }
        for (var row = 0; row < count; row++)
        {
            writer.Unsigned(rows.Line[row] - line);
            line = rows.Line[row];
        }
        for (var row = 0; row < count; row++)
        {
            writer.Signed(rows.ByteOffset[row] - end);
            end = rows.ByteOffset[row] + rows.ByteLength[row];
        }
        for (var row = 0; row < count; row++)
            writer.Unsigned(rows.ByteLength[row]);
    }

    static void Contacts(LedgerWriter writer, in Sections rows)
    {
        long contact = 0;
        for (var row = 0; row < rows.Outcome.Length; row++)
        {
            // Created contacts have consecutive ids: a difference of 1 is written as 0.
            var id = rows.ContactId[row];
            if (rows.Outcome[row] is Outcome.Rejected or Outcome.Duplicate)
                continue;
            writer.Signed(id - contact - 1);
            contact = id;
        }
    }

    static void Writes(LedgerWriter writer, in Sections rows)
    {
        var imports = new List<Guid>();
        for (var row = 0; row < rows.Outcome.Length; row++)
        {
            switch (rows.Outcome[row])
            {
                case Outcome.Duplicate:
                    writer.Signed(rows.RowNumber[row] - rows.DuplicateOf[row]);
                    break;
                case Outcome.Created:
                    writer.Byte(rows.KeysClaimed[row]);
                    break;
                case Outcome.Updated:
                    writer.Byte(rows.KeysClaimed[row]);
                    writer.Unsigned(rows.RevAfter[row]);
                    if (rows.RevAfter[row] == 0) // updated by a membership or tag alone
                        break;
                    var previous = rows.PreviousWrite[row];
                    Import(writer, imports, previous.Import);
                    writer.Unsigned(previous.Batch);
                    writer.Unsigned(previous.Row);
                    break;
            }
        }
    }

    /// <param name="at">Row of the change before this one.</param>
    static void Change(LedgerWriter writer, ref int at, int row, int field, bool wasEmpty, ReadOnlySpan<byte> before)
    {
        writer.Unsigned(row - at);
        at = row;
        writer.Unsigned(field);
        writer.Unsigned(wasEmpty ? 0 : before.Length + 1);
        writer.Bytes(before);
    }

    static void Added(LedgerWriter writer, IReadOnlyDictionary<int, ulong[]> added, int count)
    {
        writer.Unsigned(added.Count);
        foreach (var (id, bits) in added)
        {
            writer.Unsigned(id);
            for (var i = 0; i < (count + 63) / 64; i++)
                writer.Fixed64(bits[i]);
        }
    }

    static void Errors(LedgerWriter writer, IReadOnlyList<RowError> errors)
    {
        writer.Unsigned(errors.Count);
        var row = 0;
        foreach (var error in errors.OrderBy(e => e.Row))
        {
            writer.Unsigned(error.Row - row);
            row = error.Row;
            writer.Unsigned(error.Column + 1);
            writer.Unsigned((int)error.Code);
            writer.Byte((byte)error.Severity);
        }
    }

    /// <summary>Only where there are any, or something follows: most batches, and those of an older Muster, end before it.</summary>
    static void Candidates(LedgerWriter writer, IReadOnlyList<(int Row, int ContactId)> candidates, bool always)
    {
        if (candidates.Count == 0 && !always)
            return;
        writer.Unsigned(candidates.Count);
        foreach (var (row, contact) in candidates)
        {
            writer.Unsigned(row);
            writer.Unsigned(contact);
        }
    }

    public static LedgerBatch Decode(ReadOnlySpan<byte> blob)
    {
        var plain = Decompress(blob);
        var version = blob[0];
        var reader = new LedgerReader(plain);
        var outcome = Outcomes(ref reader);
        var count = outcome.Length;
        var (number, line, offset, length) = Positions(ref reader, count);
        var contact = Contacts(ref reader, outcome);
        var (duplicateOf, revAfter, previous, claimed) = Writes(ref reader, outcome, number);
        var changes = Changes(ref reader, plain);
        var (membersAdded, tagsAdded) = (Added(ref reader, count), Added(ref reader, count));
        var errors = Errors(ref reader);
        var candidates = Candidates(ref reader);
        var (members, tags) = version < VersionWithRemovals ? ([], []) : Belongings(ref reader, [], version);
        var planned = Planned(ref reader, version);
        var revert = Reverted(ref reader, count, version);
        if (revert is not null)
            Restored(ref reader, revert.Fate, revAfter, previous);
        return new()
        {
            Outcome = outcome,
            RowNumber = number,
            Line = line,
            ByteOffset = offset,
            ByteLength = length,
            ContactId = contact,
            DuplicateOf = duplicateOf,
            RevAfter = revAfter,
            PreviousWrite = previous,
            KeysClaimed = claimed,
            Changes = changes,
            MembersAdded = membersAdded,
            TagsAdded = tagsAdded,
            MembersRemoved = revert is null ? members : [],
            TagsRemoved = revert is null ? tags : [],
            PlannedNames = planned,
            Errors = errors,
            Candidates = candidates,
            Revert = revert is null ? null : revert with { MembersReturned = members, TagsReturned = tags },
        };
    }

    static Outcome[] Outcomes(ref LedgerReader reader)
    {
        var outcome = new Outcome[reader.Unsigned()];
        for (var row = 0; row < outcome.Length; row++)
            outcome[row] = (Outcome)reader.Byte();
        return outcome;
    }

    static (long[] Number, long[] Line, long[] Offset, int[] Length) Positions(ref LedgerReader reader, int count)
    {
        var (number, line, offset, length) = (new long[count], new long[count], new long[count], new int[count]);
        long last = 0;
        for (var row = 0; row < count; row++)
            number[row] = last += reader.Unsigned();
        last = 0;
        for (var row = 0; row < count; row++)
            line[row] = last += reader.Unsigned();
        for (var row = 0; row < count; row++)
            offset[row] = reader.Signed();
        long end = 0;
        for (var row = 0; row < count; row++)
        {
            length[row] = (int)reader.Unsigned();
            offset[row] += end;
            end = offset[row] + length[row];
        }
        return (number, line, offset, length);
    }

    static int[] Contacts(ref LedgerReader reader, Outcome[] outcome)
    {
        var contact = new int[outcome.Length];
        long last = 0;
        for (var row = 0; row < contact.Length; row++)
        {
            if (outcome[row] is not (Outcome.Rejected or Outcome.Duplicate))
                contact[row] = (int)(last += reader.Signed() + 1);
        }
        return contact;
    }

    static (long[] DuplicateOf, int[] RevAfter, WriteRef[] Previous, byte[] Claimed) Writes(ref LedgerReader reader, Outcome[] outcome, long[] number)
    {
        var count = outcome.Length;
        var (duplicateOf, revAfter, previous, claimed) = (new long[count], new int[count], new WriteRef[count], new byte[count]);
        var imports = new List<Guid>();
        for (var row = 0; row < count; row++)
        {
            switch (outcome[row])
            {
                case Outcome.Duplicate:
                    duplicateOf[row] = number[row] - reader.Signed();
                    break;
                case Outcome.Created:
                    claimed[row] = reader.Byte();
                    revAfter[row] = 1;
                    break;
                case Outcome.Updated:
                    claimed[row] = reader.Byte();
                    revAfter[row] = (int)reader.Unsigned();
                    if (revAfter[row] != 0)
                        previous[row] = new(Import(ref reader, imports), (int)reader.Unsigned(), reader.Unsigned());
                    break;
            }
        }
        return (duplicateOf, revAfter, previous, claimed);
    }

    static LedgerChanges Changes(ref LedgerReader reader, byte[] plain)
    {
        var changes = new LedgerChanges(plain, (int)reader.Unsigned());
        var at = 0;
        for (var i = 0; i < changes.Count; i++)
        {
            at += (int)reader.Unsigned();
            var field = (int)reader.Unsigned();
            var before = (int)reader.Unsigned();
            changes.Set(i, at, field, reader.Position, before - 1);
            reader.Bytes(Math.Max(0, before - 1));
        }
        return changes;
    }

    static RowError[] Errors(ref LedgerReader reader)
    {
        var errors = new RowError[reader.Unsigned()];
        var at = 0;
        for (var i = 0; i < errors.Length; i++)
        {
            at += (int)reader.Unsigned();
            errors[i] = new(at, (int)reader.Unsigned() - 1, (ErrorCode)reader.Unsigned(), (Severity)reader.Byte());
        }
        return errors;
    }

    static (int Row, int ContactId)[] Candidates(ref LedgerReader reader)
    {
        var candidates = new (int, int)[reader.IsAtEnd ? 0 : reader.Unsigned()];
        for (var i = 0; i < candidates.Length; i++)
            candidates[i] = ((int)reader.Unsigned(), (int)reader.Unsigned());
        return candidates;
    }

    static Dictionary<int, ulong[]> Added(ref LedgerReader reader, int count)
    {
        var added = new Dictionary<int, ulong[]>();
        for (var left = reader.Unsigned(); left > 0; left--)
        {
            var id = (int)reader.Unsigned();
            var bits = new ulong[(count + 63) / 64];
            for (var i = 0; i < bits.Length; i++)
                bits[i] = reader.Fixed64();
            added[id] = bits;
        }
        return added;
    }

    static byte[] Compress(ReadOnlySpan<byte> plain, byte version)
    {
        var room = ArrayPool<byte>.Shared.Rent(5 + BrotliEncoder.GetMaxCompressedLength(plain.Length));
        try
        {
            room[0] = version;
            BinaryPrimitives.WriteInt32LittleEndian(room.AsSpan(1), plain.Length);
            if (!BrotliEncoder.TryCompress(plain, room.AsSpan(5), out var written, quality: 1, window: 18))
                throw new InvalidOperationException("The ledger did not fit the room that Brotli asked for.");
            return room.AsSpan(0, 5 + written).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(room);
        }
    }

    static byte[] Decompress(ReadOnlySpan<byte> blob)
    {
        if (blob.Length < 5 || blob[0] is < Version or > VersionWithPlannedNames)
            throw new InvalidDataException("The ledger was written by a newer Muster.");
        var plain = new byte[BinaryPrimitives.ReadInt32LittleEndian(blob[1..])];
        if (!BrotliDecoder.TryDecompress(blob[5..], plain, out var written) || written != plain.Length)
            throw new InvalidDataException("A batch's ledger is damaged.");
        return plain;
    }
}
