using System.Text;
using System.Text.Json;
using Muster.Tests.Formats.Workbooks;

namespace Muster.Server.Tests.Facades.Dotmailer;

/// <summary>Excel files through the façade, in each form of body and under names that lie.</summary>
public sealed class DotmailerWorkbookTests(MusterHost host) : IClassFixture<MusterHost>
{
    public static TheoryData<string, string, string> Forms()
    {
        var forms = new TheoryData<string, string, string>();
        foreach (var format in (string[])["xlsx", "xls"])
        {
            foreach (var body in (string[])["multipart", "json", "xml"])
                forms.Add(format, body, body == "multipart" ? "file" : body == "json" ? "contacts.csv" : "contacts." + format);
        }
        return forms;
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Workbook_is_imported_with_its_data_fields_dates_and_faults(string format, string body, string fileName)
    {
        var name = $"{format}-{body}";
        using var client = host.Vendor(host.AdminToken);
        foreach (var (field, type) in ((string, string)[])[("BIRTHDAY", "Date"), ("POINTS", "Numeric")])
            await client.PostAsync("/v2/data-fields", Answers.Json($$"""{"name":"{{field}}","type":"{{type}}"}"""));
        using var content = Body(body, fileName, format == "xlsx"
            ? new XlsxBook { Formats = { "dd/mm/yyyy" } }.Sheet("Contacts",
                XlsxBook.Row(1, "EMAIL", "FirstName", "Birthday", "Points", "Shoe size")
                + $"<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>{name}@example.com</t></is></c><c r=\"B2\" t=\"inlineStr\"><is><t>Zoë, Jr</t></is></c><c r=\"C2\" s=\"1\"><v>33007</v></c><c r=\"D2\"><v>12.5</v></c></row>"
                + XlsxBook.Row(3, "not-an-address", "No, body")
                + XlsxBook.Row(4, $"{name}@example.com", "Twin")).Sheet("Second", XlsxBook.Row(1, "Email")).Bytes()
            : new XlsBook().Sheet("Contacts",
                ["EMAIL", "FirstName", "Birthday", "Points", "Shoe size"], [$"{name}@example.com", "Zoë, Jr", "1990-05-14", 12.5, null], ["not-an-address", "No, body", null, null, null], [$"{name}@example.com", "Twin", null, null, null]).Bytes());
        using var response = await client.PostAsync("/v2/contacts/import", content);
        Assert.Equal(202, (int)response.StatusCode);
        var import = JsonDocument.Parse(await Json(client, response)).RootElement.GetProperty("id").GetString()!; // 202 has one
        Assert.Equal("Finished", await client.EndAsync(import));
        var report = JsonDocument.Parse(await client.GetStringAsync($"/v2/contacts/import/{import}/report")).RootElement;
        Assert.Equal((1, 1, 1), (report.GetProperty("newContacts").GetInt32(), report.GetProperty("invalidEntries").GetInt32(), report.GetProperty("duplicateEmails").GetInt32()));
        Assert.Equal(
            $"Reason,email,firstname,birthday,points\nInvalid Email,not-an-address,\"No, body\",,\nDuplicate,{name}@example.com,Twin,,\n", await client.GetStringAsync($"/v2/contacts/import/{import}/report-faults"));
        var fields = JsonDocument.Parse(await client.GetStringAsync($"/v2/contacts/{name}@example.com")).RootElement.GetProperty("dataFields").EnumerateArray()
            .ToDictionary(f => f.GetProperty("key").GetString()!, f => f.GetProperty("value").ToString());
        Assert.Equal(("Zoë, Jr", "1990-05-14", "12.5"), (fields["FIRSTNAME"], fields["BIRTHDAY"], fields["POINTS"]));
        using var native = host.Admin();
        var source = JsonDocument.Parse(await native.GetStringAsync("/v1/imports/" + import)).RootElement.GetProperty("source");
        Assert.Equal((format, "Contacts"), (source.GetProperty("format").GetString(), source.GetProperty("sheet").GetString()));
    }

    [Fact]
    public async Task Workbook_without_an_e_mail_column_is_refused_and_one_without_rows_names_no_contacts()
    {
        using var client = host.Vendor(host.AdminToken);
        byte[][] nameless = [XlsxBook.Of(XlsxBook.Row(1, "Name"), XlsxBook.Row(2, "Ann")), new XlsBook().Sheet("S", ["Name"], ["Ann"]).Bytes()];
        byte[][] empty = [XlsxBook.Of(XlsxBook.Row(1, "Email", "Name")), new XlsBook().Sheet("S", ["Email", "Name"]).Bytes()];
        foreach (var (files, message) in ((byte[][], string)[])[(nameless, "Error: ERROR_NO_EMAIL_COLUMN"), (empty, "Error: ERROR_CONTACTS_ARE_NOT_SPECIFIED")])
        {
            foreach (var file in files)
            {
                using var content = Body("multipart", "contacts.xlsx", file);
                using var response = await client.PostAsync("/v2/contacts/import", content);
                Assert.Equal(message, await response.MessageAsync(400));
            }
        }
    }

    [Fact]
    public async Task Damaged_workbook_is_accepted_and_found_to_be_an_invalid_file()
    {
        using var client = host.Vendor(host.AdminToken);
        byte[] xlsx = XlsxBook.Of(XlsxBook.Row(1, "Email"), XlsxBook.Row(2, "a@example.com")), xls = new XlsBook().Sheet("S", ["Email"], ["a@example.com"]).Bytes();
        foreach (var file in (byte[][])[xlsx[..(xlsx.Length / 2)], xls[..600]])
        {
            using var content = Body("multipart", "contacts.xlsx", file);
            using var response = await client.PostAsync("/v2/contacts/import", content);
            var text = await response.Content.ReadAsStringAsync();
            Assert.True((int)response.StatusCode == 202, text);
            Assert.Equal("InvalidFileFormat", await client.EndAsync(JsonDocument.Parse(text).RootElement.GetProperty("id").GetString()!)); // 202 has one
        }
    }

    static async Task<string> Json(HttpClient client, HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        if (response.Content.Headers.ContentType?.MediaType != "application/xml")
            return text;
        Assert.Contains("<Status>NotFinished</Status>", text, StringComparison.Ordinal);
        return await client.GetStringAsync("/v2/contacts/import/" + System.Xml.Linq.XElement.Parse(text).Elements().First().Value);
    }

    static HttpContent Body(string form, string fileName, byte[] file) => form switch
    {
        "multipart" => new MultipartFormDataContent { { new ByteArrayContent(file), "fileData", fileName } },
        "json" => Answers.Json($$"""{"fileName":"{{fileName}}","data":"{{Convert.ToBase64String(file)}}"}"""),
        _ => new StringContent($"<ApiFileMedia><Data>{Convert.ToBase64String(file, Base64FormattingOptions.InsertLineBreaks)}</Data><FileName>{fileName}</FileName></ApiFileMedia>", Encoding.UTF8, "application/xml"),
    };
}
