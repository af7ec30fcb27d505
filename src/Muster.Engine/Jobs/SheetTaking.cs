using Muster.Contacts;
using Muster.Formats.Workbooks;
using Muster.Sources;

namespace Muster.Jobs;

/// <summary>Reads workbooks into the spool, once: offsets, rejects, resuming and erasing then refer to the text of a sheet, which can be read from any place.</summary>
static class SheetTaking
{
    /// <returns>Null when the source is no workbook.</returns>
    /// <exception cref="SourceException">The source has expired.</exception>
    public static async Task<SheetResult?> TakeAsync(Spool spool, string name, ImportOptions options, MusterSettings settings, CancellationToken cancellationToken)
    {
        await using var file = spool.TryOpen(name) ?? throw new SourceException(ErrorCode.SourceExpired, ErrorCode.SourceExpired.Message());
        if (!IsWork(file))
            return SheetFile.TryMake(file, spool, OptionsOf(options, settings), cancellationToken);
        // Reading a workbook takes memory and a core for a while.
        await spool.Turns.WaitAsync(cancellationToken);
        try
        {
            return SheetFile.TryMake(file, spool, OptionsOf(options, settings), cancellationToken);
        }
        finally
        {
            spool.Turns.Release();
        }
    }

    /// <summary>What its reader should know of a workbook, and of a file's name that promises another format.</summary>
    public static IEnumerable<string> Warnings(SheetNotes? notes, string? fileName, string format, ImportOptions options)
    {
        foreach (var warning in notes?.Warnings() ?? [])
            yield return warning;
        foreach (var warning in WorkbookNames.Warnings(fileName, format))
            yield return warning;
        if (notes is null && options.Sheet is not null)
            yield return $"The option sheet says nothing here: the source is {format} and has no sheets.";
    }

    static bool IsWork(FileStream file)
    {
        Span<byte> start = stackalloc byte[16];
        var length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return SheetFile.MayBeWorkbook(start[..length]);
    }

    static WorkbookOptions OptionsOf(ImportOptions options, MusterSettings settings) => new()
    {
        Sheet = options.Sheet,
        ColumnsMax = settings.ColumnsMax,
        CellBytesMax = settings.CellBytesMax,
        RecordBytesMax = settings.RecordBytesMax,
        TextBytesMax = settings.WorkbookTextBytesMax,
        InflatedBytesMax = settings.InflatedBytesMax,
        RatioMax = settings.InflatedRatioMax,
        EntriesMax = settings.ZipEntriesMax,
        StringsMemory = settings.WorkbookStringsMemory,
        XlsBytesMax = settings.XlsBytesMax,
        ScratchFolder = settings.ScratchFolder,
    };
}
