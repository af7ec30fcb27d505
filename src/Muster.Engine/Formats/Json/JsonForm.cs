using System.Text.Json;
using Muster.Formats.Csv;

namespace Muster.Formats.Json;

/// <summary>How contacts stand in a JSON source.</summary>
enum JsonForm
{
    /// <summary><c>[{…},{…}]</c></summary>
    Array,

    /// <summary><c>{"contacts":[{…},{…}]}</c>, with or without other members.</summary>
    Contacts,

    /// <summary>Objects one after another that are not one a line: a single one, or as jq prints them.</summary>
    Sequence,

    /// <summary>NDJSON: one object a line.</summary>
    Lines,
}

/// <summary>Finds out the form by the source's first value.</summary>
static class JsonForms
{
    static readonly JsonReaderOptions Strict = new() { MaxDepth = JsonOptions.DepthMax + 2 };

    /// <summary>Before the members that follow the contacts: what a reader must have seen to judge them.</summary>
    static ReadOnlySpan<byte> HeadOfTail => "{\"contacts\":[]"u8;

    /// <summary>JSON's white space (RFC 8259 §2).</summary>
    public static ReadOnlySpan<byte> Blanks => " \t\r\n"u8;

    /// <summary>Whether an object of this name holds custom fields.</summary>
    public static bool IsNestedFields(ReadOnlySpan<byte> name) => name.SequenceEqual("fields"u8) || name.SequenceEqual("custom_fields"u8);

    /// <param name="buffer">At the source's first byte that is not blank.</param>
    /// <param name="lookedAtMax">How far the array named contacts, or the end of the first object, is looked for.</param>
    /// <returns>The form, and how many bytes stand before the first item.</returns>
    public static (JsonForm Form, int Head) Find(SourceBuffer buffer, int lookedAtMax)
    {
        if (buffer.Unread[0] == '[')
            return (JsonForm.Array, 1);
        while (true)
        {
            var view = buffer.Unread;
            var isWhole = buffer.AtEnd && view.Length <= lookedAtMax;
            view = view[..Math.Min(view.Length, lookedAtMax)];
            try
            {
                if (Look(view, isWhole) is { } found)
                    return found;
            }
            catch (JsonException)
            {
                return (JsonForm.Lines, 0);
            }
            if (isWhole || view.Length == lookedAtMax)
                return (JsonForm.Lines, 0);
            buffer.Fill(Math.Min(view.Length * 2, lookedAtMax));
        }
    }

    /// <summary>Whether the bytes behind the contacts' closing bracket end the source's object properly, without a second array of contacts.</summary>
    public static bool IsTail(ReadOnlySpan<byte> tail)
    {
        try
        {
            var head = new Utf8JsonReader(HeadOfTail, isFinalBlock: false, new JsonReaderState(Strict));
            while (head.Read()) { }
            var reader = new Utf8JsonReader(tail, isFinalBlock: true, head.CurrentState);
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && reader.ValueTextEquals("contacts"u8))
                    return false;
            }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Null when more bytes are needed.</summary>
    static (JsonForm Form, int Head)? Look(ReadOnlySpan<byte> view, bool isWhole)
    {
        var reader = new Utf8JsonReader(view, isWhole, new JsonReaderState(Strict));
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndObject && reader.CurrentDepth == 0)
                return FormOfObjects(view, (int)reader.BytesConsumed, isWhole);
            if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
                continue;
            var isContacts = reader.ValueTextEquals("contacts"u8);
            if (!reader.Read())
                return null;
            if (isContacts && reader.TokenType == JsonTokenType.StartArray)
                return (JsonForm.Contacts, (int)reader.BytesConsumed);
        }
        return null;
    }

    /// <summary>One object a line, unless the first one has several lines or the next one stands on its line.</summary>
    static (JsonForm Form, int Head)? FormOfObjects(ReadOnlySpan<byte> view, int length, bool isWhole)
    {
        if (view[..length].ContainsAny((byte)'\r', (byte)'\n'))
            return (JsonForm.Sequence, 0);
        var next = view[length..].IndexOfAnyExcept(" \t"u8);
        if (next >= 0)
            return (view[length + next] == '{' ? JsonForm.Sequence : JsonForm.Lines, 0);
        return isWhole ? (JsonForm.Lines, 0) : null;
    }
}
