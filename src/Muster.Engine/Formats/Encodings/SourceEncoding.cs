using System.Collections.Frozen;
using Muster.Sources;

namespace Muster.Formats.Encodings;

/// <summary>An encoding that sources are read in, by its IANA name in lower case.</summary>
/// <remarks>
/// <c>iso-8859-1</c> and <c>iso-8859-9</c> are read as the Windows code pages that extend them (WHATWG Encoding §4.2): what calls itself so mostly is the
/// extension, and the bytes between are control characters in the original.
/// </remarks>
public sealed class SourceEncoding
{
    static readonly SourceEncoding[] All =
    [
        new("utf-8", () => new Utf8Decoder(), ["utf8", "utf8sig", "ascii", "usascii"]),
        new("utf-16le", () => new WideDecoder(2, bigEndian: false), ["utf16", "utf16le", "unicode", "ucs2"]),
        new("utf-16be", () => new WideDecoder(2, bigEndian: true), ["utf16be"]),
        new("utf-32le", () => new WideDecoder(4, bigEndian: false), ["utf32", "utf32le", "ucs4"]),
        new("utf-32be", () => new WideDecoder(4, bigEndian: true), ["utf32be"]),
        Single("windows-1252", 1252, tellsUtf8: true, "cp1252", "1252", "win1252", "ansi"),
        Single("iso-8859-1", 1252, tellsUtf8: true, "iso88591", "88591", "latin1", "l1", "cp819", "ibm819"),
        Single("iso-8859-15", 28605, tellsUtf8: true, "iso885915", "885915", "latin9", "l9"),
        Single("windows-1250", 1250, tellsUtf8: true, "cp1250", "1250", "win1250"),
        Single("iso-8859-2", 28592, tellsUtf8: true, "iso88592", "88592", "latin2", "l2"),
        Single("windows-1251", 1251, tellsUtf8: true, "cp1251", "1251", "win1251"),
        Single("iso-8859-5", 28595, tellsUtf8: false, "iso88595", "88595", "cyrillic"),
        Single("koi8-r", 20866, tellsUtf8: true, "koi8r", "koi8"),
        Single("koi8-u", 21866, tellsUtf8: true, "koi8u"),
        Single("windows-1253", 1253, tellsUtf8: true, "cp1253", "1253", "win1253"),
        Single("iso-8859-7", 28597, tellsUtf8: true, "iso88597", "88597", "greek"),
        Single("windows-1254", 1254, tellsUtf8: true, "cp1254", "1254", "win1254"),
        Single("iso-8859-9", 1254, tellsUtf8: true, "iso88599", "88599", "latin5", "l5"),
        Single("windows-1255", 1255, tellsUtf8: true, "cp1255", "1255", "win1255"),
        Single("iso-8859-8", 28598, tellsUtf8: true, "iso88598", "88598", "hebrew"),
        Single("windows-1256", 1256, tellsUtf8: true, "cp1256", "1256", "win1256"),
        Single("iso-8859-6", 28596, tellsUtf8: true, "iso88596", "88596", "arabic"),
        Single("windows-1257", 1257, tellsUtf8: true, "cp1257", "1257", "win1257"),
        Single("iso-8859-13", 28603, tellsUtf8: true, "iso885913", "885913", "latin7", "l7"),
        Single("iso-8859-4", 28594, tellsUtf8: true, "iso88594", "88594", "latin4", "l4"),
        Single("iso-8859-3", 28593, tellsUtf8: true, "iso88593", "88593", "latin3", "l3"),
        Single("windows-1258", 1258, tellsUtf8: true, "cp1258", "1258", "win1258"),
        Single("windows-874", 874, tellsUtf8: false, "cp874", "874", "tis620", "iso885911"),
        Single("macintosh", 10000, tellsUtf8: true, "mac", "macroman", "xmacroman"),
        Single("x-mac-ce", 10029, tellsUtf8: true, "xmacce", "macce", "maccentraleurope", "maclatin2"),
        Single("x-mac-cyrillic", 10007, tellsUtf8: false, "xmaccyrillic", "maccyrillic"),
        Single("ibm437", 437, tellsUtf8: true, "cp437", "437"),
        Single("ibm850", 850, tellsUtf8: true, "cp850", "850"),
        Single("ibm858", 858, tellsUtf8: true, "cp858", "858", "ibm00858"),
        Single("ibm852", 852, tellsUtf8: true, "cp852", "852"),
        Single("ibm857", 857, tellsUtf8: true, "cp857", "857"),
        Single("ibm866", 866, tellsUtf8: true, "cp866", "866"),
        new("shift_jis", () => new DoubleByteDecoder(CodePages.Of(932)), ["shiftjis", "sjis", "cp932", "932", "windows31j", "mskanji", "ms932", "windows932"]),
        new("euc-jp", () => new DoubleByteDecoder(CodePages.Of(51932), DoubleByteDecoder.ThreeBytes), ["eucjp", "ujis", "xeucjp"]),
        new("gb18030", () => new DoubleByteDecoder(CodePages.Of(54936), DoubleByteDecoder.FourBytes), ["gbk", "gb2312", "cp936", "936", "euccn", "windows936", "gb"]),
        new("big5", () => new DoubleByteDecoder(CodePages.Of(950)), ["cp950", "950", "big5tw", "windows950"]),
        new("euc-kr", () => new DoubleByteDecoder(CodePages.Of(949)), ["euckr", "cp949", "949", "uhc", "ksc5601", "ksc56011987", "windows949"]),
    ];

    static readonly FrozenDictionary<string, SourceEncoding> ByAlias =
        All.SelectMany(e => e.aliases.Append(Plain(e.Name)).Distinct().Select(alias => (alias, e))).ToFrozenDictionary(p => p.alias, p => p.e, StringComparer.Ordinal);

    readonly string[] aliases;
    readonly Lazy<CharacterDecoder> decoder;

    SourceEncoding(string name, Func<CharacterDecoder> decoder, string[] aliases)
    {
        (Name, this.aliases) = (name, aliases);
        this.decoder = new(decoder);
    }

    public static SourceEncoding Utf8 { get; } = Find("utf-8");

    /// <summary>Names of all encodings, most used first.</summary>
    public static IEnumerable<string> Names => All.Select(e => e.Name);

    public string Name { get; }

    public bool IsUtf8 => this == Utf8;

    /// <summary>Whether UTF-8 read in this encoding never looks like its text: then a cell whose bytes are valid UTF-8 was put into the wrong file.</summary>
    public bool TellsUtf8 { get; private init; }

    internal CharacterDecoder Decoder => decoder.Value;

    /// <summary>Finds an encoding by a name in common use: IANA's, or those of Windows, Python and iconv. Case, blanks and punctuation make no difference.</summary>
    public static SourceEncoding? TryFind(string name) => ByAlias.GetValueOrDefault(Plain(name));

    /// <summary>The encoding that an import tells; UTF-8 where it tells none, since nothing was read.</summary>
    public static SourceEncoding Of(Contacts.ImportSource source) => TryFind(source.Encoding) ?? Utf8;

    /// <summary>The encoding of a name that came from <see cref="Name"/>.</summary>
    public static SourceEncoding Find(string name) => TryFind(name) ?? throw new ArgumentException($"There is no encoding {name}.", nameof(name));

    /// <summary>The bytes of a record as UTF-8.</summary>
    /// <param name="record">In this encoding.</param>
    /// <param name="delimiter">The source's delimiter: one that is no ASCII character becomes <see cref="TextDelimiter"/>'s.</param>
    public byte[] ToUtf8(ReadOnlySpan<byte> record, char? delimiter) => DecoderFor(delimiter).ToUtf8(record);

    /// <summary>Bytes of an ASCII character: 1, or 2 and 4 in UTF-16 and UTF-32.</summary>
    public int Unit => Name.StartsWith("utf-16", StringComparison.Ordinal) ? 2 : Name.StartsWith("utf-32", StringComparison.Ordinal) ? 4 : 1;

    /// <summary>ASCII text in this encoding.</summary>
    public byte[] FromAscii(ReadOnlySpan<byte> text)
    {
        var bytes = new byte[text.Length * Unit];
        for (var i = 0; i < text.Length; i++)
            bytes[i * Unit + (Name.EndsWith("be", StringComparison.Ordinal) ? Unit - 1 : 0)] = text[i];
        return bytes;
    }

    /// <summary>The delimiter as it stands in <see cref="ToUtf8"/>'s text.</summary>
    public static char TextDelimiter(char delimiter) => delimiter <= '\x7F' ? delimiter : DelimiterDecoder.Stand;

    /// <summary>Overwrites the characters of records with spaces. Line ends, quotes and delimiters stay, so that every record still begins and ends where it did.</summary>
    public Spool.Blanking Blanking(char? delimiter) => bytes => DecoderFor(delimiter).Blank(bytes, delimiter is { } d ? TextDelimiter(d) : '"');

    /// <summary>A cell of <see cref="ToUtf8"/>'s text with the delimiter as it was written.</summary>
    public static string Restore(ReadOnlySpan<byte> cell, char? delimiter)
    {
        var text = System.Text.Encoding.UTF8.GetString(cell);
        return delimiter > '\x7F' ? text.Replace(DelimiterDecoder.Stand, delimiter.Value) : text;
    }

    internal CharacterDecoder DecoderFor(char? delimiter) => delimiter > '\x7F' ? new DelimiterDecoder(Decoder, delimiter.Value) : Decoder;

    static SourceEncoding Single(string name, int codePage, bool tellsUtf8, params string[] aliases) =>
        new(name, () => new SingleByteDecoder(CodePages.Of(codePage)), aliases) { TellsUtf8 = tellsUtf8 };

    static string Plain(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
}
