using System.Text.Json;
using System.Text.Json.Serialization;

namespace Muster.Client;

/// <summary>One word as a text, several as a list of texts; in memory one text with commas between.</summary>
sealed class WordsConverter : JsonConverter<string?>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType is JsonTokenType.String or JsonTokenType.Null)
            return reader.GetString();
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException();
        var words = new List<string>();
        while (reader.Read() && reader.TokenType == JsonTokenType.String)
            words.Add(reader.GetString() ?? "");
        return reader.TokenType == JsonTokenType.EndArray && words.Count > 0 ? string.Join(',', words) : throw new JsonException();
    }

    public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options)
    {
        if (value?.Contains(',', StringComparison.Ordinal) != true)
        {
            writer.WriteStringValue(value);
            return;
        }
        writer.WriteStartArray();
        foreach (var word in value.Split(','))
            writer.WriteStringValue(word);
        writer.WriteEndArray();
    }
}
