using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Muster.Cli.Output;

/// <summary>The one JSON document of <c>--json</c>, on stdout.</summary>
static class JsonOutput
{
    public static async Task WriteAsync<T>(T value, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        await using var output = Console.OpenStandardOutput();
        await JsonSerializer.SerializeAsync(output, value, type, cancellationToken);
        await output.WriteAsync("\n"u8.ToArray(), cancellationToken);
    }
}
