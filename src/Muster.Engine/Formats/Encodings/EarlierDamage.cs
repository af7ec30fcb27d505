using System.Text;
using System.Text.Unicode;

namespace Muster.Formats.Encodings;

/// <summary>Signs that text was damaged before it came: sound UTF-8 that says what nobody wrote. It is imported as it stands, and said.</summary>
static class EarlierDamage
{
    /// <summary>Lines that tell the same are no chance.</summary>
    const double ShareMin = 0.5;

    static ReadOnlySpan<byte> Replacement => "\uFFFD"u8;

    /// <param name="lines">Some of the source's lines above ASCII, as UTF-8.</param>
    public static IEnumerable<string> Warnings(IReadOnlyList<byte[]> lines)
    {
        var lost = lines.Count(line => line.AsSpan().IndexOf(Replacement) >= 0);
        if (lost > 0)
            yield return $"Of the {lines.Count} lines above ASCII that were looked at {lost} hold the sign \uFFFD, which stands for a character that was lost before. Export the source again, as UTF-8.";
        var twice = lines.Count(IsCodedTwice);
        if (twice > 0 && twice >= lines.Count * ShareMin)
            yield return "The text looks as if UTF-8 had been read as windows-1252 once before (Ã¼ in place of ü). It is imported as it stands. Export the source again, as UTF-8.";
    }

    /// <summary>Whether the line, written as windows-1252, is UTF-8 again. Hardly any text in a language is.</summary>
    static bool IsCodedTwice(byte[] line)
    {
        var text = Encoding.UTF8.GetString(line);
        byte[] once;
        try
        {
            once = Windows1252.GetBytes(text);
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
        return once.Length < line.Length && !Ascii.IsValid(once) && Utf8.IsValid(once);
    }

    static readonly Encoding Windows1252 = CodePagesEncodingProvider.Instance.GetEncoding(1252, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)
        ?? throw new InvalidOperationException("The framework lacks windows-1252.");
}
