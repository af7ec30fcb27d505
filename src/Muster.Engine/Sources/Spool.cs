using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Muster.Sources;

/// <summary>Bytes that lie durably in the spool folder.</summary>
/// <param name="Name">File name in the spool folder.</param>
/// <param name="Sha256">Lower-case hex.</param>
public sealed record SpooledSource(string Name, long Bytes, string Sha256)
{
    /// <summary>Known to be ASCII without an escape sign: then there is no encoding to look for.</summary>
    public bool IsPlain { get; init; }
}

/// <summary>What became of bytes sent to the spool.</summary>
public abstract record SpoolResult
{
    public sealed record Spooled(SpooledSource Source) : SpoolResult;
    public sealed record TooLarge(long BytesMax) : SpoolResult;
    public sealed record DiskFull(long BytesFree, long BytesFreeMin) : SpoolResult;
}

/// <summary>Keeps the bytes of sources, so that an import can be resumed and its rejects returned as they were sent.</summary>
/// <remarks>A file appears under its name only when it is whole and on the disk: temporary name → fsync → rename → fsync of the folder.</remarks>
public sealed class Spool
{
    const string Unfinished = ".part";
    readonly MusterSettings settings;

    public Spool(MusterSettings settings)
    {
        this.settings = settings;
        Turns = new(settings.WorkbooksConcurrent);
        Directory.CreateDirectory(settings.SpoolFolder);
    }

    public Task<SpoolResult> ReceiveAsync(Stream content, CancellationToken cancellationToken) => ReceiveAsync(content, settings.SourceBytesMax, cancellationToken);

    /// <param name="bytesMax">What is longer is <see cref="SpoolResult.TooLarge"/>, and leaves nothing behind.</param>
    public async Task<SpoolResult> ReceiveAsync(Stream content, long bytesMax, CancellationToken cancellationToken)
    {
        if (BelowFreeDiskFloor(out var free))
            return new SpoolResult.DiskFull(free, settings.FreeDiskMin);

        var name = Guid.CreateVersion7().ToString("N");
        var path = PathOf(name);
        var unfinished = path + Unfinished;
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 20);
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            long bytes = 0;
            var plain = true;
            await using (var file = new FileStream(unfinished, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                int read;
                while ((read = await content.ReadAsync(buffer, cancellationToken)) > 0)
                {
                    bytes += read;
                    if (bytes > bytesMax)
                    {
                        File.Delete(unfinished);
                        return new SpoolResult.TooLarge(bytesMax);
                    }
                    // Looked at by one core while the other writes.
                    var looking = Task.Run(
                        () =>
                        {
                            hash.AppendData(buffer, 0, read);
                            plain = plain && IsPlain(buffer.AsSpan(0, read));
                        }, CancellationToken.None);
                    try
                    {
                        await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                    }
                    finally
                    {
                        await looking;
                    }
                }
                file.Flush(flushToDisk: true);
            }
            File.Move(unfinished, path);
            DurableFolder.Sync(settings.SpoolFolder);
            return new SpoolResult.Spooled(new(name, bytes, Convert.ToHexStringLower(hash.GetHashAndReset())) { IsPlain = plain });
        }
        catch (IOException e) when (DurableFolder.IsDiskFull(e))
        {
            File.Delete(unfinished);
            _ = BelowFreeDiskFloor(out free);
            return new SpoolResult.DiskFull(free, settings.FreeDiskMin);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    static bool IsPlain(ReadOnlySpan<byte> bytes) => Ascii.IsValid(bytes) && !bytes.Contains((byte)'\x1B');

    /// <summary>Waited for before a workbook is read into the spool: so many at once, and no more.</summary>
    public SemaphoreSlim Turns { get; }

    /// <summary>Begins a file that Muster writes itself, such as a sheet's text. Null while the disk is below its floor.</summary>
    /// <param name="suffix">What its name ends with.</param>
    public SpoolWriter? TryCreate(string suffix)
    {
        if (BelowFreeDiskFloor(out _))
            return null;
        var name = Guid.CreateVersion7().ToString("N") + suffix;
        return new(settings.SpoolFolder, name, PathOf(name) + Unfinished);
    }

    public string PathOf(string name) => Path.Combine(settings.SpoolFolder, name);

    /// <summary>False once the source has expired.</summary>
    public bool Exists(string? name) => name is not null && File.Exists(PathOf(name));

    /// <summary>Opens a spooled source for reading. Null when it has expired.</summary>
    public FileStream? TryOpen(string? name)
    {
        if (name is null || !File.Exists(PathOf(name)))
            return null;
        return new(PathOf(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
    }

    /// <summary>Overwrites a range of a source in place.</summary>
    public delegate void Blanking(Span<byte> bytes);

    /// <summary>Overwrites ranges of a source, durably.</summary>
    /// <param name="ranges">Byte offset and length of each.</param>
    /// <param name="blank">Overwrites each; it must leave what ends a record where it is.</param>
    /// <remarks>No import may be reading the source. One that has expired meanwhile holds nothing to blank.</remarks>
    public void Blank(string name, IReadOnlyList<(long Offset, int Length)> ranges, Blanking blank)
    {
        if (!File.Exists(PathOf(name)))
            return;
        using var file = new FileStream(PathOf(name), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        foreach (var (offset, length) in ranges)
        {
            var bytes = new byte[length];
            file.Position = offset;
            file.ReadExactly(bytes);
            blank(bytes);
            file.Position = offset;
            file.Write(bytes);
        }
        file.Flush(flushToDisk: true);
    }

    public void Delete(string name) => File.Delete(PathOf(name));

    /// <summary>Removes what no import needs: files left behind by a crash between spooling and accepting. Only files older than <paramref name="olderThan"/> go, so that a file being accepted stays.</summary>
    public void Sweep(IReadOnlySet<string> inUse, DateTimeOffset olderThan)
    {
        foreach (var path in Directory.EnumerateFiles(settings.SpoolFolder))
        {
            if (!inUse.Contains(Path.GetFileName(path)) && File.GetLastWriteTimeUtc(path) < olderThan.UtcDateTime)
                File.Delete(path);
        }
    }

    bool BelowFreeDiskFloor(out long free)
    {
        free = new DriveInfo(Path.GetFullPath(settings.SpoolFolder)).AvailableFreeSpace;
        return free < settings.FreeDiskMin;
    }
}
