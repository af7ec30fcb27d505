using Muster.Contacts;
using Muster.Jobs;
using Muster.Tests.Storage;

namespace Muster.Tests.Jobs;

/// <summary>Ledgers are kept for a time; counts for good.</summary>
public abstract class LedgerExpiryContract : StoreContract
{
    static readonly CancellationToken None = CancellationToken.None;
    static readonly DateTimeOffset Later = TimeProvider.System.GetUtcNow().AddDays(1);

    [Fact]
    public async Task Ledgers_of_imports_undos_and_plans_go_and_their_counts_stay()
    {
        using var scene = await ImportScene.CreateAsync(Open());
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        var plan = await scene.AcceptAsync("email\nx@example.org\n", new() { DryRun = true });
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        var undo = Assert.IsType<ReversalResult.Accepted>(await Reversal(scene).UndoAsync(scene.Account.Id, scene.ImportId, new(), preview: false, None)).Import.Id;
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        var counts = (await scene.ImportAsync()).Counts;

        Assert.Equal(0, await scene.Stores.Imports.ExpireLedgersAsync(TimeProvider.System.GetUtcNow().AddDays(-1), 10, None));
        Assert.NotEmpty(await scene.LedgerAsync());
        Assert.Equal(3, await scene.Stores.Imports.ExpireLedgersAsync(Later, 3, None));
        Assert.Equal(1, await scene.Stores.Imports.ExpireLedgersAsync(Later, 3, None));
        Assert.Equal(0, await scene.Stores.Imports.ExpireLedgersAsync(Later, 3, None));
        foreach (var id in (Guid[])[scene.ImportId, plan, undo])
        {
            Assert.Empty(await scene.LedgerAsync(id));
            Assert.NotNull((await scene.ImportAsync(id)).LedgerExpiredAt);
        }
        Assert.Equal(counts, (await scene.ImportAsync()).Counts);
        Assert.IsType<ReversalResult.Expired>(await Reversal(scene).RedoAsync(scene.Account.Id, scene.ImportId, new(), preview: false, None));
        var changes = new ImportChanges(scene.Settings, scene.Spool, scene.Stores.Imports, scene.Stores.Contacts);
        Assert.Equal(ErrorCode.LedgerExpired, await changes.RefuseAsync(await scene.ImportAsync(), None));
        Assert.IsType<ApplyResult.WrongStatus>(await new PlanApplication(scene.Settings, scene.Spool, scene.Stores.Imports, scene.Stores.Contacts, new(), TimeProvider.System).ApplyAsync(scene.Account.Id, plan, replan: false, None));
    }

    [Fact]
    public async Task The_ledger_that_an_unfinished_undo_works_through_stays()
    {
        using var scene = await ImportScene.CreateAsync(Open());
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        Assert.IsType<ReversalResult.Accepted>(await Reversal(scene).UndoAsync(scene.Account.Id, scene.ImportId, new(), preview: false, None));
        Assert.Equal(1, await scene.Stores.Imports.ExpireLedgersAsync(Later, 10, None)); // the earlier import's
        Assert.NotEmpty(await scene.LedgerAsync());
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        Assert.Equal(ImportStatus.Undone, (await scene.ImportAsync()).Status);
    }

    [Fact]
    public async Task A_contact_whose_earlier_writes_are_forgotten_is_still_undone_by_a_later_import()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        await scene.AcceptAsync("email,first_name\na@example.org,Ann\n", new());
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        Assert.Equal(1, await scene.Stores.Imports.ExpireLedgersAsync(Later, 10, None));
        var id = await scene.AcceptAsync("email,first_name\na@example.org,Anna\nb@example.org,Bob\n", new());
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        Assert.IsType<ReversalResult.Accepted>(await Reversal(scene).UndoAsync(scene.Account.Id, id, new(), preview: false, None));
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        Assert.Equal(("a@example.org", "Ann"), Assert.Single((await scene.ContactsAsync()).Select(c => (c.Email, c.FirstName))));
    }

    static ImportReversal Reversal(ImportScene scene) => new(scene.Settings, scene.Stores.Imports, scene.Stores.Contacts, new(), TimeProvider.System);
}
