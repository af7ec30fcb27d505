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
        if (json.IsEmpty)
            return;
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
