namespace Muster.Validation;

/// <summary>The apostrophe that keeps a spreadsheet from running a cell as a formula: downloads for people put it there, and the reader takes it away again.</summary>
/// <remarks>
/// A cell is escaped when it begins with <c>=</c>, <c>+</c>, <c>-</c>, <c>@</c>, a tab or a line end, or with apostrophes before one of these; so taking one apostrophe
/// away gives back what was there. A plus and digits alone is a phone number and stays as it is.
/// </remarks>
public static class FormulaEscape
{
    /// <summary>Whether a cell of this text needs an apostrophe before it.</summary>
    public static bool IsNeeded(ReadOnlySpan<char> text)
    {
        var start = text.IndexOfAnyExcept('\'');
        if (start < 0 || text[start] is not ('=' or '+' or '-' or '@' or '\t' or '\r' or '\n'))
            return false;
        return start > 0 || text[0] != '+' || text.Length == 1 || text[1..].ContainsAnyExceptInRange('0', '9');
    }

    /// <summary>The cell without its escape; as it is when it has none.</summary>
    public static ReadOnlySpan<byte> Remove(ReadOnlySpan<byte> cell)
    {
        if (cell.IsEmpty || cell[0] != '\'')
            return cell;
        var start = cell.IndexOfAnyExcept((byte)'\'');
        return start > 0 && cell[start] is ((byte)'=' or (byte)'+' or (byte)'-' or (byte)'@' or (byte)'\t' or (byte)'\r' or (byte)'\n')
            ? cell[1..] : cell;
    }
}
