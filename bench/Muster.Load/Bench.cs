using System.Globalization;
using System.Text.Json;
using Muster.Load.Measuring;
using Muster.Load.Verifying;

namespace Muster.Load;

/// <summary>What the goals share: the programs under measure, the files, a scratch folder, the findings.</summary>
/// <param name="Rows">Rows of the file; the larger one has five times as many.</param>
/// <param name="Pairs">Repetitions after one warm-up.</param>
/// <param name="Muster">The built program.</param>
/// <param name="Scratch">Emptied after every measurement, deleted at the end.</param>
sealed record Bench(long Rows, int Pairs, ulong Seed, string Muster, string Scratch)
{
    const string ListName = "Customers";

    readonly Dictionary<long, (string Path, Truth Truth)> files = [];
    int folders;

    public List<Finding> Findings { get; } = [];
    public List<string> Notes { get; } = [];

    public static void Tell(string text) => Console.Error.WriteLine($"{TimeProvider.System.GetLocalNow():HH:mm:ss} {text}");

    public void Found(Goal goal, IReadOnlyList<double> values, string figures)
    {
        var finding = new Finding(goal, values, figures);
        Findings.Add(finding);
        Tell(Report.Line(finding));
    }

    /// <summary>The generated file of that many rows, written once.</summary>
    public (string Path, Truth Truth) File(long rows, ulong seedOffset = 0)
    {
        var key = rows * 1_000 + (long)seedOffset;
        if (files.TryGetValue(key, out var known))
            return known;
        var path = Path.Combine(Scratch, $"contacts-{key}.csv");
        if (rows >= 10_000)
            Tell($"writing {rows:N0} rows");
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        var truth = new ContactFile(rows, Seed + seedOffset).Write(stream);
        return files[key] = (path, truth);
    }

    public void Forget(long rows)
    {
        if (files.Remove(rows * 1_000, out var file))
            System.IO.File.Delete(file.Path);
    }

    public string NewFolder() => Directory.CreateDirectory(Path.Combine(Scratch, $"run-{++folders}")).FullName;

    public string Output(string name) => Path.Combine(Scratch, name);

    /// <summary><c>muster import</c> as a whole process, its result checked.</summary>
    /// <param name="inList">Into a list as well.</param>
    public async Task<Cost> ImportAsync(string file, Truth truth, string data, bool again = false, bool inList = false)
    {
        string[] list = inList ? ["--list", ListName] : [];
        var cost = await RunAsync("import", [file, "--data", data, "--json", .. list]);
        Expect(cost, truth.Invalid > 0 ? 3 : 0, "muster import");
        using (var import = JsonDocument.Parse(System.IO.File.ReadAllText(Output("stdout"))))
        {
            StoreCheck.Counts(import.RootElement, truth, again);
            var id = import.RootElement.GetProperty("id").GetString()!; // the counts were there, so the id is
            Expect(await RunAsync("rejects", [id, "--data", data]), 0, "muster rejects");
        }
        StoreCheck.Rejects(Output("stdout"), truth);
        StoreCheck.Database(data, truth, again, inList);
        return cost;
    }

    /// <summary>One command of muster, its output in the scratch folder.</summary>
    public Task<Cost> RunAsync(string command, params string[] arguments) =>
        ChildProcess.Start(Muster, [command, .. arguments], Output("stdout"), Output("stderr")).WaitAsync();

    public void Expect(Cost cost, int exitCode, string what)
    {
        if (cost.ExitCode == exitCode)
            return;
        var errors = System.IO.File.ReadAllText(Output("stderr"));
        throw new WrongResultException(string.Create(CultureInfo.InvariantCulture, $"{what} ended with code {cost.ExitCode}, not {exitCode}: {errors[..Math.Min(errors.Length, 2_000)]}"));
    }
}
