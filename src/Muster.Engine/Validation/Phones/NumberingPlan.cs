using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Muster.Validation.Phones;

/// <summary>One region's rules for reading a number, and the automaton of all regions' numbers. Compiled by tools/PhoneMetadata into <c>phones.bin</c>, loaded once in under a millisecond.</summary>
/// <remarks>
/// phones.bin: SHA-256 of the metadata it was made from, then 16-bit little-endian words: six counts; ten successors a state; a label a state;
/// labels; <see cref="RecordWords"/> words a plan; what each calling code up to 999 leads to; lists and programs.
/// </remarks>
[StructLayout(LayoutKind.Auto)]
internal readonly struct NumberingPlan
{
    private const int RecordWords = 12;
    private const int HashBytes = 32;
    private const ushort Absent = ushort.MaxValue;

    /// <summary>Set in the label of a number whose first digits might be a national prefix, which the parser would strip even after a country code.</summary>
    internal const int TrunkDoubt = 0x8000;

    private static readonly ushort[] Words = Load();
    private static readonly int States = Words[0];
    private static readonly int LabelsAt = 6 + States * 10;
    private static readonly int MeaningsAt = LabelsAt + States;
    private static readonly int PlansAt = MeaningsAt + Words[1];
    private static readonly int CallingCodesAt = PlansAt + Words[2] * RecordWords;
    private static readonly int ProgramsAt = CallingCodesAt + 1000;

    /// <summary>The successors of all states, which are ten times their number: of state s by digit d at <c>s + d</c>, so that a step is one load. State 0 is dead.</summary>
    private static readonly int[] Next = ReadNext();

    /// <summary>Plans from here on are of calling codes without a country.</summary>
    internal static int Countries { get; } = Words[5];

    internal static string[] Codes { get; } = ReadCodes();

    /// <summary>State before the first digit of an E.164 number.</summary>
    internal static int Start { get; } = Words[4] * 10;

    private readonly int _at;

    internal NumberingPlan(int plan)
    {
        Number = plan;
        _at = PlansAt + plan * RecordWords;
    }

    internal int Number { get; }
    internal int CallingCode => Words[_at + 1];

    /// <summary>State of the automaton after this plan's calling code.</summary>
    internal int AfterCallingCode => Words[_at + 2] * 10;

    /// <summary>Bit n: national numbers may have n digits.</summary>
    internal uint Lengths => Words[_at + 4] | (uint)Words[_at + 5] << 16;

    internal static int Step(int state, int digit) => Next[state + digit];

    internal static bool Accepted(int state) => Words[LabelsAt + state / 10] != 0;

    /// <summary>What an accepting state says: the region's place among those of the calling code (bits 0–7), the type (8–14), <see cref="TrunkDoubt"/>.</summary>
    internal static int Meaning(int state) => Words[MeaningsAt + Words[LabelsAt + state / 10]];

    /// <summary>The plans that share a calling code, the main one first; empty when nobody has it.</summary>
    internal static ReadOnlySpan<ushort> PlansOf(int callingCode)
    {
        var at = Words[CallingCodesAt + callingCode];
        return at == 0 ? default : Words.AsSpan(ProgramsAt + at, Words[ProgramsAt + at - 1]);
    }

    /// <summary>SHA-256 of the metadata that phones.bin was compiled from.</summary>
    internal static byte[] SourceHash()
    {
        using var stream = Open();
        var hash = new byte[HashBytes];
        stream.ReadExactly(hash);
        return hash;
    }

    /// <summary>Whether the number has the general form of the plan's national numbers (libphonenumber's generalDesc).</summary>
    internal bool Fits(ReadOnlySpan<byte> digits)
    {
        var state = Words[_at + 3] * 10;
        foreach (var digit in digits)
        {
            state = Next[state + digit];
            if (state == 0)
                return false;
        }
        return Accepted(state);
    }

    /// <summary>How many digits dial out of the country at the start of the number; 0 when none do.</summary>
    internal int InternationalPrefix(ReadOnlySpan<byte> digits)
    {
        if (digits.IsEmpty || (Words[_at + 7] >> digits[0] & 1) == 0)
            return 0;
        var end = PrefixMatcher.Match(Words.AsSpan(ProgramsAt + Words[_at + 6]), digits, []);
        // No country code begins with 0 (parsePrefixAsIdd).
        return end > 0 && (end == digits.Length || digits[end] != 0) ? end : 0;
    }

    /// <summary>libphonenumber's maybeStripNationalPrefixAndCarrierCode: the number without trunk prefix and carrier code, or rewritten as the plan says.</summary>
    /// <param name="digits">The number as dialled in the country.</param>
    /// <param name="scratch">Where a rewritten number is put; longer than <paramref name="digits"/> by ten.</param>
    [SkipLocalsInit]
    internal ReadOnlySpan<byte> StripNationalPrefix(ReadOnlySpan<byte> digits, Span<byte> scratch)
    {
        if (digits.IsEmpty || (Words[_at + 9] >> digits[0] & 1) == 0)
            return digits;
        Span<sbyte> captures = stackalloc sbyte[PrefixMatcher.CaptureSlots];
        captures.Fill(-1);
        var end = PrefixMatcher.Match(Words.AsSpan(ProgramsAt + Words[_at + 8]), digits, captures);
        if (end < 0)
            return digits;
        int groups = Words[_at + 10];
        var stripped = Words[_at + 11] != Absent && (groups == 0 || captures[groups * 2 + 1] >= 0)
            ? Rewrite(digits, end, captures, scratch)
            : digits[end..];
        return Fits(digits) && !Fits(stripped) ? digits : stripped;
    }

    private ReadOnlySpan<byte> Rewrite(ReadOnlySpan<byte> digits, int end, scoped ReadOnlySpan<sbyte> captures, Span<byte> scratch)
    {
        var template = ProgramsAt + Words[_at + 11];
        var written = 0;
        foreach (var item in Words.AsSpan(template + 1, Words[template]))
        {
            if (item < 10)
            {
                scratch[written++] = (byte)item;
                continue;
            }
            var group = (item - 256) * 2;
            if (captures[group] < 0 || captures[group + 1] < 0)
                continue;
            var captured = digits[captures[group]..captures[group + 1]];
            captured.CopyTo(scratch[written..]);
            written += captured.Length;
        }
        digits[end..].CopyTo(scratch[written..]);
        return scratch[..(written + digits.Length - end)];
    }

    private static int[] ReadNext()
    {
        var next = new int[LabelsAt - 6];
        for (var i = 0; i < next.Length; i++)
            next[i] = Words[6 + i] * 10;
        return next;
    }

    private static string[] ReadCodes()
    {
        var codes = new string[Words[2]];
        for (var plan = 0; plan < codes.Length; plan++)
        {
            var code = Words[PlansAt + plan * RecordWords];
            codes[plan] = code == 0 ? "001" : string.Create(2, code, static (text, word) => (text[0], text[1]) = ((char)(word & 0xFF), (char)(word >> 8)));
        }
        return codes;
    }

    private static Stream Open() =>
        typeof(NumberingPlan).Assembly.GetManifestResourceStream("phones.bin") ?? throw new InvalidOperationException("phones.bin is missing from the assembly.");

    private static ushort[] Load()
    {
        using var stream = Open();
        stream.Position = HashBytes;
        var words = new ushort[(stream.Length - HashBytes) / 2];
        stream.ReadExactly(MemoryMarshal.AsBytes(words.AsSpan()));
        if (!BitConverter.IsLittleEndian)
            BinaryPrimitives.ReverseEndianness(words, words);
        return words;
    }
}
