using System.Buffers;

namespace Muster.Formats.Xlsx;

/// <summary>A stretch of an inflated part in memory, with what every scanner of such parts needs: tags, attributes, string items.</summary>
/// <remarks>What is cut off by the window's end is looked at again once more bytes are there; a method says so by −1.</remarks>
sealed class ScanWindow(Stream part) : IDisposable
{
    const int BytesFirst = 1 << 17;

    /// <summary>The longest single cell or tag that is scanned; a longer one is left to the XML reader, which takes it in pieces.</summary>
    const int BytesMax = 8 << 20;

    byte[] bytes = ArrayPool<byte>.Shared.Rent(BytesFirst);
    int start;
    int end;

    public ReadOnlySpan<byte> Unread => bytes.AsSpan(start, end - start);

    public void Advance(int length) => start += length;

    /// <summary>Reads on. False at the part's end.</summary>
    public bool Fill()
    {
        if (start > 0)
        {
            Unread.CopyTo(bytes);
            (start, end) = (0, end - start);
        }
        else if (end == bytes.Length)
        {
            if (bytes.Length >= BytesMax)
                throw new OddMarkupException();
            var larger = ArrayPool<byte>.Shared.Rent(bytes.Length * 2);
            Unread.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(bytes);
            bytes = larger;
        }
        var read = part.Read(bytes, end, bytes.Length - end);
        end += read;
        return read > 0;
    }

    /// <summary>Reads on, and takes the part's end for odd: something is not closed.</summary>
    public void FillOrFail()
    {
        if (!Fill())
            throw new OddMarkupException();
    }

    /// <summary>Behind the root's closing tag: reads to the part's end, which checks its size and sum. Anything but blanks there is odd.</summary>
    public void ReadToEnd()
    {
        do
        {
            if (PassBlanks(Unread, 0) < Unread.Length)
                throw new OddMarkupException();
            Advance(Unread.Length);
        }
        while (Fill());
    }

    /// <summary>Passes white space, a byte order mark and the XML declaration. UTF-8 alone is scanned.</summary>
    public void PassDeclaration()
    {
        while (Unread.Length < 256 && Fill()) { }
        if (Unread.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            Advance(3);
        if (!Unread.StartsWith("<?xml"u8))
            return;
        var close = Unread.IndexOf("?>"u8);
        if (close < 0)
            throw new OddMarkupException();
        var declaration = Unread[..close];
        if (declaration.IndexOf("encoding"u8) is var at and >= 0 && declaration[at..].IndexOf("utf-8"u8) < 0 && declaration[at..].IndexOf("UTF-8"u8) < 0)
            throw new OddMarkupException();
        Advance(close + 2);
    }

    /// <summary>The index of the first byte at or after <paramref name="at"/> that is no white space; the length when there is none.</summary>
    public static int PassBlanks(ReadOnlySpan<byte> bytes, int at)
    {
        while (at < bytes.Length && bytes[at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
            at++;
        return at;
    }

    /// <summary>The index behind the tag's <c>&gt;</c>, quotes respected; −1 when the window ends before it.</summary>
    public static int TagEnd(ReadOnlySpan<byte> bytes, int at)
    {
        while (true)
        {
            var next = bytes[at..].IndexOfAny((byte)'>', (byte)'"', (byte)'\'');
            if (next < 0)
                return -1;
            at += next;
            if (bytes[at] == '>')
                return at + 1;
            var close = bytes[(at + 1)..].IndexOf(bytes[at]);
            if (close < 0)
                return -1;
            at += close + 2;
        }
    }

    /// <summary>Reads one attribute.</summary>
    /// <returns>The index behind it; −1 when the window ends before that.</returns>
    public static int Attribute(ReadOnlySpan<byte> bytes, int at, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        name = value = default;
        var equals = bytes[at..].IndexOf((byte)'=');
        if (equals < 0)
            return NeedMore(bytes, at);
        name = bytes.Slice(at, equals);
        if (name.IndexOfAny("<>\"' \t\r\n"u8) >= 0)
            throw new OddMarkupException();
        at += equals + 1;
        if (at >= bytes.Length)
            return -1;
        if (bytes[at] is not ((byte)'"' or (byte)'\''))
            throw new OddMarkupException();
        var close = bytes[(at + 1)..].IndexOf(bytes[at]);
        if (close < 0)
            return -1;
        value = bytes.Slice(at + 1, close);
        if (value.IndexOfAny((byte)'<', (byte)'&') >= 0)
            throw new OddMarkupException();
        return at + close + 2;
    }

    /// <summary>Gathers the text of a string item: its own, or that of its runs; phonetic text is passed over (ECMA-376 part 1, §18.4.6, §18.4.8).</summary>
    /// <param name="at">Behind the item's opening tag.</param>
    /// <param name="close">The item's closing tag.</param>
    /// <returns>The index behind the closing tag; −1 when the window ends before it.</returns>
    public static int StringItem(ReadOnlySpan<byte> bytes, int at, ReadOnlySpan<byte> close, CellText text)
    {
        while (true)
        {
            at = PassBlanks(bytes, at);
            if (bytes.Length - at < 12 && bytes[at..].IndexOf((byte)'>') < 0)
                return -1;
            var rest = bytes[at..];
            if (rest.StartsWith("<t>"u8))
            {
                at = Text(bytes, at + 3, "</t>"u8, text);
            }
            else if (rest.StartsWith(close))
            {
                return at + close.Length;
            }
            else if (rest.StartsWith("<r>"u8))
            {
                at += 3;
            }
            else if (rest.StartsWith("</r>"u8))
            {
                at += 4;
            }
            else if (rest.StartsWith("<t "u8) || rest.StartsWith("<t/"u8) || rest.StartsWith("<t\n"u8) || rest.StartsWith("<t\r"u8))
            {
                at = TagEnd(bytes, at);
                if (at > 0 && bytes[at - 2] != '/')
                    at = Text(bytes, at, "</t>"u8, text);
            }
            else if (rest.StartsWith("<rPr"u8))
            {
                at = PassElement(bytes, at, "</rPr>"u8);
            }
            else if (rest.StartsWith("<rPh"u8))
            {
                at = PassElement(bytes, at, "</rPh>"u8);
            }
            else if (rest.StartsWith("<phoneticPr"u8))
            {
                at = PassElement(bytes, at, "</phoneticPr>"u8);
            }
            else
            {
                throw new OddMarkupException();
            }
            if (at < 0)
                return -1;
        }
    }

    /// <summary>Gathers characters up to a closing tag that must follow them at once.</summary>
    public static int Text(ReadOnlySpan<byte> bytes, int at, ReadOnlySpan<byte> close, CellText text)
    {
        var length = bytes[at..].IndexOf((byte)'<');
        if (length < 0 || at + length + close.Length > bytes.Length)
            return -1;
        if (!bytes[(at + length)..].StartsWith(close))
            throw new OddMarkupException();
        text.AppendXml(bytes.Slice(at, length));
        return at + length + close.Length;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(bytes);
        bytes = [];
        part.Dispose();
    }

    static int PassElement(ReadOnlySpan<byte> bytes, int at, ReadOnlySpan<byte> close)
    {
        at = TagEnd(bytes, at);
        if (at < 0 || bytes[at - 2] == '/')
            return at;
        var length = bytes[at..].IndexOf(close);
        if (length < 0)
            return -1;
        if (bytes.Slice(at, length).IndexOf("<!"u8) >= 0)
            throw new OddMarkupException();
        return at + length + close.Length;
    }

    static int NeedMore(ReadOnlySpan<byte> bytes, int at) => bytes[at..].IndexOfAny((byte)'<', (byte)'>') >= 0 ? throw new OddMarkupException() : -1;
}
