using System.Buffers;
using System.Text.Unicode;

namespace Muster.Formats.Xls;

/// <summary>UTF-16 as .xls has it.</summary>
static class Utf16
{
    /// <summary>Writes UTF-8; half of a surrogate pair becomes the three bytes that UTF-8 forbids, so that its row is refused rather than changed in silence.</summary>
    /// <param name="bytes">At least three bytes a character.</param>
    public static int ToUtf8(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        var length = 0;
        while (!text.IsEmpty)
        {
            var status = Utf8.FromUtf16(text, bytes[length..], out var read, out var written, replaceInvalidSequences: false);
            length += written;
            text = text[read..];
            if (status == OperationStatus.Done || text.IsEmpty)
                break;
            bytes[length++] = (byte)(0xE0 | (text[0] >> 12));
            bytes[length++] = (byte)(0x80 | ((text[0] >> 6) & 0x3F));
            bytes[length++] = (byte)(0x80 | (text[0] & 0x3F));
            text = text[1..];
        }
        return length;
    }
}
