using System.Text.Json;
using Muster.Load.Measuring;
using Muster.Load.Readers;
using Muster.Load.Verifying;

namespace Muster.Load.Goals;

/// <summary>G7 and JSON: what reading alone costs, without an import behind it; each reader in a process of its own, in turn.</summary>
static class ReadingGoals
{
    public const long WorkbookRowsMax = 500_000;

    static readonly Goal WorkbookTime = new("G7", "XLSX read ÷ ExcelDataReader, time", 0.35, 0.12);
    static readonly Goal WorkbookMemory = new("G7", "XLSX read ÷ ExcelDataReader, peak memory", 0.5, 0.35);
    static readonly Goal JsonTime = new("JSON", "1,000,000 contacts parsed, time", 2, 0.8, "s");
    static readonly Goal JsonMemory = new("JSON", "1,000,000 contacts parsed, peak memory", 64, 48, "MB");

    public static async Task WorkbookAsync(Bench bench)
    {
        var rows = Math.Min(bench.Rows, WorkbookRowsMax);
        var file = bench.Output("contacts.xlsx");
        Bench.Tell($"G7: writing a workbook of {rows:N0} rows");
        GeneratedSources.WriteWorkbook(new ContactFile(rows, bench.Seed), file);
        bench.Notes.Add($"G7 ran with a workbook of {rows:N0} rows, {new FileInfo(file).Length / 1e6:0.0} MB, every text a shared string.");
        List<Cost> muster = [], rival = [];
        for (var round = 0; round <= bench.Pairs; round++)
        {
            Bench.Tell(round == 0 ? "G7: warm-up" : $"G7: round {round} of {bench.Pairs}");
            var (own, ownRead) = await ReadAsync(bench, "muster", file);
            var (theirs, theirRead) = await ReadAsync(bench, "exceldatareader", file);
            if (ownRead.Rows != rows + 1 || ownRead != theirRead)
                throw new WrongResultException($"Muster read {ownRead} and ExcelDataReader {theirRead} of {rows + 1} rows.");
            if (round == 0)
                continue;
            muster.Add(own);
            rival.Add(theirs);
        }
        File.Delete(file);
        var figures = $"{Statistics.Medians("muster", muster)}; {Statistics.Medians("ExcelDataReader", rival)}";
        bench.Found(WorkbookTime, [.. muster.Zip(rival, (m, r) => m.Wall / r.Wall)], figures);
        bench.Found(WorkbookMemory, [.. muster.Zip(rival, (m, r) => (double)m.PeakBytes / r.PeakBytes)], figures);
    }

    public static async Task JsonAsync(Bench bench)
    {
        var file = bench.Output("contacts.json");
        Bench.Tell($"JSON: writing {bench.Rows:N0} contacts");
        GeneratedSources.WriteJson(new ContactFile(bench.Rows, bench.Seed), file);
        bench.Notes.Add($"JSON ran with {bench.Rows:N0} contacts, {new FileInfo(file).Length / 1e6:0.0} MB; the goal speaks of 1,000,000.");
        var costs = new List<Cost>();
        for (var round = 0; round <= bench.Pairs; round++)
        {
            Bench.Tell(round == 0 ? "JSON: warm-up" : $"JSON: round {round} of {bench.Pairs}");
            var (cost, read) = await ReadAsync(bench, "muster", file);
            if (read.Rows != bench.Rows)
                throw new WrongResultException($"Muster read {read} of {bench.Rows} contacts.");
            if (round > 0)
                costs.Add(cost);
        }
        File.Delete(file);
        bench.Found(JsonTime, [.. costs.Select(c => c.Wall.TotalSeconds)], Statistics.Medians("muster", costs));
        bench.Found(JsonMemory, [.. costs.Select(c => c.PeakBytes / 1e6)], Statistics.Medians("muster", costs));
    }

    static async Task<(Cost Cost, SourceRead Read)> ReadAsync(Bench bench, string reader, string file)
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("This program does not know its own path.");
        var folder = bench.NewFolder();
        var cost = await ChildProcess.Start(program, ["read", reader, file, folder], bench.Output("stdout"), bench.Output("stderr")).WaitAsync();
        Directory.Delete(folder, recursive: true);
        bench.Expect(cost, 0, reader);
        return (cost, JsonSerializer.Deserialize<SourceRead>(File.ReadAllText(bench.Output("stdout"))) ?? throw new WrongResultException($"{reader} told nothing."));
    }
}
