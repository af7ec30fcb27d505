using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Muster.Server.Tests;

/// <summary>No account has more custom fields than fields_max, whoever makes them and however many at once; who finds no room is told.</summary>
public sealed class FieldLimitTests
{
    const int Most = 5;

    [Fact]
    public async Task Imports_at_once_share_the_room_for_fields_and_name_the_columns_left_out()
    {
        await using var host = new MusterHost { Settings = s => s with { FieldsMax = Most, ImportsConcurrent = 4 } };
        await host.InitializeAsync();
        using var client = host.Admin();
        // Accepted while there is room for each, all of them before the first is run to its end.
        var imports = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => client.CompletedAsync(
            string.Create(CultureInfo.InvariantCulture, $"email,a{i},b{i},c{i}\nperson{i}@example.com,1,2,3\n"))));

        using var fields = await client.GetAsync("/v1/fields");
        var names = (await fields.JsonAsync(HttpStatusCode.OK)).GetProperty("items").EnumerateArray().Select(f => f.GetProperty("name").GetString()).ToList();
        Assert.Equal(Most, names.Count);
        var contacts = await client.ContactsAsync();
        for (var i = 0; i < imports.Length; i++)
        {
            var columns = imports[i].GetProperty("mapping").EnumerateArray().Where(m => m.GetProperty("index").GetInt32() > 0).ToList();
            Assert.All(columns, column =>
            {
                var name = column.GetProperty("column").GetString() ?? "";
                var made = names.Contains(name);
                Assert.Equal(made ? "field:" + name : "ignore", column.GetProperty("field").GetString());
                Assert.Equal(made, contacts[string.Create(CultureInfo.InvariantCulture, $"person{i}@example.com")].Field(name) is not null);
                Assert.True(made || column.GetProperty("reason").GetString()?.Contains("fields_max", StringComparison.Ordinal) == true, column.GetRawText());
            });
        }
    }

    [Fact]
    public async Task A_field_that_found_no_room_when_its_import_began_is_a_warning_of_the_import()
    {
        await using var acme = new Facades.FacadeHost { Host = new() { RunsImports = false, Settings = s => s with { FieldsMax = Most } } };
        await acme.InitializeAsync();
        using var client = acme.Native();
        using var sent = await client.PostAsync("/v1/imports", Answers.Form(
            "email,city\nann@example.com,York\n"u8.ToArray(), """{"mapping":[{"column":"email","field":"email"},{"column":"city","field":"field:city"},{"value":"web","field":"field:origin"}]}"""));
        var accepted = await sent.JsonAsync(HttpStatusCode.Accepted);
        for (var i = 0; i < Most; i++)
            await client.FieldAsync(string.Create(CultureInfo.InvariantCulture, $"taken {i}"), "text");
        await acme.RunQueuedAsync();

        using var response = await client.GetAsync(accepted.GetProperty("links").GetProperty("self").GetString());
        var import = await response.JsonAsync(HttpStatusCode.OK);
        Assert.Equal(("completed", 1), (import.GetProperty("status").GetString(), import.GetProperty("counts").GetProperty("created").GetInt32()));
        var warnings = import.GetProperty("warnings").EnumerateArray().Select(w => w.GetString() ?? "").ToList();
        Assert.All(["city", "origin"], name => Assert.Contains(warnings, w => w.Contains($"\"{name}\"", StringComparison.Ordinal) && w.Contains("fields_max", StringComparison.Ordinal)));
        Assert.Empty((await client.ContactsAsync())["ann@example.com"].GetProperty("fields").EnumerateObject());
    }

    [Fact]
    public async Task Calls_at_once_make_no_more_fields_than_there_is_room_for()
    {
        await using var host = new MusterHost { RunsImports = false, Settings = s => s with { FieldsMax = Most } };
        await host.InitializeAsync();
        using var client = host.Admin();
        var answers = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => i % 2 == 0
            ? client.PostAsync("/v1/fields", Answers.Json($$"""{"name":"f{{i}}"}"""))
            : client.PostAsync("/v1/contacts", Answers.Json($$$"""{"email":"p{{{i}}}@example.com","fields":{"f{{{i}}}":"x"}}"""))));
        Assert.Equal(Most, answers.Count(a => a.StatusCode == HttpStatusCode.Created));
        foreach (var answer in answers.Where(a => a.StatusCode != HttpStatusCode.Created))
            await answer.ProblemAsync(HttpStatusCode.UnprocessableEntity, "too_many_fields");
        using var fields = await client.GetAsync("/v1/fields");
        Assert.Equal(Most, (await fields.JsonAsync(HttpStatusCode.OK)).GetProperty("items").GetArrayLength());
    }
}
