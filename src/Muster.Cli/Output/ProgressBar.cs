using Muster.Client;
using Spectre.Console;

namespace Muster.Cli.Output;

/// <summary>The bar on a terminal: rows, rows a second, time left. It goes when the import rests; the report takes its place.</summary>
static class ProgressBar
{
    public static Task<ImportResource> ShowAsync(ImportResource import, Func<Action<ImportResource>, Task<ImportResource>> follow)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress()
            .AutoClear(true)
            .Columns(new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .StartAsync(async context =>
            {
                var bar = context.AddTask(Markup.Escape(Muster.Cli.Output.Progress.Line(import)), maxValue: 100);
                return await follow(moved =>
                {
                    bar.Value = Muster.Cli.Output.Progress.Share(moved.Progress);
                    bar.Description = Markup.Escape(Muster.Cli.Output.Progress.Line(moved));
                });
            });
    }
}
