using System.Collections;

namespace Muster.Server.Hosting;

/// <summary>Tells what somebody meant who wrote a name that is no setting.</summary>
/// <remarks>
/// A misspelt limit that is silently ignored is no limit, so it is refused. A variable that merely begins like ours is not: shells, test tools and
/// Kubernetes, which announces a service named muster as MUSTER_PORT and MUSTER_SERVICE_HOST, set such ones for reasons of their own.
/// </remarks>
sealed class SettingNames(IReadOnlyCollection<string> known)
{
    const int LettersPerSlip = 5;

    /// <summary>Variables that mean something and are no settings.</summary>
    static readonly string[] OtherVariables = ["server", "key"];

    /// <summary>What is to be said of the environment's <c>MUSTER_*</c> variables that are no settings, in order of name.</summary>
    /// <exception cref="SettingsException">One of them misspells a setting.</exception>
    public List<string> Remarks(IDictionary environment)
    {
        var remarks = new List<string>();
        foreach (var variable in environment.Keys.OfType<string>().Where(IsOurs).Order(StringComparer.Ordinal))
        {
            if (environment[variable] is not string { Length: > 0 })
                continue;
            var name = variable[SettingsLoader.Prefix.Length..];
            if (known.Contains(name.ToLowerInvariant()) && variable == Variable(name))
                continue;
            if (OtherVariables.Contains(name.ToLowerInvariant(), StringComparer.Ordinal))
                continue;
            var nearest = Nearest(name);
            if (nearest is not null && Spelling.Distance(name, nearest) <= nearest.Length / LettersPerSlip)
                throw new SettingsException($"{variable} is no setting. Did you mean {Variable(nearest)}?");
            remarks.Add($"{variable} is no setting and is ignored.{(nearest is null ? "" : $" The nearest is {Variable(nearest)}.")}");
        }
        return remarks;
    }

    /// <summary>The setting whose name is most like this one, or null when none is.</summary>
    public string? Nearest(string name) => Spelling.Nearest(name, known);

    static bool IsOurs(string variable) => variable.StartsWith(SettingsLoader.Prefix, StringComparison.OrdinalIgnoreCase);

    static string Variable(string name) => SettingsLoader.Prefix + name.ToUpperInvariant();
}
