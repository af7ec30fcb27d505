using System.Globalization;
using System.Text;
using Muster.Contacts;
using Muster.Storage;
using Muster.Tests.Storage;

namespace Muster.Tests.Jobs;

/// <summary>A suspicious import waits for a person, and goes on when one approves it.</summary>
public abstract class HoldContract : StoreContract
{
    static readonly CancellationToken None = CancellationToken.None;

    /// <summary>100 rows are judged; batches have 40.</summary>
    static readonly ImportOptions Judged = new() { Hold = new Dictionary<string, double?> { [HoldRules.MinRows] = 100 } };

    static string Csv(int rows, Func<int, bool> good)
    {
        var csv = new StringBuilder("email,first_name\n");
        for (var i = 0; i < rows; i++)
            csv.Append(CultureInfo.InvariantCulture, $"{(good(i) ? $"c{i}@example.org" : "no-address")},Ann\n");
        return csv.ToString();
    }

    [Fact]
    public async Task Too_many_rejects_hold_the_import_before_the_batch_that_passes_the_limit_commits()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        var id = await scene.AcceptAsync(Csv(400, i => i < 80), Judged);
        await scene.RunPipelineAsync(scene.Stores.Contacts);

        var import = await scene.ImportAsync(id);
        Assert.Equal((ImportStatus.Held, 2, 80), (import.Status, import.NextBatch, import.Counts.Read));
        var finding = import.Hold.First(f => f.Rule == HoldRules.RejectShare);
        Assert.Equal((0.3333, 0.3), (finding.Value, finding.Limit));
        Assert.Contains("40 of 120", finding.Message, StringComparison.Ordinal);
        Assert.Equal(new HoldExample(82, "email", "invalid_email"), finding.Examples[0]);
        Assert.Equal(HoldFinding.ExamplesMax, finding.Examples.Count);
        Assert.False(await scene.RunPipelineAsync(scene.Stores.Contacts));
    }

    [Theory]
    [InlineData("L000042", false)]
    [InlineData("Müller 12345", false)]
    [InlineData("株式会社12345", false)]
    [InlineData("+61 400 000 042", true)]
    [InlineData("1998-04-11", true)]
    [InlineData("20095", true)]
    [InlineData("ann@example.org", true)]
    public async Task Names_that_are_numbers_or_addresses_hold_the_import_and_those_with_a_number_behind_do_not(string name, bool held)
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        var csv = new StringBuilder("email,last_name\n");
        for (var i = 0; i < 200; i++)
            csv.Append(CultureInfo.InvariantCulture, $"c{i}@example.org,{name}\n");
        var id = await scene.AcceptAsync(csv.ToString(), Judged);
        await scene.RunPipelineAsync(scene.Stores.Contacts);

        var import = await scene.ImportAsync(id);
        Assert.Equal(held ? ImportStatus.Held : ImportStatus.Completed, import.Status);
        Assert.Equal(held, import.Hold.Any(f => f is { Rule: HoldRules.ColumnFit, Column: "last_name" }));
    }

    [Fact]
    public async Task An_approved_import_goes_on_from_its_checkpoint_and_the_same_rules_do_not_hold_it_again()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        var id = await scene.AcceptAsync(Csv(400, i => i < 80 || i % 2 == 0), Judged);
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        Assert.Equal(ImportStatus.Held, (await scene.ImportAsync(id)).Status);
        scene.Stores.Reopen();

        var approved = await scene.Stores.Imports.ApproveAsync(scene.Account.Id, id, None);
        Assert.Equal(ImportStatus.Queued, approved!.Status);
        Assert.All(approved.Hold, f => Assert.NotNull(f.ApprovedAt));
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        var import = await scene.ImportAsync(id);
        Assert.Equal((ImportStatus.Completed, 400, 160), (import.Status, import.Counts.Read, import.Counts.Rejected));
    }

    [Fact]
    public async Task What_was_counted_survives_a_crash()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        // 12 rejects in each batch of 40: 30 %, and one more in the last.
        var id = await scene.AcceptAsync(Csv(160, i => i % 40 >= 12 && i != 159), Judged);
        var faulty = scene.Faulty(async (batch, write) =>
        {
            var result = await write(batch);
            return batch.Rows.BatchNumber == 2 ? throw new CrashException() : result;
        });
        await Assert.ThrowsAsync<CrashException>(() => scene.RunPipelineAsync(faulty));
        scene.Stores.Reopen();
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        var import = await scene.ImportAsync(id);
        Assert.Equal((ImportStatus.Held, 120), (import.Status, import.Counts.Read));
        Assert.Contains("49 of 160", import.Hold[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_column_whose_values_do_not_fit_its_field_is_named()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        var csv = new StringBuilder("email,phone,first_name\n");
        for (var i = 0; i < 120; i++)
            csv.Append(CultureInfo.InvariantCulture, $"c{i}@example.org,Ann,+614000{i:00000}\n");
        var id = await scene.AcceptAsync(csv.ToString(), Judged with { OnInvalidValue = "drop_value" });
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        var import = await scene.ImportAsync(id);
        Assert.Equal(ImportStatus.Held, import.Status);
        Assert.Equal(["first_name", "phone"], import.Hold.Where(f => f.Rule == HoldRules.ColumnFit).Select(f => f.Column!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Clearing_many_fields_holds_the_import()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        await scene.AcceptAsync(Csv(120, _ => true), new());
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        var id = await scene.AcceptAsync(Csv(120, _ => true).Replace("Ann", "", StringComparison.Ordinal), Judged with { Blank = "clear" });
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        var import = await scene.ImportAsync(id);
        Assert.Equal((ImportStatus.Held, HoldRules.ClearedShare), (import.Status, Assert.Single(import.Hold).Rule));
        Assert.Equal("first_name", import.Hold[0].Examples[0].Column);
    }

    [Fact]
    public async Task Overwriting_much_or_sending_one_file_again_or_role_addresses_only_flag()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        await scene.AcceptAsync(Csv(120, _ => true), new());
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        var other = Csv(120, _ => true).Replace("Ann", "Bo", StringComparison.Ordinal);
        await scene.AcceptAsync(other, Judged);
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        var id = await scene.AcceptAsync(Csv(120, _ => true), Judged);
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        var import = await scene.ImportAsync(id);
        Assert.Equal((ImportStatus.Completed, 120), (import.Status, import.Counts.Updated));
        Assert.Equal([HoldRules.OverwrittenShare, HoldRules.SameFile], import.Flags.Select(f => f.Rule).Order(StringComparer.Ordinal));

        var roles = await scene.AcceptAsync("email\n" + string.Concat(Enumerable.Range(0, 20).Select(i => $"{(i < 10 ? "Info" : "ann")}@x{i}.test\n")), new());
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        Assert.Equal(HoldRules.RoleAddresses, Assert.Single((await scene.ImportAsync(roles)).Flags).Rule);
    }

    [Fact]
    public async Task A_rule_that_is_off_holds_nothing()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        var id = await scene.AcceptAsync(Csv(400, _ => false), new() { Hold = HoldRules.Off });
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        Assert.Equal((ImportStatus.Completed, 400), ((await scene.ImportAsync(id)).Status, (await scene.ImportAsync(id)).Counts.Rejected));
    }

    [Fact]
    public async Task Only_the_lease_that_runs_an_import_may_hold_it_and_only_a_held_one_is_approved()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        var id = await scene.AcceptAsync(Csv(4, _ => true), new());
        var imports = scene.Stores.Imports;
        var claim = await imports.ClaimAsync("a", smallOnly: false, None);
        var finding = new HoldFinding(HoldRules.Drift, 1, 0, "A column is new.", []);
        Assert.False(await imports.HoldAsync(claim!.Value.Lease with { Epoch = claim.Value.Lease.Epoch + 1 }, [finding], None));
        Assert.Equal(ImportStatus.Running, (await imports.ApproveAsync(scene.Account.Id, id, None))!.Status);
        Assert.True(await imports.HoldAsync(claim.Value.Lease, [finding], None));
        Assert.Equal(finding.Message, Assert.Single((await scene.ImportAsync(id)).Hold).Message);
        Assert.Null(await imports.ApproveAsync(scene.Account.Id + 1, id, None));
        Assert.Equal(ImportStatus.Queued, (await imports.ApproveAsync(scene.Account.Id, id, None))!.Status);
    }
}
