using System.Globalization;
using System.Text;

namespace Muster.Load.Measuring;

/// <summary>A goal of docs/performance.md.</summary>
/// <param name="Unit">× for a ratio; else ms, ns, MiB.</param>
/// <param name="AtLeast">Larger is better.</param>
sealed record Goal(string Name, string What, double Must, double Aim, string Unit = "×", bool AtLeast = false)
{
    public string Verdict(double value) =>
        Meets(value, Aim) ? "aim" : Meets(value, Must) ? "must" : "**missed**";

    bool Meets(double value, double limit) => AtLeast ? value >= limit : value <= limit;
}

/// <summary>One line of the result.</summary>
/// <param name="Values">The figure, or the ratio, of each repetition.</param>
/// <param name="Figures">What the values were made of, as medians.</param>
sealed record Finding(Goal Goal, IReadOnlyList<double> Values, string Figures)
{
    public double Median => Statistics.Median(Values);
}

static class Statistics
{
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>Wall, CPU and peak memory of the runs, each the median.</summary>
    public static string Medians(string name, IReadOnlyCollection<Cost> costs) => string.Create(CultureInfo.InvariantCulture,
        $"{name} {Median(costs.Select(c => c.Wall.TotalSeconds)):0.00} s (CPU {Median(costs.Select(c => c.Cpu.TotalSeconds)):0.00} s, {Median(costs.Select(c => (double)c.PeakBytes)) / (1 << 20):0} MiB)");
}

/// <summary>The findings of one run as Markdown.</summary>
static class Report
{
    public static string Write(string command, IEnumerable<(string What, string Value)> machine, IEnumerable<Finding> findings, IEnumerable<string> notes)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"# Muster.Load\n\n`{command}`\n\n| | |\n|---|---|");
        foreach (var (what, value) in machine)
            text.AppendLine(CultureInfo.InvariantCulture, $"| {what} | {value} |");
        text.AppendLine("\n| goal | what | median | min – max | must | aim | reached | medians of the runs |\n|---|---|---|---|---|---|---|---|");
        foreach (var finding in findings)
            text.AppendLine(Line(finding));
        text.AppendLine();
        foreach (var note in notes)
            text.AppendLine(CultureInfo.InvariantCulture, $"- {note}");
        return text.ToString().TrimEnd() + "\n";
    }

    public static string Line(Finding finding)
    {
        var goal = finding.Goal;
        var sign = goal.AtLeast ? "≥" : "≤";
        return $"| {goal.Name} | {goal.What} | **{Number(finding.Median)}** {goal.Unit} | {Number(finding.Values.Min())} – {Number(finding.Values.Max())} "
            + $"| {sign} {Number(goal.Must)} | {sign} {Number(goal.Aim)} | {goal.Verdict(finding.Median)} | {finding.Figures} |";
    }

    static string Number(double value) => value.ToString(value >= 100 ? "0" : value >= 10 ? "0.#" : "0.###", CultureInfo.InvariantCulture);
}
