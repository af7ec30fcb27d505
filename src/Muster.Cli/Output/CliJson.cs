using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Muster.Client;

namespace Muster.Cli.Output;

/// <summary>A file that a command wrote.</summary>
/// <param name="File">As it was named.</param>
sealed record WrittenFile(string File, long Bytes);

/// <summary>Documents that the command line alone prints.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Page<AccountResource>))]
[JsonSerializable(typeof(WrittenFile))]
sealed partial class CliJson : JsonSerializerContext
{
    public static CliJson Wire { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
