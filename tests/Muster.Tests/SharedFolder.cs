namespace Muster.Tests;

/// <summary>The corpora that lie beside the project, never inside it.</summary>
static class SharedFolder
{
    /// <summary>Full path of a file or folder under <c>../shared</c>. Missing: fails when CI is true, otherwise skips the test aloud.</summary>
    public static string Path(string relative)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "Muster.slnx")))
            folder = folder.Parent;
        var path = System.IO.Path.Combine(folder?.Parent?.FullName ?? "", "shared", relative);
        if (!File.Exists(path) && !Directory.Exists(path))
        {
            var message = $"../shared/{relative} is missing";
            if (Environment.GetEnvironmentVariable("CI") == "true")
                Assert.Fail(message);
            Assert.Skip(message);
        }
        return path;
    }
}
