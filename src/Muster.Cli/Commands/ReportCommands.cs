using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Muster.Cli.Output;
using Muster.Client;

namespace Muster.Cli.Commands;

/// <summary><c>muster rejects</c>, <c>muster errors</c> and <c>muster changes</c>: what was not imported, why, and what was.</summary>
static class ReportCommands
{
    public static Command Rejects()
    {
        var id = OptionMaking.ImportId();
        var output = OutputOption();
        var safe = new Option<bool>("--safe") { Description = "For people with spreadsheets: a UTF-8 CSV in which no cell runs as a formula" };
        var command = new MusterCommand("rejects", "Write the header and the rejected rows of an import, byte for byte as they were sent.",
            "muster rejects last -o rejects.csv",
            "muster rejects last --safe -o for-excel.csv",
            "muster retry last rejects.csv     (once corrected)")
        {
            id, safe, output, OptionMaking.Json,
        };
        Target.AddOptions(command);
        command.SetAction(async (parsed, stop) =>
        {
            await using var muster = await Connection.OpenAsync(Target.Of(parsed), stop);
            var import = await ImportIds.ResolveAsync(muster, parsed.GetRequiredValue(id), stop);
            await OutputFile.WriteAsync(parsed.GetValue(output), parsed.GetValue(OptionMaking.Json), stream => muster.RejectsAsync(import, parsed.GetValue(safe), stream, stop), stop);
            return ExitCode.Done;
        });
        return command;
    }

    public static Command Errors() => Report(
        "errors", "Show every error and warning of an import, with its row and column.",
        ["muster errors last", "muster errors last --format ndjson -o errors.ndjson", "muster errors last --json | jq '.items[].code'"],
        (muster, import, stop) => muster.ErrorsAsync(import, stop), () => MusterJson.Wire.ErrorResource, error => ImportReport.Line(error).TrimStart());

    public static Command Changes() => Report(
        "changes", "Show field by field what an import changed, or a plan would.",
        ["muster import contacts.csv --dry-run", "muster changes last", "muster changes last --format ndjson -o changes.ndjson"],
        (muster, import, stop) => muster.ChangesAsync(import, stop), () => MusterJson.Wire.ChangeResource, ImportReport.Line);

    /// <summary>A command that writes all of a report on an import: a line for each item, NDJSON, or one document.</summary>
    /// <param name="type">How an item is written as JSON: made when it is asked for, since every start makes every command.</param>
    static MusterCommand Report<T>(
        string verb, string description, string[] examples, Func<IMuster, Guid, CancellationToken, IAsyncEnumerable<T>> read, Func<JsonTypeInfo<T>> type, Func<T, string> line)
    {
        var id = OptionMaking.ImportId();
        var output = OutputOption();
        var format = OptionMaking.OneOf("--format", $"How {verb} are written [default: text]", "text", "ndjson");
        var command = new MusterCommand(verb, description, examples) { id, format, output, OptionMaking.Json };
        Target.AddOptions(command);
        command.SetAction(async (parsed, stop) =>
        {
            var json = parsed.GetValue(OptionMaking.Json);
            var lines = parsed.GetValue(format);
            if (json && lines is not null)
                throw new UsageException("--json and --format exclude each other.");
            await using var muster = await Connection.OpenAsync(Target.Of(parsed), stop);
            var import = await ImportIds.ResolveAsync(muster, parsed.GetRequiredValue(id), stop);
            var path = parsed.GetValue(output);
            await OutputFile.WriteAsync(path, stream => json
                ? WriteDocumentAsync(read(muster, import, stop), type(), stream, stop)
                : WriteLinesAsync(read(muster, import, stop), item => lines == "ndjson" ? JsonSerializer.Serialize(item, type()) : line(item), stream, stop));
            if (json && path is not (null or "-"))
                await OutputFile.TellAsync(path, stop); // the document is in the file
            return ExitCode.Done;
        });
        return command;
    }

    static Option<string> OutputOption() => new("--output", "-o") { HelpName = "FILE", Description = "Write to this file instead of stdout" };

    static async Task WriteLinesAsync<T>(IAsyncEnumerable<T> items, Func<T, string> line, Stream stream, CancellationToken stop)
    {
        await using var writer = new StreamWriter(stream, leaveOpen: true);
        await foreach (var item in items.WithCancellation(stop))
            await writer.WriteLineAsync(line(item));
    }

    /// <summary>One document of the API's form, written as it is read: a report is never held whole.</summary>
    static async Task WriteDocumentAsync<T>(IAsyncEnumerable<T> items, JsonTypeInfo<T> type, Stream stream, CancellationToken stop)
    {
        const int FlushAt = 1 << 16;
        var options = new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        await using (var writer = new Utf8JsonWriter(stream, options))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("items");
            await foreach (var item in items.WithCancellation(stop))
            {
                JsonSerializer.Serialize(writer, item, type);
                if (writer.BytesPending > FlushAt)
                    await writer.FlushAsync(stop);
            }
            writer.WriteEndArray();
            writer.WriteNull("next_cursor");
            writer.WriteEndObject();
        }
        await stream.WriteAsync("\n"u8.ToArray(), stop);
    }
}
