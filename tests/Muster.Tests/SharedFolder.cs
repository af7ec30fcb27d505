namespace Muster.Tests;

/// <summary>Finds what lies beside the repository in ../shared: corpora that are read, never copied.</summary>
internal static class SharedFolder
{
    /// <summary>Full path of a file below ../shared. Without it the test fails under CI=true and is skipped elsewhere.</summary>
    public static string Path(string relative)
    {
        var path = System.IO.Path.GetFullPath(Repository.Full($"../shared/{relative}"));
        if (System.IO.Path.Exists(path))
            return path;
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail($"../shared/{relative} is missing.");
        Assert.Skip($"../shared/{relative} is missing.");
        return path;
    }
}
