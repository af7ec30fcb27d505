using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Muster.Client;

/// <summary>Which columns go to which fields. On the wire: <c>{"Mail":"email"}</c>, or a list of rules, which can also join, part and make values.</summary>
[JsonConverter(typeof(MappingOptionConverter))]
public sealed record MappingOption(IReadOnlyList<MappingRuleResource> Rules)
{
    /// <summary>Column → field.</summary>
    public static implicit operator MappingOption(Dictionary<string, string> columns) =>
        new([.. columns.Select(c => new MappingRuleResource { Column = c.Key, Field = c.Value })]);
}

/// <summary>One rule: from <see cref="Column"/>, <see cref="Columns"/> or <see cref="Value"/> to <see cref="Field"/> or <see cref="Fields"/>. See docs/formats-mapping.md.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record MappingRuleResource
{
    public string? Column { get; init; }

    /// <summary>Several columns for one field: joined by the separator, or, without one, the first that is not blank.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>A text for every row.</summary>
    public string? Value { get; init; }

    /// <summary>email, phone, external_id, first_name, last_name, company, field:NAME, ignore, or lists, tags, lists:remove, tags:remove.</summary>
    public string? Field { get; init; }

    /// <summary>Several fields for one column: its parts by the separator; without one, first_name and last_name of a whole name.</summary>
    public IReadOnlyList<string>? Fields { get; init; }

    public string? Separator { get; init; }

    /// <summary>text, number, date or boolean: what a missing custom field is made as.</summary>
    public string? Type { get; init; }

    /// <summary>add (default) or remove: what a column of lists or tags does.</summary>
    public string? Action { get; init; }

    /// <summary>Whether the rule is one column to one field and nothing else.</summary>
    [JsonIgnore]
    public bool IsPlain => Column is not null && Field is not null && Columns is null && Value is null && Fields is null && Separator is null && Type is null && Action is null;
}

/// <summary>Writes plain mappings as an object and others as a list of rules; reads both, and an object whose values are rules.</summary>
sealed class MappingOptionConverter : JsonConverter<MappingOption>
{
    public override MappingOption Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var type = (JsonTypeInfo<MappingRuleResource>)options.GetTypeInfo(typeof(MappingRuleResource));
        var rules = new List<MappingRuleResource>();
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                rules.Add(JsonSerializer.Deserialize(ref reader, type) ?? throw new JsonException());
            return new(rules);
        }
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var column = reader.GetString();
            reader.Read();
            rules.Add(reader.TokenType switch
            {
                JsonTokenType.String => new() { Column = column, Field = reader.GetString() },
                JsonTokenType.StartObject when JsonSerializer.Deserialize(ref reader, type) is { Column: null, Columns: null, Value: null } rule => rule with { Column = column },
                _ => throw new JsonException(),
            });
        }
        return new(rules);
    }

    public override void Write(Utf8JsonWriter writer, MappingOption value, JsonSerializerOptions options)
    {
        var type = (JsonTypeInfo<MappingRuleResource>)options.GetTypeInfo(typeof(MappingRuleResource));
        if (value.Rules.All(r => r.IsPlain) && value.Rules.DistinctBy(r => r.Column, StringComparer.Ordinal).Count() == value.Rules.Count)
        {
            writer.WriteStartObject();
            foreach (var rule in value.Rules)
                writer.WriteString(rule.Column!, rule.Field); // plain: it has one
            writer.WriteEndObject();
            return;
        }
        writer.WriteStartArray();
        foreach (var rule in value.Rules)
            JsonSerializer.Serialize(writer, rule, type);
        writer.WriteEndArray();
    }
}
