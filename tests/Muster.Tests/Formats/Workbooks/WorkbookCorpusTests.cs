using System.Globalization;
using System.Text.Json;
using Muster.Formats;

namespace Muster.Tests.Formats.Workbooks;

public sealed class WorkbookCorpusTests : IDisposable
{
    readonly WorkbookReading books = new();

    public void Dispose() => books.Dispose();

    [Fact]
    public void Cells_are_read_as_two_oracles_agree()
    {
        using var vectors = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Path("corpora/xlsx_vectors.json")));
        var (judged, differences) = (0, new List<string>());
        foreach (var vector in vectors.RootElement.EnumerateArray())
        {
            if (!vector.TryGetProperty("disputed", out var disputed))
                continue;
            var unclear = disputed.EnumerateArray().Select(d => (d[0].GetInt32(), d[1].GetInt32())).ToHashSet();
            var file = vector.GetProperty("file").GetString()!; // every vector has one
            SortedDictionary<long, string[]> rows;
            try
            {
                rows = books.Rows(File.ReadAllBytes(SharedFolder.Path("corpora/files/" + file)), books.Raw with { Sheet = "1" });
            }
            catch (InvalidDataException e)
            {
                differences.Add($"{file}: {e.Message}");
                judged += CellsOf(vector).Count(c => !unclear.Contains((c.Row, c.Column)));
                continue;
            }
            foreach (var (row, column, cell) in CellsOf(vector))
            {
                if (unclear.Contains((row, column)))
                    continue;
                judged++;
                var text = rows.GetValueOrDefault(row + 1)?.ElementAtOrDefault(column) ?? "";
                if (!IsSame(cell, text))
                    differences.Add($"{file} {XlsxBook.Column(column)}{row + 1}: '{text[..Math.Min(text.Length, 50)]}' is not {cell.GetProperty("t")} {cell.GetProperty("v")}");
            }
        }
        Assert.True(judged > 4_000, $"{judged} cells");
        Assert.True(differences.Count * 200 <= judged, $"{differences.Count} of {judged}:\n{string.Join('\n', differences)}");
    }

    static IEnumerable<(int Row, int Column, JsonElement Cell)> CellsOf(JsonElement vector) =>
        from row in vector.GetProperty("rows").EnumerateArray().Select((r, i) => (Cells: r, Index: i))
        where row.Cells.ValueKind == JsonValueKind.Array
        from cell in row.Cells.EnumerateArray().Select((c, i) => (Value: c, Index: i))
        where cell.Value.ValueKind == JsonValueKind.Object
        select (row.Index, cell.Index, cell.Value);

    static bool IsSame(JsonElement cell, string text)
    {
        var value = cell.GetProperty("v");
        switch (cell.GetProperty("t").GetString())
        {
            case "s":
                // The corpus keeps the first two hundred characters and the length.
                var expected = value.GetString()!; // of type s
                return cell.GetProperty("n").GetInt32() == text.Length && text.StartsWith(expected, StringComparison.Ordinal);
            case "n":
                var number = text.EndsWith('%') ? text[..^1] : text;
                return double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var read)
                    && Near(text.EndsWith('%') ? read / 100 : read, value.GetDouble());
            case "b":
                return text == (value.GetBoolean() ? "TRUE" : "FALSE");
            case "d":
                return text == value.GetString() || text + "T00:00:00" == value.GetString();
            default:
                return text == value.ToString();
        }
    }

    static bool Near(double a, double b) => a == b || Math.Abs(a - b) <= Math.Abs(b) * 1e-14;
}
