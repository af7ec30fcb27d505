using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Muster.Formats.Xlsx;

/// <summary>Gathers the text of one cell from its runs, as UTF-8, with XML's and the format's own escapes resolved.</summary>
/// <param name="bytesMax">Text beyond it is dropped: the cell is too long by then.</param>
sealed class CellText(int bytesMax)
{
    byte[] bytes = new byte[1024];
    int length;

    public ReadOnlySpan<byte> Bytes => bytes.AsSpan(0, length);

    public void Clear() => length = 0;

    /// <summary>Appends text that needs nothing resolved.</summary>
    public void Append(ReadOnlySpan<byte> text)
    {
        var room = bytesMax - length;
        if (text.Length > room)
            text = text[..Math.Max(room, 0)];
        if (bytes.Length - length < text.Length)
            Array.Resize(ref bytes, Math.Max(bytes.Length * 2, length + text.Length));
        text.CopyTo(bytes.AsSpan(length));
        length += text.Length;
    }

    /// <summary>Appends the characters between two tags: the five entities, character references, and line ends as XML 1.0 §2.11 has them.</summary>
    /// <exception cref="OddMarkupException">Another entity, or a reference to no character.</exception>
    public void AppendXml(ReadOnlySpan<byte> text)
    {
        while (text.IndexOfAny((byte)'&', (byte)'\r') is var at and >= 0)
        {
            Append(text[..at]);
            text = text[at..];
            if (text[0] == '\r')
            {
                Append("\n"u8);
                text = text[(text.Length > 1 && text[1] == '\n' ? 2 : 1)..];
                continue;
            }
            var end = text.IndexOf((byte)';');
            if (end < 0)
                throw new OddMarkupException();
            AppendEntity(text[1..end]);
            text = text[(end + 1)..];
        }
        Append(text);
    }

    /// <summary>Resolves <c>_xHHHH_</c> (ECMA-376 part 1, §22.9.2.19): UTF-16 code units that XML cannot hold, or that were written so to be sure.</summary>
    /// <remarks>Half of a pair is left as the three bytes that UTF-8 forbids: the row is then refused by its own rule.</remarks>
    public void ResolveEscapes()
    {
        var from = Bytes.IndexOf("_x"u8);
        if (from < 0)
            return;
        var to = from;
        var high = 0;
        while (from < length)
        {
            if (bytes[from] != '_' || length - from < 7 || (bytes[from + 1] | 0x20) != 'x' || bytes[from + 6] != '_'
                || !Utf8Parser.TryParse(bytes.AsSpan(from + 2, 4), out int unit, out var used, 'x') || used != 4)
            {
                bytes[to++] = bytes[from++];
                high = 0;
                continue;
            }
            from += 7;
            if (high != 0 && unit is >= 0xDC00 and <= 0xDFFF)
            {
                // The high half was written as three bytes just before.
                to -= 3;
                to += new Rune((char)high, (char)unit).EncodeToUtf8(bytes.AsSpan(to));
                high = 0;
                continue;
            }
            high = unit is >= 0xD800 and <= 0xDBFF ? unit : 0;
            to += WriteUnit(unit, bytes.AsSpan(to));
        }
        length = to;
    }

    static int WriteUnit(int unit, Span<byte> at)
    {
        if (Rune.TryCreate(unit, out var rune))
            return rune.EncodeToUtf8(at);
        at[0] = (byte)(0xE0 | (unit >> 12));
        at[1] = (byte)(0x80 | ((unit >> 6) & 0x3F));
        at[2] = (byte)(0x80 | (unit & 0x3F));
        return 3;
    }

    void AppendEntity(ReadOnlySpan<byte> name)
    {
        switch (name)
        {
            case [(byte)'a', (byte)'m', (byte)'p']:
                Append("&"u8);
                return;
            case [(byte)'l', (byte)'t']:
                Append("<"u8);
                return;
            case [(byte)'g', (byte)'t']:
                Append(">"u8);
                return;
            case [(byte)'q', (byte)'u', (byte)'o', (byte)'t']:
                Append("\""u8);
                return;
            case [(byte)'a', (byte)'p', (byte)'o', (byte)'s']:
                Append("'"u8);
                return;
        }
        var hexadecimal = name is [(byte)'#', (byte)'x', ..];
        if (name.Length < 2 || name.Length > 12 || name[0] != '#'
            || !int.TryParse(name[(hexadecimal ? 2 : 1)..], hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            || value < 9 || !Rune.TryCreate(value, out var rune))
            throw new OddMarkupException();
        Span<byte> encoded = stackalloc byte[4];
        Append(encoded[..rune.EncodeToUtf8(encoded)]);
    }
}

/// <summary>XML that the fast scanner does not read: the part is read again, by the slower reader that knows all of XML.</summary>
sealed class OddMarkupException() : Exception("Markup that the fast scanner leaves to the XML reader.");
