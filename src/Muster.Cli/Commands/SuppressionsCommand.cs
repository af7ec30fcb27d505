using System.CommandLine;
using Muster.Cli.Output;
using Muster.Client;

namespace Muster.Cli.Commands;

/// <summary><c>muster suppressions</c>: addresses, numbers and domains that imports leave alone.</summary>
static class SuppressionsCommand
{
    public static Command Build() =>
        new MusterCommand("suppressions", "List, add and lift suppressions: addresses, numbers and domains that no import brings in.", "muster suppressions add ann@example.org") { List(), Add(), Remove(), Import() };

    static MusterCommand List()
    {
        var kind = OptionMaking.OneOf("--kind", "Only these [default: all]", "email", "phone", "domain");
        var command = new MusterCommand("list", "Show the account's suppressions.", "muster suppressions list", "muster suppressions list --kind domain --json") { kind, OptionMaking.Json };
        Target.AddOptions(command);
        command.SetAction(async (parsed, stop) =>
        {
            await using var muster = await Connection.OpenAsync(Target.Of(parsed), stop);
            var all = await muster.SuppressionsAsync(parsed.GetValue(kind), stop);
            if (parsed.GetValue(OptionMaking.Json))
                await JsonOutput.WriteAsync(new Page<SuppressionResource>(all, NextCursor: null), MusterJson.Wire.PageSuppressionResource, stop);
            else
                Table.Write(Console.Out, ["kind", "value", "reason", "created at"], all.Select(s => new[] { s.Kind, Words.Harmless(s.Value), Words.Harmless(s.Reason ?? "-"), Words.Time(s.CreatedAt) }));
            return ExitCode.Done;
        });
        return command;
    }

    static MusterCommand Add()
    {
        var values = new Argument<string[]>("VALUE") { Description = "E-mail addresses, phone numbers and domains", Arity = ArgumentArity.OneOrMore };
        var reason = OptionMaking.Text("--reason", "TEXT", "Why");
        var command = new MusterCommand("add", "Suppress addresses, numbers or domains.",
            "muster suppressions add ann@example.org +49301234567 example.com --reason 'asked for it by mail'") { values, reason, OptionMaking.Json };
        Target.AddOptions(command);
        command.SetAction(async (parsed, stop) =>
        {
            await using var muster = await Connection.OpenOrMakeAsync(Target.Of(parsed), stop);
            var added = await muster.SuppressAsync([.. parsed.GetRequiredValue(values).Select(v => new SuppressionInput(v, Reason: parsed.GetValue(reason)))], stop);
            await TellAsync(new(added.Added, added.Known, LeftOut: 0), parsed.GetValue(OptionMaking.Json), stop);
            return ExitCode.Done;
        });
        return command;
    }

    static MusterCommand Remove()
    {
        var values = new Argument<string[]>("VALUE") { Description = "As listed, or as kind:value", Arity = ArgumentArity.OneOrMore };
        var command = new MusterCommand("remove", "Lift suppressions. Who has opted out stays opted out.", "muster suppressions remove ann@example.org", "muster suppressions remove domain:example.com") { values, OptionMaking.Json };
        Target.AddOptions(command);
        command.SetAction(async (parsed, stop) =>
        {
            await using var muster = await Connection.OpenAsync(Target.Of(parsed), stop);
            var json = parsed.GetValue(OptionMaking.Json);
            var lifted = parsed.GetRequiredValue(values);
            foreach (var value in lifted)
            {
                await muster.LiftSuppressionAsync(value, stop);
                if (!json)
                    Console.WriteLine($"Lifted {Words.Harmless(value)}.");
            }
            if (json)
                await JsonOutput.WriteAsync(new SuppressionsLifted(lifted), CliJson.Wire.SuppressionsLifted, stop);
            return ExitCode.Done;
        });
        return command;
    }

    static MusterCommand Import()
    {
        var file = new Argument<string>("FILE") { Description = "One address, number or domain a line, a reason behind a comma; or - for standard input" };
        var reason = OptionMaking.Text("--reason", "TEXT", "Why, for lines that say no reason");
        var command = new MusterCommand("import", "Suppress all that a file lists. Lines that are neither address, number nor domain are named and left out.",
            "muster suppressions import bounced.txt --reason bounced", "cut -d, -f2 complaints.csv | muster suppressions import -") { file, reason, OptionMaking.Json };
        Target.AddOptions(command);
        command.SetAction(async (parsed, stop) =>
        {
            await using var content = ImportCommand.Open(parsed.GetRequiredValue(file));
            await using var muster = await Connection.OpenOrMakeAsync(Target.Of(parsed), stop);
            var bad = 0;
            var total = new SuppressionsAdded(0, 0);
            await foreach (var lines in SuppressionLines.ReadAsync(content, parsed.GetValue(reason), await muster.RegionAsync(stop), stop))
            {
                foreach (var line in lines.Bad)
                {
                    if (bad++ < BadShown)
                        await Console.Error.WriteLineAsync($"line {line}: neither an e-mail address, nor a phone number with + and its country code, nor a domain; left out");
                }
                if (lines.Good.Count == 0)
                    continue;
                var added = await muster.SuppressAsync(lines.Good, stop);
                total = new(total.Added + added.Added, total.Known + added.Known);
            }
            if (bad > BadShown)
                await Console.Error.WriteLineAsync($"… and {bad - BadShown:N0} more lines");
            await TellAsync(new(total.Added, total.Known, bad), parsed.GetValue(OptionMaking.Json), stop);
            return bad == 0 ? ExitCode.Done : ExitCode.Rejects;
        });
        return command;
    }

    const int BadShown = 20;

    static async Task TellAsync(SuppressionsTaken taken, bool json, CancellationToken stop)
    {
        if (json)
            await JsonOutput.WriteAsync(taken, CliJson.Wire.SuppressionsTaken, stop);
        else
            Console.WriteLine($"{Words.Count(taken.Added, "suppression", "suppressions")} added; {taken.Known:N0} {(taken.Known == 1 ? "was" : "were")} there before.");
    }
}
