using System.Runtime.InteropServices;
using Muster.Sources;

namespace Muster.Formats.Encodings;

/// <summary>A source as UTF-8, from whose offsets it finds back to the source's own.</summary>
/// <remarks>
/// Text is made block by block; of each block only its two offsets are kept (16 bytes for 64 KiB of source). An offset is looked up by reading its block
/// once more. Memory: three blocks and their text.
/// </remarks>
sealed class TranscodingStream(Stream source, CharacterDecoder decoder, int blockBytes = TranscodingStream.BlockBytes) : ReadOnlyStream
{
    const int BlockBytes = 64 * 1024;

    readonly byte[] block = new byte[blockBytes];
    readonly byte[] text = new byte[blockBytes * CharacterDecoder.GrowthMax];
    readonly List<BlockStart> blocks = [];
    int textLength;
    int textAt;

    // Where the next block begins.
    BlockStart next;
    bool isAtEnd;

    // The block that offsets are looked up in, and how far that has come.
    readonly byte[] looked = new byte[blockBytes];
    int lookedBlock = -1;
    int lookedLength;
    bool lookedAtEnd;
    BlockStart cursor;

    public override bool CanRead => source.CanRead;

    public override bool CanSeek => source.CanSeek;

    /// <summary>Bytes of the source, not of its text.</summary>
    public override long Length => source.Length;

    public override long Position
    {
        get => next.Text - textLength + textAt;
        set => Seek(value, SeekOrigin.Begin);
    }

    public override int Read(Span<byte> buffer)
    {
        if (textAt == textLength && !ReadBlock())
            return 0;
        var count = Math.Min(buffer.Length, textLength - textAt);
        text.AsSpan(textAt, count).CopyTo(buffer);
        textAt += count;
        return count;
    }

    /// <summary>Goes to an offset in the text that was passed before, or to the beginning.</summary>
    public override long Seek(long offset, SeekOrigin origin)
    {
        if (origin != SeekOrigin.Begin)
            throw new NotSupportedException();
        if (blocks.Count == 0 && offset != next.Text && offset == 0)
            StartAt(0);
        var at = BlockOf(offset);
        if (at >= 0)
        {
            next = blocks[at];
            blocks.RemoveRange(at, blocks.Count - at);
            (lookedBlock, isAtEnd) = (-1, false);
        }
        (textLength, textAt) = (0, 0);
        while (Position < offset && ReadBlock())
            textAt = (int)Math.Min(textLength, offset - (next.Text - textLength));
        return Position;
    }

    /// <summary>Begins the text at an offset in the source where a character begins; the text's offsets count on from that same number.</summary>
    public void StartAt(long sourceOffset)
    {
        blocks.Clear();
        next = new(sourceOffset, sourceOffset);
        (textLength, textAt, lookedBlock, isAtEnd) = (0, 0, -1, false);
    }

    /// <summary>Where in the source the character at this offset in the text begins. The text must have been read that far.</summary>
    public long SourceOffset(long textOffset)
    {
        var at = BlockOf(textOffset);
        if (at < 0)
            return textOffset == next.Text ? next.Source : throw new ArgumentOutOfRangeException(nameof(textOffset), textOffset, "The text does not reach there.");
        if (at != lookedBlock)
        {
            var start = blocks[at];
            source.Position = start.Source;
            lookedLength = source.ReadAtLeast(looked, blockBytes, throwOnEndOfStream: false);
            lookedAtEnd = lookedLength < blockBytes || source.Position == source.Length;
            (lookedBlock, cursor) = (at, start);
        }
        if (textOffset < cursor.Text)
            cursor = blocks[at];
        var from = (int)(cursor.Source - blocks[at].Source);
        var length = decoder.SourceLength(looked.AsSpan(from, lookedLength - from), lookedAtEnd, textOffset - cursor.Text);
        cursor = new(textOffset, cursor.Source + length);
        return cursor.Source;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            source.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Makes the next block's text. False at the end of the source.</summary>
    bool ReadBlock()
    {
        (textLength, textAt) = (0, 0);
        if (isAtEnd)
            return false;
        source.Position = next.Source;
        var length = source.ReadAtLeast(block, blockBytes, throwOnEndOfStream: false);
        isAtEnd = length < blockBytes || source.Position == source.Length;
        if (length == 0)
            return false;
        var (taken, written) = decoder.Decode(block.AsSpan(0, length), isAtEnd, text);
        blocks.Add(next);
        next = new(next.Text + written, next.Source + taken);
        textLength = written;
        return true;
    }

    /// <summary>The last block that begins at or before the offset, or -1. The end of the text belongs to the last block.</summary>
    int BlockOf(long textOffset)
    {
        if (textOffset > next.Text || blocks.Count == 0 || textOffset < blocks[0].Text)
            return -1;
        var (low, high) = (0, blocks.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = blocks[middle].Text <= textOffset ? (middle, high) : (low, middle - 1);
        }
        return low;
    }

    [StructLayout(LayoutKind.Auto)]
    readonly record struct BlockStart(long Text, long Source);
}
