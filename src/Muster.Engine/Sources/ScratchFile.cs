using Microsoft.Win32.SafeHandles;

namespace Muster.Sources;

/// <summary>A file that holds for a while what does not fit in memory, and that nobody else opens.</summary>
static class ScratchFile
{
    /// <param name="folder">Existing or new.</param>
    /// <param name="kind">Extension of its name, while it has one.</param>
    public static SafeFileHandle Open(string folder, string kind)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $"{Guid.CreateVersion7():n}.{kind}");
        // Where a file can lose its name while it is open, it does so at once: a crash then leaves nothing behind either.
        var options = OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None;
        var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, options);
        if (!OperatingSystem.IsWindows())
            File.Delete(path);
        return file;
    }
}
