using System.Buffers;
using System.Text.Json;
using Muster.Contacts;

namespace Muster.Server.Api;

/// <summary>What a JSON body holds beside its contacts.</summary>
/// <param name="Source">Where the contacts are instead: the member <c>source</c>, an object; null when the body holds them itself.</param>
sealed record Envelope(ImportOptions Options, JsonElement? Source);

/// <summary>Looks through a JSON body <c>{"contacts":[…],"options":{…}}</c>, <c>{"source":{…},"options":{…}}</c> or a bare array of contacts that lies in the spool, without holding it: what its top level is, and its options.</summary>
/// <remarks>
/// Memory: a 64 KiB window, larger only for a longer single value, up to <c>record_bytes_max</c>. The contacts themselves are read by the import, which
/// rejects a contact that holds a longer text; here such a text is only looked through.
/// </remarks>
static class ContactsEnvelope
{
    const int DepthMax = 64;
    const int OptionsBytesMax = 1 << 20;

    public static async Task<Envelope> ReadAsync(Stream body, int valueBytesMax, CancellationToken cancellationToken)
    {
        var scan = new Scan();
        await JsonWindows.ReadAsync(
            body, scan.Take, static () => ValueTask.FromResult(true), valueBytesMax, window => scan.Shorten(window.Span), cancellationToken);
        return scan.Finish();
    }

    static RefusedException Malformed(string what) => new(Refusal.Of(400, "malformed_json", $"The body is not the JSON that this route takes: {what}. Send {{\"contacts\":[…]}}, with {{\"options\":{{…}}}} beside it if wanted."));

    /// <summary>Where the scan stands between two windows.</summary>
    sealed class Scan
    {
        JsonReaderState state = new(new JsonReaderOptions { MaxDepth = DepthMax });
        long before;
        string? member;
        bool bare;
        bool contacts;
        readonly Dictionary<string, ArrayBufferWriter<byte>> copies = [];
        Utf8JsonWriter? copy;
        int depth;

        /// <summary>Reads what is whole in the window; returns how many bytes that was.</summary>
        public int Take(ReadOnlySpan<byte> window, bool isFinal)
        {
            var bom = before == 0 && window.StartsWith("\uFEFF"u8) ? 3 : 0;
            var reader = new Utf8JsonReader(window[bom..], isFinal, state);
            try
            {
                while (reader.Read())
                    Token(ref reader);
            }
            catch (JsonException e)
            {
                throw Malformed($"malformed at line {e.LineNumber + 1}");
            }
            state = reader.CurrentState;
            var consumed = bom + (int)reader.BytesConsumed;
            before += consumed;
            return consumed;
        }

        /// <summary>Cuts what the window holds of a contact's text out of it, once it proved sound so far.</summary>
        public int Shorten(Span<byte> window)
        {
            var quote = window.IndexOfAnyExcept(" \t\r\n,:"u8);
            if (!(bare || member == "contacts") || quote < 0 || window[quote] != '"')
                throw Malformed($"it holds a value longer than {window.Length} bytes that is no text of a contact");
            var end = EndOfWholeEscapes(window[..^1]);
            var cut = window[end];
            window[end] = (byte)'"';
            Check(window[..(end + 1)]);
            window[end] = cut;
            window[end..].CopyTo(window[(quote + 1)..]);
            return quote + 1 + window.Length - end;
        }

        /// <summary>Where a text can be cut without parting an escape.</summary>
        static int EndOfWholeEscapes(ReadOnlySpan<byte> text)
        {
            const int EscapeLength = 6;
            var at = text.LastIndexOf((byte)'\\');
            if (at < 0)
                return text.Length;
            var first = at;
            while (text[first - 1] == '\\') // a quote stands before them
                first--;
            var isEscapeOfOwn = (at - first) % 2 == 0;
            var length = text[at..] is [_, (byte)'u', ..] ? EscapeLength : 2;
            return isEscapeOfOwn && text.Length - at < length ? at : text.Length;
        }

        void Check(ReadOnlySpan<byte> window)
        {
            var reader = new Utf8JsonReader(window, isFinalBlock: false, state);
            try
            {
                while (reader.Read()) { }
            }
            catch (JsonException e)
            {
                throw Malformed($"malformed at line {e.LineNumber + 1}");
            }
        }

        public Envelope Finish()
        {
            var source = copies.GetValueOrDefault("source");
            if (contacts == source is not null)
                throw Malformed(contacts ? "it has both contacts and source" : "it has neither contacts nor source");
            var options = copies.TryGetValue("options", out var text) ? ImportOptionsReading.OfJson(text.WrittenSpan) : new();
            return new(options, source is null ? null : JsonDocument.Parse(source.WrittenMemory).RootElement);
        }

        void Token(ref Utf8JsonReader reader)
        {
            var type = reader.TokenType;
            if (type is JsonTokenType.EndArray or JsonTokenType.EndObject)
                depth--;
            if (depth == 0)
                Top(type);
            else if (depth == 1 && type == JsonTokenType.PropertyName && !bare)
                Member(reader.GetString() ?? "");
            else if (depth == 1 && member == "contacts" && type != JsonTokenType.StartArray && type != JsonTokenType.EndArray)
                throw Malformed("its member contacts is no array");
            else if (member is "options" or "source")
                Copy(ref reader);
            if (type is JsonTokenType.StartArray or JsonTokenType.StartObject)
                depth++;
        }

        void Top(JsonTokenType type)
        {
            if (type == JsonTokenType.StartArray)
                bare = contacts = true;
            else if (type is not (JsonTokenType.StartObject or JsonTokenType.EndObject or JsonTokenType.EndArray))
                throw Malformed("it is neither an object nor an array");
        }

        void Member(string name)
        {
            if (name is not ("contacts" or "options" or "source"))
                throw Malformed("it has a member beside contacts, source and options");
            if (name == "contacts" ? contacts : copies.ContainsKey(name))
                throw Malformed($"it has two members {name}");
            member = name;
            if (name == "contacts")
                contacts = true;
            else
                copy = new(copies[name] = new());
        }

        void Copy(ref Utf8JsonReader reader)
        {
            if (copy is not { } writer)
                return;
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject: writer.WriteStartObject(); break;
                case JsonTokenType.EndObject: writer.WriteEndObject(); break;
                case JsonTokenType.StartArray: writer.WriteStartArray(); break;
                case JsonTokenType.EndArray: writer.WriteEndArray(); break;
                case JsonTokenType.PropertyName: writer.WritePropertyName(reader.GetString() ?? ""); break;
                case JsonTokenType.String: writer.WriteStringValue(reader.GetString()); break;
                case JsonTokenType.Number: writer.WriteRawValue(reader.ValueSpan); break;
                case JsonTokenType.True: writer.WriteBooleanValue(true); break;
                case JsonTokenType.False: writer.WriteBooleanValue(false); break;
                default: writer.WriteNullValue(); break;
            }
            writer.Flush();
            if (copies[member!].WrittenCount > OptionsBytesMax) // a member is copied only once it is known
                throw Malformed($"its {member} is longer than {OptionsBytesMax} bytes");
        }
    }
}
