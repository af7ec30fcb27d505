using System.CommandLine;
using System.Globalization;
using Muster.Cli.Output;
using Muster.Client;

namespace Muster.Cli.Commands;

/// <summary><c>muster preview</c>: what an import of a file would make of it, before anything is written.</summary>
static class PreviewCommand
{
    const int RowsDefault = 5;
    const int RowsMax = 100;

    public static Command Build()
    {
        var file = new Argument<string>("FILE") { Description = "The file to look at, or - for standard input" };
        var options = new ImportOptionSet();
        var rows = new Option<int>("--rows") { HelpName = "N", Description = $"How many of the first rows to show, up to {RowsMax}", DefaultValueFactory = _ => RowsDefault };
        rows.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !(int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= RowsMax))
                result.AddError($"--rows '{token.Value}' is not a whole number from 0 to {RowsMax}.");
        });
        var command = new MusterCommand("preview", "Show how a file would be read: columns and their fields, first rows, worst rows. Nothing is written.",
            "muster preview contacts.csv",
            "muster preview contacts.csv --map 'Mobil=phone' --region DE",
            "muster preview contacts.csv --json")
        {
            file,
        };
        options.AddTo(command);
        command.Add(rows);
        command.Add(OptionMaking.Json);
        Target.AddOptions(command);
        command.SetAction((parsed, stop) => RunAsync(
            Target.Of(parsed), parsed.GetRequiredValue(file), options.Of(parsed), parsed.GetValue(rows), parsed.GetValue(OptionMaking.Json), stop));
        return command;
    }

    static async Task<int> RunAsync(Target target, string file, ImportOptionsResource options, int rows, bool json, CancellationToken stop)
    {
        await using var content = ImportCommand.Open(file);
        await using var muster = await Connection.OpenOrMakeAsync(target, stop);
        var preview = await muster.PreviewAsync(content, ImportCommand.NameOf(file), options, rows, stop);
        if (json)
            await JsonOutput.WriteAsync(preview, MusterJson.Wire.PreviewResource, stop);
        else
            PreviewReport.Write(preview, Console.Out);
        return preview.Problem is not null ? ExitCode.Failed : preview.Hold.Count > 0 ? ExitCode.Held : ExitCode.Done;
    }
}
