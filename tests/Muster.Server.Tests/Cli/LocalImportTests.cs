using System.Text;
using System.Text.Json;

namespace Muster.Server.Tests.Cli;

public sealed class LocalImportTests : IDisposable
{
    const string Good = "email,first_name\nann@example.org,Ann\nbob@example.org,Bob\n";
    const string WithRejects = "email,first_name\r\nann@example.org,Ann\r\nnot-an-address,Nöt\r\nbob@example.org,Bob\r\n";
    readonly MusterProgram muster = new();

    public void Dispose() => muster.Dispose();

    [Fact]
    public async Task Import_tells_what_became_of_every_kind_of_row()
    {
        muster.Write("contacts.csv", Good);

        var run = await muster.RunAsync("import", "contacts.csv", "--list", "Customers");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("2  created", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("rejected", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Nothing changed", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Second_import_of_the_same_file_says_that_nothing_changed()
    {
        muster.Write("contacts.csv", Good);
        await muster.RunAsync("import", "contacts.csv", "--list", "Customers");

        var run = await muster.RunAsync("import", "contacts.csv", "--list", "Customers");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("2  unchanged", run.Output, StringComparison.Ordinal);
        Assert.Contains("Nothing changed.", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rejects_give_exit_code_3_and_come_back_byte_for_byte()
    {
        muster.Write("contacts.csv", WithRejects);

        var run = await muster.RunAsync("import", "contacts.csv");

        Assert.Equal(3, run.ExitCode);
        Assert.Contains("row 3, column email", run.Output, StringComparison.Ordinal);
        Assert.Contains("(invalid_email)", run.Output, StringComparison.Ordinal);
        Assert.Contains("-o rejects.csv", run.Output, StringComparison.Ordinal);

        var rejects = await muster.RunAsync("rejects", "last", "-o", "rejects.csv");
        Assert.Equal(0, rejects.ExitCode);
        Assert.Equal("email,first_name\r\nnot-an-address,Nöt\r\n", Encoding.UTF8.GetString(await File.ReadAllBytesAsync(Path.Combine(muster.Folder, "rejects.csv"))));

        var errors = (await muster.RunAsync("errors", "last", "--json")).Json().GetProperty("items");
        Assert.Equal(1, errors.GetArrayLength());
        Assert.Equal(3, errors[0].GetProperty("row_number").GetInt64());
        Assert.Equal("not-an-address", errors[0].GetProperty("value").GetString());
    }

    [Fact]
    public async Task Json_prints_exactly_the_import_and_its_counts_obey_the_law()
    {
        muster.Write("contacts.csv", WithRejects + "ann@example.org,Ann\r\n");

        var run = await muster.RunAsync("import", "contacts.csv", "--json");

        var import = run.Json();
        Assert.Equal("completed", import.GetProperty("status").GetString());
        Assert.Equal("contacts.csv", import.GetProperty("source").GetProperty("file_name").GetString());
        var counts = import.GetProperty("counts");
        long Count(string name) => counts.GetProperty(name).GetInt64();
        Assert.Equal(4, Count("read"));
        Assert.Equal(Count("read"), Count("created") + Count("updated") + Count("unchanged") + Count("duplicate") + Count("suppressed") + Count("skipped") + Count("rejected"));
        Assert.Equal(1, Count("duplicate"));
    }

    [Fact]
    public async Task Standard_input_is_imported()
    {
        var run = await muster.RunWithInputAsync(Good, "import", "-", "--json");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(2, run.Json().GetProperty("counts").GetProperty("created").GetInt64());
    }

    [Fact]
    public async Task Options_reach_the_import_as_they_were_typed()
    {
        muster.Write("contacts.csv", "E=Mail;Größe;Mobil\nann@example.org;42;0171 2345678\n");

        var run = await muster.RunAsync(
            "import", "contacts.csv", "--json", "--delimiter", ";", "--map", "E=Mail=email", "--map", "Größe=field:Size", "--map", "Mobil=phone",
            "--region", "DE", "--tag", "spring", "--tag", "vip", "--field-policy", "field:Size=keep", "--mode", "create_only", "--clear-token", "-");

        Assert.True(run.ExitCode == 0, run.Error);
        var options = run.Json().GetProperty("options");
        Assert.Equal("email", options.GetProperty("mapping").GetProperty("E=Mail").GetString());
        Assert.Equal("field:Size", options.GetProperty("mapping").GetProperty("Größe").GetString());
        Assert.Equal("keep", options.GetProperty("policies").GetProperty("field:Size").GetString());
        Assert.Equal("create_only", options.GetProperty("mode").GetString());
        Assert.Equal("-", options.GetProperty("clear_token").GetString());
        Assert.Equal(2, options.GetProperty("tags").GetArrayLength());
        var contact = JsonDocument.Parse((await muster.RunAsync("contacts", "export", "--format", "ndjson")).Output).RootElement;
        Assert.Equal("+491712345678", contact.GetProperty("phone").GetString());
        Assert.Equal("42", contact.GetProperty("fields").GetProperty("Size").ToString());
    }

    [Theory]
    [InlineData("", "no record")]
    [InlineData("email\n", "no rows")]
    [InlineData("colour,shape\nred,round\n", "colour")]
    public async Task Source_that_holds_nothing_to_import_is_refused_with_the_reason(string content, string reason)
    {
        muster.Write("contacts.csv", content);

        var run = await muster.RunAsync("import", "contacts.csv");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(reason, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Same_idempotency_key_answers_with_the_first_import()
    {
        muster.Write("contacts.csv", Good);
        var first = (await muster.RunAsync("import", "contacts.csv", "--idempotency-key", "k1", "--json")).Json();

        var second = (await muster.RunAsync("import", "contacts.csv", "--idempotency-key", "k1", "--json")).Json();

        Assert.Equal(first.GetProperty("id").GetString(), second.GetProperty("id").GetString());
    }

    [Fact]
    public async Task Import_that_only_waits_is_run_by_the_next_import_on_the_folder()
    {
        muster.Write("one.csv", Good);
        muster.Write("two.csv", "email\ncid@example.org\n");
        var waiting = (await muster.RunAsync("import", "one.csv", "--no-wait", "--json")).Json();
        Assert.Equal("queued", waiting.GetProperty("status").GetString());

        var run = await muster.RunAsync("import", "two.csv");

        Assert.Equal(0, run.ExitCode);
        var earlier = (await muster.RunAsync("watch", waiting.GetProperty("id").GetString()!, "--json")).Json();
        Assert.Equal("completed", earlier.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Watching_an_import_that_nobody_runs_ends_with_the_command_that_goes_on_with_it()
    {
        muster.Write("one.csv", Good);
        var id = (await muster.RunAsync("import", "one.csv", "--no-wait", "--json")).Json().GetProperty("id").GetString();

        var run = await muster.RunAsync("watch", "last", "--json");
        Assert.Equal(1, run.ExitCode);
        Assert.Equal("queued", run.Json().GetProperty("status").GetString());
        Assert.Contains($"muster resume {id}", run.Error, StringComparison.Ordinal);

        Assert.Equal(0, (await muster.RunAsync("pause", "last")).ExitCode);
        Assert.Equal(1, (await muster.RunAsync("watch", "last")).ExitCode);
        Assert.Equal(0, (await muster.RunAsync("resume", "last")).ExitCode);
        Assert.Equal(0, (await muster.RunAsync("watch", "last")).ExitCode);
    }

    [Fact]
    public async Task Import_killed_in_the_middle_goes_on_at_resume_without_doubling_a_row()
    {
        const int Rows = 20_000;
        var csv = new StringBuilder("email\n");
        for (var i = 0; i < Rows; i++)
            csv.Append("contact").Append(i).Append("@example.org\n");
        muster.Write("contacts.csv", csv.ToString());
        muster.Environment["MUSTER_BATCH_ROWS_MAX"] = "100";

        using (var process = muster.Start("import", "contacts.csv"))
        {
            // Its first line names the import: it is accepted, and what is accepted is kept.
            await process.StandardError.ReadLineAsync();
            process.Kill();
            await process.WaitForExitAsync();
        }
        muster.Environment.Clear();
        var run = await muster.RunAsync("resume", "last", "--json");

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(Rows, run.Json().GetProperty("counts").GetProperty("created").GetInt64());
        var export = await muster.RunAsync("contacts", "export", "--format", "ndjson");
        Assert.Equal(Rows, export.Output.AsSpan().Count('\n'));
    }

    [Fact]
    public async Task Accounts_lists_and_keys_tell_what_is_there()
    {
        muster.Write("contacts.csv", Good);
        await muster.RunAsync("import", "contacts.csv", "--list", "Customers", "--account", "acme");

        var lists = (await muster.RunAsync("lists", "--account", "acme", "--json")).Json().GetProperty("items");
        Assert.Equal("Customers", lists[0].GetProperty("name").GetString());
        Assert.Equal(2, lists[0].GetProperty("members").GetInt64());
        var accounts = (await muster.RunAsync("accounts", "--json")).Json().GetProperty("items");
        Assert.Contains("acme", accounts.EnumerateArray().Select(a => a.GetProperty("name").GetString()));
        Assert.Empty((await muster.RunAsync("lists", "--account", "other", "--json")).Json().GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Backup_is_a_data_folder_of_its_own_once_it_lies_in_one()
    {
        muster.Write("contacts.csv", Good);
        await muster.RunAsync("import", "contacts.csv");
        var folder = Directory.CreateDirectory(Path.Combine(muster.Folder, "restored")).FullName;

        var run = await muster.RunAsync("backup", Path.Combine(folder, "muster.db"));

        Assert.True(run.ExitCode == 0, run.Error);
        var export = await muster.RunAsync("contacts", "export", "--data", folder, "--format", "ndjson");
        Assert.Equal(2, export.Output.AsSpan().Count('\n'));
        Assert.Equal(2, (await muster.RunAsync("backup", Path.Combine(folder, "muster.db"))).ExitCode);
    }
}
