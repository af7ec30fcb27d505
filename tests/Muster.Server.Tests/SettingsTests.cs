using System.Collections;
using System.Text.RegularExpressions;
using Muster.Server.Hosting;

namespace Muster.Server.Tests;

public sealed class SettingsTests
{
    static readonly Dictionary<string, string?> None = [];

    [Fact]
    public void An_option_beats_the_environment_and_that_beats_the_file()
    {
        using var folder = new TestFolder();
        var file = folder.File("muster.json");
        File.WriteAllText(file, """{"batch_rows_max": 1, "lease_seconds": 2, "drain_seconds": 3}""");
        var loaded = SettingsLoader.Load(
            new Dictionary<string, string?> { ["batch-rows-max"] = "100", ["urls"] = null },
            new Hashtable { ["MUSTER_BATCH_ROWS_MAX"] = "200", ["MUSTER_LEASE_SECONDS"] = "20", ["MUSTER_TOKEN"] = "x" }, file);
        Assert.Equal((100, 20, 3), (loaded.Muster.BatchRowsMax, loaded.Muster.LeaseSeconds, loaded.Muster.DrainSeconds));
        Assert.Equal(new ServerSettings(), loaded.Server);
    }

    [Theory]
    [InlineData("MUSTER_BATCH_ROWS_MAX", "0")]
    [InlineData("MUSTER_BATCH_ROWS_MAX", "many")]
    [InlineData("MUSTER_BATCH_ROWS_MAX", "99999999999")]
    [InlineData("MUSTER_KEY_CACHE_SECONDS", "6")]
    public void A_bad_value_is_refused_with_its_name(string name, string value) =>
        Assert.Contains(name, Assert.Throws<SettingsException>(() => SettingsLoader.Load(None, new Hashtable { [name] = value }, null)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_switch_is_true_or_false() => Assert.Equal(
        "MUSTER_NETCORE_LEGACY200_ERRORS must be true or false.",
        Assert.Throws<SettingsException>(() => SettingsLoader.Load(None, new Hashtable { ["MUSTER_NETCORE_LEGACY200_ERRORS"] = "yes" }, null)).Message);

    [Fact]
    public void Unknown_options_are_refused() =>
        Assert.Throws<SettingsException>(() => SettingsLoader.Load(new Dictionary<string, string?> { ["batch-row-max"] = "1" }, new Hashtable(), null));

    [Theory]
    [InlineData("MUSTER_BATCH_ROW_MAX", "MUSTER_BATCH_ROWS_MAX")]
    [InlineData("MUSTER_BATCH_MAX_ROWS", "MUSTER_BATCH_ROWS_MAX")]
    [InlineData("MUSTER_BATCHROWSMAX", "MUSTER_BATCH_ROWS_MAX")]
    [InlineData("Muster_Lease_Seconds", "MUSTER_LEASE_SECONDS")]
    public void A_misspelt_variable_is_refused_with_what_was_meant(string typed, string meant)
    {
        var message = Assert.Throws<SettingsException>(() => SettingsLoader.Load(None, new Hashtable { [typed] = "20" }, null)).Message;
        Assert.Equal($"{typed} is no setting. Did you mean {meant}?", message);
    }

    [Fact]
    public void Variables_of_others_that_begin_like_ours_are_remarked_upon_and_ignored()
    {
        var loaded = SettingsLoader.Load(
            None,
            new Hashtable
            {
                ["MUSTER_PORT"] = "tcp://10.0.0.1:8080", ["MUSTER_SERVICE_HOST"] = "10.0.0.1", ["MUSTER_LONG"] = "1", ["MUSTER_URL"] = "http://x.test", ["MUSTER_UPDATE_GOLDEN"] = "",
                ["MUSTER_KEY"] = "k", ["MUSTER_SERVER"] = "s", ["MUSTER_DATA"] = "d", ["PATH"] = "/bin",
            },
            null);
        Assert.Equal(["MUSTER_LONG", "MUSTER_PORT", "MUSTER_SERVICE_HOST", "MUSTER_URL"], loaded.Remarks.Select(r => r.Split(' ')[0]));
        Assert.Contains("MUSTER_URLS", loaded.Remarks[3], StringComparison.Ordinal);
        Assert.Equal("d", loaded.Muster.Data);
    }

    [Fact]
    public void A_member_of_the_file_that_is_no_setting_is_refused_with_what_was_meant()
    {
        using var folder = new TestFolder();
        var file = folder.File("muster.json");
        File.WriteAllText(file, """{"lease_second": 2}""");
        var message = Assert.Throws<SettingsException>(() => SettingsLoader.Load(None, new Hashtable(), file)).Message;
        Assert.Equal("muster.json holds lease_second, which is no setting. Did you mean lease_seconds?", message);
    }

    [Fact]
    public void Every_setting_is_documented_with_its_default()
    {
        var text = Repository.Read("docs/operating.md");
        var missing = SettingsLoader.Describe().Where(s => !Regex.IsMatch(text, $@"^\| `{s.Name}` \| `{Regex.Escape(s.Default)}` \|", RegexOptions.Multiline)).Select(s => s.Name);
        Assert.Empty(missing);
    }
}
