using System.Reflection;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Mapping;

namespace Muster.Tests.Jobs;

public sealed class ProfileChoiceTests
{
    /// <summary>What an import alone says, what Muster notes of it, and what only façades set.</summary>
    static readonly string[] NotOfProfiles = ["TagIds", "Fields", "Profile", "DryRun", "OnConflict", "WebhookUrl", "NotifyEmail", "Consent", "AllowResubscribe", "ListMembersMax"];

    public static TheoryData<string> OptionsOfProfiles => [.. typeof(ImportOptions).GetProperties().Where(p => p.CanWrite && !NotOfProfiles.Contains(p.Name)).Select(p => p.Name)];

    [Theory]
    [MemberData(nameof(OptionsOfProfiles))]
    public void Every_option_that_a_profile_may_hold_reaches_the_imports_that_it_reads(string option)
    {
        var property = typeof(ImportOptions).GetProperty(option)!; // of the list above
        var usual = new ImportOptions();
        property.SetValue(usual, Sample(property));
        var merged = ProfileChoice.Merge(new(), new(7, "CRM", 3, usual, [], default));
        Assert.Equal(property.GetValue(usual), property.GetValue(merged));
        Assert.Equal("CRM@3", merged.Profile);
    }

    static object Sample(PropertyInfo property) => property.PropertyType switch
    {
        var t when t == typeof(string) => "x",
        var t when t == typeof(bool?) => true,
        var t when t == typeof(int?) => 3,
        var t when t == typeof(long?) => 3L,
        var t when t == typeof(IReadOnlyList<int>) => (int[])[1],
        var t when t == typeof(IReadOnlyList<string>) => (string[])["x"],
        var t when t == typeof(IReadOnlyList<MappingRule>) => (MappingRule[])[new() { Column = "a", Field = "email" }],
        var t when t == typeof(IReadOnlyDictionary<string, string>) => new Dictionary<string, string> { ["a"] = "b" },
        var t when t == typeof(IReadOnlyDictionary<string, double?>) => new Dictionary<string, double?> { [HoldRules.Drift] = 2 },
        var t => throw new NotSupportedException($"{property.Name} is a {t.Name}: give it a sample."),
    };
}
