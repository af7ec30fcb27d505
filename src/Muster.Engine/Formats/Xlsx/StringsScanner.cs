namespace Muster.Formats.Xlsx;

/// <summary>Reads the part of shared strings, byte by byte, into the arena.</summary>
static class StringsScanner
{
    /// <exception cref="OddMarkupException">The part is to be read by <see cref="PartXml.ReadStrings"/>.</exception>
    public static void Read(Stream part, StringArena strings, CellText text, CancellationToken stop)
    {
        using var window = new ScanWindow(part);
        window.PassDeclaration();
        PassRoot(window);
        while (true)
        {
            window.Advance(ScanWindow.PassBlanks(window.Unread, 0));
            if (window.Unread.StartsWith("</sst>"u8))
            {
                window.Advance("</sst>".Length);
                window.ReadToEnd();
                return;
            }
            var used = Item(window.Unread, text);
            if (used < 0)
            {
                window.FillOrFail();
                continue;
            }
            window.Advance(used);
            text.ResolveEscapes();
            strings.Add(text.Bytes);
            if ((strings.Count & 0xFFFF) == 0)
                stop.ThrowIfCancellationRequested();
        }
    }

    static void PassRoot(ScanWindow window)
    {
        while (true)
        {
            var at = ScanWindow.PassBlanks(window.Unread, 0);
            if (window.Unread.Length - at >= 5)
            {
                if (!window.Unread[at..].StartsWith("<sst"u8))
                    throw new OddMarkupException();
                var end = ScanWindow.TagEnd(window.Unread, at);
                if (end > 0)
                {
                    // <sst/> has no item: the closing tag is what the loop waits for.
                    if (window.Unread[end - 2] == '/')
                        throw new OddMarkupException();
                    window.Advance(end);
                    return;
                }
            }
            window.FillOrFail();
        }
    }

    static int Item(ReadOnlySpan<byte> bytes, CellText text)
    {
        text.Clear();
        if (bytes.Length < 6)
            return -1;
        if (bytes.StartsWith("<si>"u8))
            return ScanWindow.StringItem(bytes, 4, "</si>"u8, text);
        if (bytes.StartsWith("<si/>"u8))
            return 5;
        if (!bytes.StartsWith("<si "u8))
            throw new OddMarkupException();
        var at = ScanWindow.TagEnd(bytes, 0);
        return at < 0 || bytes[at - 2] == '/' ? at : ScanWindow.StringItem(bytes, at, "</si>"u8, text);
    }
}
