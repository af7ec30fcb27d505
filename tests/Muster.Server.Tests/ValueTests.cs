using System.Globalization;
using System.Net;
using System.Text;
using Muster.Contacts;

namespace Muster.Server.Tests;

/// <summary>How values are read: decided for each column before the first row goes in.</summary>
public sealed class ValueTests(MusterHost host) : IClassFixture<MusterHost>
{
    async Task<HttpClient> NewAccountAsync(string name) => host.Client(await host.MintAsync(name, KeyScope.Admin));

    [Theory]
    [InlineData("dmy", "14/02/2026", "2026-02-01")]
    [InlineData("mdy", "02/14/2026", "2026-01-02")]
    public async Task One_date_that_reads_one_way_decides_for_its_column(string order, string proof, string expected)
    {
        using var client = await NewAccountAsync("dates " + order);
        await client.FieldAsync("joined", "date");
        var import = await client.CompletedAsync($"email,joined\na@example.org,01/02/2026\nb@example.org,{proof}\n");
        Assert.Equal(expected, (await client.ContactsAsync())["a@example.org"].Field("joined"));
        var column = import.GetProperty("mapping")[1];
        Assert.Equal(order, column.GetProperty("date_order").GetString());
        Assert.Contains("row 3", column.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_proof_may_stand_in_the_middle_of_a_large_file_and_rows_that_contradict_it_are_rejected()
    {
        using var client = await NewAccountAsync("large dates");
        await client.FieldAsync("joined", "date");
        var csv = new StringBuilder("email,joined\n");
        for (var i = 0; i < 20_000; i++)
            csv.Append(CultureInfo.InvariantCulture, $"c{i}@example.org,{(i == 19_999 ? "12/31/2026" : i >= 10_000 ? "31/12/2026" : "01/02/2026")}\n");
        var import = await client.CompletedAsync(csv.ToString());
        Assert.Equal("dmy", import.GetProperty("mapping")[1].GetProperty("date_order").GetString());
        Assert.Equal(["20001 date_contradicts_order"], await client.ErrorsAsync(import));
        Assert.Equal("2026-02-01", (await client.ContactsAsync()).Values.First().Field("joined"));
    }

    [Fact]
    public async Task A_column_of_dates_that_read_two_ways_holds_the_import_before_its_first_row()
    {
        using var client = await NewAccountAsync("ambiguous");
        await client.FieldAsync("joined", "date");
        const string Csv = "email,joined\na@example.org,01/02/2026\nb@example.org,2026-03-04\n";
        var held = await client.ImportAsync(Csv);
        Assert.Equal("held", held.GetProperty("status").GetString());
        var finding = held.GetProperty("hold")[0];
        Assert.Equal("ambiguous_dates", finding.GetProperty("rule").GetString());
        Assert.Equal("joined", finding.GetProperty("column").GetString());
        Assert.Equal("01/02/2026", finding.GetProperty("examples")[0].GetProperty("value").GetString());
        Assert.Empty(await client.ContactsAsync());

        // Approved, it goes on without guessing: the row that reads two ways is rejected.
        using (var approved = await client.PostAsync($"/v1/imports/{held.GetProperty("id").GetString()}/approve", null))
            Assert.Equal(HttpStatusCode.OK, approved.StatusCode);
        var again = await client.CompletedAsync(Csv, """{"date_order":"mdy"}""");
        Assert.Equal("2026-01-02", (await client.ContactsAsync())["a@example.org"].Field("joined"));
        Assert.Equal("mdy", again.GetProperty("mapping")[1].GetProperty("date_order").GetString());
    }

    [Fact]
    public async Task The_accounts_date_order_decides_what_the_file_leaves_open_and_nothing_else()
    {
        using var client = await NewAccountAsync("account order");
        await client.FieldAsync("joined", "date");
        using (var patched = await client.PatchAsync("/v1/account", Answers.Json("""{"date_order":"dmy"}""")))
            Assert.Equal("dmy", (await patched.JsonAsync(HttpStatusCode.OK)).GetProperty("date_order").GetString());
        await client.CompletedAsync("email,joined\na@example.org,01/02/2026\n");
        await client.CompletedAsync("email,joined\nb@example.org,01/02/2026\nc@example.org,02/14/2026\n");
        var contacts = await client.ContactsAsync();
        Assert.Equal("2026-02-01", contacts["a@example.org"].Field("joined"));
        Assert.Equal("2026-01-02", contacts["b@example.org"].Field("joined"));
        using var bad = await client.PatchAsync("/v1/account", Answers.Json("""{"date_order":"ydm"}"""));
        await bad.ProblemAsync(HttpStatusCode.BadRequest, "invalid_body");
    }

    [Fact]
    public async Task Day_numbers_of_spreadsheets_are_dates_in_date_fields_and_the_import_says_so()
    {
        using var client = await NewAccountAsync("serials");
        await client.FieldAsync("joined", "date");
        var import = await client.CompletedAsync("email,joined,n\na@example.org,46053,46053\nb@example.org,46053.5,\nc@example.org,123,\n");
        var contacts = await client.ContactsAsync();
        Assert.Equal("2026-01-31", contacts["a@example.org"].Field("joined"));
        Assert.Equal("46053", contacts["a@example.org"].Field("n"));
        Assert.Equal("2026-01-31T12:00:00", contacts["b@example.org"].Field("joined"));
        Assert.Equal(["4 invalid_date"], await client.ErrorsAsync(import));
        Assert.Contains("46053", import.GetProperty("warnings")[0].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1,5", null, "comma", "1.234")]
    [InlineData("1.5", null, "point", "1234")]
    [InlineData("7", null, null, "1234")]
    [InlineData("1.5", "comma", "comma", "1.234")]
    public async Task A_columns_other_numbers_decide_what_one_comma_means(string other, string? asked, string? sign, string expected)
    {
        using var client = await NewAccountAsync($"numbers {other} {asked}");
        await client.FieldAsync("size", "number");
        var import = await client.CompletedAsync($"email;size\na@example.org;1,234\nb@example.org;{other}\n", asked is null ? null : $$"""{"decimal_sign":"{{asked}}"}""");
        Assert.Equal(expected, (await client.ContactsAsync())["a@example.org"].Field("size"));
        Assert.Equal(sign, import.GetProperty("mapping")[1].GetProperty("decimal_sign").GetString());
        Assert.Equal(sign is null, import.GetProperty("warnings").EnumerateArray().Any(w => w.GetString()!.Contains("decimal_sign", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task National_numbers_are_read_by_each_rows_country()
    {
        using var client = await NewAccountAsync("countries");
        var import = await client.ImportAsync(
            "email,phone,Country\na@example.org,030 23125000,Deutschland\nb@example.org,0412 345 678,AUS\nc@example.org,020 7946 0958,Vereinigtes Königreich\n"
            + "d@example.org,0412345678,+61\ne@example.org,0412345678,Narnia\nf@example.org,0412345670,\ng@example.org,+14155552671,DE\n",
            """{"region":"AU","region_column":"Country"}""");
        Assert.Equal(["6 phone_unknown_region"], await client.ErrorsAsync(import));
        var contacts = await client.ContactsAsync();
        foreach (var (email, phone) in ((string, string)[])
            [("a", "+493023125000"), ("b", "+61412345678"), ("c", "+442079460958"), ("d", "+61412345678"), ("f", "+61412345670"), ("g", "+14155552671")])
            Assert.Equal(phone, contacts[email + "@example.org"].GetProperty("phone").GetString());
        Assert.Equal("Deutschland", contacts["a@example.org"].Field("Country"));
    }

    [Fact]
    public async Task A_column_of_countries_is_found_unless_the_import_says_that_there_is_none()
    {
        using var client = await NewAccountAsync("country found");
        const string Csv = "email,phone,Land\na@example.org,030 23125000,DE\nb@example.org,01 234567,AT\n";
        var found = await client.CompletedAsync(Csv);
        Assert.Equal("Land", found.GetProperty("options").GetProperty("region_column").GetString());
        Assert.Equal(2, found.GetProperty("counts").GetProperty("created").GetInt32());
        var none = await client.ImportAsync(Csv, """{"region_column":""}""");
        Assert.Equal(2, none.GetProperty("counts").GetProperty("rejected").GetInt32());
        using var bad = await client.PostAsync("/v1/imports", Answers.Form(Encoding.UTF8.GetBytes(Csv), """{"region_column":"Fax"}"""));
        await bad.ProblemAsync(HttpStatusCode.BadRequest, "invalid_option");
    }

    [Theory]
    [InlineData("4.4E+11")]
    [InlineData("6,14E+10")]
    [InlineData("61412345678.0")]
    public async Task A_phone_number_that_a_spreadsheet_damaged_is_told_as_such(string phone)
    {
        using var client = await NewAccountAsync("damaged " + phone);
        var import = await client.ImportAsync($"email;phone\na@example.org;{phone}\n", """{"region":"AU"}""");
        Assert.Equal(["2 phone_damaged_by_spreadsheet"], await client.ErrorsAsync(import));
    }

    [Fact]
    public async Task Text_is_kept_composed_and_without_the_blanks_around_it()
    {
        using var client = await NewAccountAsync("text");
        await client.CompletedAsync("email,first_name,city\n\u00A0a@example.org\u200B,\u200E Zoe\u0308\u00A0,\uFEFFSa\u0303o Paulo\u2060\nb@b\u00FCcher.example, ,\u1112\u1161\u11AB\n");
        var contacts = await client.ContactsAsync();
        Assert.Equal("Zo\u00EB", contacts["a@example.org"].GetProperty("first_name").GetString());
        Assert.Equal("S\u00E3o Paulo", contacts["a@example.org"].Field("city"));
        Assert.Equal("\uD55C", contacts["b@b\u00FCcher.example"].Field("city"));
    }

    [Fact]
    public async Task A_composed_and_a_decomposed_value_are_no_change()
    {
        using var client = await NewAccountAsync("same text");
        await client.CompletedAsync("email,first_name,city\na@example.org,Zo\u00EB,K\u00F6ln\n");
        var again = await client.CompletedAsync("email,first_name,city\na@example.org,Zoe\u0308,Ko\u0308ln\n");
        Assert.Equal(1, again.GetProperty("counts").GetProperty("unchanged").GetInt32());
    }

    [Fact]
    public async Task A_file_without_telling_names_is_mapped_by_its_values()
    {
        using var client = await NewAccountAsync("headerless");
        var import = await client.CompletedAsync("Ann,ann@example.org,+61 412 345 678\nBob,bob@example.org,+61 412 345 679\n", """{"header":false}""");
        Assert.Equal(["field:column_1", "email", "phone"], import.GetProperty("mapping").EnumerateArray().Select(m => m.GetProperty("field").GetString()));
        Assert.Contains("100 %", import.GetProperty("mapping")[1].GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.InRange(import.GetProperty("mapping")[1].GetProperty("confidence").GetDouble(), 0.5, 0.99);
    }
}
