using System.CommandLine;

namespace Muster.Cli;

/// <summary>Which Muster a command speaks to: the embedded store of a data folder, or a server.</summary>
/// <param name="Server">Null means the embedded store.</param>
/// <param name="Settings">Settings given as options, the data folder among them: see <see cref="SettingOptions.Load"/>.</param>
sealed record Target(string Account, Uri? Server, string? Key, IReadOnlyDictionary<string, string?> Settings)
{
    const string DefaultAccount = "main";
    static readonly Option<string> DataOption = new("--data") { HelpName = "DIR", Description = "Data folder of the embedded store [default: ./muster-data]" };
    static readonly Option<string> AccountOption = new("--account") { HelpName = "NAME", Description = "Account, created when missing [default: main]" };
    static readonly Option<string> ServerOption = new("--server") { HelpName = "URL", Description = "Work on a server instead of a data folder (or MUSTER_SERVER)" };
    static readonly Option<string> KeyOption = new("--key") { HelpName = "TOKEN", Description = "API key for --server; MUSTER_KEY keeps it out of the list of processes" };

    /// <summary>What has to be typed after another command to mean the same target: empty for the defaults.</summary>
    public string Arguments { get; private init; } = "";

    public static void AddOptions(Command command)
    {
        AddLocalOptions(command);
        command.Add(ServerOption);
        command.Add(KeyOption);
    }

    /// <summary>For commands that make sense on the embedded store alone.</summary>
    public static void AddLocalOptions(Command command)
    {
        command.Add(DataOption);
        command.Add(AccountOption);
    }

    /// <summary>For commands about the whole data folder.</summary>
    public static void AddDataOption(Command command) => command.Add(DataOption);

    const int AccountCharsMax = 200;

    public static Target Of(ParseResult parsed)
    {
        var data = parsed.GetValue(DataOption);
        var account = parsed.GetValue(AccountOption);
        var server = parsed.GetValue(ServerOption);
        var key = parsed.GetValue(KeyOption);
        if (data is { Length: 0 })
            throw new UsageException("--data is empty. Name a folder.");
        if (account is not null && string.IsNullOrWhiteSpace(account))
            throw new UsageException("--account is empty. Name an account.");
        if (account is not null && (account.Length > AccountCharsMax || account.Any(char.IsControl)))
            throw new UsageException($"--account has 1 to {AccountCharsMax} characters and no control character.");
        if (server is not null && data is not null)
            throw new UsageException("--server and --data exclude each other: a command works on a server or on a data folder.");
        if (server is not null && account is not null)
            throw new UsageException("--server and --account exclude each other: the key says which account it opens.");

        var takesServer = parsed.CommandResult.Command.Options.Contains(ServerOption);
        // What is typed beats the environment: --data or --account mean the embedded store.
        if (takesServer && server is null && data is null && account is null)
            server = NullWhenEmpty(Environment.GetEnvironmentVariable("MUSTER_SERVER"));
        var settings = SettingOptions.Of(parsed, data);
        if (server is null)
        {
            if (key is not null)
                throw new UsageException("--key needs --server (or MUSTER_SERVER): the embedded store asks for no key.");
            return new(account ?? DefaultAccount, Server: null, Key: null, settings) { Arguments = Quoted("--data", data) + Quoted("--account", account) };
        }

        if (!Uri.TryCreate(server, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            throw new UsageException($"--server '{server}' is not an http or https address, such as http://127.0.0.1:8080.");
        key ??= NullWhenEmpty(Environment.GetEnvironmentVariable("MUSTER_KEY"));
        if (key is null)
            throw new UsageException("--key is missing: a server asks for an API key. Make one there with: muster keys create --account main");
        return new(DefaultAccount, uri, key, settings) { Arguments = Quoted("--server", server) };
    }

    static string Quoted(string option, string? value) =>
        value is null ? ""
        : value.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_' or ':') ? $" {option} {value}"
        : $" {option} '{value.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    static string? NullWhenEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
