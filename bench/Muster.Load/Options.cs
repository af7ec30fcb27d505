using System.Globalization;

namespace Muster.Load;

/// <summary>Options as typed: <c>--name value</c>; <c>--crlf</c> alone takes no value.</summary>
sealed class Options
{
    const ulong DefaultSeed = 20_250_101;

    readonly Dictionary<string, string> given = new(StringComparer.Ordinal);

    public ulong Seed => Text("--seed") is { } seed ? ulong.Parse(seed, CultureInfo.InvariantCulture) : DefaultSeed;

    /// <exception cref="FormatException">An option is unknown or lacks its value.</exception>
    public static Options Parse(string[] arguments, params string[] known)
    {
        var options = new Options();
        for (var i = 0; i < arguments.Length; i++)
        {
            var name = arguments[i];
            if (!known.Contains(name, StringComparer.Ordinal))
                throw new FormatException($"'{name}' is not understood here.");
            if (name == "--crlf")
                options.given[name] = "";
            else if (++i < arguments.Length)
                options.given[name] = arguments[i];
            else
                throw new FormatException($"{name} needs a value.");
        }
        return options;
    }

    public bool Has(string name) => given.ContainsKey(name);

    public string? Text(string name) => given.GetValueOrDefault(name);

    /// <exception cref="FormatException">It is no number above zero.</exception>
    public long Number(string name, long otherwise) =>
        Text(name) is not { } text ? otherwise
        : long.TryParse(text, CultureInfo.InvariantCulture, out var number) && number > 0 ? number
        : throw new FormatException($"{name} '{text}' is not a number above zero.");
}
