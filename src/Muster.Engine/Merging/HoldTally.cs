using System.Text.Json;
using System.Text.Json.Serialization;

namespace Muster.Merging;

/// <summary>What the hold rules have counted so far in one import. Small: one entry for each column that can be told to fit.</summary>
public sealed record HoldTally
{
    public long Read { get; set; }
    public long Rejected { get; set; }

    /// <summary>Rows that emptied a field which had a value.</summary>
    public long Cleared { get; set; }

    /// <summary>Rows that replaced a value by another.</summary>
    public long Overwritten { get; set; }

    /// <summary>Rows that opted a contact out who was not before.</summary>
    public long OptOuts { get; set; }

    /// <summary>Addresses looked at, and how many belong to a role.</summary>
    public long Addresses { get; set; }
    public long Roles { get; set; }

    /// <summary>By index of the source's column: filled cells that fit their field, and that do not.</summary>
    public SortedDictionary<int, long> Fit { get; init; } = [];
    public SortedDictionary<int, long> Misfit { get; init; } = [];

    public HoldTally Copy() => this with { Fit = new(Fit), Misfit = new(Misfit) };

    public string ToJson() => JsonSerializer.Serialize(this, TallyJson.Default.HoldTally);

    public static HoldTally Parse(string? json) => json is null ? new() : JsonSerializer.Deserialize(json, TallyJson.Default.HoldTally) ?? new();
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(HoldTally))]
sealed partial class TallyJson : JsonSerializerContext;
