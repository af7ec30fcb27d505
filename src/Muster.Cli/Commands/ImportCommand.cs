using System.CommandLine;
using Muster.Cli.Output;
using Muster.Client;

namespace Muster.Cli.Commands;

/// <summary><c>muster import</c>: one file into the embedded store or onto a server, watched to its end.</summary>
static class ImportCommand
{
    public const string Name = "import";
    const string Stdin = "-";
    const string StdinName = "stdin";

    /// <summary>What a file is called in reports.</summary>
    internal static string NameOf(string file) => file == Stdin ? StdinName : Path.GetFileName(file);

    public static Command Build(bool withSettings)
    {
        var file = new Argument<string>("FILE") { Description = "The file to import, its http, https or s3 address, or - for standard input" };
        var options = new ImportOptionSet();
        var idempotencyKey = OptionMaking.Text("--idempotency-key", "KEY", "Importing again with the same key, file and options answers with the import that is there");
        idempotencyKey.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !(token.Value.Length is > 0 and <= 255 && token.Value.All(c => c is > ' ' and <= '~')))
                result.AddError($"--idempotency-key '{token.Value}' is not 1 to 255 visible ASCII characters.");
        });
        var command = new MusterCommand(Name, "Import a file of contacts.",
            "muster import contacts.csv --list Customers",
            "muster import contacts.csv --match phone --region DE --map 'Mobil=phone' --map 'Shoe size=field:Shoe size'",
            "muster import contacts.csv --policy overwrite --field-policy company=keep --tag spring-2026",
            "muster import https://files.example.org/contacts.csv --webhook-url https://app.example.org/done",
            "zcat contacts.csv.gz | muster import - --json",
            "MUSTER_KEY=muster_… muster import contacts.csv --server https://muster.example.org")
        {
            file,
        };
        options.AddTo(command);
        command.Add(idempotencyKey);
        command.Add(OptionMaking.NoWait);
        command.Add(OptionMaking.Json);
        Target.AddOptions(command);
        if (withSettings)
            SettingOptions.AddTo(command, hidden: true);
        command.SetAction((parsed, stop) => RunAsync(
            Target.Of(parsed), parsed.GetRequiredValue(file), options.Of(parsed), parsed.GetValue(idempotencyKey), parsed.GetValue(OptionMaking.NoWait), parsed.GetValue(OptionMaking.Json), stop));
        return command;
    }

    static async Task<int> RunAsync(
        Target target, string file, ImportOptionsResource options, string? idempotencyKey, bool noWait, bool json, CancellationToken stop)
    {
        // The file first: a mistyped name must not make a data folder.
        await using var content = IsUrl(file) ? null : Open(file);
        await using var muster = await Connection.OpenOrMakeAsync(target, stop);
        var import = content is null
            ? await muster.AcceptUrlAsync(file, options, idempotencyKey, stop)
            : await muster.AcceptAsync(content, NameOf(file), options, idempotencyKey, stop);
        return await FinishAsync(muster, target, import, noWait, json, stop);
    }

    /// <summary>Watches what was accepted to its end, or says how to.</summary>
    public static async Task<int> FinishAsync(IMuster muster, Target target, ImportResource import, bool noWait, bool json, CancellationToken stop)
    {
        if (!noWait)
            return await ImportFollower.RunAsync(muster, target, import, work: true, json, stop);

        if (json)
            await JsonOutput.WriteAsync(import, MusterJson.Wire.ImportResource, stop);
        else
            Console.WriteLine($"Accepted as import {import.Id}. Watch it with: muster watch {import.Id}{target.Arguments}");
        return ExitCode.Done;
    }

    static bool IsUrl(string file) => ((string[])["http://", "https://", "s3://"]).Any(scheme => file.StartsWith(scheme, StringComparison.OrdinalIgnoreCase));

    /// <summary>The file, or standard input for a dash.</summary>
    internal static Stream Open(string file)
    {
        if (file == Stdin)
            return new PipedInput(Console.OpenStandardInput());
        if (Directory.Exists(file))
            throw new UsageException($"FILE '{file}' is a folder.");
        if (!File.Exists(file))
            throw new UsageException($"FILE '{file}' does not exist.");
        try
        {
            var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
            return stream.CanSeek ? stream : new PipedInput(stream);
        }
        catch (UnauthorizedAccessException)
        {
            throw new UsageException($"FILE '{file}' may not be read by this user.");
        }
    }
}
