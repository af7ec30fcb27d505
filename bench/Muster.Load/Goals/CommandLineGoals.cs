using Muster.Load.Measuring;
using Muster.Load.Verifying;

namespace Muster.Load.Goals;

/// <summary>G1, G2, G3 and G10: imports by the command line, in rounds with the anchor.</summary>
static class CommandLineGoals
{
    public static readonly Goal Full = new("G1", "full import ÷ `sqlite3 .import`", 0.65, 0.45);
    public static readonly Goal ListAndTypes = new("G2", "with a list and a typed field ÷ `sqlite3 .import`", 0.80, 0.55);
    public static readonly Goal Again = new("G3", "the same file again ÷ `sqlite3 .import`", 0.30, 0.25);
    public static readonly Goal Larger = new("G10", "five times the rows, wall", 7, 5.5);

    /// <summary>The anchor makes the same table with the same unique keys, and checks nothing. A repeat breaks a key, is reported on stderr and passed over.</summary>
    const string AnchorScript = """
        PRAGMA page_size = 16384;
        PRAGMA journal_mode = WAL;
        PRAGMA cache_size = -262144;
        CREATE TABLE contact (email TEXT, phone TEXT, first_name TEXT, last_name TEXT, company TEXT, city TEXT, country TEXT, birthday TEXT, note TEXT);
        CREATE UNIQUE INDEX contact_email ON contact (email);
        CREATE UNIQUE INDEX contact_phone ON contact (phone);
        .import --csv --skip 1 "{file}" contact

        """;

    public static async Task RoundsAsync(Bench bench, ISet<string> wanted)
    {
        var (file, truth) = bench.File(bench.Rows);
        List<Cost> anchor = [], full = [], again = [], list = [];
        for (var round = 0; round <= bench.Pairs; round++)
        {
            Bench.Tell(round == 0 ? "G1–G3: warm-up" : $"G1–G3: round {round} of {bench.Pairs}");
            var folder = bench.NewFolder();
            Add(anchor, await AnchorAsync(bench, file, truth, folder));
            if (wanted.Contains(Full.Name) || wanted.Contains(Again.Name))
            {
                var data = Path.Combine(folder, "data");
                Add(full, await bench.ImportAsync(file, truth, data));
                if (wanted.Contains(Again.Name))
                    Add(again, await bench.ImportAsync(file, truth, data, again: true));
            }
            if (wanted.Contains(ListAndTypes.Name))
            {
                var data = Path.Combine(folder, "list");
                await MakeTypedFieldAsync(bench, data);
                Add(list, await bench.ImportAsync(file, truth, data, inList: true));
            }
            Directory.Delete(folder, recursive: true);

            void Add(List<Cost> costs, Cost cost)
            {
                if (round > 0)
                    costs.Add(cost);
            }
        }
        foreach (var (goal, costs) in new[] { (Full, full), (ListAndTypes, list), (Again, again) })
        {
            if (wanted.Contains(goal.Name))
                bench.Found(goal, [.. costs.Zip(anchor, (m, a) => m.Wall / a.Wall)], $"{Statistics.Medians("muster", costs)}; {Statistics.Medians("sqlite3", anchor)}");
        }
    }

    public static async Task LargerAsync(Bench bench)
    {
        var (small, smallTruth) = bench.File(bench.Rows);
        var (large, largeTruth) = bench.File(5 * bench.Rows);
        List<Cost> one = [], five = [];
        for (var round = 0; round < bench.Pairs; round++)
        {
            Bench.Tell($"G10: round {round + 1} of {bench.Pairs}");
            var folder = bench.NewFolder();
            one.Add(await bench.ImportAsync(small, smallTruth, Path.Combine(folder, "one")));
            five.Add(await bench.ImportAsync(large, largeTruth, Path.Combine(folder, "five")));
            Directory.Delete(folder, recursive: true);
        }
        bench.Found(Larger, [.. five.Zip(one, (f, o) => f.Wall / o.Wall)], $"{Statistics.Medians("5 ×", five)}; {Statistics.Medians("1 ×", one)}");
    }

    static async Task<Cost> AnchorAsync(Bench bench, string file, Truth truth, string folder)
    {
        var script = bench.Output("anchor.sql");
        var database = Path.Combine(folder, "anchor.db");
        await File.WriteAllTextAsync(script, AnchorScript.Replace("{file}", file, StringComparison.Ordinal));
        var cost = await ChildProcess.Start("sqlite3", [database], bench.Output("stdout"), bench.Output("stderr"), stdin: script).WaitAsync();
        bench.Expect(cost, 0, "sqlite3 .import");
        StoreCheck.Table(database, truth, withInvalid: true);
        return cost;
    }

    /// <summary>Fields get a type through the API, so a server runs for a moment before the measured import.</summary>
    static async Task MakeTypedFieldAsync(Bench bench, string data)
    {
        await using var server = await MusterServer.StartAsync(bench, data);
        await server.CreateFieldAsync("birthday", "date");
    }
}
