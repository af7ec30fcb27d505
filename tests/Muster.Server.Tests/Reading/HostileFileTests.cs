using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Muster.Server.Tests.Reading;

/// <summary>What ../shared/tools/gen_hostile.py makes, sent to a server: each file is answered as its manifest says.</summary>
/// <remarks>Its good rows have the phone number 1, and JSON's have one without a country: they are imported with invalid values dropped.</remarks>
public sealed class HostileFileTests(MusterHost host, HostileFiles files) : IClassFixture<MusterHost>, IClassFixture<HostileFiles>
{
    const string DropValues = """{"on_invalid_value":"drop_value"}""";

    /// <summary>A hang, not slowness, is what fails: what a workbook may take is 30 s on a machine that has nothing else to do.</summary>
    static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Every_hostile_file_is_answered_as_its_manifest_says()
    {
        var failures = new List<string>();
        foreach (var file in files.Manifest.GetProperty("files").EnumerateArray())
        {
            var name = file.GetProperty("file").GetString() ?? "";
            using var account = await Account.CreateAsync(host);
            var bytes = files.Read(name);
            var started = Stopwatch.GetTimestamp();
            var answer = await account.ImportAsync(bytes, DropValues, name);
            if (Stopwatch.GetElapsedTime(started) > Hang)
                failures.Add($"{name}: took {Stopwatch.GetElapsedTime(started)}");
            if (await FindFaultAsync(file, answer, account) is { } fault)
                failures.Add($"{name}: {fault}: {answer}");
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    [Fact]
    public async Task A_declared_encoding_is_read_exactly()
    {
        var failures = new List<string>();
        foreach (var file in files.Manifest.GetProperty("files").EnumerateArray().Where(f => f.TryGetProperty("encoding", out _)))
        {
            var name = file.GetProperty("file").GetString() ?? "";
            var encoding = file.GetProperty("encoding").GetString();
            using var account = await Account.CreateAsync(host);
            var answer = await account.ImportAsync(files.Read(name), $$"""{"encoding":"{{encoding}}","on_invalid_value":"drop_value"}""");
            var expected = NameIn(encoding);
            if (!answer.IsAccepted || answer.Good != 11 || (await account.FindAsync("z@example.test"))?.GetProperty("first_name").GetString() != expected)
                failures.Add($"{name}: {answer}");
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    [Fact]
    public async Task Hostile_file_names_are_only_names()
    {
        foreach (var name in files.Manifest.GetProperty("filenames").EnumerateArray().Select(n => n.GetString() ?? "").Where(n => !n.Any(char.IsControl)))
        {
            using var account = await Account.CreateAsync(host);
            using var form = new MultipartFormDataContent();
            var part = new ByteArrayContent("email\na@example.test\n"u8.ToArray());
            part.Headers.TryAddWithoutValidation("Content-Disposition", $"form-data; name=\"file\"; filename=\"{name.Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
            form.Add(part);
            using var response = await account.Http.PostAsync("/v1/imports", form);
            Assert.True((int)response.StatusCode < 500, $"{name}: {response.StatusCode}");
        }

        Assert.All(Directory.GetFiles(host.SpoolFolder), path => Assert.Matches("^[0-9a-f]{32}(-[a-z]+)?$", Path.GetFileName(path)));
    }

    static async Task<string?> FindFaultAsync(JsonElement file, ImportAnswer answer, Account account)
    {
        if (answer.Status >= 500)
            return "a server's error";
        if (answer.IsAccepted && (answer.State is not ("completed" or "failed" or "held") || !answer.Adds))
            return "no end, or counts that do not add up";
        var isRead = answer.IsAccepted && answer.State == "completed";
        switch (file.GetProperty("outcome").GetString())
        {
            case "reject" when isRead:
                return "read, and it should not be";
            case "rows" when file.GetProperty("rows").GetInt32() is var rows && rows > 0 && (!isRead || answer.Good != rows):
                return $"not {rows} rows";
        }
        if (isRead && file.TryGetProperty("rows_min", out var least) && answer.Good < least.GetInt32())
            return $"fewer than {least} rows";
        if (!answer.IsAccepted && string.IsNullOrEmpty(answer.Code))
            return "refused without a code";

        // Whatever was understood, nothing is misread in silence.
        if (isRead && await account.FindAsync("z@example.test") is { } contact)
        {
            var name = contact.GetProperty("first_name").GetString() ?? "";
            var expected = file.TryGetProperty("encoding", out var encoding) ? NameIn(encoding.GetString())
                : file.GetProperty("file").GetString()!.EndsWith("_nobom.csv", StringComparison.Ordinal) ? "Zoë" : "Zoë 東京"; // every entry has a name
            if (name != expected)
                return $"misread as {name}";
        }
        return null;
    }

    static string NameIn(string? encoding) => encoding switch
    {
        "cp1251" => "Иван", "shift_jis" => "東京", "gb18030" => "北京", "big5" => "台北", "euc_kr" => "서울", _ => "Zoë Müller",
    };
}

/// <summary>The files, made once by the tool in a folder that goes with the tests.</summary>
public sealed class HostileFiles : IDisposable
{
    readonly TestFolder folder = new();

    public HostileFiles()
    {
        var tool = SharedFolder.Path("tools/gen_hostile.py");
        using var made = Process.Start(new ProcessStartInfo("python3", [tool, folder.Path]) { RedirectStandardOutput = true, UseShellExecute = false });
        Assert.NotNull(made);
        made.StandardOutput.ReadToEnd();
        made.WaitForExit();
        Assert.Equal(0, made.ExitCode);
        Manifest = JsonDocument.Parse(File.ReadAllBytes(folder.File("MANIFEST.json"))).RootElement;
    }

    public JsonElement Manifest { get; }

    public byte[] Read(string name) => File.ReadAllBytes(folder.File(name));

    public void Dispose() => folder.Dispose();
}
