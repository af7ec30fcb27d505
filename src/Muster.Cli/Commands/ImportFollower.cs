using Muster.Cli.Output;
using Muster.Client;

namespace Muster.Cli.Commands;

/// <summary>Shows an import's progress until it rests, then what became of it.</summary>
static class ImportFollower
{
    public static async Task<int> RunAsync(IMuster muster, Target target, ImportResource import, bool work, bool json, CancellationToken stop)
    {
        try
        {
            import = await Progress.ShowAsync(import, moved => muster.FollowAsync(import.Id, work, moved, stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await TellStoppedAsync(muster, target, import.Id);
            return ExitCode.Failed;
        }

        if (json)
            await JsonOutput.WriteAsync(import, MusterJson.Wire.ImportResource, stop);
        else
            await ImportReport.WriteAsync(muster, target, import, Console.Out, stop);
        if (!import.IsAtRest())
            await Console.Error.WriteLineAsync($"muster: nobody runs the imports of this data folder, and the import waits. Go on with: muster resume {import.Id}{target.Arguments}");
        return import.ExitCode();
    }

    static async Task TellStoppedAsync(IMuster muster, Target target, Guid id)
    {
        var import = await muster.GetAsync(id, CancellationToken.None);
        var rows = $"{import.Counts.Read:N0} {(import.Counts.Read == 1 ? "row is" : "rows are")} done";
        await Console.Error.WriteLineAsync(import.Status switch
        {
            ImportStatuses.Running => $"muster: stopped watching; the import goes on ({rows}). Watch it with: muster watch {id}{target.Arguments}",
            ImportStatuses.Queued => $"muster: stopped; {rows}, and the import waits. Go on with: muster resume {id}{target.Arguments}",
            _ => $"muster: stopped; the import is {import.Status}, {rows}.",
        });
    }
}
