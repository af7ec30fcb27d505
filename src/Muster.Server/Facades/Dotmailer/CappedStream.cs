using Muster.Sources;

namespace Muster.Server.Facades.Dotmailer;

/// <summary>A file on its way in, refused as soon as it is longer than it may be.</summary>
sealed class CappedStream(Stream inner, long bytesMax) : ReadOnlyStream
{
    long bytes;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        bytes += read;
        return bytes <= bytesMax ? read : throw VendorError.FileTooLarge(bytesMax);
    }

    public override long Position { get => bytes; set => throw new NotSupportedException(); }
}
