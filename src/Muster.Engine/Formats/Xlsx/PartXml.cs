using System.Globalization;
using System.Text;
using System.Xml;
using Muster.Formats.Workbooks;
using Muster.Sources;

namespace Muster.Formats.Xlsx;

/// <summary>Reads a workbook's parts as XML proper: the small ones always, sheet and strings when the fast scanners give up. No document type, nothing fetched.</summary>
static class PartXml
{
    const int DepthMax = 256;

    /// <summary>Longest run of bytes without a tag's begin: what the XML reader would hold whole.</summary>
    const int RunBytesMax = 4 << 20;

    public static XmlReader Open(Stream part) => XmlReader.Create(new TagGuard(part), new XmlReaderSettings
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        CloseInput = true,
    });

    /// <summary>Goes to the next node. Nesting deeper than any workbook's is refused.</summary>
    public static bool Next(XmlReader xml) => xml.Read() && (xml.Depth <= DepthMax ? true : throw new XmlException("Elements are nested too deep."));

    public static void ReadStrings(Stream part, StringArena strings, CellText text, CancellationToken stop)
    {
        using var xml = Open(part);
        while (Next(xml))
        {
            if (xml is not { NodeType: XmlNodeType.Element, LocalName: "si" })
                continue;
            text.Clear();
            ReadItem(xml, text);
            text.ResolveEscapes();
            strings.Add(text.Bytes);
            if ((strings.Count & 0xFFF) == 0)
                stop.ThrowIfCancellationRequested();
        }
    }

    public static (int HiddenRows, int HiddenColumns, int MergedRanges) ReadSheet(Stream part, SheetText sheet, CellWriter cells, CellText text, CancellationToken stop)
    {
        using var xml = Open(part);
        var (hiddenRows, hiddenColumns, merged, nextColumn, isInRow, rows) = (0, 0, 0, 0, false, 0);
        var again = false;
        while (again || Next(xml))
        {
            again = false;
            if (xml is { NodeType: XmlNodeType.EndElement, LocalName: "row" })
                isInRow = false;
            if (xml.NodeType != XmlNodeType.Element)
                continue;
            switch (xml.LocalName)
            {
                case "Choice": // of a mc:AlternateContent; its Fallback is read
                    xml.Skip();
                    again = !xml.EOF;
                    break;
                case "col":
                    hiddenColumns += IsTrue(xml.GetAttribute("hidden")) ? 1 : 0;
                    break;
                case "mergeCell":
                    merged++;
                    break;
                case "row":
                    if (isInRow)
                        throw new XmlException("A row stands within a row.");
                    if ((++rows & 0xFFF) == 0)
                        stop.ThrowIfCancellationRequested();
                    hiddenRows += IsTrue(xml.GetAttribute("hidden")) ? 1 : 0;
                    sheet.BeginRow(RowNumber(xml.GetAttribute("r")));
                    nextColumn = 0;
                    isInRow = !xml.IsEmptyElement;
                    break;
                case "c" when isInRow:
                    nextColumn = ReadCell(xml, nextColumn, cells, text) + 1;
                    break;
            }
        }
        return (hiddenRows, hiddenColumns, merged);
    }

    public static bool IsTrue(string? value) => value is "1" or "true" or "on";

    /// <returns>0 without a number; −1 for one that no row can have.</returns>
    static long RowNumber(string? text) => text is null ? 0 : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : -1;

    static int ReadCell(XmlReader xml, int column, CellWriter cells, CellText text)
    {
        if (xml.GetAttribute("r") is { } reference)
            column = CellWriter.ColumnOf(Encoding.UTF8.GetBytes(reference)) is >= 0 and var named ? named : throw new XmlException("A cell's reference names no column.");
        var type = xml.GetAttribute("t") is { } t ? CellWriter.TypeOf(Encoding.UTF8.GetBytes(t)) : CellType.Number;
        var style = uint.TryParse(xml.GetAttribute("s") ?? "0", NumberStyles.None, CultureInfo.InvariantCulture, out var s) ? s : uint.MaxValue;
        text.Clear();
        if (xml.IsEmptyElement)
            return column;
        var isFormula = false;
        var depth = xml.Depth;
        while (Next(xml) && xml.Depth > depth)
        {
            if (xml.NodeType != XmlNodeType.Element)
                continue;
            switch (xml.LocalName)
            {
                case "f":
                    isFormula = true;
                    PassElement(xml);
                    break;
                case "v":
                    text.Clear();
                    ReadText(xml, text);
                    break;
                case "is":
                    text.Clear();
                    ReadItem(xml, text);
                    break;
            }
        }
        if (type is CellType.Formula or CellType.Inline)
            text.ResolveEscapes();
        cells.Write(column, type, style, text.Bytes, isFormula);
        return column;
    }

    /// <summary>The text of a string item: its own, or that of its runs, without phonetic text.</summary>
    static void ReadItem(XmlReader xml, CellText text)
    {
        if (xml.IsEmptyElement)
            return;
        var depth = xml.Depth;
        while (Next(xml) && xml.Depth > depth)
        {
            if (xml.NodeType != XmlNodeType.Element)
                continue;
            if (xml.LocalName == "rPh")
                PassElement(xml);
            else if (xml.LocalName == "t")
                ReadText(xml, text);
        }
    }

    static void PassElement(XmlReader xml)
    {
        if (xml.IsEmptyElement)
            return;
        var depth = xml.Depth;
        while (Next(xml) && xml.Depth > depth) { }
    }

    /// <summary>Characters of the element, in pieces, so that none is held whole.</summary>
    static void ReadText(XmlReader xml, CellText text)
    {
        if (xml.IsEmptyElement)
            return;
        var depth = xml.Depth;
        var characters = new char[4096];
        var bytes = new byte[characters.Length * 3 + 4];
        while (Next(xml) && xml.Depth > depth)
        {
            if (xml.NodeType is not (XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace))
                continue;
            var encoder = Encoding.UTF8.GetEncoder();
            int read;
            while ((read = xml.ReadValueChunk(characters, 0, characters.Length)) > 0)
                text.Append(bytes.AsSpan(0, encoder.GetBytes(characters.AsSpan(0, read), bytes, flush: false)));
        }
    }

    /// <summary>Ends the reading of a part in which one tag or text is longer than any spreadsheet writes: the XML reader would hold it whole.</summary>
    sealed class TagGuard(Stream part) : ReadOnlyStream
    {
        long run;

        public override int Read(Span<byte> buffer)
        {
            var read = part.Read(buffer);
            var last = buffer[..read].LastIndexOf((byte)'<');
            run = last >= 0 ? read - last : run + read;
            return run <= RunBytesMax ? read : throw new XmlException("A tag or a text is too long.");
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                part.Dispose();
            base.Dispose(disposing);
        }
    }
}
