using System.Buffers.Text;
using System.Text;
using Muster.Contacts;

namespace Muster.Formats.Json;

/// <summary>Text taken out of JSON strings: the bytes of one record that are not the source's own.</summary>
sealed class JsonText
{
    byte[] bytes = new byte[256];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Slice(int start, int length) => bytes.AsSpan(start, length);

    public void Clear() => Length = 0;

    public void Append(ReadOnlySpan<byte> part)
    {
        part.CopyTo(Reserve(part.Length));
        Length += part.Length;
    }

    /// <summary>Appends a string's text, its escapes resolved (RFC 8259 §7). The string is sound JSON, without its quotes.</summary>
    /// <returns>What makes the text unusable: half a surrogate pair is no character of UTF-8, and no cell may hold a NUL.</returns>
    public ErrorCode AppendUnescaped(ReadOnlySpan<byte> text)
    {
        var fault = ErrorCode.None;
        while (text.IndexOf((byte)'\\') is var at and >= 0)
        {
            Append(text[..at]);
            var code = text[at + 1];
            text = text[(at + 2)..];
            if (code != 'u')
            {
                Append([Plain(code)]);
                continue;
            }
            int character = TakeUnit(ref text);
            if (char.IsHighSurrogate((char)character) && text.StartsWith("\\u"u8))
            {
                var rest = text[2..];
                var low = TakeUnit(ref rest);
                if (char.IsLowSurrogate(low))
                {
                    character = char.ConvertToUtf32((char)character, low);
                    text = rest;
                }
            }
            if (character == 0)
                fault = ErrorCode.NulByte;
            if (!Rune.TryCreate(character, out var rune))
                (rune, fault) = (Rune.ReplacementChar, ErrorCode.InvalidUtf8);
            Length += rune.EncodeToUtf8(Reserve(4));
        }
        Append(text);
        return fault;
    }

    static char TakeUnit(ref ReadOnlySpan<byte> text)
    {
        Utf8Parser.TryParse(text[..4], out ushort unit, out _, 'x');
        text = text[4..];
        return (char)unit;
    }

    static byte Plain(byte code) => code switch
    {
        (byte)'b' => (byte)'\b',
        (byte)'f' => (byte)'\f',
        (byte)'n' => (byte)'\n',
        (byte)'r' => (byte)'\r',
        (byte)'t' => (byte)'\t',
        _ => code, // quotation mark, reverse solidus, solidus
    };

    Span<byte> Reserve(int length)
    {
        if (bytes.Length - Length < length)
            Array.Resize(ref bytes, Math.Max(bytes.Length * 2, Length + length));
        return bytes.AsSpan(Length);
    }
}
