using System.Buffers.Text;
using System.Text.Json;

namespace Muster.Merging;

/// <summary>One member of a contact's custom fields object: which field, and where its JSON value lies.</summary>
public readonly record struct CustomMember(int FieldId, int Offset, int Length)
{
    public ReadOnlySpan<byte> In(ReadOnlySpan<byte> json) => json.Slice(Offset, Length);

    /// <summary>Lists the members of an object such as <c>{"7":"Pune","9":12}</c>; names are field ids, ascending. An empty span has none.</summary>
    public static void ReadAll(ReadOnlySpan<byte> json, List<CustomMember> members)
    {
        members.Clear();
        if (json.IsEmpty || TryReadPlain(json, members))
            return;
        members.Clear();
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!Utf8Parser.TryParse(reader.ValueSpan, out int id, out _))
                throw new InvalidDataException("A contact's custom fields have a member that is no field id.");
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            members.Add(new(id, start, (int)reader.BytesConsumed - start));
        }
    }

    /// <summary>An object as <see cref="FieldsMerge"/> writes it, of texts, numbers and truth values: in a fraction of a general reader's time.</summary>
    static bool TryReadPlain(ReadOnlySpan<byte> json, List<CustomMember> members)
    {
        for (var at = 0; at < json.Length && json[at] == (at == 0 ? '{' : ',');)
        {
            if (json.Length < at + 2 || json[at + 1] != '"' || !Utf8Parser.TryParse(json[(at + 2)..], out int id, out var digits))
                return false;
            at += 2 + digits;
            if (!json[at..].StartsWith("\":"u8))
                return false;
            at += 2;
            var length = PlainLength(json[at..]);
            if (length <= 0)
                return false;
            members.Add(new(id, at, length));
            at += length;
            if (at == json.Length - 1)
                return json[at] == '}';
        }
        return false;
    }

    /// <summary>Bytes of the value at the beginning; not above 0 when it is an array or object, or none.</summary>
    static int PlainLength(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty)
            return 0;
        if (json[0] is (>= (byte)'0' and <= (byte)'9') or (byte)'-' or (byte)'t' or (byte)'f' or (byte)'n')
            return json.IndexOfAny(",} \t\r\n"u8);
        if (json[0] != '"')
            return 0;
        for (var at = 1; at < json.Length; at += 2) // an escape and what it escapes
        {
            var next = json[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (next < 0)
                return 0;
            at += next;
            if (json[at] == '"')
                return at + 1;
        }
        return 0;
    }
}

/// <summary>Writes a custom fields object member by member. The caller adds them in order of field id.</summary>
public sealed class FieldsMerge
{
    byte[] buffer = new byte[1_024];
    int length;

    public bool IsEmpty => length == 0;

    public void Clear() => length = 0;

    public void Add(int fieldId, ReadOnlySpan<byte> jsonValue)
    {
        if (buffer.Length - length < jsonValue.Length + 16)
            Array.Resize(ref buffer, Math.Max(buffer.Length * 2, length + jsonValue.Length + 16));
        buffer[length] = length == 0 ? (byte)'{' : (byte)',';
        length++;
        buffer[length++] = (byte)'"';
        Utf8Formatter.TryFormat(fieldId, buffer.AsSpan(length), out var digits);
        length += digits;
        buffer[length++] = (byte)'"';
        buffer[length++] = (byte)':';
        jsonValue.CopyTo(buffer.AsSpan(length));
        length += jsonValue.Length;
    }

    /// <summary>The whole object. Valid until the next <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> ToJson()
    {
        if (buffer.Length == length)
            Array.Resize(ref buffer, length + 1);
        buffer[length] = (byte)'}';
        return buffer.AsSpan(0, length + 1);
    }
}
