using System.Text;
using Muster.Load;

namespace Muster.Benchmarks;

/// <summary>The file of Muster.Load and single columns of it, as UTF-8.</summary>
static class GeneratedColumns
{
    public const int Rows = 10_000;
    const ulong Seed = 20_250_101;

    static readonly ContactFile Generated = new(Rows, Seed);

    public static byte[] File()
    {
        using var stream = new MemoryStream();
        Generated.Write(stream);
        return stream.ToArray();
    }

    /// <summary>One cell of every row but the repeats, or of the good rows alone.</summary>
    public static (byte[] Cell, string Region)[] Column(string name, bool goodOnly)
    {
        var index = Array.IndexOf(ContactFile.Columns, name);
        var cells = new string[ContactFile.Columns.Length];
        var column = new List<(byte[], string)>();
        for (var row = 0; row < Rows; row++)
        {
            var kind = Generated.KindOf(row);
            if (kind == RowKind.Repeat || (goodOnly && kind != RowKind.Good))
                continue;
            Generated.Fill(row, cells);
            column.Add((Encoding.UTF8.GetBytes(cells[index]), Generated.RegionOf(row)));
        }
        return [.. column];
    }
}
