using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Muster.Server.Tests;

/// <summary>What people and programs send by mistake or on purpose: each has a clear answer, and nothing of it stays behind. Wrong keys: KeyTests; foreign ids: IsolationTests.</summary>
public sealed class BadInputTests(MusterHost host) : IClassFixture<MusterHost>
{
    const int Large = 100_000_000;

    [Theory]
    [InlineData("", "empty_source")]
    [InlineData("\uFEFF", "empty_source")]
    [InlineData("\r\n\r\n", "empty_source")]
    [InlineData("email,phone", "no_rows")]
    [InlineData("email,phone\r\n", "no_rows")]
    [InlineData("email,phone\r\n\r\n\r\n", "no_rows")]
    public Task A_source_without_contacts_is_refused(string source, string code) => AssertRefusedAsync(Form(source), code);

    [Fact]
    public async Task A_source_without_a_usable_column_is_told_the_columns_found_and_those_expected()
    {
        var problem = await AssertRefusedAsync(Form("shoe size,colour\r\n43,red\r\n"), "no_usable_column");
        Assert.All(["shoe size", "colour", "phone", "email", "external_id"], name => Assert.Contains(name, problem.Detail, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0x5eed)]
    [InlineData(0xbad)]
    public Task Binary_garbage_is_refused_as_no_text(int seed)
    {
        var garbage = new byte[200_000];
        new Random(seed).NextBytes(garbage);
        return AssertRefusedAsync(Answers.Form(garbage, options: null), "unsupported_format");
    }

    [Fact]
    public Task A_source_of_nul_bytes_is_refused_as_no_text() => AssertRefusedAsync(Answers.Form(new byte[100_000], options: null), "unsupported_format");

    [Fact]
    public async Task A_nul_byte_costs_its_row_alone()
    {
        var counts = await ImportAsync(Form("email,first_name\r\nnul1@example.com,A\r\nnul\02@example.com,B\r\nnul3@example.com,\0\r\nnul4@example.com,D\r\n"));
        Assert.Equal((4, 2, 2), (counts("read"), counts("created"), counts("rejected")));
    }

    [Fact]
    public Task A_header_of_a_hundred_megabytes_is_refused() => AssertRefusedAsync(new LongLine(before: "", length: Large, after: ""), "header_too_long");

    [Theory]
    [InlineData("")]
    [InlineData("\"")]
    public async Task A_line_of_a_hundred_megabytes_costs_its_row_alone(string quote)
    {
        var counts = await ImportAsync(new LongLine($"email,first_name\nlong1@example.com,A\nlong2@example.com,{quote}", Large, "\nlong3@example.com,C\n"));
        Assert.Equal((3, 1), (counts("read"), counts("rejected")));
        Assert.Equal(2, counts("created") + counts("unchanged"));
    }

    [Fact]
    public async Task Ten_thousand_columns_are_refused_with_the_limit()
    {
        var header = string.Join(',', Enumerable.Range(1, 9_999).Select(i => $"c{i}").Prepend("email"));
        var problem = await AssertRefusedAsync(Form(header + "\nwide@example.com\n"), "too_many_columns");
        Assert.Contains("columns_max", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_row_of_ten_thousand_cells_costs_itself_alone()
    {
        var counts = await ImportAsync(Form($"email,first_name\nwide1@example.com{new string(',', 9_999)}\nwide2@example.com,B\n"));
        Assert.Equal((2, 1, 1), (counts("read"), counts("created"), counts("rejected")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_above_the_limit_is_refused_with_the_limit_also_when_its_length_is_not_told(bool chunked)
    {
        await using var small = new MusterHost { RunsImports = false, Settings = s => s with { SourceBytesMax = 64 << 10 } };
        await small.InitializeAsync();
        using var client = small.Admin();
        using var body = new LongLine("email\n", 2 << 20, "\n", chunked);
        using var response = await client.PostAsync("/v1/imports", body);
        var problem = await response.ProblemAsync(HttpStatusCode.RequestEntityTooLarge, "source_too_large");
        Assert.Contains("source_bytes_max", problem.Detail, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(small.SpoolFolder));
    }

    [Fact]
    public async Task A_full_disk_refuses_new_sources_and_loses_none_that_was_accepted()
    {
        await using var full = new MusterHost { RunsImports = false, Settings = s => s with { FreeDiskMin = 1L << 50 } };
        await full.InitializeAsync();
        using var client = full.Admin();
        using var contact = await client.PostAsync("/v1/contacts", Answers.Json("""{"email":"kept@example.com"}"""));
        using var response = await client.PostAsync("/v1/imports", Form("email\nann@example.com\n"));
        await response.ProblemAsync(HttpStatusCode.InsufficientStorage, "disk_full");
        Assert.NotNull(response.Headers.RetryAfter?.Delta);
        Assert.Empty(Directory.GetFiles(full.SpoolFolder));
        using var imports = await client.GetAsync("/v1/imports");
        Assert.Empty((await imports.JsonAsync(HttpStatusCode.OK)).GetProperty("items").EnumerateArray());
        using var kept = await client.GetAsync("/v1/contacts?email=kept@example.com");
        Assert.Single((await kept.JsonAsync(HttpStatusCode.OK)).GetProperty("items").EnumerateArray());
    }

    [Theory]
    [InlineData("""{"lists":[""]}""", "lists")]
    [InlineData("""{"lists":[null]}""", "lists")]
    [InlineData("""{"tags":["a\nb"]}""", "tags")]
    [InlineData("""{"mapping":{"email":null}}""", "mapping")]
    [InlineData("""{"mapping":{"nowhere":"email"}}""", "mapping")]
    [InlineData("""{"policies":{"compny":"keep"}}""", "policies")]
    [InlineData("""{"delimiter":"\n"}""", "delimiter")]
    [InlineData("""{"delimiter":"\""}""", "delimiter")]
    [InlineData("""{"delimiter":"é"}""", "delimiter")]
    [InlineData("""{"encoding":"klingon"}""", "encoding")]
    public async Task An_option_that_no_import_could_run_with_is_refused_by_name_and_leaves_no_source(string options, string option)
    {
        var spooled = Directory.GetFiles(host.SpoolFolder).Length;
        using var client = host.Admin();
        using var response = await client.PostAsync("/v1/imports", Answers.Form("email\nann@example.com\n"u8.ToArray(), options));
        var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(option, problem.GetProperty("option").GetString());
        Assert.Equal(spooled, Directory.GetFiles(host.SpoolFolder).Length);
    }

    async Task<Client.Problem> AssertRefusedAsync(HttpContent body, string code)
    {
        var spooled = Directory.GetFiles(host.SpoolFolder).Length;
        using var client = host.Admin();
        using var response = await client.PostAsync("/v1/imports", body);
        var problem = await response.ProblemAsync(HttpStatusCode.BadRequest, code);
        Assert.Equal(spooled, Directory.GetFiles(host.SpoolFolder).Length);
        return problem;
    }

    /// <summary>Imports to the end; answers with its counts by name.</summary>
    async Task<Func<string, int>> ImportAsync(HttpContent body)
    {
        using var client = host.Admin();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/imports") { Content = body };
        request.Headers.Add("Prefer", "wait=60");
        using var response = await client.SendAsync(request);
        var import = await response.JsonAsync(HttpStatusCode.Accepted);
        Assert.Equal("completed", import.GetProperty("status").GetString());
        return name => import.GetProperty("counts").GetProperty(name).GetInt32();
    }

    static MultipartFormDataContent Form(string source) => Answers.Form(Encoding.UTF8.GetBytes(source), options: null);

    /// <summary>A raw CSV body with a run of one letter in it, made as it is sent.</summary>
    sealed class LongLine : HttpContent
    {
        readonly byte[] before;
        readonly byte[] after;
        readonly long length;
        readonly bool chunked;

        public LongLine(string before, long length, string after, bool chunked = false)
        {
            (this.before, this.length, this.after, this.chunked) = (Encoding.UTF8.GetBytes(before), length, Encoding.UTF8.GetBytes(after), chunked);
            Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var letters = new byte[1 << 20];
            Array.Fill(letters, (byte)'x');
            await stream.WriteAsync(before);
            for (var left = length; left > 0; left -= letters.Length)
                await stream.WriteAsync(letters.AsMemory(0, (int)Math.Min(left, letters.Length)));
            await stream.WriteAsync(after);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = before.Length + this.length + after.Length;
            return !chunked;
        }
    }
}
