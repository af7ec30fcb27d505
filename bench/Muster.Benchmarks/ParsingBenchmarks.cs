using BenchmarkDotNet.Attributes;
using Muster.Formats;
using Muster.Formats.Csv;

namespace Muster.Benchmarks;

/// <summary>10,000 rows of nine columns, about 1 MB, from memory to cells. Each figure is for the whole file.</summary>
[MemoryDiagnoser]
public class ParsingBenchmarks
{
    byte[] file = [];

    [GlobalSetup]
    public void Generate() => file = GeneratedColumns.File();

    [Benchmark]
    public int Read_every_cell()
    {
        if (CsvRowReader.Open(new MemoryStream(file, writable: false), CsvOptions.Default) is not OpenResult.Opened opened)
            throw new InvalidOperationException("The generated file is refused.");
        using var reader = opened.Reader;
        var bytes = 0;
        while (reader.Read())
        {
            for (var i = 0; i < reader.CellCount; i++)
                bytes += reader.GetCell(i).Length;
        }
        return bytes;
    }
}
