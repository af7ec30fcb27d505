using System.Text;

namespace Muster.Tests.Formats.Encodings;

/// <summary>Text in an encoding, by the framework's own encoder.</summary>
static class Coded
{
    static Coded() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    public static byte[] Bytes(string encoding, string text) => Of(encoding).GetBytes(text);

    /// <summary>Null when the encoding lacks the character.</summary>
    public static byte[]? TryBytes(string encoding, char character)
    {
        var known = Lenient.GetValueOrDefault(encoding) ?? (Lenient[encoding] = Encoding.GetEncoding(Of(encoding).CodePage, new EncoderReplacementFallback("?"), new DecoderReplacementFallback("?")));
        var bytes = known.GetBytes([character]);
        return known.GetString(bytes) == character.ToString() ? bytes : null;
    }

    static readonly Dictionary<string, Encoding> Known = [];
    static readonly Dictionary<string, Encoding> Lenient = [];

    static Encoding Of(string encoding)
    {
        lock (Known)
        {
            if (!Known.TryGetValue(encoding, out var known))
                Known[encoding] = known = encoding switch
                {
                    "utf-8" => new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
                    "utf-16le" => new UnicodeEncoding(bigEndian: false, byteOrderMark: false),
                    "utf-16be" => new UnicodeEncoding(bigEndian: true, byteOrderMark: false),
                    "utf-32le" => new UTF32Encoding(bigEndian: false, byteOrderMark: false),
                    "utf-32be" => new UTF32Encoding(bigEndian: true, byteOrderMark: false),
                    "x-mac-ce" => Encoding.GetEncoding(10029, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback),
                    "x-mac-cyrillic" => Encoding.GetEncoding(10007, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback),
                    "euc-kr" => Encoding.GetEncoding(949, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback), // what all that calls itself so is
                    "ibm858" => Encoding.GetEncoding(858, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback),
                    _ => Encoding.GetEncoding(encoding, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback),
                };
            return known;
        }
    }
}
