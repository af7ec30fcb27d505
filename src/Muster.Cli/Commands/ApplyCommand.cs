using System.CommandLine;

namespace Muster.Cli.Commands;

/// <summary><c>muster apply</c>: carries out what <c>muster import --dry-run</c> planned.</summary>
static class ApplyCommand
{
    public static Command Build()
    {
        var id = OptionMaking.ImportId();
        var replan = new Option<bool>("--replan") { Description = "Rows whose contact has moved since go in as they are decided now; otherwise they are left out" };
        var command = new MusterCommand("apply", "Carry out a plan: the same file, options and rows, each held against what was planned.",
            "muster import contacts.csv --dry-run",
            "muster changes last",
            "muster apply last")
        {
            id, replan, OptionMaking.NoWait, OptionMaking.Json,
        };
        Target.AddOptions(command);
        command.SetAction(async (parsed, stop) =>
        {
            var target = Target.Of(parsed);
            await using var muster = await Connection.OpenAsync(target, stop);
            var plan = await ImportIds.ResolveAsync(muster, parsed.GetRequiredValue(id), stop);
            var import = await muster.ApplyAsync(plan, parsed.GetValue(replan), stop);
            return await ImportCommand.FinishAsync(muster, target, import, parsed.GetValue(OptionMaking.NoWait), parsed.GetValue(OptionMaking.Json), stop);
        });
        return command;
    }
}
