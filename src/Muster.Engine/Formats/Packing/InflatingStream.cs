using Muster.Contacts;
using Muster.Sources;
using Muster.Sources.Inflating;

namespace Muster.Formats.Packing;

/// <summary>What a zip archive's directory says of an entry.</summary>
readonly record struct InflatedSum(long Bytes, uint Crc32);

/// <summary>The content of a packed source, held to the limits while it is inflated and to its checksum at its end.</summary>
/// <param name="inner">Inflates.</param>
/// <param name="owned">Disposed behind <paramref name="inner"/>, in order.</param>
/// <param name="packedBytes">What the ratio is taken of.</param>
/// <param name="expected">Null: the inflater checks it by itself.</param>
sealed class InflatingStream(Stream inner, IDisposable[] owned, long packedBytes, InflatedSum? expected, MusterSettings settings) : ReadOnlyStream
{
    /// <summary>Small contents may be as dense as they like.</summary>
    const long RatioFrom = 16 << 20;

    uint crc;
    long inflated;

    public override long Position
    {
        get => inflated;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        int read;
        try
        {
            read = inner.Read(buffer);
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException || (e is IOException and not SourceException))
        {
            throw new SourceException(ErrorCode.ArchiveDamaged, $"The archive is damaged or cut off after {inflated} bytes of content. Send it again, or send what is in it.");
        }
        inflated += read;
        if (inflated > settings.InflatedBytesMax)
            throw new SourceException(ErrorCode.InflatedTooLarge, $"The source inflates to more than {settings.InflatedBytesMax} bytes, which inflated_bytes_max allows.");
        if (inflated > RatioFrom && inflated / settings.InflatedRatioMax > packedBytes)
            throw new SourceException(ErrorCode.InflatedTooLarge, $"The source's {packedBytes} bytes inflate to more than {settings.InflatedRatioMax} times as many, which inflated_ratio_max allows.");
        if (expected is { } sum && !buffer.IsEmpty)
        {
            crc = Crc32.Append(crc, buffer[..read]);
            if (read == 0 && (inflated != sum.Bytes || crc != sum.Crc32))
                throw new SourceException(ErrorCode.ArchiveDamaged, "The archive's content is not what its checksum says. Send it again, or send what is in it.");
        }
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            foreach (var thing in owned)
                thing.Dispose();
        }
        base.Dispose(disposing);
    }
}
