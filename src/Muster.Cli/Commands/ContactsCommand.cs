using System.CommandLine;
using Muster.Cli.Output;

namespace Muster.Cli.Commands;

/// <summary><c>muster contacts export</c>.</summary>
static class ContactsCommand
{
    public static Command Build()
    {
        var format = OptionMaking.OneOf("--format", "csv or ndjson [default: csv]", "csv", "ndjson");
        var safe = new Option<bool>("--safe") { Description = "For people with spreadsheets: neutralise cells that a spreadsheet would run as formulas" };
        var output = new Option<string>("--output", "-o") { HelpName = "FILE", Description = "Write to this file instead of stdout" };
        var export = new MusterCommand("export", "Write all contacts of the account.",
            "muster contacts export -o contacts.csv",
            "muster contacts export --format ndjson | jq .email",
            "muster contacts export --safe -o for-excel.csv")
        {
            format, safe, output, OptionMaking.Json,
        };
        Target.AddOptions(export);
        export.SetAction(async (parsed, stop) =>
        {
            await using var muster = await Connection.OpenAsync(Target.Of(parsed), stop);
            await OutputFile.WriteAsync(
                parsed.GetValue(output), parsed.GetValue(OptionMaking.Json), stream => muster.ExportAsync(parsed.GetValue(format) ?? "csv", parsed.GetValue(safe), stream, stop), stop);
            return ExitCode.Done;
        });
        return new MusterCommand("contacts", "Work with contacts.", "muster contacts export -o contacts.csv") { export };
    }
}
