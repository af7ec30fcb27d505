using System.Globalization;
using System.Text;
using Muster.Contacts;
using Muster.Tests.Storage;

namespace Muster.Tests.Jobs;

/// <summary>How the rows of an import meet contacts and each other, by its options.</summary>
public abstract class MergeContract : StoreContract
{
    static readonly CancellationToken None = CancellationToken.None;
    const int Seed = 20261124;

    static async Task<Import> RunAsync(ImportScene scene, string csv, ImportOptions? options = null)
    {
        var id = await scene.AcceptAsync(csv, options ?? new());
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        return await scene.ImportAsync(id);
    }

    static async Task<string[]> OutcomesAsync(ImportScene scene, Import import) =>
        [.. (await scene.LedgerAsync(import.Id)).SelectMany(b => Enumerable.Range(0, b.Ledger.Count)
            .Select(r => b.Ledger.DuplicateOf[r] == 0 ? $"{b.Ledger.Outcome[r]}" : $"{b.Ledger.Outcome[r]} {b.Ledger.DuplicateOf[r]}"))];

    [Fact]
    public async Task The_last_of_several_rows_with_one_key_counts_and_each_other_names_it()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        var csv = new StringBuilder("email,first_name\na@x.test,1\nb@x.test,2\na@x.test,3\n");
        for (var i = 0; i < 100; i++)
            csv.Append(CultureInfo.InvariantCulture, $"c{i}@x.test,C\n");
        csv.Append("A@x.test,5\nno-address,6\na@x.test,\0\n");
        var import = await RunAsync(scene, csv.ToString(), new() { OnDuplicateRow = "last" });
        var outcomes = await OutcomesAsync(scene, import);
        Assert.Equal(["Duplicate 105", "Created", "Duplicate 105"], outcomes[..3]);
        Assert.Equal(["Created", "Rejected", "Rejected"], outcomes[^3..]);
        Assert.Equal("5", (await scene.ContactsAsync()).Single(c => c.Email == "A@x.test").FirstName);
    }

    [Fact]
    public async Task The_last_row_counts_after_a_crash_too()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        var csv = "email,first_name\n" + string.Concat(Enumerable.Range(0, 400).Select(i => $"c{i % 90}@x.test,{i}\n"));
        var id = await scene.AcceptAsync(csv, new() { OnDuplicateRow = "last" });
        await Assert.ThrowsAsync<CrashException>(() => scene.RunPipelineAsync(scene.Faulty(async (batch, write) =>
        {
            var result = await write(batch);
            return batch.Rows.BatchNumber == 7 ? throw new CrashException() : result;
        })));
        scene.Stores.Reopen();
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        var import = await scene.ImportAsync(id);
        Assert.Equal((90, 310), (import.Counts.Created, import.Counts.Duplicate));
        Assert.All(await scene.ContactsAsync(), c => Assert.InRange(int.Parse(c.FirstName!, CultureInfo.InvariantCulture), 310, 399));
    }

    [Fact]
    public async Task Kinds_of_keys_are_tried_and_one_that_is_there_is_enough()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        await RunAsync(scene, "email,phone,external_id,first_name\nann@x.test,+61400000001,E1,Ann\nbo@x.test,+61400000002,,Bo\n");
        var import = await RunAsync(
            scene, "email,phone,external_id,first_name\nother@x.test,,E1,Anna\n,+61400000002,E2,Bob\nnew@x.test,,,New\n,,,Nobody\n", new() { Match = "external_id,phone,email" });
        Assert.Equal(["Updated", "Updated", "Created", "Rejected"], await OutcomesAsync(scene, import));
        var contacts = await scene.ContactsAsync();
        Assert.Equal(("other@x.test", "Anna"), (contacts[0].Email, contacts[0].FirstName));
        Assert.Equal(("E2", "Bob"), (contacts[1].ExternalId, contacts[1].FirstName));
        Assert.Equal(ErrorCode.MissingMatchKey, (await scene.LedgerAsync(import.Id))[0].Ledger.Errors.Single(e => e.Severity == Severity.Error).Code);
    }

    [Fact]
    public async Task Keys_that_belong_to_different_contacts_reject_the_row_and_name_them()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        await RunAsync(scene, "email,phone\nann@x.test,+61400000001\nbo@x.test,+61400000002\n");
        var contacts = await scene.ContactsAsync();
        var import = await RunAsync(
            scene, "email,phone,external_id\nann@x.test,+61400000002,X\ncy@x.test,+61400000003,\ncy@x.test,+61400000001,\n", new() { Match = "email,phone" });
        Assert.Equal(["Rejected", "Created", "Rejected"], await OutcomesAsync(scene, import));
        var ledger = (await scene.LedgerAsync(import.Id))[0].Ledger;
        Assert.Equal([ErrorCode.AmbiguousMatch, ErrorCode.AmbiguousMatch], ledger.Errors.Select(e => e.Code));
        Assert.Equal([(0, contacts[0].Id), (0, contacts[1].Id)], ledger.Candidates.Where(c => c.Row == 0));
        Assert.Equal([(2, ledger.ContactId[1]), (2, contacts[0].Id)], ledger.Candidates.Where(c => c.Row == 2));
    }

    [Fact]
    public async Task Two_rows_that_find_one_contact_by_different_keys_are_one_contact_also_across_batches()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        await RunAsync(scene, "email,phone\nann@x.test,+61400000001\n");
        var csv = new StringBuilder("email,phone,first_name\nann@x.test,,Anna\n,+61400000001,Annie\n");
        for (var i = 0; i < 60; i++)
            csv.Append(CultureInfo.InvariantCulture, $"c{i}@x.test,,C\n");
        csv.Append(",+61400000001,Andy\n");
        var outcomes = await OutcomesAsync(scene, await RunAsync(scene, csv.ToString(), new() { Match = "email,phone" }));
        Assert.Equal(["Updated", "Duplicate 2"], outcomes[..2]);
        Assert.Equal("Duplicate 2", outcomes[^1]);
        Assert.Equal("Anna", (await scene.ContactsAsync())[0].FirstName);
    }

    [Fact]
    public async Task Appending_unites_sets_and_a_second_time_changes_nothing()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        await RunAsync(scene, "email,colours,company,first_name\nann@x.test,red;blue,Acme,Ann\n");
        var options = new ImportOptions { Policy = "append", Policies = new Dictionary<string, string> { ["company"] = "append" } };
        const string Csv = "email,colours,company,first_name\nann@x.test,Blue; \"green\",Bolt,Anna\n";
        Assert.Equal(1, (await RunAsync(scene, Csv.Replace("\"green\"", "green", StringComparison.Ordinal), options)).Counts.Updated);
        var contact = Assert.Single(await scene.ContactsAsync());
        Assert.Equal(("red;blue;green", "Acme;Bolt", "Anna"), (contact.Fields["colours"], contact.Company, contact.FirstName));
        Assert.Equal(1, (await RunAsync(scene, Csv.Replace("\"green\"", "green", StringComparison.Ordinal), options)).Counts.Unchanged);
        Assert.Equal(contact.UpdatedAt, Assert.Single(await scene.ContactsAsync()).UpdatedAt);
    }

    [Fact]
    public async Task Too_many_rejects_end_the_import_behind_the_last_of_them_and_what_was_committed_stays()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        var csv = "email\n" + string.Concat(Enumerable.Range(0, 200).Select(i => i % 10 == 9 ? "bad\n" : $"c{i}@x.test\n"));
        var import = await RunAsync(scene, csv, new() { MaxRejects = 9 });
        Assert.Equal((ImportStatus.Failed, ErrorCode.TooManyRejects), (import.Status, import.Failure?.Code));
        Assert.Equal((100, 90, 10), (import.Counts.Read, import.Counts.Created, import.Counts.Rejected));
        Assert.Equal(90, (await scene.ContactsAsync()).Count);
        Assert.Equal(ImportStatus.Completed, (await RunAsync(scene, csv, new() { MaxRejects = 20 })).Status);
    }

    /// <summary>Random imports by random options against a plain model: every outcome, every winner, every field.</summary>
    [Fact]
    public async Task Random_imports_come_out_as_a_plain_model_says()
    {
        var random = new Random(Seed);
        for (var round = 0; round < 12; round++)
        {
            using var scene = await ImportScene.EmptyAsync(Open());
            var model = new MergeModel();
            for (var n = 0; n < 4; n++)
            {
                var options = new ImportOptions
                {
                    Match = Pick(random, "email", "phone", "email,phone", "external_id,phone,email"),
                    Mode = Pick(random, "upsert", "upsert", "upsert", "create_only", "update_only"),
                    Policy = Pick(random, "overwrite", "fill_empty", "keep", "append"),
                    Blank = Pick(random, "keep", "clear"),
                    OnDuplicateRow = Pick(random, "first", "last"),
                    Hold = HoldRules.Off,
                };
                var rows = Enumerable.Range(0, random.Next(1, 90)).Select(_ => MergeModel.Row.Random(random)).ToArray();
                // One field may belong to no two contacts, or who matches is a matter of the store's key table: the model keeps to files where it cannot.
                var expected = model.Import(rows, options);
                var import = await RunAsync(scene, MergeModel.Row.Csv(rows), options);
                var outcomes = await OutcomesAsync(scene, import);
                for (var i = 0; i < rows.Length; i++)
                    Assert.True(expected[i] == outcomes[i], $"seed {Seed} round {round} import {n} row {i + 2}: {rows[i]} {options.Match} {options.Mode} {options.OnDuplicateRow}: model {expected[i]}, Muster {outcomes[i]}");
                var actual = (await scene.ContactsAsync()).Select(MergeModel.Text);
                Assert.Equal(model.Contacts.Select(c => c.ToString()), actual);
            }
        }
    }

    static string Pick(Random random, params string[] words) => words[random.Next(words.Length)];
}
