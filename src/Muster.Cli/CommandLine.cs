using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Muster.Cli.Commands;

namespace Muster.Cli;

/// <summary>The tree of commands, and the one place where what went wrong becomes a message and an exit code.</summary>
static class CommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        var root = Build(args);
        // Values are taken as typed: no @file expansion, no bundled one-letter options.
        var parsing = new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null };
        if (args.Length == 0)
        {
            root.Parse(["--help"], parsing).Invoke(new InvocationConfiguration { Output = Console.Error });
            return ExitCode.Usage;
        }

        var parsed = root.Parse(args, parsing);
        if (ParseComplaint.Of(parsed, args) is { } complaint)
            return Refuse(parsed, complaint);

        using var stop = new StopSignal();
        try
        {
            // Signals are StopSignal's: the library would end the process after a time of its own.
            var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await parsed.InvokeAsync(invocation, stop.Token);
        }
        catch (UsageException e)
        {
            return Refuse(parsed, e.Message);
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("muster: stopped.");
            return ExitCode.Failed;
        }
        catch (Exception e)
        {
            return Failure.Report(e);
        }
    }

    static RootCommand Build(string[] args)
    {
        var root = new RootCommand("Muster takes contacts in bulk and gets them into lists without losing, inventing or damaging any.")
        {
            ImportCommand.Build(withSettings: args.Contains(ImportCommand.Name, StringComparer.Ordinal)),
            PreviewCommand.Build(),
            WatchCommand.Build(),
            ImportsCommand.Build(),
            ReportCommands.Rejects(),
            RetryCommand.Build(),
            ReportCommands.Errors(),
            ReportCommands.Changes(),
            ApplyCommand.Build(),
            MoveCommands.Pause(),
            MoveCommands.Resume(),
            MoveCommands.Approve(),
            MoveCommands.Cancel(),
            UndoCommands.Undo(),
            UndoCommands.Redo(),
            ContactsCommand.Build(),
            ListsCommand.Build(),
            ProfilesCommand.Build(),
            SuppressionsCommand.Build(),
            AccountCommands.Accounts(),
            AccountCommands.Keys(),
            LimitsCommand.Build(),
            WebhookCommands.Webhooks(),
            WebhookCommands.Deliveries(),
            ServeCommand.Build(withSettings: args.Contains(ServeCommand.Name, StringComparer.Ordinal)),
            BackupCommand.Build(),
        };
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!); // the library sets it in HelpOption's constructor
        return root;
    }

    static int Refuse(ParseResult parsed, string message)
    {
        var path = CommandPath(parsed);
        Console.Error.WriteLine($"{path}: {message}");
        Console.Error.WriteLine($"See {path} --help.");
        return ExitCode.Usage;
    }

    static string CommandPath(ParseResult parsed)
    {
        var names = new List<string>();
        for (System.CommandLine.Parsing.SymbolResult? at = parsed.CommandResult; at is not null; at = at.Parent)
        {
            if (at is System.CommandLine.Parsing.CommandResult { Command: not RootCommand } result)
                names.Insert(0, result.Command.Name);
        }
        return string.Join(' ', ["muster", .. names]);
    }
}
