using System.Diagnostics;
using System.Globalization;
using System.Text;
using Muster.Formats;
using Muster.Formats.Packing;
using Muster.Sources;
using Muster.Tests.Formats.Encodings;
using Muster.Tests.Formats.Packing;

namespace Muster.Tests.Formats;

/// <summary>Damaged sources of every format end in rows or a refusal, the same each time.</summary>
public sealed class MutationFuzzTests(ITestOutputHelper output)
{
    static readonly MusterSettings Settings = new() { InflatedBytesMax = 16 << 20 };
    static readonly byte[] Nasty = [(byte)'"', (byte)',', (byte)';', (byte)'\r', (byte)'\n', (byte)'{', (byte)'}', (byte)'[', (byte)']', (byte)'\\', 0, 0xFF, 0xFE, 0xEF, 0xC3, 0x80, 0x1F, 0x8B, (byte)'P', (byte)'K'];

    [Theory]
    [InlineData("csv")]
    [InlineData("tsv")]
    [InlineData("json")]
    [InlineData("contacts")]
    [InlineData("ndjson")]
    [InlineData("utf-16le")]
    [InlineData("utf-32be")]
    [InlineData("windows-1252")]
    [InlineData("shift_jis")]
    [InlineData("gb18030")]
    [InlineData("gzip")]
    [InlineData("zip")]
    public async Task A_mutant_is_read_or_refused_and_twice_alike(string format)
    {
        var seed = Seed(format);
        var (read, slowest) = (0, TimeSpan.Zero);
        for (var i = 0; i < Fuzz.Mutants; i++)
        {
            var mutant = Mutate(seed, new Random(i));
            var started = Stopwatch.GetTimestamp();
            var answer = await Task.Run(() => Answer(mutant)).WaitAsync(Fuzz.Hang);
            slowest = TimeSpan.FromTicks(Math.Max(slowest.Ticks, Stopwatch.GetElapsedTime(started).Ticks));
            Assert.True(answer == Answer(mutant), $"{format}, mutant {i}");
            read += answer.StartsWith("read", StringComparison.Ordinal) ? 1 : 0;
        }
        output.WriteLine($"{format}: {read} of {Fuzz.Mutants} read, the others refused; the slowest took {slowest.TotalMilliseconds:0} ms");
    }

    /// <summary>Everything that is said about a source, in one text.</summary>
    static string Answer(byte[] source)
    {
        byte[] content;
        try
        {
            switch (PackedSource.Open(new MemoryStream(source), Settings))
            {
                case PackingResult.Refused refused:
                    return refused.ToString();
                case PackingResult.Packed packed:
                    using (packed.Content)
                    {
                        using var copy = new MemoryStream();
                        packed.Content.CopyTo(copy);
                        content = copy.ToArray();
                    }
                    break;
                default:
                    content = source;
                    break;
            }
        }
        catch (SourceException e)
        {
            return $"{e.Code} {e.Message}";
        }
        if (TextOpening.Open(new MemoryStream(content), new()) is not OpenResult.Opened { Reader: var reader })
            return "refused";
        using (reader)
        {
            var text = new StringBuilder("read ").AppendJoin('|', reader.Shape.Columns);
            var end = 0L;
            while (reader.Read())
            {
                Assert.True(reader.ByteOffset >= end, "Records do not overlap.");
                Assert.True(reader.ByteOffset + reader.ByteLength <= content.Length, "A record lies within its source.");
                end = reader.ByteOffset + reader.ByteLength;
                text.Append(CultureInfo.InvariantCulture, $"\n{reader.RowNumber} {reader.Line} {reader.ByteOffset}+{reader.ByteLength} {reader.Fault}");
                for (var i = 0; i < reader.CellCount; i++)
                    text.Append('|').Append(Encoding.UTF8.GetString(reader.GetCell(i)));
            }
            return text.ToString();
        }
    }

    static byte[] Seed(string format)
    {
        var rows = Enumerable.Range(0, 20).Select(i => (Email: $"a{i}@x.org", Name: i % 3 == 0 ? "A \"B\", C" : "Zoë", City: i % 4 == 0 ? "two\nlines" : "Pune")).ToList();
        string Table(char d) => $"email{d}name{d}city\r\n" + string.Concat(rows.Select(r => $"{r.Email}{d}\"{r.Name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"{d}\"{r.City}\"\r\n"));
        var objects = rows.Select(r => System.Text.Json.JsonSerializer.Serialize(new { email = r.Email, name = r.Name, city = r.City })).ToList();
        return format switch
        {
            "csv" => Encoding.UTF8.GetBytes(Table(',')),
            "tsv" => Encoding.UTF8.GetBytes(Table('\t')),
            "json" => Encoding.UTF8.GetBytes($"[{string.Join(",\n", objects)}]"),
            "contacts" => Encoding.UTF8.GetBytes($"{{\"contacts\":[{string.Join(',', objects)}]}}"),
            "ndjson" => Encoding.UTF8.GetBytes(string.Join('\n', objects)),
            "gzip" => Packed.Gzip(Encoding.UTF8.GetBytes(Table(','))),
            "zip" => Packed.Zip(("contacts.csv", Encoding.UTF8.GetBytes(Table(';')))),
            "shift_jis" => Coded.Bytes(format, Table(',').Replace("Zoë", "佐藤", StringComparison.Ordinal)),
            "gb18030" => Coded.Bytes(format, Table(',').Replace("Zoë", "李娜", StringComparison.Ordinal)),
            _ => Coded.Bytes(format, Table(',')),
        };
    }

    static byte[] Mutate(byte[] bytes, Random random)
    {
        var mutant = bytes.ToList();
        for (var damages = random.Next(1, 9); damages > 0 && mutant.Count > 0; damages--)
        {
            var at = random.Next(mutant.Count);
            switch (random.Next(5))
            {
                case 0: mutant[at] = Nasty[random.Next(Nasty.Length)]; break;
                case 1: mutant[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: mutant.Insert(at, Nasty[random.Next(Nasty.Length)]); break;
                case 3: mutant.RemoveRange(at, Math.Min(random.Next(1, 9), mutant.Count - at)); break;
                default: mutant.InsertRange(at, mutant.GetRange(at, Math.Min(random.Next(1, 40), mutant.Count - at))); break;
            }
        }
        return [.. mutant];
    }
}
