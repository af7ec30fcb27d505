using Muster.Contacts;
using Muster.Merging;
using Muster.Storage;

namespace Muster.Tests.Storage;

/// <summary>What every store's batch transaction does.</summary>
public abstract class BatchWriteContract : StoreContract
{
    static readonly CancellationToken None = CancellationToken.None;

    /// <summary>Makes the database refuse contacts whose first name is this, as a constraint would.</summary>
    private protected abstract void RefuseFirstName(OpenStores stores, string firstName);

    [Fact]
    public async Task New_contacts_are_found_again_by_key_with_all_their_values()
    {
        var import = await StartAsync();
        var result = await WriteAsync(import, 0, last: true, new TestRow("Zoë@x.test", "61400000001", "Zoë", "E-1", "São Paulo"), new TestRow("b@x.test"));
        Assert.Equal(2, Assert.IsType<BatchResult.Committed>(result).Total.Created);
        var contact = Assert.Single((await Stores.Contacts.ListAsync(import.Account, new(Email: "ZOË@x.test"), null, 10, None)).Items);
        Assert.Equal(("Zoë@x.test", 61400000001, "Zoë", "E-1"), (contact.Email, contact.Phone, contact.FirstName, contact.ExternalId));
        Assert.Equal("São Paulo", contact.Fields["city"]);
        Assert.Equal(contact.Id, Assert.Single((await Stores.Contacts.ListAsync(import.Account, new(Phone: 61400000001), null, 10, None)).Items).Id);
        Assert.Equal(contact.Id, Assert.Single((await Stores.Contacts.ListAsync(import.Account, new(ExternalId: "E-1"), null, 10, None)).Items).Id);
        var ended = await Stores.Imports.GetAsync(import.Account, import.Lease.ImportId, None);
        Assert.Equal(ImportStatus.Completed, ended!.Status);
        Assert.NotNull(ended.FinishedAt);
    }

    [Fact]
    public async Task A_batch_whose_contacts_have_more_text_than_it_may_hold_writes_nothing_and_says_how_many_rows_fit()
    {
        var rows = Enumerable.Range(0, 12).Select(i => new TestRow($"p{i}@x.test", City: new string('x', 1_000))).ToArray();
        await WriteAsync(await StartAsync(), 0, last: true, rows);
        var import = await StartAsync();
        var before = await AllAsync(import.Account);

        var block = Rows.Block(0, import.FirstRow, KeyKind.Email, Stores.Contacts.KeySeed(import.Account), last: true, [.. rows.Select(r => r with { City = "y" })]);
        ContactBatch Batch(RowBlock of) => new(import.Lease, of, Stores.Clock.GetUtcNow(), import.Lists, import.Tags, of.IsLast ? new(ImportStatus.Completed, null) : null) { MatchedBytesMax = 5_000 };
        var fit = Assert.IsType<BatchResult.TooLarge>(await Stores.Contacts.WriteAsync(Batch(block), import.Decider, None)).RowsThatFit;
        Assert.InRange(fit, 1, 5);
        Assert.Equivalent(before, await AllAsync(import.Account), strict: true);
        Assert.Equal(0, (await Stores.Imports.GetAsync(import.Account, import.Lease.ImportId, None))!.NextBatch);

        var part = block.Part(0, fit);
        Assert.Equal(fit, Assert.IsType<BatchResult.Committed>(await Stores.Contacts.WriteAsync(Batch(part), import.Decider, None)).Total.Updated);
        Assert.Equal(["y"], (await AllAsync(import.Account)).Take(fit).Select(c => c.Fields["city"]).Distinct());
    }

    [Fact]
    public async Task The_same_rows_again_change_nothing()
    {
        TestRow[] rows = [new("a@x.test", "61400000001", "Ann", City: "Pune"), new("b@x.test", FirstName: "Bo")];
        var account = (await StartAsync()).Account;
        await WriteAsync(await StartAsync(), 0, last: true, rows);
        var before = await AllAsync(account);
        Stores.Clock.Advance(TimeSpan.FromHours(1));
        var again = await WriteAsync(await StartAsync(), 0, last: true, rows);
        Assert.Equal(2, Assert.IsType<BatchResult.Committed>(again).Batch.Unchanged);
        Assert.Equivalent(before, await AllAsync(account), strict: true);
    }

    [Fact]
    public async Task A_changed_value_is_updated_and_its_before_image_stands_in_the_ledger()
    {
        var first = await StartAsync();
        await WriteAsync(first, 0, last: true, new TestRow("a@x.test", "61400000001", "Ann", City: "Pune"));
        var second = await StartAsync();
        var result = await WriteAsync(second, 0, last: true, new TestRow("A@x.test", "61400000002", City: "Oslo"));
        Assert.Equal(1, Assert.IsType<BatchResult.Committed>(result).Batch.Updated);
        var contact = Assert.Single(await AllAsync(second.Account));
        Assert.Equal(("a@x.test", 61400000002, "Ann", "Oslo", 2), (contact.Email, contact.Phone, contact.FirstName, contact.Fields["city"], contact.Rev));

        var ledger = await LedgerAsync(second, 0);
        Assert.Equal(
            [((int)BuiltInField.Phone, "61400000001"), (FieldChange.CustomFieldBase + second.City, "\"Pune\"")],
            ledger.Changes.Select(c => (c.Field, System.Text.Encoding.UTF8.GetString(c.Before!))));
        Assert.Equal(new WriteRef(first.Lease.ImportId, 0, 2), ledger.PreviousWrite[0]);
        Assert.Equal(2, ledger.RevAfter[0]);

        // The old number is free again, the new one is taken.
        var third = await StartAsync(KeyKind.Phone);
        result = await WriteAsync(third, 0, last: true, KeyKind.Phone, new TestRow(Phone: "61400000001"), new TestRow(Phone: "61400000002", FirstName: "Anna"));
        Assert.Equal((1, 1), (Assert.IsType<BatchResult.Committed>(result).Batch.Created, ((BatchResult.Committed)result).Batch.Updated));
    }

    [Fact]
    public async Task A_value_has_one_owner_and_the_first_row_that_carries_it_is_it()
    {
        var import = await StartAsync();
        await WriteAsync(import, 0, last: true, new TestRow("a@x.test", "61400000001"), new TestRow("b@x.test", "61400000001"));
        var ledger = await LedgerAsync(import, 0);
        Assert.Equal<byte>(new byte[] { 0b011, 0b010 }, ledger.KeysClaimed);
        var byPhone = await StartAsync(KeyKind.Phone);
        await WriteAsync(byPhone, 0, last: true, KeyKind.Phone, new TestRow(Phone: "61400000001", FirstName: "Owner"));
        Assert.Equal(["Owner", null], (await AllAsync(import.Account)).Select(c => c.FirstName));
    }

    [Fact]
    public async Task A_batch_that_is_committed_already_is_answered_from_its_ledger()
    {
        var import = await StartAsync();
        await WriteAsync(import, 0, last: false, new TestRow("a@x.test"), new TestRow("a@x.test"));
        await WriteAsync(import, 1, last: false, new TestRow("b@x.test"));
        var again = Assert.IsType<BatchResult.Committed>(await WriteAsync(import with { Decider = Decider(KeyKind.Email) }, 0, last: false, new TestRow("a@x.test"), new TestRow("a@x.test")));
        Assert.Equal((1, 1), (again.Batch.Created, again.Batch.Duplicate));
        Assert.Equal((2, 1), (again.Total.Created, again.Total.Duplicate));
        Assert.Equal(2, (await AllAsync(import.Account)).Count);
    }

    [Fact]
    public async Task A_batch_under_an_older_lease_writes_nothing()
    {
        var import = await StartAsync();
        await Stores.Imports.AbandonAsync(import.Lease, None);
        var claim = await Stores.Imports.ClaimAsync("another", smallOnly: false, None);
        Assert.Equal(import.Lease.Epoch + 1, claim!.Value.Lease.Epoch);
        Assert.IsType<BatchResult.Stopped>(await WriteAsync(import, 0, last: true, new TestRow("a@x.test")));
        Assert.Empty(await AllAsync(import.Account));
    }

    [Theory]
    [InlineData(ImportStatus.Paused)]
    [InlineData(ImportStatus.Canceled)]
    public async Task A_batch_of_an_import_that_no_longer_runs_writes_nothing_and_says_so(ImportStatus status)
    {
        var import = await StartAsync();
        await WriteAsync(import, 0, last: false, new TestRow("a@x.test"));
        await Stores.Imports.MoveAsync(import.Account, import.Lease.ImportId, [ImportStatus.Running], status, null, None);
        Assert.Equal(status, Assert.IsType<BatchResult.Stopped>(await WriteAsync(import, 1, last: true, new TestRow("b@x.test"))).Status);
        Assert.Single(await AllAsync(import.Account));
    }

    [Fact]
    public async Task A_row_that_the_database_refuses_costs_one_row()
    {
        RefuseFirstName(Stores, "poison");
        var import = await StartAsync();
        var result = Assert.IsType<BatchResult.Committed>(await WriteAsync(
            import, 0, last: true, new TestRow("a@x.test", FirstName: "Ann"), new TestRow("p@x.test", FirstName: "poison"), new TestRow("b@x.test"), new TestRow("p@x.test")));
        Assert.Equal((2, 1), (result.Batch.Created, result.Batch.Rejected));
        Assert.Equal(4, result.Batch.Read);
        var ledger = await LedgerAsync(import, 0);
        Assert.Equal(Outcome.Rejected, ledger.Outcome[1]);
        Assert.Contains(ledger.Errors, e => e is { Row: 1, Code: ErrorCode.StoreRejectedRow, Severity: Severity.Error });
        Assert.Equal(["a@x.test", "b@x.test"], (await AllAsync(import.Account)).Select(c => c.Email));
    }

    [Fact]
    public async Task A_refused_row_leaves_its_key_free_also_when_most_rows_are_new()
    {
        RefuseFirstName(Stores, "poison");
        var import = await StartAsync();
        await WriteAsync(import, 0, last: false, new TestRow("a@x.test"), new TestRow("b@x.test"), new TestRow("c@x.test"));
        var result = Assert.IsType<BatchResult.Committed>(await WriteAsync(
            import with { FirstRow = 5 }, 1, last: true, new TestRow("p@x.test", FirstName: "poison"), new TestRow("a@x.test"), new TestRow("d@x.test"), new TestRow("d@x.test")));
        Assert.Equal((1, 1, 2), (result.Batch.Created, result.Batch.Rejected, result.Batch.Duplicate));
        var again = await StartAsync();
        var fixedRow = Assert.IsType<BatchResult.Committed>(await WriteAsync(again, 0, last: true, new TestRow("p@x.test", FirstName: "Pia"), new TestRow("d@x.test")));
        Assert.Equal((1, 1), (fixedRow.Batch.Created, fixedRow.Batch.Unchanged));
        Assert.Equal(["a@x.test", "b@x.test", "c@x.test", "d@x.test", "p@x.test"], (await AllAsync(import.Account)).Select(c => c.Email).Order());
    }

    [Fact]
    public async Task Members_and_tags_are_added_once_and_noted_in_the_ledger()
    {
        var import = await StartAsync();
        var list = (await Stores.Contacts.EnsureListAsync(import.Account, "Customers", None)).Id;
        var tag = (await Stores.Contacts.EnsureTagAsync(import.Account, "vip", None)).Id;
        await WriteAsync(import with { Lists = [list], Tags = [tag] }, 0, last: true, new TestRow("a@x.test"), new TestRow("a@x.test"));
        var ledger = await LedgerAsync(import, 0);
        Assert.True(BatchDecision.IsMarked(ledger.MembersAdded[list], 0));
        Assert.False(BatchDecision.IsMarked(ledger.MembersAdded[list], 1));
        Assert.True(BatchDecision.IsMarked(ledger.TagsAdded[tag], 0));
        var contact = Assert.Single((await Stores.Contacts.ListAsync(import.Account, new(ListId: list), null, 10, None)).Items);
        Assert.Equal(["Customers"], contact.Lists);
        Assert.Equal(["vip"], contact.Tags);

        var again = await StartAsync();
        var result = await WriteAsync(again with { Lists = [list], Tags = [tag] }, 0, last: true, new TestRow("a@x.test"));
        Assert.Equal(1, Assert.IsType<BatchResult.Committed>(result).Batch.Unchanged);
        Assert.Empty((await LedgerAsync(again, 0)).MembersAdded);
    }

    [Fact]
    public async Task A_row_that_only_brings_its_contact_into_a_list_counts_as_updated()
    {
        await WriteAsync(await StartAsync(), 0, last: true, new TestRow("a@x.test"));
        var import = await StartAsync();
        var list = (await Stores.Contacts.EnsureListAsync(import.Account, "Late", None)).Id;
        var result = await WriteAsync(import with { Lists = [list] }, 0, last: true, new TestRow("a@x.test"));
        Assert.Equal(1, Assert.IsType<BatchResult.Committed>(result).Batch.Updated);
        Assert.Equal(1, Assert.Single(await AllAsync(import.Account)).Rev);
    }

    [Fact]
    public async Task Accounts_do_not_meet()
    {
        var mine = await StartAsync();
        await WriteAsync(mine, 0, last: true, new TestRow("a@x.test", FirstName: "Mine"));
        var theirs = await StartAsync(account: "theirs");
        Assert.Equal(1, Assert.IsType<BatchResult.Committed>(await WriteAsync(theirs, 0, last: true, new TestRow("a@x.test", FirstName: "Theirs"))).Batch.Created);
        Assert.Equal("Mine", Assert.Single(await AllAsync(mine.Account)).FirstName);
        Assert.Equal("Theirs", Assert.Single(await AllAsync(theirs.Account)).FirstName);
    }

    [Fact]
    public async Task A_deleted_contact_leaves_its_keys_free()
    {
        var import = await StartAsync();
        await WriteAsync(import, 0, last: true, new TestRow("a@x.test", "61400000001", ExternalId: "E"));
        var contact = Assert.Single(await AllAsync(import.Account));
        Assert.True(await Stores.Contacts.DeleteAsync(import.Account, contact.Id, None));
        var again = await StartAsync();
        Assert.Equal(1, Assert.IsType<BatchResult.Committed>(await WriteAsync(again, 0, last: true, new TestRow("a@x.test", "61400000001", ExternalId: "E"))).Batch.Created);
        Assert.Equal<byte>(new byte[] { 0b111 }, (await LedgerAsync(again, 0)).KeysClaimed);
        Assert.NotEqual(contact.Id, Assert.Single(await AllAsync(import.Account)).Id);
    }

    [Fact]
    public async Task Random_imports_agree_with_a_plain_model()
    {
        const int Seed = 4711;
        var random = new Random(Seed);
        var model = new SortedDictionary<string, (string? Phone, string? Name, string? City)>(StringComparer.Ordinal);
        var account = 0;
        for (var round = 0; round < 25; round++)
        {
            var import = await StartAsync();
            account = import.Account;
            long number = 2;
            var seen = new HashSet<string>();
            for (var batch = 0; batch < 3; batch++)
            {
                var rows = Enumerable.Range(0, random.Next(1, 40)).Select(_ => new TestRow(
                    $"{(char)('a' + random.Next(26))}{random.Next(3)}@x.test",
                    random.Next(3) switch { 0 => null, 1 => "", _ => $"6140000000{random.Next(10)}" },
                    random.Next(3) switch { 0 => null, 1 => "", _ => $"N{random.Next(5)}" },
                    City: random.Next(3) switch { 0 => null, 1 => "", _ => $"C{random.Next(5)}" },
                    Fault: random.Next(9) == 0 ? ErrorCode.InvalidPhone : ErrorCode.None)).ToArray();
                var result = Assert.IsType<BatchResult.Committed>(await WriteAsync(import with { FirstRow = number }, batch, last: batch == 2, rows));
                Assert.Equal(rows.Length, result.Batch.Read);
                number += rows.Length;
                foreach (var row in rows.Where(r => r.Fault == ErrorCode.None && seen.Add(r.Email!)))
                {
                    var old = model.GetValueOrDefault(row.Email!);
                    model[row.Email!] = (Merged(old.Phone, row.Phone), Merged(old.Name, row.FirstName), Merged(old.City, row.City));
                }
            }
        }
        var contacts = await AllAsync(account);
        Assert.Equal(
            model.Select(m => (m.Key, m.Value.Phone, m.Value.Name, m.Value.City)),
            contacts.OrderBy(c => c.Email, StringComparer.Ordinal).Select(c => (c.Email!, c.Phone?.ToString(), c.FirstName, (string?)c.Fields.GetValueOrDefault("city"))));

        static string? Merged(string? old, string? incoming) => incoming switch { null => old, "" => null, _ => incoming };
    }

    sealed record Started(int Account, ImportLease Lease, RowDecider Decider, int City, int[] Lists, int[] Tags, long FirstRow = 2);

    async Task<Started> StartAsync(KeyKind match = KeyKind.Email, string account = "main")
    {
        var id = (await Stores.Accounts.EnsureAsync(account, null, null, null, None)).Id;
        // The first id of an account is its city field: the builder of test rows writes that id.
        FieldDefinition? city = null;
        while (city is null || city.Id < Rows.CityField)
        {
            if (city is null && (await Stores.Contacts.FieldsAsync(id, None)).FirstOrDefault(f => f.Name == "city") is { } known)
                city = known;
            else if (await Stores.Contacts.FieldAsync(id, $"filler{Guid.CreateVersion7():N}", FieldType.Text) is { Id: Rows.CityField - 1 })
                city = await Stores.Contacts.FieldAsync(id, "city", FieldType.Text);
        }
        Assert.Equal(Rows.CityField, city.Id);
        await Stores.Imports.AcceptAsync(
            new()
            {
                Id = Guid.CreateVersion7(), AccountId = id, Kind = ImportKind.Import, Status = ImportStatus.Queued, Options = new(),
                Source = new("file", null, 0, "", null, "csv", "utf-8", ",", [], 0, true), CreatedAt = Stores.Clock.GetUtcNow(),
            },
            None);
        var claim = (await Stores.Imports.ClaimAsync("test", smallOnly: false, None))!.Value;
        return new(id, claim.Lease, Decider(match), city.Id, [], []);
    }

    RowDecider Decider(KeyKind match) => new(MergeRules.Overwriting(match, 1), Owned(new AcceptedKeys(1 << 20, Path.GetTempPath())));

    Task<BatchResult> WriteAsync(Started import, int batch, bool last, params TestRow[] rows) => WriteAsync(import, batch, last, KeyKind.Email, rows);

    async Task<BatchResult> WriteAsync(Started import, int batch, bool last, KeyKind match, params TestRow[] rows)
    {
        var block = Rows.Block(batch, import.FirstRow, match, Stores.Contacts.KeySeed(import.Account), last, rows);
        var end = last ? new BatchEnd(ImportStatus.Completed, null) : null;
        return await Stores.Contacts.WriteAsync(new(import.Lease, block, Stores.Clock.GetUtcNow(), import.Lists, import.Tags, end), import.Decider, None);
    }

    async Task<IReadOnlyList<Contact>> AllAsync(int account) => (await Stores.Contacts.ListAsync(account, new(), null, 1_000, None)).Items;

    async Task<LedgerBatch> LedgerAsync(Started import, int batch)
    {
        await foreach (var (number, blob) in Stores.Imports.LedgerAsync(import.Account, import.Lease.ImportId, batch, None))
        {
            Assert.Equal(batch, number);
            return Ledger.Decode(blob);
        }
        throw new InvalidOperationException("The batch has no ledger.");
    }
}
