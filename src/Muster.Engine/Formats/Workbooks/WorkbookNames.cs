namespace Muster.Formats.Workbooks;

/// <summary>What a file's name promises of its format. It never decides; where it is wrong, that is said.</summary>
public static class WorkbookNames
{
    static readonly string[] Extensions = [".xlsx", ".xlsm", ".xltx", ".xltm", ".xls", ".xlt"];

    /// <param name="format">The format's name on the wire.</param>
    public static IEnumerable<string> Warnings(string? fileName, string format)
    {
        var extension = Path.GetExtension(fileName)?.ToLowerInvariant() ?? "";
        var named = Extensions.Contains(extension, StringComparer.Ordinal);
        if (named && !WorkbookRowReader.IsFormat(format))
            yield return $"The file is called {extension}, and its content is text: it was read as {format}.";
        else if (format == "xlsx" && extension is ".xls" or ".xlt")
            yield return $"The file is called {extension}, and its content is an .xlsx workbook: it was read as that.";
        else if (format == "xls" && named && extension is not (".xls" or ".xlt"))
            yield return $"The file is called {extension}, and its content is an .xls workbook: it was read as that.";
        else if (!named && WorkbookRowReader.IsFormat(format) && extension is ".csv" or ".tsv" or ".txt" or ".json" or ".ndjson")
            yield return $"The file is called {extension}, and its content is an .{format} workbook: it was read as that.";
    }
}
