using System.CommandLine;

namespace Muster.Cli.Commands;

/// <summary><c>muster watch</c>: progress of an import that another process runs, then its report.</summary>
static class WatchCommand
{
    public static Command Build()
    {
        var id = OptionMaking.ImportId();
        var command = new MusterCommand("watch", "Watch an import to its end; ends at once when it has ended.",
            "muster watch last",
            "muster watch 0199c0de-1234-7abc-8def-0123456789ab --server https://muster.example.org")
        {
            id, OptionMaking.Json,
        };
        Target.AddOptions(command);
        command.SetAction((parsed, stop) => RunAsync(Target.Of(parsed), parsed.GetRequiredValue(id), parsed.GetValue(OptionMaking.Json), stop));
        return command;
    }

    static async Task<int> RunAsync(Target target, string typed, bool json, CancellationToken stop)
    {
        await using var muster = await Connection.OpenAsync(target, stop);
        var import = await muster.GetAsync(await ImportIds.ResolveAsync(muster, typed, stop), stop);
        return await ImportFollower.RunAsync(muster, target, import, work: false, json, stop);
    }
}
