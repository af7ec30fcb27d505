using System.CommandLine;
using Muster.Cli.Output;
using Muster.Client;
using Muster.Jobs;

namespace Muster.Cli.Commands;

/// <summary><c>muster pause</c>, <c>resume</c>, <c>approve</c> and <c>cancel</c>: a change of state in the store, which whoever runs the import sees between two batches.</summary>
static class MoveCommands
{
    public static Command Pause() => Build(ImportMove.Pause, new MusterCommand("pause", "Pause an import after its current batch.", "muster pause last"));

    public static Command Cancel() => Build(ImportMove.Cancel, new MusterCommand("cancel", "Cancel an import after its current batch; what is in stays in.", "muster cancel last"));

    public static Command Resume() => GoOn(ImportMove.Resume, [ImportStatuses.Queued, ImportStatuses.Running], new MusterCommand(
        "resume", "Go on with a paused, stopped or cut off import, from its last batch to its end.", "muster resume last", "muster resume last --no-wait"));

    public static Command Approve() => GoOn(ImportMove.Approve, [], new MusterCommand(
        "approve", "Let a held import go on, in spite of what it was held for.", "muster approve last", "muster approve last --no-wait"));

    /// <param name="going">Statuses that need no move: the import waits for a worker, which this process may be.</param>
    static MusterCommand GoOn(ImportMove move, string[] going, MusterCommand command)
    {
        var id = OptionMaking.ImportId();
        command.Add(id);
        command.Add(OptionMaking.NoWait);
        command.Add(OptionMaking.Json);
        Target.AddOptions(command);
        command.SetAction(async (parsed, stop) =>
        {
            var target = Target.Of(parsed);
            await using var muster = await Connection.OpenAsync(target, stop);
            var import = await muster.GetAsync(await ImportIds.ResolveAsync(muster, parsed.GetRequiredValue(id), stop), stop);
            if (!going.Contains(import.Status, StringComparer.Ordinal))
                import = await muster.MoveAsync(import.Id, move, stop);
            var json = parsed.GetValue(OptionMaking.Json);
            return parsed.GetValue(OptionMaking.NoWait)
                ? await TellAsync(import, target, json, stop)
                : await ImportFollower.RunAsync(muster, target, import, work: true, json, stop);
        });
        return command;
    }

    static MusterCommand Build(ImportMove move, MusterCommand command)
    {
        var id = OptionMaking.ImportId();
        command.Add(id);
        command.Add(OptionMaking.Json);
        Target.AddOptions(command);
        command.SetAction(async (parsed, stop) =>
        {
            var target = Target.Of(parsed);
            await using var muster = await Connection.OpenAsync(target, stop);
            var import = await muster.MoveAsync(await ImportIds.ResolveAsync(muster, parsed.GetRequiredValue(id), stop), move, stop);
            return await TellAsync(import, target, parsed.GetValue(OptionMaking.Json), stop);
        });
        return command;
    }

    static async Task<int> TellAsync(ImportResource import, Target target, bool json, CancellationToken stop)
    {
        if (json)
        {
            await JsonOutput.WriteAsync(import, MusterJson.Wire.ImportResource, stop);
            return ExitCode.Done;
        }
        Console.WriteLine($"The import {import.Id} is {import.Status}; {Words.Count(import.Counts.Read, "row is", "rows are")} done.");
        if (import is { Status: ImportStatuses.Canceled, Kind: "import" or "apply", UndoneBy: null } && import.Counts.Created + import.Counts.Updated > 0)
            Console.WriteLine($"What is in stays in. Take it back with: muster undo {import.Id}{target.Arguments}");
        return ExitCode.Done;
    }
}
