using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Muster.Client;

namespace Muster.Cli.Output;

/// <summary>A file that a command wrote.</summary>
/// <param name="File">As it was named.</param>
sealed record WrittenFile(string File, long Bytes);

/// <summary>What became of suppressions that a command was given.</summary>
/// <param name="Known">There before.</param>
/// <param name="LeftOut">Lines of a file that are none.</param>
sealed record SuppressionsTaken(int Added, int Known, int LeftOut);

/// <summary>Suppressions that are no more.</summary>
/// <param name="Lifted">As they were typed.</param>
sealed record SuppressionsLifted(IReadOnlyList<string> Lifted);

/// <summary>Documents that the command line alone prints.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Page<AccountResource>))]
[JsonSerializable(typeof(WrittenFile))]
[JsonSerializable(typeof(SuppressionsTaken))]
[JsonSerializable(typeof(SuppressionsLifted))]
sealed partial class CliJson : JsonSerializerContext
{
    public static CliJson Wire { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
