using System.Text.RegularExpressions;
using Muster.Contacts;

namespace Muster.Tests.Tidy;

/// <summary>What the documents say exists, exists.</summary>
public sealed class DocumentTests
{
    const int ReadmeLinesMax = 150;

    static readonly ErrorCode[] Codes = [.. Enum.GetValues<ErrorCode>().Where(c => c != ErrorCode.None)];

    [Fact]
    public void Every_error_code_is_documented_and_every_documented_code_exists() =>
        Assert.Equal(Codes.Select(c => c.Name()).Order(), ErrorSections().Keys.Order());

    [Fact]
    public void Every_documented_error_code_has_a_cause_and_a_remedy() => Repository.AssertNone(
        from section in ErrorSections()
        where !section.Value.Contains("\n- **Cause**: ", StringComparison.Ordinal) || !section.Value.Contains("\n- **Remedy**: ", StringComparison.Ordinal)
        select section.Key);

    [Fact]
    public void Every_error_code_has_a_message_and_a_number_of_its_own()
    {
        Assert.All(Codes, c => Assert.EndsWith(".", c.Message(), StringComparison.Ordinal));
        Assert.Equal(Enum.GetNames<ErrorCode>().Length, Enum.GetValues<ErrorCode>().Distinct().Count());
    }

    [Fact]
    public void Every_relative_link_resolves() => Repository.AssertNone(
        from file in Repository.Under("", ".md")
        from target in LinksOf(file)
        where !Regex.IsMatch(target, @"^(?:[a-z][a-z0-9+.-]*:|//)", RegexOptions.IgnoreCase) && !Resolves(file, target)
        select $"{file}: {target}");

    [Fact]
    public void Every_path_in_a_document_exists() => Repository.AssertNone(
        from file in Repository.Under("", ".md")
        where file != "CHANGELOG.md"
        from Match path in Regex.Matches(Repository.Read(file), @"`((?:src|tests|docs|samples|bench|ui|\.ci)/[\w./-]+)`")
        where !Exists(path.Groups[1].Value)
        select $"{file}: {path.Groups[1].Value}");

    [Fact]
    public void The_readme_is_short()
    {
        if (File.Exists(Repository.Full("README.md")))
            Assert.InRange(File.ReadLines(Repository.Full("README.md")).Count(), 1, ReadmeLinesMax);
    }

    [Fact]
    public void A_decision_record_fits_on_a_screen() => Repository.AssertNone(
        from file in Repository.Under("docs/decisions/", ".md")
        let lines = File.ReadLines(Repository.Full(file)).Count()
        where lines > 50 || !Regex.IsMatch(file, @"/\d{4}-[a-z0-9-]+\.md$")
        select $"{file}: {lines} lines");

    [Fact]
    public void Every_decision_record_is_in_the_index_under_its_own_title()
    {
        var index = Repository.Read("docs/decisions.md");
        Repository.AssertNone(
            from file in Repository.Under("docs/decisions/", ".md")
            let heading = File.ReadLines(Repository.Full(file)).First() // "# 0001 Decisions are recorded"
            let number = Path.GetFileName(file)[..4]
            where heading[2..6] != number || !index.Contains($"\n- [{number}]({file["docs/".Length..]}) {heading[7..]}", StringComparison.Ordinal)
            select $"{file}: {heading}");
    }

    [Fact]
    public void Every_page_of_the_documents_is_found_from_the_readme()
    {
        var found = new HashSet<string> { "README.md" };
        for (var open = new Queue<string>(found); open.TryDequeue(out var file);)
        {
            foreach (var link in LinksOf(file).Select(l => l.Split('#')[0]).Where(l => l.EndsWith(".md", StringComparison.Ordinal) && !l.Contains(':', StringComparison.Ordinal)))
            {
                var aim = Path.GetRelativePath(Repository.Root, Repository.Full(Path.Combine(Path.GetDirectoryName(file)!, link))).Replace('\\', '/');
                if (found.Add(aim) && Exists(aim))
                    open.Enqueue(aim);
            }
        }
        Repository.AssertNone(Repository.Under("docs/", ".md").Where(f => !found.Contains(f)));
    }

    /// <summary>Text of each section of docs/error-codes.md by the code in its heading.</summary>
    static Dictionary<string, string> ErrorSections() => Repository.Read("docs/error-codes.md").Split("\n### ")[1..]
        .ToDictionary(s => s[..s.IndexOf('\n', StringComparison.Ordinal)], s => s);

    static IEnumerable<string> LinksOf(string file) =>
        from Match link in Regex.Matches(WithoutCode(file), @"\]\(\s*<?([^)\s>]+)>?[^)]*\)|^\[[^\]]+\]:\s*(\S+)", RegexOptions.Multiline)
        select link.Groups[1].Success ? link.Groups[1].Value : link.Groups[2].Value;

    static bool Resolves(string file, string target)
    {
        var (path, anchor) = target.Split('#', 2) is [var before, var after] ? (before, after) : (target, "");
        // "/x" is the repository's root for those who render it.
        var aim = path.Length == 0 ? file : path[0] == '/' ? path[1..] : Path.Combine(Path.GetDirectoryName(file)!, Uri.UnescapeDataString(path));
        aim = Path.GetRelativePath(Repository.Root, Repository.Full(aim)).Replace('\\', '/');
        return Exists(aim) && (anchor.Length == 0 || !aim.EndsWith(".md", StringComparison.Ordinal) || Anchors(aim).Contains(anchor));
    }

    static bool Exists(string path) =>
        Repository.Files.Contains(path) || Repository.Files.Any(f => f.StartsWith(path.TrimEnd('/') + "/", StringComparison.Ordinal));

    /// <summary>The names GitHub gives to headings: lower case, punctuation dropped, spaces to dashes, "-1" after the second of the same name.</summary>
    static HashSet<string> Anchors(string file)
    {
        var anchors = new HashSet<string>(StringComparer.Ordinal);
        foreach (Match heading in Regex.Matches(WithoutFences(file), @"^#{1,6}\s+(.+?)\s*#*$", RegexOptions.Multiline))
        {
            var text = Regex.Replace(heading.Groups[1].Value, @"\[([^\]]*)\]\([^)]*\)", "$1");
#pragma warning disable CA1308 // anchors are lower case
            var name = Regex.Replace(text.ToLowerInvariant(), @"[^\p{L}\p{N}\s_-]", "").Replace(' ', '-');
#pragma warning restore CA1308
            for (var n = 0; !anchors.Add(n == 0 ? name : $"{name}-{n}"); n++) { }
        }
        foreach (Match id in Regex.Matches(Repository.Read(file), @"<a\s+(?:id|name)=""([^""]+)""")) anchors.Add(id.Groups[1].Value);
        return anchors;
    }

    static string WithoutFences(string file) => Regex.Replace(Repository.Read(file), @"^(```+|~~~+).*?^\1", "", RegexOptions.Multiline | RegexOptions.Singleline);

    static string WithoutCode(string file) => Regex.Replace(WithoutFences(file), "`[^`\n]*`", "");
}
