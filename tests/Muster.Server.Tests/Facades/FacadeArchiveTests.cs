using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using Muster.Server.Tests.Facades.Dotmailer;

namespace Muster.Server.Tests.Facades;

/// <summary>Packed files through the vendors' upload calls: looked at, imported, and nothing of them left behind that no import reads.</summary>
public sealed class FacadeArchiveTests(FacadeHost acme) : IClassFixture<FacadeHost>
{
    [Theory]
    [InlineData("gzip")]
    [InlineData("zip")]
    public async Task Exotel_takes_a_packed_csv(string packing)
    {
        using var client = acme.Exotel();
        var before = Spooled();
        using var form = new MultipartFormDataContent
        {
            { new StringContent("packed " + packing), "list_name" },
            { new ByteArrayContent(Pack(packing, "number,first_name\n9876500001,Zoë\n9876500002,Ann\n12,short\n"u8)), "file_name", "contacts.csv" },
        };
        using var upload = await client.PostAsync("contacts/csv-upload", form);
        var id = (await DataAsync(upload)).GetProperty("summary").GetProperty("upload_id").GetString();
        var stats = "";
        await Until.TrueAsync(async () =>
        {
            using var status = await client.GetAsync("csv-status/" + id);
            var data = await DataAsync(status);
            stats = data.GetProperty("stats").GetRawText();
            return data.GetProperty("status").GetString() == "completed";
        });
        using var stated = JsonDocument.Parse(stats);
        Assert.Equal((3, 1), (stated.RootElement.GetProperty("total").GetInt32(), stated.RootElement.GetProperty("failed").GetInt32()));
        using var native = acme.Native();
        using var import = JsonDocument.Parse(await native.GetStringAsync("/v1/imports/" + id));
        Assert.Equal(packing, import.RootElement.GetProperty("source").GetProperty("packing").GetProperty("kind").GetString());
        Assert.Equal(before + 1, Spooled());
    }

    [Theory]
    [InlineData("gzip", "number,first_name\n")]
    [InlineData("zip", "first_name\nAnn\n")]
    [InlineData("zip", "")]
    public async Task Exotel_refuses_a_packed_file_without_numbers_and_makes_no_list(string packing, string csv)
    {
        using var client = acme.Exotel();
        var before = Spooled();
        using var form = new MultipartFormDataContent
        {
            { new StringContent("never made"), "list_name" }, { new ByteArrayContent(Pack(packing, Encoding.UTF8.GetBytes(csv))), "file_name", "contacts.csv" },
        };
        using var upload = await client.PostAsync("contacts/csv-upload", form);
        Assert.Equal(HttpStatusCode.BadRequest, upload.StatusCode);
        Assert.DoesNotContain("never made", await client.GetStringAsync("lists"), StringComparison.Ordinal);
        Assert.Equal(before, Spooled());
    }

    [Theory]
    [InlineData("gzip", "multipart")]
    [InlineData("zip", "multipart")]
    [InlineData("gzip", "json")]
    [InlineData("zip", "json")]
    public async Task Dotmailer_takes_a_packed_csv(string packing, string body)
    {
        using var client = acme.Host.Vendor(acme.Token);
        var before = Spooled();
        var file = Pack(packing, Encoding.UTF8.GetBytes($"Email,FirstName\n{packing}.{body}@example.com,Zoë\nnot-an-address,No\n"));
        using HttpContent content = body == "json"
            ? Answers.Json($$"""{"fileName":"contacts.csv","data":"{{Convert.ToBase64String(file)}}"}""")
            : new MultipartFormDataContent { { new ByteArrayContent(file), "file", "contacts.csv" } };
        using var response = await client.PostAsync("/v2/contacts/import", content);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.Accepted, text);
        using var accepted = JsonDocument.Parse(text);
        var import = accepted.RootElement.GetProperty("id").GetString()!; // 202 has one
        Assert.Equal("Finished", await client.EndAsync(import));
        using var report = JsonDocument.Parse(await client.GetStringAsync($"/v2/contacts/import/{import}/report"));
        Assert.Equal((1, 1), (report.RootElement.GetProperty("newContacts").GetInt32(), report.RootElement.GetProperty("invalidEntries").GetInt32()));
        Assert.Contains("Zoë", await client.GetStringAsync($"/v2/contacts/{packing}.{body}@example.com"), StringComparison.Ordinal);
        Assert.Equal(before + 1, Spooled());
    }

    [Fact]
    public async Task Dotmailer_finds_no_e_mail_column_in_a_packed_file()
    {
        using var client = acme.Host.Vendor(acme.Token);
        var before = Spooled();
        foreach (var packing in (string[])["gzip", "zip"])
        {
            using var form = new MultipartFormDataContent { { new ByteArrayContent(Pack(packing, "Name\nAnn\n"u8)), "file", "contacts.csv" } };
            using var response = await client.PostAsync("/v2/contacts/import", form);
            Assert.Equal("Error: ERROR_NO_EMAIL_COLUMN", await response.MessageAsync(400));
        }
        Assert.Equal(before, Spooled());
    }

    [Fact]
    public async Task Dotmailer_finds_a_damaged_archive_to_be_an_invalid_file()
    {
        using var client = acme.Host.Vendor(acme.Token);
        var large = Encoding.UTF8.GetBytes("Email\n" + string.Concat(Enumerable.Range(0, 5_000).Select(i => $"a{i * 7919}@example.com\n")));
        foreach (var packing in (string[])["gzip", "zip"])
        {
            var file = Pack(packing, large);
            using var form = new MultipartFormDataContent { { new ByteArrayContent(file[..(file.Length / 2)]), "file", "contacts.csv" } };
            using var response = await client.PostAsync("/v2/contacts/import", form);
            var text = await response.Content.ReadAsStringAsync();
            Assert.True(response.StatusCode == HttpStatusCode.Accepted, text);
            using var accepted = JsonDocument.Parse(text);
            Assert.Equal("InvalidFileFormat", await client.EndAsync(accepted.RootElement.GetProperty("id").GetString()!)); // 202 has one
        }
    }

    int Spooled() => Directory.Exists(acme.Host.SpoolFolder) ? Directory.GetFiles(acme.Host.SpoolFolder).Length : 0;

    static async Task<JsonElement> DataAsync(HttpResponseMessage response) => (await response.JsonAsync(HttpStatusCode.OK)).GetProperty("response").GetProperty("data");

    static byte[] Pack(string packing, ReadOnlySpan<byte> content)
    {
        using var packed = new MemoryStream();
        if (packing == "gzip")
        {
            using var gzip = new GZipStream(packed, CompressionLevel.Fastest);
            gzip.Write(content);
        }
        else
        {
            using var zip = new ZipArchive(packed, ZipArchiveMode.Create);
            using var entry = zip.CreateEntry("contacts.csv").Open();
            entry.Write(content);
        }
        return packed.ToArray();
    }
}
