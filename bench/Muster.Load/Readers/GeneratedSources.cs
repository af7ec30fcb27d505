using System.IO.Compression;
using System.Security;
using System.Text;
using System.Text.Json;

namespace Muster.Load.Readers;

/// <summary>The generated contacts as a workbook and as JSON, written as a stream.</summary>
static class GeneratedSources
{
    const string Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const string Office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const string Package = "http://schemas.openxmlformats.org/package/2006/relationships";

    /// <summary>A workbook as Excel saves it: every text is a shared string, every cell says where it is.</summary>
    public static void WriteWorkbook(ContactFile contacts, string file)
    {
        using var zip = new ZipArchive(new FileStream(file, FileMode.Create), ZipArchiveMode.Create);
        Part(zip, "[Content_Types].xml", "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
            + "<Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/>"
            + "<Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>"
            + "<Override PartName=\"/xl/sharedStrings.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml\"/></Types>");
        Part(zip, "_rels/.rels", $"<Relationships xmlns=\"{Package}\"><Relationship Id=\"rId1\" Type=\"{Office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>");
        Part(zip, "xl/workbook.xml", $"<workbook xmlns=\"{Main}\" xmlns:r=\"{Office}\"><sheets><sheet name=\"Contacts\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>");
        Part(zip, "xl/_rels/workbook.xml.rels", $"<Relationships xmlns=\"{Package}\"><Relationship Id=\"rId1\" Type=\"{Office}/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"rId2\" Type=\"{Office}/sharedStrings\" Target=\"sharedStrings.xml\"/></Relationships>");
        var strings = new Dictionary<string, int>(StringComparer.Ordinal);
        var cells = new string[ContactFile.Columns.Length];
        using (var sheet = new StreamWriter(zip.CreateEntry("xl/worksheets/sheet1.xml", CompressionLevel.Fastest).Open()))
        {
            sheet.Write($"<worksheet xmlns=\"{Main}\"><sheetData>");
            WriteRow(sheet, 1, ContactFile.Columns, strings);
            for (var row = 0L; row < contacts.Rows; row++)
            {
                contacts.Fill(row, cells);
                WriteRow(sheet, row + 2, cells, strings);
            }
            sheet.Write("</sheetData></worksheet>");
        }
        using var shared = new StreamWriter(zip.CreateEntry("xl/sharedStrings.xml", CompressionLevel.Fastest).Open());
        shared.Write($"<sst xmlns=\"{Main}\" count=\"{(contacts.Rows + 1) * cells.Length}\" uniqueCount=\"{strings.Count}\">");
        foreach (var text in strings.Keys) // in the order in which they were added: nothing is removed
            shared.Write($"<si><t xml:space=\"preserve\">{SecurityElement.Escape(text)}</t></si>");
        shared.Write("</sst>");
    }

    /// <summary>A list of objects, one a line.</summary>
    public static void WriteJson(ContactFile contacts, string file)
    {
        using var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        using var json = new Utf8JsonWriter(stream, new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        var cells = new string[ContactFile.Columns.Length];
        json.WriteStartArray();
        for (var row = 0L; row < contacts.Rows; row++)
        {
            contacts.Fill(row, cells);
            json.WriteStartObject();
            for (var i = 0; i < cells.Length; i++)
                json.WriteString(ContactFile.Columns[i], ContactFile.Unquoted(cells[i]));
            json.WriteEndObject();
            if (json.BytesPending > 1 << 20)
                json.Flush();
        }
        json.WriteEndArray();
    }

    static void WriteRow(StreamWriter sheet, long number, string[] cells, Dictionary<string, int> strings)
    {
        sheet.Write($"<row r=\"{number}\">");
        for (var i = 0; i < cells.Length; i++)
        {
            var text = ContactFile.Unquoted(cells[i]);
            if (!strings.TryGetValue(text, out var index))
                strings[text] = index = strings.Count;
            sheet.Write($"<c r=\"{(char)('A' + i)}{number}\" t=\"s\"><v>{index}</v></c>");
        }
        sheet.Write("</row>");
    }

    static void Part(ZipArchive zip, string name, string markup)
    {
        using var part = zip.CreateEntry(name, CompressionLevel.Fastest).Open();
        part.Write(Encoding.UTF8.GetBytes("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n" + markup));
    }
}
