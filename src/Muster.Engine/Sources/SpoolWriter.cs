namespace Muster.Sources;

/// <summary>A file of the spool that is being written: it is there for good once it is kept, and gone when it is not.</summary>
public sealed class SpoolWriter : IDisposable
{
    readonly string folder;
    readonly string unfinished;
    FileStream? file;
    bool kept;

    internal SpoolWriter(string folder, string name, string unfinished)
    {
        (this.folder, Name, this.unfinished) = (folder, name, unfinished);
        file = new(unfinished, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, bufferSize: 0);
    }

    /// <summary>File name in the spool folder, once kept.</summary>
    public string Name { get; }

    /// <summary>The file: to be written, and to be read where it lies, kept or not.</summary>
    public FileStream Stream => file ?? throw new ObjectDisposedException(nameof(SpoolWriter));

    /// <summary>Puts the file under its name, durably: fsync → rename → fsync of the folder.</summary>
    public void Keep()
    {
        Stream.Flush(flushToDisk: true);
        File.Move(unfinished, Path.Combine(folder, Name));
        kept = true;
        DurableFolder.Sync(folder);
    }

    public void Dispose()
    {
        if (file is null)
            return;
        file.Dispose();
        file = null;
        if (!kept)
            File.Delete(unfinished);
    }
}
