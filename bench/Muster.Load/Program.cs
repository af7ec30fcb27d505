using System.Globalization;
using Muster.Load;
using Muster.Load.Goals;
using Muster.Load.Measuring;
using Muster.Load.Rivals;
using Muster.Load.Verifying;

CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;

const string Usage = """
    Muster.Load generate ROWS FILE [--seed N] [--crlf]
        Writes a file of invented contacts, and on stdout what an exact import of it comes to.
    Muster.Load run [--rows N] [--pairs N] [--only g1,g3,…] [--seed N] [--muster FILE] [--scratch DIR] [--out FILE]
        Measures the goals of docs/performance.md and writes a Markdown result. Needs sqlite3 on the PATH and a built muster.
        Defaults: 1000000 rows, 3 pairs after a warm-up, all goals, a result in bench/results/ named after the day.
    Muster.Load rival dapper|ef FILE DATABASE
        Imports a file the way of a rival, for the measurement of G4.
    """;

string[] goals = ["G1", "G2", "G3", "G4", "G8", "G9", "G10", "G11", "G12", "G13", "G14", "G15"];

try
{
    switch (args)
    {
        case ["generate", var rows, var file, .. var rest]:
            await GenerateAsync(Rows(rows), file, Options.Parse(rest, "--seed", "--crlf"));
            return 0;
        case ["rival", "dapper", var file, var database]:
            DapperRival.Run(file, database);
            return 0;
        case ["rival", "ef", var file, var database]:
            EntityFrameworkRival.Run(file, database);
            return 0;
        case ["run", .. var rest]:
            await RunAsync(Options.Parse(rest, "--rows", "--pairs", "--only", "--seed", "--muster", "--scratch", "--out"));
            return 0;
        default:
            Console.Error.WriteLine(Usage);
            return 2;
    }
}
catch (FormatException e)
{
    Console.Error.WriteLine($"{e.Message}\n\n{Usage}");
    return 2;
}
catch (WrongResultException e)
{
    Console.Error.WriteLine($"wrong result: {e.Message}");
    return 1;
}

static async Task GenerateAsync(long rows, string path, Options options)
{
    await using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
    var truth = new ContactFile(rows, options.Seed, options.Has("--crlf")).Write(stream);
    Console.WriteLine($$"""{"rows":{{truth.Rows}},"bytes":{{truth.Bytes}},"created":{{truth.Good}},"duplicate":{{truth.Repeats}},"rejected":{{truth.Invalid}},"rejects_sha256":"{{truth.RejectsSha256}}"}""");
}

async Task RunAsync(Options options)
{
    var only = options.Text("--only")?.ToUpperInvariant().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    if (only?.Except(goals).FirstOrDefault() is { } unknown)
        throw new FormatException($"--only '{unknown}' is none of {string.Join(", ", goals)}.");
    var wanted = (only ?? goals).ToHashSet();
    var root = Repository();
    var muster = options.Text("--muster") ?? Path.Combine(root, "src/Muster.Cli/bin/Release/net10.0/muster");
    if (!File.Exists(muster))
        throw new FormatException($"{muster} is not built: dotnet build -c Release src/Muster.Cli");

    var machine = Machine.Describe().ToList();
    machine.Add(("sqlite3 shell", await AnchorVersionAsync()));
    var parent = options.Text("--scratch") ?? Path.GetTempPath();
    var scratch = Directory.CreateDirectory(Path.Combine(parent, $"muster-load-{Environment.ProcessId}")).FullName;
    var bench = new Bench(options.Number("--rows", 1_000_000), (int)options.Number("--pairs", 3), options.Seed, muster, scratch);
    try
    {
        if (wanted.Contains("G8"))
            PhoneGoal.Run(bench);
        if (wanted.Overlaps(["G1", "G2", "G3"]))
            await CommandLineGoals.RoundsAsync(bench, wanted);
        if (wanted.Contains("G4"))
            await RivalGoals.RunAsync(bench);
        if (wanted.Contains("G11"))
            await ServerGoals.HttpAsync(bench);
        if (wanted.Contains("G12"))
            await ServerGoals.IdleAsync(bench);
        if (wanted.Contains("G9"))
            await ServerGoals.MemoryAsync(bench);
        if (wanted.Contains("G10"))
            await CommandLineGoals.LargerAsync(bench);
        if (wanted.Contains("G13"))
            await ServerGoals.BesideAsync(bench);
        if (wanted.Overlaps(["G14", "G15"]))
            await UndoGoals.RunAsync(bench);
    }
    finally
    {
        Directory.Delete(scratch, recursive: true);
        if (bench.Findings.Count > 0)
            await WriteResultAsync();
    }

    async Task WriteResultAsync()
    {
        machine.Add(("file", $"{bench.Rows:N0} rows, seed {bench.Seed}; every count, contact, ledger entry and rejects file checked after each import by the command line"));
        var typed = string.Join(' ', args.Where((a, i) => a is not ("--muster" or "--scratch" or "--out") && (i == 0 || args[i - 1] is not ("--muster" or "--scratch" or "--out"))));
        var text = Report.Write($"Muster.Load {typed}", machine, bench.Findings, bench.Notes);
        var file = options.Text("--out") ?? Path.Combine(root, "bench", "results", $"{TimeProvider.System.GetUtcNow():yyyy-MM-dd}.md");
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file)) ?? root);
        await File.WriteAllTextAsync(file, text);
        Console.WriteLine(text);
        Bench.Tell($"written to {file}");
    }

    async Task<string> AnchorVersionAsync()
    {
        var output = Path.GetTempFileName();
        try
        {
            await ChildProcess.Start("sqlite3", ["--version"], output, "/dev/null").WaitAsync();
            return (await File.ReadAllTextAsync(output)).Split(' ')[0];
        }
        finally
        {
            File.Delete(output);
        }
    }
}

static string Repository()
{
    var folder = new DirectoryInfo(AppContext.BaseDirectory);
    while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Muster.slnx")))
        folder = folder.Parent;
    return folder?.FullName ?? Directory.GetCurrentDirectory();
}

static long Rows(string text) =>
    long.TryParse(text, out var rows) && rows is > 0 and <= ContactFile.RowsMax ? rows : throw new FormatException($"ROWS '{text}' is not a number from 1 to {ContactFile.RowsMax}.");
