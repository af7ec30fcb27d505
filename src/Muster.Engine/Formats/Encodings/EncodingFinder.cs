using System.Text;
using System.Text.Unicode;
using Muster.Contacts;

namespace Muster.Formats.Encodings;

/// <summary>What a source's encoding is, and what says so.</summary>
abstract record EncodingFinding
{
    public sealed record Found(SourceEncoding Encoding, Evidence Evidence, IReadOnlyList<string> Warnings) : EncodingFinding;

    /// <param name="IsNamed">The encoding was told by its own signs, which no other source has.</param>
    public sealed record Refused(ErrorCode Code, string Detail, bool IsNamed = false) : EncodingFinding;
}

/// <summary>Finds a source's encoding: byte order mark, the import's option, patterns of zero bytes, UTF-8, and else a scored guess among legacy encodings.</summary>
static class EncodingFinder
{
    /// <summary>Below this the guess is not taken: the caller must say the encoding.</summary>
    public const double ConfidenceMin = 0.85;

    /// <summary>How far characters above ASCII are looked for.</summary>
    const long ScannedMax = 256L << 20;

    const int ChunkBytes = 256 * 1024;
    const int SampleMax = 48 * 1024;
    const int LineMax = 1024;
    const int ProofOfUtf8 = 256;

    static readonly (byte[] Mark, string Encoding)[] Marks =
    [
        ([0xEF, 0xBB, 0xBF], "utf-8"), ([0xFF, 0xFE, 0x00, 0x00], "utf-32le"), ([0x00, 0x00, 0xFE, 0xFF], "utf-32be"),
        ([0xFF, 0xFE], "utf-16le"), ([0xFE, 0xFF], "utf-16be"), ([0x84, 0x31, 0x95, 0x33], "gb18030"),
    ];

    /// <param name="source">Readable and seekable; left where it may be.</param>
    /// <param name="asked">The import's option, or null.</param>
    /// <param name="likely">Believed before a guess; null: guess.</param>
    /// <param name="isPlain">The source is known to be ASCII without an escape sign.</param>
    public static EncodingFinding Find(Stream source, SourceEncoding? asked, SourceEncoding? likely = null, bool isPlain = false)
    {
        source.Position = 0;
        var start = new byte[64 * 1024];
        start = start[..source.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        foreach (var (mark, name) in Marks)
        {
            if (start.AsSpan().StartsWith(mark))
                return OfMark(SourceEncoding.Find(name), asked);
        }
        if (asked is not null)
            return new EncodingFinding.Found(asked, new(1, "The option encoding says so."), []);
        if (FindWide(start) is { } wide)
            return new EncodingFinding.Found(wide, new(0.99, "No byte order mark, but zero bytes stand where this encoding puts them."), []);
        return Judge(isPlain ? new() : Scan(source), likely is { Unit: 1, IsUtf8: false } ? likely : null);
    }

    static EncodingFinding.Found OfMark(SourceEncoding marked, SourceEncoding? asked)
    {
        var fits = asked is null || asked == marked || (marked.Name[..^2] == asked.Name[..^2] && asked.Name.StartsWith("utf-", StringComparison.Ordinal));
        string[] warnings = fits ? [] : [$"The option encoding says {asked!.Name}, but the source begins with the byte order mark of {marked.Name}, which was believed."]; // asked is set when it does not fit
        return new(marked, new(1, "The source begins with its byte order mark."), warnings);
    }

    /// <summary>UTF-16 and UTF-32 without a mark: ASCII among it leaves zero bytes at one place of each unit, and what is left is sound.</summary>
    static SourceEncoding? FindWide(ReadOnlySpan<byte> start)
    {
        if (start.Length < 8 || !start.Contains((byte)0))
            return null;
        Span<int> zeros = stackalloc int[4];
        for (var i = 0; i < start.Length; i++)
            zeros[i & 3] += start[i] == 0 ? 1 : 0;
        var quarter = start.Length / 4;
        var name = zeros[3] >= quarter && zeros[2] >= quarter * 9 / 10 && zeros[0] * 20 <= quarter ? "utf-32le"
            : zeros[0] >= quarter && zeros[1] >= quarter * 9 / 10 && zeros[3] * 20 <= quarter ? "utf-32be"
            : IsOneSided(zeros[1] + zeros[3], zeros[0] + zeros[2], start.Length) ? "utf-16le"
            : IsOneSided(zeros[0] + zeros[2], zeros[1] + zeros[3], start.Length) ? "utf-16be"
            : null;
        return name is not null && SourceEncoding.Find(name) is var found && IsText(found.Decoder.ToUtf8(start[..(start.Length & ~3)])) ? found : null;
    }

    static bool IsOneSided(int zeros, int others, int length) => zeros * 20 >= length && zeros >= 4 && others * 20 <= zeros;

    /// <summary>Whether this is sound UTF-8 with a line's or cell's end and hardly a control character.</summary>
    static bool IsText(ReadOnlySpan<byte> text)
    {
        var controls = 0;
        foreach (var b in text)
            controls += b < 0x20 && b is not ((byte)'\t' or (byte)'\r' or (byte)'\n') ? 1 : 0;
        var broken = text.Count((byte)0xFF);
        return (controls + broken) * 50 <= text.Length && text.ContainsAny("\n\r,;\t"u8);
    }

    /// <summary>Collects lines that are more than ASCII. Stops where they prove UTF-8, or are enough to guess by.</summary>
    static Sample Scan(Stream source)
    {
        source.Position = 0;
        var sample = new Sample();
        var chunk = new byte[ChunkBytes];
        var kept = 0;
        long scanned = 0;
        while (scanned < ScannedMax)
        {
            var read = source.ReadAtLeast(chunk.AsSpan(kept), chunk.Length - kept, throwOnEndOfStream: false);
            var isEnd = kept + read < chunk.Length;
            var bytes = chunk.AsSpan(0, kept + read);
            scanned += read;
            // A line, or what fills a chunk, is judged as a whole.
            var whole = isEnd ? bytes.Length : bytes.LastIndexOfAny((byte)'\n', (byte)'\r') + 1;
            whole = whole == 0 ? bytes.Length : whole;
            sample.HasEscapes |= bytes[..whole].IndexOf("\x1B$B"u8) >= 0 || bytes[..whole].IndexOf("\x1B$@"u8) >= 0;
            if (!Ascii.IsValid(bytes[..whole]))
                Collect(bytes[..whole], sample);
            if (isEnd || sample.IsEnough)
                break;
            kept = bytes.Length - whole;
            bytes[whole..].CopyTo(chunk);
        }
        return sample;
    }

    static void Collect(ReadOnlySpan<byte> bytes, Sample sample)
    {
        while (!bytes.IsEmpty && !sample.IsEnough)
        {
            var length = bytes.IndexOfAny((byte)'\n', (byte)'\r');
            var line = length < 0 ? bytes : bytes[..length];
            bytes = length < 0 ? [] : bytes[(length + 1)..];
            if (!Ascii.IsValid(line))
                sample.Add(line[..Math.Min(line.Length, LineMax)], Utf8.IsValid(line));
        }
    }

    static EncodingFinding Judge(Sample sample, SourceEncoding? likely)
    {
        if (sample.HasEscapes)
            return new EncodingFinding.Refused(ErrorCode.UnsupportedEncoding, "The source is ISO-2022-JP, told by its escape sequences. Save it as UTF-8.", IsNamed: true);
        if (sample.SoundLines + sample.BrokenLines == 0)
            return new EncodingFinding.Found(SourceEncoding.Utf8, new(1, "All of it is ASCII, as far as it was looked at."), []);
        if (sample.BrokenLines == 0)
            return new EncodingFinding.Found(SourceEncoding.Utf8, new(1, "Its characters above ASCII are sound UTF-8."), [.. EarlierDamage.Warnings(sample.Lines)]);
        if (sample.SoundLines * 2 >= sample.BrokenLines)
        {
            var share = Math.Round(sample.SoundLines / (double)(sample.SoundLines + sample.BrokenLines), 3);
            return new EncodingFinding.Found(
                SourceEncoding.Utf8, new(share, $"Of the lines above ASCII that were looked at {sample.SoundLines} are UTF-8 and {sample.BrokenLines} are not."),
                [$"The source is mostly UTF-8: rows with other bytes are rejected as {ErrorCode.InvalidUtf8.Name()}."]);
        }
        return likely is null ? Guess(sample.Lines) : new EncodingFinding.Found(likely, new(0.9, "It is not UTF-8, and the import that it corrects was in this encoding."), []);
    }

    static EncodingFinding Guess(IReadOnlyList<byte[]> lines)
    {
        var candidates = EncodingScore.Rank(lines);
        var evidence = candidates.Take(5).Select(c => new EvidenceCandidate(c.Encoding.Name, c.Confidence)).ToList();
        var names = string.Join(", ", evidence.Select(c => c.Value));
        if (candidates is [])
            return new EncodingFinding.Refused(ErrorCode.UnsupportedEncoding, "The source is not UTF-8, and in no encoding that Muster reads would it be text.");
        var best = candidates[0];
        if (best.Confidence < ConfidenceMin)
            return new EncodingFinding.Refused(ErrorCode.AmbiguousEncoding,
                $"The source is not UTF-8; it may be {names}, and they would read it differently. Set the option encoding, or save it as UTF-8.");
        return new EncodingFinding.Found(
            best.Encoding, new(best.Confidence, $"It is not UTF-8; in this encoding its letters make the likeliest text ({lines.Count} lines looked at).", evidence),
            [$"The source is not UTF-8: it was read as {best.Encoding.Name} (confidence {best.Confidence:0.00}). Set the option encoding if that is wrong."]);
    }

    /// <summary>Lines that are more than ASCII.</summary>
    sealed class Sample
    {
        readonly List<byte[]> lines = [];
        int length;

        public IReadOnlyList<byte[]> Lines => lines;

        public int SoundLines { get; private set; }

        public int BrokenLines { get; private set; }

        public bool HasEscapes { get; set; }

        public bool IsEnough => length >= SampleMax || (SoundLines >= ProofOfUtf8 && BrokenLines == 0);

        public void Add(ReadOnlySpan<byte> line, bool isUtf8)
        {
            (SoundLines, BrokenLines) = isUtf8 ? (SoundLines + 1, BrokenLines) : (SoundLines, BrokenLines + 1);
            lines.Add(line.ToArray());
            length += line.Length;
        }
    }
}
