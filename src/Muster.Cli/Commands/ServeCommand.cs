using System.CommandLine;
using System.Runtime.CompilerServices;

namespace Muster.Cli.Commands;

/// <summary><c>muster serve</c>: the HTTP server on a data folder.</summary>
static class ServeCommand
{
    public static Command Build()
    {
        var urls = OptionMaking.Text("--urls", "URLS", "Addresses to listen on, separated by semicolons [default: http://127.0.0.1:8080]");
        var command = new MusterCommand("serve", "Serve the API on a data folder, and run its imports. The first start makes the account main and prints its key once.",
            "muster serve",
            "muster serve --urls http://0.0.0.0:8080 --data /var/lib/muster",
            "MUSTER_BATCH_ROWS_MAX=10000 muster serve")
        {
            urls,
        };
        Target.AddDataOption(command);
        SettingOptions.AddTo(command, hidden: false);
        command.SetAction((parsed, stop) => ServeAsync(Target.Of(parsed), parsed.GetValue(urls), stop));
        return command;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static Task<int> ServeAsync(Target target, string? urls, CancellationToken stop) => throw new NotSupportedException();
}
