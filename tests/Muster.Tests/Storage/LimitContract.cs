using System.Globalization;
using System.Text;
using Muster.Contacts;
using Muster.Storage;
using Muster.Tests.Jobs;

namespace Muster.Tests.Storage;

/// <summary>What an account may use, and what it uses.</summary>
public abstract class LimitContract : StoreContract
{
    static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Rows_beyond_the_quota_are_rejected_and_known_contacts_are_still_updated()
    {
        using var scene = await SceneAsync(contactsMax: 3);
        await ImportAsync(scene, File(2));
        var counts = (await scene.ImportAsync(await ImportAsync(scene, File(5).Replace("Name 1", "New name", StringComparison.Ordinal)))).Counts;
        Assert.Equal(new ImportCounts(Created: 1, Updated: 1, Unchanged: 1, 0, 0, 0, Rejected: 2, 0), counts);
        Assert.Equal(3, (await scene.Stores.Accounts.UsageAsync(scene.Account.Id, None))?.Contacts);
    }

    [Fact]
    public async Task A_quota_counts_across_batches()
    {
        using var scene = await SceneAsync(contactsMax: ImportScene.RowsPerBatch + 5);
        var import = await scene.ImportAsync(await ImportAsync(scene, File(ImportScene.RowsPerBatch * 3)));
        Assert.Equal(ImportStatus.Completed, import.Status);
        Assert.Equal(ImportScene.RowsPerBatch + 5, import.Counts.Created);
        Assert.Equal(ImportScene.RowsPerBatch * 2 - 5, import.Counts.Rejected);
        var codes = (await scene.LedgerAsync(import.Id)).SelectMany(b => b.Ledger.Errors).Select(e => e.Code).Distinct();
        Assert.Equal(ErrorCode.ContactQuotaExceeded, Assert.Single(codes));
    }

    [Fact]
    public async Task A_deleted_contact_makes_room_for_another()
    {
        using var scene = await SceneAsync(contactsMax: 2);
        await ImportAsync(scene, File(2));
        var gone = (await scene.ContactsAsync())[0];
        Assert.True(await scene.Stores.Contacts.DeleteAsync(scene.Account.Id, gone.Id, None));
        var import = await scene.ImportAsync(await ImportAsync(scene, "email\nother@example.org\nthird@example.org\n"));
        Assert.Equal(1, import.Counts.Created);
        Assert.Equal(1, import.Counts.Rejected);
    }

    [Fact]
    public async Task Usage_says_how_many_contacts_there_are()
    {
        using var scene = await SceneAsync(contactsMax: null);
        await ImportAsync(scene, File(100));
        foreach (var contact in (await scene.ContactsAsync()).Take(7))
            await scene.Stores.Contacts.DeleteAsync(scene.Account.Id, contact.Id, None);
        await ImportAsync(scene, File(50));
        var usage = await scene.Stores.Accounts.UsageAsync(scene.Account.Id, None);
        Assert.Equal((await scene.ContactsAsync()).Count, usage?.Contacts);
        Assert.Equal(Encoding.UTF8.GetByteCount(File(100)) + Encoding.UTF8.GetByteCount(File(50)), usage?.SpoolBytes);
        Assert.Equal(0, usage?.ImportsActive);
    }

    [Fact]
    public async Task One_import_too_many_at_once_is_refused_and_leaves_nothing_behind()
    {
        using var scene = await SceneAsync(contactsMax: null);
        var first = await scene.AcceptAsync(File(1), new());
        var import = await scene.ImportAsync(first);
        var one = new AcceptCaps(ActiveMax: 1);
        var refused = await scene.Stores.Imports.AcceptAsync(import with { Id = Guid.CreateVersion7() }, one, None);
        Assert.Equal(ErrorCode.TooManyActiveImports, Assert.IsType<AcceptResult.NoRoom>(refused).Code);
        Assert.Single((await scene.Stores.Imports.ListAsync(scene.Account.Id, null, 10, None)).Items);

        await scene.Stores.Imports.MoveAsync(scene.Account.Id, first, [ImportStatus.Queued], ImportStatus.Paused, null, None);
        Assert.IsType<AcceptResult.NoRoom>(await scene.Stores.Imports.AcceptAsync(import with { Id = Guid.CreateVersion7() }, one, None));
        await scene.Stores.Imports.MoveAsync(scene.Account.Id, first, [ImportStatus.Paused], ImportStatus.Canceled, null, None);
        Assert.IsType<AcceptResult.Accepted>(await scene.Stores.Imports.AcceptAsync(import with { Id = Guid.CreateVersion7() }, one, None));
    }

    [Fact]
    public async Task A_repeated_request_is_answered_however_many_imports_are_under_way()
    {
        using var scene = await SceneAsync(contactsMax: null);
        var import = (await scene.ImportAsync(await scene.AcceptAsync(File(1), new()))) with
        {
            Id = Guid.CreateVersion7(), IdempotencyKey = "k", IdempotencyRoute = "r", Fingerprint = "f",
        };
        await scene.Stores.Imports.AcceptAsync(import, None);
        var again = await scene.Stores.Imports.AcceptAsync(import with { Id = Guid.CreateVersion7() }, new(ActiveMax: 1), None);
        Assert.Equal(import.Id, Assert.IsType<AcceptResult.Replayed>(again).Import.Id);
    }

    [Fact]
    public async Task Kept_sources_count_towards_the_spool_quota()
    {
        using var scene = await SceneAsync(contactsMax: null);
        var import = await scene.ImportAsync(await scene.AcceptAsync(File(1), new()));
        var another = import with { Id = Guid.CreateVersion7(), Source = import.Source with { Spool = "another" } };
        Assert.Equal(
            ErrorCode.SpoolQuotaExceeded,
            Assert.IsType<AcceptResult.NoRoom>(await scene.Stores.Imports.AcceptAsync(another, new(SpoolBytesMax: import.Source.Bytes * 2 - 1), None)).Code);
        Assert.IsType<AcceptResult.Accepted>(await scene.Stores.Imports.AcceptAsync(another, new(SpoolBytesMax: import.Source.Bytes * 2), None));
    }

    [Fact]
    public async Task Settings_of_an_account_stay_and_are_its_own()
    {
        using var stores = Open();
        var mine = await stores.Accounts.EnsureAsync("mine", null, null, null, None);
        var theirs = await stores.Accounts.EnsureAsync("theirs", null, null, null, None);
        var changed = await stores.Accounts.ChangeSettingsAsync(mine.Id, s => s with { ImportsOff = true, Limits = s.Limits with { ContactsMax = 7 } }, None);
        stores.Reopen();
        Assert.Equal(changed, await stores.Accounts.GetAsync(mine.Id, None));
        Assert.Equal(7, changed?.Settings.Limits.ContactsMax);
        Assert.Equal(new AccountSettings(), (await stores.Accounts.GetAsync(theirs.Id, None))?.Settings);
        Assert.Null(await stores.Accounts.ChangeSettingsAsync(999, s => s, None));
        Assert.Null(await stores.Accounts.UsageAsync(999, None));
    }

    [Fact]
    public async Task Unfinished_imports_are_those_that_have_not_ended_oldest_first()
    {
        using var scene = await SceneAsync(contactsMax: null);
        var first = await scene.AcceptAsync(File(1), new());
        var second = await scene.AcceptAsync(File(2), new());
        await scene.Stores.Imports.ApiLeaseAsync(scene.Account.Id, None);
        Assert.Equal([first, second], (await scene.Stores.Imports.UnfinishedAsync(scene.Account.Id, None)).Select(i => i.Id));
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        Assert.Equal([second], (await scene.Stores.Imports.UnfinishedAsync(scene.Account.Id, None)).Select(i => i.Id));
    }

    [Fact]
    public async Task Members_are_taken_off_a_list_one_by_one_or_all_and_pages_by_number_and_by_time_agree()
    {
        using var scene = await SceneAsync(contactsMax: null);
        await scene.AcceptAsync(File(10), new() { Lists = ["A", "B"] });
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        var (store, account) = (scene.Stores.Contacts, scene.Account.Id);
        var lists = await store.ListsAsync(account, None);
        var ids = (await store.ListAsync(account, new(ListId: lists[0].Id), null, 100, None)).Items.Select(c => c.Id).ToArray();
        Assert.Equal(2, await store.RemoveMembersAsync(account, lists[0].Id, [ids[0], ids[3], 99_999], None));
        Assert.Equal(0, await store.RemoveMembersAsync(account + 1, lists[0].Id, [ids[1]], None));
        Assert.Equal([8L, 10L], (await store.ListsAsync(account, None)).Select(l => l.Members));
        int[] left = [.. ids.Where((_, i) => i is not (0 or 3))];
        Assert.Equal(left[3..5], (await store.SliceAsync(account, new([lists[0].Id]), new(3, 2, Counted: false), None)).Items.Select(c => c.Id));
        Assert.Empty((await store.SliceAsync(account, new([lists[0].Id]), new(8, 2, Counted: false), None)).Items);
        Assert.Equal(8, await store.RemoveMembersAsync(account, lists[0].Id, null, None));
        Assert.Equal([0L, 10L], (await store.ListsAsync(account, None)).Select(l => l.Members));

        var changed = (await store.ListAsync(account, new(), null, 1, None)).Items[0].UpdatedAt;
        Assert.Equal(10, (await store.ListAsync(account, new(CreatedSince: changed.AddMinutes(-5), UpdatedSince: changed.AddMinutes(-5)), null, 100, None)).Items.Count);
        Assert.Empty((await store.ListAsync(account, new(UpdatedSince: changed.AddMinutes(5)), null, 100, None)).Items);
        Assert.Equal(ids[9..], (await store.SliceAsync(account, new(CreatedSince: changed.AddMinutes(-5), UpdatedSince: changed.AddMinutes(-5)), new(9, 2, Counted: false), None)).Items.Select(c => c.Id));
        Assert.Equal(10, (await store.SliceAsync(account, new(CreatedSince: changed.AddMinutes(-5)), new(0, 1), None)).Total);
        Assert.Empty((await store.SliceAsync(account, new(CreatedSince: changed.AddMinutes(5)), new(0, 2), None)).Items);
        Assert.Empty((await store.SliceAsync(account, new(UpdatedSince: changed.AddMinutes(5)), new(0, 2, Counted: false), None)).Items);
        Assert.Equal("c3@example.org", Assert.Single((await store.ListAsync(account, new(Email: "c3@example.org", CreatedSince: changed.AddMinutes(-5)), null, 100, None)).Items).Email);
    }

    async Task<ImportScene> SceneAsync(long? contactsMax)
    {
        var scene = await ImportScene.EmptyAsync(Open());
        await scene.Stores.Accounts.ChangeSettingsAsync(scene.Account.Id, s => s with { Limits = s.Limits with { ContactsMax = contactsMax } }, None);
        return scene;
    }

    static async Task<Guid> ImportAsync(ImportScene scene, string csv)
    {
        var id = await scene.AcceptAsync(csv, new());
        Assert.True(await scene.RunPipelineAsync(scene.Stores.Contacts));
        return id;
    }

    static string File(int rows)
    {
        var csv = new StringBuilder("email,first_name\n");
        for (var i = 0; i < rows; i++)
            csv.Append(CultureInfo.InvariantCulture, $"c{i}@example.org,Name {i}\n");
        return csv.ToString();
    }
}
