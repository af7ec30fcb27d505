using System.Diagnostics;
using Muster.Load.Measuring;
using Muster.Load.Verifying;
using Muster.Merging;

namespace Muster.Load.Goals;

/// <summary>G14 and G15: an import by the command line and its undo, and what the ledger that makes it possible costs.</summary>
static class UndoGoals
{
    const double MiB = 1 << 20;

    static readonly Goal Time = new("G14", "undo ÷ the import that it takes back, wall", 1, 0.8);
    static readonly Goal Memory = new("G14", "peak memory of the undo", 320, 250, "MiB");
    static readonly Goal Bytes = new("G15", "ledger of a clean file", 40, 4, "bytes a row");
    static readonly Goal Share = new("G15", "ledger's share of the import's time", 0.15, 0.05);

    public static async Task RunAsync(Bench bench)
    {
        var (file, truth) = bench.File(bench.Rows);
        List<Cost> import = [], undo = [];
        List<double> share = [];
        var (filled, emptied, ledger, undoLedger) = (0L, 0L, 0L, 0L);
        for (var round = 0; round <= bench.Pairs; round++)
        {
            Bench.Tell(round == 0 ? "G14, G15: warm-up" : $"G14, G15: round {round} of {bench.Pairs}");
            var data = Path.Combine(bench.NewFolder(), "data");
            var imported = await bench.ImportAsync(file, truth, data);
            filled = Size(data);
            ledger = StoreCheck.LedgerBytes(data);
            var ledgerSeconds = LedgerSeconds(StoreCheck.Ledgers(data));

            var taken = await bench.RunAsync("undo", "last", "--data", data, "--json");
            bench.Expect(taken, 0, "muster undo");
            StoreCheck.Undone(data, bench.Output("stdout"), truth);
            (emptied, undoLedger) = (Size(data), StoreCheck.LedgerBytes(data) - ledger);
            Directory.Delete(Path.GetDirectoryName(data)!, recursive: true); // NewFolder's
            if (round == 0)
                continue;
            import.Add(imported);
            undo.Add(taken);
            share.Add(ledgerSeconds / imported.Wall.TotalSeconds);
        }
        bench.Found(Time, [.. undo.Zip(import, (u, i) => u.Wall / i.Wall)], $"{Statistics.Medians("undo", undo)}; {Statistics.Medians("import", import)}; database {filled / MiB:0} MiB before the undo, {emptied / MiB:0} MiB after it");
        bench.Found(Memory, [.. undo.Select(u => u.PeakBytes / MiB)], $"{truth.Rows:N0} rows");
        bench.Found(Bytes, [(double)ledger / truth.Rows], $"{ledger:N0} bytes; the undo's own ledger has {(double)undoLedger / truth.Rows:0.0} bytes a row, since it keeps what it took away");
        bench.Found(Share, share, "encoding the import's ledgers again and writing them to a table, one transaction each, as the import did; ÷ the import's wall time");
    }

    static long Size(string data) => new DirectoryInfo(data).EnumerateFiles("muster.db*").Sum(f => f.Length);

    /// <summary>Seconds that it takes to encode the import's ledgers and to write them as the import wrote them: one blob a transaction, in WAL, without fsync.</summary>
    static double LedgerSeconds(IReadOnlyList<byte[]> blobs)
    {
        var batches = blobs.Select(b => Ledger.Decode(b)).ToList();
        using var table = new LedgerTable();
        var started = Stopwatch.GetTimestamp();
        foreach (var batch in batches)
            table.Write(Ledger.Encode(batch));
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
