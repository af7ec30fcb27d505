using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Muster.Server.Tests.Facades.Dotmailer;

/// <summary>Every status word and every limit of the façade, each from its real cause.</summary>
public sealed class DotmailerStatusTests
{
    [Fact]
    public async Task Held_import_is_rejected_by_the_watchdog()
    {
        await using var host = await StartAsync();
        using var client = host.Vendor(host.AdminToken);
        var csv = new StringBuilder("Email\n");
        for (var i = 0; i < 1_500; i++)
            csv.Append(CultureInfo.InvariantCulture, $"no-address-{i}\n");
        Assert.Equal("RejectedByWatchdog", await client.EndAsync(await client.ImportAsync(csv.ToString())));
    }

    [Fact]
    public async Task Import_beyond_the_contact_quota_exceeds_the_allowed_limit()
    {
        await using var host = await StartAsync(s => s with { ContactsMax = 2 });
        using var client = host.Vendor(host.AdminToken);
        Assert.Equal("Finished", await client.EndAsync(await client.ImportAsync("Email\na@example.com\nb@example.com\n")));
        var import = await client.ImportAsync("Email,FIRSTNAME\na@example.com,Ann\nc@example.com,Cy\n");
        Assert.Equal("ExceedsAllowedContactLimit", await client.EndAsync(import));
        Assert.Equal("Reason,email,firstname\nFailures,c@example.com,Cy\n", await client.GetStringAsync($"/v2/contacts/import/{import}/report-faults"));
        using var one = await client.PostAsync("/v2/contacts", Answers.Json("""{"email":"d@example.com"}"""));
        Assert.Equal("Error: ERROR_CONTACT_TOOMANY", await one.MessageAsync(400));
        using var native = host.Admin();
        var account = JsonDocument.Parse(await native.GetStringAsync("/v1/account")).RootElement;
        Assert.Equal(2, account.GetProperty("limits").GetProperty("contacts_max").GetInt64());
        Assert.Equal(2, account.GetProperty("usage").GetProperty("contacts").GetInt64());
    }

    [Fact]
    public async Task Report_and_faults_that_are_no_longer_kept_are_not_found_instead_of_empty()
    {
        await using var host = await StartAsync();
        using var client = host.Vendor(host.AdminToken);
        var (faulty, clean) = (await client.ImportAsync("Email\na@example.com\nno-address\n"), await client.ImportAsync("Email\nb@example.com\n"));
        Assert.Equal(("Finished", "Finished"), (await client.EndAsync(faulty), await client.EndAsync(clean)));
        Assert.Equal("Reason,email\nInvalid Email,no-address\n", await client.GetStringAsync($"/v2/contacts/import/{faulty}/report-faults"));
        Assert.True(await host.Stores.Imports.ExpireLedgersAsync(DateTimeOffset.MaxValue.AddDays(-1), 100, CancellationToken.None) >= 2);
        foreach (var path in (string[])["report", "report-faults"])
        {
            using var gone = await client.GetAsync($"/v2/contacts/import/{faulty}/{path}");
            Assert.Equal("The report of this import is no longer kept. ERROR_IMPORT_REPORT_NOT_FOUND", await gone.MessageAsync(404));
        }
        Assert.Equal("Finished", await client.StatusAsync(faulty));
        // What had no faults has none now.
        Assert.Equal("Reason,email\n", await client.GetStringAsync($"/v2/contacts/import/{clean}/report-faults"));
        Assert.Equal(1, JsonDocument.Parse(await client.GetStringAsync($"/v2/contacts/import/{clean}/report")).RootElement.GetProperty("newContacts").GetInt32());
    }

    [Fact]
    public async Task Unreadable_file_is_accepted_and_found_to_be_invalid()
    {
        await using var host = await StartAsync();
        using var client = host.Vendor(host.AdminToken);
        var import = await client.ImportAsync("%PDF-1.7 nothing to import\n");
        Assert.Equal("InvalidFileFormat", await client.EndAsync(import));
        using var report = await client.GetAsync($"/v2/contacts/import/{import}/report");
        Assert.Equal("Import is not processed yet or completed with error. ERROR_IMPORT_REPORT_NOT_FOUND", await report.MessageAsync(404));
        using var native = host.Admin();
        var seen = JsonDocument.Parse(await native.GetStringAsync("/v1/imports/" + import)).RootElement;
        Assert.Equal("unsupported_format", seen.GetProperty("failure").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Canceled_import_has_failed_and_a_queued_one_is_not_finished()
    {
        await using var host = await StartAsync(runs: false);
        using var client = host.Vendor(host.AdminToken);
        var import = await client.ImportAsync("Email\na@example.com\n");
        Assert.Equal("NotFinished", await client.StatusAsync(import));
        using var report = await client.GetAsync($"/v2/contacts/import/{import}/report-faults");
        Assert.Contains("ERROR_IMPORT_REPORT_NOT_FOUND", await report.MessageAsync(404), StringComparison.Ordinal);
        using var native = host.Admin();
        using var canceled = await native.PostAsync($"/v1/imports/{import}/cancel", null);
        Assert.Equal("Failed", await client.StatusAsync(import));
    }

    [Fact]
    public async Task Imports_that_are_switched_off_are_not_available()
    {
        await using var host = await StartAsync();
        var account = await host.Stores.Accounts.EnsureAsync("main", null, null, null, CancellationToken.None);
        await host.Stores.Accounts.ChangeSettingsAsync(account.Id, s => s with { ImportsOff = true }, CancellationToken.None);
        using var client = host.Vendor(host.AdminToken);
        var import = await client.ImportAsync("Email\na@example.com\n");
        Assert.Equal("NotAvailableInThisVersion", await client.StatusAsync(import));
        using var native = host.Admin();
        using var form = Answers.Form("email\na@example.com\n"u8.ToArray(), null);
        using var refused = await native.PostAsync("/v1/imports", form);
        await refused.ProblemAsync(System.Net.HttpStatusCode.Forbidden, "imports_off");
    }

    [Fact]
    public async Task Twenty_five_imports_are_under_way_and_no_more()
    {
        await using var host = await StartAsync(runs: false);
        using var client = host.Vendor(host.AdminToken);
        for (var i = 0; i < 25; i++)
            await client.ImportAsync(string.Create(CultureInfo.InvariantCulture, $"Email\nc{i}@example.com\n"));
        using var form = DotmailerHost.File("Email\none-more@example.com\n");
        using var response = await client.PostAsync("/v2/contacts/import", form);
        Assert.Equal("Error: ERROR_IMPORT_TOOMANYACTIVEIMPORTS", await response.MessageAsync(400));
        Assert.Equal(25, Directory.GetFiles(host.SpoolFolder).Length);
        using var native = host.Admin();
        using var another = Answers.Form("email\nnative@example.com\n"u8.ToArray(), null);
        using var accepted = await native.PostAsync("/v1/imports", another);
        Assert.Equal(202, (int)accepted.StatusCode);
    }

    [Fact]
    public async Task Account_s_own_limit_of_imports_is_told_on_both_wires()
    {
        await using var host = await StartAsync(s => s with { ImportsActiveMax = 1 }, runs: false);
        using var client = host.Vendor(host.AdminToken);
        await client.ImportAsync("Email\na@example.com\n");
        using var form = DotmailerHost.File("Email\nb@example.com\n");
        using var vendor = await client.PostAsync("/v2/contacts/import", form);
        Assert.Equal("Error: ERROR_IMPORT_TOOMANYACTIVEIMPORTS", await vendor.MessageAsync(400));
        using var native = host.Admin();
        using var another = Answers.Form("email\nb@example.com\n"u8.ToArray(), null);
        using var refused = await native.PostAsync("/v1/imports", another);
        await refused.ProblemAsync(System.Net.HttpStatusCode.TooManyRequests, "too_many_active_imports");
        Assert.NotNull(refused.Headers.RetryAfter);
    }

    [Theory]
    [InlineData(2_000, 202)]
    [InlineData(2_001, 413)]
    public async Task File_of_the_limit_is_taken_and_a_larger_one_refused(int bytes, int status)
    {
        await using var host = await StartAsync(server: s => s with { DotmailerFileBytesMax = 2_000 });
        using var client = host.Vendor(host.AdminToken);
        var csv = "Email\na@example.com\n" + new string('\n', bytes - 20);
        using var form = DotmailerHost.File(csv);
        using var multipart = await client.PostAsync("/v2/contacts/import", form);
        using var encoded = await client.PostAsync("/v2/contacts/import", Answers.Json($$"""{"FileName":"a.csv","Data":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes(csv))}}"}"""));
        foreach (var response in (HttpResponseMessage[])[multipart, encoded])
        {
            Assert.Equal(status, (int)response.StatusCode);
            if (status == 413)
                Assert.Contains("2000 bytes", await response.MessageAsync(413), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task File_larger_than_the_framework_s_own_limit_is_taken()
    {
        await using var host = await StartAsync(runs: false);
        using var client = host.Vendor(host.AdminToken);
        var csv = "Email\na@example.com\n" + new string('\n', 40 << 20);
        Assert.Equal("NotFinished", await client.StatusAsync(await client.ImportAsync(csv)));
        using var encoded = await client.PostAsync("/v2/contacts/import", Answers.Json($$"""{"fileName":"a.csv","data":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes(csv))}}"}"""));
        Assert.Equal(202, (int)encoded.StatusCode);
    }

    [Fact]
    public async Task Report_of_2016_has_fourteen_members()
    {
        await using var host = await StartAsync(server: s => s with { DotmailerReportFields = 14 });
        using var client = host.Vendor(host.AdminToken);
        var import = await client.ImportAsync("Email\na@example.com\n");
        Assert.Equal("Finished", await client.EndAsync(import));
        var report = JsonDocument.Parse(await client.GetStringAsync($"/v2/contacts/import/{import}/report")).RootElement;
        Assert.Equal(14, report.EnumerateObject().Count());
        Assert.False(report.TryGetProperty("suppressedContacts", out _));
    }

    [Fact]
    public async Task Bad_value_costs_its_field_and_no_row_and_is_named_natively()
    {
        await using var host = await StartAsync();
        using var client = host.Vendor(host.AdminToken);
        foreach (var (name, type) in ((string, string)[])[("BIRTHDAY", "Date"), ("POINTS", "Numeric"), ("VIP", "Boolean"), ("NOTE", "String")])
        {
            using var made = await client.PostAsync("/v2/data-fields", Answers.Json($$"""{"name":"{{name}}","type":"{{type}}"}"""));
            Assert.Equal(201, (int)made.StatusCode);
        }
        var import = await client.ImportAsync(
            $"Email,BIRTHDAY,POINTS,VIP,NOTE,SHOESIZE\na@example.com,30/02/2025,many,maybe,{new string('x', 256)},39\nb@example.com,14/05/1990,12.5,Yes,{new string('ü', 255)},40\nc@example.com,14/05/90,1,no,,41\n");
        Assert.Equal("Finished", await client.EndAsync(import));
        Assert.Equal(3, JsonDocument.Parse(await client.GetStringAsync($"/v2/contacts/import/{import}/report")).RootElement.GetProperty("newContacts").GetInt32());
        var b = JsonDocument.Parse(await client.GetStringAsync("/v2/contacts/b@example.com")).RootElement.GetProperty("dataFields").EnumerateArray().ToDictionary(f => f.GetProperty("key").GetString()!, f => f.GetProperty("value").ToString());
        Assert.Equal(("1990-05-14", "12.5", "True", 255), (b["BIRTHDAY"], b["POINTS"], b["VIP"], b["NOTE"].Length));
        using var native = host.Admin();
        var errors = JsonDocument.Parse(await native.GetStringAsync($"/v1/imports/{import}/errors")).RootElement.GetProperty("items").EnumerateArray()
            .Select(e => $"{e.GetProperty("row_number")} {e.GetProperty("column")} {e.GetProperty("code")} {e.GetProperty("severity")}").ToArray();
        Assert.Equal(
            ["2 BIRTHDAY invalid_date warning", "2 NOTE value_too_long warning", "2 POINTS invalid_number warning", "2 VIP invalid_boolean warning", "4 BIRTHDAY invalid_date warning"],
            errors.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Merge_options_overwrite_keep_or_fill()
    {
        await using var host = await StartAsync();
        using var client = host.Vendor(host.AdminToken);
        await client.EndAsync(await client.ImportAsync("Email,FIRSTNAME,LASTNAME\na@example.com,Ann,\nb@example.com,Bob,Old\n"));
        await client.EndAsync(await client.ImportAsync("Email,FIRSTNAME,LASTNAME\na@example.com,Anna,Lee\n", "/v2/contacts/import/with-merge-option/onlyoverwriteifcontactdatanotpopulated"));
        Assert.Equal(("Ann", "Lee"), await NamesAsync(client, "a@example.com"));
        await client.EndAsync(await client.ImportAsync("Email,FIRSTNAME,LASTNAME\nb@example.com,,New\n", "/v2/contacts/import/with-merge-option/OnlyOverwriteIfNotEmpty"));
        Assert.Equal(("Bob", "New"), await NamesAsync(client, "b@example.com"));
        await client.EndAsync(await client.ImportAsync("Email,FIRSTNAME,LASTNAME\nb@example.com,,Newer\n", "/v2/contacts/import/with-merge-option/Overwrite"));
        Assert.Equal(("", "Newer"), await NamesAsync(client, "b@example.com"));
    }

    [Fact]
    public async Task Suppressions_are_told_by_the_reason_that_they_were_made_with()
    {
        await using var host = await StartAsync();
        using var native = host.Admin();
        foreach (var body in (string[])["""{"email":"hard@example.com","reason":"hard bounce"}""", """{"email":"spam@example.com","reason":"complaint"}""", """{"domain":"blocked.example"}""", """{"email":"gone@example.com"}"""])
        {
            using var made = await native.PostAsync("/v1/suppressions", Answers.Json(body));
            Assert.True(made.IsSuccessStatusCode, await made.Content.ReadAsStringAsync());
        }
        using var client = host.Vendor(host.AdminToken);
        var import = await client.ImportAsync("Email\nhard@example.com\nspam@example.com\nx@mail.blocked.example\nGone@example.com\nfine@example.com\n");
        Assert.Equal("Finished", await client.EndAsync(import));
        Assert.Equal(
            "Reason,email\nHard bounced,hard@example.com\nComplained to ISP,spam@example.com\nSuppressed by Domain,x@mail.blocked.example\nGlobally Suppressed,Gone@example.com\n",
            await client.GetStringAsync($"/v2/contacts/import/{import}/report-faults"));
        var report = JsonDocument.Parse(await client.GetStringAsync($"/v2/contacts/import/{import}/report")).RootElement;
        Assert.Equal((1, 1, 1, 1, 1), (report.GetProperty("newContacts").GetInt32(), report.GetProperty("hardBounced").GetInt32(), report.GetProperty("ispComplaints").GetInt32(), report.GetProperty("domainSuppressed").GetInt32(), report.GetProperty("globallySuppressed").GetInt32()));
        using var one = await client.PostAsync("/v2/contacts", Answers.Json("""{"email":"me@blocked.example"}"""));
        Assert.Equal("Contact is suppressed. ERROR_CONTACT_SUPPRESSED", await one.MessageAsync(400));
    }

    [Fact]
    public async Task Who_left_an_address_book_is_not_brought_back_but_by_resubscribing()
    {
        await using var host = await StartAsync();
        using var client = host.Vendor(host.AdminToken);
        using var made = await client.PostAsync("/v2/address-books", Answers.Json("""{"name":"News"}"""));
        var book = JsonDocument.Parse(await made.Content.ReadAsStringAsync()).RootElement.GetProperty("id").GetInt32();
        var path = string.Create(CultureInfo.InvariantCulture, $"/v2/address-books/{book}/contacts");
        await client.EndAsync(await client.ImportAsync("Email\na@example.com\nb@example.com\n", path + "/import"));
        using var left = await client.PostAsync(path + "/unsubscribe", Answers.Json("""{"email":"a@example.com"}"""));
        Assert.Equal(200, (int)left.StatusCode);
        await client.EndAsync(await client.ImportAsync("Email\na@example.com\n", path + "/import"));
        Assert.Equal(1, await MembersAsync(client, path));
        Assert.Equal(1, JsonDocument.Parse(await client.GetStringAsync(path + "/unsubscribed-since/2020-01-01")).RootElement.GetArrayLength());
        using var added = await client.PostAsync(path, Answers.Json("""{"email":"a@example.com"}"""));
        Assert.Equal("Error: ERROR_CONTACT_SUPPRESSEDFORADDRESSBOOK", await added.MessageAsync(400));
        using var back = await client.PostAsync(path + "/resubscribe-with-no-challenge", Answers.Json("""{"unsubscribedContact":{"email":"a@example.com"}}"""));
        Assert.Equal("ContactAdded", JsonDocument.Parse(await back.Content.ReadAsStringAsync()).RootElement.GetProperty("status").GetString());
        Assert.Equal(2, await MembersAsync(client, path));
    }

    static async Task<int> MembersAsync(HttpClient client, string path) => JsonDocument.Parse(await client.GetStringAsync(path)).RootElement.GetArrayLength();

    static async Task<(string, string)> NamesAsync(HttpClient client, string email)
    {
        var fields = JsonDocument.Parse(await client.GetStringAsync("/v2/contacts/" + email)).RootElement.GetProperty("dataFields").EnumerateArray()
            .ToDictionary(f => f.GetProperty("key").GetString()!, f => f.GetProperty("value").GetString() ?? "");
        return (fields["FIRSTNAME"], fields["LASTNAME"]);
    }

    static async Task<MusterHost> StartAsync(Func<MusterSettings, MusterSettings>? settings = null, Func<Hosting.ServerSettings, Hosting.ServerSettings>? server = null, bool runs = true)
    {
        var host = new MusterHost { Settings = settings ?? (s => s), Server = server ?? (s => s), RunsImports = runs };
        await host.InitializeAsync();
        return host;
    }
}
