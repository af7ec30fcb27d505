using Muster.Contacts;
using Muster.Storage;

namespace Muster.Tests.Storage;

/// <summary>What every import store does.</summary>
public abstract class ImportStoreContract : StoreContract
{
    static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Accepted_import_is_there_after_a_restart_with_all_that_it_was_told()
    {
        var account = await AccountAsync("main");
        var import = NewImport(account) with
        {
            Options = new()
            {
                Lists = ["Kunden – Zürich"], Match = "email", Policies = new Dictionary<string, string> { ["field:Höhe"] = "keep" },
                Mapping = new Dictionary<string, string> { ["E-Mail Adresse"] = "email" }, Header = true,
            },
            Mapping = [new(0, "E-Mail Adresse", "email", 0.5, "header")],
            Warnings = ["match_changed"],
            ParentId = Guid.CreateVersion7(),
            IdempotencyKey = "key", IdempotencyRoute = "route", Fingerprint = "print",
            Small = true,
        };
        var accepted = Assert.IsType<AcceptResult.Accepted>(await Stores.Imports.AcceptAsync(import, None)).Import;
        Stores.Reopen();
        var read = await Stores.Imports.GetAsync(account, import.Id, None);
        Assert.Equivalent(import, accepted, strict: true);
        Assert.Equivalent(import, read, strict: true);
    }

    [Fact]
    public async Task Same_key_and_fingerprint_answer_with_the_import_as_it_now_is()
    {
        var account = await AccountAsync("main");
        var import = NewImport(account) with { IdempotencyKey = "k", IdempotencyRoute = "r", Fingerprint = "f" };
        await Stores.Imports.AcceptAsync(import, None);
        await Stores.Imports.ClaimAsync("worker", smallOnly: false, None);
        var again = Assert.IsType<AcceptResult.Replayed>(await Stores.Imports.AcceptAsync(import with { Id = Guid.CreateVersion7() }, None));
        Assert.Equal(import.Id, again.Import.Id);
        Assert.Equal(ImportStatus.Running, again.Import.Status);
        Assert.Single((await Stores.Imports.ListAsync(account, null, 10, None)).Items);
    }

    [Fact]
    public async Task Same_key_with_another_fingerprint_is_a_conflict()
    {
        var account = await AccountAsync("main");
        var import = NewImport(account) with { IdempotencyKey = "k", IdempotencyRoute = "r", Fingerprint = "f" };
        await Stores.Imports.AcceptAsync(import, None);
        var result = await Stores.Imports.AcceptAsync(import with { Id = Guid.CreateVersion7(), Fingerprint = "g" }, None);
        Assert.Equal(import.Id, Assert.IsType<AcceptResult.Conflict>(result).ImportId);
    }

    [Fact]
    public async Task Key_counts_within_its_account_and_route_only()
    {
        var mine = NewImport(await AccountAsync("mine")) with { IdempotencyKey = "k", IdempotencyRoute = "r", Fingerprint = "f" };
        await Stores.Imports.AcceptAsync(mine, None);
        var otherRoute = mine with { Id = Guid.CreateVersion7(), IdempotencyRoute = "s" };
        var otherAccount = mine with { Id = Guid.CreateVersion7(), AccountId = await AccountAsync("theirs") };
        Assert.IsType<AcceptResult.Accepted>(await Stores.Imports.AcceptAsync(otherRoute, None));
        Assert.IsType<AcceptResult.Accepted>(await Stores.Imports.AcceptAsync(otherAccount, None));
    }

    [Fact]
    public async Task Hundred_requests_with_one_key_at_once_make_one_import()
    {
        var account = await AccountAsync("main");
        var import = NewImport(account) with { IdempotencyKey = "k", IdempotencyRoute = "r", Fingerprint = "f" };
        var results = await Task.WhenAll(Enumerable.Range(0, 100).Select(
            _ => Task.Run(() => Stores.Imports.AcceptAsync(import with { Id = Guid.CreateVersion7() }, None))));
        var accepted = Assert.Single(results.OfType<AcceptResult.Accepted>()).Import;
        Assert.All(results.OfType<AcceptResult.Replayed>(), r => Assert.Equal(accepted.Id, r.Import.Id));
        Assert.Equal(99, results.OfType<AcceptResult.Replayed>().Count());
        Assert.Single((await Stores.Imports.ListAsync(account, null, 10, None)).Items);
    }

    [Fact]
    public async Task Foreign_import_is_as_unknown_as_one_that_never_was()
    {
        var theirs = await AcceptAsync(await AccountAsync("theirs"));
        var mine = await AccountAsync("mine");
        Assert.Null(await Stores.Imports.GetAsync(mine, theirs.Id, None));
        Assert.Null(await Stores.Imports.MoveAsync(mine, theirs.Id, [ImportStatus.Queued], ImportStatus.Canceled, null, None));
        Assert.Empty((await Stores.Imports.ListAsync(mine, null, 10, None)).Items);
        Assert.Empty(await LedgerAsync(mine, theirs.Id));
        Assert.Null(await Stores.Imports.GetAsync(mine, Guid.CreateVersion7(), None));
        Assert.Null(await Stores.Imports.MoveAsync(mine, Guid.CreateVersion7(), [ImportStatus.Queued], ImportStatus.Canceled, null, None));
        Assert.Equal(ImportStatus.Queued, (await Stores.Imports.GetAsync(theirs.AccountId, theirs.Id, None))?.Status);
    }

    [Fact]
    public async Task Lease_of_another_account_is_no_good()
    {
        var theirs = await AcceptAsync(await AccountAsync("theirs"));
        var (_, lease) = (await Stores.Imports.ClaimAsync("worker", smallOnly: false, None))!.Value;
        var forged = lease with { AccountId = await AccountAsync("mine") };
        Assert.False(await Stores.Imports.FinishAsync(forged, ImportStatus.Completed, null, None));
        await Stores.Imports.ReleaseAsync(forged, None);
        Assert.Equal(ImportStatus.Running, (await Stores.Imports.GetAsync(theirs.AccountId, theirs.Id, None))?.Status);
    }

    [Fact]
    public async Task Pages_hold_every_import_once_newest_first_while_others_arrive()
    {
        var account = await AccountAsync("main");
        var ids = new List<Guid>();
        for (var i = 0; i < 7; i++)
            ids.Add((await AcceptAsync(account)).Id);
        var seen = new List<Guid>();
        string? cursor = null;
        do
        {
            var page = await Stores.Imports.ListAsync(account, cursor, 3, None);
            seen.AddRange(page.Items.Select(i => i.Id));
            cursor = page.NextCursor;
            await AcceptAsync(account);
        }
        while (cursor is not null);
        Assert.Equal(Enumerable.Reverse(ids), seen);
    }

    [Fact]
    public async Task Cursor_that_no_page_ended_with_is_refused()
    {
        var account = await AccountAsync("main");
        foreach (var cursor in new[] { "", "x", "AAAAAAAAAA", "AAAAAAAAAA=", "//////////8", "__________8" })
            await Assert.ThrowsAsync<ArgumentException>(() => Stores.Imports.ListAsync(account, cursor, 3, None));
    }

    [Fact]
    public async Task Empty_queue_has_nothing_to_claim() => Assert.Null(await Stores.Imports.ClaimAsync("worker", smallOnly: false, None));

    [Fact]
    public async Task Imports_of_one_account_are_claimed_oldest_first()
    {
        var account = await AccountAsync("main");
        var ids = new[] { (await AcceptAsync(account)).Id, (await AcceptAsync(account)).Id, (await AcceptAsync(account)).Id };
        foreach (var id in ids)
            Assert.Equal(id, await ClaimAsync());
        Assert.Null(await Stores.Imports.ClaimAsync("worker", smallOnly: false, None));
    }

    [Fact]
    public async Task Account_with_fewer_running_comes_before_an_older_import()
    {
        var busy = await AccountAsync("busy");
        var quiet = await AccountAsync("quiet");
        var first = await AcceptAsync(busy);
        await AcceptAsync(busy);
        await AcceptAsync(busy);
        var late = await AcceptAsync(quiet);
        Assert.Equal(first.Id, await ClaimAsync());
        Assert.Equal(late.Id, await ClaimAsync());
    }

    [Fact]
    public async Task Accounts_take_turns_when_none_runs_anything()
    {
        var accounts = new[] { await AccountAsync("a"), await AccountAsync("b"), await AccountAsync("c") };
        foreach (var account in accounts)
        {
            for (var i = 0; i < 3; i++)
                await AcceptAsync(account);
        }
        var served = new List<int>();
        while (await Stores.Imports.ClaimAsync("worker", smallOnly: false, None) is { } claimed)
        {
            served.Add(claimed.Import.AccountId);
            Assert.True(await Stores.Imports.FinishAsync(claimed.Lease, ImportStatus.Completed, null, None));
        }
        Assert.Equal([.. accounts, .. accounts, .. accounts], served);
    }

    [Fact]
    public async Task Reserved_lane_takes_small_imports_only()
    {
        var account = await AccountAsync("main");
        await AcceptAsync(account);
        var small = NewImport(account) with { Small = true };
        await Stores.Imports.AcceptAsync(small, None);
        Assert.Equal(small.Id, (await Stores.Imports.ClaimAsync("worker", smallOnly: true, None))?.Import.Id);
        Assert.Null(await Stores.Imports.ClaimAsync("worker", smallOnly: true, None));
        Assert.NotNull(await Stores.Imports.ClaimAsync("worker", smallOnly: false, None));
    }

    [Fact]
    public async Task Claimed_import_is_running_and_remembers_its_first_start()
    {
        var import = await AcceptAsync(await AccountAsync("main"));
        Stores.Clock.Advance(TimeSpan.FromSeconds(5));
        var started = Stores.Clock.Now;
        var first = (await Stores.Imports.ClaimAsync("worker", smallOnly: false, None))!.Value;
        Assert.Equal(ImportStatus.Running, first.Import.Status);
        Assert.Equal(new ImportLease(import.AccountId, import.Id, first.Import.LeaseEpoch), first.Lease);
        await Stores.Imports.ReleaseAsync(first.Lease, None);
        Stores.Clock.Advance(TimeSpan.FromSeconds(5));
        var second = (await Stores.Imports.ClaimAsync("worker", smallOnly: false, None))!.Value;
        Assert.Equal(started, second.Import.StartedAt);
    }

    [Fact]
    public async Task Import_left_behind_by_a_dead_owner_is_claimed_under_a_higher_epoch()
    {
        await AcceptAsync(await AccountAsync("main"));
        var dead = (await Stores.Imports.ClaimAsync("process 1", smallOnly: false, None))!.Value.Lease;
        Stores.Reopen();
        Stores.Clock.Advance(TimeSpan.FromHours(1));
        var alive = (await Stores.Imports.ClaimAsync("process 2", smallOnly: false, None))!.Value.Lease;
        Assert.Equal(dead.ImportId, alive.ImportId);
        Assert.True(alive.Epoch > dead.Epoch);
        Assert.False(await Stores.Imports.FinishAsync(dead, ImportStatus.Failed, null, None));
        await Stores.Imports.ReleaseAsync(dead, None);
        Assert.True(await Stores.Imports.FinishAsync(alive, ImportStatus.Completed, null, None));
    }

    [Fact]
    public async Task Fourth_claim_at_one_checkpoint_ends_the_import_as_poison()
    {
        var account = await AccountAsync("main");
        var poison = await AcceptAsync(account);
        var innocent = await AcceptAsync(account);
        for (var death = 1; death <= 3; death++)
            Assert.Equal(poison.Id, (await Stores.Imports.ClaimAsync($"process {death}", smallOnly: false, None))?.Import.Id);
        Assert.Equal(innocent.Id, (await Stores.Imports.ClaimAsync("process 4", smallOnly: false, None))?.Import.Id);
        var ended = await Stores.Imports.GetAsync(account, poison.Id, None);
        Assert.Equal(ImportStatus.Failed, ended?.Status);
        Assert.Equal(ErrorCode.PoisonBatch, ended?.Failure?.Code);
        Assert.Equal(Stores.Clock.Now, ended?.FinishedAt);
    }

    [Fact]
    public async Task Graceful_stop_is_never_counted_as_a_death()
    {
        await AcceptAsync(await AccountAsync("main"));
        for (var start = 1; start <= 10; start++)
        {
            var (import, lease) = (await Stores.Imports.ClaimAsync($"process {start}", smallOnly: false, None))!.Value;
            await Stores.Imports.ReleaseAsync(lease, None);
            Assert.Equal(ImportStatus.Queued, (await Stores.Imports.GetAsync(import.AccountId, import.Id, None))?.Status);
        }
    }

    [Fact]
    public async Task Resume_by_a_person_gives_a_poisoned_import_its_chances_back()
    {
        var import = await AcceptAsync(await AccountAsync("main"));
        for (var death = 1; death <= 4; death++)
            await Stores.Imports.ClaimAsync($"process {death}", smallOnly: false, None);
        var resumed = await Stores.Imports.MoveAsync(import.AccountId, import.Id, [ImportStatus.Failed], ImportStatus.Queued, null, None);
        Assert.Equal(ImportStatus.Queued, resumed?.Status);
        Assert.Null(resumed?.Failure);
        Assert.Null(resumed?.FinishedAt);
        Assert.NotNull(await Stores.Imports.ClaimAsync("process 5", smallOnly: false, None));
    }

    [Fact]
    public async Task What_the_import_found_out_is_frozen_under_its_lease_only()
    {
        var import = await AcceptAsync(await AccountAsync("main"));
        var old = (await Stores.Imports.ClaimAsync("process 1", smallOnly: false, None))!.Value.Lease;
        var lease = (await Stores.Imports.ClaimAsync("process 2", smallOnly: false, None))!.Value.Lease;
        await Stores.Imports.PrepareAsync(lease, new([new(1, "Höhe", "field:Höhe", 1, "new", FieldId: 9)], [3, 4], [5], [new("Höhe", 9, FieldType.Number)], ["warning"]), None);
        await Stores.Imports.PrepareAsync(old, new([], [], [], [], []), None);
        var read = await Stores.Imports.GetAsync(import.AccountId, import.Id, None);
        Assert.Equal([3, 4], read?.Options.ListIds);
        Assert.Equal([5], read?.Options.TagIds);
        Assert.Equal([new("Höhe", 9, FieldType.Number)], read?.Options.Fields);
        Assert.Equal(["warning"], read?.Warnings);
        Assert.Equal(new(1, "Höhe", "field:Höhe", 1, "new", FieldId: 9), Assert.Single(read!.Mapping));
    }

    [Fact]
    public async Task Finish_ends_a_running_import_once()
    {
        var import = await AcceptAsync(await AccountAsync("main"));
        var (_, lease) = (await Stores.Imports.ClaimAsync("worker", smallOnly: false, None))!.Value;
        var failure = new ImportFailure(ErrorCode.SourceUnreadable, "Line 7 broke off.");
        Assert.True(await Stores.Imports.FinishAsync(lease, ImportStatus.Failed, failure, None));
        Assert.False(await Stores.Imports.FinishAsync(lease, ImportStatus.Completed, null, None));
        var ended = await Stores.Imports.GetAsync(import.AccountId, import.Id, None);
        Assert.Equal(ImportStatus.Failed, ended?.Status);
        Assert.Equal(failure, ended?.Failure);
        Assert.Equal(Stores.Clock.Now, ended?.FinishedAt);
    }

    [Fact]
    public async Task Paused_import_cannot_be_finished_by_the_worker_that_ran_it()
    {
        var import = await AcceptAsync(await AccountAsync("main"));
        var (_, lease) = (await Stores.Imports.ClaimAsync("worker", smallOnly: false, None))!.Value;
        await Stores.Imports.MoveAsync(import.AccountId, import.Id, [ImportStatus.Running], ImportStatus.Paused, null, None);
        Assert.False(await Stores.Imports.FinishAsync(lease, ImportStatus.Completed, null, None));
        await Stores.Imports.ReleaseAsync(lease, None);
        Assert.Equal(ImportStatus.Paused, (await Stores.Imports.GetAsync(import.AccountId, import.Id, None))?.Status);
        Assert.Null(await Stores.Imports.ClaimAsync("worker", smallOnly: false, None));
    }

    [Fact]
    public async Task Old_lease_is_no_good_after_pause_and_resume()
    {
        var import = await AcceptAsync(await AccountAsync("main"));
        var old = (await Stores.Imports.ClaimAsync("worker", smallOnly: false, None))!.Value.Lease;
        await Stores.Imports.MoveAsync(import.AccountId, import.Id, [ImportStatus.Running], ImportStatus.Paused, null, None);
        await Stores.Imports.MoveAsync(import.AccountId, import.Id, [ImportStatus.Paused], ImportStatus.Queued, null, None);
        var lease = (await Stores.Imports.ClaimAsync("worker", smallOnly: false, None))!.Value.Lease;
        Assert.False(await Stores.Imports.FinishAsync(old, ImportStatus.Completed, null, None));
        Assert.True(await Stores.Imports.FinishAsync(lease, ImportStatus.Completed, null, None));
    }

    [Theory]
    [InlineData(ImportStatus.Queued, ImportStatus.Canceled, true)]
    [InlineData(ImportStatus.Queued, ImportStatus.Paused, true)]
    [InlineData(ImportStatus.Completed, ImportStatus.Canceled, false)]
    [InlineData(ImportStatus.Canceled, ImportStatus.Queued, false)]
    public async Task Move_happens_from_the_named_statuses_only(ImportStatus at, ImportStatus to, bool moves)
    {
        var import = NewImport(await AccountAsync("main")) with { Status = at };
        await Stores.Imports.AcceptAsync(import, None);
        var failure = to == ImportStatus.Canceled ? new ImportFailure(ErrorCode.Canceled, "Asked for.") : null;
        var moved = await Stores.Imports.MoveAsync(import.AccountId, import.Id, [ImportStatus.Queued, ImportStatus.Running, ImportStatus.Paused], to, failure, None);
        Assert.Equal(moves ? to : at, moved?.Status);
        Assert.Equal(moves ? failure : null, moved?.Failure);
        Assert.Equal(moves && to.IsTerminal() ? Stores.Clock.Now : null, moved?.FinishedAt);
        Assert.Equivalent(moved, await Stores.Imports.GetAsync(import.AccountId, import.Id, None), strict: true);
    }

    [Fact]
    public async Task Only_sources_of_imports_that_ended_long_ago_expire()
    {
        var account = await AccountAsync("main");
        var old = await AcceptAsync(account, "old");
        await Stores.Imports.MoveAsync(account, old.Id, [ImportStatus.Queued], ImportStatus.Canceled, null, None);
        Stores.Clock.Advance(TimeSpan.FromDays(10));
        var recent = await AcceptAsync(account, "recent");
        await Stores.Imports.MoveAsync(account, recent.Id, [ImportStatus.Queued], ImportStatus.Canceled, null, None);
        await AcceptAsync(account, "waiting");
        Stores.Clock.Advance(TimeSpan.FromDays(1));

        Assert.Equal(["old", "recent", "waiting"], (await Stores.Imports.SpoolsInUseAsync(None)).Order(StringComparer.Ordinal));
        Assert.Equal(["old"], await Stores.Imports.ExpireSourcesAsync(Stores.Clock.Now - TimeSpan.FromDays(5), None));
        Assert.Equal(["recent", "waiting"], (await Stores.Imports.SpoolsInUseAsync(None)).Order(StringComparer.Ordinal));
        Assert.Empty(await Stores.Imports.ExpireSourcesAsync(Stores.Clock.Now - TimeSpan.FromDays(5), None));
        Assert.Null((await Stores.Imports.GetAsync(account, old.Id, None))?.Source.Spool);
        Assert.Equal("recent", (await Stores.Imports.GetAsync(account, recent.Id, None))?.Source.Spool);
    }

    [Fact]
    public async Task Source_that_a_later_import_still_needs_is_not_deleted()
    {
        var account = await AccountAsync("main");
        var plan = await AcceptAsync(account, "shared");
        await Stores.Imports.MoveAsync(account, plan.Id, [ImportStatus.Queued], ImportStatus.Planned, null, None);
        await AcceptAsync(account, "shared");
        Stores.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Empty(await Stores.Imports.ExpireSourcesAsync(Stores.Clock.Now, None));
        Assert.Equal(["shared"], await Stores.Imports.SpoolsInUseAsync(None));
    }

    [Fact]
    public async Task Single_writes_of_an_account_have_one_lease_for_ever()
    {
        var mine = await AccountAsync("mine");
        var leases = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => Stores.Imports.ApiLeaseAsync(mine, None))));
        Stores.Reopen();
        var lease = await Stores.Imports.ApiLeaseAsync(mine, None);
        Assert.All(leases, l => Assert.Equal(lease, l));
        Assert.NotEqual(lease.ImportId, (await Stores.Imports.ApiLeaseAsync(await AccountAsync("theirs"), None)).ImportId);
        Assert.Equal(ImportKind.Api, (await Stores.Imports.GetAsync(mine, lease.ImportId, None))?.Kind);
    }

    [Fact]
    public async Task Import_of_single_writes_is_never_claimed_moved_ended_or_listed()
    {
        var account = await AccountAsync("main");
        var lease = await Stores.Imports.ApiLeaseAsync(account, None);
        Assert.Null(await Stores.Imports.ClaimAsync("worker", smallOnly: false, None));
        Assert.Null(await Stores.Imports.MoveAsync(account, lease.ImportId, [ImportStatus.Running], ImportStatus.Canceled, null, None));
        Assert.False(await Stores.Imports.FinishAsync(lease, ImportStatus.Completed, null, None));
        await Stores.Imports.ReleaseAsync(lease, None);
        Assert.Empty((await Stores.Imports.ListAsync(account, null, 10, None)).Items);
        Assert.Equal(ImportStatus.Running, (await Stores.Imports.GetAsync(account, lease.ImportId, None))?.Status);
    }

    async Task<int> AccountAsync(string name) => (await Stores.Accounts.EnsureAsync(name, null, null, null, None)).Id;

    async Task<Import> AcceptAsync(int account, string spool = "spool")
    {
        var import = NewImport(account);
        import = import with { Source = import.Source with { Spool = spool } };
        Assert.IsType<AcceptResult.Accepted>(await Stores.Imports.AcceptAsync(import, None));
        return import;
    }

    async Task<Guid?> ClaimAsync() => (await Stores.Imports.ClaimAsync("worker", smallOnly: false, None))?.Import.Id;

    async Task<List<int>> LedgerAsync(int account, Guid import)
    {
        var numbers = new List<int>();
        await foreach (var (number, _) in Stores.Imports.LedgerAsync(account, import, 0, None))
            numbers.Add(number);
        return numbers;
    }

    Import NewImport(int account) => new()
    {
        Id = Guid.CreateVersion7(), AccountId = account, Kind = ImportKind.Import, Status = ImportStatus.Queued, Options = new(),
        Source = new("file", "contacts.csv", 1_234, new('a', 64), "spool", "csv", "utf-8", ",", ["E-Mail Adresse", "Höhe"], 22, HasHeader: true),
        CreatedAt = Stores.Clock.Now,
    };
}
