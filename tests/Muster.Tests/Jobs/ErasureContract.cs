using System.Text;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Merging;
using Muster.Reports;
using Muster.Tests.Storage;

namespace Muster.Tests.Jobs;

/// <summary>What is left of an erased contact: its rows' outcomes.</summary>
public abstract class ErasureContract : StoreContract
{
    static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Every_write_of_an_erased_contact_becomes_a_tombstone_and_its_neighbours_stay()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        var first = await ImportAsync(scene, "email,first_name\nann@example.org,Ann\nbob@example.org,Bob\n");
        var second = await ImportAsync(scene, "email,first_name\nbob@example.org,Bobby\nann@example.org,Anna\nann@example.org,Annie\n");
        var ann = await FindAsync(scene, "ann@example.org");
        var writer = new ContactWriter(new(), scene.Stores.Imports, scene.Stores.Contacts, TimeProvider.System);
        await writer.PatchAsync(scene.Account, ann.Id, new(new Dictionary<string, string?> { ["first_name"] = "Hannah" }), None);
        var bob = await FindAsync(scene, "bob@example.org");
        var counts = (await scene.ImportAsync(second)).Counts;

        Assert.True(await scene.Stores.Contacts.DeleteAsync(scene.Account.Id, ann.Id, None));

        var created = Assert.Single(await scene.LedgerAsync(first)).Ledger;
        Assert.Equal([Outcome.Created, Outcome.Created], created.Outcome);
        Assert.Equal([0, bob.Id], created.ContactId);
        var updated = Assert.Single(await scene.LedgerAsync(second)).Ledger;
        Assert.Equal([Outcome.Updated, Outcome.Updated, Outcome.Duplicate], updated.Outcome);
        Assert.Equal((false, true), (updated.IsErased(0), updated.IsErased(1)));
        Assert.Equal("Bob", Encoding.UTF8.GetString(Assert.Single(updated.Changes).Before!)); // it had one
        Assert.Equal(counts, updated.Tally());
        Assert.Equal(counts, (await scene.ImportAsync(second)).Counts);
        var api = await scene.Stores.Imports.ApiLeaseAsync(scene.Account.Id, None);
        var patched = Assert.Single(await scene.LedgerAsync(api.ImportId)).Ledger;
        Assert.True(patched.IsErased(0));
        Assert.Empty(patched.Changes);
    }

    [Fact]
    public async Task A_plan_forgets_what_an_erased_contact_held_and_its_application_reports_the_row()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        await ImportAsync(scene, "email,first_name\nann@example.org,Ann\nbob@example.org,Bob\n");
        var plan = await scene.AcceptAsync("email,first_name\nann@example.org,Anna\nbob@example.org,Rob\n", new() { DryRun = true });
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        var ann = await FindAsync(scene, "ann@example.org");
        Assert.True(await Eraser(scene).EraseAsync(scene.Account.Id, ann.Id, None));

        var ledger = Assert.Single(await scene.LedgerAsync(plan)).Ledger;
        Assert.Equal((true, false), (ledger.IsErased(0), ledger.IsErased(1)));
        Assert.Equal("Bob", Encoding.UTF8.GetString(Assert.Single(ledger.Changes).Before!)); // it had one
        Assert.Equal([$"{(await FindAsync(scene, "bob@example.org")).Id} first_name +Rob", $"{(await FindAsync(scene, "bob@example.org")).Id} first_name -Bob"], await ContactStates.ToldAsync(scene, plan));
        var plans = new PlanApplication(scene.Settings, scene.Spool, scene.Stores.Imports, scene.Stores.Contacts, new(), TimeProvider.System);
        var apply = Assert.IsType<ApplyResult.Accepted>(await plans.ApplyAsync(scene.Account.Id, plan, replan: false, None)).Import.Id;
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        Assert.Equal((1L, 1L), ((await scene.ImportAsync(apply)).Counts.Skipped, (await scene.ImportAsync(apply)).Counts.Updated));
        Assert.Equal("bob@example.org", Assert.Single(await scene.ContactsAsync()).Email);
    }

    [Fact]
    public async Task A_source_keeps_its_length_its_records_and_the_other_contacts()
    {
        const string File = "email,first_name\r\nann@example.org,\"An\r\n\"\"n\"\"\"\r\nbad,Ben\r\nANN@example.org,Again\r\nbob@example.org,Bob\r\n";
        using var scene = await ImportScene.EmptyAsync(Open());
        var id = await ImportAsync(scene, File);
        var ann = await FindAsync(scene, "ann@example.org");

        Assert.True(await Eraser(scene).EraseAsync(scene.Account.Id, ann.Id, None));

        var import = await scene.ImportAsync(id);
        Assert.Equal(
            "email,first_name\r\n               ,\"  \r\n\"\" \"\"\"\r\nbad,Ben\r\n               ,     \r\nbob@example.org,Bob\r\n", await SourceAsync(scene, import));
        var reports = new ImportReports(scene.Stores.Imports, scene.Spool);
        var rejects = new MemoryStream();
        Assert.Equal(RejectsResult.Written, await reports.WriteRejectsAsync(import, rejects, None));
        Assert.Equal("email,first_name\r\nbad,Ben\r\n", Encoding.UTF8.GetString(rejects.ToArray()));
        Assert.Empty(await scene.Stores.Imports.SpoolErasuresAsync(10, None));
        Assert.False(await Eraser(scene).EraseAsync(scene.Account.Id, ann.Id, None));
    }

    [Fact]
    public async Task A_warning_about_an_erased_contact_shows_no_value()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        var id = await ImportAsync(scene, "email,phone\nann@example.org,0412 345 678 ext 9\n");
        var reports = new ImportReports(scene.Stores.Imports, scene.Spool);
        Assert.Contains("345", Assert.Single(await ErrorsAsync()).Value, StringComparison.Ordinal);

        await Eraser(scene).EraseAsync(scene.Account.Id, (await FindAsync(scene, "ann@example.org")).Id, None);

        var error = Assert.Single(await ErrorsAsync());
        Assert.Equal((2, ErrorCode.PhoneExtensionDropped), (error.RowNumber, error.Code));
        Assert.True(string.IsNullOrWhiteSpace(error.Value));

        async Task<List<ErrorEntry>> ErrorsAsync()
        {
            var errors = new List<ErrorEntry>();
            await foreach (var e in reports.ErrorsAsync(await scene.ImportAsync(id), from: null, None))
                errors.Add(e);
            return errors;
        }
    }

    [Fact]
    public async Task The_source_of_an_import_that_has_not_ended_is_blanked_when_it_has()
    {
        using var scene = await ImportScene.CreateAsync(Open());
        var paused = await scene.RunWorkerUntilAsync(
            scene.Faulty(async (batch, write) =>
            {
                var result = await write(batch);
                if (batch.Rows.BatchNumber == 1)
                    await scene.MoveAsync(ImportStatus.Running, ImportStatus.Paused);
                return result;
            }),
            ImportStatus.Paused);
        var contact = (await scene.ContactsAsync()).First(c => c.FirstName!.StartsWith("Zoë", StringComparison.Ordinal)); // every contact has one
        var before = await SourceAsync(scene, paused);

        await Eraser(scene).EraseAsync(scene.Account.Id, contact.Id, None);
        Assert.Equal(before, await SourceAsync(scene, paused));

        await scene.MoveAsync(ImportStatus.Paused, ImportStatus.Queued);
        var ended = await scene.RunWorkerUntilAsync(scene.Stores.Contacts, ImportStatus.Completed);
        Assert.Equal(ImportScene.Batches * ImportScene.RowsPerBatch, ended.Counts.Read);
        Assert.DoesNotContain(await scene.ContactsAsync(), c => c.Email == contact.Email);
        Assert.NotEqual(0, await Eraser(scene).BlankSourcesAsync(None));
        Assert.DoesNotContain(contact.FirstName!, await SourceAsync(scene, ended), StringComparison.Ordinal); // see above
        Assert.Equal(0, await Eraser(scene).BlankSourcesAsync(None));
    }

    [Fact]
    public async Task A_crash_between_erasing_and_blanking_loses_no_range()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        var id = await ImportAsync(scene, "email\nann@example.org\nbob@example.org\n");
        Assert.True(await scene.Stores.Contacts.DeleteAsync(scene.Account.Id, (await FindAsync(scene, "ann@example.org")).Id, None));
        scene.Stores.Reopen();

        Assert.Equal(1, await Eraser(scene).BlankSourcesAsync(None));
        Assert.Equal("email\n               \nbob@example.org\n", await SourceAsync(scene, await scene.ImportAsync(id)));
    }

    [Fact]
    public async Task Erasing_after_the_source_has_expired_leaves_nothing_to_blank()
    {
        using var scene = await ImportScene.EmptyAsync(Open());
        var id = await ImportAsync(scene, "email\nann@example.org\nbob@example.org\n");
        var name = (await scene.ImportAsync(id)).Source.Spool!; // kept so far
        Assert.True(await scene.Stores.Contacts.DeleteAsync(scene.Account.Id, (await FindAsync(scene, "bob@example.org")).Id, None));
        Assert.Equal([name], await scene.Stores.Imports.ExpireSourcesAsync(DateTimeOffset.MaxValue, None));
        scene.Spool.Delete(name);

        Assert.Empty(await scene.Stores.Imports.SpoolErasuresAsync(10, None));
        Assert.True(await Eraser(scene).EraseAsync(scene.Account.Id, (await FindAsync(scene, "ann@example.org")).Id, None));
        Assert.Empty(await scene.Stores.Imports.SpoolErasuresAsync(10, None));
    }

    static ContactEraser Eraser(ImportScene scene) => new(scene.Stores.Imports, scene.Stores.Contacts, scene.Spool);

    static async Task<Guid> ImportAsync(ImportScene scene, string csv)
    {
        var id = await scene.AcceptAsync(csv, new());
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        return id;
    }

    static async Task<Contact> FindAsync(ImportScene scene, string email) =>
        Assert.Single((await scene.Stores.Contacts.ListAsync(scene.Account.Id, new(Email: email), null, 2, None)).Items);

    static async Task<string> SourceAsync(ImportScene scene, Import import) =>
        Encoding.UTF8.GetString(await File.ReadAllBytesAsync(scene.Spool.PathOf(import.Source.Spool!))); // kept: nothing has expired
}
