using System.Text;

namespace Muster.Formats.Encodings;

/// <summary>Reads one encoding character by character, so that the place of every character in the source stays known.</summary>
/// <remarks>
/// What is no character of the encoding becomes the byte 0xFF, which no UTF-8 text holds: the reader behind rejects the record that it stands in.
/// An ASCII byte behind a broken lead byte is kept, so that a damaged character never swallows a delimiter, a quote or a line end.
/// </remarks>
abstract class CharacterDecoder
{
    /// <summary>Most bytes of UTF-8 for one byte of source.</summary>
    public const int GrowthMax = 3;

    protected const int Invalid = -1;
    const byte InvalidText = 0xFF;

    /// <summary>Whether a byte below 0x80 where a character begins is that ASCII character, which runs are copied by.</summary>
    protected virtual bool CopiesAscii => true;

    /// <summary>Bytes of the character that begins the span: 0 when more are needed to tell, which never is at the end.</summary>
    public abstract int Next(ReadOnlySpan<byte> bytes, bool atEnd, out int scalar);

    /// <summary>Writes the whole characters of the bytes as UTF-8.</summary>
    /// <param name="text">Has room for <see cref="GrowthMax"/> times the bytes.</param>
    /// <returns>Bytes of source that were read, and bytes of text that were written.</returns>
    public (int Taken, int Written) Decode(ReadOnlySpan<byte> source, bool atEnd, Span<byte> text)
    {
        var (taken, written) = (0, 0);
        while (taken < source.Length)
        {
            var ascii = CopiesAscii ? AsciiRun(source[taken..]) : 0;
            if (ascii > 0)
            {
                source.Slice(taken, ascii).CopyTo(text[written..]);
                (taken, written) = (taken + ascii, written + ascii);
                continue;
            }
            var length = Next(source[taken..], atEnd, out var scalar);
            if (length == 0)
                break;
            taken += length;
            if (scalar == Invalid)
                text[written++] = InvalidText;
            else
                written += new Rune(scalar).EncodeToUtf8(text[written..]);
        }
        return (taken, written);
    }

    /// <summary>How many bytes of source make that many bytes of UTF-8: the inverse of <see cref="Decode"/>'s lengths.</summary>
    public int SourceLength(ReadOnlySpan<byte> source, bool atEnd, long textLength)
    {
        var taken = 0;
        while (textLength > 0 && taken < source.Length)
        {
            var ascii = CopiesAscii ? AsciiRun(source[taken..]) : 0;
            if (ascii > 0)
            {
                ascii = (int)Math.Min(ascii, textLength);
                (taken, textLength) = (taken + ascii, textLength - ascii);
                continue;
            }
            var length = Next(source[taken..], atEnd, out var scalar);
            if (length == 0)
                break;
            taken += length;
            textLength -= scalar == Invalid ? 1 : new Rune(scalar).Utf8SequenceLength;
        }
        return taken;
    }

    /// <summary>All of the bytes as UTF-8.</summary>
    public byte[] ToUtf8(ReadOnlySpan<byte> source)
    {
        var text = new byte[source.Length * GrowthMax];
        return text[..Decode(source, atEnd: true, text).Written];
    }

    /// <summary>Turns every character but line ends, quotes and the delimiter into as many spaces as fit in its place.</summary>
    public void Blank(Span<byte> record, char delimiter)
    {
        while (!record.IsEmpty)
        {
            var length = Next(record, atEnd: true, out var scalar);
            if (scalar is not ('\r' or '\n' or '"') && scalar != delimiter)
                Fill(record[..length]);
            record = record[length..];
        }
    }

    /// <summary><see cref="Fill"/> of a decoder that this one stands for.</summary>
    public void FillOther(Span<byte> character) => Fill(character);

    /// <summary>Writes spaces in place of one character.</summary>
    protected virtual void Fill(Span<byte> character) => character.Fill((byte)' ');

    static int AsciiRun(ReadOnlySpan<byte> bytes)
    {
        var length = bytes.IndexOfAnyExceptInRange((byte)0, (byte)0x7F);
        return length < 0 ? bytes.Length : length;
    }
}

/// <summary>A byte a character. Bytes that the code page leaves free, control characters above ASCII and private ones are invalid: no text holds them.</summary>
sealed class SingleByteDecoder(Encoding codePage) : CharacterDecoder
{
    readonly int[] scalars = CodePages.Singles(codePage);

    public override int Next(ReadOnlySpan<byte> bytes, bool atEnd, out int scalar)
    {
        scalar = scalars[bytes[0]];
        return 1;
    }

    /// <summary>The byte that reads as this character, or -1.</summary>
    public int ByteOf(int scalar) => scalar < 0x80 ? scalar : Array.IndexOf(scalars, scalar, 0x80);
}

/// <summary>A lead byte above ASCII and one that follows: Shift_JIS, Big5, EUC-KR; with <paramref name="longer"/> forms, GB18030 and EUC-JP.</summary>
/// <param name="codePage">Decodes single characters, to make the table.</param>
/// <param name="longer">Length of the character that begins the bytes when it is neither one byte nor two, 0 when it is, -1 when more bytes are needed.</param>
sealed class DoubleByteDecoder(Encoding codePage, DoubleByteDecoder.LongerForm? longer = null) : CharacterDecoder
{
    readonly int[] singles = CodePages.Singles(codePage);
    readonly char[] pairs = CodePages.Pairs(codePage);

    public delegate int LongerForm(ReadOnlySpan<byte> bytes);

    public override int Next(ReadOnlySpan<byte> bytes, bool atEnd, out int scalar)
    {
        scalar = singles[bytes[0]];
        if (scalar >= 0)
            return 1;
        var length = longer?.Invoke(bytes) ?? 0;
        if (bytes.Length < 2 || length < 0)
            return atEnd ? 1 : 0;
        if (length > 0)
        {
            scalar = CodePages.Decode(codePage, bytes[..length]);
            return scalar >= 0 ? length : 1;
        }
        if (pairs[(bytes[0] << 8) | bytes[1]] is not '\0' and var character)
        {
            scalar = character;
            return 2;
        }
        return bytes[1] < 0x80 ? 1 : 2;
    }

    /// <summary>GB18030's characters of four bytes: a digit stands second.</summary>
    public static int FourBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 2)
            return -1;
        if (bytes[1] is < 0x30 or > 0x39)
            return 0;
        return bytes.Length < 4 ? -1 : bytes[2] is >= 0x81 and <= 0xFE && bytes[3] is >= 0x30 and <= 0x39 ? 4 : 0;
    }

    /// <summary>EUC-JP's characters of JIS X 0212: three bytes behind 0x8F.</summary>
    public static int ThreeBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes[0] != 0x8F)
            return 0;
        return bytes.Length < 3 ? -1 : bytes[1] >= 0xA1 && bytes[2] >= 0xA1 ? 3 : 0;
    }
}

/// <summary>UTF-16 and UTF-32, either byte order. A lone surrogate is invalid, and so are bytes left over at the end.</summary>
sealed class WideDecoder(int unit, bool bigEndian) : CharacterDecoder
{
    protected override bool CopiesAscii => false;

    public override int Next(ReadOnlySpan<byte> bytes, bool atEnd, out int scalar)
    {
        scalar = Invalid;
        if (bytes.Length < unit)
            return atEnd ? bytes.Length : 0;
        var first = Unit(bytes);
        if (Rune.IsValid(first))
        {
            scalar = first;
            return unit;
        }
        if (unit == 4 || !char.IsHighSurrogate((char)first))
            return unit;
        if (bytes.Length < 4)
            return atEnd ? unit : 0;
        if (!Rune.TryCreate((char)first, (char)Unit(bytes[2..]), out var rune))
            return unit;
        scalar = rune.Value;
        return 4;
    }

    protected override void Fill(Span<byte> character)
    {
        character.Clear();
        for (var at = bigEndian ? unit - 1 : 0; at < character.Length; at += unit)
            character[at] = (byte)' ';
    }

    int Unit(ReadOnlySpan<byte> bytes)
    {
        var value = 0;
        for (var i = 0; i < unit; i++)
            value = (value << 8) | bytes[bigEndian ? i : unit - 1 - i];
        return value;
    }
}

/// <summary>UTF-8 itself, for sources that are read through <see cref="DelimiterDecoder"/>.</summary>
sealed class Utf8Decoder : CharacterDecoder
{
    public override int Next(ReadOnlySpan<byte> bytes, bool atEnd, out int scalar)
    {
        var status = Rune.DecodeFromUtf8(bytes, out var rune, out var length);
        scalar = status == System.Buffers.OperationStatus.Done ? rune.Value : Invalid;
        return status == System.Buffers.OperationStatus.NeedMoreData && !atEnd ? 0 : length;
    }
}

/// <summary>Turns a delimiter that is no ASCII character into <see cref="Stand"/>, which is one. A cell that holds that control character is invalid.</summary>
sealed class DelimiterDecoder(CharacterDecoder inner, int delimiter) : CharacterDecoder
{
    /// <summary>ASCII's own unit separator.</summary>
    public const char Stand = '\x1F';

    protected override bool CopiesAscii => false;

    protected override void Fill(Span<byte> character) => inner.FillOther(character);

    public override int Next(ReadOnlySpan<byte> bytes, bool atEnd, out int scalar)
    {
        var length = inner.Next(bytes, atEnd, out scalar);
        scalar = scalar == delimiter ? Stand : scalar == Stand ? Invalid : scalar;
        return length;
    }
}
