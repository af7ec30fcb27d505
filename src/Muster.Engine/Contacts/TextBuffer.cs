using System.Diagnostics;

namespace Muster.Contacts;

/// <summary>A growing buffer of UTF-8 that spans point into. Emptied and filled again, it keeps its memory.</summary>
public sealed class TextBuffer(int capacity)
{
    public byte[] Bytes { get; private set; } = new byte[capacity];
    public int Length { get; private set; }

    public void Clear() => Length = 0;

    /// <summary>Makes room for that much text at once, when there is none: what is expected need not grow step by step, each step's buffer left to the garbage collector.</summary>
    public void Expect(int length)
    {
        if (Length == 0 && Bytes.Length < length)
            Bytes = new byte[length + length / 16]; // so that a little more than expected fits, too
    }

    /// <summary>Room for at least <paramref name="length"/> more bytes at <see cref="Length"/>.</summary>
    public Span<byte> Reserve(int length)
    {
        if (Bytes.Length - Length < length)
            Grow(length);
        return Bytes.AsSpan(Length);
    }

    void Grow(int length)
    {
        var larger = new byte[Math.Max(Bytes.Length * 2, Length + length)];
        Bytes.AsSpan(0, Length).CopyTo(larger);
        Bytes = larger;
    }

    /// <summary>Counts bytes written into <see cref="Reserve"/>'s span as text.</summary>
    public TextSpan Commit(int length)
    {
        Debug.Assert(length <= Bytes.Length - Length);
        var span = new TextSpan(Length, length);
        Length += length;
        return span;
    }

    public TextSpan Append(ReadOnlySpan<byte> utf8)
    {
        utf8.CopyTo(Reserve(utf8.Length));
        return Commit(utf8.Length);
    }

    public ReadOnlySpan<byte> Utf8(TextSpan span) => span.Length <= 0 ? [] : Bytes.AsSpan(span.Offset, span.Length);
}
