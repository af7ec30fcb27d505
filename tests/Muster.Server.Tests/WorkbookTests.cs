using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Muster.Tests.Formats.Workbooks;

namespace Muster.Server.Tests;

public sealed class WorkbookTests(MusterHost host) : IClassFixture<MusterHost>
{
    static readonly string[] Header = ["email", "phone", "first_name", "born"];

    async Task<HttpResponseMessage> SendAsync(byte[] bytes, string name, string? options = null)
    {
        using var client = host.Admin();
        using var form = new MultipartFormDataContent { { new ByteArrayContent(bytes), "file", name } };
        if (options is not null)
            form.Add(new StringContent(options), "options");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/imports") { Content = form };
        request.Headers.Add("Prefer", "wait=60");
        return await client.SendAsync(request);
    }

    async Task<JsonElement> ImportAsync(byte[] bytes, string name, string? options = null)
    {
        using var response = await SendAsync(bytes, name, options);
        return await response.JsonAsync(HttpStatusCode.Accepted);
    }

    static long Count(JsonElement import, string name) => import.GetProperty("counts").GetProperty(name).GetInt64();

    [Fact]
    public async Task A_workbook_goes_in_and_its_rejects_come_back_as_CSV_that_can_be_sent_again()
    {
        var book = new XlsxBook { Formats = { "yyyy-mm-dd", "\"+\"0" } }.Sheet("Notes", XlsxBook.Row(1, "nothing here")).Sheet("Data",
            XlsxBook.Row(2, "email", "phone", "first_name", "born")
            + "<row r=\"4\"><c r=\"A4\" t=\"inlineStr\"><is><t>book1@example.org</t></is></c><c r=\"B4\" s=\"2\"><v>61412345678</v></c><c r=\"C4\" t=\"inlineStr\"><is><t>Zoë</t></is></c><c r=\"D4\" s=\"1\"><v>46053</v></c></row>"
            + XlsxBook.Row(7, "no-address", null, "B, \"ob\""));
        var import = await ImportAsync(book.Bytes(), "book.csv", """{"sheet":"data"}""");
        Assert.Equal(("completed", 2L, 1L, 1L), (import.GetProperty("status").GetString(), Count(import, "read"), Count(import, "created"), Count(import, "rejected")));
        var source = import.GetProperty("source");
        Assert.Equal(("xlsx", "Data", JsonValueKind.Null), (source.GetProperty("format").GetString(), source.GetProperty("sheet").GetString(), source.GetProperty("delimiter").ValueKind));
        Assert.Contains(import.GetProperty("warnings").EnumerateArray(), w => w.GetString()!.Contains(".csv", StringComparison.Ordinal)); // warnings are texts
        var progress = import.GetProperty("progress");
        Assert.Equal(progress.GetProperty("bytes_total").GetInt64(), progress.GetProperty("bytes_read").GetInt64());

        using var admin = host.Admin();
        var path = import.GetProperty("links").GetProperty("self").GetString();
        var found = await (await admin.GetAsync("/v1/contacts?email=book1@example.org")).JsonAsync(HttpStatusCode.OK);
        var contact = found.GetProperty("items")[0];
        Assert.Equal(("+61412345678", "2026-01-31"), (contact.GetProperty("phone").GetString(), contact.GetProperty("fields").GetProperty("born").GetString()));
        var errors = await (await admin.GetAsync(path + "/errors")).JsonAsync(HttpStatusCode.OK);
        var error = errors.GetProperty("items")[0];
        Assert.Equal((7L, 7L, "no-address"), (error.GetProperty("row_number").GetInt64(), error.GetProperty("line").GetInt64(), error.GetProperty("value").GetString()));

        using var rejects = await admin.GetAsync(path + "/rejects");
        Assert.Equal("text/csv", rejects.Content.Headers.ContentType?.MediaType);
        Assert.EndsWith("book-rejects.csv", rejects.Content.Headers.ContentDisposition?.FileName?.Trim('"') ?? "", StringComparison.Ordinal);
        var bytes = await rejects.Content.ReadAsByteArrayAsync();
        Assert.Equal("\uFEFF\r\nemail,phone,first_name,born\r\nno-address,,\"B, \"\"ob\"\"\"\r\n", Encoding.UTF8.GetString(bytes));
        var corrected = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).Replace("no-address", "book2@example.org", StringComparison.Ordinal));
        var again = await ImportAsync(corrected, "corrected.csv");
        Assert.Equal((1L, 1L), (Count(again, "read"), Count(again, "created")));
    }

    [Fact]
    public async Task An_unknown_sheet_is_answered_with_the_sheets_there_are()
    {
        using var response = await SendAsync(new XlsxBook().Sheet("One", XlsxBook.Row(1, "email")).Sheet("Two", "").Bytes(), "book.xlsx", """{"sheet":"Three"}""");
        var problem = await response.ProblemAsync(HttpStatusCode.BadRequest, "unknown_sheet");
        Assert.Contains("'One', 'Two'", problem.Detail, StringComparison.Ordinal);
        Assert.Equal("sheet", problem.Option);
    }

    [Theory]
    [InlineData("2")]
    [InlineData("\"2\"")]
    [InlineData("\"contacts\"")]
    public async Task A_sheet_without_contacts_is_refused_with_the_other_sheets_and_a_number_or_name_chooses_one(string sheet)
    {
        var book = new XlsxBook().Sheet("Read me", XlsxBook.Row(1, "The contacts are in the second sheet") + XlsxBook.Row(2, "x")).Sheet("Contacts", XlsxBook.Row(1, "email") + XlsxBook.Row(2, $"sheet{sheet.Trim('"')}@example.org")).Bytes();
        using var refused = await SendAsync(book, "book.xlsx");
        var problem = await refused.JsonAsync(HttpStatusCode.BadRequest);
        Assert.Equal("no_usable_column", problem.GetProperty("code").GetString());
        Assert.Contains("'Contacts'", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        var import = await ImportAsync(book, "book.xlsx", $$"""{"sheet":{{sheet}}}""");
        Assert.Equal((1L, 0L), (Count(import, "read"), Count(import, "rejected")));
        Assert.Equal(sheet.Trim('"'), import.GetProperty("options").GetProperty("sheet").GetString());
    }

    [Fact]
    public async Task Only_the_sheets_text_is_kept_and_erasing_reaches_it()
    {
        var before = Directory.GetFiles(host.SpoolFolder).Length;
        var secret = new XlsxBook { Compression = System.IO.Compression.CompressionLevel.NoCompression }
            .Sheet("Data", XlsxBook.Row(1, "email", "first_name") + XlsxBook.Row(2, "wiped@example.org", "Zebulonia")).Sheet("Other", XlsxBook.Row(1, "Quuxington"));
        await ImportAsync(secret.Bytes(), "secret.xlsx");
        Assert.Equal(before + 1, Directory.GetFiles(host.SpoolFolder).Length);
        Assert.True(SpoolHolds("Zebulonia"));
        Assert.False(SpoolHolds("Quuxington"));
        using var admin = host.Admin();
        var found = await (await admin.GetAsync("/v1/contacts?email=wiped@example.org")).JsonAsync(HttpStatusCode.OK);
        using var deleted = await admin.DeleteAsync("/v1/contacts/" + found.GetProperty("items")[0].GetProperty("id").GetRawText());
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.False(SpoolHolds("Zebulonia"));

        bool SpoolHolds(string text) => Directory.GetFiles(host.SpoolFolder).Any(f => File.ReadAllBytes(f).AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0);
    }

    [Theory]
    [InlineData("<html><table><tr><td>email</td></tr></table></html>", "HTML")]
    [InlineData("<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\"/>", "SpreadsheetML 2003")]
    public async Task What_is_only_called_xls_is_named(string content, string name)
    {
        using var response = await SendAsync(Encoding.UTF8.GetBytes(content), "contacts.xls");
        Assert.Contains(name, (await response.ProblemAsync(HttpStatusCode.BadRequest, "unsupported_format")).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_that_is_called_xls_is_read_and_told_of()
    {
        var import = await ImportAsync("email\tfirst_name\r\ntabs@example.org\tAnn\r\n"u8.ToArray(), "contacts.xls");
        Assert.Equal(1, Count(import, "created"));
        Assert.Contains(import.GetProperty("warnings").EnumerateArray(), w => w.GetString()!.Contains(".xls", StringComparison.Ordinal)); // warnings are texts
    }

    [Fact]
    public async Task Ten_thousand_contacts_are_the_same_as_CSV_XLSX_and_XLS()
    {
        const int Rows = 10_000;
        var epoch = new DateOnly(1899, 12, 30);
        var csv = new StringBuilder(string.Join(',', Header) + "\r\n");
        var xlsx = new XlsxBook { Formats = { "dd/mm/yyyy", "\"+\"0" } };
        var markup = new StringBuilder(XlsxBook.Row(1, Header));
        var xls = new object?[Rows + 1][];
        xls[0] = [.. Header];
        for (var i = 0; i < Rows; i++)
        {
            var email = i % 100 == 7 ? $"bad{i}" : i % 100 == 8 ? $"same{i - 1}@example.org" : $"same{i}@example.org";
            var phone = 61_400_000_000 + i;
            var name = i % 3 == 0 ? $"Zoë \"{i}\", 東京" : i % 3 == 1 ? $"line\nbreak {i}" : "";
            var born = new DateOnly(1950, 1, 1).AddDays(i);
            csv.Append(CultureInfo.InvariantCulture, $"{email},+{phone},\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\",{born:yyyy-MM-dd}\r\n");
            var serial = born.DayNumber - epoch.DayNumber;
            var row = i + 2;
            markup.Append(CultureInfo.InvariantCulture, $"<row r=\"{row}\"><c r=\"A{row}\" t=\"inlineStr\"><is><t>{email}</t></is></c><c r=\"B{row}\" s=\"2\"><v>{phone}</v></c><c r=\"C{row}\" t=\"s\"><v>{i}</v></c><c r=\"D{row}\" s=\"1\"><v>{serial}</v></c></row>");
            xlsx.Strings.Add($"<si><t>{System.Security.SecurityElement.Escape(name)}</t></si>");
            xls[i + 1] = [email, ((double)phone, 2), name, ((double)serial, 1)];
        }
        byte[][] files = [Encoding.UTF8.GetBytes(csv.ToString()), xlsx.Sheet("Data", markup.ToString()).Bytes(), new XlsBook { Formats = { "dd/mm/yyyy", "\"+\"0" } }.Sheet("Data", xls).Bytes()];
        var told = new List<string>();
        foreach (var file in files)
        {
            await using var own = new MusterHost();
            await own.InitializeAsync();
            using var client = own.Admin();
            using var body = new ByteArrayContent(file) { Headers = { ContentType = MediaTypeHeaderValue.Parse("application/octet-stream") } };
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/imports") { Content = body };
            request.Headers.Add("Prefer", "wait=60");
            using var response = await client.SendAsync(request);
            var import = await response.JsonAsync(HttpStatusCode.Accepted);
            Assert.Equal("completed", import.GetProperty("status").GetString());
            var contacts = string.Join('\n', (await client.GetStringAsync("/v1/contacts/export?format=ndjson")).Split('\n').Where(l => l.Length > 0).Select(WithoutTimes));
            told.Add(import.GetProperty("counts").GetRawText() + "\n" + contacts);
        }
        Assert.True(told[0].Split('\n').Length > 9_000);
        Assert.Equal(told[0], told[1]);
        Assert.Equal(told[0], told[2]);
    }

    static string WithoutTimes(string line)
    {
        using var contact = JsonDocument.Parse(line);
        return string.Join(';', contact.RootElement.EnumerateObject().Where(p => !p.Name.EndsWith("_at", StringComparison.Ordinal) && p.Name != "rev").Select(p => p.Name + p.Value.GetRawText()));
    }

    [Fact]
    public async Task Hostile_workbooks_are_refused_or_read_and_the_server_lives_on()
    {
        var files = Directory.EnumerateFiles(SharedFolder.Path("corpora/files/xlsx-poi/hostile")).Concat(Directory.EnumerateFiles(SharedFolder.Path("corpora/files/xlsx-poi/protected")));
        foreach (var file in files)
        {
            using var response = await SendAsync(await File.ReadAllBytesAsync(file), Path.GetFileName(file));
            Assert.True(response.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.BadRequest, $"{Path.GetFileName(file)}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
            if (response.StatusCode == HttpStatusCode.BadRequest)
                Assert.Contains("\"code\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }
}
