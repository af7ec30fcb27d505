using Muster.Load.Measuring;
using Muster.Load.Verifying;

namespace Muster.Load.Goals;

/// <summary>G4: what a developer would write instead, each in a process of its own. The slowest needs minutes for a million rows: the warm-up has a tenth of them.</summary>
static class RivalGoals
{
    static readonly Goal Dapper = new("G4", "CsvHelper + Dapper ÷ muster", 8, 12, AtLeast: true);
    static readonly Goal EntityFramework = new("G4", "CsvHelper + EF Core ÷ muster", 15, 25, AtLeast: true);

    public static async Task RunAsync(Bench bench)
    {
        List<Cost> muster = [], dapper = [], entityFramework = [];
        for (var round = 0; round <= bench.Pairs; round++)
        {
            var (file, truth) = bench.File(round == 0 ? Math.Max(1, bench.Rows / 10) : bench.Rows);
            Bench.Tell(round == 0 ? "G4: warm-up" : $"G4: round {round} of {bench.Pairs}");
            var folder = bench.NewFolder();
            var costs = (await bench.ImportAsync(file, truth, Path.Combine(folder, "data")), await RivalAsync("dapper"), await RivalAsync("ef"));
            Directory.Delete(folder, recursive: true);
            if (round == 0)
                continue;
            muster.Add(costs.Item1);
            dapper.Add(costs.Item2);
            entityFramework.Add(costs.Item3);

            async Task<Cost> RivalAsync(string name)
            {
                var database = Path.Combine(folder, $"{name}.db");
                // Beside this assembly, whether it was started by name or by `dotnet`.
                var program = Path.Combine(AppContext.BaseDirectory, typeof(RivalGoals).Assembly.GetName().Name!); // every assembly has a name
                var cost = await ChildProcess.Start(program, ["rival", name, file, database], bench.Output("stdout"), bench.Output("stderr")).WaitAsync();
                bench.Expect(cost, 0, name);
                StoreCheck.Table(database, truth, withInvalid: false);
                return cost;
            }
        }
        bench.Found(Dapper, [.. dapper.Zip(muster, (r, m) => r.Wall / m.Wall)], $"{Statistics.Medians("Dapper", dapper)}; {Statistics.Medians("muster", muster)}");
        bench.Found(EntityFramework, [.. entityFramework.Zip(muster, (r, m) => r.Wall / m.Wall)], $"{Statistics.Medians("EF Core", entityFramework)}; {Statistics.Medians("muster", muster)}");
    }
}
