using System.Net;
using System.Text;
using System.Text.Json;
using Muster.Contacts;

namespace Muster.Server.Tests;

/// <summary>The option <c>mapping</c> in all its forms, and the cases of other importers that lose data on the way.</summary>
public sealed class MappingTests(MusterHost host) : IClassFixture<MusterHost>
{
    async Task<HttpClient> NewAccountAsync(string name) => host.Client(await host.MintAsync(name, KeyScope.Admin));

    [Fact]
    public async Task Rules_join_part_choose_and_make_values()
    {
        using var client = await NewAccountAsync("rules");
        var import = await client.CompletedAsync(
            "Mail,Name,Street,No,Mobile,Home,Place,Born\n"
            + "a@example.org,Alice van der Berg,High St,5,,+61412345678,Perth / WA / 6000,1990-05-14\n"
            + "b@example.org,\"Liddell, Alice\",Low St,,+61412345679,+61412345670,Sydney,\n",
            """
            {"mapping":[
              {"column":"Mail","field":"email"},
              {"column":"Name","fields":["first_name","last_name"]},
              {"columns":["Street","No"],"separator":" ","field":"field:address"},
              {"columns":["Mobile","Home"],"field":"phone"},
              {"column":"Place","fields":["field:city","field:state","field:postcode"],"separator":"/"},
              {"column":"Born","field":"field:born","type":"date"},
              {"value":"Spring fair","field":"field:source"},
              {"value":"ACME","field":"company"}]}
            """);
        var contacts = await client.ContactsAsync();
        var alice = contacts["a@example.org"];
        Assert.Equal("Alice", alice.GetProperty("first_name").GetString());
        Assert.Equal("van der Berg", alice.GetProperty("last_name").GetString());
        Assert.Equal("+61412345678", alice.GetProperty("phone").GetString());
        Assert.Equal("ACME", alice.GetProperty("company").GetString());
        Assert.Equal(["High St 5", "Perth", "WA", "6000", "1990-05-14", "Spring fair"], ((string[])["address", "city", "state", "postcode", "born", "source"]).Select(f => alice.Field(f)));
        var second = contacts["b@example.org"];
        Assert.Equal("Alice", second.GetProperty("first_name").GetString());
        Assert.Equal("Liddell", second.GetProperty("last_name").GetString());
        Assert.Equal("+61412345679", second.GetProperty("phone").GetString());
        Assert.Equal(["Low St", "Sydney", null], ((string[])["address", "city", "state"]).Select(f => second.Field(f)));
        Assert.Equal("first_name + last_name", import.GetProperty("mapping")[1].GetProperty("field").GetString());
        Assert.Equal(8, import.GetProperty("options").GetProperty("mapping").GetArrayLength());
        using var fields = await client.GetAsync("/v1/fields");
        Assert.Equal("date", (await fields.JsonAsync(HttpStatusCode.OK)).GetProperty("items").EnumerateArray().Single(f => f.GetProperty("name").GetString() == "born").GetProperty("type").GetString());
    }

    [Fact]
    public async Task A_mapping_comes_back_in_the_form_it_was_sent()
    {
        using var client = await NewAccountAsync("forms");
        const string Csv = "Mail,Wann\na@example.org,2026-01-31\n";
        var plain = await client.CompletedAsync(Csv, """{"mapping":{"Mail":"email"}}""");
        Assert.Equal("""{"Mail":"email"}""", plain.GetProperty("options").GetProperty("mapping").GetRawText());
        var mixed = await client.CompletedAsync(Csv, """{"mapping":{"Mail":"email","Wann":{"field":"field:when","type":"date"}}}""");
        Assert.Equal("date", mixed.GetProperty("options").GetProperty("mapping")[1].GetProperty("type").GetString());
        using var query = await client.PostAsync(
            "/v1/imports?mapping=" + Uri.EscapeDataString("""[{"column":"Mail","field":"email"},{"value":"x","field":"company"}]"""),
            new StringContent(Csv, Encoding.UTF8, "text/csv"));
        Assert.Equal("x", (await query.JsonAsync(HttpStatusCode.Accepted)).GetProperty("options").GetProperty("mapping")[1].GetProperty("value").GetString());
    }

    [Theory]
    [InlineData("""[{"column":"Fax","field":"phone"}]""", "Fax")]
    [InlineData("""[{"column":"Mail","field":"fax"}]""", "fax")]
    [InlineData("""[{"column":"Mail"}]""", "field")]
    [InlineData("""[{"field":"email"}]""", "column")]
    [InlineData("""[{"column":"Mail","value":"x","field":"company"}]""", "one of")]
    [InlineData("""[{"value":"a@example.org","field":"email"}]""", "every row")]
    [InlineData("""[{"columns":["Mail"],"field":"email"}]""", "two columns")]
    [InlineData("""[{"column":"Mail","fields":["first_name","company"]}]""", "first_name and last_name")]
    [InlineData("""[{"column":"Mail","field":"email"},{"column":"Name","field":"email"}]""", "two columns to email")]
    [InlineData("""[{"column":"Name","field":"field:x","type":"colour"}]""", "colour")]
    [InlineData("""[{"column":"Name","field":"first_name","type":"text"}]""", "custom field")]
    [InlineData("""[{"column":"Name","field":"first_name","action":"remove"}]""", "lists and tags")]
    [InlineData("""[{"columns":["Name","Mail"],"separator":"","field":"field:x"}]""", "separator")]
    [InlineData("""[{"value":"x","field":"field:email"}]""", "Muster's own")]
    public async Task A_rule_that_cannot_be_followed_is_refused_by_name(string mapping, string named)
    {
        using var client = host.Admin();
        using var response = await client.PostAsync("/v1/imports", Answers.Form("Mail,Name\na@example.org,Ann\n"u8.ToArray(), $$"""{"mapping":{{mapping}}}"""));
        var problem = await response.ProblemAsync(HttpStatusCode.BadRequest, "unknown_column");
        Assert.Equal("mapping", problem.Option);
        Assert.Contains(named, problem.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""[{"column":"Mail","field":"email","colour":"red"}]""")]
    [InlineData("""{"Mail":{"column":"Name","field":"email"}}""")]
    [InlineData("""{"Mail":5}""")]
    [InlineData("""{"Mail":null}""")]
    [InlineData("\"email\"")]
    public async Task A_mapping_of_another_shape_is_refused(string mapping)
    {
        using var client = host.Admin();
        using var response = await client.PostAsync("/v1/imports", Answers.Form("Mail\na@example.org\n"u8.ToArray(), $$"""{"mapping":{{mapping}}}"""));
        await response.ProblemAsync(HttpStatusCode.BadRequest, "invalid_option");
    }

    [Fact]
    public async Task A_field_is_not_declared_as_what_it_is_not()
    {
        using var client = await NewAccountAsync("declared");
        await client.FieldAsync("born", "text");
        using var response = await client.PostAsync("/v1/imports", Answers.Form("email,Born\na@example.org,x\n"u8.ToArray(), """{"mapping":[{"column":"Born","field":"field:born","type":"date"}]}"""));
        await response.ProblemAsync(HttpStatusCode.BadRequest, "invalid_option");
    }

    [Fact]
    public async Task Columns_of_one_name_are_told_apart_by_number()
    {
        using var client = await NewAccountAsync("twins");
        var import = await client.CompletedAsync("Email,Email,Email 2,Note\na@example.org,b@example.org,c@example.org,x\n", """{"mapping":{"Email_2":"field:second"}}""");
        Assert.Equal(["email", "field:second", "field:Email 2", "field:Note"], import.GetProperty("mapping").EnumerateArray().Select(m => m.GetProperty("field").GetString()));
        Assert.Equal("b@example.org", (await client.ContactsAsync())["a@example.org"].Field("second"));
    }

    [Fact]
    public async Task A_preview_shows_what_rules_make()
    {
        using var client = await NewAccountAsync("preview rules");
        using var uploaded = await client.PostAsync("/v1/uploads", new ByteArrayContent("Mail,Name\na@example.org,Alice Liddell\n"u8.ToArray()));
        var id = (await uploaded.JsonAsync(HttpStatusCode.Created)).GetProperty("id").GetString();
        var options = Uri.EscapeDataString("""{"mapping":[{"column":"Name","fields":["first_name","last_name"]},{"value":"fair","field":"field:source"}]}""");
        using var response = await client.GetAsync($"/v1/uploads/{id}/preview?options={options}");
        var shown = await response.JsonAsync(HttpStatusCode.OK);
        Assert.True(shown.GetProperty("columns")[1].GetProperty("by_rule").GetBoolean());
        Assert.Equal(
            ["email=a@example.org", "first_name + last_name=", "first_name=Alice", "last_name=Liddell", "field:source=fair"],
            shown.GetProperty("rows")[0].GetProperty("cells").EnumerateArray().Select(c => $"{c.GetProperty("field").GetString()}={c.GetProperty("result").GetString()}"));
    }

    [Fact]
    public async Task L5_A_file_without_attributes_and_with_a_blank_name_damages_neither()
    {
        using var client = await NewAccountAsync("L5");
        await client.CompletedAsync("email,first_name,last_name,city\nalice@example.org,Alice,Liddell,Oxford\n");
        var again = await client.CompletedAsync("email,name,first_name\nalice@example.org,,\n");
        Assert.Equal(1, again.GetProperty("counts").GetProperty("unchanged").GetInt32());
        var alice = (await client.ContactsAsync())["alice@example.org"];
        Assert.Equal("Alice", alice.GetProperty("first_name").GetString());
        Assert.Equal("Liddell", alice.GetProperty("last_name").GetString());
        Assert.Equal("Oxford", alice.Field("city"));
    }

    [Fact]
    public async Task L7_Repeats_are_counted()
    {
        using var client = await NewAccountAsync("L7");
        var csv = new StringBuilder("email\n");
        for (var i = 0; i < 1_000; i++)
            csv.Append(System.Globalization.CultureInfo.InvariantCulture, $"c{i % 100}@example.org\n");
        var counts = (await client.CompletedAsync(csv.ToString())).GetProperty("counts");
        Assert.Equal((1_000, 100, 900), (counts.GetProperty("read").GetInt32(), counts.GetProperty("created").GetInt32(), counts.GetProperty("duplicate").GetInt32()));
    }

    [Theory]
    [InlineData("Email,Name\na@example.org,Ann\n")]
    [InlineData("email;name\na@example.org;Ann\n")]
    [InlineData("E-MAIL\tNAME\na@example.org\tAnn\n")]
    [InlineData("Kontakt|Wer\na@example.org|Ann\n")]
    public async Task L8_Header_case_delimiter_and_language_do_not_matter(string csv)
    {
        using var client = await NewAccountAsync("L8 " + csv[..7]);
        Assert.Equal(1, (await client.CompletedAsync(csv)).GetProperty("counts").GetProperty("created").GetInt32());
        Assert.Single(await client.ContactsAsync());
    }

    [Fact]
    public async Task L10_A_contact_without_attributes_has_an_empty_object_of_them()
    {
        using var client = await NewAccountAsync("L10");
        await client.CompletedAsync("email\na@example.org\n");
        Assert.Equal(JsonValueKind.Object, (await client.ContactsAsync())["a@example.org"].GetProperty("fields").ValueKind);
    }
}
