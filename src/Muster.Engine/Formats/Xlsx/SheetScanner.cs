using System.Buffers.Text;
using Muster.Formats.Workbooks;

namespace Muster.Formats.Xlsx;

/// <summary>Reads a sheet's part byte by byte, without strings or objects. It knows the markup that spreadsheet programs write, and gives up on any other.</summary>
/// <exception cref="OddMarkupException">The part is to be read by <see cref="PartXml.ReadSheet"/>; what was written so far is void.</exception>
sealed class SheetScanner(Stream part, SheetText sheet, CellWriter cells, CellText text, CancellationToken stop) : IDisposable
{
    readonly ScanWindow window = new(part);
    int nextColumn;
    bool isInRow;
    int hiddenRows;
    int hiddenColumns;
    int mergedRanges;

    public static (int HiddenRows, int HiddenColumns, int MergedRanges) ReadSheet(Stream part, SheetText sheet, CellWriter cells, CellText text, CancellationToken stop)
    {
        using var scanner = new SheetScanner(part, sheet, cells, text, stop);
        scanner.Read();
        return (scanner.hiddenRows, scanner.hiddenColumns, scanner.mergedRanges);
    }

    void Read()
    {
        window.PassDeclaration();
        if (ReadHead())
            ReadRows();
        ReadTail();
    }

    public void Dispose() => window.Dispose();

    /// <summary>Passes what stands before the rows. False when the sheet has none.</summary>
    bool ReadHead()
    {
        for (var first = true; ; first = false)
        {
            var tag = NextTag();
            if (tag.StartsWith("<sheetData"u8))
                return tag[^2] != '/';
            if (tag.StartsWith("</worksheet"u8) || (first && !tag.StartsWith("<worksheet"u8)) || tag.StartsWith("<mc:"u8))
                throw new OddMarkupException();
            if (tag.StartsWith("<col "u8) && tag.IndexOf("hidden=\"1\""u8) >= 0)
                hiddenColumns++;
        }
    }

    void ReadTail()
    {
        while (true)
        {
            var tag = NextTag();
            if (tag.StartsWith("<mergeCell "u8))
                mergedRanges++;
            if (tag.StartsWith("<sheetData"u8) || tag.StartsWith("<row"u8))
                throw new OddMarkupException();
            if (tag.SequenceEqual("</worksheet>"u8))
                break;
        }
        window.ReadToEnd();
    }

    /// <summary>The next tag, whatever text stands before it; valid until the window moves.</summary>
    ReadOnlySpan<byte> NextTag()
    {
        while (true)
        {
            var bytes = window.Unread;
            var at = bytes.IndexOf((byte)'<');
            if (at < 0)
            {
                window.Advance(bytes.Length);
                window.FillOrFail();
                continue;
            }
            if (at + 1 < bytes.Length && bytes[at + 1] == '!')
                throw new OddMarkupException();
            var end = ScanWindow.TagEnd(bytes, at);
            if (end < 0)
            {
                window.FillOrFail();
                continue;
            }
            window.Advance(end);
            return bytes[at..end];
        }
    }

    void ReadRows()
    {
        var cellsRead = 0;
        while (true)
        {
            window.Advance(ScanWindow.PassBlanks(window.Unread, 0));
            var bytes = window.Unread;
            int used;
            if (bytes.Length < 12 && bytes.IndexOf((byte)'>') < 0)
            {
                used = -1;
            }
            else if (isInRow)
            {
                used = bytes.StartsWith("<c"u8) ? Cell(bytes, 2) : bytes.StartsWith("</row>"u8) ? EndRow(6) : throw new OddMarkupException();
            }
            else if (bytes.StartsWith("<row"u8))
            {
                used = Row(bytes, 4);
            }
            else if (bytes.StartsWith("</sheetData>"u8))
            {
                window.Advance(12);
                return;
            }
            else
            {
                throw new OddMarkupException();
            }
            if (used < 0)
                window.FillOrFail();
            else
                window.Advance(used);
            if ((++cellsRead & 0xFFFF) == 0)
                stop.ThrowIfCancellationRequested();
        }
    }

    int EndRow(int used)
    {
        isInRow = false;
        return used;
    }

    /// <param name="at">Behind <c>&lt;row</c>.</param>
    int Row(ReadOnlySpan<byte> bytes, int at)
    {
        long number = 0;
        var hidden = false;
        while (true)
        {
            at = ScanWindow.PassBlanks(bytes, at);
            if (at + 1 >= bytes.Length)
                return -1;
            if (bytes[at] == '>' || (bytes[at] == '/' && bytes[at + 1] == '>'))
                break;
            at = ScanWindow.Attribute(bytes, at, out var name, out var value);
            if (at < 0)
                return -1;
            if (name is [(byte)'r'] && (!Utf8Parser.TryParse(value, out number, out var used) || used != value.Length || number <= 0))
                throw new OddMarkupException();
            if (name.SequenceEqual("hidden"u8))
                hidden = value is [(byte)'1'] || value.SequenceEqual("true"u8);
        }
        hiddenRows += hidden ? 1 : 0;
        sheet.BeginRow(number);
        nextColumn = 0;
        if (bytes[at] == '/')
            return EndRow(at + 2);
        isInRow = true;
        return at + 1;
    }

    /// <param name="at">Behind <c>&lt;c</c>.</param>
    int Cell(ReadOnlySpan<byte> bytes, int at)
    {
        var column = nextColumn;
        var type = CellType.Number;
        uint style = 0;
        while (true)
        {
            at = ScanWindow.PassBlanks(bytes, at);
            if (at + 1 >= bytes.Length)
                return -1;
            if (bytes[at] == '>')
                break;
            if (bytes[at] == '/' && bytes[at + 1] == '>')
            {
                nextColumn = column + 1;
                return at + 2;
            }
            at = ScanWindow.Attribute(bytes, at, out var name, out var value);
            if (at < 0)
                return -1;
            switch (name)
            {
                case [(byte)'r']:
                    column = CellWriter.ColumnOf(value);
                    if (column < 0)
                        throw new OddMarkupException();
                    break;
                case [(byte)'s']:
                    if (!Utf8Parser.TryParse(value, out style, out var used) || used != value.Length)
                        style = uint.MaxValue;
                    break;
                case [(byte)'t']:
                    type = CellWriter.TypeOf(value);
                    break;
            }
        }
        at = Content(bytes, at + 1, type, out var content, out var isFormula);
        if (at < 0)
            return -1;
        nextColumn = column + 1;
        cells.Write(column, type, style, content, isFormula);
        return at;
    }

    /// <summary>What stands between a cell's tags: formula, value, inline string.</summary>
    int Content(ReadOnlySpan<byte> bytes, int at, CellType type, out ReadOnlySpan<byte> content, out bool isFormula)
    {
        content = default;
        isFormula = false;
        while (true)
        {
            at = ScanWindow.PassBlanks(bytes, at);
            if (at + 3 >= bytes.Length)
                return -1;
            var rest = bytes[at..];
            if (rest.StartsWith("<v>"u8) || rest.StartsWith("<v "u8))
            {
                at = Value(bytes, rest[2] == '>' ? at + 3 : ScanWindow.TagEnd(bytes, at), type, out content);
            }
            else if (rest.StartsWith("</c>"u8))
            {
                return at + 4;
            }
            else if (rest.StartsWith("<v/>"u8))
            {
                at += 4;
            }
            else if (rest.StartsWith("<f"u8))
            {
                isFormula = true;
                at = PassFormula(bytes, at);
            }
            else if (rest.StartsWith("<is>"u8))
            {
                text.Clear();
                at = ScanWindow.StringItem(bytes, at + 4, "</is>"u8, text);
                if (at > 0)
                    text.ResolveEscapes();
                content = text.Bytes;
            }
            else
            {
                throw new OddMarkupException();
            }
            if (at < 0)
                return -1;
        }
    }

    /// <param name="at">Behind the opening tag; −1 when the window ends before that.</param>
    int Value(ReadOnlySpan<byte> bytes, int at, CellType type, out ReadOnlySpan<byte> content)
    {
        content = default;
        if (at < 0)
            return -1;
        if (bytes[at - 2] == '/')
            return at;
        var length = bytes[at..].IndexOf((byte)'<');
        if (length < 0 || at + length + 4 > bytes.Length)
            return -1;
        if (!bytes[(at + length)..].StartsWith("</v>"u8))
            throw new OddMarkupException();
        content = bytes.Slice(at, length);
        if (type is CellType.Formula or CellType.Inline || content.IndexOfAny((byte)'&', (byte)'\r') >= 0)
        {
            text.Clear();
            text.AppendXml(content);
            if (type is CellType.Formula or CellType.Inline)
                text.ResolveEscapes();
            content = text.Bytes;
        }
        return at + length + 4;
    }

    static int PassFormula(ReadOnlySpan<byte> bytes, int at)
    {
        var end = ScanWindow.TagEnd(bytes, at);
        if (end < 0 || bytes[end - 2] == '/')
            return end;
        var length = bytes[end..].IndexOf((byte)'<');
        if (length < 0 || end + length + 4 > bytes.Length)
            return -1;
        return bytes[(end + length)..].StartsWith("</f>"u8) ? end + length + 4 : throw new OddMarkupException();
    }
}
