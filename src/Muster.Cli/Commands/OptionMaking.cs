using System.CommandLine;

namespace Muster.Cli.Commands;

static class OptionMaking
{
    public static readonly Option<bool> Json = new("--json") { Description = "Print exactly one JSON document on stdout" };

    public static readonly Option<bool> NoWait = new("--no-wait") { Description = "Do not wait for its end; a server, or the next import, runs it" };

    /// <summary>An option with a closed set of words; another word is refused by name.</summary>
    public static Option<string> OneOf(string name, string description, params string[] words)
    {
        var option = new Option<string>(name) { Description = description, HelpName = string.Join('|', words) };
        option.CompletionSources.Add(words);
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !words.Contains(token.Value, StringComparer.Ordinal))
                result.AddError($"{name} '{token.Value}' is not one of {string.Join(", ", words)}.");
        });
        return option;
    }

    /// <summary>As <see cref="OneOf"/>, and several words with commas between.</summary>
    public static Option<string> OneOrMoreOf(string name, string description, params string[] words)
    {
        var option = new Option<string>(name) { Description = description, HelpName = string.Join('|', words) + "[,…]" };
        option.CompletionSources.Add(words);
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value.Split(',').FirstOrDefault(w => !words.Contains(w, StringComparer.Ordinal)) is { } wrong)
                result.AddError($"{name} '{wrong}' is not one of {string.Join(", ", words)}.");
        });
        return option;
    }

    public static Option<string> Text(string name, string helpName, string description) => new(name) { HelpName = helpName, Description = description };

    /// <summary>May be given several times.</summary>
    public static Option<string[]> Texts(string name, string helpName, string description) =>
        new(name) { HelpName = helpName, Description = description, Arity = ArgumentArity.OneOrMore };

    public static Argument<string> ImportId() => new("ID") { Description = "The import's id, or last for the newest import" };
}
