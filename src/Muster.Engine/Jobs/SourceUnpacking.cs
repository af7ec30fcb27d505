using Muster.Contacts;
using Muster.Formats.Packing;
using Muster.Sources;

namespace Muster.Jobs;

/// <summary>What became of unpacking a spooled source.</summary>
abstract record UnpackingResult
{
    /// <summary>It was not packed.</summary>
    public sealed record AsItCame : UnpackingResult;

    /// <summary>What was inside lies in the spool under its own name, beside what came.</summary>
    public sealed record Unpacked(SpooledSource Content, SourcePacking Packing) : UnpackingResult;

    public sealed record Refused(ErrorCode Code, string Detail) : UnpackingResult;
}

/// <summary>Inflates gzip and zip into the spool, once: offsets, rejects, resuming and erasing then refer to bytes that can be read from any place.</summary>
static class SourceUnpacking
{
    /// <exception cref="SourceException">The source has expired.</exception>
    public static async Task<UnpackingResult> UnpackAsync(Spool spool, string name, MusterSettings settings, CancellationToken cancellationToken)
    {
        var stream = spool.TryOpen(name) ?? throw new SourceException(ErrorCode.SourceExpired, ErrorCode.SourceExpired.Message());
        switch (PackedSource.Open(stream, settings))
        {
            case PackingResult.Refused refused:
                return new UnpackingResult.Refused(refused.Code, refused.Detail);
            case PackingResult.Packed packed:
                await using (packed.Content)
                    return await InflateAsync(spool, packed, settings, cancellationToken);
            default:
                await stream.DisposeAsync();
                return new UnpackingResult.AsItCame();
        }
    }

    /// <summary>Says what is wrong with an archive that was accepted without being readable.</summary>
    /// <exception cref="SourceException">The source is a damaged archive, or one that inflates beyond a limit.</exception>
    public static void RefuseDamaged(Spool spool, string? name, MusterSettings settings)
    {
        if (spool.TryOpen(name) is not { } stream)
            return;
        switch (PackedSource.Open(stream, settings))
        {
            case PackingResult.Refused refused:
                throw new SourceException(refused.Code, refused.Detail);
            case PackingResult.Packed packed:
                using (packed.Content)
                    packed.Content.CopyTo(Stream.Null);
                break;
            default:
                stream.Dispose();
                break;
        }
    }

    static async Task<UnpackingResult> InflateAsync(Spool spool, PackingResult.Packed packed, MusterSettings settings, CancellationToken cancellationToken)
    {
        SpoolResult result;
        try
        {
            result = await spool.ReceiveAsync(packed.Content, settings.InflatedBytesMax, cancellationToken);
        }
        catch (SourceException e)
        {
            return new UnpackingResult.Refused(e.Code, e.Message);
        }
        switch (result)
        {
            case SpoolResult.TooLarge:
                return new UnpackingResult.Refused(ErrorCode.InflatedTooLarge, $"The source inflates to more than {settings.InflatedBytesMax} bytes, which inflated_bytes_max allows.");
            case SpoolResult.DiskFull:
                return new UnpackingResult.Refused(ErrorCode.DiskFull, ErrorCode.DiskFull.Message());
        }
        var content = ((SpoolResult.Spooled)result).Source;
        using var inside = spool.TryOpen(content.Name);
        if (inside is not null && PackedSource.IsArchive(inside, settings))
        {
            spool.Delete(content.Name);
            return new UnpackingResult.Refused(ErrorCode.UnsupportedFormat, $"The {packed.Kind} archive holds another archive. Send what is in it.");
        }
        return new UnpackingResult.Unpacked(content, new(packed.Kind, packed.Entry, content.Bytes));
    }
}
