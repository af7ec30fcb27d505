using System.Globalization;
using System.IO.Compression;
using System.Security;
using System.Text;

namespace Muster.Tests.Formats.Workbooks;

/// <summary>Writes .xlsx files for tests: the parts that Excel writes, and any part replaced, added or left out.</summary>
sealed class XlsxBook
{
    const string Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const string Office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const string Package = "http://schemas.openxmlformats.org/package/2006/relationships";

    readonly List<(string Name, string Rows, string State, string After)> sheets = [];

    /// <summary>Parts that replace the usual ones or come beside them; null leaves one out.</summary>
    public Dictionary<string, string?> Parts { get; } = [];

    /// <summary>Items of the shared strings, as markup: <c>&lt;si&gt;…&lt;/si&gt;</c>.</summary>
    public List<string> Strings { get; } = [];

    /// <summary>Texts of custom number formats; the first is style 1, and so on. Style 0 is General.</summary>
    public List<string> Formats { get; } = [];

    /// <summary>Numbers of built-in formats: styles behind those of <see cref="Formats"/>.</summary>
    public List<int> BuiltIns { get; } = [];

    public bool Since1904 { get; set; }

    public CompressionLevel Compression { get; set; } = CompressionLevel.Fastest;

    /// <param name="rows">Markup within <c>sheetData</c>.</param>
    /// <param name="after">Markup behind it.</param>
    public XlsxBook Sheet(string name, string rows, string state = "visible", string after = "")
    {
        sheets.Add((name, rows, state, after));
        return this;
    }

    /// <summary>A row of inline strings.</summary>
    public static string Row(int number, params string?[] cells)
    {
        var row = new StringBuilder().Append(CultureInfo.InvariantCulture, $"<row r=\"{number}\">");
        for (var i = 0; i < cells.Length; i++)
        {
            if (cells[i] is { } cell)
                row.Append(CultureInfo.InvariantCulture, $"<c r=\"{Column(i)}{number}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{SecurityElement.Escape(cell)}</t></is></c>");
        }
        return row.Append("</row>").ToString();
    }

    public static string Column(int index) => index < 26 ? ((char)('A' + index)).ToString() : Column(index / 26 - 1) + (char)('A' + index % 26);

    /// <summary>A book of one sheet with these rows.</summary>
    public static byte[] Of(params string[] rows) => new XlsxBook().Sheet("Sheet1", string.Concat(rows)).Bytes();

    /// <summary>The text that a part has.</summary>
    public string Part(string name) => All().First(p => p.Name == name).Text;

    public byte[] Bytes()
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, text) in All())
            {
                using var entry = zip.CreateEntry(name, Compression).Open();
                entry.Write(Encoding.UTF8.GetBytes(text));
            }
        }
        return bytes.ToArray();
    }

    IEnumerable<(string Name, string Text)> All()
    {
        var usual = Usual().ToList();
        foreach (var (name, text) in usual)
        {
            if (!Parts.TryGetValue(name, out var other))
                yield return (name, text);
            else if (other is not null)
                yield return (name, other);
        }
        foreach (var (name, text) in Parts.Where(p => p.Value is not null && !usual.Exists(u => u.Name == p.Key)))
            yield return (name, text!);
    }

    IEnumerable<(string Name, string Text)> Usual()
    {
        const string Declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\r\n";
        yield return ("[Content_Types].xml", Declaration + "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>");
        yield return ("_rels/.rels", Declaration + $"<Relationships xmlns=\"{Package}\"><Relationship Id=\"rId1\" Type=\"{Office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>");
        var list = string.Concat(sheets.Select((s, i) => $"<sheet name=\"{SecurityElement.Escape(s.Name)}\" sheetId=\"{i + 1}\" state=\"{s.State}\" r:id=\"rId{i + 1}\"/>"));
        yield return ("xl/workbook.xml", Declaration + $"<workbook xmlns=\"{Main}\" xmlns:r=\"{Office}\"><workbookPr date1904=\"{(Since1904 ? 1 : 0)}\"/><sheets>{list}</sheets></workbook>");
        var relations = string.Concat(sheets.Select((_, i) => $"<Relationship Id=\"rId{i + 1}\" Type=\"{Office}/worksheet\" Target=\"worksheets/sheet{i + 1}.xml\"/>"));
        yield return ("xl/_rels/workbook.xml.rels", Declaration + $"<Relationships xmlns=\"{Package}\">{relations}<Relationship Id=\"rIdS\" Type=\"{Office}/sharedStrings\" Target=\"sharedStrings.xml\"/><Relationship Id=\"rIdF\" Type=\"{Office}/styles\" Target=\"/xl/styles.xml\"/></Relationships>");
        yield return ("xl/sharedStrings.xml", Declaration + $"<sst xmlns=\"{Main}\" count=\"{Strings.Count}\" uniqueCount=\"{Strings.Count}\">{string.Concat(Strings)}</sst>");
        var codes = string.Concat(Formats.Select((f, i) => $"<numFmt numFmtId=\"{i + 164}\" formatCode=\"{SecurityElement.Escape(f)}\"/>"));
        var styles = "<xf numFmtId=\"0\"/>" + string.Concat(Formats.Select((_, i) => $"<xf numFmtId=\"{i + 164}\"/>")) + string.Concat(BuiltIns.Select(b => $"<xf numFmtId=\"{b}\"/>"));
        yield return ("xl/styles.xml", Declaration + $"<styleSheet xmlns=\"{Main}\"><numFmts>{codes}</numFmts><cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs>{styles}</cellXfs></styleSheet>");
        for (var i = 0; i < sheets.Count; i++)
            yield return ($"xl/worksheets/sheet{i + 1}.xml", Declaration + $"<worksheet xmlns=\"{Main}\"><dimension ref=\"A1\"/><sheetViews><sheetView workbookViewId=\"0\"/></sheetViews><sheetData>{sheets[i].Rows}</sheetData>{sheets[i].After}</worksheet>");
    }
}
