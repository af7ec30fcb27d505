using System.Text;
using System.Text.Json;
using Muster.Contacts;
using Muster.Formats;
using Muster.Formats.Json;

namespace Muster.Tests.Formats;

/// <summary>Contacts built together with their expected reading, and damage done to them, from fixed seeds; and the shared corpus.</summary>
public sealed class JsonPropertyTests
{
    static readonly string[] Pieces = ["a", "Ünï", "\"", "\\", ",", "{", "}", "[", "]", "\n", "\r\n", " ", "😀", "0", "long text of some words", "]}", "},{\"a\":1}"];

    [Fact]
    public void Generated_contacts_are_read_as_they_were_meant()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var bytes = Generate(seed, out var expected);
            var (_, rows) = JsonReading.Read(bytes);
            Assert.True(rows.TrueForAll(r => r.Fault == ErrorCode.None), $"seed {seed}");
            Assert.True(expected.SequenceEqual(rows.Select(r => r.Text)), $"seed {seed}");
        }
    }

    [Fact]
    public void Any_split_of_the_stream_gives_the_same_rows()
    {
        for (var seed = 0; seed < 150; seed++)
        {
            var bytes = Mutate(Generate(seed, out _), seed, damages: seed % 3);
            var options = seed % 2 == 0 ? JsonOptions.Default : new JsonOptions { RecordBytesMax = 30 + seed, CellBytesMax = 20 };
            var whole = JsonReading.Answer(bytes, options);
            foreach (var pieceMax in (int[])[1, 3, 17, 4096])
                Assert.True(whole == JsonReading.Answer(bytes, options, new PiecemealStream(bytes, seed, pieceMax)), $"seed {seed}, pieces up to {pieceMax}");
        }
    }

    [Fact]
    public void Two_thousand_mutants_never_crash_and_answer_twice_alike()
    {
        for (var seed = 0; seed < 2000; seed++)
        {
            var bytes = Mutate(Generate(seed, out _), seed, damages: 1 + seed % 8);
            if (JsonRowReader.IsJson(bytes))
                Assert.True(JsonReading.Answer(bytes) == JsonReading.Answer(bytes), $"seed {seed}");
        }
    }

    [Fact]
    public void Vectors_that_are_no_json_are_never_read_as_clean_and_none_crashes()
    {
        using var corpus = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Path("corpora/json_vectors.json")));
        List<string> failures = [];
        var judged = 0;
        foreach (var vector in corpus.RootElement.EnumerateArray())
        {
            var bytes = vector.GetProperty("input_b64").GetBytesFromBase64();
            var (id, expect) = (vector.GetProperty("id").GetString(), vector.GetProperty("expect").GetString());
            var good = "{\"email\":\"a@x.org\"}"u8;
            byte[][] wrapped =
            [
                bytes,
                [.. "["u8, .. good, .. ","u8, .. bytes, .. "]"u8],
                [.. "{\"contacts\":["u8, .. good, .. ",{\"email\":\"b@x.org\",\"v\":"u8, .. bytes, .. "}]}"u8],
                [.. good, .. "\n"u8, .. bytes, .. "\n"u8, .. good],
            ];
            foreach (var source in wrapped)
            {
                if (!JsonRowReader.IsJson(source))
                    continue;
                judged++;
                var faults = JsonRowReader.Open(new MemoryStream(source), JsonOptions.Default) is OpenResult.Opened opened ? Faults(opened.Reader, source) : 1;
                if (expect == "reject" && faults == 0)
                    failures.Add($"{id}: {Encoding.Latin1.GetString(source.AsSpan(0, Math.Min(80, source.Length)))}");
            }
        }
        Assert.True(judged >= 500);
        Assert.Empty(failures);
    }

    static int Faults(RowReader reader, byte[] source)
    {
        using (reader)
            return JsonReading.ReadRest(reader, source).Count(r => r.Fault != ErrorCode.None);
    }

    static byte[] Generate(int seed, out List<string> expected)
    {
        var random = new Random(seed);
        var columns = random.Next(1, 6);
        var items = new List<string>();
        expected = [];
        for (var row = random.Next(1, 30); row > 0; row--)
        {
            var cells = Enumerable.Range(0, columns).Select(_ => string.Concat(Enumerable.Range(0, random.Next(0, 6)).Select(_ => Pieces[random.Next(Pieces.Length)]))).ToArray();
            items.Add("{" + string.Join(',', cells.Select((c, i) => $"\"c{i}\":{JsonSerializer.Serialize(c, random.Next(2) == 0 ? JsonSerializerOptions.Default : JsonSerializerOptions.Web)}")) + "}");
            expected.Add(string.Join('|', cells));
        }
        var end = random.Next(2) == 0 ? "\n" : "\r\n";
        return Encoding.UTF8.GetBytes(random.Next(4) switch
        {
            0 => $"[{string.Join(",", items)}]",
            1 => $"[{end}{string.Join("," + end, items)}{end}]{end}",
            2 => $"{{\"contacts\":[{string.Join(", ", items)}],\"options\":{{}}}}",
            _ => string.Join(end, items),
        });
    }

    static byte[] Mutate(byte[] bytes, int seed, int damages)
    {
        var random = new Random(seed + 1_000_000);
        var list = bytes.ToList();
        for (; damages > 0; damages--)
        {
            var at = random.Next(list.Count);
            switch (random.Next(4))
            {
                case 0:
                    list[at] = (byte)random.Next(256);
                    break;
                case 1:
                    list.RemoveRange(at, Math.Min(random.Next(1, 20), list.Count - at - 1));
                    break;
                case 2:
                    list.InsertRange(at, Encoding.UTF8.GetBytes(Pieces[random.Next(Pieces.Length)]));
                    break;
                default:
                    list.InsertRange(at, list.GetRange(random.Next(list.Count / 2), Math.Min(30, list.Count / 2)));
                    break;
            }
        }
        return [.. list];
    }
}
