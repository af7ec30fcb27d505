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

    public static Command Errors()
    {
        var id = OptionMaking.ImportId();
        var output = OutputOption();
        var format = OptionMaking.OneOf("--format", "How errors are written [default: text]", "text", "ndjson");
        var command = new MusterCommand("errors", "Show every error and warning of an import, with its row and column.",
            "muster errors last",
            "muster errors last --format ndjson -o errors.ndjson",
            "muster errors last --json | jq '.items[].code'")
        {
            id, format, output, OptionMaking.Json,
        };
        Target.AddOptions(command);
        command.SetAction(async (parsed, stop) =>
        {
            var json = parsed.GetValue(OptionMaking.Json);
            var lines = parsed.GetValue(format) ?? "text";
            if (json && parsed.GetValue(format) is not null)
                throw new UsageException("--json and --format exclude each other.");
            await using var muster = await Connection.OpenAsync(Target.Of(parsed), stop);
            var import = await ImportIds.ResolveAsync(muster, parsed.GetRequiredValue(id), stop);
            await OutputFile.WriteAsync(parsed.GetValue(output), stream =>
            {
                var errors = muster.ErrorsAsync(import, stop);
                return json
                    ? WriteDocumentAsync(errors, MusterJson.Wire.ErrorResource, stream, stop)
                    : WriteLinesAsync(errors, e => lines == "ndjson" ? JsonSerializer.Serialize(e, MusterJson.Wire.ErrorResource) : ImportReport.Line(e).TrimStart(), stream, stop);
            });
            return ExitCode.Done;
        });
        return command;
    }

    public static Command Changes()
    {
        var id = OptionMaking.ImportId();
        var output = OutputOption();
        var format = OptionMaking.OneOf("--format", "How changes are written [default: text]", "text", "ndjson");
        var command = new MusterCommand("changes", "Show field by field what an import changed, or a plan would.",
            "muster import contacts.csv --dry-run",
            "muster changes last",
            "muster changes last --format ndjson -o changes.ndjson")
        {
            id, format, output, OptionMaking.Json,
        };
        Target.AddOptions(command);
        command.SetAction(async (parsed, stop) =>
        {
            var json = parsed.GetValue(OptionMaking.Json);
            var lines = parsed.GetValue(format) ?? "text";
            if (json && parsed.GetValue(format) is not null)
                throw new UsageException("--json and --format exclude each other.");
            await using var muster = await Connection.OpenAsync(Target.Of(parsed), stop);
            var import = await ImportIds.ResolveAsync(muster, parsed.GetRequiredValue(id), stop);
            await OutputFile.WriteAsync(parsed.GetValue(output), stream =>
            {
                var changes = muster.ChangesAsync(import, stop);
                return json
                    ? WriteDocumentAsync(changes, MusterJson.Wire.ChangeResource, stream, stop)
                    : WriteLinesAsync(changes, c => lines == "ndjson" ? JsonSerializer.Serialize(c, MusterJson.Wire.ChangeResource) : ImportReport.Line(c), stream, stop);
            });
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
