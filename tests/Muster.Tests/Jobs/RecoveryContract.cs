using Muster.Contacts;
using Muster.Storage;
using Muster.Tests.Storage;

namespace Muster.Tests.Jobs;

/// <summary>What becomes of an import that is broken off: the same as if it had not been.</summary>
public abstract class RecoveryContract : StoreContract
{
    /// <summary>Where in a batch the process dies.</summary>
    public enum Moment { BeforeTheTransaction, WithinTheTransaction, AfterTheCommit }

    [Theory]
    [InlineData(Moment.BeforeTheTransaction)]
    [InlineData(Moment.WithinTheTransaction)]
    [InlineData(Moment.AfterTheCommit)]
    public async Task A_crash_at_any_batch_leaves_the_result_of_an_uninterrupted_run(Moment moment)
    {
        var undisturbed = await UndisturbedAsync();
        for (var batch = 0; batch < ImportScene.Batches; batch++)
        {
            using var scene = await ImportScene.CreateAsync(Open());
            await CrashAsync(scene, batch, moment);
            scene.Stores.Reopen();
            await scene.RunPipelineAsync(scene.Stores.Contacts);
            Assert.Equal(undisturbed, await scene.ResultAsync());
        }
    }

    [Fact]
    public async Task A_crash_at_every_batch_leaves_the_result_of_an_uninterrupted_run()
    {
        var undisturbed = await UndisturbedAsync();
        using var scene = await ImportScene.CreateAsync(Open());
        for (var batch = 0; batch < ImportScene.Batches; batch++)
        {
            await CrashAsync(scene, batch, Moment.WithinTheTransaction);
            if (batch < ImportScene.Batches - 1) // a third death at one checkpoint would end the import as poison
                await CrashAsync(scene, batch, Moment.AfterTheCommit);
            scene.Stores.Reopen();
        }
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        Assert.Equal(undisturbed, await scene.ResultAsync());
    }

    [Fact]
    public async Task Crash_after_commit_does_not_write_the_batch_twice()
    {
        using var scene = await ImportScene.CreateAsync(Open());
        await CrashAsync(scene, 3, Moment.AfterTheCommit);
        scene.Stores.Reopen();
        var resumed = scene.Faulty(static (batch, write) => write(batch));
        await scene.RunPipelineAsync(resumed);

        Assert.Equal(Enumerable.Range(4, ImportScene.Batches - 4), resumed.Written);
        var ledger = await scene.LedgerAsync();
        Assert.Equal(Enumerable.Range(0, ImportScene.Batches), ledger.Select(b => b.Number));
        Assert.Equal(ImportScene.Batches * ImportScene.RowsPerBatch, ledger.SelectMany(b => b.Ledger.RowNumber).Distinct().Count());
        Assert.All((await scene.ContactsAsync()).Where(c => c.Email!.StartsWith("new", StringComparison.Ordinal)), c => Assert.Equal(1, c.Rev)); // every row has an address
    }

    [Fact]
    public async Task Pause_takes_effect_between_two_batches_and_resume_goes_on_there()
    {
        var undisturbed = await UndisturbedAsync();
        using var scene = await ImportScene.CreateAsync(Open());
        var paused = await scene.RunWorkerUntilAsync(MovingAfter(scene, batch: 2, ImportStatus.Paused), ImportStatus.Paused);
        Assert.Equal((3, 3L * ImportScene.RowsPerBatch), (paused.NextBatch, paused.Counts.Read));

        Assert.Equal(ImportStatus.Queued, (await scene.MoveAsync(ImportStatus.Paused, ImportStatus.Queued))?.Status);
        await scene.RunWorkerUntilAsync(scene.Stores.Contacts, ImportStatus.Completed);
        Assert.Equal(undisturbed, await scene.ResultAsync());
    }

    [Fact]
    public async Task Cancel_takes_effect_between_two_batches_and_what_is_committed_stays()
    {
        using var scene = await ImportScene.CreateAsync(Open());
        var canceled = await scene.RunWorkerUntilAsync(MovingAfter(scene, batch: 2, ImportStatus.Canceled), ImportStatus.Canceled);
        Assert.Equal((3, 3L * ImportScene.RowsPerBatch), (canceled.NextBatch, canceled.Counts.Read));
        Assert.Equal(3, (await scene.LedgerAsync()).Count);
        Assert.False(await scene.RunPipelineAsync(scene.Stores.Contacts));
    }

    [Fact]
    public async Task A_batch_that_always_fails_ends_the_import_as_poison_after_three_claims()
    {
        using var scene = await ImportScene.CreateAsync(Open());
        var poisoned = scene.Faulty(static (batch, write) => batch.Rows.BatchNumber == 2 ? throw new InvalidOperationException("always") : write(batch));
        var failed = await scene.RunWorkerUntilAsync(poisoned, ImportStatus.Failed);
        Assert.Equal(ErrorCode.PoisonBatch, failed.Failure?.Code);
        Assert.Equal([0, 1, 2, 2, 2], poisoned.Written);
        Assert.Equal((2, 2L * ImportScene.RowsPerBatch), (failed.NextBatch, failed.Counts.Read));
    }

    [Fact]
    public async Task A_graceful_stop_gives_the_import_back_and_the_next_start_finishes_it()
    {
        var undisturbed = await UndisturbedAsync();
        using var scene = await ImportScene.CreateAsync(Open());
        using var stop = new CancellationTokenSource();
        await scene.RunWorkerAsync(
            scene.Faulty(async (batch, write) =>
            {
                if (batch.Rows.BatchNumber == 3)
                    await stop.CancelAsync();
                return await write(batch);
            }),
            stop.Token);

        var released = await scene.ImportAsync();
        Assert.Equal(ImportStatus.Queued, released.Status);
        Assert.InRange(released.NextBatch, 4, ImportScene.Batches - 1);
        await scene.RunWorkerUntilAsync(scene.Stores.Contacts, ImportStatus.Completed);
        Assert.Equal(undisturbed, await scene.ResultAsync());
    }

    [Fact]
    public async Task A_full_disk_pauses_the_import_and_after_resume_nothing_is_lost()
    {
        var undisturbed = await UndisturbedAsync();
        using var scene = await ImportScene.CreateAsync(Open());
        var paused = await scene.RunWorkerUntilAsync(
            scene.Faulty(static (batch, write) => batch.Rows.BatchNumber == 4 ? throw new StoreFullException() : write(batch)), ImportStatus.Paused);
        Assert.Equal(ErrorCode.DiskFull, paused.Failure?.Code);
        Assert.Equal(4, paused.NextBatch);

        await scene.MoveAsync(ImportStatus.Paused, ImportStatus.Queued);
        await scene.RunWorkerUntilAsync(scene.Stores.Contacts, ImportStatus.Completed);
        Assert.Equal(undisturbed, await scene.ResultAsync());
    }

    async Task<string> UndisturbedAsync()
    {
        using var scene = await ImportScene.CreateAsync(Open());
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        var import = await scene.ImportAsync();
        Assert.Equal((ImportStatus.Completed, ImportScene.Batches), (import.Status, import.NextBatch));
        Assert.True(import.Counts is { Created: > 0, Updated: > 0, Unchanged: 0, Duplicate: > 0, Rejected: > 0 }, import.Counts.ToString());
        return await scene.ResultAsync();
    }

    static Task CrashAsync(ImportScene scene, int at, Moment moment) => Assert.ThrowsAnyAsync<Exception>(() => scene.RunPipelineAsync(scene.Faulty(async (batch, write) =>
    {
        if (batch.Rows.BatchNumber < at)
            return await write(batch);
        switch (moment)
        {
            case Moment.WithinTheTransaction:
                // The store meets the null after it has written the batch's contacts, and before the ledger and the checkpoint.
                return await write(batch with { TagIds = null! });
            case Moment.AfterTheCommit:
                await write(batch);
                break;
        }
        throw new CrashException();
    })));

    static FaultyContacts MovingAfter(ImportScene scene, int batch, ImportStatus to) => scene.Faulty(async (b, write) =>
    {
        var result = await write(b);
        if (b.Rows.BatchNumber == batch)
            await scene.MoveAsync(ImportStatus.Running, to);
        return result;
    });
}
