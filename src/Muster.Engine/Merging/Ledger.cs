using System.Buffers.Binary;
using System.IO.Compression;
using Muster.Contacts;

namespace Muster.Merging;

/// <summary>A batch's ledger, read back: for every row its outcome, contact, place in the source and findings, and for every change what was there before.</summary>
public sealed class LedgerBatch
{
    public required Outcome[] Outcome { get; init; }
    public required long[] RowNumber { get; init; }
    public required long[] Line { get; init; }
    public required long[] ByteOffset { get; init; }
    public required int[] ByteLength { get; init; }

    /// <summary>0 where the row has no contact.</summary>
    public required int[] ContactId { get; init; }

    /// <summary>0 for rows that are no duplicates.</summary>
    public required long[] DuplicateOf { get; init; }

    /// <summary>0 for rows that wrote no contact.</summary>
    public required int[] RevAfter { get; init; }

    /// <summary>Default for rows that updated nothing.</summary>
    public required WriteRef[] PreviousWrite { get; init; }

    /// <summary>Bits by <see cref="KeyKind"/>.</summary>
    public required byte[] KeysClaimed { get; init; }

    /// <summary>In order of row. Field: see <see cref="FieldChange"/>; before: null when the field was empty.</summary>
    public required IReadOnlyList<(int Row, int Field, byte[]? Before)> Changes { get; init; }

    public required IReadOnlyDictionary<int, ulong[]> MembersAdded { get; init; }
    public required IReadOnlyDictionary<int, ulong[]> TagsAdded { get; init; }

    /// <summary>In order of row.</summary>
    public required IReadOnlyList<RowError> Errors { get; init; }

    public int Count => Outcome.Length;

    /// <summary>How many rows had which outcome.</summary>
    public ImportCounts Tally()
    {
        Span<long> by = stackalloc long[8];
        foreach (var outcome in Outcome)
            by[(int)outcome]++;
        return new(by[1], by[2], by[3], by[4], by[5], by[6], by[7], Errors.Count(e => e.Severity == Severity.Warning));
    }
}

/// <summary>The form in which a batch's ledger is stored: columns of variable-length integers, compressed with Brotli. About 3 bytes a row on a clean file.</summary>
/// <remarks>First byte: the version of the form. Integers: LEB128, signed ones zigzag. Positions are told as differences from what a gapless source would have.</remarks>
public static class Ledger
{
    const byte Version = 1;

    public static byte[] Encode(RowBlock rows, BatchDecision decision)
    {
        var writer = new LedgerWriter(rows.Count * 8 + decision.TextLength + 1_024);
        var count = rows.Count;
        writer.Unsigned(count);
        for (var row = 0; row < count; row++)
            writer.Byte((byte)decision.Outcome[row]);
        Positions(writer, rows);
        Contacts(writer, rows, decision);
        Changes(writer, decision);
        Added(writer, decision.MembersAdded, count);
        Added(writer, decision.TagsAdded, count);
        Errors(writer, rows);
        return Compress(writer.Written);
    }

    static void Positions(LedgerWriter writer, RowBlock rows)
    {
        long number = 0, line = 0, end = 0;
        for (var row = 0; row < rows.Count; row++)
        {
            writer.Unsigned(rows.RowNumber[row] - number);
            number = rows.RowNumber[row];
        }
        for (var row = 0; row < rows.Count; row++)
        {
            writer.Unsigned(rows.Line[row] - line);
            line = rows.Line[row];
        }
        for (var row = 0; row < rows.Count; row++)
        {
            writer.Signed(rows.ByteOffset[row] - end);
            end = rows.ByteOffset[row] + rows.ByteLength[row];
        }
        for (var row = 0; row < rows.Count; row++)
            writer.Unsigned(rows.ByteLength[row]);
    }

    static void Contacts(LedgerWriter writer, RowBlock rows, BatchDecision decision)
    {
        long contact = 0;
        for (var row = 0; row < rows.Count; row++)
        {
            // Created contacts have consecutive ids: a difference of 1 is written as 0.
            var id = decision.ContactId[row];
            if (decision.Outcome[row] is Outcome.Rejected or Outcome.Duplicate)
                continue;
            writer.Signed(id - contact - 1);
            contact = id;
        }
        var imports = new List<Guid>();
        for (var row = 0; row < rows.Count; row++)
        {
            switch (decision.Outcome[row])
            {
                case Outcome.Duplicate:
                    writer.Signed(rows.RowNumber[row] - decision.DuplicateOf[row]);
                    break;
                case Outcome.Created:
                    writer.Byte(decision.KeysClaimed[row]);
                    break;
                case Outcome.Updated:
                    writer.Byte(decision.KeysClaimed[row]);
                    writer.Unsigned(decision.RevAfter[row]);
                    if (decision.RevAfter[row] == 0) // updated by a membership or tag alone
                        break;
                    var previous = decision.PreviousWrite[row];
                    var import = imports.IndexOf(previous.Import);
                    if (import < 0)
                    {
                        writer.Unsigned(imports.Count);
                        writer.Bytes(previous.Import.ToByteArray(bigEndian: true));
                        imports.Add(previous.Import);
                    }
                    else
                    {
                        writer.Unsigned(import);
                    }
                    writer.Unsigned(previous.Batch);
                    writer.Unsigned(previous.Row);
                    break;
            }
        }
    }

    static void Changes(LedgerWriter writer, BatchDecision decision)
    {
        writer.Unsigned(decision.Changes.Count);
        var row = 0;
        foreach (var change in decision.Changes)
        {
            writer.Unsigned(change.Row - row);
            row = change.Row;
            writer.Unsigned(change.Field);
            writer.Unsigned(change.Before.IsAbsent ? 0 : change.Before.Length + 1);
            writer.Bytes(decision.Utf8(change.Before));
        }
    }

    static void Added(LedgerWriter writer, Dictionary<int, ulong[]> added, int count)
    {
        writer.Unsigned(added.Count);
        foreach (var (id, bits) in added)
        {
            writer.Unsigned(id);
            for (var i = 0; i < (count + 63) / 64; i++)
                writer.Fixed64(bits[i]);
        }
    }

    static void Errors(LedgerWriter writer, RowBlock rows)
    {
        writer.Unsigned(rows.Errors.Count);
        var row = 0;
        foreach (var error in rows.Errors.OrderBy(e => e.Row))
        {
            writer.Unsigned(error.Row - row);
            row = error.Row;
            writer.Unsigned(error.Column + 1);
            writer.Unsigned((int)error.Code);
            writer.Byte((byte)error.Severity);
        }
    }

    public static LedgerBatch Decode(ReadOnlySpan<byte> blob)
    {
        var reader = new LedgerReader(Decompress(blob));
        var count = (int)reader.Unsigned();
        var outcome = new Outcome[count];
        for (var row = 0; row < count; row++)
            outcome[row] = (Outcome)reader.Byte();
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

        var (contact, duplicateOf, revAfter, previous, claimed) = (new int[count], new long[count], new int[count], new WriteRef[count], new byte[count]);
        last = 0;
        for (var row = 0; row < count; row++)
        {
            if (outcome[row] is not (Outcome.Rejected or Outcome.Duplicate))
                contact[row] = (int)(last += reader.Signed() + 1);
        }
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
                    if (revAfter[row] == 0)
                        break;
                    var import = (int)reader.Unsigned();
                    if (import == imports.Count)
                        imports.Add(new(reader.Bytes(16), bigEndian: true));
                    previous[row] = new(imports[import], (int)reader.Unsigned(), reader.Unsigned());
                    break;
            }
        }

        var changes = new (int, int, byte[]?)[reader.Unsigned()];
        var at = 0;
        for (var i = 0; i < changes.Length; i++)
        {
            at += (int)reader.Unsigned();
            var field = (int)reader.Unsigned();
            var before = (int)reader.Unsigned();
            changes[i] = (at, field, before == 0 ? null : reader.Bytes(before - 1).ToArray());
        }
        var members = Added(ref reader, count);
        var tags = Added(ref reader, count);
        var errors = new RowError[reader.Unsigned()];
        at = 0;
        for (var i = 0; i < errors.Length; i++)
        {
            at += (int)reader.Unsigned();
            errors[i] = new(at, (int)reader.Unsigned() - 1, (ErrorCode)reader.Unsigned(), (Severity)reader.Byte());
        }
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
            MembersAdded = members,
            TagsAdded = tags,
            Errors = errors,
        };
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

    static byte[] Compress(ReadOnlySpan<byte> plain)
    {
        var blob = new byte[5 + BrotliEncoder.GetMaxCompressedLength(plain.Length)];
        blob[0] = Version;
        BinaryPrimitives.WriteInt32LittleEndian(blob.AsSpan(1), plain.Length);
        if (!BrotliEncoder.TryCompress(plain, blob.AsSpan(5), out var written, quality: 1, window: 18))
            throw new InvalidOperationException("The ledger did not fit the room that Brotli asked for.");
        return blob.AsSpan(0, 5 + written).ToArray();
    }

    static byte[] Decompress(ReadOnlySpan<byte> blob)
    {
        if (blob.Length < 5 || blob[0] != Version)
            throw new InvalidDataException("The ledger was written by a newer Muster.");
        var plain = new byte[BinaryPrimitives.ReadInt32LittleEndian(blob[1..])];
        if (!BrotliDecoder.TryDecompress(blob[5..], plain, out var written) || written != plain.Length)
            throw new InvalidDataException("A batch's ledger is damaged.");
        return plain;
    }
}
