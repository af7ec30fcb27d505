using System.Text.Json;
using Muster.Contacts;
using Muster.Formats;
using Muster.Formats.Csv;

namespace Muster.Tests.Formats;

public sealed class CsvCorpusTests
{
    [Fact]
    public void Strict_vectors_are_read_as_every_reader_agrees()
    {
        using var vectors = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Path("corpora/csv_vectors.json")));
        var failures = new List<string>();
        var judged = 0;
        foreach (var vector in vectors.RootElement.EnumerateArray().Where(v => v.GetProperty("level").GetString() == "strict"))
        {
            var bytes = vector.GetProperty("input_b64").GetBytesFromBase64();
            var expect = vector.GetProperty("expect");
            var expected = (expect.TryGetProperty("records", out var records) ? records : expect.GetProperty("data")).EnumerateArray()
                .Select(r => r.EnumerateArray().Select(c => c.GetString() ?? "").ToArray())
                .Where(r => r is not [""]).Select(r => string.Join('|', r)).ToList();
            judged++;
            switch (TextOpening.Open(new MemoryStream(bytes), new() { Csv = new() { HasHeader = false }, TotalsRows = 0 }))
            {
                case OpenResult.Refused { Code: ErrorCode.EmptySource } when expected.Count == 0:
                    break;
                case OpenResult.Opened { Reader: { Shape.Encoding: not "utf-8" } reader }:
                    using (reader)
                    {
                        var texts = new List<string>();
                        while (reader.Read())
                            texts.Add(string.Join('|', Enumerable.Range(0, reader.CellCount).Select(i => System.Text.Encoding.UTF8.GetString(reader.GetCell(i)))));
                        if (!texts.SequenceEqual(expected))
                            failures.Add($"{vector.GetProperty("id")}: {string.Join(" / ", texts)}");
                    }

                    break;
                case OpenResult.Opened opened:
                    using (opened.Reader)
                    {
                        var read = CsvReading.ReadRest(opened.Reader, bytes);
                        if (!read.Select(r => r.Text).SequenceEqual(expected) || read.Exists(r => r.Fault != ErrorCode.None))
                            failures.Add($"{vector.GetProperty("id")}: {string.Join(" / ", read)}");
                    }

                    break;
                case var other:
                    failures.Add($"{vector.GetProperty("id")}: {other}");
                    break;
            }
        }

        Assert.True(judged >= 30);
        Assert.Empty(failures);
    }

    [Fact]
    public void Robustness_corpus_is_read_or_refused_and_its_byte_ranges_add_up()
    {
        using var corpus = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Path("corpora/csv_robustness.json")));
        var (opened, refused) = (0, 0);
        foreach (var entry in corpus.RootElement.EnumerateArray())
        {
            var bytes = File.ReadAllBytes(SharedFolder.Path("corpora/files/" + entry.GetProperty("file").GetString()));
            foreach (var hasHeader in (bool[])[true, false])
            {
                switch (CsvRowReader.Open(new MemoryStream(bytes), new CsvOptions { HasHeader = hasHeader }))
                {
                    case OpenResult.Opened open:
                        using (open.Reader)
                        {
                            CsvReading.ReadRest(open.Reader, bytes);
                            Assert.Equal(bytes.Length == 0 ? 0 : LineEnds.Count(bytes) + 1, open.Reader.Next.Line);
                        }

                        opened++;
                        break;
                    case OpenResult.Refused:
                        refused++;
                        break;
                }
            }
        }

        // Refused are workbooks, UTF-16, damaged headers and what a fuzzer made of text.
        Assert.True(opened > refused * 4, $"{opened} opened, {refused} refused");
    }

    // What DuckDB calls a cast is a question of the field, not of the record.
    [Fact]
    public void DuckDB_rejects_the_same_lines_for_their_shape()
    {
        using var corpus = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Path("corpora/csv_duckdb_rejects.json")));
        foreach (var entry in corpus.RootElement.EnumerateArray())
        {
            var file = entry.GetProperty("file").GetString() ?? "";
            var theirs = entry.GetProperty("options").GetString() ?? "";
            var lineMax = theirs.Split("max_line_size=") is [_, var rest] ? int.Parse(rest.Split([',', '}', ' '])[0]) : 1_000_000;
            var options = new CsvOptions
            {
                Delimiter = ',', HasHeader = theirs.Contains("header = 1", StringComparison.Ordinal), ShortRows = ShortRows.Reject, RecordBytesMax = lineMax,
            };
            var expected = entry.GetProperty("rejects").EnumerateArray()
                .Select(r => (Line: r.GetProperty("line").GetInt64(), Codes: Codes(r.GetProperty("type").GetString())))
                .Where(r => r.Codes.Length > 0).ToLookup(r => r.Line, r => r.Codes);
            var (_, rows) = CsvReading.Read(File.ReadAllBytes(SharedFolder.Path("corpora/files/csv-duckdb/" + file)), options);
            var rejected = rows.Where(r => r.Fault != ErrorCode.None).ToList();
            Assert.True(expected.Select(e => e.Key).Order().SequenceEqual(rejected.Select(r => r.Line)), $"{file}: {string.Join(", ", rejected)}");
            Assert.All(rejected, r => Assert.True(expected[r.Line].Any(codes => codes.Contains(r.Fault)), $"{file}: {r}"));
        }
    }

    static ErrorCode[] Codes(string? theirs) => theirs switch
    {
        "MISSING COLUMNS" => [ErrorCode.TooFewCells],
        "TOO MANY COLUMNS" => [ErrorCode.TooManyCells],
        "LINE SIZE OVER MAXIMUM" => [ErrorCode.RecordTooLong],
        "INVALID ENCODING" => [ErrorCode.InvalidUtf8],
        "UNQUOTED VALUE" => [ErrorCode.StrayQuote, ErrorCode.UnclosedQuote],
        _ => [],
    };
}
