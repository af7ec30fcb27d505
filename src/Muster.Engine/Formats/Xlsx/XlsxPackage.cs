using System.Globalization;
using System.Text;
using System.Xml;
using Muster.Contacts;
using Muster.Formats.Workbooks;
using Muster.Sources;

namespace Muster.Formats.Xlsx;

/// <summary>The parts of an .xlsx and how they hang together (ECMA-376 part 2): which is the workbook, which its sheets, strings and styles.</summary>
/// <remarks>Parts are found by their relations, as the standard has it, not by their usual names. A relation to a place outside the file is never followed.</remarks>
sealed class XlsxPackage
{
    const int SheetsMax = 10_000;
    const int StylesMax = 65_536 * 2;

    readonly FileStream file;
    readonly ZipDirectory directory;
    readonly InflateBudget budget;
    readonly Dictionary<string, ZipEntry> parts;

    public XlsxPackage(FileStream file, ZipDirectory directory, WorkbookOptions options)
    {
        (this.file, this.directory) = (file, directory);
        budget = new(options);
        parts = directory.Entries.ToDictionary(e => e.Name, StringComparer.OrdinalIgnoreCase);
    }

    public IReadOnlyList<ListedSheet> Sheets { get; private set; } = [];

    /// <summary>Whether dates count from 1904-01-01.</summary>
    public bool Since1904 { get; private set; }

    string workbook = "";
    readonly List<string> sheetTargets = [];
    string? strings;
    string? styles;

    /// <summary>Finds workbook, sheets, strings and styles.</summary>
    /// <exception cref="SourceException">The package cannot be read, or should not be.</exception>
    public void Open()
    {
        RefuseDocumentTypes();
        var main = Relations("").FirstOrDefault(r => r.Type == "officeDocument");
        workbook = main.Target is not null ? Target(main, "") : "xl/workbook.xml";
        if (!parts.ContainsKey(workbook))
            throw ZipDirectory.Damaged("it lacks its workbook part");
        var relations = Relations(workbook);
        var byId = relations.ToDictionary(r => r.Id, StringComparer.Ordinal);
        strings = relations.FirstOrDefault(r => r.Type == "sharedStrings") is { Target: not null } s ? Target(s, workbook) : null;
        styles = relations.FirstOrDefault(r => r.Type == "styles") is { Target: not null } y ? Target(y, workbook) : null;

        var sheets = new List<ListedSheet>();
        using var xml = PartXml.Open(Part(workbook));
        while (PartXml.Next(xml))
        {
            if (xml.NodeType != XmlNodeType.Element)
                continue;
            if (xml.LocalName == "workbookPr")
                Since1904 = PartXml.IsTrue(xml.GetAttribute("date1904"));
            if (xml.LocalName != "sheet" || xml.GetAttribute("name") is not { } name || RelationId(xml) is not { } id)
                continue;
            if (!byId.TryGetValue(id, out var relation))
                throw ZipDirectory.Damaged("a sheet has no part");
            if (relation.Type != "worksheet")
                continue; // a chart, a dialog, a macro sheet
            if (sheets.Count == SheetsMax)
                throw new SourceException(ErrorCode.SourceTooLarge, $"The workbook has more than {SheetsMax} sheets.");
            sheets.Add(new(name, xml.GetAttribute("state") is "hidden" or "veryHidden"));
            sheetTargets.Add(Target(relation, workbook));
        }
        Sheets = sheets;
    }

    public Stream Sheet(int index) => Part(sheetTargets[index]);

    /// <summary>Null when the workbook has no shared strings.</summary>
    public Stream? Strings() => strings is null || !parts.ContainsKey(strings) ? null : Part(strings);

    /// <summary>The number format of each cell style, in their order.</summary>
    public NumberFormat[] Styles()
    {
        if (styles is null || !parts.ContainsKey(styles))
            return [];
        var codes = new Dictionary<int, string>();
        var formats = new List<NumberFormat>();
        var known = new Dictionary<int, NumberFormat>();
        using var xml = PartXml.Open(Part(styles));
        var isInCellStyles = false;
        while (PartXml.Next(xml))
        {
            switch (xml.NodeType, xml.LocalName)
            {
                case (XmlNodeType.Element, "numFmt") when int.TryParse(xml.GetAttribute("numFmtId"), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                    && xml.GetAttribute("formatCode") is { } code && codes.Count < StylesMax:
                    codes.TryAdd(id, code);
                    break;
                case (XmlNodeType.Element, "cellXfs"):
                    isInCellStyles = !xml.IsEmptyElement;
                    break;
                case (XmlNodeType.EndElement, "cellXfs"):
                    isInCellStyles = false;
                    break;
                case (XmlNodeType.Element, "xf") when isInCellStyles && formats.Count < StylesMax:
                    if (!int.TryParse(xml.GetAttribute("numFmtId"), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                        number = 0;
                    if (!known.TryGetValue(number, out var format))
                        known[number] = format = NumberFormat.Of(number, codes.GetValueOrDefault(number));
                    formats.Add(format);
                    break;
            }
        }
        return [.. formats];
    }

    /// <summary>What an archive that is no .xlsx is, when it is known; null for an .xlsx or an archive of something else.</summary>
    public static OpenResult.Refused? RefuseOthers(FileStream file, ZipDirectory directory)
    {
        bool Has(string name) => directory.Entries.Any(e => string.Equals(e.Name, name, StringComparison.OrdinalIgnoreCase));
        bool HasFolder(string name) => directory.Entries.Any(e => e.Name.StartsWith(name, StringComparison.OrdinalIgnoreCase));
        if (Has("xl/workbook.bin"))
            return Refuse("an .xlsb workbook (Excel binary)");
        if (directory.Entries.FirstOrDefault(e => e.Name == "mimetype") is { InflatedBytes: < 200 } mimetype)
        {
            using var part = new PartStream(file, mimetype, directory.Start, new InflateBudget(WorkbookOptions.Default));
            var type = new byte[200];
            var text = Encoding.ASCII.GetString(type, 0, part.ReadAtLeast(type, type.Length, throwOnEndOfStream: false));
            return Refuse(text.StartsWith("application/vnd.oasis.opendocument.spreadsheet", StringComparison.Ordinal) ? "an .ods workbook (OpenDocument)" : $"a document of another program ({new string([.. text.Where(c => c is > ' ' and < '\x7F').Take(80)])})");
        }
        if (Has("Index/Document.iwa") || Has("Index.zip") || HasFolder("Index/Tables/"))
            return Refuse("an Apple Numbers, Pages or Keynote document");
        if (Has("word/document.xml"))
            return Refuse("a Word document (.docx)");
        if (Has("ppt/presentation.xml"))
            return Refuse("a PowerPoint presentation (.pptx)");
        return null;
    }

    /// <summary>Whether the archive means to be an Office document: it has the list of content types, or what the workbook part is usually called.</summary>
    public static bool IsOffice(ZipDirectory directory) => directory.Entries.Any(e =>
        e.Name.Equals("[Content_Types].xml", StringComparison.OrdinalIgnoreCase) || e.Name.Equals("xl/workbook.xml", StringComparison.OrdinalIgnoreCase));

    static OpenResult.Refused Refuse(string what) =>
        new(ErrorCode.UnsupportedFormat, $"The source is {what}, told by its content. Open it in its program and save it as .xlsx or CSV.");

    /// <summary>No part of a workbook needs a document type, and every known attack by XML does. It stands before the root element.</summary>
    void RefuseDocumentTypes()
    {
        const int LookedAt = 2048;
        var buffer = new byte[LookedAt];
        foreach (var entry in directory.Entries)
        {
            if (entry.InflatedBytes == 0 || !(entry.Name.EndsWith(".xml", StringComparison.OrdinalIgnoreCase) || entry.Name.EndsWith(".rels", StringComparison.OrdinalIgnoreCase)))
                continue;
            using var part = new PartStream(file, entry, directory.Start, budget);
            var start = buffer.AsSpan(0, part.ReadAtLeast(buffer, (int)Math.Min(LookedAt, entry.InflatedBytes), throwOnEndOfStream: false));
            if (start.IndexOf("<!DOCTYPE"u8) >= 0 || start.IndexOf(Encoding.Unicode.GetBytes("<!DOCTYPE")) >= 0 || start.IndexOf(Encoding.BigEndianUnicode.GetBytes("<!DOCTYPE")) >= 0)
                throw DocumentType();
        }
    }

    public static SourceException DocumentType() =>
        new(ErrorCode.UnsafeSource, "A part of the workbook declares a document type (DTD), which no spreadsheet program writes: entities are not expanded and nothing is fetched.");

    readonly record struct Relation(string Id, string Type, string? Target, bool IsExternal);

    /// <summary>The relations of a part; of the package for an empty name. The type is the last word of its address, which strict and transitional documents share.</summary>
    List<Relation> Relations(string part)
    {
        var slash = part.LastIndexOf('/') + 1;
        var name = part[..slash] + "_rels/" + part[slash..] + ".rels";
        var relations = new List<Relation>();
        if (!parts.ContainsKey(name))
            return relations;
        using var xml = PartXml.Open(Part(name));
        while (PartXml.Next(xml))
        {
            if (xml is not { NodeType: XmlNodeType.Element, LocalName: "Relationship" } || xml.GetAttribute("Id") is not { } id || relations.Exists(r => r.Id == id))
                continue;
            if (relations.Count == SheetsMax)
                throw new SourceException(ErrorCode.SourceTooLarge, $"A part has more than {SheetsMax} relations.");
            var type = xml.GetAttribute("Type") ?? "";
            relations.Add(new(id, type[(type.LastIndexOf('/') + 1)..], xml.GetAttribute("Target"), xml.GetAttribute("TargetMode") == "External"));
        }
        return relations;
    }

    /// <summary>The name of the part that a relation means, seen from another part.</summary>
    static string Target(Relation relation, string from)
    {
        if (relation.IsExternal)
            throw new SourceException(ErrorCode.UnsafeSource, "The workbook keeps a part that it needs outside itself. It is not fetched. Save the workbook with all its data.");
        var target = Uri.UnescapeDataString((relation.Target ?? "").Replace('\\', '/'));
        var path = new List<string>();
        if (!target.StartsWith('/'))
            path.AddRange(from.Split('/')[..^1]);
        foreach (var step in target.Split('/'))
        {
            if (step == "..")
            {
                if (path.Count == 0)
                    throw new SourceException(ErrorCode.UnsafeSource, "A part of the workbook is said to lie outside it.");
                path.RemoveAt(path.Count - 1);
            }
            else if (step.Length > 0 && step != ".")
            {
                path.Add(step);
            }
        }
        return string.Join('/', path);
    }

    /// <summary>The attribute <c>r:id</c>, whichever prefix and whichever of the two namespaces it has.</summary>
    static string? RelationId(XmlReader xml)
    {
        string? id = null;
        if (xml.MoveToFirstAttribute())
        {
            do
            {
                if (xml.LocalName == "id" && xml.NamespaceURI.EndsWith("/relationships", StringComparison.Ordinal))
                    id = xml.Value;
            }
            while (xml.MoveToNextAttribute());
            xml.MoveToElement();
        }
        return id;
    }

    PartStream Part(string name) =>
        parts.TryGetValue(name, out var entry) ? new(file, entry, directory.Start, budget) : throw ZipDirectory.Damaged("it lacks a part that it names");
}
