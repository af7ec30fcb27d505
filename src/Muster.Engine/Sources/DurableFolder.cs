using System.Runtime.InteropServices;

namespace Muster.Sources;

/// <summary>What .NET lacks for durable renames: fsync of a folder (POSIX fsync(2) on a directory descriptor).</summary>
static partial class DurableFolder
{
    const int NoSpaceLeft = 28; // ENOSPC
    const int QuotaExceeded = 122; // EDQUOT

    /// <summary>Puts renames within the folder on the disk. Windows does so by itself.</summary>
    public static void Sync(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        var descriptor = Open(folder, flags: 0);
        if (descriptor < 0)
            throw new IOException($"The folder cannot be opened to sync it (errno {Marshal.GetLastPInvokeError()}).");
        try
        {
            if (FSync(descriptor) != 0)
                throw new IOException($"The folder cannot be synced (errno {Marshal.GetLastPInvokeError()}).");
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    public static bool IsDiskFull(IOException e) => (e.HResult & 0xFFFF) is NoSpaceLeft or QuotaExceeded or 0x70;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
