using System.Globalization;
using Muster.Contacts;
using Muster.Sources;

namespace Muster.Formats.Workbooks;

/// <summary>A sheet as the workbook lists it.</summary>
/// <param name="Hidden">Whether its tab is hidden.</param>
readonly record struct ListedSheet(string Name, bool Hidden);

/// <summary>Which of a workbook's sheets is read.</summary>
static class SheetChoice
{
    /// <param name="sheets">Worksheets in the order of their tabs; charts and macros are none.</param>
    /// <param name="wanted">A name, or a number from 1; a name that is a number is a name. Null: the first sheet that is not hidden, else the first.</param>
    /// <exception cref="SourceException">There is no such sheet, or none at all.</exception>
    public static int Of(IReadOnlyList<ListedSheet> sheets, string? wanted)
    {
        if (sheets.Count == 0)
            throw new SourceException(ErrorCode.SourceUnreadable, "The workbook has no worksheet.");
        if (string.IsNullOrWhiteSpace(wanted))
            return Math.Max(0, IndexOf(sheets, s => !s.Hidden));
        var name = wanted.Trim();
        var index = IndexOf(sheets, s => s.Name == wanted);
        if (index < 0)
            index = IndexOf(sheets, s => string.Equals(s.Name.Trim(), name, StringComparison.OrdinalIgnoreCase));
        if (index < 0 && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= sheets.Count)
            index = number - 1;
        return index >= 0
            ? index
            : throw new SourceException(ErrorCode.UnknownSheet, $"The workbook has no such sheet. Its sheets are {SheetNotes.Names([.. sheets.Select(s => s.Name)])}; name one, or give its number from 1 to {sheets.Count}.");
    }

    static int IndexOf(IReadOnlyList<ListedSheet> sheets, Func<ListedSheet, bool> fits)
    {
        for (var i = 0; i < sheets.Count; i++)
        {
            if (fits(sheets[i]))
                return i;
        }
        return -1;
    }
}
