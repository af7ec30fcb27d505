using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;

namespace Muster.Cli;

/// <summary>Every setting of <see cref="MusterSettings"/> as an option: BatchRowsMax is <c>--batch-rows-max</c>. They beat MUSTER_* variables and muster.json.</summary>
static class SettingOptions
{
    /// <param name="hidden">Understood, but left out of the command's help.</param>
    public static void AddTo(Command command, bool hidden)
    {
        var defaults = new MusterSettings();
        foreach (var property in Settable())
        {
            var range = property.GetCustomAttribute<RangeAttribute>();
            command.Add(new Option<string>(OptionName(property))
            {
                Hidden = hidden,
                HelpName = "N",
                Description = range is null ? $"[default: {property.GetValue(defaults)}]" : $"{range.Minimum} to {range.Maximum} [default: {property.GetValue(defaults)}]",
            });
        }
    }

    /// <summary>What was given, by the settings' snake_case names.</summary>
    public static IReadOnlyDictionary<string, string> Of(ParseResult parsed)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var option in parsed.CommandResult.Command.Options.OfType<Option<string>>())
        {
            if (Names.Value.TryGetValue(option.Name, out var setting) && parsed.GetValue(option) is { } value)
                given[setting] = value;
        }
        return given;
    }

    static readonly Lazy<Dictionary<string, string>> Names =
        new(() => Settable().ToDictionary(OptionName, p => JsonNamingPolicy.SnakeCaseLower.ConvertName(p.Name), StringComparer.Ordinal));

    static IEnumerable<PropertyInfo> Settable() =>
        typeof(MusterSettings).GetProperties().Where(p => p.CanWrite && p.Name != nameof(MusterSettings.Data));

    static string OptionName(PropertyInfo property) => "--" + JsonNamingPolicy.KebabCaseLower.ConvertName(property.Name);
}
