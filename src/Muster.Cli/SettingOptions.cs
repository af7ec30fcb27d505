using System.CommandLine;
using System.Runtime.CompilerServices;
using Muster.Server.Hosting;

namespace Muster.Cli;

/// <summary>Every setting as an option: batch_rows_max is <c>--batch-rows-max</c>. Options beat MUSTER_* variables, and those beat muster.json in the current folder.</summary>
static class SettingOptions
{
    const string DataSetting = "data";

    /// <summary>Adds them to a command that is about to run. Other commands do without: finding the settings takes time that <c>muster --help</c> should not.</summary>
    /// <param name="hidden">Understood, but left out of the command's help.</param>
    public static void AddTo(Command command, bool hidden)
    {
        var taken = command.Options.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, @default, range) in SettingsLoader.Describe())
        {
            var option = "--" + name.Replace('_', '-');
            if (!taken.Contains(option))
                command.Add(new Option<string>(option) { Hidden = hidden, HelpName = "VALUE", Description = $"Setting {name}: {range} [default: {@default}]" });
        }
    }

    /// <summary>The settings that the options, the environment and muster.json come to, checked.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static LoadedSettings Load(Target target)
    {
        var loaded = SettingsLoader.Load(target.Settings, Environment.GetEnvironmentVariables(), Path.Combine(Environment.CurrentDirectory, SettingsLoader.FileName));
        foreach (var remark in loaded.Remarks)
            Console.Error.WriteLine($"muster: {remark}");
        return loaded;
    }

    /// <summary>What was typed, by the names that <see cref="SettingsLoader"/> takes.</summary>
    public static Dictionary<string, string?> Of(ParseResult parsed, string? data)
    {
        var given = new Dictionary<string, string?>(StringComparer.Ordinal) { [DataSetting] = data };
        foreach (var option in parsed.CommandResult.Command.Options.OfType<Option<string>>())
        {
            if (option.Description?.StartsWith("Setting ", StringComparison.Ordinal) == true && parsed.GetValue(option) is { } value)
                given[option.Name[2..]] = value;
        }
        return given;
    }
}
