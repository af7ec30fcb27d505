using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Muster.Validation;

/// <summary>Brings text to Unicode Normalization Form C (UAX #15), so that a name typed on a Mac and one typed elsewhere are the same name.</summary>
public sealed class Composition
{
    // Leading bytes of UTF-8 after which nothing ever needs composing: Latin up to U+02FF, Cyrillic, and East Asian ideographs and syllables of U+4000 to U+DFFF.
    // Greek, Indic, Arabic, Hebrew, kana and the combining marks themselves are looked at.
    static readonly SearchValues<byte> Doubtful = SearchValues.Create(
        [.. Enumerable.Range(0xCC, 0x34).Where(b => b is not (0xD0 or 0xD1 or 0xD2 or 0xD3 or 0xD4 or 0xD5) and not (>= 0xE4 and <= 0xED)).Select(b => (byte)b)]);

    char[] chars = new char[256];
    char[] composed = new char[512];
    byte[] bytes = new byte[512];

    /// <summary>The text in NFC: the span itself when it is so already, else one that is valid until the next call. Text that is not UTF-8 is left as it is.</summary>
    public ReadOnlySpan<byte> Compose(ReadOnlySpan<byte> utf8) => utf8.ContainsAny(Doubtful) ? Slow(utf8) : utf8;

    ReadOnlySpan<byte> Slow(ReadOnlySpan<byte> utf8)
    {
        if (chars.Length < utf8.Length)
            chars = new char[utf8.Length];
        if (Utf8.ToUtf16(utf8, chars, out _, out var length, replaceInvalidSequences: false) != OperationStatus.Done)
            return utf8;
        ReadOnlySpan<char> text = chars.AsSpan(0, length);
        if (text.IsNormalized(NormalizationForm.FormC))
            return utf8;
        // UAX #15: in NFC no text grows more than threefold.
        if (composed.Length < length * 3)
            composed = new char[length * 3];
        if (!text.TryNormalize(composed, out var composedLength, NormalizationForm.FormC))
            return utf8;
        if (bytes.Length < composedLength * 3)
            bytes = new byte[composedLength * 3];
        return bytes.AsSpan(0, Encoding.UTF8.GetBytes(composed.AsSpan(0, composedLength), bytes));
    }
}
