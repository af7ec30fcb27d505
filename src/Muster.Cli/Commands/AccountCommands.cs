using System.CommandLine;
using Muster.Cli.Output;
using Muster.Client;
using Muster.Validation.Phones;

namespace Muster.Cli.Commands;

/// <summary><c>muster accounts</c> and <c>muster keys</c>.</summary>
static class AccountCommands
{
    const int SidCharsMax = 64;

    public static Command Accounts()
    {
        var command = new MusterCommand("accounts", "Show the accounts of the data folder, or the one that the key opens.", "muster accounts", "muster accounts --json") { OptionMaking.Json };
        Target.AddOptions(command);
        command.SetAction(async (parsed, stop) =>
        {
            await using var muster = await Connection.OpenAsync(Target.Of(parsed), stop);
            var accounts = await muster.AccountsAsync(stop);
            if (parsed.GetValue(OptionMaking.Json))
                await JsonOutput.WriteAsync(new Page<AccountResource>(accounts, NextCursor: null), CliJson.Wire.PageAccountResource, stop);
            else
                Table.Write(Console.Out, ["id#", "name", "sid", "region", "match"], accounts.Select(a => new[] { $"{a.Id}", Words.Harmless(a.Name), a.Sid, a.Region ?? "-", a.Match }));
            return ExitCode.Done;
        });
        return command;
    }

    public static Command Keys() => new MusterCommand("keys", "Make, list and revoke API keys.", "muster keys create --account main") { Create(), List(), Revoke() };

    static MusterCommand Create()
    {
        var sid = OptionMaking.Text("--sid", "SID", "The account's name in vendor paths such as /v2/accounts/SID");
        var region = OptionMaking.Text("--region", "CC", "Country of the account's phone numbers without + (two letters, such as DE)");
        region.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !PhoneRegion.TryParse(token.Value, out _))
                result.AddError($"--region '{token.Value}' is not a country with phone numbers. Use its code of two letters, such as DE.");
        });
        sid.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !(token.Value.Length is > 0 and <= SidCharsMax && token.Value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')))
                result.AddError($"--sid '{token.Value}' cannot stand in a path: use 1 to {SidCharsMax} ASCII letters, digits, dashes, dots and underscores.");
        });
        var match = OptionMaking.OneOf("--match", "What the account's contacts are matched by when an import does not say", "phone", "email", "external_id");
        var scope = OptionMaking.OneOf("--scope", "What the key may do; each includes those before it [default: write]", "read", "write", "admin");
        var command = new MusterCommand("create", "Make an API key, and the account when it is missing. The secret is shown this once.",
            "muster keys create --account main",
            "muster keys create --account acme --sid acme1 --region IN --match phone --scope admin --json")
        {
            sid, region, match, scope, OptionMaking.Json,
        };
        Target.AddOptions(command);
        command.SetAction(async (parsed, stop) =>
        {
            await using var muster = await Connection.OpenOrMakeAsync(Target.Of(parsed), stop);
            var request = new KeyRequest(
                parsed.GetValue(scope) ?? "write", parsed.GetValue(sid), parsed.GetValue(region)?.ToUpperInvariant(), parsed.GetValue(match));
            var key = await muster.CreateKeyAsync(request, stop);
            if (parsed.GetValue(OptionMaking.Json))
            {
                await JsonOutput.WriteAsync(key, MusterJson.Wire.NewKeyResource, stop);
                return ExitCode.Done;
            }
            Console.WriteLine($"id      {key.Id}");
            Console.WriteLine($"secret  {key.Secret}");
            Console.WriteLine($"token   {key.Token}");
            await Console.Error.WriteLineAsync($"A key of scope {key.Scope}. Its secret is not stored and will not be shown again.");
            return ExitCode.Done;
        });
        return command;
    }

    static MusterCommand List()
    {
        var command = new MusterCommand("list", "Show the account's keys, without their secrets.", "muster keys list --account main") { OptionMaking.Json };
        Target.AddOptions(command);
        command.SetAction(async (parsed, stop) =>
        {
            await using var muster = await Connection.OpenAsync(Target.Of(parsed), stop);
            var keys = await muster.KeysAsync(stop);
            if (parsed.GetValue(OptionMaking.Json))
                await JsonOutput.WriteAsync(new Page<KeyResource>(keys, NextCursor: null), MusterJson.Wire.PageKeyResource, stop);
            else
                Table.Write(Console.Out, ["id", "scope", "created at", "last used at", "revoked at"], keys.Select(k => new[] { k.Id, k.Scope, Words.Time(k.CreatedAt), Words.Time(k.LastUsedAt), Words.Time(k.RevokedAt) }));
            return ExitCode.Done;
        });
        return command;
    }

    static MusterCommand Revoke()
    {
        var id = new Argument<string>("ID") { Description = "The key's id: the part of its token between the first two underscores" };
        var command = new MusterCommand("revoke", "Revoke a key: servers refuse it within five seconds.", "muster keys revoke 4f2a90c1 --account main") { id, OptionMaking.Json };
        Target.AddOptions(command);
        command.SetAction(async (parsed, stop) =>
        {
            await using var muster = await Connection.OpenAsync(Target.Of(parsed), stop);
            await muster.RevokeKeyAsync(parsed.GetRequiredValue(id), stop);
            if (parsed.GetValue(OptionMaking.Json))
                await JsonOutput.WriteAsync((await muster.KeysAsync(stop)).First(k => k.Id == parsed.GetRequiredValue(id)), MusterJson.Wire.KeyResource, stop);
            else
                Console.WriteLine($"Revoked the key {parsed.GetRequiredValue(id)}.");
            return ExitCode.Done;
        });
        return command;
    }
}
