using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Muster.Cli;

/// <summary>A command that shows examples below its help.</summary>
sealed class MusterCommand(string name, string description, params string[] examples) : Command(name, description)
{
    public IReadOnlyList<string> Examples { get; } = examples;
}

/// <summary>The library's help, followed by the command's examples.</summary>
sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        help.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        if (parseResult.CommandResult.Command is MusterCommand { Examples.Count: > 0 } command)
        {
            output.WriteLine("Examples:");
            foreach (var example in command.Examples)
                output.WriteLine($"  {example}");
            output.WriteLine();
        }
        else if (parseResult.CommandResult.Command is RootCommand)
        {
            output.WriteLine(
                """
                Examples:
                  muster import contacts.csv --list Customers
                  muster serve --urls http://127.0.0.1:8080
                  muster import contacts.csv --server http://127.0.0.1:8080 --key muster_…

                Exit codes:
                  0 all in   1 failed, canceled or stopped   2 usage   3 finished with rejects   4 held for approval

                """);
        }
        return ExitCode.Done;
    }
}
