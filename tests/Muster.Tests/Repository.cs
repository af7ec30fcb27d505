using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Muster.Tests;

/// <summary>The repository's own files, for tests that read them. Paths are relative to its root, with forward slashes.</summary>
static class Repository
{
    static readonly string[] IgnoredFolders = ["bin", "obj", ".git", "node_modules", "artifacts", "muster-data", "TestResults", "BenchmarkDotNet.Artifacts"];

    static readonly Lazy<IReadOnlyList<string>> Listed = new(() => [.. ListFiles().Where(f => File.Exists(Full(f))).Order(StringComparer.Ordinal)]);

    static readonly Lazy<string[]> VendoredFolders = new(() => [.. Files.Where(f => f.EndsWith("/LICENSE", StringComparison.Ordinal)).Select(f => f[..^"LICENSE".Length])]);

    /// <summary>The folder that holds Muster.slnx.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every file that git tracks or would track; without git, every file outside the folders that builds make.</summary>
    public static IReadOnlyList<string> Files => Listed.Value;

    public static string Full(string path) => Path.Combine(Root, path);

    public static string Read(string path) => File.ReadAllText(Full(path));

    public static IEnumerable<string> Under(string folder, params string[] extensions) =>
        Files.Where(f => f.StartsWith(folder, StringComparison.Ordinal) && (extensions.Length == 0 || extensions.Contains(Path.GetExtension(f))));

    /// <summary>C# without comments and without what stands inside string literals on one line, so that words in them count for nothing.</summary>
    public static string Code(string path)
    {
        var text = Regex.Replace(Read(path), """
            "(?:\\.|[^"\\\n])*"
            """, "\"\"");
        return Regex.Replace(text, @"//[^\n]*|/\*.*?\*/", "", RegexOptions.Singleline);
    }

    /// <summary>Fails with one line per finding.</summary>
    public static void AssertNone(IEnumerable<string> findings)
    {
        var found = findings.Order(StringComparer.Ordinal).ToList();
        if (found.Count > 0) Assert.Fail(string.Join('\n', found));
    }

    /// <summary>True for what others wrote and we keep as it came: a folder below the root with a licence of its own.</summary>
    public static bool IsVendored(string path) => VendoredFolders.Value.Any(f => path.StartsWith(f, StringComparison.Ordinal));

    static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Muster.slnx"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("No folder above the tests holds Muster.slnx.");
    }

    static IEnumerable<string> ListFiles()
    {
        if (GitFiles() is { } listed) return listed;
        return Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(Root, f).Replace('\\', '/'))
            .Where(f => !f.Split('/').Any(IgnoredFolders.Contains));
    }

    static string[]? GitFiles()
    {
        var start = new ProcessStartInfo("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        {
            WorkingDirectory = Root,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var git = Process.Start(start)!; // null only with UseShellExecute
            var listed = git.StandardOutput.ReadToEnd();
            git.WaitForExit();
            return git.ExitCode == 0 ? listed.Split('\0', StringSplitOptions.RemoveEmptyEntries) : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null; // git is not installed
        }
    }
}
