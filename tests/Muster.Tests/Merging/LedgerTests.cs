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

    [Fact]
    public void What_rows_took_away_is_told_in_a_form_of_its_own_and_other_batches_keep_theirs()
    {
        const int Seed = 20261124;
        var random = new Random(Seed);
        for (var round = 0; round < 50; round++)
        {
            var (rows, decision) = RandomBatch(random);
            var earlier = Ledger.Encode(rows, decision);
            Assert.Equal(1, earlier[0]); // as every Muster before reads it
            Assert.Empty(Ledger.Decode(earlier).MembersRemoved);
            for (var row = 0; row < rows.Count; row += random.Next(1, 20))
            {
                decision.MembersRemoved.Add(new(row, random.Next(1, 9), 1, random.NextInt64(1L << 40), random.Next(3) == 0 ? Guid.Empty : Guid.CreateVersion7(), random.Next(2) == 0 ? null : "{}"u8.ToArray()));
                decision.TagsRemoved.Add(new(row, random.Next(1, 9), Guid.CreateVersion7()));
            }
            var blob = Ledger.Encode(rows, decision);
            var ledger = Ledger.Decode(blob);
            Assert.Equal((2, decision.TagsRemoved.Count), (blob[0], ledger.TagsRemoved.Count));
            Assert.Equal(blob, Ledger.Encode(ledger));
            Assert.Equal(decision.MembersRemoved.Select(Told), ledger.MembersRemoved.Select(Told));
            Assert.Equal(decision.TagsRemoved, ledger.TagsRemoved);
            Assert.Null(ledger.Revert);

            var gone = ledger.ContactId[0];
            if (gone != 0)
                Assert.DoesNotContain(Ledger.Decode(Ledger.Encode(ledger.Without(gone).Batch)).TagsRemoved, t => ledger.ContactId[t.Row] == gone);
        }

        static string Told(RemovedMember m) => $"{m.Row} {m.List} {m.Status} {m.Since} {m.Import} {(m.Variables is null ? "" : Encoding.UTF8.GetString(m.Variables))}";
    }

    [Fact]
    public void What_an_undo_gave_back_is_told_beside_what_it_took_away()
    {
        var (rows, decision) = RandomBatch(new(5));
        var takings = new RevertTakings();
        takings.Clear(rows.Count);
        takings.Members.Add(new(0, 3, 1, 17, Guid.Empty, null));
        takings.TagsReturned.Add(new(0, 4, Guid.CreateVersion7()));
        var blob = Ledger.Encode(rows, decision, takings.ToLedger(Guid.CreateVersion7(), 2));
        var ledger = Ledger.Decode(blob);
        Assert.Equal(blob, Ledger.Encode(ledger));
        Assert.Empty(ledger.TagsRemoved);
        Assert.Equal(takings.TagsReturned, ledger.Revert?.TagsReturned);
        Assert.Equal(takings.Members, ledger.Revert?.Members);
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
