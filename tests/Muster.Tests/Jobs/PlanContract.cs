using System.Globalization;
using System.Text;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Merging;
using Muster.Storage;
using Muster.Tests.Storage;

namespace Muster.Tests.Jobs;

/// <summary>A plan predicts its application, row by row and field by field.</summary>
public abstract class PlanContract : StoreContract
{
    const int BatchRows = 4;
    static readonly CancellationToken None = CancellationToken.None;

    static int Runs => Environment.GetEnvironmentVariable("MUSTER_LONG") == "1" ? 400 : 25;

    [Fact]
    public async Task Over_random_cases_a_plan_predicts_counts_rows_and_every_field()
    {
        for (var seed = 1; seed <= Runs; seed++)
        {
            var random = new Random(seed);
            using var scene = await FilledAsync(random);
            var (csv, options) = Case(random);
            var told = $"seed {seed} {options}\n{csv}";
            var before = await ContactStates.OfAsync(scene);
            var planId = await PlanAsync(scene, csv, options);
            Assert.Equal(before.Keys, (await ContactStates.OfAsync(scene)).Keys);
            var planned = await NewAsync(scene, planId, [.. before.Keys]);

            var apply = await ApplyAsync(scene, planId, replan: random.Next(2) == 0);
            var plan = await scene.ImportAsync(planId);
            Assert.True((plan.Counts, plan.NextBatch) == (apply.Counts, apply.NextBatch), $"{plan.Counts}\n{apply.Counts}\n{told}");
            Assert.Equal(await RowsAsync(scene, planId), await RowsAsync(scene, apply.Id));
            await ContactStates.AssertToldAsync(scene, apply.Id, before, told);
            var made = await NewAsync(scene, apply.Id, [.. before.Keys]);
            Assert.True(planned.SequenceEqual(made), $"planned\n{string.Join('\n', planned)}\nmade\n{string.Join('\n', made)}\n{told}");
            Assert.Equal(planned, await NewAsync(scene, planId, [.. before.Keys])); // the plan still says what it said
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1_000)]
    public async Task Rows_that_meet_through_a_contact_of_an_earlier_row_are_planned_as_they_will_be_wherever_batches_are_cut(int batchRows)
    {
        using var scene = await ImportScene.EmptyAsync(Open(), batchRows);
        await scene.AcceptAsync("email,phone\nold@x.test,+61412345601\nother@x.test,+61412345602\n", new() { Hold = HoldRules.Off, Match = "email" });
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        var csv = """
            email,phone
            new@x.test,+61412345603
            ,+61412345603
            old@x.test,+61412345603
            old@x.test,+61412345604
            third@x.test,+61412345601
            other@x.test,+61412345604
            fourth@x.test,+61412345605

            """;
        var planId = await PlanAsync(scene, csv, new() { Hold = HoldRules.Off, Match = "email,phone" });
        Assert.Equal(
            ["2 Created 0 ", "3 Duplicate 2 DuplicateInFile", "4 Rejected 0 AmbiguousMatch", "5 Updated 0 ", "6 Duplicate 5 DuplicateInFile", "7 Rejected 0 AmbiguousMatch", "8 Created 0 "],
            await RowsAsync(scene, planId));
        var apply = await ApplyAsync(scene, planId, replan: false);
        Assert.Equal(0, apply.Counts.Warnings);
        Assert.Equal(await RowsAsync(scene, planId), await RowsAsync(scene, apply.Id));
        // A plan names no contact that there is not.
        var known = (await scene.ContactsAsync()).Select(c => c.Id).ToHashSet();
        Assert.Equal([1, 2], (await scene.LedgerAsync(planId)).SelectMany(b => b.Ledger.Candidates).GroupBy(c => c.ContactId).Select(g => g.Count()).Order());
        Assert.All((await scene.LedgerAsync(planId)).SelectMany(b => b.Ledger.Candidates), c => Assert.Contains(c.ContactId, known));
        Assert.Equal(4, (await scene.LedgerAsync(apply.Id)).Sum(b => b.Ledger.Candidates.Count));
    }

    [Fact]
    public async Task Contacts_that_move_between_plan_and_apply_are_caught_and_all_others_go_in_as_planned()
    {
        var caught = 0;
        for (var seed = 1_001; seed <= 1_000 + Runs; seed++)
        {
            var random = new Random(seed);
            using var scene = await FilledAsync(random);
            var (csv, options) = Case(random);
            options = options with { ListIds = null, OnListMember = null };
            var planId = await PlanAsync(scene, csv, options);
            var moved = new HashSet<int>();
            var writer = new ContactWriter(scene.Settings, scene.Stores.Imports, scene.Stores.Contacts, TimeProvider.System);
            foreach (var contact in (await scene.ContactsAsync()).Where(_ => random.Next(2) == 0))
            {
                moved.Add(contact.Id);
                if (random.Next(4) == 0)
                    Assert.True(await scene.Stores.Contacts.DeleteAsync(scene.Account.Id, contact.Id, None));
                else
                    await writer.PatchAsync(scene.Account, contact.Id, new(new Dictionary<string, string?> { ["company"] = "Moved" }), None);
            }
            var apply = await ApplyAsync(scene, planId, replan: false);
            var (plan, done) = ((await scene.LedgerAsync(planId)), (await scene.LedgerAsync(apply.Id)));
            foreach (var ((_, was), (_, now)) in plan.Zip(done))
            {
                for (var row = 0; row < was.Count; row++)
                {
                    var conflict = now.Errors.Any(e => e.Row == row && e.Code == ErrorCode.PlanConflict);
                    caught += conflict ? 1 : 0;
                    if (conflict)
                        Assert.False(now.Outcome[row].IsAccepted());
                    else
                        Assert.True(was.Outcome[row] == now.Outcome[row] && (was.Outcome[row] == Outcome.Created || was.IsErased(row) || !was.Outcome[row].IsAccepted() || was.ContactId[row] == now.ContactId[row]), $"seed {seed} row {was.RowNumber[row]}: {was.Outcome[row]} {now.Outcome[row]}");
                    // Whatever the plan was going to overwrite, and somebody has written to since, is not overwritten.
                    if (was.RevAfter[row] > 1 && moved.Contains(was.ContactId[row]))
                        Assert.True(conflict, $"seed {seed} row {was.RowNumber[row]}");
                }
            }
            foreach (var contact in (await scene.ContactsAsync()).Where(c => moved.Contains(c.Id)))
                Assert.Equal("Moved", contact.Company);
        }
        Assert.True(caught > 0, "No case moved a contact that its plan meant.");
    }

    [Fact]
    public async Task A_list_with_a_limit_is_planned_over_all_batches()
    {
        using var scene = await ImportScene.EmptyAsync(Open(), BatchRows);
        var list = await scene.Stores.Contacts.CreateListAsync(scene.Account.Id, "Small", new(MembersMax: 6), None);
        var csv = "email\n" + string.Concat(Enumerable.Range(0, 20).Select(i => $"c{i}@x.test\n"));
        var planId = await PlanAsync(scene, csv, new() { ListIds = [list!.Id], Hold = HoldRules.Off });
        Assert.Equal((6L, 14L), ((await scene.ImportAsync(planId)).Counts.Created, (await scene.ImportAsync(planId)).Counts.Rejected));
        Assert.Equal((await scene.ImportAsync(planId)).Counts, (await ApplyAsync(scene, planId, replan: false)).Counts);
    }

    [Fact]
    public async Task A_list_with_a_limit_that_rows_name_is_planned_over_all_batches()
    {
        using var scene = await ImportScene.EmptyAsync(Open(), BatchRows);
        await scene.Stores.Contacts.CreateListAsync(scene.Account.Id, "Small", new(MembersMax: 6), None);
        var mapping = new Dictionary<string, string> { ["in"] = "lists", ["out"] = "lists:remove" };
        await scene.AcceptAsync("email,in,out\nm0@x.test,Small,\nm1@x.test,Small,\nm2@x.test,Small,\n", new() { Hold = HoldRules.Off, Mapping = mapping });
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        // One goes in the first batch, and makes room for those of the later ones.
        var csv = "email,in,out\nm1@x.test,,Small\na@x.test,,\nb@x.test,,\nc@x.test,,\n" + string.Concat(Enumerable.Range(0, 20).Select(i => $"c{i}@x.test,Small,\n"));
        var planId = await PlanAsync(scene, csv, new() { Hold = HoldRules.Off, Mapping = mapping });
        Assert.Equal((7L, 16L), ((await scene.ImportAsync(planId)).Counts.Created, (await scene.ImportAsync(planId)).Counts.Rejected));
        Assert.Equal((await scene.ImportAsync(planId)).Counts, (await ApplyAsync(scene, planId, replan: false)).Counts);
    }

    [Fact]
    public async Task What_would_hold_the_import_is_flagged_by_its_plan_and_does_not_hold_the_apply()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        var csv = "email,first_name\n" + string.Concat(Enumerable.Range(0, 200).Select(i => i % 2 == 0 ? $"c{i}@x.test,Ann\n" : "no-address,Ann\n"));
        var options = new ImportOptions { Hold = new Dictionary<string, double?> { [HoldRules.MinRows] = 100 }, MaxRejects = 50 };
        var planId = await PlanAsync(scene, csv, options);
        var plan = await scene.ImportAsync(planId);
        Assert.Equal((ImportStatus.Planned, 200L), (plan.Status, plan.Counts.Read));
        Assert.Empty(plan.Hold);
        Assert.Equal([HoldRules.MaxRejects, HoldRules.RejectShare], plan.Flags.Select(f => f.Rule).Order(StringComparer.Ordinal));
        Assert.Equal((0.5, 0.3), (plan.Flags.Single(f => f.Rule == HoldRules.RejectShare).Value, plan.Flags.Single(f => f.Rule == HoldRules.RejectShare).Limit));
        Assert.Equal(ImportStatus.Completed, (await ApplyAsync(scene, planId, replan: false)).Status);
        var held = await scene.AcceptAsync(csv, options with { MaxRejects = null });
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        Assert.Equal(ImportStatus.Held, (await scene.ImportAsync(held)).Status);
    }

    static async Task<Guid> PlanAsync(ImportScene scene, string csv, ImportOptions options)
    {
        var id = await scene.AcceptAsync(csv, options with { DryRun = true });
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        Assert.Equal(ImportStatus.Planned, (await scene.ImportAsync(id)).Status);
        return id;
    }

    static async Task<Import> ApplyAsync(ImportScene scene, Guid planId, bool replan)
    {
        var plans = new PlanApplication(scene.Settings, scene.Spool, scene.Stores.Imports, scene.Stores.Contacts, new(), TimeProvider.System);
        var accepted = Assert.IsType<ApplyResult.Accepted>(await plans.ApplyAsync(scene.Account.Id, planId, replan, None)).Import.Id;
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        var apply = await scene.ImportAsync(accepted);
        Assert.Equal(ImportStatus.Completed, apply.Status);
        return apply;
    }

    /// <summary>Row, outcome, winner and codes.</summary>
    static async Task<List<string>> RowsAsync(ImportScene scene, Guid id) =>
    [
        .. (await scene.LedgerAsync(id)).SelectMany(b => Enumerable.Range(0, b.Ledger.Count).Select(row =>
            $"{b.Ledger.RowNumber[row]} {b.Ledger.Outcome[row]} {b.Ledger.DuplicateOf[row]} {string.Join(',', b.Ledger.Errors.Where(e => e.Row == row).Select(e => e.Code))}")),
    ];

    /// <summary>What was told, with new for contacts that are not known: a plan does not know their ids.</summary>
    static async Task<List<string>> NewAsync(ImportScene scene, Guid id, HashSet<int> known) =>
    [
        .. (await ContactStates.ToldAsync(scene, id))
            .Select(line => line.Split(' ', 2)).Select(p => $"{(int.TryParse(p[0], CultureInfo.InvariantCulture, out var contact) && known.Contains(contact) ? p[0] : "new")} {p[1]}")
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>An account with contacts, a list with some of them in it, somebody who opted out, and a suppressed domain.</summary>
    async Task<ImportScene> FilledAsync(Random random)
    {
        var scene = await ImportScene.EmptyAsync(Open(), BatchRows);
        await scene.AcceptAsync(Rows(random, 10), new() { Lists = ["List0"], Tags = ["tag0"], Hold = HoldRules.Off, Match = random.Next(2) == 0 ? "email" : "phone" });
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        await scene.AcceptAsync("email\np3@example.org\n", new() { Consent = new("opted_out"), Hold = HoldRules.Off });
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        await scene.Stores.Contacts.Suppressions.AddAsync(scene.Account.Id, [new("domain", "gone.test", null, TimeProvider.System.GetUtcNow())], None);
        return scene;
    }

    static (string Csv, ImportOptions Options) Case(Random random) => (Rows(random, random.Next(1, 16)), new()
    {
        Hold = HoldRules.Off,
        Match = Pick(random, "email", "phone", "external_id", "external_id,phone,email", "email,phone", "phone,external_id"),
        Mode = Pick(random, null, null, "create_only", "update_only"),
        Policy = Pick(random, null, "overwrite", "fill_empty", "keep", "append"),
        Blank = Pick(random, null, "keep", "clear"),
        ClearToken = Pick(random, null, "-"),
        OnDuplicateRow = Pick(random, null, "first", "last"),
        OnInvalidValue = Pick(random, null, "drop_value"),
        OnListMember = Pick(random, null, null, "skip"),
        Lists = Pick(random, null, (string[])["List0"], ["New list"], ["List0", "New list"]),
        Tags = Pick(random, null, (string[])["tag0", "new tag"]),
        Mapping = Pick(random, null, new Dictionary<string, string> { ["in"] = "lists", ["out"] = "lists:remove", ["tag"] = "tags", ["off"] = "tags:remove" }),
        Policies = Pick(random, null, new Dictionary<string, string> { ["first_name"] = "keep", ["field:city"] = "append" }),
    });

    static T Pick<T>(Random random, params T[] of) => of[random.Next(of.Length)];

    static string Rows(Random random, int count)
    {
        var csv = new StringBuilder("email,phone,external_id,first_name,city,height,unsubscribed,in,out,tag,off\n");
        for (var i = 0; i < count; i++)
        {
            csv.AppendJoin(',',
                Pick(random, $"p{random.Next(8)}@example.org", $"P{random.Next(8)}@Example.org", $"x{random.Next(3)}@gone.test", "", "no-address"),
                Pick(random, "", $"+614123456{random.Next(8):00}", $"+614123456{random.Next(8):00}", "12"),
                Pick(random, "", $"id{random.Next(6)}", $"id{random.Next(6)}"),
                Pick(random, "", "-", $"N{random.Next(3)}"), Pick(random, "", $"C{random.Next(3)}", "\"C1;C2\"", "-"), Pick(random, "", "1.8", "tall"), Pick(random, "", "", "", "yes"),
                Pick(random, "", "List0", "New list", "List9;List0"), Pick(random, "", "", "List0", "New list", "List9"), Pick(random, "", "tag0", "new tag", "other tag"), Pick(random, "", "", "tag0", "new tag", "other tag")).Append('\n');
        }
        return csv.ToString();
    }
}
