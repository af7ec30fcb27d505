using System.Text;
using System.Text.Json;

namespace Muster.Server.Tests.Reading;

/// <summary>The structural rejects that DuckDB's own tests state, over HTTP: the same lines, and their bytes in the rejects file as they were sent.</summary>
/// <remarks>Rows with too few cells are contacts to Muster, their last cells blank; what DuckDB calls a cast is a question of the field.</remarks>
public sealed class RejectVectorTests
{
    static readonly string[] Structural = ["TOO MANY COLUMNS", "LINE SIZE OVER MAXIMUM", "INVALID ENCODING", "UNQUOTED VALUE"];
    static readonly string[] Codes = ["too_many_cells", "record_too_long", "invalid_utf8", "stray_quote", "unclosed_quote"];

    [Fact]
    public async Task The_stated_lines_are_rejected_and_come_back_as_they_were_sent()
    {
        using var corpus = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Path("corpora/csv_duckdb_rejects.json")));
        var judged = 0;
        foreach (var lineMax in corpus.RootElement.EnumerateArray().GroupBy(e => LineMax(e.GetProperty("options").GetString() ?? "")))
        {
            await using var host = new MusterHost { Settings = s => s with { RecordBytesMax = lineMax.Key } };
            await host.InitializeAsync();
            foreach (var entry in lineMax)
                judged += await JudgeAsync(host, entry);
        }

        Assert.True(judged >= 20, $"{judged} lines");
    }

    static int LineMax(string theirs) => theirs.Split("max_line_size=") is [_, var rest] ? int.Parse(rest.Split([',', '}', ' '])[0]) : 1 << 20;

    /// <returns>Lines that had to be rejected.</returns>
    static async Task<int> JudgeAsync(MusterHost host, JsonElement entry)
    {
        var file = entry.GetProperty("file").GetString() ?? "";
        var bytes = File.ReadAllBytes(SharedFolder.Path("corpora/files/csv-duckdb/" + file));
        var hasHeader = (entry.GetProperty("options").GetString() ?? "").Contains("header = 1", StringComparison.Ordinal);
        var lines = Lines(bytes);
        var key = hasHeader ? Encoding.UTF8.GetString(lines[0]).Split(',')[0].Trim() : "column_1";
        using var account = await Account.CreateAsync(host);
        var options = $$$"""{"header":{{{(hasHeader ? "true" : "false")}}},"encoding":"utf-8","delimiter":",","preamble_rows":0,"totals_rows":0,"mapping":{"{{{key}}}":"external_id"},"match":"external_id","unknown_columns":"ignore","hold":false}""";
        var import = await account.ImportAsync(bytes, options, file);
        Assert.True(import.State == "completed" && import.Adds, $"{file}: {import}");

        var stated = entry.GetProperty("rejects").EnumerateArray()
            .Where(r => Structural.Contains(r.GetProperty("type").GetString())).Select(r => r.GetProperty("line").GetInt32()).Distinct().Order().ToList();
        var rejected = (await account.ErrorsAsync(import)).Where(e => Codes.Contains(e.GetProperty("code").GetString())).ToList();
        Assert.True(stated.SequenceEqual(rejected.Select(e => e.GetProperty("line").GetInt32()).Distinct().Order()), $"{file}: {string.Join(", ", rejected)}");
        if (import.Count("rejected") != stated.Count)
            Assert.Fail($"{file}: rejected beyond the vectors: {import}");

        var expected = (hasHeader ? lines[0] : []).Concat(stated.SelectMany(line => lines[line - 1])).ToArray();
        Assert.Equal(expected, await account.RejectsAsync(import));
        return stated.Count;
    }

    /// <summary>Physical lines with their ends.</summary>
    static List<byte[]> Lines(byte[] bytes)
    {
        var lines = new List<byte[]>();
        for (var start = 0; start < bytes.Length;)
        {
            var end = Array.IndexOf(bytes, (byte)'\n', start) is >= 0 and var at ? at + 1 : bytes.Length;
            lines.Add(bytes[start..end]);
            start = end;
        }
        return lines;
    }
}
