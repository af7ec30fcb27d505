using System.Text;
using Muster.Contacts;
using Muster.Merging;

namespace Muster.Tests.Merging;

public sealed class RowDeciderTests : IDisposable
{
    readonly AcceptedKeys accepted = new(1 << 20, Path.GetTempPath());

    public void Dispose() => accepted.Dispose();

    RowDecider Decider(ImportMode mode = ImportMode.Upsert) => new(MergeRules.Overwriting(KeyKind.Email, 1) with { Mode = mode }, accepted);

    static RowBlock Block(params TestRow[] rows) => Rows.Block(0, 2, KeyKind.Email, Rows.Seed, last: true, rows);

    static MatchedContacts None(RowBlock rows)
    {
        var matched = new MatchedContacts();
        matched.Clear(rows.Count);
        return matched;
    }

    static MatchedContacts One(RowBlock rows, int row, string email, string? firstName = null, string? fields = null, long phone = 0)
    {
        var matched = None(rows);
        var index = matched.Add(41, 3, phone, new(Guid.Empty, 5, 6));
        matched.Cell(index, BuiltInField.Email) = matched.Append(Encoding.UTF8.GetBytes(email));
        matched.Cell(index, BuiltInField.FirstName) = matched.Append(Encoding.UTF8.GetBytes(firstName ?? ""));
        matched.Fields[index] = matched.Append(Encoding.UTF8.GetBytes(fields ?? ""));
        matched.OfRow[row] = index;
        return matched;
    }

    static Outcome[] Decide(RowDecider decider, RowBlock rows, MatchedContacts? matched = null)
    {
        decider.Prepare(rows);
        decider.Decide(rows, matched ?? None(rows), nextId: 100);
        return decider.Decision.Outcome[..rows.Count];
    }

    [Fact]
    public void New_contacts_get_ids_in_order_of_row()
    {
        var (decider, rows) = (Decider(), Block(new TestRow("a@x.test"), new("b@x.test")));
        Assert.Equal([Outcome.Created, Outcome.Created], Decide(decider, rows));
        Assert.Equal([100, 101], decider.Decision.ContactId[..2]);
    }

    [Fact]
    public void A_later_row_with_the_same_key_is_a_duplicate_of_the_first()
    {
        var (decider, rows) = (Decider(), Block(new TestRow("a@x.test"), new("b@x.test"), new("A@X.test")));
        Assert.Equal([Outcome.Created, Outcome.Created, Outcome.Duplicate], Decide(decider, rows));
        Assert.Equal(2, decider.Decision.DuplicateOf[2]);
    }

    [Fact]
    public void A_valid_row_after_a_rejected_twin_is_no_duplicate()
    {
        var (decider, rows) = (Decider(), Block(new TestRow("a@x.test", Fault: ErrorCode.InvalidPhone), new("a@x.test")));
        Assert.Equal([Outcome.Rejected, Outcome.Created], Decide(decider, rows));
    }

    [Fact]
    public void A_row_that_the_mode_leaves_out_does_not_make_its_twin_a_duplicate()
    {
        var (decider, rows) = (Decider(ImportMode.UpdateOnly), Block(new TestRow("a@x.test"), new("a@x.test")));
        Assert.Equal([Outcome.Skipped, Outcome.Skipped], Decide(decider, rows));
    }

    [Fact]
    public void Keys_of_earlier_batches_are_remembered_and_those_of_a_rolled_back_batch_are_not()
    {
        var (decider, rows) = (Decider(), Block(new TestRow("a@x.test")));
        Decide(decider, rows);
        decider.RolledBack();
        Assert.Equal([Outcome.Created], Decide(decider, rows));
        decider.Committed(rows);
        var later = Rows.Block(1, 3, KeyKind.Email, Rows.Seed, last: true, new TestRow("a@x.test"));
        Assert.Equal([Outcome.Duplicate], Decide(decider, later));
        Assert.Equal(2, decider.Decision.DuplicateOf[0]);
    }

    [Fact]
    public void A_row_that_says_what_is_there_already_changes_nothing()
    {
        var rows = Block(new TestRow("A@x.test", FirstName: "Ann", City: "Pune"));
        var decider = Decider();
        Assert.Equal([Outcome.Unchanged], Decide(decider, rows, One(rows, 0, "a@x.test", "Ann", """{"7":"Pune"}""")));
        Assert.Empty(decider.Decision.Changes);
    }

    [Fact]
    public void Fields_that_the_row_does_not_name_stay()
    {
        var rows = Block(new TestRow("a@x.test", City: "Oslo"));
        var decider = Decider();
        Assert.Equal([Outcome.Updated], Decide(decider, rows, One(rows, 0, "a@x.test", "Ann", """{"3":true,"7":"Pune","9":12}""", phone: 61400000001)));
        var decision = decider.Decision;
        Assert.Equal("""{"3":true,"7":"Oslo","9":12}""", Encoding.UTF8.GetString(decision.Utf8(decision.ImageFields[0])));
        Assert.Equal("Ann", Encoding.UTF8.GetString(decision.Utf8(decision.ImageCells[(int)BuiltInField.FirstName])));
        Assert.Equal(61400000001, decision.ImagePhone[0]);
        var change = Assert.Single(decision.Changes);
        Assert.Equal(FieldChange.CustomFieldBase + Rows.CityField, change.Field);
        Assert.Equal("\"Pune\"", Encoding.UTF8.GetString(decision.Utf8(change.Before)));
        Assert.Equal(4, decision.RevAfter[0]);
        Assert.Equal(new WriteRef(Guid.Empty, 5, 6), decision.PreviousWrite[0]);
    }

    [Fact]
    public void A_cleared_field_is_emptied_and_its_value_kept_in_the_ledger()
    {
        var rows = Block(new TestRow("a@x.test", FirstName: "", City: ""));
        var decider = Decider();
        Assert.Equal([Outcome.Updated], Decide(decider, rows, One(rows, 0, "a@x.test", "Ann", """{"7":"Pune"}""")));
        Assert.True(decider.Decision.ImageFields[0].IsAbsent);
        Assert.True(decider.Decision.ImageCells[(int)BuiltInField.FirstName].IsAbsent);
        Assert.Equal(2, decider.Decision.Changes.Count);
    }

    [Theory]
    [InlineData(MergePolicy.Overwrite, "Ann", "Bo", "Bo")]
    [InlineData(MergePolicy.FillEmpty, "Ann", "Bo", "Ann")]
    [InlineData(MergePolicy.FillEmpty, null, "Bo", "Bo")]
    [InlineData(MergePolicy.Keep, null, "Bo", null)]
    public void Policies_decide_what_a_value_does_to_the_one_that_is_there(MergePolicy policy, string? before, string incoming, string? after)
    {
        var rules = MergeRules.Overwriting(KeyKind.Email, 1);
        rules.BuiltIn[(int)BuiltInField.FirstName] = policy;
        var rows = Block(new TestRow("a@x.test", FirstName: incoming));
        var decider = new RowDecider(rules, accepted);
        var outcome = Decide(decider, rows, One(rows, 0, "a@x.test", before))[0];
        if (before == after)
            Assert.Equal(Outcome.Unchanged, outcome);
        else
            Assert.Equal(after, Encoding.UTF8.GetString(decider.Decision.Utf8(decider.Decision.ImageCells[(int)BuiltInField.FirstName])));
    }

    [Fact]
    public void A_row_without_its_match_key_is_rejected()
    {
        var rows = Block(new TestRow(Phone: "61400000001"));
        Assert.Equal(ErrorCode.MissingMatchKey, rows.Fault[0]);
        Assert.Equal([Outcome.Rejected], Decide(Decider(), rows));
    }
}
