using System.Globalization;
using System.Text;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Storage;
using Muster.Tests.Storage;

namespace Muster.Tests.Jobs;

/// <summary>All or nothing: an atomic import is in wholly, or has changed nothing.</summary>
public abstract class AtomicContract : StoreContract
{
    const int Rows = 200;
    static readonly CancellationToken None = CancellationToken.None;
    static readonly ImportOptions Atomic = new() { Atomic = true, Lists = ["Made"], Tags = ["made"], Hold = HoldRules.Off };

    /// <summary>Five batches; the city makes a field.</summary>
    static string Csv(params int[] bad)
    {
        var csv = new StringBuilder("email,first_name,city\n");
        for (var i = 0; i < Rows; i++)
            csv.Append(CultureInfo.InvariantCulture, $"{(bad.Contains(i) ? "no-address" : $"c{i % 190}@example.org")},New {i},Oslo\n");
        return csv.ToString();
    }

    static async Task<ImportScene> SceneAsync(OpenStores stores)
    {
        var scene = await ImportScene.EmptyAsync(stores);
        await scene.AcceptAsync("email,first_name\nc3@example.org,Old\nother@example.org,Else\n", new());
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        return scene;
    }

    static async Task<string> StateAsync(ImportScene scene)
    {
        var text = new StringBuilder();
        foreach (var c in await scene.ContactsAsync())
            text.Append(CultureInfo.InvariantCulture, $"{c.Id} {c.Email} {c.FirstName} {string.Join(',', c.Fields.Values)} [{string.Join(',', c.Lists)}] [{string.Join(',', c.Tags)}] rev {c.Rev}\n");
        text.AppendJoin(',', (await scene.Stores.Contacts.ListsAsync(scene.Account.Id, None)).Select(l => l.Name));
        text.AppendJoin(',', (await scene.Stores.Contacts.TagsAsync(scene.Account.Id, None)).Select(t => t.Name));
        text.AppendJoin(',', (await scene.Stores.Contacts.FieldsAsync(scene.Account.Id, None)).Select(f => f.Name));
        return text.ToString();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(199)]
    public async Task One_rejected_row_anywhere_leaves_everything_as_it_was(int bad)
    {
        using var scene = await SceneAsync(Open());
        var before = await StateAsync(scene);
        var id = await scene.AcceptAsync(Csv(bad), Atomic);
        await scene.RunPipelineAsync(scene.Stores.Contacts);

        var import = await scene.ImportAsync(id);
        Assert.Equal((ImportStatus.Failed, ErrorCode.AtomicRejected), (import.Status, import.Failure?.Code));
        Assert.Contains("1 of 200", import.Failure?.Detail, StringComparison.Ordinal);
        // Every row is answered, and none as if it were in.
        Assert.InRange(import.Counts.Duplicate, 9, 10);
        Assert.Equal(new ImportCounts(0, 0, 0, import.Counts.Duplicate, 0, 199 - import.Counts.Duplicate, 1, 0), import.Counts);
        Assert.Equal(before, await StateAsync(scene));
        Assert.False(await scene.RunPipelineAsync(scene.Stores.Contacts));
        var ledger = await scene.LedgerAsync(id);
        Assert.Equal(Rows, ledger.Sum(b => b.Ledger.Count));
        Assert.All(ledger, b => Assert.Equal(b.Ledger.Outcome.Count(o => o == Outcome.Skipped), b.Ledger.Errors.Count(e => e.Code == ErrorCode.AtomicRejected)));
    }

    [Fact]
    public async Task Without_rejected_rows_it_comes_to_what_any_import_would()
    {
        using var plain = await SceneAsync(Open());
        var expected = await plain.AcceptAsync(Csv(), Atomic with { Atomic = null });
        await plain.RunPipelineAsync(plain.Stores.Contacts);
        using var scene = await SceneAsync(Open());
        var id = await scene.AcceptAsync(Csv(), Atomic);
        Assert.Equal(ImportPhase.Checking, (await scene.ImportAsync(id)).Phase);
        await scene.RunPipelineAsync(scene.Stores.Contacts);

        var (import, same) = (await scene.ImportAsync(id), await plain.ImportAsync(expected));
        Assert.Equal((ImportStatus.Completed, ImportPhase.Writing, same.Counts, same.NextBatch, same.SourcePosition), (import.Status, import.Phase, import.Counts, import.NextBatch, import.SourcePosition));
        Assert.Equal(Regardless(await StateAsync(plain)), Regardless(await StateAsync(scene)));
        Assert.Empty(import.Warnings);
    }

    /// <summary>The check has used up ids.</summary>
    static IEnumerable<string> Regardless(string state) => state.Split('\n').Select(line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]);

    [Theory]
    [InlineData(0, ImportStatus.Failed)]
    [InlineData(200, ImportStatus.Held)]
    public async Task A_hold_rule_holds_the_check_unless_the_import_fails_anyway(int allowed, ImportStatus status)
    {
        using var scene = await SceneAsync(Open());
        var before = await StateAsync(scene);
        var id = await scene.AcceptAsync(Csv([.. Enumerable.Range(0, Rows).Where(i => i % 2 == 0)]), Atomic with { MaxRejects = allowed, Hold = new Dictionary<string, double?> { [HoldRules.MinRows] = 100 } });
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        Assert.Equal((status, ImportPhase.Checking), ((await scene.ImportAsync(id)).Status, (await scene.ImportAsync(id)).Phase));
        Assert.Equal(before, await StateAsync(scene));
        if (status != ImportStatus.Held)
            return;
        await scene.Stores.Imports.ApproveAsync(scene.Account.Id, id, None);
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        Assert.Equal((ImportStatus.Completed, 100L), ((await scene.ImportAsync(id)).Status, (await scene.ImportAsync(id)).Counts.Rejected));
    }

    [Theory]
    [InlineData(2, ImportStatus.Completed)]
    [InlineData(1, ImportStatus.Failed)]
    public async Task Max_rejects_says_how_many_it_may_have(int allowed, ImportStatus status)
    {
        using var scene = await SceneAsync(Open());
        var id = await scene.AcceptAsync(Csv(5, 150), Atomic with { MaxRejects = allowed });
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        var import = await scene.ImportAsync(id);
        Assert.Equal((status, 2L), (import.Status, import.Counts.Rejected));
        Assert.Equal(status == ImportStatus.Completed, import.Counts.Created > 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_crash_at_any_batch_of_either_phase_changes_nothing_of_what_it_comes_to(bool clean)
    {
        for (var crash = 0; crash < (clean ? 10 : 5); crash++)
        {
            foreach (var afterCommit in (bool[])[false, true])
            {
                using var scene = await SceneAsync(Open());
                var before = await StateAsync(scene);
                var id = await scene.AcceptAsync(clean ? Csv() : Csv(199), Atomic);
                var written = 0;
                var faulty = scene.Faulty(async (batch, write) =>
                {
                    if (written++ != crash)
                        return await write(batch);
                    if (afterCommit)
                        await write(batch);
                    throw new CrashException();
                });
                await Assert.ThrowsAsync<CrashException>(() => scene.RunPipelineAsync(faulty));
                scene.Stores.Reopen();
                await scene.RunPipelineAsync(scene.Stores.Contacts);
                var import = await scene.ImportAsync(id);
                Assert.Equal(clean ? ImportStatus.Completed : ImportStatus.Failed, import.Status);
                Assert.Equal(Rows, import.Counts.Read);
                if (clean)
                    Assert.Equal((189, 1, 10), ((int)import.Counts.Created, (int)import.Counts.Updated, (int)import.Counts.Duplicate));
                else
                    Assert.Equal(before, await StateAsync(scene));
            }
        }
    }

    [Fact]
    public async Task What_others_write_between_check_and_writing_takes_the_whole_import_back()
    {
        using var scene = await SceneAsync(Open());
        var list = await scene.Stores.Contacts.CreateListAsync(scene.Account.Id, "Small", new(MembersMax: 190), None);
        var before = await StateAsync(scene);
        var id = await scene.AcceptAsync(Csv(), Atomic with { ListIds = [list!.Id], Lists = null });
        var faulty = scene.Faulty(async (batch, write) =>
        {
            // The list has room for all while they are checked, and not when the last of them come.
            if ((await scene.ImportAsync(id)) is { Phase: ImportPhase.Writing } && batch.Rows.BatchNumber == 3)
                Assert.True(await scene.Stores.Contacts.ChangeListAsync(scene.Account.Id, list.Id, new(MembersMax: 130), None));
            return await write(batch);
        });
        await scene.RunPipelineAsync(faulty);
        var import = await scene.ImportAsync(id);
        Assert.Equal((ImportStatus.Failed, ErrorCode.AtomicRejected), (import.Status, import.Failure?.Code));
        Assert.Contains("Row 132", import.Failure?.Detail, StringComparison.Ordinal);
        Assert.Contains("list_full", import.Failure?.Detail, StringComparison.Ordinal);
        Assert.NotNull(import.UndoneBy);

        await scene.RunPipelineAsync(scene.Stores.Contacts); // its undo
        import = await scene.ImportAsync(id);
        Assert.Equal((ImportStatus.Undone, ErrorCode.AtomicRejected), (import.Status, import.Failure?.Code));
        Assert.Equal(Regardless(before.Replace("rev 1", "rev", StringComparison.Ordinal)), Regardless((await StateAsync(scene)).Replace("rev 3", "rev", StringComparison.Ordinal).Replace("rev 1", "rev", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(7, true)]
    public async Task Canceled_while_it_is_written_it_is_taken_back_and_while_it_is_checked_there_is_nothing_to_take_back(int at, bool undoes)
    {
        using var scene = await SceneAsync(Open());
        var id = await scene.AcceptAsync(Csv(), Atomic);
        var written = 0;
        var faulty = scene.Faulty(async (batch, write) =>
        {
            if (written++ == at)
                await scene.Stores.Imports.MoveAsync(scene.Account.Id, id, [ImportStatus.Running], ImportStatus.Canceled, new(ErrorCode.Canceled, "no"), None);
            return await write(batch);
        });
        await scene.RunPipelineAsync(faulty);
        var import = await scene.ImportAsync(id);
        Assert.Equal((ImportStatus.Canceled, undoes), (import.Status, import.UndoneBy is not null));
        Assert.Equal(undoes, await scene.RunPipelineAsync(scene.Stores.Contacts));
        Assert.Equal(["c3@example.org", "other@example.org"], (await scene.ContactsAsync()).Select(c => c.Email));
        Assert.Equal(["Old", "Else"], (await scene.ContactsAsync()).Select(c => c.FirstName));
        Assert.Empty(await scene.Stores.Contacts.ListsAsync(scene.Account.Id, None));
    }

    [Fact]
    public async Task A_rejected_row_keeps_its_plan_from_being_applied()
    {
        using var scene = await SceneAsync(Open());
        var id = await scene.AcceptAsync(Csv(7), Atomic with { DryRun = true });
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        var plan = await scene.ImportAsync(id);
        Assert.Equal((ImportStatus.Planned, ImportPhase.Writing, 1L), (plan.Status, plan.Phase, plan.Counts.Rejected));
        Assert.Contains(plan.Flags, f => f.Rule == HoldRules.MaxRejects && f.Limit == 0);
        var plans = new PlanApplication(scene.Settings, scene.Spool, scene.Stores.Imports, scene.Stores.Contacts, new(), TimeProvider.System);
        Assert.IsType<ApplyResult.Rejected>(await plans.ApplyAsync(scene.Account.Id, id, replan: false, None));
    }

    [Theory]
    [InlineData(false, ImportStatus.Undone, "Moved")]
    [InlineData(true, ImportStatus.Completed, "New 193")]
    public async Task A_contact_that_has_moved_since_the_plan_takes_the_apply_back_unless_it_is_planned_anew(bool replan, ImportStatus status, string name)
    {
        using var scene = await SceneAsync(Open());
        var csv = "email,first_name\nnew@example.org,New\n" + string.Concat(Enumerable.Range(0, 50).Select(i => $"n{i}@example.org,N\n")) + "other@example.org,New 193\n";
        var id = await scene.AcceptAsync(csv, Atomic with { DryRun = true });
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        var other = (await scene.ContactsAsync()).Single(c => c.Email == "other@example.org");
        var writer = new ContactWriter(scene.Settings, scene.Stores.Imports, scene.Stores.Contacts, TimeProvider.System);
        await writer.PatchAsync(scene.Account, other.Id, new(new Dictionary<string, string?> { ["first_name"] = "Moved" }), None);

        var plans = new PlanApplication(scene.Settings, scene.Spool, scene.Stores.Imports, scene.Stores.Contacts, new(), TimeProvider.System);
        var apply = Assert.IsType<ApplyResult.Accepted>(await plans.ApplyAsync(scene.Account.Id, id, replan, None)).Import;
        while (await scene.RunPipelineAsync(scene.Stores.Contacts))
        {
        }
        apply = await scene.ImportAsync(apply.Id);
        Assert.Equal(status, apply.Status);
        Assert.Equal(name, (await scene.ContactsAsync()).Single(c => c.Email == "other@example.org").FirstName);
        Assert.Equal(replan ? 53 : 2, (await scene.ContactsAsync()).Count);
    }
}
