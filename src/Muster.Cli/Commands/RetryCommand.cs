using System.CommandLine;

namespace Muster.Cli.Commands;

/// <summary><c>muster retry</c>: the corrected rejects of an import, with that import's options.</summary>
static class RetryCommand
{
    public static Command Build()
    {
        var id = OptionMaking.ImportId();
        var file = new Argument<string>("FILE") { Description = "The corrected rejects, or - for standard input" };
        var command = new MusterCommand("retry", "Import the corrected rejects of an import, with that import's options and linked to it.",
            "muster rejects last -o rejects.csv", "muster retry last rejects.csv")
        {
            id, file, OptionMaking.NoWait, OptionMaking.Json,
        };
        Target.AddOptions(command);
        command.SetAction(async (parsed, stop) =>
        {
            var (target, path) = (Target.Of(parsed), parsed.GetRequiredValue(file));
            await using var content = ImportCommand.Open(path);
            await using var muster = await Connection.OpenAsync(target, stop);
            var parent = await ImportIds.ResolveAsync(muster, parsed.GetRequiredValue(id), stop);
            var import = await muster.RetryAsync(parent, content, ImportCommand.NameOf(path), stop);
            return await ImportCommand.FinishAsync(muster, target, import, parsed.GetValue(OptionMaking.NoWait), parsed.GetValue(OptionMaking.Json), stop);
        });
        return command;
    }
}
