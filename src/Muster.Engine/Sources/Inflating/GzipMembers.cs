using System.Buffers.Binary;
using System.IO.Compression;

namespace Muster.Sources.Inflating;

/// <summary>Inflates gzip (RFC 1952), member after member, each held to its checksum and length: what is cut off is damaged, not short.</summary>
/// <remarks>
/// The framework's own gzip stream takes what is cut off for the end, and its deflate stream does not tell where it stopped: the trailer, whose eight bytes
/// are known by then, is looked for in what was last fed to it.
/// </remarks>
/// <param name="source">Read from front to back, at the first member; not disposed. Read as this stream is: at once or asynchronously.</param>
sealed class GzipMembers(Stream source) : ReadOnlyStream
{
    const int HeaderBytes = 10;
    const int TrailerBytes = 8;
    const int HeaderTextMax = 64 * 1024;
    const int WindowBytes = 128 * 1024; // a header's name, or what the inflater asked for last and a trailer
    const byte HasCrc = 2, HasExtra = 4, HasName = 8, HasComment = 16;

    readonly Window window = new(source, WindowBytes);
    uint crc;
    uint length;
    DeflateStream? member;
    State state;

    enum State { Header, Content, Trailer, Padding, Ended }

    public override int Read(Span<byte> buffer)
    {
        while (!buffer.IsEmpty && state != State.Ended)
        {
            if (state == State.Content)
            {
                var read = member!.Read(buffer); // made by the header before
                if (Takes(buffer[..read]))
                    return read;
            }
            else if (!TryStep())
            {
                window.Fill();
            }
        }
        return 0;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty && state != State.Ended)
        {
            if (state == State.Content)
            {
                var read = await member!.ReadAsync(buffer, cancellationToken); // as above
                if (Takes(buffer.Span[..read]))
                    return read;
            }
            else if (!TryStep())
            {
                await window.FillAsync(cancellationToken);
            }
        }
        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            member?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Counts what was inflated. False when the member's content is at its end.</summary>
    bool Takes(ReadOnlySpan<byte> inflated)
    {
        if (!inflated.IsEmpty)
        {
            crc = Crc32.Append(crc, inflated);
            length += (uint)inflated.Length; // modulo 2^32, as the member's trailer has it
            return true;
        }
        if (window.IsPassed)
            throw new InvalidDataException("The gzip member is cut off.");
        member?.Dispose();
        member = null;
        state = State.Trailer;
        return false;
    }

    /// <returns>False when the window must have more before anything can be said.</returns>
    bool TryStep()
    {
        switch (state)
        {
            case State.Header:
                return TryHeader();
            case State.Trailer:
                return TryTrailer();
            default:
                // Zero bytes behind a member are padding, as tapes and block devices leave it; what else is there must be a member.
                window.Skip(window.Unread.IndexOfAnyExcept((byte)0) is >= 0 and var padding ? padding : window.Unread.Length);
                if (window.Unread.IsEmpty && !window.HasEnded)
                    return false;
                state = window.Unread.IsEmpty ? State.Ended : State.Header;
                return true;
        }
    }

    bool TryHeader()
    {
        var header = window.Unread;
        if (header.Length < HeaderBytes)
            return window.HasEnded ? throw new InvalidDataException("No gzip member begins here.") : false;
        if (header[0] != 0x1F || header[1] != 0x8B || header[2] != 8)
            throw new InvalidDataException("No gzip member begins here.");
        var end = HeaderBytes;
        if ((header[3] & HasExtra) != 0)
            end = header.Length < end + 2 ? int.MaxValue : end + 2 + BinaryPrimitives.ReadUInt16LittleEndian(header[end..]);
        if ((header[3] & HasName) != 0)
            end = TextEnd(header, end);
        if ((header[3] & HasComment) != 0)
            end = TextEnd(header, end);
        if ((header[3] & HasCrc) != 0 && end < int.MaxValue)
            end += 2;
        if (end > header.Length)
        {
            return window.HasEnded ? throw new InvalidDataException("The gzip header is cut off.")
                : header.Length > HeaderTextMax + WindowBytes / 4 ? throw new InvalidDataException("The gzip header does not end.") : false;
        }
        window.Skip(end);
        (crc, length) = (0, 0);
        member = new DeflateStream(window, CompressionMode.Decompress, leaveOpen: true);
        state = State.Content;
        return true;
    }

    /// <summary>Where the text that begins here ends, its zero byte included; int.MaxValue when that is not to be seen.</summary>
    static int TextEnd(ReadOnlySpan<byte> header, int start)
    {
        if (start > header.Length)
            return int.MaxValue;
        var end = header[start..].IndexOf((byte)0);
        return end < 0 ? int.MaxValue : start + end + 1;
    }

    bool TryTrailer()
    {
        Span<byte> trailer = stackalloc byte[TrailerBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, crc);
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[4..], length);
        var at = window.Fed.IndexOf(trailer);
        if (at < 0)
        {
            return window.HasEnded || window.Unread.Length >= TrailerBytes
                ? throw new InvalidDataException("The gzip member is cut off, or not what its checksum says.") : false;
        }
        window.BackTo(at + TrailerBytes);
        state = State.Padding;
        return true;
    }

    /// <summary>The packed bytes between what is done with and what the source has not given yet; the inflater reads through it.</summary>
    sealed class Window(Stream source, int bytes) : ReadOnlyStream
    {
        readonly byte[] held = new byte[bytes];
        int fed;
        int last;
        int at;
        int end;

        public bool HasEnded { get; private set; }

        /// <summary>The inflater has asked for more than there is.</summary>
        public bool IsPassed { get; private set; }

        public ReadOnlySpan<byte> Unread => held.AsSpan(at, end - at);

        /// <summary>What the inflater was given last, in the last two times, and what is behind that.</summary>
        public ReadOnlySpan<byte> Fed => held.AsSpan(fed, end - fed);

        public void Fill() => Grow(source.Read(Room().Span));

        public async ValueTask FillAsync(CancellationToken cancellationToken) => Grow(await source.ReadAsync(Room(), cancellationToken));

        public override int Read(Span<byte> buffer)
        {
            if (at == end && !HasEnded)
                Fill();
            return Give(buffer);
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (at == end && !HasEnded)
                await FillAsync(cancellationToken);
            return Give(buffer.Span);
        }

        public void Skip(int count)
        {
            at += count;
            (fed, last) = (at, at);
        }

        /// <param name="place">In <see cref="Fed"/>.</param>
        public void BackTo(int place)
        {
            at = fed + place;
            (fed, last) = (at, at);
        }

        int Give(Span<byte> buffer)
        {
            IsPassed |= at == end;
            if (at == end)
                return 0;
            (fed, last) = (last, at);
            var given = Math.Min(buffer.Length, end - at);
            held.AsSpan(at, given).CopyTo(buffer);
            at += given;
            return given;
        }

        void Grow(int count)
        {
            HasEnded = count == 0;
            end += count;
        }

        /// <summary>Room for more; what is no longer needed gives way.</summary>
        Memory<byte> Room()
        {
            if (end == held.Length)
            {
                held.AsSpan(fed, end - fed).CopyTo(held);
                (fed, last, at, end) = (0, last - fed, at - fed, end - fed);
            }
            return held.AsMemory(end);
        }
    }
}
