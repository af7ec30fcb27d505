using System.CommandLine;
using Muster.Cli.Output;
using Muster.Client;

namespace Muster.Cli.Commands;

/// <summary><c>muster undo</c> and <c>muster redo</c>: takes an import back, and takes that back.</summary>
static class UndoCommands
{
    public static Command Undo() => Build(redo: false, new MusterCommand("undo", "Take an import back: what it made goes, and what it changed is as it was. Later edits stay.",
        "muster undo last --dry-run",
        "muster undo last",
        "muster undo 0199c0de-1234-7abc-8def-0123456789ab --force"));

    public static Command Redo() => Build(redo: true, new MusterCommand("redo", "Take an undo back.",
        "muster redo last",
        "muster redo last --dry-run"));

    static MusterCommand Build(bool redo, MusterCommand command)
    {
        var id = OptionMaking.ImportId();
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what it would do, and what stands against it" };
        var force = new Option<bool>("--force") { Description = "Values, lists and tags that were written later give way too; who has left a list stays out" };
        var allowResubscribe = new Option<bool>("--allow-resubscribe") { Description = "Take opt-outs back, too; otherwise whoever the import opted out stays opted out" };
        command.Add(id);
        command.Add(dryRun);
        command.Add(force);
        command.Add(allowResubscribe);
        command.Add(OptionMaking.NoWait);
        command.Add(OptionMaking.Json);
        Target.AddOptions(command);
        command.SetAction(async (parsed, stop) =>
        {
            var target = Target.Of(parsed);
            await using var muster = await Connection.OpenAsync(target, stop);
            var of = await ImportIds.ResolveAsync(muster, parsed.GetRequiredValue(id), stop);
            var json = parsed.GetValue(OptionMaking.Json);
            if (parsed.GetValue(dryRun))
                return await PreviewAsync(await muster.PreviewReversalAsync(of, redo, parsed.GetValue(force), parsed.GetValue(allowResubscribe), stop), json, stop);
            var import = await muster.ReverseAsync(of, redo, parsed.GetValue(force), parsed.GetValue(allowResubscribe), stop);
            return await ImportCommand.FinishAsync(muster, target, import, parsed.GetValue(OptionMaking.NoWait), json, stop);
        });
        return command;
    }

    static async Task<int> PreviewAsync(ReversalPreviewResource preview, bool json, CancellationToken stop)
    {
        if (json)
        {
            await JsonOutput.WriteAsync(preview, MusterJson.Wire.ReversalPreviewResource, stop);
            return ExitCode.Done;
        }
        Console.WriteLine($"This {preview.Kind} would come to ({Words.Count(preview.Counts.Read, "row", "rows")}; nothing has been written):");
        foreach (var (count, word) in ImportReport.Kinds(preview.Reversal))
        {
            if (count > 0)
                Console.WriteLine($"  {count,11:N0}  {word}");
        }
        foreach (var conflict in preview.ConflictsShown.Take(ConflictsShown))
            Console.WriteLine($"  row {conflict.RowNumber}, contact {conflict.ContactId}{(conflict.Column is null ? "" : $", column {Words.Harmless(conflict.Column, 40)}")}: {conflict.Message} ({conflict.Code})");
        if (preview.Reversal.Conflicts > ConflictsShown)
            Console.WriteLine($"  … {preview.Reversal.Conflicts - ConflictsShown:N0} more");
        return ExitCode.Done;
    }

    const int ConflictsShown = 5;
}
