namespace Muster.Cli.Output;

/// <summary>Where a download goes: stdout, a file that appears only when it is whole, or a pipe or device as it comes.</summary>
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
        if (path.Length == 0)
            throw new UsageException("-o is empty. Name a file, or leave it out for stdout.");
        await using (var stream = OpenStream(path))
        {
            if (stream is not null)
            {
                await write(stream);
                return;
            }
        }
        var link = new FileInfo(path);
        await WriteFileAsync(link.LinkTarget is null ? path : link.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path, write); // a link stays a link
    }

    static async Task WriteFileAsync(string path, Func<Stream, Task> write)
    {
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

    /// <summary>A pipe or a device, through which bytes go and in which none stay; null for a file. A file moved into the place of /dev/null would break the machine.</summary>
    static FileStream? OpenStream(string path)
    {
        if (OperatingSystem.IsWindows() || !File.Exists(path))
            return null;
        FileStream file;
        try
        {
            file = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        }
        catch (UnauthorizedAccessException)
        {
            return null; // a file that may be replaced, if not written
        }
        var full = Path.GetFullPath(path);
        if (!file.CanSeek || full.StartsWith("/dev/", StringComparison.Ordinal) || full.StartsWith("/proc/", StringComparison.Ordinal))
            return file;
        file.Dispose();
        return null;
    }
}
