using System.CommandLine;
using System.Runtime.CompilerServices;
using Muster.Sqlite;

namespace Muster.Cli.Commands;

/// <summary><c>muster backup</c>: a consistent copy of the data folder's database, also while a server works on it.</summary>
static class BackupCommand
{
    public static Command Build()
    {
        var file = new Argument<string>("FILE") { Description = "The copy to write; it must not exist yet" };
        var command = new MusterCommand("backup", "Write a consistent copy of the database, also while a server works on it. Spooled sources are not part of it.",
            "muster backup muster-2026-01-31.db",
            "muster backup /backups/muster.db --data /var/lib/muster")
        {
            file, OptionMaking.Json,
        };
        Target.AddDataOption(command);
        command.SetAction(async (parsed, stop) =>
        {
            var path = parsed.GetRequiredValue(file);
            if (path.Length == 0)
                throw new UsageException("FILE is empty. Name the file to write.");
            var folder = Path.GetDirectoryName(Path.GetFullPath(path));
            if (!Directory.Exists(folder))
                throw new UsageException($"FILE '{path}' cannot be written: its folder does not exist.");
            if (Path.Exists(path))
                throw new UsageException($"FILE '{path}' is there already. Name another one, or remove it.");
            await BackupAsync(Target.Of(parsed), path, stop);
            if (parsed.GetValue(OptionMaking.Json))
                await Output.OutputFile.TellAsync(path, stop);
            else
                Console.WriteLine($"Wrote {path}, {Output.Words.Bytes(new FileInfo(path).Length)}.");
            return ExitCode.Done;
        });
        return command;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static async Task BackupAsync(Target target, string path, CancellationToken stop)
    {
        var settings = SettingOptions.Load(target).Muster;
        DataFolder.RefuseEmpty(settings);
        using var stores = SqliteStores.Open(settings, TimeProvider.System);
        await stores.Database.BackupAsync(path, stop);
    }
}
