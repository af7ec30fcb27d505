using System.CommandLine;
using System.Text.Json;
using Muster.Cli.Output;
using Muster.Client;

namespace Muster.Cli.Commands;

/// <summary><c>muster rejects</c> and <c>muster errors</c>: what was not imported, and why.</summary>
static class ReportCommands
{
    public static Command Rejects()
    {
        var id = OptionMaking.ImportId();
        var output = OutputOption();
        var command = new MusterCommand("rejects", "Write the header and the rejected rows of an import, byte for byte as they were sent.",
            "muster rejects last -o rejects.csv",
            "muster retry last rejects.csv     (once corrected)")
        {
            id, output, OptionMaking.Json,
        };
        Target.AddOptions(command);
        command.SetAction(async (parsed, stop) =>
        {
            await using var muster = await Connection.OpenAsync(Target.Of(parsed), stop);
            var import = await ImportIds.ResolveAsync(muster, parsed.GetRequiredValue(id), stop);
            await OutputFile.WriteAsync(parsed.GetValue(output), parsed.GetValue(OptionMaking.Json), stream => muster.RejectsAsync(import, stream, stop), stop);
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
                return json ? WriteDocumentAsync(errors, stream, stop) : WriteLinesAsync(errors, lines == "ndjson", stream, stop);
            });
            return ExitCode.Done;
        });
        return command;
    }

    static Option<string> OutputOption() => new("--output", "-o") { HelpName = "FILE", Description = "Write to this file instead of stdout" };

    static async Task WriteLinesAsync(IAsyncEnumerable<ErrorResource> errors, bool ndjson, Stream stream, CancellationToken stop)
    {
        await using var writer = new StreamWriter(stream, leaveOpen: true);
        await foreach (var error in errors.WithCancellation(stop))
            await writer.WriteLineAsync(ndjson ? JsonSerializer.Serialize(error, MusterJson.Wire.ErrorResource) : ImportReport.Line(error).TrimStart());
    }

    /// <summary>One document of the API's form, written as it is read: a report is never held whole.</summary>
    static async Task WriteDocumentAsync(IAsyncEnumerable<ErrorResource> errors, Stream stream, CancellationToken stop)
    {
        const int FlushAt = 1 << 16;
        var options = new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        await using (var writer = new Utf8JsonWriter(stream, options))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("items");
            await foreach (var error in errors.WithCancellation(stop))
            {
                JsonSerializer.Serialize(writer, error, MusterJson.Wire.ErrorResource);
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
