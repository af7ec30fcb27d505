using System.Runtime.InteropServices;
using System.Text;

namespace Muster.Formats.Csv;

/// <summary>What a record looks like to somebody who searches for the header.</summary>
/// <param name="Row">Its ordinal in the source, blank records counted.</param>
/// <param name="Filled">Cells that are not blank.</param>
/// <param name="NamesColumns">Whether every filled cell could be a column's name, and no two are alike.</param>
/// <param name="HasData">Whether a cell is an e-mail address or a phone number.</param>
[StructLayout(LayoutKind.Auto)]
readonly record struct RecordLook(int Row, int Cells, int Filled, bool NamesColumns, bool HasData)
{
    const int NameMax = 100;
    const int PhoneDigitsMin = 7;
    const int PhoneDigitsMax = 15;

    public static RecordLook Of(CsvRecord record, int row)
    {
        var filled = 0;
        var names = true;
        var data = false;
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < record.CellCount; i++)
        {
            var cell = Encoding.UTF8.GetString(record.GetCell(i)).Trim().Trim('\uFEFF');
            if (cell.Length == 0)
                continue;
            filled++;
            data |= IsAddress(cell) || IsPhone(cell);
            names &= IsName(cell) && seen.Add(cell);
        }

        return new(row, record.CellCount, filled, names && filled > 0, data);
    }

    /// <summary>Whether a cell as a whole looks like an e-mail address.</summary>
    public static bool IsAddress(string cell)
    {
        var at = cell.IndexOf('@', StringComparison.Ordinal);
        return at > 0 && at == cell.LastIndexOf('@') && cell.IndexOf('.', at) > at + 1 && !cell.EndsWith('.') && !cell.Any(c => char.IsWhiteSpace(c) || c is ',' or ';' or ':');
    }

    /// <summary>Whether a cell as a whole looks like a phone number.</summary>
    public static bool IsPhone(string cell)
    {
        var digits = cell.Count(char.IsAsciiDigit);
        return digits is >= PhoneDigitsMin and <= PhoneDigitsMax && cell.All(c => char.IsAsciiDigit(c) || c is '+' or ' ' or '(' or ')' or '-' or '.' or '/') && !IsDate(cell);
    }

    /// <summary>2026-01-31, 31.01.2026 and the like: eight digits in three groups.</summary>
    static bool IsDate(string cell)
    {
        var groups = cell.Split(['-', '.', '/']);
        return groups.Length == 3 && groups.All(g => g.Length is 1 or 2 or 4 && g.All(char.IsAsciiDigit));
    }

    static bool IsName(string cell) =>
        cell.Length <= NameMax && cell.Any(char.IsLetter) && !cell.Contains('@', StringComparison.Ordinal) && !cell.Contains("://", StringComparison.Ordinal)
        && cell.Count(char.IsAsciiDigit) * 2 <= cell.Length;
}
