using System.Diagnostics;
using Muster.Load.Measuring;
using Muster.Load.Verifying;

namespace Muster.Load.Goals;

/// <summary>G9, G11, G12 and G13: imports through the HTTP API of a server process.</summary>
static class ServerGoals
{
    const int SmallRows = 200;
    const int SmallImports = 30;
    const double MiB = 1 << 20;

    static readonly TimeSpan Often = TimeSpan.FromMilliseconds(10);

    static readonly Goal Memory = new("G9", "peak memory of the server, 1 ×", 320, 200, "MiB");
    static readonly Goal MemoryLarge = new("G9", "peak memory of the server, 5 ×", 320, 200, "MiB");
    static readonly Goal MemoryLow = new("G9", "peak memory of the server, 1 ×, low-memory setting", 128, 110, "MiB");
    static readonly Goal Http = new("G11", "through HTTP ÷ by the command line", 1.15, 1.05);
    static readonly Goal Idle = new("G12", "200 rows on an idle server, sent → completed", 100, 30, "ms");
    static readonly Goal Beside = new("G13", "200 rows beside a large import of another account, sent → completed", 1_000, 300, "ms");

    /// <summary>What docs/performance.md recommends where memory is scarce.</summary>
    static readonly Dictionary<string, string> LowMemory = new()
    {
        ["MUSTER_BATCH_ROWS_MAX"] = "2500",
        ["MUSTER_BATCH_BYTES_MAX"] = "1048576",
        ["MUSTER_SQLITE_CACHE"] = "2097152",
        ["MUSTER_DEDUPE_MEMORY"] = "1048576",
        ["DOTNET_GCgen0size"] = "0x100000",
        ["DOTNET_GCRegionSize"] = "0x100000",
        ["DOTNET_GCConserveMemory"] = "7",
        ["DOTNET_gcConcurrent"] = "0",
        ["MALLOC_ARENA_MAX"] = "1",
    };

    public static async Task MemoryAsync(Bench bench)
    {
        bench.Notes.Add($"G9, low-memory setting: {string.Join(", ", LowMemory.Select(s => $"`{s.Key}={s.Value}`"))}.");
        foreach (var (goal, rows, settings) in new[] { (Memory, bench.Rows, null), (MemoryLow, bench.Rows, LowMemory), (MemoryLarge, 5 * bench.Rows, null) })
        {
            Bench.Tell($"G9: {rows:N0} rows");
            var (file, truth) = bench.File(rows);
            var folder = bench.NewFolder();
            double peak;
            await using (var server = await MusterServer.StartAsync(bench, folder, settings))
            {
                var import = await server.WatchAsync(await server.SubmitAsync(file), TimeSpan.FromMilliseconds(250));
                peak = server.PeakBytes / MiB;
                await CheckAsync(bench, server, import, truth);
            }
            StoreCheck.Database(folder, truth, again: false, inList: false);
            Directory.Delete(folder, recursive: true);
            bench.Found(goal, [peak], $"{rows:N0} rows, {truth.Bytes / MiB:0} MiB");
        }
    }

    public static async Task HttpAsync(Bench bench)
    {
        var (file, truth) = bench.File(bench.Rows);
        List<double> http = [], command = [];
        for (var round = 0; round <= bench.Pairs; round++)
        {
            Bench.Tell(round == 0 ? "G11: warm-up" : $"G11: round {round} of {bench.Pairs}");
            var folder = bench.NewFolder();
            var byCommand = (await bench.ImportAsync(file, truth, Path.Combine(folder, "command"))).Wall.TotalSeconds;
            double byHttp;
            var data = Path.Combine(folder, "http");
            await using (var server = await MusterServer.StartAsync(bench, data))
            {
                var started = Stopwatch.GetTimestamp();
                var import = await server.WatchAsync(await server.SubmitAsync(file), Often);
                byHttp = Stopwatch.GetElapsedTime(started).TotalSeconds;
                await CheckAsync(bench, server, import, truth);
            }
            StoreCheck.Database(data, truth, again: false, inList: false);
            Directory.Delete(folder, recursive: true);
            if (round == 0)
                continue;
            http.Add(byHttp);
            command.Add(byCommand);
        }
        bench.Found(Http, [.. http.Zip(command, (h, c) => h / c)], $"HTTP {Statistics.Median(http):0.00} s; command line {Statistics.Median(command):0.00} s");
    }

    public static async Task IdleAsync(Bench bench)
    {
        Bench.Tell("G12");
        var folder = bench.NewFolder();
        await using (var server = await MusterServer.StartAsync(bench, folder))
            bench.Found(Idle, await SmallImportsAsync(bench, server, account: null, goesOn: null), $"{SmallImports} imports, one after the other, `Prefer: wait`; the upload is part of it");
        Directory.Delete(folder, recursive: true);
    }

    public static async Task BesideAsync(Bench bench)
    {
        Bench.Tell("G13");
        var (file, truth) = bench.File(5 * bench.Rows);
        var folder = bench.NewFolder();
        var other = await MusterServer.CreateKeyAsync(bench, folder, "other");
        await using (var server = await MusterServer.StartAsync(bench, folder))
        {
            // Past the first batches, which are small, so that the large ones are in the way.
            var large = await server.WatchAsync(await server.SubmitAsync(file), Often, until: truth.Rows / 20);
            // A small import counts when the large one still ran at its end: beside nothing it would say nothing.
            var milliseconds = await SmallImportsAsync(bench, server, other, async () =>
            {
                large = await server.LookAsync(large);
                return large.GetProperty("status").GetString() == "running";
            });
            await CheckAsync(bench, server, await server.WatchAsync(large, TimeSpan.FromMilliseconds(250)), truth);
            if (milliseconds.Length < SmallImports)
                bench.Notes.Add($"G13: {milliseconds.Length} of {SmallImports} small imports ended while the large one ran; the others are left out. More rows make a longer import.");
            if (milliseconds.Length > 0)
                bench.Found(Beside, milliseconds, $"{milliseconds.Length} imports beside one of {truth.Rows:N0} rows");
        }
        StoreCheck.Ledger(folder, truth);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Counts and rejects file of an import through HTTP; the database is checked when the server has ended.</summary>
    static async Task CheckAsync(Bench bench, MusterServer server, System.Text.Json.JsonElement import, Truth truth)
    {
        StoreCheck.Counts(import, truth, again: false);
        await server.RejectsAsync(import, bench.Output("rejects"));
        StoreCheck.Rejects(bench.Output("rejects"), truth);
    }

    /// <summary>Milliseconds of each small import after three for warming up; each file has contacts of its own, but for a few.</summary>
    /// <param name="goesOn">Asked behind each: false leaves it and all later ones out.</param>
    static async Task<double[]> SmallImportsAsync(Bench bench, MusterServer server, string? account, Func<Task<bool>>? goesOn)
    {
        const int WarmUps = 3;
        var milliseconds = new List<double>();
        for (var i = -WarmUps; i < SmallImports; i++)
        {
            var (file, truth) = bench.File(SmallRows, seedOffset: (ulong)(i + WarmUps + 1));
            var started = Stopwatch.GetTimestamp();
            var import = await server.SubmitAsync(file, account, waitSeconds: 60);
            var elapsed = Stopwatch.GetElapsedTime(started);
            Completed(import, truth);
            if (goesOn is not null && !await goesOn())
                break;
            if (i >= 0)
                milliseconds.Add(elapsed.TotalMilliseconds);
        }
        return [.. milliseconds];
    }

    /// <summary>Small files of several seeds share a few addresses, so what is created and what updated is not counted here.</summary>
    static void Completed(System.Text.Json.JsonElement import, Truth truth)
    {
        var counts = import.GetProperty("counts");
        long Count(string name) => counts.GetProperty(name).GetInt64();
        if (import.GetProperty("status").GetString() != "completed" || Count("read") != truth.Rows || Count("rejected") != truth.Invalid
            || Count("duplicate") != truth.Repeats || Count("created") + Count("updated") != truth.Good)
            throw new WrongResultException($"A small import ended as {import}.");
    }
}
