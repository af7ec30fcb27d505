namespace Muster.Tests;

/// <summary>Finds what lies beside the repository in ../shared: corpora that are read, never copied.</summary>
internal static class SharedFolder
{
    /// <summary>Full path of a file below ../shared. Without it the test fails under CI=true and is skipped elsewhere.</summary>
    public static string Path(string relative)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "Muster.slnx")))
            folder = folder.Parent;
        var path = System.IO.Path.GetFullPath(System.IO.Path.Combine(folder?.FullName ?? AppContext.BaseDirectory, "..", "shared", relative));
        if (System.IO.Path.Exists(path))
            return path;
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail($"../shared/{relative} is missing.");
        Assert.Skip($"../shared/{relative} is missing.");
        return path;
    }
}
