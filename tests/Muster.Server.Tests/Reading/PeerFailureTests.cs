using System.Net;
using System.Text;
using System.Text.Json;

namespace Muster.Server.Tests.Reading;

/// <summary>Ten inputs that break another importer of the kind, numbered as they were found there.</summary>
public sealed class PeerFailureTests(MusterHost host) : IClassFixture<MusterHost>
{
    [Fact]
    public async Task L1_an_unquoted_quote_in_the_middle_of_30000_rows_costs_nothing()
    {
        using var account = await Account.CreateAsync(host);
        var import = await account.ImportAsync(Rows(30_000, (i, row) => i == 15_000 ? row.Replace("Name", "5\" pipe", StringComparison.Ordinal) : row));
        Assert.Equal(("completed", 30_000, 0), (import.State, import.Count("created"), import.Count("rejected")));

        // One that damages its row costs that row, and names it.
        var damaged = await account.ImportAsync(Rows(30_000, (i, row) => i == 15_000 ? row.Replace("Name", "\"Name\" x", StringComparison.Ordinal) : row));
        Assert.Equal(("completed", 1), (damaged.State, damaged.Count("rejected")));
        var error = Assert.Single(await account.ErrorsAsync(damaged));
        Assert.Equal(("stray_quote", 15_002, 15_002), (error.GetProperty("code").GetString(), error.GetProperty("row_number").GetInt32(), error.GetProperty("line").GetInt32()));
    }

    [Fact]
    public async Task L2_the_next_import_of_the_same_addresses_runs()
    {
        using var account = await Account.CreateAsync(host);
        await account.ImportAsync(Rows(12_000, (i, row) => i == 6_000 ? "\"never closed" + row : row));
        var second = await account.ImportAsync(Rows(12_000, (_, row) => row.Replace("Name", "Other", StringComparison.Ordinal)));
        Assert.Equal(("completed", 11_999, 1), (second.State, second.Count("updated"), second.Count("created")));
    }

    [Fact]
    public async Task L3_one_Latin1_byte_in_a_UTF8_file_costs_its_row_and_names_it()
    {
        using var account = await Account.CreateAsync(host);
        var file = Encoding.UTF8.GetBytes(Rows(30_000, (i, row) => i == 1 ? row.Replace("Name", "Zoë", StringComparison.Ordinal) : i == 15_000 ? row.Replace("Name", "Zo\u0001", StringComparison.Ordinal) : row));
        file[Array.IndexOf(file, (byte)1)] = 0xEB;
        var import = await account.ImportAsync(file);
        Assert.Equal(("completed", 29_999, 1), (import.State, import.Count("created"), import.Count("rejected")));
        var error = Assert.Single(await account.ErrorsAsync(import));
        Assert.Equal(("invalid_utf8", 15_002, "first_name"), (error.GetProperty("code").GetString(), error.GetProperty("row_number").GetInt32(), error.GetProperty("column").GetString()));
    }

    [Fact]
    public async Task L4_canceling_an_import_at_its_end_does_not_touch_the_next_one()
    {
        using var account = await Account.CreateAsync(host);
        var first = await account.ImportAsync(Rows(100));
        using (var canceled = await account.Http.PostAsync($"/v1/imports/{first.Id}/cancel", null))
            Assert.NotEqual(HttpStatusCode.InternalServerError, canceled.StatusCode);
        var next = await account.ImportAsync(Rows(200));
        Assert.Equal(("completed", 200), (next.State, next.Count("read")));
    }

    [Fact]
    public async Task L5_a_blank_name_and_absent_columns_leave_what_is_there()
    {
        using var account = await Account.CreateAsync(host);
        await account.ImportAsync("email,first_name,last_name,city\nalice@example.org,Alice,Liddell,Oxford\n");
        await account.ImportAsync("email,first_name\nalice@example.org,\n", """{"policy":"overwrite"}""");
        var contact = await account.FindAsync("alice@example.org") ?? default;
        Assert.Equal(("Alice", "Liddell", "Oxford"), (Text(contact, "first_name"), Text(contact, "last_name"), contact.GetProperty("fields").GetProperty("city").GetString()));
    }

    [Fact]
    public async Task L6_attributes_that_are_no_plain_values_reject_their_row_and_say_so()
    {
        using var account = await Account.CreateAsync(host);
        var import = await account.ImportAsync("{\"email\":\"a@example.org\",\"attributes\":{bad}}\n{\"email\":\"b@example.org\"}\n");
        Assert.Equal((2, 1, 1), (import.Count("read"), import.Count("created"), import.Count("rejected")));
        Assert.Equal("invalid_json", Assert.Single(await account.ErrorsAsync(import)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task L7_repeats_within_the_file_are_counted_as_such()
    {
        using var account = await Account.CreateAsync(host);
        var import = await account.ImportAsync("email,first_name\n" + string.Concat(Enumerable.Range(0, 1_000).Select(i => $"a{i % 100}@example.org,Name {i}\n")));
        Assert.Equal((1_000, 100, 900), (import.Count("read"), import.Count("created"), import.Count("duplicate")));
    }

    [Theory]
    [InlineData("Email,Name\na@example.org,Ann\n")]
    [InlineData("email;name\na@example.org;Ann\n")]
    [InlineData("E-MAIL\tName\na@example.org\tAnn\n")]
    public async Task L8_any_case_and_any_delimiter_of_the_header_is_understood(string file)
    {
        using var account = await Account.CreateAsync(host);
        Assert.Equal(1, (await account.ImportAsync(file)).Count("created"));
    }

    [Fact]
    public async Task L9_line_breaks_in_cells_are_no_rows()
    {
        using var account = await Account.CreateAsync(host);
        var import = await account.ImportAsync("email,first_name\n" + string.Concat(Enumerable.Range(0, 1_000).Select(i => $"a{i}@example.org,\"Name\nwith\n{i}\"\n")));
        Assert.Equal((1_000, 1_000), (import.Count("read"), import.Count("created")));
        var progress = import.Body.GetProperty("progress");
        Assert.Equal(progress.GetProperty("bytes_total").GetInt64(), progress.GetProperty("bytes_read").GetInt64());
    }

    [Fact]
    public async Task L10_a_contact_without_attributes_has_an_empty_object()
    {
        using var account = await Account.CreateAsync(host);
        await account.ImportAsync("email\na@example.org\n");
        Assert.Equal("{}", (await account.FindAsync("a@example.org") ?? default).GetProperty("fields").GetRawText());
    }

    static string Rows(int count, Func<int, string, string>? change = null)
    {
        var text = new StringBuilder("email,first_name,phone\n");
        for (var i = 0; i < count; i++)
        {
            var row = $"a{i}@example.org,Name,+614{i:00000000}\n";
            text.Append(change?.Invoke(i, row) ?? row);
        }
        return text.ToString();
    }

    static string? Text(JsonElement contact, string name) => contact.GetProperty(name).GetString();
}
