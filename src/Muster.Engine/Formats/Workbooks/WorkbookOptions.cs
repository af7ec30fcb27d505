namespace Muster.Formats.Workbooks;

/// <summary>How a workbook is read. Every limit has a refusal that names it; together they bound memory and disk whatever the file says of itself.</summary>
public sealed record WorkbookOptions
{
    public static readonly WorkbookOptions Default = new();

    /// <summary>The sheet: its name, or its number among the workbook's sheets, from 1. Null: the first one that is not hidden.</summary>
    public string? Sheet { get; init; }

    public int CellBytesMax { get; init; } = 64 * 1024;
    public int RecordBytesMax { get; init; } = 1024 * 1024;
    public int ColumnsMax { get; init; } = 1000;

    /// <summary>Largest text of the sheet, in bytes: what it takes on the disk.</summary>
    public long TextBytesMax { get; init; } = 2L << 30;

    /// <summary>Most that all parts of an .xlsx inflate to, in bytes.</summary>
    public long InflatedBytesMax { get; init; } = 4L << 30;

    /// <summary>Most bytes that one compressed byte may become, once a part is larger than 16 MiB.</summary>
    public int RatioMax { get; init; } = 200;

    /// <summary>Most entries in an .xlsx.</summary>
    public int EntriesMax { get; init; } = 10_000;

    /// <summary>Memory for an .xlsx's shared strings, in bytes; above it they lie in a file.</summary>
    public int StringsMemory { get; init; } = 32 << 20;

    /// <summary>Largest .xls, in bytes.</summary>
    public long XlsBytesMax { get; init; } = 256L << 20;

    /// <summary>Where shared strings go that exceed their memory.</summary>
    public string ScratchFolder { get; init; } = Path.GetTempPath();
}
