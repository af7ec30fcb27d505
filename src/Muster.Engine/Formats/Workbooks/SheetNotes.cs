namespace Muster.Formats.Workbooks;

/// <summary>What was found in a workbook that its reader should know of: it changed nothing about how the cells were read.</summary>
/// <param name="Sheet">Name of the sheet that was read.</param>
/// <param name="Sheets">Names of all sheets, in the order of their tabs.</param>
public sealed record SheetNotes(string Sheet, IReadOnlyList<string> Sheets)
{
    public bool SheetIsHidden { get; init; }
    public int HiddenRows { get; init; }
    public int HiddenColumns { get; init; }
    public int MergedRanges { get; init; }
    public int FormulasWithoutValue { get; init; }
    public bool RowsOutOfOrder { get; init; }

    /// <summary>That there are sheets beside the one that was read, and how to choose one; null when there is none.</summary>
    public string? OtherSheets => Sheets.Count > 1 ? $"Of {Sheets.Count} sheets '{Sheet}' is read. The option sheet chooses another: {Names(Sheets)}." : null;

    /// <summary>One sentence each, for the import's warnings. Names of sheets may stand in them, cells never.</summary>
    public IEnumerable<string> Warnings()
    {
        if (SheetIsHidden)
            yield return $"The sheet '{Sheet}' is hidden in the workbook. It was read because the option sheet, or the lack of any other, says so.";
        else if (OtherSheets is { } others)
            yield return others;
        if (HiddenRows > 0)
            yield return $"{HiddenRows} rows are hidden in the sheet, by a filter or by hand. They are read like the others.";
        if (HiddenColumns > 0)
            yield return $"{HiddenColumns} columns are hidden in the sheet. They are read like the others.";
        if (MergedRanges > 0)
            yield return $"The sheet has {MergedRanges} merged ranges. The value stands in the first cell of each; the other cells are blank.";
        if (FormulasWithoutValue > 0)
            yield return $"{FormulasWithoutValue} formulas have no saved result and are read as blank. Open the workbook in a spreadsheet and save it.";
        if (RowsOutOfOrder)
            yield return "Row numbers in the sheet repeat or go backwards; such rows are counted on from the row before.";
    }

    /// <summary>At most twenty names, each cut at fifty characters.</summary>
    public static string Names(IReadOnlyList<string> sheets)
    {
        const int NamesMax = 20;
        const int NameLengthMax = 50;
        var names = string.Join(", ", sheets.Take(NamesMax).Select(n => $"'{(n.Length <= NameLengthMax ? n : n[..NameLengthMax] + "…")}'"));
        return sheets.Count <= NamesMax ? names : $"{names} and {sheets.Count - NamesMax} more";
    }
}
