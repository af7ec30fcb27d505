using System.Net;
using System.Text;
using System.Text.Json;
using Muster.Client;

namespace Muster.Server.Tests;

public sealed class ContactTests(MusterHost host) : IClassFixture<MusterHost>
{
    [Fact]
    public async Task A_contact_is_created_then_updated_then_patched_then_erased()
    {
        using var http = host.Admin();
        using var made = await http.PostAsync("/v1/contacts", Answers.Json("""{"email":"zoe@example.com","first_name":"Zoë","fields":{"Plan":"gold"},"lists":["A"],"tags":["t"]}"""));
        var contact = await made.JsonAsync(HttpStatusCode.Created);
        using var again = await http.PostAsync("/v1/contacts", Answers.Json("""{"email":"zoe@example.com","last_name":"Zimmer"}"""));
        var updated = await again.JsonAsync(HttpStatusCode.OK);
        Assert.Equal(contact.GetProperty("id").GetInt32(), updated.GetProperty("id").GetInt32());
        Assert.Equal("Zoë", updated.GetProperty("first_name").GetString());
        Assert.Equal("gold", updated.GetProperty("fields").GetProperty("Plan").GetString());
        using var patched = await http.PatchAsync(made.Headers.Location, Answers.Json("""{"first_name":null}"""));
        Assert.Equal(JsonValueKind.Null, (await patched.JsonAsync(HttpStatusCode.OK)).GetProperty("first_name").ValueKind);
        using var erased = await http.DeleteAsync(made.Headers.Location);
        Assert.Equal(HttpStatusCode.NoContent, erased.StatusCode);
        using var gone = await http.GetAsync(made.Headers.Location);
        await gone.ProblemAsync(HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task A_contact_that_cannot_be_is_refused_field_by_field()
    {
        using var http = host.Admin();
        using var response = await http.PostAsync("/v1/contacts", Answers.Json("""{"email":"nonsense"}"""));
        var problem = await response.ProblemAsync(HttpStatusCode.UnprocessableEntity, "invalid_email");
        Assert.Equal("email", problem.Errors?[0].Field);
    }

    [Fact]
    public async Task A_value_that_no_file_could_bring_is_refused_so_that_an_export_can_be_imported()
    {
        using var http = host.Admin();
        var longest = new string('x', 64 << 10);
        using var made = await http.PostAsync("/v1/contacts", Answers.Json($$$"""{"email":"long@example.com","fields":{"Plan":"{{{longest}}}"}}"""));
        await made.JsonAsync(HttpStatusCode.Created);
        using var longer = await http.PatchAsync(made.Headers.Location, Answers.Json($$$"""{"fields":{"Plan":"{{{longest}}}!"}}"""));
        var problem = await longer.ProblemAsync(HttpStatusCode.UnprocessableEntity, "cell_too_long");
        Assert.Equal("field:Plan", problem.Errors?[0].Field);
    }

    [Fact]
    public async Task The_export_holds_what_went_in_and_is_safe_for_spreadsheets_when_asked()
    {
        using var client = new MusterClient(host.Client(null), host.AdminToken);
        await client.PutContactAsync(new(Email: "formula@example.com", Phone: "+447400123456", FirstName: "=1+1", LastName: "Ünal, \"Ü\"", Lists: ["Export"]), CancellationToken.None);
        using var raw = new MemoryStream();
        await client.ExportContactsAsync(new(List: "Export"), "csv", safe: false, raw, CancellationToken.None);
        var csv = Encoding.UTF8.GetString(raw.ToArray());
        Assert.StartsWith("id,phone,email,external_id,first_name,last_name,company,status,lists,tags,", csv, StringComparison.Ordinal);
        Assert.Contains(",+447400123456,formula@example.com,,=1+1,\"Ünal, \"\"Ü\"\"\",", csv, StringComparison.Ordinal);
        using var safe = new MemoryStream();
        await client.ExportContactsAsync(new(List: "Export"), "csv", safe: true, safe, CancellationToken.None);
        Assert.Contains(",+447400123456,formula@example.com,,'=1+1,", Encoding.UTF8.GetString(safe.ToArray()), StringComparison.Ordinal);
        using var lines = new MemoryStream();
        await client.ExportContactsAsync(new(List: "Export"), "ndjson", safe: false, lines, CancellationToken.None);
        using var line = JsonDocument.Parse(Encoding.UTF8.GetString(lines.ToArray()).TrimEnd('\n'));
        Assert.Equal("Ünal, \"Ü\"", line.RootElement.GetProperty("last_name").GetString());
    }

    [Fact]
    public async Task A_contact_makes_no_more_fields_than_the_account_may_have()
    {
        await using var small = new MusterHost { RunsImports = false, Settings = s => s with { FieldsMax = 1 } };
        await small.InitializeAsync();
        using var client = small.Admin();
        using var one = await client.PostAsync("/v1/contacts", Answers.Json("""{"email":"a@example.com","fields":{"one":"1"}}"""));
        Assert.Equal(HttpStatusCode.Created, one.StatusCode);
        using var two = await client.PostAsync("/v1/contacts", Answers.Json("""{"email":"b@example.com","fields":{"one":"1","two":"2"}}"""));
        await two.ProblemAsync(HttpStatusCode.UnprocessableEntity, "too_many_fields");
        using var fields = await client.GetAsync("/v1/fields");
        Assert.Single((await fields.JsonAsync(HttpStatusCode.OK)).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task A_phone_filter_understands_a_plus_that_became_a_blank()
    {
        using var client = new MusterClient(host.Client(null), host.AdminToken);
        await client.PutContactAsync(new(Email: "plus@example.com", Phone: "+447400123457"), CancellationToken.None);
        using var http = host.Admin();
        foreach (var phone in (string[])["+447400123457", "%2B447400123457", "447400123457"])
        {
            using var response = await http.GetAsync("/v1/contacts?phone=" + phone);
            Assert.Equal(1, (await response.JsonAsync(HttpStatusCode.OK)).GetProperty("items").GetArrayLength());
        }
    }
}
