using System.Text;
using Muster.Contacts;
using Muster.Merging;

namespace Muster.Tests.Merging;

public sealed class LedgerTests
{
    [Fact]
    public void What_is_encoded_is_decoded_whole_over_random_batches()
    {
        const int Seed = 20261121;
        var random = new Random(Seed);
        for (var round = 0; round < 200; round++)
        {
            var (rows, decision) = RandomBatch(random);
            var blob = Ledger.Encode(rows, decision);
            var ledger = Ledger.Decode(blob);
            Assert.Equal(blob, Ledger.Encode(ledger));
            Assert.Equal(rows.Count, ledger.Count);
            for (var row = 0; row < rows.Count; row++)
            {
                Assert.Equal(decision.Outcome[row], ledger.Outcome[row]);
                Assert.Equal((rows.RowNumber[row], rows.Line[row], rows.ByteOffset[row], rows.ByteLength[row]), (ledger.RowNumber[row], ledger.Line[row], ledger.ByteOffset[row], ledger.ByteLength[row]));
                Assert.Equal(decision.ContactId[row], ledger.ContactId[row]);
                Assert.Equal(decision.DuplicateOf[row], ledger.DuplicateOf[row]);
                Assert.Equal(decision.RevAfter[row], ledger.RevAfter[row]);
                Assert.Equal(decision.PreviousWrite[row], ledger.PreviousWrite[row]);
                Assert.Equal(decision.KeysClaimed[row], ledger.KeysClaimed[row]);
            }
            Assert.Equal(
                decision.Changes.Select(c => (c.Row, c.Field, c.Before.IsAbsent ? null : Encoding.UTF8.GetString(decision.Utf8(c.Before)))),
                ledger.Changes.Select(c => (c.Row, c.Field, c.Before is null ? null : Encoding.UTF8.GetString(c.Before))));
            Assert.Equal(decision.MembersAdded.Keys.Order(), ledger.MembersAdded.Keys.Order());
            foreach (var (list, bits) in decision.MembersAdded)
                Assert.Equal(bits, ledger.MembersAdded[list]);
            Assert.Equal(rows.Errors, ledger.Errors);
            Assert.Equal(decision.Count(rows.Errors), ledger.Tally());
        }
    }

    [Fact]
    public void A_clean_batch_of_new_contacts_takes_few_bytes_a_row()
    {
        var rows = new RowBlock([]);
        var random = new Random(7);
        long offset = 80;
        for (var i = 0; i < 10_000; i++)
        {
            var length = random.Next(90, 120);
            rows.AddRow(i + 2, i + 2, offset, length);
            offset += length;
        }
        var decision = new BatchDecision();
        decision.Clear(rows.Count);
        for (var row = 0; row < rows.Count; row++)
        {
            decision.Outcome[row] = Outcome.Created;
            decision.ContactId[row] = 500 + row;
            decision.KeysClaimed[row] = 3;
        }
        Assert.InRange(Ledger.Encode(rows, decision).Length, 1, 40 * rows.Count);
    }

    [Fact]
    public void A_damaged_ledger_is_refused()
    {
        var (rows, decision) = RandomBatch(new(3));
        var blob = Ledger.Encode(rows, decision);
        Assert.Throws<InvalidDataException>(() => Ledger.Decode(blob.AsSpan(0, blob.Length / 2)));
        blob[0] = 99;
        Assert.Throws<InvalidDataException>(() => Ledger.Decode(blob));
    }

    [Fact]
    public void A_batch_without_one_contact_tells_everything_else_as_before()
    {
        const int Seed = 20261123;
        var random = new Random(Seed);
        for (var round = 0; round < 50; round++)
        {
            var (rows, decision) = RandomBatch(random);
            var before = Ledger.Decode(Ledger.Encode(rows, decision));
            var gone = before.ContactId.FirstOrDefault(id => id != 0);
            if (gone == 0)
                continue;
            var (erased, touched) = before.Without(gone);
            var after = Ledger.Decode(Ledger.Encode(erased));
            Assert.Equal(before.Tally(), after.Tally());
            Assert.Equal(before.Outcome, after.Outcome);
            Assert.Equal(before.ByteOffset, after.ByteOffset);
            Assert.Equal(before.ContactId.Select(id => id == gone ? 0 : id), after.ContactId);
            Assert.Equal(before.Changes.Where(c => before.ContactId[c.Row] != gone).Select(c => (c.Row, c.Field)), after.Changes.Select(c => (c.Row, c.Field)));
            Assert.Equal(before.Errors, after.Errors);
            foreach (var row in touched.Where(row => before.ContactId[row] == gone))
                Assert.DoesNotContain(after.MembersAdded.Values, bits => BatchDecision.IsMarked(bits, row));
        }
    }

    static (RowBlock Rows, BatchDecision Decision) RandomBatch(Random random)
    {
        var rows = new RowBlock([3]);
        var count = random.Next(1, 300);
        long number = random.Next(1, 5), line = number, offset = random.Next(0, 500);
        for (var i = 0; i < count; i++)
        {
            var length = random.Next(1, 3_000);
            rows.AddRow(number, line, offset, length);
            number += random.Next(1, 3);
            line += random.Next(1, 5);
            offset += length + (random.Next(10) == 0 ? random.Next(0, 50) : 0);
        }
        var decision = new BatchDecision();
        decision.Clear(count);
        var imports = Enumerable.Range(0, 3).Select(_ => Guid.CreateVersion7()).ToArray();
        for (var row = 0; row < count; row++)
        {
            var outcome = decision.Outcome[row] = (Outcome)random.Next(1, 8);
            if (outcome is not (Outcome.Rejected or Outcome.Duplicate))
                decision.ContactId[row] = random.Next(1, int.MaxValue);
            switch (outcome)
            {
                case Outcome.Duplicate:
                    decision.DuplicateOf[row] = random.NextInt64(1, rows.RowNumber[row] + 1);
                    break;
                case Outcome.Created:
                    decision.RevAfter[row] = 1;
                    decision.KeysClaimed[row] = (byte)random.Next(8);
                    break;
                case Outcome.Updated when random.Next(4) > 0:
                    decision.RevAfter[row] = random.Next(2, 1_000);
                    decision.PreviousWrite[row] = new(imports[random.Next(3)], random.Next(100), random.Next(1_000_000));
                    decision.KeysClaimed[row] = (byte)random.Next(8);
                    for (var c = random.Next(1, 4); c > 0; c--)
                        decision.Changes.Add(new(row, random.Next(0, 40), random.Next(3) == 0 ? TextSpan.Absent : decision.Append(Encoding.UTF8.GetBytes(new string('ü', random.Next(1, 20))))));
                    break;
                case Outcome.Rejected:
                    rows.Errors.Add(new(row, random.Next(-1, 9), ErrorCode.InvalidEmail, Severity.Error));
                    break;
            }
            if (random.Next(9) == 0)
                rows.Errors.Add(new(row, 2, ErrorCode.PhoneExtensionDropped, Severity.Warning));
            if (random.Next(3) == 0)
                decision.MarkAdded(decision.MembersAdded, random.Next(1, 4), row);
        }
        return (rows, decision);
    }
}
