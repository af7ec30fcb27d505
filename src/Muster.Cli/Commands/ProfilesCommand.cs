using System.CommandLine;
using Muster.Cli.Output;
using Muster.Client;

namespace Muster.Cli.Commands;

/// <summary><c>muster profiles</c>: how files of one kind are read, under a name.</summary>
static class ProfilesCommand
{
    public static Command Build() => new MusterCommand("profiles", "Make, show, change and delete profiles: how files of one kind are read.",
        "muster profiles create CRM --from-import last", "muster import next.csv --profile CRM")
    {
        List(), Get(), Save("create", "Make a profile, from an import or from options.", isNew: true), Save("update", "Add a version that replaces the one before.", isNew: false), Delete(),
    };

    static Argument<string> NameOrId() => new("NAME") { Description = "The profile's name or id" };

    static MusterCommand List()
    {
        var command = new MusterCommand("list", "Show the account's profiles, each in its newest version.", "muster profiles list") { OptionMaking.Json };
        Target.AddOptions(command);
        command.SetAction(async (parsed, stop) =>
        {
            await using var muster = await Connection.OpenAsync(Target.Of(parsed), stop);
            var profiles = await muster.ProfilesAsync(stop);
            if (parsed.GetValue(OptionMaking.Json))
                await JsonOutput.WriteAsync(new Page<ProfileResource>(profiles, NextCursor: null), MusterJson.Wire.PageProfileResource, stop);
            else
                Table.Write(Console.Out, ["id#", "name", "version#", "columns#", "changed at"], profiles.Select(p => new[] { $"{p.Id}", Words.Harmless(p.Name), $"{p.Version}", $"{p.Columns.Count}", Words.Time(p.CreatedAt) }));
            return ExitCode.Done;
        });
        return command;
    }

    static MusterCommand Get()
    {
        var name = NameOrId();
        var version = new Option<int?>("--version-number") { HelpName = "N", Description = "An earlier version [default: the newest]" };
        var command = new MusterCommand("get", "Show one profile: its options and columns.", "muster profiles get CRM", "muster profiles get CRM --version-number 2 --json") { name, version, OptionMaking.Json };
        Target.AddOptions(command);
        command.SetAction(async (parsed, stop) =>
        {
            await using var muster = await Connection.OpenAsync(Target.Of(parsed), stop);
            var found = await FindAsync(muster, parsed.GetRequiredValue(name), stop);
            await WriteAsync(parsed.GetValue(version) is { } wanted ? await muster.ProfileAsync(found.Id, wanted, stop) : found, parsed.GetValue(OptionMaking.Json), stop);
            return ExitCode.Done;
        });
        return command;
    }

    static MusterCommand Save(string verb, string description, bool isNew)
    {
        var name = isNew ? new Argument<string>("NAME") { Description = "The profile's name" } : NameOrId();
        var from = OptionMaking.Text("--from-import", "ID", "Take columns, mapping and options from this import; what is typed beside it comes first. ID or last");
        var columns = OptionMaking.Texts("--column", "NAME[=TYPE]", "A column that files are expected to have, and what its values are: text, number, date, boolean, email or phone. May be repeated");
        var rename = OptionMaking.Text("--rename", "NAME", "Another name for the profile");
        var options = new ImportOptionSet();
        var command = new MusterCommand(verb, description,
            $"muster profiles {verb} CRM --from-import last",
            $"muster profiles {verb} CRM --map 'Mail=email' --map 'Groups=lists' --region DE --column Mail=email --column Groups")
        {
            name, from, columns, OptionMaking.Json,
        };
        if (!isNew)
            command.Add(rename);
        options.AddTo(command);
        Target.AddOptions(command);
        command.SetAction(async (parsed, stop) =>
        {
            await using var muster = isNew ? await Connection.OpenOrMakeAsync(Target.Of(parsed), stop) : await Connection.OpenAsync(Target.Of(parsed), stop);
            var typed = parsed.GetRequiredValue(name);
            var known = isNew ? null : await FindAsync(muster, typed, stop);
            var input = new ProfileInput(
                isNew ? typed : parsed.GetValue(rename), options.Of(parsed), Columns(parsed.GetValue(columns)),
                parsed.GetValue(from) is { } import ? await ImportIds.ResolveAsync(muster, import, stop) : null);
            await WriteAsync(await muster.SaveProfileAsync(known?.Id, input, stop), parsed.GetValue(OptionMaking.Json), stop);
            return ExitCode.Done;
        });
        return command;
    }

    static MusterCommand Delete()
    {
        var name = NameOrId();
        var command = new MusterCommand("delete", "Remove a profile with all its versions; imports keep what they were read by.", "muster profiles delete CRM") { name, OptionMaking.Json };
        Target.AddOptions(command);
        command.SetAction(async (parsed, stop) =>
        {
            await using var muster = await Connection.OpenAsync(Target.Of(parsed), stop);
            var profile = await FindAsync(muster, parsed.GetRequiredValue(name), stop);
            await muster.DeleteProfileAsync(profile.Id, stop);
            if (parsed.GetValue(OptionMaking.Json))
                await JsonOutput.WriteAsync(profile, MusterJson.Wire.ProfileResource, stop); // as it was
            else
                Console.WriteLine($"Deleted the profile {Words.Harmless(profile.Name)}.");
            return ExitCode.Done;
        });
        return command;
    }

    static async Task<ProfileResource> FindAsync(IMuster muster, string typed, CancellationToken stop)
    {
        var profiles = await muster.ProfilesAsync(stop);
        return profiles.FirstOrDefault(p => p.Name.Equals(typed, StringComparison.OrdinalIgnoreCase)) ?? profiles.FirstOrDefault(p => $"{p.Id}" == typed)
            ?? throw new UsageException($"There is no profile '{typed}'. List them with: muster profiles list");
    }

    static List<ProfileColumnResource>? Columns(string[]? typed)
    {
        if (typed is null or { Length: 0 })
            return null;
        var columns = new List<ProfileColumnResource>();
        foreach (var column in typed)
        {
            var at = column.LastIndexOf('=');
            columns.Add(at <= 0 ? new(column) : new(column[..at], column[(at + 1)..]));
        }
        return columns;
    }

    static async Task WriteAsync(ProfileResource profile, bool json, CancellationToken stop)
    {
        if (json)
        {
            await JsonOutput.WriteAsync(profile, MusterJson.Wire.ProfileResource, stop);
            return;
        }
        Console.WriteLine($"{Words.Harmless(profile.Name)}, version {profile.Version} (id {profile.Id}), of {Words.Time(profile.CreatedAt)}.");
        var options = System.Text.Json.JsonSerializer.SerializeToElement(profile.Options, MusterJson.Sparse.ImportOptionsResource);
        foreach (var option in options.EnumerateObject())
            Console.WriteLine($"  {option.Name} = {Words.Harmless(option.Value.GetRawText(), 1_000)}");
        if (profile.Columns.Count > 0)
            Console.WriteLine($"Columns: {Words.Harmless(string.Join(", ", profile.Columns.Select(c => c.Type is null ? c.Column : $"{c.Column} ({c.Type})")), 1_000)}");
    }
}
