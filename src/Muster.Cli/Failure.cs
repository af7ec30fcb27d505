using System.Net.Http;
using System.Security.Authentication;
using Microsoft.Data.Sqlite;
using Muster.Client;
using Muster.Server.Api;
using Muster.Server.Hosting;
using Muster.Sources;
using Muster.Sqlite;

namespace Muster.Cli;

/// <summary>What a person reads when a command could not be done, and what a script is told.</summary>
static class Failure
{
    const int Corrupt = 11; // SQLITE_CORRUPT
    const int NotADatabase = 26; // SQLITE_NOTADB

    public static int Report(Exception e)
    {
        var (message, code) = e switch
        {
            MusterApiException refused => (Words(refused.Problem), IsUsage(refused.Problem) ? ExitCode.Usage : ExitCode.Failed),
            RefusedException { Refusal: var refusal } => (Words(refusal.Problem), IsUsage(refusal.Problem) ? ExitCode.Usage : ExitCode.Failed),
            HttpRequestException { InnerException: (AuthenticationException or IOException) and { Message: var cause } } => ($"The connection to the server broke: {cause}", ExitCode.Failed), // TLS, mostly
            HttpRequestException broken => ($"The server cannot be reached: {broken.Message}", ExitCode.Failed),
            SettingsException setting => (setting.Message, ExitCode.Usage),
            SqliteException { SqliteErrorCode: NotADatabase or Corrupt } => ($"The database in the data folder is damaged, or is none: {e.Message} Restore a backup.", ExitCode.Failed),
            DatabaseTooNewException or SourceException => (e.Message, ExitCode.Failed),
            FileNotFoundException or DirectoryNotFoundException => (e.Message, ExitCode.Usage),
            IOException or UnauthorizedAccessException => (e.Message, ExitCode.Failed),
            OperationCanceledException => ("stopped.", ExitCode.Failed),
            _ => ($"failed in a way it should not: {e}", ExitCode.Failed),
        };
        Console.Error.WriteLine($"muster: {message}");
        return code;
    }

    /// <summary>Refused for what was typed: an option, an id, a key.</summary>
    static bool IsUsage(Problem problem) => problem.Option is not null || problem.Code == "idempotency_key_reused" || problem.Status is 401 or 403 or 404 or 405;

    /// <summary>The option or argument of the command line that an option of the API is typed as.</summary>
    static string Typed(string option) => option switch
    {
        "lists" => "--list",
        "list_ids" => "--list-id",
        "tags" => "--tag",
        "mapping" => "--map",
        "policies" => "--field-policy",
        "header" => "--no-header",
        "suppressions" => "VALUE",
        _ => "--" + option.Replace('_', '-'),
    };

    static string Words(Problem problem)
    {
        var words = problem.Option is null ? problem.Detail : $"{Typed(problem.Option)}: {problem.Detail}";
        foreach (var error in problem.Errors ?? [])
            words += $"{Environment.NewLine}  {error.Field ?? "contact"}: {error.Message}";
        return words;
    }
}
