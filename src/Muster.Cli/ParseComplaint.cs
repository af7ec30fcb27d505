using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Muster.Server.Hosting;

namespace Muster.Cli;

/// <summary>Says what is wrong with a command line that cannot be understood: what was typed that is unknown comes first, with what it may have been meant to be.</summary>
static class ParseComplaint
{
    /// <summary>What is wrong, or null. The library takes an option that it does not know for a value where a command still expects one, and would then complain of what follows, or of nothing.</summary>
    public static string? Of(ParseResult parsed, string[] args)
    {
        var command = parsed.CommandResult.Command;
        if (parsed.Action is not ParseErrorAction && parsed.Action != command.Action)
            return null; // help, or the version
        var options = args.TakeWhile(a => a != "--").Where(a => a.StartsWith("--", StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);
        if (parsed.CommandResult.Tokens.FirstOrDefault(t => options.Contains(t.Value)) is { } taken)
            return OfUnknown(taken.Value, command);
        return parsed.Action is ParseErrorAction ? OfErrors(parsed, command) : null;
    }

    static string OfErrors(ParseResult parsed, Command command)
    {
        if (parsed.UnmatchedTokens is [var unknown, ..])
            return OfUnknown(unknown, command);
        return command.Subcommands.Any(c => !c.Hidden) && command.Action is null
            ? $"a command is missing. Known are {string.Join(", ", Names(command))}."
            : string.Join(Environment.NewLine, parsed.Errors.Select(Words).Distinct(StringComparer.Ordinal));
    }

    /// <summary>The library names the type of .NET that a value is not.</summary>
    static string Words(ParseError error)
    {
        if (error.SymbolResult is not OptionResult { Option: var option } result || !error.Message.Contains(option.ValueType.Namespace + ".", StringComparison.Ordinal))
            return error.Message;
        var type = option.ValueType.GetElementType() ?? Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType;
        return $"{option.Name} '{string.Join("', '", result.Tokens.Select(t => t.Value))}' is no {(type == typeof(Guid) ? "id" : "whole number")} that can be used.";
    }

    static string OfUnknown(string typed, Command command)
    {
        if (typed.StartsWith('-'))
            return $"there is no option '{Name(typed)}'.{Meant(Name(typed), command.Options.Where(o => !o.Hidden).Select(o => o.Name))}";
        return command.Subcommands.Count > 0
            ? $"there is no command '{typed}'.{Meant(typed, Names(command))}"
            : $"'{typed}' is one argument too many.";
    }

    static IEnumerable<string> Names(Command command) => command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name);

    static string Name(string option) => option.Split('=', ':')[0];

    static string Meant(string typed, IEnumerable<string> known) => Spelling.Nearest(typed, known) is { } meant ? $" Did you mean {meant}?" : "";
}
