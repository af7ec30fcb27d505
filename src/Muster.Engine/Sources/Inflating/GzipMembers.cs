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

    readonly Window window = new(WindowBytes);
    uint crc;
    uint length;
    DeflateStream? member;
    State state;
    bool sourceEnded;

    enum State { Header, Content, Trailer, Padding, Ended }

    public override int Read(Span<byte> buffer)
    {
        var read = 0;
        while (!buffer.IsEmpty && !TryRead(buffer, out read))
            Filled(source.Read(window.Room()));
        return read;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = 0;
        while (!buffer.IsEmpty && !TryRead(buffer.Span, out read))
            Filled(await source.ReadAsync(window.RoomAsMemory(), cancellationToken));
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            member?.Dispose();
        base.Dispose(disposing);
    }

    void Filled(int bytes)
    {
        sourceEnded = bytes == 0;
        window.Grow(bytes);
    }

    /// <returns>False when the window must have more before anything can be said.</returns>
    bool TryRead(Span<byte> buffer, out int read)
    {
        read = 0;
        while (true)
        {
            switch (state)
            {
                case State.Header:
                    if (!TryHeader())
                        return false;
                    break;
                case State.Content:
                    window.IsStarved = false;
                    read = member!.Read(buffer); // made by the header before
                    if (read > 0)
                    {
                        crc = Crc32.Append(crc, buffer[..read]);
                        length += (uint)read; // modulo 2^32, as the member's trailer has it
                        return true;
                    }
                    if (window.IsStarved)
                        return sourceEnded ? throw new InvalidDataException("The gzip member is cut off.") : false;
                    member.Dispose();
                    member = null;
                    state = State.Trailer;
                    break;
                case State.Trailer:
                    if (!TryTrailer())
                        return false;
                    break;
                case State.Padding:
                    // Zero bytes behind a member are padding, as tapes and block devices leave it; what else is there must be a member.
                    window.Skip(window.Unread.IndexOfAnyExcept((byte)0) is >= 0 and var padding ? padding : window.Unread.Length);
                    if (window.Unread.IsEmpty && !sourceEnded)
                        return false;
                    state = window.Unread.IsEmpty ? State.Ended : State.Header;
                    break;
                default:
                    return true;
            }
        }
    }

    bool TryHeader()
    {
        var header = window.Unread;
        if (header.Length < HeaderBytes)
            return sourceEnded ? throw new InvalidDataException("No gzip member begins here.") : false;
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
            return sourceEnded ? throw new InvalidDataException("The gzip header is cut off.")
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
            return sourceEnded || window.Unread.Length >= TrailerBytes
                ? throw new InvalidDataException("The gzip member is cut off, or not what its checksum says.") : false;
        }
        window.BackTo(at + TrailerBytes);
        state = State.Padding;
        return true;
    }

    /// <summary>The packed bytes that are known, and the inflater's way to them: it is given what is there, and told of an end that is none.</summary>
    sealed class Window(int bytes) : ReadOnlyStream
    {
        readonly byte[] held = new byte[bytes];
        int fed;
        int last;
        int at;
        int end;

        /// <summary>The inflater has asked for more than there is.</summary>
        public bool IsStarved { get; set; }

        public ReadOnlySpan<byte> Unread => held.AsSpan(at, end - at);

        /// <summary>What the inflater was given last, in the last two times, and what is behind that.</summary>
        public ReadOnlySpan<byte> Fed => held.AsSpan(fed, end - fed);

        void BeginFeeding() => fed = last = at;

        public override int Read(Span<byte> buffer)
        {
            IsStarved = at == end;
            if (IsStarved)
                return 0;
            (fed, last) = (last, at);
            var given = Math.Min(buffer.Length, end - at);
            held.AsSpan(at, given).CopyTo(buffer);
            at += given;
            return given;
        }

        public void Skip(int count)
        {
            at += count;
            BeginFeeding();
        }

        /// <param name="place">In <see cref="Fed"/>.</param>
        public void BackTo(int place)
        {
            at = fed + place;
            BeginFeeding();
        }

        public void Grow(int count) => end += count;

        public Span<byte> Room() => RoomAsMemory().Span;

        /// <summary>Room for more; what is no longer needed gives way.</summary>
        public Memory<byte> RoomAsMemory()
        {
            var keep = Math.Min(fed, at);
            if (end == held.Length && keep > 0)
            {
                held.AsSpan(keep, end - keep).CopyTo(held);
                (fed, last, at, end) = (fed - keep, last - keep, at - keep, end - keep);
            }
            // The inflater takes at most a few kilobytes at a time: half the window is always enough for it.
            return held.AsMemory(end, Math.Min(held.Length - end, held.Length / 2));
        }
    }
}
