using System.IO.Compression;
using Muster.Contacts;
using Muster.Sources.Inflating;
using Muster.Sources.Outbound;

namespace Muster.Sources.Remote;

/// <summary>Takes a body's Content-Encoding off (RFC 9110 §8.4), and stops a body that inflates beyond all reason.</summary>
sealed class InflatedBody : ReadOnlyStream
{
    const int CodingsMax = 2;

    /// <summary>A small body may inflate more than the ratio allows, up to here.</summary>
    const int FreeBytes = 1 << 20;

    readonly Stream sent;
    readonly Stream inflated;
    readonly int ratioMax;
    long bytes;

    readonly List<NotedEnd> ends;

    InflatedBody(Stream sent, Stream inflated, List<NotedEnd> ends, int ratioMax) => (this.sent, this.inflated, this.ends, this.ratioMax) = (sent, inflated, ends, ratioMax);

    /// <param name="codings">The values of Content-Encoding, in the order in which they were applied.</param>
    /// <returns>The body itself when nothing was applied to it.</returns>
    public static Stream Of(Stream body, IReadOnlyList<string> codings, int ratioMax)
    {
        var applied = codings.Select(c => c.Trim().ToLowerInvariant()).Where(c => c is not ("" or "identity" or "aws-chunked")).ToList();
        if (applied.Count == 0)
            return body;
        if (applied.Count > CodingsMax)
            throw new OutboundException(ErrorCode.ContentEncodingBroken, $"The body has more than {CodingsMax} Content-Encodings.", again: false);
        var plain = body;
        var notedEnds = new List<NotedEnd>();
        foreach (var coding in Enumerable.Reverse(applied))
        {
            if (coding is "deflate" or "br")
            {
                var noted = new NotedEnd(plain);
                notedEnds.Add(noted);
                plain = noted;
            }
            plain = coding switch
            {
                "gzip" or "x-gzip" => new GzipMembers(plain), // the framework's takes a cut-off body for a whole one
                "deflate" => new ZLibStream(plain, CompressionMode.Decompress),
                "br" => new BrotliStream(plain, CompressionMode.Decompress),
                _ => throw new OutboundException(ErrorCode.ContentEncodingBroken, "The server sent a Content-Encoding that is not read. gzip, deflate and br are.", again: false),
            };
        }
        return new InflatedBody(body, plain, notedEnds, ratioMax);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read;
        try
        {
            read = await inflated.ReadAsync(buffer, cancellationToken);
        }
        catch (InvalidDataException)
        {
            throw new OutboundException(ErrorCode.ContentEncodingBroken, "The body is not what its Content-Encoding says, or is cut off.", again: false);
        }
        if (read == 0 && !buffer.IsEmpty && ends.Exists(e => e.IsPassed))
            throw new OutboundException(ErrorCode.ContentEncodingBroken, "The body is cut off: its Content-Encoding does not end.", again: false);
        bytes += read;
        if (bytes > FreeBytes && bytes > sent.Position * ratioMax)
            throw new OutboundException(ErrorCode.SourceTooLarge, $"The body inflates to more than {ratioMax} times its size, which fetch_inflate_ratio_max allows.", again: false);
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inflated.Dispose();
        base.Dispose(disposing);
    }

    public override long Position { get => bytes; set => throw new NotSupportedException(); }

    /// <summary>Notes that more was asked for than there is: the framework's inflaters do so only when what they inflate is cut off, and say nothing of it.</summary>
    sealed class NotedEnd(Stream inner) : ReadOnlyStream
    {
        public bool IsPassed { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            IsPassed |= read == 0 && !buffer.IsEmpty;
            return read;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
