using System.Runtime.CompilerServices;
using Muster.Client;

namespace Muster.Cli.Output;

/// <summary>An import's progress on stderr: a bar on a terminal, a line now and then when piped.</summary>
static class Progress
{
    static readonly TimeSpan LineEvery = TimeSpan.FromSeconds(2);

    public static Task<ImportResource> ShowAsync(ImportResource import, Func<Action<ImportResource>, Task<ImportResource>> follow) =>
        Console.IsErrorRedirected ? LinesAsync(import, follow) : BarAsync(import, follow);

    static async Task<ImportResource> LinesAsync(ImportResource import, Func<Action<ImportResource>, Task<ImportResource>> follow)
    {
        var output = Console.Error;
        await output.WriteLineAsync($"import {import.Id}: {Words.Harmless(import.Source.FileName ?? import.Source.Url ?? import.Source.Kind)}{(import.Progress.Phase is null ? ", " + Words.Bytes(import.Source.Bytes) : "")}");
        var last = TimeProvider.System.GetTimestamp();
        return await follow(moved =>
        {
            if (moved.IsAtRest() || TimeProvider.System.GetElapsedTime(last) < LineEvery)
                return;
            last = TimeProvider.System.GetTimestamp();
            output.WriteLine($"  {Share(moved.Progress)} %, {Line(moved)}");
        });
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static Task<ImportResource> BarAsync(ImportResource import, Func<Action<ImportResource>, Task<ImportResource>> follow) => ProgressBar.ShowAsync(import, follow);

    public static string Line(ImportResource import)
    {
        if (import.Progress.Phase is { } phase)
            return $"{phase}, {Words.Bytes(import.Progress.BytesRead)}";
        var line = Words.Count(import.Counts.Read, "row", "rows");
        if (import.Progress.RowsPerSecond is { } speed)
            line += $", {speed:N0} rows/s";
        if (import.Progress.EtaSeconds is { } eta)
            line += $", {Words.Span(Math.Ceiling(eta))} left";
        return import.Status == ImportStatuses.Running ? line : $"{import.Status}, {line}";
    }

    public static int Share(ProgressResource progress) =>
        progress.BytesTotal <= 0 ? 0 : (int)Math.Clamp(100 * progress.BytesRead / progress.BytesTotal, 0, 100);
}
