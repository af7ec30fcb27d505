using Muster.Contacts;
using Muster.Reports;
using Muster.Tests.Storage;

namespace Muster.Tests.Jobs;

/// <summary>Reports go on from where a page ended, without reading the ledger before it.</summary>
public abstract class ReportPlaceContract : StoreContract
{
    static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_page_reads_the_batches_that_it_shows_and_none_before(bool undone)
    {
        using var scene = await ImportScene.CreateAsync(Open());
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        var import = await scene.ImportAsync();
        if (undone)
        {
            var undo = Assert.IsType<Muster.Jobs.ReversalResult.Accepted>(await Undoing(scene).UndoAsync(scene.Account.Id, import.Id, new(), preview: false, None)).Import.Id;
            await scene.RunPipelineAsync(scene.Stores.Contacts);
            import = await scene.ImportAsync(undo);
        }
        var whole = await ReadAsync(scene, import, from: null, int.MaxValue);
        Assert.True(whole.BatchesRead >= ImportScene.Batches, $"{whole.BatchesRead} batches, {whole.Rows.Count} rows");

        const int PageRows = ImportScene.RowsPerBatch / 2;
        var rows = new List<RowEntry>();
        LedgerPlace? place = null;
        while (rows.Count < whole.Rows.Count)
        {
            var page = await ReadAsync(scene, import, place, PageRows);
            Assert.InRange(page.BatchesRead, 1, 2);
            rows.AddRange(page.Rows);
            place = LedgerPlace.Read(page.Rows[^1].Next.ToCursor());
        }
        Assert.Equal(whole.Rows.Select(r => (r.RowNumber, r.Outcome, string.Join(',', r.Codes))), rows.Select(r => (r.RowNumber, r.Outcome, string.Join(',', r.Codes))));
    }

    [Fact]
    public async Task Errors_go_on_behind_the_last_one_told_and_read_no_batch_before_it()
    {
        using var scene = await ImportScene.CreateAsync(Open());
        await scene.RunPipelineAsync(scene.Stores.Contacts);
        var import = await scene.ImportAsync();
        var counting = new FaultyImports(scene.Stores.Imports, refusals: 0);
        var reports = new ImportReports(counting, scene.Spool);
        var all = await reports.ErrorsAsync(import, from: null, None).ToListAsync(None);
        Assert.True(all.Count > ImportScene.Batches, $"{all.Count} errors");
        for (var i = 0; i < all.Count; i++)
        {
            var read = counting.LedgersRead;
            var rest = await reports.ErrorsAsync(import, all[i].Next, None).Take(3).ToListAsync(None);
            Assert.Equal(all.Skip(i + 1).Take(3).Select(e => (e.RowNumber, e.Code, e.Value)), rest.Select(e => (e.RowNumber, e.Code, e.Value)));
            Assert.True(counting.LedgersRead - read <= ImportScene.Batches - all[i].Next.Batch);
        }
    }

    static async Task<(List<RowEntry> Rows, int BatchesRead)> ReadAsync(ImportScene scene, Import import, LedgerPlace? from, int rows)
    {
        var counting = new FaultyImports(scene.Stores.Imports, refusals: 0);
        var read = await new ImportReports(counting, scene.Spool).RowsAsync(import, outcome: null, from, None).Take(rows).ToListAsync(None);
        return (read, counting.LedgersRead);
    }

    static Muster.Jobs.ImportReversal Undoing(ImportScene scene) => new(scene.Settings, scene.Stores.Imports, scene.Stores.Contacts, new(), TimeProvider.System);
}
