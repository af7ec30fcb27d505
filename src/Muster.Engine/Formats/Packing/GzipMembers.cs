using System.Buffers.Binary;
using System.IO.Compression;
using Muster.Sources;

namespace Muster.Formats.Packing;

/// <summary>Inflates gzip (RFC 1952), member after member, each held to its checksum and length: a file that is cut off is damaged, not short.</summary>
/// <remarks>
/// The framework's own gzip stream takes what is cut off for the end, and its deflate stream does not tell where it stopped: the trailer, whose eight bytes
/// are known by then, is looked for in what was last fed to it.
/// </remarks>
/// <param name="source">Readable and seekable, at the first member; not disposed.</param>
sealed class GzipMembers(Stream source) : ReadOnlyStream
{
    const int HeaderBytes = 10;
    const int TrailerBytes = 8;
    const int HeaderTextMax = 64 * 1024;
    const byte HasCrc = 2, HasExtra = 4, HasName = 8, HasComment = 16;

    readonly FedStream fed = new(source);
    uint crc;
    uint length;
    DeflateStream? member;
    bool isAtEnd;

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return 0;
        while (!isAtEnd)
        {
            member ??= Begin();
            var read = member.Read(buffer);
            if (read > 0)
            {
                crc = Crc32.Append(crc, buffer[..read]);
                length += (uint)read; // modulo 2^32, as the member's trailer has it
                return read;
            }
            End();
        }
        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            member?.Dispose();
        base.Dispose(disposing);
    }

    DeflateStream Begin()
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        if (source.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes || header[0] != 0x1F || header[1] != 0x8B || header[2] != 8)
            throw new InvalidDataException("No gzip member begins here.");
        if ((header[3] & HasExtra) != 0)
            Skip(Byte() | (Byte() << 8));
        if ((header[3] & HasName) != 0)
            SkipText();
        if ((header[3] & HasComment) != 0)
            SkipText();
        if ((header[3] & HasCrc) != 0)
            Skip(2);
        (crc, length) = (0, 0);
        fed.Begin();
        return new DeflateStream(fed, CompressionMode.Decompress, leaveOpen: true);
    }

    /// <summary>Holds the member to its trailer. Zero bytes behind it are padding, as tapes and block devices leave it; what else is there must be a member.</summary>
    void End()
    {
        member?.Dispose();
        member = null;
        var lookedAt = new byte[source.Position - fed.From + TrailerBytes];
        source.Position = fed.From;
        var looked = lookedAt.AsSpan(0, source.ReadAtLeast(lookedAt, lookedAt.Length, throwOnEndOfStream: false));
        Span<byte> trailer = stackalloc byte[TrailerBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, crc);
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[4..], length);
        var at = looked.IndexOf(trailer);
        if (at < 0)
            throw new InvalidDataException("The gzip member is cut off, or not what its checksum says.");
        source.Position = fed.From + at + TrailerBytes;
        int next;
        while ((next = source.ReadByte()) == 0) { }
        isAtEnd = next < 0;
        if (!isAtEnd)
            source.Position--;
    }

    int Byte() => source.ReadByte() is >= 0 and var b ? b : throw new InvalidDataException("The gzip header is cut off.");

    void Skip(int bytes)
    {
        while (bytes-- > 0)
            Byte();
    }

    void SkipText()
    {
        for (var i = 0; i < HeaderTextMax; i++)
        {
            if (Byte() == 0)
                return;
        }
        throw new InvalidDataException("The gzip header does not end.");
    }

    /// <summary>Notes which bytes were last asked for.</summary>
    sealed class FedStream(Stream source) : ReadOnlyStream
    {
        long last;

        /// <summary>Where the last two reads began: the member ends behind there.</summary>
        public long From { get; private set; }

        public void Begin() => From = last = source.Position;

        public override int Read(Span<byte> buffer)
        {
            if (source.Position != last)
                (From, last) = (last, source.Position);
            return source.Read(buffer);
        }
    }
}
