using System.Net;
using System.Net.Sockets;

namespace Muster.Server.Tests.Cli;

public sealed class UsageTests : IDisposable
{
    readonly MusterProgram muster = new();

    public void Dispose() => muster.Dispose();

    [Theory]
    [InlineData("import")]
    [InlineData("watch")]
    [InlineData("imports")]
    [InlineData("rejects")]
    [InlineData("errors")]
    [InlineData("pause")]
    [InlineData("resume")]
    [InlineData("cancel")]
    [InlineData("contacts", "export")]
    [InlineData("lists")]
    [InlineData("accounts")]
    [InlineData("keys", "create")]
    [InlineData("keys", "list")]
    [InlineData("keys", "revoke")]
    [InlineData("serve")]
    [InlineData("backup")]
    public async Task Help_of_every_command_ends_with_examples(params string[] command)
    {
        var run = await muster.RunAsync([.. command, "--help"]);

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Examples:", run.Output, StringComparison.Ordinal);
        Assert.Contains("muster " + string.Join(' ', command), run.Output[run.Output.IndexOf("Examples:", StringComparison.Ordinal)..], StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(muster.Folder));
    }

    [Theory]
    [InlineData("import", "contacts.csv", "--match", "telephone", "--match 'telephone'")]
    [InlineData("import", "contacts.csv", "--mode", "replace", "--mode 'replace'")]
    [InlineData("import", "contacts.csv", "--map", "Mobil", "--map 'Mobil'")]
    [InlineData("import", "contacts.csv", "--map", "Mobil=mobile", "--map 'Mobil=mobile'")]
    [InlineData("import", "contacts.csv", "--field-policy", "company=never", "--field-policy 'company=never'")]
    [InlineData("import", "contacts.csv", "--hold", "{\"nonsense\":1}", "--hold: hold has no rule of that name")]
    [InlineData("import", "contacts.csv", "--max-rejects", "many", "--max-rejects 'many' is no whole number")]
    [InlineData("import", "contacts.csv", "--list-id", "x", "--list-id 'x' is no whole number")]
    [InlineData("import", "contacts.csv", "--header", "--no-header", "--header and --no-header exclude each other")]
    [InlineData("import", "contacts.csv", "--nonsense", "1", "--nonsense")]
    [InlineData("import", "contacts.csv", "--server", "example", "--server 'example'")]
    [InlineData("import", "contacts.csv", "--list", "", "--list:")]
    [InlineData("import", "contacts.csv", "--map", "nowhere=email", "--map:")]
    [InlineData("import", "contacts.csv", "--encoding", "klingon", "--encoding:")]
    [InlineData("serve", "--urls", "nonsense", "--drain-seconds=1", "--urls must be")]
    [InlineData("serve", "--urls", "http://127.0.0.1:99999", "--drain-seconds=1", "--urls must be")]
    [InlineData("imports", "--limit", "0", "--json", "--limit '0'")]
    [InlineData("preview", "contacts.csv", "--rows", "many", "--rows 'many' is not a whole number from 0 to 100")]
    [InlineData("preview", "contacts.csv", "--rows", "101", "--rows '101'")]
    [InlineData("import", "contacts.csv", "--idempotency-key", "", "--idempotency-key ''")]
    [InlineData("import", "contacts.csv", "--idempotency-key", "schlüssel", "--idempotency-key 'schlüssel'")]
    [InlineData("backup", "", "--data", "anywhere", "FILE is empty")]
    [InlineData("keys", "create", "--scope", "root", "--scope 'root'")]
    [InlineData("keys", "create", "--region", "Germany", "--region 'Germany'")]
    [InlineData("keys", "create", "--region", "XX", "--region 'XX'")]
    [InlineData("keys", "create", "--sid", "a/b", "--sid 'a/b'")]
    [InlineData("keys", "create", "--account", "a\nb", "--account")]
    [InlineData("contacts", "export", "--format", "xml", "--format 'xml'")]
    public async Task Bad_value_is_a_usage_error_that_names_it(string a, string b, string c, string d, string named)
    {
        muster.Write("contacts.csv", "email\nann@example.org\n");

        var run = await muster.RunAsync(a, b, c, d);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(named, run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    [Theory]
    [InlineData("imprt", "muster: there is no command 'imprt'. Did you mean import?")]
    [InlineData("nonsense", "muster: there is no command 'nonsense'.")]
    [InlineData("keys crate", "muster keys: there is no command 'crate'. Did you mean create?")]
    [InlineData("keys", "muster keys: a command is missing. Known are create, list, revoke.")]
    [InlineData("import contacts.csv --lst Customers", "muster import: there is no option '--lst'. Did you mean --list?")]
    [InlineData("serve --batch-rows-mx=10", "muster serve: there is no option '--batch-rows-mx'. Did you mean --batch-rows-max?")]
    [InlineData("--versio", "muster: there is no option '--versio'. Did you mean --version?")]
    [InlineData("import --lst Customers contacts.csv", "muster import: there is no option '--lst'. Did you mean --list?")]
    [InlineData("import --lst", "muster import: there is no option '--lst'. Did you mean --list?")]
    [InlineData("suppressions add ann@example.org --reson left", "muster suppressions add: there is no option '--reson'. Did you mean --reason?")]
    [InlineData("suppressions remove ann@example.org --frce", "muster suppressions remove: there is no option '--frce'.")]
    [InlineData("watch one two", "muster watch: 'two' is one argument too many.")]
    public async Task What_is_unknown_is_named_first_with_what_it_may_have_been_meant_to_be(string line, string told)
    {
        var run = await muster.RunAsync(line.Split(' '));

        Assert.Equal(2, run.ExitCode);
        Assert.Empty(run.Output);
        Assert.Equal(told, run.Error.Split('\n')[0].TrimEnd('\r'));
    }

    [Theory]
    [InlineData("imports")]
    [InlineData("watch last")]
    [InlineData("rejects last")]
    [InlineData("errors last")]
    [InlineData("changes last")]
    [InlineData("undo last")]
    [InlineData("pause last")]
    [InlineData("lists")]
    [InlineData("accounts")]
    [InlineData("limits")]
    [InlineData("keys list")]
    [InlineData("keys revoke 4f2a90c1")]
    [InlineData("contacts export")]
    [InlineData("suppressions list")]
    [InlineData("profiles list")]
    [InlineData("webhooks list")]
    [InlineData("deliveries list")]
    [InlineData("backup copy.db")]
    public async Task Command_that_only_looks_makes_no_data_folder(string line)
    {
        var run = await muster.RunAsync([.. line.Split(' '), "--data", "misspelt"]);

        Assert.Equal(2, run.ExitCode);
        Assert.Empty(run.Output);
        Assert.Contains("--data 'misspelt' holds no data", run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(muster.Folder));
    }

    [Fact]
    public async Task Sid_of_another_account_is_a_usage_error()
    {
        await muster.RunAsync("keys", "create", "--account", "one", "--sid", "S1");

        var run = await muster.RunAsync("keys", "create", "--account", "two", "--sid", "S1");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--sid 'S1'", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Database_that_is_none_is_told_in_words()
    {
        Directory.CreateDirectory(Path.Combine(muster.Folder, "damaged"));
        muster.Write("damaged/muster.db", new string('x', 5_000));

        var run = await muster.RunAsync("lists", "--data", "damaged");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("is damaged, or is none", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing.csv")]
    [InlineData(".")]
    public async Task File_that_cannot_be_imported_is_a_usage_error_and_makes_no_data_folder(string file)
    {
        var run = await muster.RunAsync("import", file);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains($"'{file}'", run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(muster.Folder));
    }

    [Fact]
    public async Task Server_without_a_key_is_a_usage_error_that_says_how_to_get_one()
    {
        var run = await muster.RunAsync("imports", "--server", "http://127.0.0.1:1");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("keys create", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_that_is_not_there_is_a_failure_and_no_usage_error()
    {
        muster.Environment["MUSTER_SERVER"] = "http://127.0.0.1:1";
        muster.Environment["MUSTER_KEY"] = "muster_0_0";

        var run = await muster.RunAsync("imports");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("cannot be reached", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_that_does_not_speak_TLS_is_told_with_the_cause()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var running = muster.RunAsync("imports", "--server", $"https://{listener.LocalEndpoint}", "--key", "muster_0_0");
        using (var caller = await listener.AcceptTcpClientAsync())
            await caller.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray());
        var run = await running;
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("muster: The connection to the server broke: ", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("inner exception", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_command_shows_the_help_on_stderr()
    {
        var run = await muster.RunAsync();

        Assert.Equal(2, run.ExitCode);
        Assert.Empty(run.Output);
        Assert.Contains("import <FILE>", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-odd name.csv")]
    [InlineData("--", "--list")]
    public async Task File_whose_name_begins_like_an_option_is_imported(params string[] file)
    {
        muster.Write(file[^1], "email\nann@example.org\n");

        var run = await muster.RunAsync(["import", "--account", "main", .. file]);

        Assert.Equal((0, ""), (run.ExitCode, run.ExitCode == 0 ? "" : run.Error));
    }

    [Fact]
    public async Task Folder_that_may_not_be_looked_into_is_not_called_empty()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            Assert.Skip("This user may look into every folder.");
            return;
        }
        var folder = Directory.CreateDirectory(Path.Combine(muster.Folder, "closed"), UnixFileMode.None).FullName;

        var run = await muster.RunAsync("imports", "--data", folder);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("denied", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_suppression_is_told_by_its_place_among_the_values()
    {
        var run = await muster.RunAsync("suppressions", "add", "ann@example.org", "nonsense");

        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith("muster: VALUE: Item 2 is no e-mail address", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Values_are_taken_as_typed_and_never_read_from_files()
    {
        muster.Write("list.txt", "--json");

        var run = await muster.RunAsync("import", "@list.txt");

        Assert.Contains("'@list.txt' does not exist", run.Error, StringComparison.Ordinal);
    }
}
