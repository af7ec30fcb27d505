using System.Text.Json;
using System.Text.Json.Serialization;

namespace Muster.Contacts;

/// <summary>How the engine's own records are written as JSON, in stores and on the wire alike.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ImportOptions))]
[JsonSerializable(typeof(ImportSource))]
[JsonSerializable(typeof(ImportFailure))]
[JsonSerializable(typeof(IReadOnlyList<ImportColumn>))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
public sealed partial class EngineJson : JsonSerializerContext;
