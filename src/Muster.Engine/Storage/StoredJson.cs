using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Muster.Contacts;

namespace Muster.Storage;

/// <summary>How stores keep the parts of an import that no query looks into: JSON in snake_case, nulls left out, enums as their numbers.</summary>
/// <remarks>Members may be added; one that a stored document lacks reads as its default.</remarks>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ImportOptions))]
[JsonSerializable(typeof(AccountSettings))]
[JsonSerializable(typeof(ImportSource))]
[JsonSerializable(typeof(ImportFailure))]
[JsonSerializable(typeof(IReadOnlyList<ImportColumn>))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(IReadOnlyList<HoldFinding>))]
[JsonSerializable(typeof(AccountSettings))]
public sealed partial class StoredJson : JsonSerializerContext
{
    /// <summary>The context to use: text other than ASCII stays readable, since no browser ever sees it.</summary>
    public static StoredJson Compact { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
