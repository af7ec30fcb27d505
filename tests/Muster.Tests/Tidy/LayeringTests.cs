using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Muster.Tests.Tidy;

/// <summary>Who may know whom. docs/architecture.md says the same in words.</summary>
public sealed class LayeringTests
{
    const string Engine = "src/Muster.Engine/";

    /// <summary>The stages in the order of the data: each may use those before it. Contacts is shared, Jobs drives them all.</summary>
    static readonly string[] Stages =
        ["Contacts", "Sources", "Formats", "Mapping", "Validation", "Merging", "Storage", "Reports", "Notifications", "Jobs"];

    /// <summary>What a project may reference directly.</summary>
    static readonly Dictionary<string, string[]> ProjectReferences = new()
    {
        ["Muster.Engine"] = [],
        ["Muster.Sqlite"] = ["Muster.Engine"],
        ["Muster.Client"] = [],
        ["Muster.Server"] = ["Muster.Engine", "Muster.Sqlite", "Muster.Client"],
        ["Muster.Cli"] = ["Muster.Server", "Muster.Engine", "Muster.Sqlite", "Muster.Client"],
    };

    [Fact]
    public void A_stage_uses_earlier_stages_only() => Repository.AssertNone(
        from file in EngineFiles()
        let stage = StageOf(file)
        where stage is not null
        let code = Repository.Code(file)
        from later in Stages[(Array.IndexOf(Stages, stage) + 1)..]
        where Regex.IsMatch(code, $@"^\s*(?:global\s+)?using\s[^;]*\bMuster\.{later}\b", RegexOptions.Multiline)
            || Regex.IsMatch(code, $@"\bMuster\.{later}\.")
            || TypesOf(later).Any(type => Regex.IsMatch(code, $@"\b{later}\.{type}\b"))
        select $"{file}: {stage} comes before {later} and may not use it");

    [Fact]
    public void Only_jobs_use_the_pipeline() => Repository.AssertNone(
        from file in EngineFiles()
        where StageOf(file) is not null and not "Jobs" && Regex.IsMatch(Repository.Code(file), @"\bImportPipeline\b")
        select file);

    [Fact]
    public void Every_folder_of_the_engine_is_a_stage() => Repository.AssertNone(
        from file in EngineFiles()
        let folders = file[Engine.Length..].Split('/')
        where folders.Length > 1 && !Stages.Contains(folders[0])
        select $"{file}: {folders[0]} has no place in the order of stages");

    [Fact]
    public void A_namespace_is_its_folder() => Repository.AssertNone(
        from file in Repository.Under("src/", ".cs")
        let declared = Regex.Match(Repository.Code(file), @"^namespace\s+([\w.]+)", RegexOptions.Multiline)
        where declared.Success
        let folders = Path.GetDirectoryName(file)!.Replace('\\', '/').Split('/')[1..]
        let expected = string.Join('.', folders).Replace("Muster.Engine", "Muster", StringComparison.Ordinal)
        where declared.Groups[1].Value != expected
        select $"{file}: namespace {declared.Groups[1].Value}, folder {expected}");

    [Fact]
    public void The_engine_knows_no_web_and_no_database_driver() => Repository.AssertNone(
        from file in EngineFiles()
        let found = Regex.Match(Repository.Code(file), @"\b(Microsoft\.AspNetCore|Microsoft\.Data|Microsoft\.EntityFrameworkCore|System\.Data|Npgsql|SQLitePCL)\b")
        where found.Success
        select $"{file}: {found.Value}");

    [Fact]
    public void Projects_reference_what_the_table_allows() => Repository.AssertNone(
        from file in Repository.Under("src/", ".csproj")
        let project = Path.GetFileNameWithoutExtension(file)
        let allowed = ProjectReferences.GetValueOrDefault(project)
        from problem in allowed is null
            ? [$"{project} is missing in the table"]
            : XDocument.Load(Repository.Full(file)).Descendants("ProjectReference")
                .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/'))) // a reference without Include does not build
                .Except(allowed).Select(r => $"{project} may not reference {r}")
        select problem);

    static IEnumerable<string> EngineFiles() => Repository.Under(Engine, ".cs");

    static string? StageOf(string file) => file[Engine.Length..].Split('/') is [var stage, _, ..] && Stages.Contains(stage) ? stage : null;

    static readonly Dictionary<string, string[]> TypesByStage = Stages.ToDictionary(s => s, s => Repository.Under($"{Engine}{s}/", ".cs")
        .SelectMany(f => Regex.Matches(Repository.Code(f), @"\b(?:class|struct|record|interface|enum|delegate\s+[\w<>\[\]?]+)\s+([A-Z]\w*)"))
        .Select(m => m.Groups[1].Value).Distinct().ToArray());

    static string[] TypesOf(string stage) => TypesByStage[stage];
}
