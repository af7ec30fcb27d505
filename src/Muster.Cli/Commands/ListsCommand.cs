using System.CommandLine;
using Muster.Cli.Output;
using Muster.Client;

namespace Muster.Cli.Commands;

/// <summary><c>muster lists</c>: the account's lists and how many contacts are in each.</summary>
static class ListsCommand
{
    public static Command Build()
    {
        var command = new MusterCommand("lists", "Show the account's lists.", "muster lists", "muster lists --json") { OptionMaking.Json };
        Target.AddOptions(command);
        command.SetAction(async (parsed, stop) =>
        {
            await using var muster = await Connection.OpenAsync(Target.Of(parsed), stop);
            var lists = await muster.ListsAsync(stop);
            if (parsed.GetValue(OptionMaking.Json))
                await JsonOutput.WriteAsync(new Page<ListResource>(lists, NextCursor: null), MusterJson.Wire.PageListResource, stop);
            else
                Table.Write(Console.Out, ["id#", "name", "kind", "members#"], lists.Select(list => new[] { $"{list.Id}", Words.Harmless(list.Name), list.Kind, $"{list.Members}" }));
            return ExitCode.Done;
        });
        return command;
    }
}
