namespace Muster.Cli.Output;

/// <summary>Where a download goes: stdout, or a file that appears only when it is whole.</summary>
static class OutputFile
{
    const string Unfinished = ".part";

    /// <param name="path">Null or <c>-</c>: stdout.</param>
    public static async Task WriteAsync(string? path, Func<Stream, Task> write)
    {
        if (path is null or "-")
        {
            await using var stdout = Console.OpenStandardOutput();
            await write(stdout);
            return;
        }
        var folder = Path.GetDirectoryName(Path.GetFullPath(path));
        if (!Directory.Exists(folder) || Directory.Exists(path))
            throw new UsageException($"-o '{path}' cannot be written: {(Directory.Exists(path) ? "it is a folder" : "its folder does not exist")}.");
        var unfinished = path + Unfinished;
        try
        {
            await using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write))
                await write(file);
            File.Move(unfinished, path, overwrite: true);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }
}
