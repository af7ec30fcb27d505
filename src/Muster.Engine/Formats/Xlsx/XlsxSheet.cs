using System.Xml;
using Muster.Contacts;
using Muster.Formats.Workbooks;
using Muster.Sources;

namespace Muster.Formats.Xlsx;

/// <summary>Reads one sheet of an .xlsx into its text, as a stream: strings into the arena, then the sheet row by row.</summary>
static class XlsxSheet
{
    /// <summary>One way to read a sheet's rows: over its bytes, or by an XML reader where the markup is odd.</summary>
    delegate (int HiddenRows, int HiddenColumns, int MergedRanges) SheetReading(Stream part, SheetText sheet, CellWriter cells, CellText text, CancellationToken stop);

    /// <param name="file">The workbook; its position is left anywhere.</param>
    /// <param name="text">Empty; what it held before a second attempt is overwritten.</param>
    /// <exception cref="SourceException">The workbook cannot be read, or should not be.</exception>
    public static SheetNotes Read(FileStream file, ZipDirectory directory, Stream text, WorkbookOptions options, CancellationToken stop)
    {
        try
        {
            var package = new XlsxPackage(file, directory, options);
            package.Open();
            var chosen = SheetChoice.Of(package.Sheets, options.Sheet);
            var notes = new SheetNotes(package.Sheets[chosen].Name, [.. package.Sheets.Select(s => s.Name)]) { SheetIsHidden = package.Sheets[chosen].Hidden };
            var cellText = new CellText((int)Math.Min(options.CellBytesMax * 7L + 64, 1 << 28)); // an escape takes seven bytes for one
            using var strings = ReadStrings(package, cellText, options, stop);
            var styles = package.Styles();
            try
            {
                return ReadRows(SheetScanner.ReadSheet);
            }
            catch (OddMarkupException)
            {
                text.SetLength(0);
                return ReadRows(PartXml.ReadSheet);
            }

            SheetNotes ReadRows(SheetReading read)
            {
                var sheet = new SheetText(text, options);
                var cells = new CellWriter(sheet, strings, styles, package.Since1904);
                sheet.Begin();
                var (hiddenRows, hiddenColumns, merged) = read(package.Sheet(chosen), sheet, cells, cellText, stop);
                sheet.End();
                return notes with
                {
                    HiddenRows = hiddenRows, HiddenColumns = hiddenColumns, MergedRanges = merged,
                    FormulasWithoutValue = cells.FormulasWithoutValue, RowsOutOfOrder = sheet.RowsOutOfOrder,
                };
            }
        }
        catch (XmlException e)
        {
            // What the XML reader says of a document type is the only one of its messages that means malice.
            throw e.Message.Contains("DTD", StringComparison.Ordinal) ? XlsxPackage.DocumentType() : ZipDirectory.Damaged($"the markup of a part breaks off or is wrong (line {e.LineNumber}, character {e.LinePosition})");
        }
    }

    static StringArena ReadStrings(XlsxPackage package, CellText cellText, WorkbookOptions options, CancellationToken stop)
    {
        var strings = new StringArena(options.StringsMemory, options.ScratchFolder);
        try
        {
            if (package.Strings() is not { } part)
                return strings;
            try
            {
                StringsScanner.Read(part, strings, cellText, stop);
            }
            catch (OddMarkupException)
            {
                strings.Dispose();
                strings = new(options.StringsMemory, options.ScratchFolder);
                PartXml.ReadStrings(package.Strings()!, strings, cellText, stop); // there a moment ago
            }
            strings.Seal();
            return strings;
        }
        catch
        {
            strings.Dispose();
            throw;
        }
    }
}
