using System.Text;
using ExcelDataReader;
using Muster.Formats;
using Muster.Formats.Workbooks;
using Muster.Load.Verifying;
using Muster.Sources;

namespace Muster.Load.Readers;

/// <summary>What a reader found in a source: the same for every reader that reads it rightly.</summary>
/// <param name="Rows">The header counted.</param>
/// <param name="Cells">That are not blank.</param>
/// <param name="Bytes">Of these cells' text, as UTF-8.</param>
sealed record SourceRead(long Rows, long Cells, long Bytes)
{
    /// <summary>By Muster's own reader: a workbook through its sheet's text, as an import reads it; JSON as it stands.</summary>
    public static SourceRead ByMuster(string file, string data)
    {
        var settings = new MusterSettings { Data = data, FreeDiskMin = 0 };
        var text = new TextOptions { Csv = new() { HasHeader = false, PreambleRows = 0 }, TotalsRows = 0 };
        var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        OpenResult opening;
        if (file.EndsWith(".json", StringComparison.Ordinal))
        {
            opening = TextOpening.Open(stream, text);
        }
        else
        {
            using (stream)
            {
                var spool = new Spool(settings);
                if (SheetFile.TryMake(stream, spool, new() { ScratchFolder = settings.ScratchFolder }, CancellationToken.None) is not SheetResult.Made made)
                    throw new WrongResultException("Muster did not read the workbook.");
                opening = WorkbookRowReader.Open(spool.TryOpen(made.Name)!, "xlsx", text); // just made
            }
        }
        using var reader = opening is OpenResult.Opened opened ? opened.Reader : throw new WrongResultException($"Muster did not read the file: {opening}.");
        var (rows, cells, bytes) = (0L, 0L, 0L);
        while (reader.Read())
        {
            rows++;
            for (var i = 0; i < reader.CellCount; i++)
            {
                var cell = reader.GetCell(i);
                cells += cell.IsEmpty ? 0 : 1;
                bytes += cell.Length;
            }
        }
        return new(rows, cells, bytes);
    }

    /// <summary>By ExcelDataReader, as its documentation shows it.</summary>
    public static SourceRead ByExcelDataReader(string file)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance); // its own documentation asks for it
        using var stream = File.Open(file, FileMode.Open, FileAccess.Read);
        using var reader = ExcelReaderFactory.CreateReader(stream);
        var (rows, cells, bytes) = (0L, 0L, 0L);
        while (reader.Read())
        {
            rows++;
            for (var i = 0; i < reader.FieldCount; i++)
            {
                if (reader.GetValue(i)?.ToString() is not { Length: > 0 } text)
                    continue;
                cells++;
                bytes += Encoding.UTF8.GetByteCount(text);
            }
        }
        return new(rows, cells, bytes);
    }
}
