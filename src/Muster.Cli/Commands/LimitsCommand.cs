using System.CommandLine;
using System.Globalization;
using Muster.Cli.Output;
using Muster.Client;

namespace Muster.Cli.Commands;

/// <summary><c>muster limits</c>: what one account may use, where that differs from the settings.</summary>
static class LimitsCommand
{
    const string DefaultWord = "default";

    public static Command Build()
    {
        var contacts = Limit("--contacts-max", "Contacts; 0: no limit", 0, int.MaxValue);
        var active = Limit("--imports-active-max", "Imports queued, running or paused at once", 1, 1_000_000);
        var uploads = Limit("--uploads-at-once-max", "Sources being received at once", 1, 100_000);
        var spool = Limit("--spool-bytes-max", "Bytes of kept sources; 0: no limit", 0, 1L << 50);
        (string Setting, Option<string> Option)[] facades =
        [
            Facade("exotel_static_list_max", "Members of a static list, in uploads through the Exotel façade; 0: no limit", 0, int.MaxValue),
            Facade("exotel_dynamic_list_max", "Members of a dynamic list there; 0: no limit", 0, int.MaxValue),
            Facade("exotel_variables_max", "Variables of a dynamic list there", 0, 1_000),
            Facade("exotel_file_bytes_max", "Bytes of a file there", 1L << 10, 1L << 40),
        ];
        var imports = OptionMaking.OneOf("--imports", "Whether the account takes imports at all", "on", "off");
        var command = new MusterCommand("limits", "Show or set what one account may use. A server heeds it within seconds.",
            "muster limits --account acme",
            "muster limits --account acme --contacts-max 50000 --imports-active-max 25",
            "muster limits --account acme --contacts-max default --imports off",
            "muster limits --account acme --exotel-static-list-max 250000")
        {
            contacts, active, uploads, spool, imports, OptionMaking.Json,
        };
        foreach (var (_, option) in facades)
            command.Add(option);
        Target.AddLocalOptions(command);
        command.SetAction(async (parsed, stop) =>
        {
            await using var muster = await Connection.OpenAsync(Target.Of(parsed), stop);
            var account = await muster.LimitAccountAsync(
                new(Of(parsed.GetValue(contacts)), Of(parsed.GetValue(active)), Of(parsed.GetValue(uploads)), Of(parsed.GetValue(spool)), parsed.GetValue(imports) is { } word ? word == "off" : null,
                    facades.Where(f => parsed.GetValue(f.Option) is not null).ToDictionary(f => f.Setting, f => Of(parsed.GetValue(f.Option)) ?? AccountLimitRequest.Default)), stop);
            if (parsed.GetValue(OptionMaking.Json))
            {
                await JsonOutput.WriteAsync(account, MusterJson.Wire.AccountResource, stop);
                return ExitCode.Done;
            }
            Table.Write(Console.Out, ["limit", "most#", "used#"],
            [
                ["contacts", Text(account.Limits.ContactsMax), Text(account.Usage?.Contacts)],
                ["imports active", Text(account.Limits.ImportsActiveMax), Text(account.Usage?.ImportsActive)],
                ["uploads at once", Text(account.Limits.UploadsAtOnceMax), "-"],
                ["spool bytes", Text(account.Limits.SpoolBytesMax), Text(account.Usage?.SpoolBytes)],
                ["exotel: static list", Text(account.Limits.Exotel?.StaticListMax), "-"],
                ["exotel: dynamic list", Text(account.Limits.Exotel?.DynamicListMax), "-"],
                ["exotel: variables", Text(account.Limits.Exotel?.VariablesMax), "-"],
                ["exotel: file bytes", Text(account.Limits.Exotel?.FileBytesMax), "-"],
            ]);
            if (account.ImportsOff)
                Console.WriteLine("Imports are switched off for this account.");
            return ExitCode.Done;
        });
        return command;
    }

    static (string, Option<string>) Facade(string setting, string description, long least, long most) => (setting, Limit("--" + setting.Replace('_', '-'), description, least, most));

    static Option<string> Limit(string name, string description, long least, long most)
    {
        var option = OptionMaking.Text(name, "N", description + "; default: as the setting says");
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value != DefaultWord
                && !(long.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n >= least && n <= most))
                result.AddError($"{name} '{token.Value}' is neither a whole number from {least} to {most} nor {DefaultWord}.");
        });
        return option;
    }

    static long? Of(string? text) => text switch
    {
        null => null,
        DefaultWord => AccountLimitRequest.Default,
        _ => long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture),
    };

    static string Text(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "no limit";
}
