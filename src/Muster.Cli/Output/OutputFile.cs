namespace Muster.Cli.Output;

/// <summary>Where a download goes: stdout, or a file that appears only when it is whole.</summary>
static class OutputFile
{
    const string Unfinished = ".part";

    /// <summary>As the other; with <paramref name="json"/> stdout has one document about the file, which must be named then.</summary>
    public static async Task WriteAsync(string? path, bool json, Func<Stream, Task> write, CancellationToken cancellationToken)
    {
        if (json && path is (null or "-"))
            throw new UsageException("--json tells of the file that is written: name it by -o FILE.");
        await WriteAsync(path, write);
        if (json)
            await TellAsync(path!, cancellationToken); // asked for above
    }

    public static Task TellAsync(string path, CancellationToken cancellationToken) =>
        JsonOutput.WriteAsync(new WrittenFile(path, new FileInfo(path).Length), CliJson.Wire.WrittenFile, cancellationToken);

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
