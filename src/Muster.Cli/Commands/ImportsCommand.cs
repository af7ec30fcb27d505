using System.CommandLine;
using Muster.Cli.Output;
using Muster.Client;

namespace Muster.Cli.Commands;

/// <summary><c>muster imports</c>: the account's imports, newest first.</summary>
static class ImportsCommand
{
    public static Command Build()
    {
        var limit = new Option<int>("--limit") { HelpName = "N", Description = "At most this many, 1 to 1000", DefaultValueFactory = _ => 20 };
        limit.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !(int.TryParse(token.Value, out var n) && n is >= 1 and <= 1_000))
                result.AddError($"--limit '{token.Value}' is not a number from 1 to 1000.");
        });
        var cursor = OptionMaking.Text("--cursor", "TEXT", "Go on where an earlier page (its next_cursor) ended");
        var command = new MusterCommand("imports", "List imports, the newest first.", "muster imports", "muster imports --limit 100 --json") { limit, cursor, OptionMaking.Json };
        Target.AddOptions(command);
        command.SetAction((parsed, stop) => RunAsync(
            Target.Of(parsed), parsed.GetValue(cursor), parsed.GetValue(limit), parsed.GetValue(OptionMaking.Json), stop));
        return command;
    }

    static async Task<int> RunAsync(Target target, string? cursor, int limit, bool json, CancellationToken stop)
    {
        await using var muster = await Connection.OpenAsync(target, stop);
        var page = await muster.ImportsAsync(cursor, limit, stop);
        if (json)
        {
            await JsonOutput.WriteAsync(page, MusterJson.Wire.PageImportResource, stop);
            return ExitCode.Done;
        }
        Table.Write(Console.Out, ["id", "status", "created at", "read#", "created#", "updated#", "rejected#", "source"], page.Items.Select(import => new[]
        {
            import.Id.ToString(), import.Status, Words.Time(import.CreatedAt),
            $"{import.Counts.Read}", $"{import.Counts.Created}", $"{import.Counts.Updated}", $"{import.Counts.Rejected}",
            Words.Harmless(import.Source.FileName ?? import.Source.Kind, 60),
        }));
        if (page.NextCursor is { } next)
            await Console.Error.WriteLineAsync($"There are more: muster imports --cursor {next}{target.Arguments}");
        return ExitCode.Done;
    }
}
