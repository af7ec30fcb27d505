namespace Muster.Cli.Output;

/// <summary>Columns of text, two blanks apart. A header that ends in <c>#</c> (not printed) marks a column of numbers, set to the right.</summary>
static class Table
{
    public static void Write(TextWriter output, string[] headers, IEnumerable<string[]> rows)
    {
        var toTheRight = Array.ConvertAll(headers, h => h.EndsWith('#'));
        string[][] lines = [Array.ConvertAll(headers, h => h.TrimEnd('#')), .. rows];
        var widths = new int[headers.Length];
        foreach (var line in lines)
        {
            for (var i = 0; i < line.Length; i++)
                widths[i] = Math.Max(widths[i], line[i].Length);
        }
        foreach (var line in lines)
            output.WriteLine(string.Join("  ", line.Select((cell, i) => toTheRight[i] ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]))).TrimEnd());
    }
}
