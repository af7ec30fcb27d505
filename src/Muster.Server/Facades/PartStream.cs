using Muster.Server.Api;
using Muster.Sources;

namespace Muster.Server.Facades;

/// <summary>A part of a body as it arrives: refuses one that is too long or cut off, so that neither looks like an error of the disk it is written to.</summary>
sealed class PartStream(Stream inner, long bytesMax) : ReadOnlyStream
{
    long read;

    public override long Position { get => read; set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count;
        try
        {
            count = await inner.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception e) when (e is InvalidDataException || (e is IOException && e is not BadHttpRequestException))
        {
            throw new RefusedException(Refusal.Of(400, "malformed_multipart", "The body cannot be used. A part is cut off."));
        }
        read += count;
        return read <= bytesMax ? count : throw new RefusedException(Refusal.Of(400, "file_too_large", $"The file is larger than the {bytesMax} bytes that this call takes. Split it."));
    }
}

/// <summary>Bytes that were read ahead, and then the stream they were read from.</summary>
sealed class JoinedStream(ReadOnlyMemory<byte> head, Stream tail) : ReadOnlyStream
{
    ReadOnlyMemory<byte> left = head;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (left.IsEmpty)
            return tail.ReadAsync(buffer, cancellationToken);
        var count = Math.Min(left.Length, buffer.Length);
        left[..count].CopyTo(buffer);
        left = left[count..];
        return ValueTask.FromResult(count);
    }
}
