using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Muster.Tests.Tidy;

/// <summary>Rules of style that a machine can check.</summary>
public sealed class SourceTests
{
    const int SourceLinesMax = 600;

    static readonly string[] CodeExtensions = [".cs", ".sql", ".ts", ".tsx", ".css", ".py", ".sh", ".props", ".targets", ".csproj", ""];
    static readonly string[] TextExtensions = [.. CodeExtensions, ".md", ".slnx", ".yml", ".html"];

    [Fact]
    public void Nothing_is_left_for_later() =>
        AssertNowhere(Repository.Under("", CodeExtensions).Where(f => f != "LICENSE" && !Repository.IsVendored(f)), @"\b(TO" + @"DO|FIX" + @"ME|HA" + @"CK)\b");

    [Fact]
    public void No_file_is_folded_into_regions() => AssertNowhere(Repository.Under("", ".cs"), @"^\s*#" + "region");

    [Fact]
    public void No_test_sleeps() =>
        // PeriodicTimer in a loop with a deadline waits for a condition.
        AssertNowhere(Repository.Under("tests/", ".cs"), @"Thread\." + @"Sleep|Task\." + "Delay");

    [Fact]
    public void No_type_has_a_name_that_says_nothing() => Repository.AssertNone(
        from file in Repository.Under("", ".cs")
        from Match found in Regex.Matches(Repository.Code(file),
            @"\b(?:class|struct|record|interface|enum)\s+(\w*(?:Manager|Helper|Util|Service|Processor|Common|Info|Utilitie)s?)\b")
        select $"{file}: {found.Groups[1].Value}");

    [Fact]
    public void Every_log_line_is_source_generated() => Repository.AssertNone(
        from file in Repository.Under("src/", ".cs")
        where Regex.IsMatch(Repository.Code(file), @"\.Log(Trace|Debug|Information|Warning|Error|Critical)\(")
        select file);

    [Fact]
    public void Classes_are_sealed_unless_something_derives_from_them() => Repository.AssertNone(
        from assembly in new[] { "Muster.Engine", "Muster.Sqlite" }.Select(Assembly.Load)
        let types = assembly.GetTypes()
        let bases = types.Select(t => t.BaseType).OfType<Type>().Select(t => t.IsGenericType ? t.GetGenericTypeDefinition() : t).ToHashSet()
        from type in types
        where type is { IsClass: true, IsSealed: false, IsAbstract: false } && !bases.Contains(type)
            && !type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)
        select $"{type.FullName} is neither sealed nor a base class");

    [Fact]
    public void No_source_file_is_longer_than_a_reader_can_hold() => Repository.AssertNone(
        from file in Repository.Under("src/", ".cs", ".ts", ".tsx", ".sql")
        let lines = File.ReadLines(Repository.Full(file)).Count()
        where lines > SourceLinesMax
        select $"{file}: {lines} lines");

    [Fact]
    public void Text_files_end_with_one_line_feed_and_hold_no_carriage_return() => Repository.AssertNone(
        from file in Repository.Under("", TextExtensions)
        where !Repository.IsVendored(file)
        let text = Repository.Read(file)
        where text.Length > 0 && !text.Contains('\0') && (!text.EndsWith('\n') || text.EndsWith("\n\n", StringComparison.Ordinal) || text.Contains('\r'))
        select file);

    [Fact]
    public void No_file_names_a_place_that_only_one_machine_has() => Repository.AssertNone(
        from file in Repository.Files
        let found = Regex.Match(Repository.Read(file),
            @"(?<![\w.-])/wor" + @"k/|(?<![\w.-])/roo" + @"t/|\bfar" + @"m-|""resolved"": ""https?://(?!registry\.npmjs\.org/)")
        where found.Success
        select $"{file}: {found.Value}");

    static void AssertNowhere(IEnumerable<string> files, string pattern) => Repository.AssertNone(
        from file in files
        let found = Regex.Match(Repository.Read(file), pattern, RegexOptions.Multiline)
        where found.Success
        select $"{file}: {found.Value.Trim()}");
}
