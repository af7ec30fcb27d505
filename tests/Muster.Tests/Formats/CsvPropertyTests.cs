using System.Text;
using Muster.Contacts;
using Muster.Formats;
using Muster.Formats.Csv;

namespace Muster.Tests.Formats;

/// <summary>Rows built together with their expected reading, and damage done to them, from fixed seeds.</summary>
public sealed class CsvPropertyTests
{
    static readonly string[] Pieces = ["a", "Ünï", "\"", "\"\"", ",", ";", "\t", "|", "\n", "\r\n", "\r", " ", "😀", "é", "0", "long text of some words", "'", "\\"];

    [Fact]
    public void Any_split_of_the_stream_gives_the_same_rows()
    {
        for (var seed = 0; seed < 150; seed++)
        {
            var bytes = Mutate(Generate(seed, out _, out _), seed, damages: seed % 3);
            var whole = Answer(new MemoryStream(bytes), bytes);
            foreach (var pieceMax in (int[])[1, 3, 17, 4096])
                Assert.True(whole == Answer(new PiecemealStream(bytes, seed, pieceMax), bytes), $"seed {seed}, pieces up to {pieceMax}");
        }
    }

    [Fact]
    public void Generated_rows_are_read_as_they_were_meant()
    {
        for (var seed = 0; seed < 400; seed++)
        {
            var bytes = Generate(seed, out var expected, out var delimiter);
            var (_, rows) = CsvReading.Read(bytes, new CsvOptions { Delimiter = delimiter });
            Assert.True(expected.Count == rows.Count, $"seed {seed}: {expected.Count} rows written, {rows.Count} read");
            for (var i = 0; i < expected.Count; i++)
            {
                Assert.True(rows[i].Fault is ErrorCode.None or ErrorCode.RepeatedHeader, $"seed {seed}: {rows[i]}");
                Assert.True(expected[i].SequenceEqual(rows[i].Cells), $"seed {seed}: {rows[i]}");
            }
        }
    }

    [Fact]
    public void Two_thousand_mutants_never_crash_and_answer_twice_alike()
    {
        for (var seed = 0; seed < 2000; seed++)
        {
            var bytes = Mutate(Generate(seed, out _, out _), seed, damages: 1 + seed % 8);
            Assert.True(Answer(new MemoryStream(bytes), bytes) == Answer(new MemoryStream(bytes), bytes), $"seed {seed}");
        }
    }

    [Fact]
    public void Small_limits_reject_rows_and_nothing_else()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var bytes = Mutate(Generate(seed, out _, out _), seed, damages: seed % 4);
            var options = new CsvOptions { RecordBytesMax = 5 + seed % 60, CellBytesMax = 4 + seed % 30, HasHeader = false };
            var whole = Answer(new MemoryStream(bytes), bytes, options);
            Assert.True(whole == Answer(new PiecemealStream(bytes, seed, 5), bytes, options), $"seed {seed}");
        }
    }

    /// <summary>Everything a reader says about a source, in one text.</summary>
    static string Answer(Stream stream, byte[] bytes, CsvOptions? options = null)
    {
        switch (CsvRowReader.Open(stream, options ?? CsvOptions.Default))
        {
            case OpenResult.Refused refused:
                return refused.ToString();
            case OpenResult.Opened opened:
                using (opened.Reader)
                    return $"{opened.Reader.Shape.Delimiter} {string.Join('|', opened.Reader.Shape.Columns)}\n{string.Join('\n', CsvReading.ReadRest(opened.Reader, bytes))}";
            default:
                throw new InvalidOperationException();
        }
    }

    static byte[] Generate(int seed, out List<string[]> expected, out char delimiter)
    {
        var random = new Random(seed);
        delimiter = ",;\t|"[random.Next(4)];
        var columns = random.Next(2, 7);
        var lineEnd = ((string[])["\n", "\r\n", "\r"])[random.Next(3)];
        var mixed = random.Next(4) == 0;
        var text = new StringBuilder(random.Next(5) == 0 ? "\uFEFF" : "");
        text.AppendJoin(delimiter, Enumerable.Range(1, columns).Select(i => $"head{i}"));
        expected = [];

        // Some sources are longer than a window.
        var rows = random.Next(50) == 0 ? 3000 : random.Next(0, 30);
        for (var r = 0; r < rows; r++)
        {
            text.Append(mixed ? ((string[])["\n", "\r\n", "\r"])[random.Next(3)] : lineEnd);
            var row = new string[columns];
            for (var c = 0; c < columns; c++)
            {
                row[c] = string.Concat(Enumerable.Range(0, random.Next(0, 5)).Select(_ => Pieces[random.Next(Pieces.Length)]));
                var mustQuote = row[c].AsSpan().IndexOfAny("\"\r\n") >= 0 || row[c].Contains(delimiter, StringComparison.Ordinal);
                if (c > 0)
                    text.Append(delimiter);
                text.Append(mustQuote || random.Next(3) == 0 ? $"\"{row[c].Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : row[c]);
            }

            expected.Add(row);
        }

        if (random.Next(2) == 0)
            text.Append(lineEnd);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    static byte[] Mutate(byte[] bytes, int seed, int damages)
    {
        var random = new Random(seed ^ 0x5EED);
        var mutant = bytes.ToList();
        byte[] nasty = [(byte)'"', (byte)',', (byte)'\r', (byte)'\n', 0, 0xFF, 0xEF, 0xC3, 0xFE, (byte)';', (byte)' '];
        for (var d = 0; d < damages && mutant.Count > 0; d++)
        {
            var at = random.Next(mutant.Count);
            switch (random.Next(4))
            {
                case 0: mutant[at] = nasty[random.Next(nasty.Length)]; break;
                case 1: mutant.Insert(at, nasty[random.Next(nasty.Length)]); break;
                case 2: mutant.RemoveRange(at, Math.Min(random.Next(1, 6), mutant.Count - at)); break;
                default: mutant.InsertRange(at, mutant.GetRange(at, Math.Min(random.Next(1, 40), mutant.Count - at))); break;
            }
        }

        return [.. mutant];
    }
}
