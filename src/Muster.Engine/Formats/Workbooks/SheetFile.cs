using Muster.Contacts;
using Muster.Formats.Xls;
using Muster.Formats.Xlsx;
using Muster.Sources;

namespace Muster.Formats.Workbooks;

/// <summary>What became of reading a workbook into its sheet's text.</summary>
public abstract record SheetResult
{
    SheetResult() { }

    /// <summary>The text lies in the spool, durably.</summary>
    /// <param name="Name">Its name there.</param>
    /// <param name="TextBytes">Its length, without what stands behind it.</param>
    public sealed record Made(string Name, long TextBytes, SheetNotes Notes) : SheetResult;

    /// <param name="Detail">One sentence with the numbers and names that matter; never a contact's value.</param>
    public sealed record Refused(ErrorCode Code, string Detail) : SheetResult;
}

/// <summary>The file of the spool that holds a sheet's text (<see cref="SheetText"/>) in its workbook's stead.</summary>
public static class SheetFile
{
    const string Xlsx = "-xlsx";
    const string Xls = "-xls";
    const int ByteOrderMark = 3;

    /// <summary>The format of the workbook that a file of the spool was made from; null for any other source. The names in the spool are Muster's own.</summary>
    public static string? FormatOf(string path) => path.EndsWith(Xlsx, StringComparison.Ordinal) ? "xlsx" : path.EndsWith(Xls, StringComparison.Ordinal) ? "xls" : null;

    /// <summary>Whether bytes are those that workbooks begin with, and perhaps other files too.</summary>
    /// <param name="start">The first sixteen are enough.</param>
    public static bool MayBeWorkbook(ReadOnlySpan<byte> start) => ZipDirectory.IsZip(start) || OleFile.IsOle(start) || XlsSheet.IsBareSheet(start);

    /// <summary>Reads the chosen sheet of a workbook into a file of the spool, as a stream.</summary>
    /// <param name="workbook">As it was received; left anywhere, not disposed.</param>
    /// <returns>Null when the source is no workbook.</returns>
    public static SheetResult? TryMake(FileStream workbook, Spool spool, WorkbookOptions options, CancellationToken stop)
    {
        try
        {
            var kind = WorkbookSignature.Find(workbook, options);
            if (kind is null)
                return null;
            if (kind is WorkbookKind.Unreadable unreadable)
                return new SheetResult.Refused(unreadable.Refusal.Code, unreadable.Refusal.Detail);
            using var writer = spool.TryCreate(kind is WorkbookKind.Xlsx ? Xlsx : Xls);
            if (writer is null)
                return new SheetResult.Refused(ErrorCode.DiskFull, "The disk has less free space than free_disk_min asks for.");
            var notes = kind is WorkbookKind.Xlsx xlsx
                ? XlsxSheet.Read(workbook, xlsx.Directory, writer.Stream, options, stop)
                : XlsSheet.Read(workbook, writer.Stream, options, stop);
            var textBytes = SheetTextEnd.Read(writer.Stream).TextBytes;
            if (textBytes <= ByteOrderMark)
                return new SheetResult.Refused(ErrorCode.EmptySource, notes.Sheets.Count > 1
                    ? $"The sheet '{notes.Sheet}' holds no cell. The option sheet chooses another: {SheetNotes.Names(notes.Sheets)}."
                    : "The workbook's only sheet holds no cell.");
            writer.Keep();
            return new SheetResult.Made(writer.Name, textBytes, notes);
        }
        catch (SourceException e)
        {
            return new SheetResult.Refused(e.Code, e.Message);
        }
    }
}
